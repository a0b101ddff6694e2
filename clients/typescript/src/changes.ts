import type { Outcome } from './outcome.js';

/** Which changes are told; what is left out means any. */
export interface WatchFilter {
  readonly platform?: string;
  readonly account?: string;
  readonly actionType?: string;
  /** Actions that have one of these statuses after the change. */
  readonly status?: readonly Outcome['status'][];
}

/** Which changes `watch` tells. */
export interface WatchOptions extends WatchFilter {
  /** The `id` of the last event that was read, to go on after it. */
  readonly lastEventId?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

/** An action after a change, without its parameters and result. */
export interface ActionChange {
  readonly actionId: string;
  readonly platform: string;
  readonly actionType: string;
  readonly accountId: string;
  readonly status: Outcome['status'];
  readonly message: string;
  readonly error: string;
  readonly requestId: string;
  readonly [member: string]: unknown;
}

/** What `watch` yields. After `reset`, changes may be missing: read the log again. */
export type WatchEvent =
  | { readonly kind: 'ready' | 'reset'; readonly id: string }
  | { readonly kind: 'action'; readonly id: string; readonly action: ActionChange };
