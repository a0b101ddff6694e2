import { constants, type ServerHttp2Stream } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { HeldShare } from '../../safeguards/held-bytes.js';
import type { ProcessBounds } from '../../safeguards/process-bounds.js';
import { type CallParts, readCallParts } from '../../vendor/grpc-js-call.js';
import type { InterceptedCall } from '../../vendor/grpc-js-observer.js';
import { KeptAnswer } from './kept-answer.js';
import { nothingSent } from './nothing-sent.js';

/** The owner of a call, and how much of it may be held. */
export interface CallOwner {
  /** A caller, or the IP address of a caller that is not known. */
  readonly name: string;
  /** Undefined for a caller whose credential is right. */
  readonly unknown?: {
    /** Bytes that one message may have. */
    readonly maxMessageBytes: number;
  };
}

/** An answer below the high-water mark of Node.js is not counted. */
const LARGE_ANSWER_BYTES = 16_384;
/** A message of at least this size is counted until its call is answered. */
const LARGE_MESSAGE_BYTES = 65_536;
/** Memory of an open call, besides its metadata and its message. */
const OPEN_CALL_BYTES = 4_096;
/** Bytes that a client may send on a stream that is not read: the window of HTTP/2. */
const WINDOW_BYTES = 65_535;
/** Open calls of unauthenticated callers on one connection. */
const MOST_UNKNOWN_CALLS = 100;
const SWEEP_MS = 1_000;
const TOO_MANY = 'The gateway has too many unfinished messages; nothing was sent, try again';
const TOO_SLOW = 'The message did not arrive in time; nothing was sent';

/** Bounds the memory that gRPC calls take. One for the process. */
export class CallBounds {
  readonly #incomplete = new Set<CallUsage>();
  readonly #unknownCalls = new WeakMap<object, number>();
  readonly #sweep: NodeJS.Timeout;

  /** @param messageTimeoutMs in which the message of a call has to be complete */
  constructor(
    readonly bounds: ProcessBounds,
    messageTimeoutMs: number,
  ) {
    this.#sweep = setInterval(() => {
      const latest = performance.now() - messageTimeoutMs;
      // In the order of their beginnings, the oldest first.
      for (const account of this.#incomplete) {
        if (account.since > latest) break;
        account.refuse(status.DEADLINE_EXCEEDED, TOO_SLOW);
      }
    }, SWEEP_MS).unref();
  }

  /** Stops checking for messages that take too long. */
  close(): void {
    clearInterval(this.#sweep);
  }

  /**
   * Counts a call from its metadata to its end.
   * @returns false where the call was refused
   */
  open(call: InterceptedCall, owner: CallOwner, metadataBytes: number, path: string): boolean {
    const { stream } = readCallParts(call);
    if (owner.unknown && !this.#enterUnknown(stream)) {
      const details = `More than ${MOST_UNKNOWN_CALLS} calls without a credential are open on this connection; nothing was sent`;
      refuseCall(call, status.RESOURCE_EXHAUSTED, details);
      return false;
    }
    if (!this.bounds.requests.enter(owner.name)) {
      const details = 'The gateway has too many requests under way; nothing was sent, try again';
      refuseCall(call, status.RESOURCE_EXHAUSTED, details);
      return false;
    }
    const account = new CallUsage(call, owner, metadataBytes, this.bounds, this.#incomplete);
    stream.once('close', () => {
      this.bounds.requests.leave(owner.name);
      account.end();
    });
    account.listen(path.startsWith('/grpc.reflection.'));
    return true;
  }

  #enterUnknown(stream: ServerHttp2Stream): boolean {
    const { session } = stream;
    if (!session) return false;
    const open = this.#unknownCalls.get(session) ?? 0;
    if (open >= MOST_UNKNOWN_CALLS) return false;
    this.#unknownCalls.set(session, open + 1);
    stream.once('close', () =>
      this.#unknownCalls.set(session, (this.#unknownCalls.get(session) ?? 1) - 1),
    );
    return true;
  }
}

/** The memory that one call takes in this process. */
class CallUsage {
  readonly since = performance.now();
  readonly #parts: CallParts;
  /** Bytes of metadata, message or both. */
  #message: HeldShare | undefined;
  #isKept = false;
  #answers: HeldShare | undefined;

  constructor(
    private readonly call: InterceptedCall,
    private readonly owner: CallOwner,
    private readonly metadataBytes: number,
    private readonly bounds: ProcessBounds,
    private readonly incomplete: Set<CallUsage>,
  ) {
    this.#parts = readCallParts(call);
  }

