import { channel } from 'node:diagnostics_channel';
import { isDatabaseAway, isWorthRepeating } from './database-fault.js';

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The channel on which the size of each commit is published, for the metrics. */
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
   * @param crowd so many leave while another statement is under way; fewer wait for its end, and so for
   *   company. With Infinity, items are written in the order in which they were added
   */
  constructor(
    private readonly write: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly crowd = 1,
  ) {}

  /** Resolves when the item is committed. Rejects with the database's error when it is not. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      // Deferred to the end of this turn of the event loop, so that what arrives together goes together.
      const { length } = this.#waiting;
      if (length === 1 || length === this.crowd) setImmediate(() => this.#fillLanes());
    });
  }

  #fillLanes(): void {
    while (this.#mayLeave()) {
      this.#lanesBusy += 1;
      const batch = this.#waiting.splice(0, MOST_ITEMS);
      void this.#commit(batch).finally(() => {
        this.#lanesBusy -= 1;
        // Not before those who come in the same turn: what was just written has answered many, who ask again.
        if (this.#waiting.length > 0) setImmediate(() => this.#fillLanes());
      });
    }
  }

  #mayLeave(): boolean {
    if (this.#lanesBusy >= LANES) return false;
    return this.#waiting.length >= (this.#lanesBusy === 0 ? 1 : this.crowd);
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
