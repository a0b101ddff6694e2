import { Few } from './few.js';
import type { FileStream } from './upload.js';

export const PERMISSIONS = [
  'execute_actions',
  'manage_accounts',
  'manage_flags',
  'read_audit',
  'manage_callers',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Who asks us, as its credential says; never taken from free text in a request. */
export interface Caller {
  readonly id: string;
  readonly permissions: ReadonlySet<string>;
  /** Only these platforms, when given. */
  readonly platforms?: ReadonlySet<string>;
  /** Only these account and actor ids, when given. */
  readonly accounts?: ReadonlySet<string>;
  /** Only these actions, such as `twitch.chat_message`, when given. */
  readonly actions?: ReadonlySet<string>;
  /** The tenant whose accounts and actions alone it reaches, when given. */
  readonly owner?: string;
  /** Of a caller with a key of its own: the life of it that the credential belongs to. */
  readonly epoch?: number;
  /** Its own budget, in place of the general one. */
  readonly requestsPerMinute?: number;
}

/** What of an AbortSignal the recipe needs. */
interface Cancelled {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The signal of one call. Every call has one, and one of Node.js costs as much as a request to a platform. */
export class CallSignal implements Cancelled {
  readonly #listeners = new Few<() => void>();
  #isAborted = false;

  get aborted(): boolean {
    return this.#isAborted;
  }

  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    for (const listener of this.#listeners.takeAll()) listener();
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#isAborted) this.#listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}

export type Door = 'grpc' | 'rest';

/** One call at a door, opened by the audit interceptor: all that the recipe knows of the asker. */
export interface Call {
  readonly caller: Caller;
  readonly door: Door;
  readonly traceId: string;
  /** The span of the caller's own trace that asked, when it told one. */
  readonly parent?: { readonly spanId: string; readonly isSampled: boolean };
  /** When the answer has to be there, on the clock of `performance.now()`. */
  readonly answerBy: number;
  /** The caller's own deadline on the same clock; Infinity without one. */
  readonly deadline: number;
  /** The batch that the action came in. */
  readonly batchId?: string;
  /** Which one of its like in the batch, when there was one before: it is no repeat of that. */
  readonly nth?: number;
  /** Milliseconds in which a repeat without a key joins the request before it; the general one when left out. */
  readonly dedupeWindowMs?: number;
  /** Aborted when the caller cancels or goes away. */
  readonly cancelled: Cancelled;
  /** A file that came with the request. */
  readonly file?: FileStream;
}
