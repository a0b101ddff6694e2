import type { ChangeFeed } from './change-feed.js';

const MOST_KEPT = 20_000;

/**
 * Values that were made of single rows, kept while PostgreSQL notifies of every change of them: a row
 * that changes is forgotten at once, by its key. While nothing is told (the feed's connection is lost,
 * or has not answered for a second), nothing is remembered and every question goes to the table.
 */
export class RowMemory<Value> {
  /** Readings under way too, so that those who ask at the same time share one. */
  readonly #values = new Map<string, Value | Promise<Value>>();

  /** @param table whose trigger notifies `<table>:<key>` for every row that changes */
  constructor(
    private readonly feed: ChangeFeed,
    table: string,
    private readonly mostKept = MOST_KEPT,
  ) {
    feed.watch(table, {
      onChange: (key) => this.forget(key),
      onLoss: () => this.#values.clear(),
    });
  }

  /** The value of a key where nothing has to be read or waited for. */
  peek(key: string): Value | undefined {
    if (!this.feed.isCurrent) return undefined;
    const known = this.#values.get(key);
    return known instanceof Promise ? undefined : known;
  }

  /** The value of a key, read where it is not at hand. What fails is not kept. */
  recall(key: string, read: () => Promise<Value>): Promise<Value> {
    if (!this.feed.isCurrent) return read();
    const known = this.#values.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const reading = read();
    void this.#keep(key, reading);
    if (this.#values.size > this.mostKept) this.#forgetOldest();
    return reading;
  }

  /** Has what is read at hand by itself, unless it was forgotten meanwhile. Never throws. */
  async #keep(key: string, reading: Promise<Value>): Promise<void> {
    this.#values.set(key, reading);
    try {
      const value = await reading;
      if (this.#values.get(key) === reading) this.#values.set(key, value);
    } catch {
      if (this.#values.get(key) === reading) this.#values.delete(key);
    }
  }

  /** Forgets what this replica itself has changed, before the next question; a reading under way is not kept. */
  forget(key: string): void {
    this.#values.delete(key);
  }

  #forgetOldest(): void {
    const [oldest] = this.#values.keys();
    if (oldest !== undefined) this.#values.delete(oldest);
  }
}
