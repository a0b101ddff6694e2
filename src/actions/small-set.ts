/** A set of which most hold one thing at a time: a Set for each call costs more than what is in it. */
export class SmallSet<Item> {
  #first: Item | undefined;
  /** What came while there was a first. */
  #others: Set<Item> | undefined;

  add(item: Item): void {
    if (this.#first === undefined) this.#first = item;
    else if (this.#first !== item) (this.#others ??= new Set()).add(item);
  }

  delete(item: Item): void {
    if (this.#first === item) this.#first = undefined;
    else this.#others?.delete(item);
  }

  /** Empties it. @returns what was in it */
  takeAll(): Item[] {
    const all = [...(this.#first === undefined ? [] : [this.#first]), ...(this.#others ?? [])];
    this.#first = undefined;
    this.#others = undefined;
    return all;
  }
}
