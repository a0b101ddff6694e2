import { Injectable } from '@nestjs/common';

/** A place in the line of one order key. */
export interface Turn {
  /** Resolves when everybody before has finished; undefined where nobody is. */
  readonly comes: Promise<void> | undefined;
  /** Lets the next one through; to be called exactly once, whatever happened. */
  end(): void;
}

const NO_LINE: Turn = { comes: undefined, end: () => undefined };

/** Keeps actions of one order key in their order of arrival, within this replica. */
@Injectable()
export class Order {
  readonly #tails = new Map<string, Promise<void>>();

  /** Takes a place at the end of the line, at once and without waiting. */
  enter(key: string | undefined): Turn {
    if (key === undefined) return NO_LINE;
    const comes = this.#tails.get(key);
    let end!: () => void;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    // Who gives up early must not let the next one pass those who are still before it.
    const tail = comes ? comes.then(() => ended) : ended;
    this.#tails.set(key, tail);
    void this.#forget(key, tail);
    return { comes, end };
  }

  /** A line that nobody stands in takes no memory. */
  async #forget(key: string, tail: Promise<void>): Promise<void> {
    await tail;
    if (this.#tails.get(key) === tail) this.#tails.delete(key);
  }
}
