/** A difference of clocks that is worth telling the operator. Milliseconds. */
const NOTABLE_MS = 5_000;
/** A measurement that took longer says too little. Milliseconds. */
const LONGEST_MEASUREMENT_MS = 5_000;

/**
 * The time of the database, which all replicas share. What is decided by time and outlives a request
 * (ends of tokens and callers, times of schedules, ids, retention) goes by it, so that a replica whose own
 * clock is wrong decides as the others do.
 */
class DatabaseClock {
  /** Unix milliseconds of the database at a moment of the monotonic clock. */
  #known: { readonly at: number; readonly time: number } | undefined;

  /** Unix milliseconds; by this machine's own clock until the database was asked. */
  now(): number {
    return this.#known
      ? Math.round(this.#known.time + (performance.now() - this.#known.at))
      : Date.now();
  }

  /** How far this machine's clock is ahead of the database's. Milliseconds; 0 until it was measured. */
  get skewMs(): number {
    return this.#known ? Date.now() - this.now() : 0;
  }

  /** Whether this machine's clock differs so much that its operator has to know. */
  get isNotable(): boolean {
    return Math.abs(this.skewMs) > NOTABLE_MS;
  }

  /**
   * Notes what the database said.
   * @param time Unix milliseconds, as it said
   * @param askedAt on the clock of `performance.now()`
   */
  adjust(time: number, askedAt: number): void {
    const tookMs = performance.now() - askedAt;
    if (tookMs > LONGEST_MEASUREMENT_MS) return;
    const measured = { at: askedAt + tookMs / 2, time };
    const drift =
      this.#known && measured.time - (this.#known.time + (measured.at - this.#known.at));
    // Within the time that the answer took, the earlier measurement is as good: time does not jump for it.
    if (drift === undefined || Math.abs(drift) > tookMs / 2) this.#known = measured;
  }
}

/** The clock of the one database of this process. */
export const databaseClock = new DatabaseClock();

/** A column with the time of the database, for `adjust`. */
export const DATABASE_TIME = `(extract(epoch FROM clock_timestamp()) * 1000)::float8`;
