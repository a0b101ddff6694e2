import { Metadata, type ServerInterceptor, status } from '@grpc/grpc-js';
import { type Ears, listenIn } from './listen-in.js';

type Call = Parameters<ServerInterceptor>[1];
type Answer = Parameters<Call['sendStatus']>[0];

const TRAILER = 'nothing-sent';

/** Trailing metadata that says: no platform heard of this call, repeat it as it is. */
export function nothingSent(): Metadata {
  const metadata = new Metadata();
  metadata.set(TRAILER, '1');
  return metadata;
}

/**
 * Marks what the gRPC library itself refuses before a handler sees a message (too large, not
 * decodable): surely nothing was sent then either.
 */
export const markUntouchedCalls: ServerInterceptor = (_method, call) =>
  listenIn(call, new Untouched(call));

class Untouched implements Ears {
  readonly #sendStatus: Call['sendStatus'];
  #isDelivered = false;

  constructor(private readonly call: Call) {
    this.#sendStatus = call.sendStatus;
    // These refusals are made inside the call and pass no responder, so its own method is replaced.
    call.sendStatus = (answer) => this.#send(answer);
  }

  onMessage(): void {
    this.#isDelivered = true;
  }

  #send(answer: Answer): void {
    if (answer.code === status.OK || this.#isDelivered)
      return this.#sendStatus.call(this.call, answer);
    const metadata = answer.metadata ?? new Metadata();
    metadata.set(TRAILER, '1');
    // What cannot be decoded is the caller's fault, which the library calls its own.
    const code = answer.code === status.INTERNAL ? status.INVALID_ARGUMENT : answer.code;
    this.#sendStatus.call(this.call, { ...answer, code, metadata });
  }
}
