import { Injectable } from '@nestjs/common';

/** A place in the line of one order key. */
export interface Turn {
  /** Resolves when all before it have finished; undefined if there are none. */
  readonly comes: Promise<void> | undefined;
  /** Lets the next one through. Must be called exactly once, also after a failure. */
  end(): void;
}

const NO_LINE: Turn = { comes: undefined, end: () => undefined };

/** Keeps actions of one order key in their order of arrival, within this replica. */
@Injectable()
export class Order {
  /** The last in each line; an empty line takes no memory. */
  readonly #tails = new Map<string, Place>();

  /** Takes a place at the end of the line, at once and without waiting. */
  enter(key: string | undefined): Turn {
    if (key === undefined) return NO_LINE;
    const place = new Place(this.#tails.get(key), (gone) => {
      if (this.#tails.get(key) === gone) this.#tails.delete(key);
    });
    this.#tails.set(key, place);
    return place;
  }
}

/** A place in a line. Most are alone in theirs and wait for nothing. */
class Place implements Turn {
  readonly comes: Promise<void> | undefined;
  #hasCome: boolean;
  #hasEnded = false;
  #gone: Promise<void> | undefined;
  #tellGone: (() => void) | undefined;

  constructor(
    before: Place | undefined,
    private readonly forget: (place: Place) => void,
  ) {
    this.#hasCome = before === undefined;
    if (!before) return;
    this.comes = before.#awaitGone().then(() => {
      this.#hasCome = true;
      return this.#leave();
    });
  }

  end(): void {
    this.#hasEnded = true;
    this.#leave();
  }

  #awaitGone(): Promise<void> {
    return (this.#gone ??= new Promise((resolve) => (this.#tellGone = resolve)));
  }

  /** Who gives up early must not let the next one pass those who are still before it. */
  #leave(): void {
    if (!this.#hasCome || !this.#hasEnded) return;
    this.forget(this);
    this.#tellGone?.();
  }
}
