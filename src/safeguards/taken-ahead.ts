import type { LearnedLimit, Limit } from '../actions/limit.js';
import type { Lease, Ticket } from './buckets/ledger.js';

/** A lease at hand. */
interface Held extends Lease {
  left: number;
  readonly since: number;
  readonly until: number;
}

/** How much was asked of a row in the second before and in the one that runs. */
class Demand {
  #before = 0;
  #now = 0;

  constructor(private since: number) {}

  add(cost: number, now: number): void {
    this.#turn(now);
    this.#now += cost;
  }

  count(now: number): number {
    this.#turn(now);
    return Math.max(this.#before, this.#now);
  }

  #turn(now: number): void {
    const passed = now - this.since;
    if (passed < LONGEST_MS) return;
    this.#before = passed < 2 * LONGEST_MS ? this.#now : 0;
    this.#now = 0;
    this.since = now;
  }
}

/** What was taken ahead is used or given back within this; nobody else can use it meanwhile. */
const LONGEST_MS = 1_000;
/** A round takes anew what would end within this, so that few rounds are made for that alone. */
const RENEWED_MS = 500;
const MOST_RENEWED = 500;
/** Rows whose demand is remembered. */
const MOST_ROWS = 20_000;
const NOTHING: readonly Ticket[] = [];

/**
 * Tokens that this replica has taken ahead of those who will ask, as many as were asked for in the last
 * second: they are counted for all replicas already, so that spending them asks nobody. Whatever is not
 * used within a second goes back.
 */
export class TakenAhead {
  readonly #held = new Map<string, Held>();
  readonly #demands = new Map<string, Demand>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param giveBack called with what was not used in its time
   * @param clock milliseconds that never go back
   */
  constructor(
    private readonly giveBack: (tickets: readonly Ticket[]) => void,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Limits of which tokens can be taken ahead: their windows are known to everybody in the same way. */
  static suits(limits: readonly Limit[]): limits is readonly LearnedLimit[] {
    return limits.every((limit) => limit.kind === 'learned' && !limit.route);
  }

  /** Takes what a request costs of what is at hand for all its limits; nothing where any has too little. */
  spend(limits: readonly LearnedLimit[]): readonly Ticket[] {
    const now = this.clock();
    let isEnough = true;
    for (const { bucket, cost = 1 } of limits) {
      this.#count(bucket, cost, now);
      const held = this.#held.get(bucket);
      if (!held || held.until <= now || held.left < cost) isEnough = false;
    }
    return isEnough ? limits.map((limit) => this.#take(limit, now)) : NOTHING;
  }

  /**
   * How many tokens a row is worth taking ahead, with those of it that are still there; undefined where it
   * has them for long enough, or is seldom asked for.
   */
  countWanted(row: string): number | undefined {
    const now = this.clock();
    const held = this.#held.get(row);
    if (held && held.left > 0 && held.until > now + RENEWED_MS) return undefined;
    const asked = this.#demands.get(row)?.count(now) ?? 0;
    return asked > 1 ? Math.max(0, asked - (held?.left ?? 0)) : undefined;
  }

  /** Limits whose tokens will soon have to be taken anew: one round does for all of them. */
  listDue(): LearnedLimit[] {
    const soon = this.clock() + RENEWED_MS;
    const due = [...this.#held.values()].filter(({ until }) => until <= soon);
    return due.slice(0, MOST_RENEWED).map(({ limit }) => limit);
  }

  /** Has a lease at hand from now on. @param askedAt when it was asked for, on the same clock */
  hold(lease: Lease, askedAt: number): void {
    const { row, mark, lastsMs } = lease;
    const held = this.#held.get(row);
    // Of the same window, what is left of an earlier one goes on; of another, it is no matter any more.
    const left = mark.cost + (held?.mark.window === mark.window ? held.left : 0);
    const until = askedAt + Math.min(LONGEST_MS, lastsMs);
    this.#held.set(row, { ...lease, left, since: this.clock(), until });
    this.#timer ??= setTimeout(() => this.#sweep(), LONGEST_MS).unref();
  }

  /** Forgets what is at hand of a row: its platform takes nothing more. */
  drop(row: string): void {
    this.#held.delete(row);
  }

  /** Gives everything back. */
  clear(): void {
    for (const held of this.#held.values()) this.#return(held);
    clearTimeout(this.#timer);
  }

  #take(limit: LearnedLimit, now: number): Ticket {
    const { cost = 1, bucket } = limit;
    const held = this.#held.get(bucket) as Held;
    held.left -= cost;
    // Rather too early than too late, by as long as the answer was on its way.
    const at = held.mark.at + Math.floor(now - held.since);
    return { row: held.row, limit, mark: { ...held.mark, at, cost } };
  }

  #count(row: string, cost: number, now: number): void {
    let demand = this.#demands.get(row);
    if (!demand) {
      if (this.#demands.size >= MOST_ROWS) this.#demands.clear();
      this.#demands.set(row, (demand = new Demand(now)));
    }
    demand.add(cost, now);
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.clock();
    for (const held of this.#held.values()) if (held.until <= now) this.#return(held);
    if (this.#held.size > 0) this.#timer = setTimeout(() => this.#sweep(), LONGEST_MS).unref();
  }

  #return(held: Held): void {
    this.#held.delete(held.row);
    const { row, limit, mark, left } = held;
    if (left > 0) this.giveBack([{ row, limit, mark: { ...mark, cost: left } }]);
  }
}
