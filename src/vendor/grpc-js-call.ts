import type { ServerHttp2Stream } from 'node:http2';
import type { InterceptedCall } from './grpc-js-observer.js';

/** The private members of a call of grpc-js that tell how much of a message has been received. */
export interface CallParts {
  readonly stream: ServerHttp2Stream;
  readonly decoder: {
    /** 0 between two messages. */
    readonly readState: number;
    readonly readMessageSize: number;
    readonly readMessageRemaining: number;
    readPartialMessage: Buffer[];
  };
  handleDataFrame(data: Buffer): void;
  /** The bytes of an answer with their length before them; each call makes a copy. */
  serializeMessage(message: unknown): Buffer;
  sendMessage(message: unknown, sent: () => void): void;
  startRead(): void;
}

/**
 * The parts of a call of grpc-js. The library bounds the size of one message and nothing else: without these
 * members, messages that are never completed and answers that are never read could not be bounded.
 * `test/pure/vendor.test.ts` notices if a new version renames one.
 */
export function readCallParts(call: InterceptedCall): CallParts {
  return call as unknown as CallParts;
}
