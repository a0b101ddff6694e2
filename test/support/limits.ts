import type { ChangeFeed } from '../../src/cluster/change-feed.js';
import { type BucketState, Ledger } from '../../src/safeguards/buckets/ledger.js';
import type { LimitStates } from '../../src/safeguards/buckets/limit-states.js';
import { Limits } from '../../src/safeguards/limits.js';

/** Rows that are all there, as if each had been asked for. */
export class MemoryRows extends Map<string, BucketState | undefined> {
  override has(): boolean {
    return true;
  }
}

/** The states of buckets without a database, for tests that are not about it. */
export class MemoryStates {
  constructor(
    private readonly now: () => number = Date.now,
    readonly rows = new MemoryRows(),
  ) {}

  async change<T>(
    _rows: readonly string[],
    _isDurable: boolean,
    decide: (ledger: Ledger) => T,
  ): Promise<T> {
    return decide(new Ledger(this.rows, this.now()));
  }

  async look<T>(_rows: readonly string[], see: (ledger: Ledger) => T): Promise<T> {
    return see(new Ledger(new MemoryRows(this.rows), this.now()));
  }
}

/** A feed of changes that has none to tell. */
const SILENT = { isCurrent: false, watch: () => undefined } as unknown as ChangeFeed;

/** Limits over memory alone. */
export function makeLimits(states = new MemoryStates()): Limits {
  return new Limits(states as unknown as LimitStates, SILENT);
}
