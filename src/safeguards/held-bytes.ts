import { METRICS } from '../observability/metrics.js';

/** The kinds of memory that callers can make a replica hold, as the metrics name them. */
export type HeldKind = 'unread_answers' | 'unfinished_messages' | 'unknown_callers';

/** Bytes that are held for one request or connection. */
export interface HeldShare {
  /** A caller or an IP address. */
  readonly owner: string;
  readonly bytes: number;
}

interface Entry extends HeldShare {
  bytes: number;
  drop: (() => void) | undefined;
}

/**
 * A bound on the bytes that are held for callers, in the whole process. When the bytes of all owners exceed
 * the bound, the oldest holding of the owner with the most bytes is dropped, until the rest fits. An owner
 * that holds little is never dropped for an owner that holds much.
 */
export class HeldBytes {
  readonly #byOwner = new Map<string, Set<Entry>>();
  #used = 0;

  constructor(
    readonly kind: HeldKind,
    readonly maxBytes: number,
  ) {
    METRICS.heldBytesLimit.set({ kind }, maxBytes);
  }

  /** Bytes held now, of all owners. */
  get used(): number {
    return this.#used;
  }

  /**
   * Counts bytes that are held from now on.
   * @param drop frees them; called at most once, and never after `release` or `keep`
   */
  hold(owner: string, bytes: number, drop: () => void): HeldShare {
    const entry: Entry = { owner, bytes, drop };
    const others = this.#byOwner.get(owner);
    if (others) others.add(entry);
    else this.#byOwner.set(owner, new Set([entry]));
    this.#used += bytes;
    if (this.#used > this.maxBytes) this.#dropMost();
    return entry;
  }

  /** Sets the number of bytes of a holding. Does nothing after its release. */
  resize(holding: HeldShare, bytes: number): void {
    const entry = holding as Entry;
    if (!this.#byOwner.get(entry.owner)?.has(entry)) return;
    this.#used += bytes - entry.bytes;
    entry.bytes = bytes;
    if (this.#used > this.maxBytes) this.#dropMost();
  }

  /** Goes on counting a holding that must not be dropped any more, because its action has begun. */
  keep(holding: HeldShare): void {
    (holding as Entry).drop = undefined;
  }

  /** Stops counting a holding. Does nothing when it was released before. */
  release(holding: HeldShare): void {
    const entry = holding as Entry;
    const own = this.#byOwner.get(entry.owner);
    if (!own?.delete(entry)) return;
    if (own.size === 0) this.#byOwner.delete(entry.owner);
    this.#used -= entry.bytes;
  }

  #dropMost(): void {
    while (this.#used > this.maxBytes) {
      const entry = this.#findLargest();
      if (!entry?.drop) return;
      const { drop } = entry;
      this.release(entry);
      METRICS.dropped.inc({ kind: this.kind });
      drop();
    }
  }

  /** The oldest holding that can be dropped, of the owner that has the most bytes in such holdings. */
  #findLargest(): Entry | undefined {
    let largest: Entry | undefined;
    let most = 0;
    for (const entries of this.#byOwner.values()) {
      let bytes = 0;
      let oldest: Entry | undefined;
      for (const entry of entries) {
        if (!entry.drop) continue;
        oldest ??= entry;
        bytes += entry.bytes;
      }
      if (oldest && bytes > most) {
        largest = oldest;
        most = bytes;
      }
    }
    return largest;
  }
}
