import { channel } from 'node:diagnostics_channel';
import { isDatabaseAway, isWorthRepeating } from './database-fault.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Where it is told how many items went together, to whoever measures. */
export const COMMITS = 'action-gateway:commits';
/** What is told there. */
export interface Commit {
  readonly items: number;
}

const commits = channel(COMMITS);
const MOST_ITEMS = 500;
/** While one batch is on its way to the disk the next one fills; more lanes only make batches smaller. */
const LANES = 2;
const MOST_REPEATS = 5;

/**
 * Writes many items in one statement: callers that come while a write is under way share the next one.
 * A batch that fails for its content is split, so that one bad item fails alone.
 */
export class GroupCommit<Item, Result> {
  readonly #waiting: Waiting<Item, Result>[] = [];
  #lanesBusy = 0;

  /**
   * @param write writes all items in one transaction and gives their results in the same order
   * @param lanes statements that may be under way at a time; with one, items are written in the order in
   *   which they were added, and in the fewest statements
   */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly lanes = LANES,
  ) {}

  /** Resolves when the item is committed. Rejects with the database's error when it is not. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // Deferred to the end of this turn of the event loop, so that what arrives together goes together.
      if (this.#waiting.length === 1) setImmediate(() => this.#fillLanes());
    });
  }

  #fillLanes(): void {
    while (this.#lanesBusy < this.lanes && this.#waiting.length > 0) {
      this.#lanesBusy += 1;
      const batch = this.#waiting.splice(0, MOST_ITEMS);
      void this.#commit(batch).finally(() => {
        this.#lanesBusy -= 1;
        // Not before those who come in the same turn: what was just written has answered many, who ask again.
        if (this.#waiting.length > 0) setImmediate(() => this.#fillLanes());
      });
    }
  }

  async #commit(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#writePatiently(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (batch.length === 1 || isDatabaseAway(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const middle = batch.length >> 1;
      await this.#commit(batch.slice(0, middle));
      await this.#commit(batch.slice(middle));
    }
  }

  async #writePatiently(items: readonly Item[]): Promise<readonly Result[]> {
    for (let repeat = 1; ; repeat += 1) {
      try {
        const results = await this.write(items);
        if (commits.hasSubscribers) commits.publish({ items: items.length } satisfies Commit);
        return results;
      } catch (error) {
        if (repeat === MOST_REPEATS || !isWorthRepeating(error)) throw error;
      }
    }
  }
}