  /** @param inTurn whether the next message is read only when the answer to the last one has left */
  listen(inTurn: boolean): void {
    const parts = this.#parts;
    const { owner } = this;
    this.incomplete.add(this);
    if (owner.unknown)
      this.#hold(this.metadataBytes + OPEN_CALL_BYTES + (inTurn ? WINDOW_BYTES : 0));
    const read = parts.handleDataFrame;
    parts.handleDataFrame = (data) => {
      read.call(parts, data);
      this.#noteMessage();
    };
    const frame = parts.serializeMessage;
    parts.serializeMessage = (message) =>
      message instanceof KeptAnswer
        ? message.toFrame((kept) => frame.call(parts, kept))
        : frame.call(parts, message);
    const send = parts.sendMessage;
    parts.sendMessage = (message, sent) => {
      send.call(parts, message, sent);
      if (parts.stream.writableLength >= LARGE_ANSWER_BYTES) this.#noteAnswer();
    };
    if (inTurn) readSequentially(parts);
  }

  /** Refuses a call whose handler has not been called, or a stream. */
  refuse(code: status, details: string): void {
    this.incomplete.delete(this);
    this.#parts.decoder.readPartialMessage = [];
    refuseCall(this.call, code, details);
    this.end();
  }

  /** Releases everything. */
  end(): void {
    this.incomplete.delete(this);
    if (this.#message) this.#held.release(this.#message);
    if (this.#answers) this.bounds.unreadAnswers.release(this.#answers);
  }

  get #held(): ProcessBounds['unfinishedMessages'] {
    return this.owner.unknown ? this.bounds.unknownCallers : this.bounds.unfinishedMessages;
  }

  #hold(bytes: number): void {
    if (this.#message) this.#held.resize(this.#message, bytes);
    else
      this.#message = this.#held.hold(this.owner.name, bytes, () => {
        this.refuse(status.RESOURCE_EXHAUSTED, TOO_MANY);
      });
  }

  /** Called after every piece of a message; most messages come in one. */
  #noteMessage(): void {
    const { stream, decoder } = this.#parts;
    const { readState, readMessageSize, readMessageRemaining } = decoder;
    // The library refused the message for its size.
    if (stream.writableEnded) return endAnsweredStream(stream);
    if (readState === 0) {
      this.incomplete.delete(this);
      if (readMessageSize >= LARGE_MESSAGE_BYTES) this.#keep(readMessageSize);
      else if (this.#message && !this.owner.unknown && !this.#isKept) {
        this.#held.release(this.#message);
        this.#message = undefined;
      }
      return;
    }
    const bytes = readMessageSize - readMessageRemaining;
    const { unknown } = this.owner;
    if (unknown && readMessageSize > unknown.maxMessageBytes) {
      const details = `Without a credential in its metadata, a message of this service may have ${unknown.maxMessageBytes} bytes; nothing was sent`;
      return this.refuse(status.RESOURCE_EXHAUSTED, details);
    }
    this.incomplete.add(this);
    this.#hold(unknown ? this.metadataBytes + OPEN_CALL_BYTES + bytes : bytes);
  }

  /** A large message takes memory until it is answered; what is begun is not dropped. */
  #keep(bytes: number): void {
    this.#hold(bytes);
    if (!this.#message) return;
    this.#isKept = true;
    this.#held.keep(this.#message);
  }

  #noteAnswer(): void {
    const { stream } = this.#parts;
    const bytes = stream.writableLength;
    const { unreadAnswers } = this.bounds;
    if (this.#answers) return unreadAnswers.resize(this.#answers, bytes);
    const answers = unreadAnswers.hold(this.owner.name, bytes, () => {
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      stream.destroy();
    });
    this.#answers = answers;
    stream.once('drain', () => {
      unreadAnswers.release(answers);
      this.#answers = undefined;
    });
  }
}

/** Reads the next message of a stream only when the answers to those before have left. */
function readSequentially(parts: CallParts): void {
  const { startRead, sendMessage } = parts;
  let unsent = 0;
  let isAsked = false;
  parts.startRead = () => {
    if (unsent > 0) isAsked = true;
    else startRead.call(parts);
  };
  parts.sendMessage = (message, sent) => {
    unsent += 1;
    sendMessage.call(parts, message, () => {
      unsent -= 1;
      sent();
      if (unsent > 0 || !isAsked) return;
      isAsked = false;
      startRead.call(parts);
    });
  };
}

/** Refuses a call before anything of it is handled. Frees its stream without waiting for the client. */
export function refuseCall(call: InterceptedCall, code: status, details: string): void {
  call.sendStatus({ code, details, metadata: nothingSent() });
  endAnsweredStream(readCallParts(call).stream);
}

/**
 * Ends a stream whose answer is complete while its client may still send.
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-8.1 (RST_STREAM with NO_ERROR)
 */
export function endAnsweredStream(stream: ServerHttp2Stream): void {
  if (!stream.writableEnded) return;
  const close = (): void => {
    if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
  };
  // After messages, the status follows in trailers of their own, for which grpc-js listens as well.
  const isTrailersOnly = stream.sentHeaders?.['grpc-status'] !== undefined;
  if (isTrailersOnly) close();
  else stream.once('wantTrailers', () => setImmediate(close));
}
