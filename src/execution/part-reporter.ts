import type { PartCount } from '../actions/upstream.js';

/** How far an action of many parts is. */
export interface PartsReport {
  /** What is known of its result. */
  readonly known: Readonly<Record<string, unknown>>;
  readonly count: PartCount;
}

/** An action that is shorter writes no report, and a longer one no more often than this. */
const EVERY_MS = 1_000;

/** Writes the latest report of an action from time to time while the action runs. */
export class PartReporter {
  #latest: PartsReport | undefined;
  #next: NodeJS.Timeout | undefined;

  /** @param write never rejects */
  constructor(private readonly write: ((report: PartsReport) => Promise<void>) | undefined) {}

  report(latest: PartsReport): void {
    if (!this.write) return;
    this.#latest = latest;
    this.#next ??= setTimeout(() => void this.#writeLatest(), EVERY_MS).unref();
  }

  /** A report that is being written may still arrive: the log takes it only while the action runs. */
  stop(): void {
    this.#latest = undefined;
    clearTimeout(this.#next);
  }

  async #writeLatest(): Promise<void> {
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest) await this.write?.(latest);
    this.#next = undefined;
    if (this.#latest) this.report(this.#latest);
  }
}
