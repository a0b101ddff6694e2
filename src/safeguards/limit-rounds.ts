import type { LearnedLimit, Limit } from '../actions/limit.js';
import { type Ledger, RowNotLoaded } from './buckets/ledger.js';

/** Work without a waiting request is delayed this long, so that it can share a round. Milliseconds. */
const COMPANY_MS = 20;

/** One task of a round: the rows it concerns, whether it must be durable, and its decision. */
export interface RoundTask {
  readonly limits: readonly Limit[];
  /** Rows beside those of the limits. */
  readonly rows: readonly string[];
  readonly isDurable: boolean;
  /** Limits that more requests will count against. */
  readonly ahead?: readonly LearnedLimit[];
  decide(ledger: Ledger): unknown;
}

/** The result of a task. A task that throws must not stop the others of its round. */
export type Settled = { readonly value: unknown } | { readonly thrown: unknown };

/** Work that waits for a round to share: that of a waiting request, or one of its own after a moment. */
export class RoundBatcher {
  readonly arrival: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #resolve!: () => void;

  constructor(private readonly onArrival: () => void) {
    this.arrival = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.come(), COMPANY_MS);
  }

  come(): void {
    clearTimeout(this.#timer);
    this.onArrival();
    this.#resolve();
  }
}

export function unwrap<T>(settled: Settled): T {
  if ('thrown' in settled) throw settled.thrown;
  return settled.value as T;
}

export function settleOne(matter: RoundTask, ledger: Ledger): Settled {
  try {
    return { value: matter.decide(ledger) };
  } catch (error) {
    if (error instanceof RowNotLoaded) throw error;
    return { thrown: error };
  }
}
