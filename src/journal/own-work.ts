import { Injectable } from '@nestjs/common';
import type { AcceptedItem, FinishItem, StartItem } from './action-entry.js';
import { RecentMap } from './recent-map.js';

/** Outcomes are looked for in the log for this long. Milliseconds. */
const SAMPLED_MS = 10_000;
/** Of the outcomes of such a time the last one is looked for in the log. Milliseconds. */
const SAMPLE_MS = 100;

/** What became last of an action that this replica no longer works on. */
export type Left =
  | { readonly became: 'ended'; readonly item: FinishItem }
  | { readonly became: 'waiting'; readonly wasInDoubt: boolean };

/**
 * How an action under way was begun: with its own row, by taking it from its line, or not surely, while
 * the database has not answered.
 */
type Beginning = StartItem | 'taken from its line' | undefined;

/**
 * What this replica works on, and what it has recorded lately, in memory. The database says what it owns;
 * where the two differ, a statement arrived after it was given up, or the database has lost its latest
 * past. `Reconciliation` settles the difference.
 */
@Injectable()
export class OwnWork {
  readonly #underWay = new Map<string, Beginning>();
  /** Holds of lines; undefined while the lines are being taken. */
  readonly #holds = new Map<string, Set<string> | undefined>();
  readonly #left = new RecentMap<Left>();
  /** What was accepted for later. */
  readonly #accepted = new RecentMap<AcceptedItem>();
  readonly #cancelled = new RecentMap<true>();
  #samples: { id: string; at: number }[] = [];

  /** An action may run from now on; called before the statement leaves. */
  begin(id: string): void {
    this.#underWay.set(id, undefined);
  }

  /** It surely runs: that is committed. */
  confirm(id: string, beginning: NonNullable<Beginning>): void {
    if (this.#underWay.has(id)) this.#underWay.set(id, beginning);
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
    this.#left.put(entry.id, { became: 'ended', item });
    // What is unknown may still become what is true, so it proves nothing.
    if (ending.outcome.status !== 'UNKNOWN') this.#sample(entry.id);
  }

  /** It waits again, and that is committed. */
  putBack(id: string, wasInDoubt: boolean): void {
    this.#underWay.delete(id);
    this.#left.put(id, { became: 'waiting', wasInDoubt });
  }

  /** It is accepted for later, and that is committed. */
  accept(item: AcceptedItem): void {
    this.#accepted.put(item.entry.id, item);
  }

  /** It was given another time, and that is committed. */
  move(id: string, runAt: string, sealed: string): void {
    const item = this.#accepted.get(id);
    if (item) this.#accepted.put(id, { ...item, entry: { ...item.entry, run_at: runAt }, sealed });
  }

  /** It was cancelled before it began, and that is committed. */
  cancel(id: string): void {
    this.#cancelled.put(id, true);
  }

  /** What became of an action lately; undefined where it is not known, or too long ago. */
  recall(id: string): Left | undefined {
    return this.#left.get(id);
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
    return this.#left.list().flatMap((left) => (left.became === 'ended' ? [left.item] : []));
  }

  /** Actions under way that began with a row of their own. */
  listStarted(): StartItem[] {
    return [...this.#underWay.values()].filter((beginning) => typeof beginning === 'object');
  }

  /** Ids of actions under way that were taken from their lines. */
  listTaken(): string[] {
    return [...this.#underWay]
      .filter(([, beginning]) => beginning === 'taken from its line')
      .map(([id]) => id);
  }

  listHolds(): { readonly hold: string; readonly line: string }[] {
    return [...this.#holds].flatMap(([hold, lines = []]) =>
      [...lines].map((line) => ({ hold, line })),
    );
  }

  listAccepted(): AcceptedItem[] {
    return this.#accepted.list();
  }

  listCancelled(): string[] {
    return this.#cancelled.keys();
  }

  /** Forgets what is old. Called when the log was found to hold it: while it is away, nothing is. */
  forgetOld(): void {
    for (const recent of [this.#left, this.#accepted, this.#cancelled]) recent.forgetOld();
    const before = performance.now() - SAMPLED_MS;
    this.#samples = this.#samples.filter(({ at }) => at > before);
  }

  #sample(id: string): void {
    const at = performance.now();
    const last = this.#samples.at(-1);
    if (last && at - last.at < SAMPLE_MS) last.id = id;
    else this.#samples.push({ id, at });
  }
}
