import { Metadata, type ServerInterceptor, status } from '@grpc/grpc-js';
import { listenIn } from './listen-in.js';

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
export const markUntouchedCalls: ServerInterceptor = (_method, call) => {
  let delivered = false;
  const sendStatus = call.sendStatus.bind(call);
  // These refusals are made inside the call and pass no responder, so its own method is replaced.
  call.sendStatus = (answer) => {
    if (answer.code === status.OK || delivered) return sendStatus(answer);
    const metadata = answer.metadata ?? new Metadata();
    metadata.set(TRAILER, '1');
    // What cannot be decoded is the caller's fault, which the library calls its own.
    const code = answer.code === status.INTERNAL ? status.INVALID_ARGUMENT : answer.code;
    return sendStatus({ ...answer, code, metadata });
  };
  return listenIn(call, { onMessage: () => (delivered = true) });
};
