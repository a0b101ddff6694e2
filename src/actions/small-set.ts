/** A set that usually holds one item: a Set for each call would cost more than the item. */
export class SmallSet<Item> {
  #first: Item | undefined;
  /** Items that were added while there was a first. */
  #others: Set<Item> | undefined;

  add(item: Item): void {
    if (this.#first === undefined) this.#first = item;
    else if (this.#first !== item) (this.#others ??= new Set()).add(item);
  }

  delete(item: Item): void {
    if (this.#first === item) this.#first = undefined;
    else this.#others?.delete(item);
  }

  /** Removes all items. @returns the removed items */
  takeAll(): Item[] {
    const all = [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others ?? [])];
    this.#first = undefined;
    this.#others = undefined;
    return all;
  }
}
