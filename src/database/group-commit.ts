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
/** Under load a batch waits so long for company: a trip to the database costs the same for one and for many. */
const GATHER_MS = 3;

/**
 * Writes many items in one statement: callers that come while a write is under way share the next one.
 * A batch that fails for its content is split, so that one bad item fails alone.
 */
export class GroupCommit<Item, Result> {
  readonly #waiting: Waiting<Item, Result>[] = [];
  #lanesBusy = 0;
  /** How many went together the last time: as many are expected again. */
  #expected = 1;
  #gathering: NodeJS.Timeout | undefined;

  /**
   * @param write writes all items in one transaction and gives their results in the same order
   * @param lanes one keeps items in the order in which they were added
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
      if (this.#waiting.length === 1) setImmediate(() => this.#gather());
      else if (this.#gathering && this.#isEnough()) this.#fillLanes();
    });
  }

  /** Whoever comes alone leaves at once; where many come, the next few milliseconds bring more. */
  #gather(): void {
    if (this.#waiting.length === 0 || this.#gathering) return;
    if (this.#isEnough()) this.#fillLanes();
    else this.#gathering = setTimeout(() => this.#fillLanes(), GATHER_MS);
  }

  #isEnough(): boolean {
    return this.#waiting.length >= Math.min(this.#expected, MOST_ITEMS);
  }

  #fillLanes(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    while (this.#lanesBusy < this.lanes && this.#waiting.length > 0) {
      this.#lanesBusy += 1;
      const batch = this.#waiting.splice(0, MOST_ITEMS);
      this.#expected = batch.length;
      void this.#commit(batch).finally(() => {
        this.#lanesBusy -= 1;
        this.#gather();
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
