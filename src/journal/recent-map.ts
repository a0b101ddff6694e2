/** How long a value is kept. Milliseconds. */
const KEPT_MS = 60_000;
const MOST_KEPT = 2_000;

interface Kept<Value> {
  readonly value: Value;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

/** The latest values by their ids, in the order in which they were put in: of a minute, and so many at most. */
export class RecentMap<Value> {
  readonly #kept = new Map<string, Kept<Value>>();

  put(id: string, value: Value): void {
    this.#kept.delete(id);
    this.#kept.set(id, { value, at: performance.now() });
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  get(id: string): Value | undefined {
    return this.#kept.get(id)?.value;
  }

  keys(): string[] {
    return [...this.#kept.keys()];
  }

  list(): Value[] {
    return [...this.#kept.values()].map(({ value }) => value);
  }

  forgetOld(): void {
    const before = performance.now() - KEPT_MS;
    for (const [id, { at }] of this.#kept) {
      if (at > before) break;
      this.#kept.delete(id);
    }
  }
}
