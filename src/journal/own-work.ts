import { Injectable } from '@nestjs/common';
import type { FinishItem } from './action-entry.js';

/** An outcome stays in memory for this long after it was committed. Milliseconds. */
const KEPT_MS = 10_000;
const MOST_KEPT = 2_000;
/** Of the outcomes of such a time the last one is looked for in the log. Milliseconds. */
const SAMPLE_MS = 100;

/** What became last of an action that this replica no longer works on. */
export type Left =
  | { readonly became: 'ended'; readonly item: FinishItem }
  | { readonly became: 'waiting'; readonly wasInDoubt: boolean };

interface Kept {
  readonly left: Left;
  /** On the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * What this replica works on, and what it has recorded lately, in memory. The database says what it owns;
 * where the two differ, a statement arrived after it was given up, or the database has lost its latest
 * past. `Reconciliation` settles the difference.
 */
@Injectable()
export class OwnWork {
  readonly #underWay = new Set<string>();
  /** Holds of lines; undefined while the lines are being taken. */
  readonly #holds = new Map<string, Set<string> | undefined>();
  /** In the order in which they were committed. */
  readonly #kept = new Map<string, Kept>();
  #samples: { id: string; at: number }[] = [];

  /** An action may run from now on; called before the statement leaves. */
  begin(id: string): void {
    this.#underWay.add(id);
  }

  /** It surely does not run. */
  drop(id: string): void {
    this.#underWay.delete(id);
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** The outcome of an action is committed. */
  end(item: FinishItem): void {
    const { entry, ending } = item;
    this.#underWay.delete(entry.id);
    // A read that is lost has changed nothing, and its result may be large.
    if (entry.effect === 'read' && !ending.isUnsure) return;
    this.#keep(entry.id, { became: 'ended', item });
    // What is unknown may still become what is true, so it proves nothing.
    if (ending.outcome.status !== 'UNKNOWN') this.#sample(entry.id);
  }

  /** It waits again, and that is committed. */
  putBack(id: string, wasInDoubt: boolean): void {
    this.#underWay.delete(id);
    this.#keep(id, { became: 'waiting', wasInDoubt });
  }

  /** What became of an action lately; undefined where it is not known, or too long ago. */
  recall(id: string): Left | undefined {
    return this.#kept.get(id)?.left;
  }

  /** Lines are about to be taken under a hold. */
  take(hold: string): void {
    this.#holds.set(hold, undefined);
  }

  /** These lines were taken, as far as this replica knows. */
  hold(hold: string, lines: readonly string[]): void {
    if (lines.length === 0) this.#holds.delete(hold);
    else this.#holds.set(hold, new Set(lines));
  }

  release(hold: string, line: string): void {
    const lines = this.#holds.get(hold);
    lines?.delete(line);
    if (lines?.size === 0) this.#holds.delete(hold);
  }

  /** Whether this replica works on a line, or may have taken it at this moment. */
  holdsLine(hold: string, line: string): boolean {
    return this.#holds.has(hold) && (this.#holds.get(hold)?.has(line) ?? true);
  }

  /** Actions whose committed outcome has to be in the log. */
  get samples(): readonly string[] {
    return this.#samples.map(({ id }) => id);
  }

  /** Every outcome in memory, in the order in which they were committed. */
  listEnded(): FinishItem[] {
    return [...this.#kept.values()].flatMap(({ left }) =>
      left.became === 'ended' ? [left.item] : [],
    );
  }

  /** Forgets what is old. Called when the log was found to hold it: while it is away, nothing is. */
  forgetOld(): void {
    const before = performance.now() - KEPT_MS;
    for (const [id, { at }] of this.#kept) {
      if (at > before) break;
      this.#kept.delete(id);
    }
    this.#samples = this.#samples.filter(({ at }) => at > before);
  }

  #keep(id: string, left: Left): void {
    this.#kept.delete(id);
    this.#kept.set(id, { left, at: performance.now() });
    if (this.#kept.size <= MOST_KEPT) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  #sample(id: string): void {
    const at = performance.now();
    const last = this.#samples.at(-1);
    if (last && at - last.at < SAMPLE_MS) last.id = id;
    else this.#samples.push({ id, at });
  }
}
