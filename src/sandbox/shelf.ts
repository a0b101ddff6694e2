import { randomUUID } from 'node:crypto';

/**
 * Things of one kind that a simulation keeps, by id, in the order in which they came. The oldest is forgotten
 * beyond a bound, so that a benchmark fits into memory.
 */
export class Shelf<Item extends { readonly id: string }> {
  readonly #items = new Map<string, Item>();

  constructor(
    private readonly most = 500,
    items: readonly Item[] = [],
  ) {
    // Copies: what is changed here must not change in the next world.
    for (const item of items) this.#items.set(item.id, { ...item });
  }

  get size(): number {
    return this.#items.size;
  }

  /** Adds a thing. @param id defaults to a new UUID */
  add(item: Omit<Item, 'id'>, id: string = randomUUID()): Item {
    const added = { ...item, id } as Item;
    this.#items.set(id, added);
    if (this.#items.size > this.most) {
      const [oldest] = this.#items.keys();
      if (oldest !== undefined) this.#items.delete(oldest);
    }
    return added;
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** Gives the members that are not undefined another value. @returns the thing as it is now */
  change(id: string, changes: Partial<Item>): Item | undefined {
    const item = this.#items.get(id);
    if (!item) return undefined;
    for (const [name, value] of Object.entries(changes))
      if (value !== undefined) Object.assign(item, { [name]: value });
    return item;
  }

  remove(id: string): Item | undefined {
    const item = this.#items.get(id);
    this.#items.delete(id);
    return item;
  }

  list(isWanted: (item: Item) => boolean = () => true): Item[] {
    return [...this.#items.values()].filter(isWanted);
  }
}
