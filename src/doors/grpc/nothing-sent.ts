import { Metadata, type ServerInterceptor, status } from '@grpc/grpc-js';
import {
  type CallObserver,
  type InterceptedCall,
  observeCall,
  replaceSendStatus,
} from '../../vendor/grpc-js-observer.js';

type Answer = Parameters<InterceptedCall['sendStatus']>[0];

const TRAILER = 'nothing-sent';

/** Trailing metadata which says that nothing was sent to a platform: the call may be repeated as it is. */
export function nothingSent(): Metadata {
  const metadata = new Metadata();
  metadata.set(TRAILER, '1');
  return metadata;
}

/**
 * Marks what grpc-js itself refuses before a handler gets a message, because it is too large or cannot be
 * decoded: nothing was sent then either.
 */
export const markUntouchedCalls: ServerInterceptor = (_method, call) =>
  observeCall(call, new UntouchedCall(call));

class UntouchedCall implements CallObserver {
  #isDelivered = false;

  constructor(call: InterceptedCall) {
    replaceSendStatus(call, (answer, send) => send(this.#isDelivered ? answer : mark(answer)));
  }

  onMessage(): void {
    this.#isDelivered = true;
  }
}

function mark(answer: Answer): Answer {
  if (answer.code === status.OK) return answer;
  const metadata = answer.metadata ?? new Metadata();
  metadata.set(TRAILER, '1');
  // grpc-js takes a message that cannot be decoded for a fault of the server. It is one of the caller.
  const code = answer.code === status.INTERNAL ? status.INVALID_ARGUMENT : answer.code;
  return { ...answer, code, metadata };
}
