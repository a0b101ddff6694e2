import type { Cancelled, Door } from '../actions/caller.js';
import type { FileStream } from '../actions/upload.js';
import type { Caller } from './caller.js';

/** One call, as the door opened it: all that the recipe knows of its caller. */
export interface Call {
  readonly caller: Caller;
  readonly door: Door;
  readonly traceId: string;
  /** The span of the caller's trace, if the request has one. */
  readonly parent?: { readonly spanId: string; readonly isSampled: boolean };
  /** When the caller has to be answered, on the clock of `performance.now()`. */
  readonly answerBy: number;
  /** The caller's own deadline on the same clock; Infinity without one. */
  readonly deadline: number;
  /** The batch that the action came in. */
  readonly batchId?: string;
  /** How many equal envelopes precede it in the batch: it is not a repeat of them. */
  readonly nth?: number;
  /** What sets the request apart from equal ones: a request that differs in it is no repeat of them. */
  readonly apart?: string;
  /** Milliseconds in which a repeat without a key joins the request before it; the general one when left out. */
  readonly dedupeWindowMs?: number;
  /**
   * A request without a key gets one, made of its content. For this many seconds after the action has ended,
   * the same content of the same caller is answered with its outcome.
   */
  readonly contentKeySeconds?: number;
  /** Aborted when the caller cancels or goes away. */
  readonly cancelled: Cancelled;
  /** A file that came with the request. */
  readonly file?: FileStream;
}
