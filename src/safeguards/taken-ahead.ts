import type { LearnedLimit, Limit } from '../actions/limit.js';
import type { AheadMark, Wanted } from './buckets/bucket.js';
import type { Lease, Ticket } from './buckets/ledger.js';

/** Notifies when a row changed that leases of this replica depend on. */
interface News {
  /** Whether every change that is a second old has been told. */
  readonly isCurrent: boolean;
}

/** A lease that is no longer than this needs no notification: it may be used until its end in any case. */
const BRIEF_MS = 1_000;
/** A round renews leases that would end within this time, so that few rounds are needed for renewals alone. */
const RENEWED_MS = 500;
const MOST_RENEWED = 500;
/** What was asked for lately counts half after this long. */
const HALF_LIFE_MS = 16_000;
/** Who has asked once may ask again, in a window that lasts. */
const LEAST_LASTING = 8;
/** Rows that are remembered. */
const MOST_ROWS = 20_000;
/** Of those, the oldest make room together. */
const FORGOTTEN_ROWS = 2_000;
/** Tickets that go back together. */
const MOST_TICKETS = 500;
const NOTHING: readonly Ticket[] = [];

/**
 * How much is asked of a row, and what of it is at hand. There are many of them: times are whole
 * milliseconds, which take no memory of their own.
 */
class Row {
  /** What is taken ahead; undefined while nothing is. */
  limit: LearnedLimit | undefined;
  /** Number of the window it is of. */
  window = 0;
  /** Tokens that are at hand. */
  left = 0;
  /** Whether they last as long as the window does, or are to be given back. */
  isLasting = false;
  askedAt = 0;
  until = 0;
  recalledAt = -1;
  /** The clock of the database less ours, rather too little than too much. */
  databaseTime = 0;
  /** What the latest request cost. */
  cost = 1;
  /** Asked for in the second before and in the one that runs, and in those before them. */
  #before = 0;
  #now = 0;
  #lately = 0;

  constructor(private since: number) {}

  count(cost: number, now: number): void {
    this.#turn(now);
    this.#now += cost;
    this.cost = cost;
  }

  /** How much was asked for within a second. */
  countSoon(now: number): number {
    this.#turn(now);
    return Math.max(this.#before, this.#now);
  }

  /** How much a second was asked for lately. */
  countPerSecond(now: number): number {
    this.#turn(now);
    return ((this.#lately + this.#now) * Math.LN2 * 1_000) / HALF_LIFE_MS;
  }

  #turn(now: number): void {
    const passed = now - this.since;
    if (passed < BRIEF_MS) return;
    this.#lately = (this.#lately + this.#now) * 2 ** (-passed / HALF_LIFE_MS);
    this.#before = passed < 2 * BRIEF_MS ? this.#now : 0;
    this.#now = 0;
    this.since = now;
  }
}

/**
 * Tokens that this replica has taken ahead of those who will ask: they are counted for all replicas
 * already, so that spending them needs no database. Where much is left of a bucket they last as long as its
 * window, and are older than a second only while it is told when they are called in; where little is
 * left they last a second, and unused tokens then go back.
 */
export class TakenAhead {
  readonly #rows = new Map<string, Row>();
  /** Those that have to be given back, more or less in the order in which they end. */
  readonly #brief = new Set<Row>();
  #lostAt = -1;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param giveBack called with what was not used in its time
   * @param clock milliseconds that never go back
   */
  constructor(
    private readonly giveBack: (tickets: readonly Ticket[]) => void,
    private readonly news: News,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Limits of which tokens can be taken ahead: their windows are known to everybody in the same way. */
  static suits(limits: readonly Limit[]): limits is readonly LearnedLimit[] {
    return limits.every((limit) => limit.kind === 'learned' && !limit.route);
  }

  /** Takes what a request costs of what is at hand for all its limits; nothing where any has too little. */
  spend(limits: readonly LearnedLimit[]): readonly Ticket[] {
    const now = this.#readClock();
    let isEnough = true;
    for (const { bucket, cost = 1 } of limits) {
      const row = this.#rows.get(bucket) ?? this.#meet(bucket, now);
      row.count(cost, now);
      if (row.left < cost || !this.#isUsable(row, now)) isEnough = false;
    }
    return isEnough ? limits.map((limit) => this.#take(limit, now)) : NOTHING;
  }

  /**
   * How many tokens a row is worth taking ahead, with those of it that are still there; undefined where it
   * has them for long enough, or no request is likely to need them.
   */
  countWanted(name: string): Wanted | undefined {
    const now = this.#readClock();
    const row = this.#rows.get(name);
    if (!row || (row.left >= row.cost && row.until > now + RENEWED_MS)) return undefined;
    const soon = row.countSoon(now);
    const isTold = this.news.isCurrent;
    if (soon <= 1 && !isTold) return undefined;
    return {
      soon: soon > 1 ? Math.max(0, soon - row.left) : undefined,
      lasting: isTold ? Math.max(0, Math.max(LEAST_LASTING, soon) - row.left) : 0,
      perSecond: row.countPerSecond(now),
    };
  }

  /** Limits whose tokens must be renewed soon: one round does it for all of them. */
  listDue(): LearnedLimit[] {
    const now = this.#readClock();
    const due: LearnedLimit[] = [];
    for (const row of this.#brief) {
      if (row.until > now + RENEWED_MS || due.length === MOST_RENEWED) break;
      if (row.limit && row.countSoon(now) > 1) due.push(row.limit);
    }
    return due;
  }

  /** Has a lease at hand from now on. @param askedAt when it was asked for, on the same clock */
  hold(lease: Lease, askedAt: number): void {
    const { limit, mark, lastsMs, isLasting } = lease;
    const row = this.#rows.get(lease.row);
    if (!row) {
      if (mark.cost > 0) this.giveBack([{ row: lease.row, limit, mark }]);
      return;
    }
    // Tokens of the same window stay valid; those of another window are worthless.
    row.left = mark.cost + (row.limit && row.window === mark.window ? row.left : 0);
    row.limit = limit;
    row.window = mark.window;
    row.askedAt = Math.floor(askedAt);
    row.databaseTime = mark.at - Math.ceil(this.clock());
    // What was called in since then may be this.
    row.isLasting = isLasting && Math.max(this.#lostAt, row.recalledAt) < row.askedAt;
    row.until = Math.floor(row.askedAt + (row.isLasting ? lastsMs : Math.min(BRIEF_MS, lastsMs)));
    this.#brief.delete(row);
    if (!row.isLasting) this.#endSoon(row);
  }

  /** Forgets what is at hand of a row: its platform takes nothing more. */
  drop(name: string): void {
    const row = this.#rows.get(name);
    if (!row) return;
    row.recalledAt = this.#readClock();
    this.#forget(row);
  }

  /** Gives back what is at hand of a row: another replica may need it, or knows that it is worth nothing. */
  recall(name: string): void {
    const row = this.#rows.get(name);
    if (!row) return;
    row.recalledAt = this.#readClock();
    this.#giveBackAll([row]);
  }

  /** From now on it is not told what is called in, so that nothing lasts longer than a second. */
  lose(): void {
    const now = this.#readClock();
    this.#lostAt = now;
    const old: Row[] = [];
    for (const row of this.#rows.values()) {
      if (!row.isLasting || !row.limit) continue;
      if (row.until <= now) {
        this.#forget(row);
        continue;
      }
      row.isLasting = false;
      row.until = Math.min(row.until, row.askedAt + BRIEF_MS);
      if (row.until <= now) old.push(row);
      else this.#endSoon(row);
    }
    this.#giveBackAll(old);
  }

  /** Gives everything back. */
  clear(): void {
    this.#giveBackAll(this.#rows.values());
    clearTimeout(this.#timer);
  }

  #isUsable(row: Row, now: number): boolean {
    if (row.until <= now) return false;
    return !row.isLasting || now < row.askedAt + BRIEF_MS || this.news.isCurrent;
  }

  #take(limit: LearnedLimit, now: number): Ticket {
    const { cost = 1, bucket } = limit;
    const row = this.#rows.get(bucket) as Row;
    row.left -= cost;
    return { row: bucket, limit, mark: describeMark(row, cost, now) };
  }

  /** Whole milliseconds. */
  #readClock(): number {
    return Math.floor(this.clock());
  }

  #meet(name: string, now: number): Row {
    if (this.#rows.size >= MOST_ROWS) this.#forgetOldest();
    const row = new Row(now);
    this.#rows.set(name, row);
    return row;
  }

  #forgetOldest(): void {
    const oldest = [...this.#rows].slice(0, FORGOTTEN_ROWS);
    this.#giveBackAll(oldest.map(([, row]) => row));
    for (const [name] of oldest) this.#rows.delete(name);
  }

  /** Has a row given back when its time is over. */
  #endSoon(row: Row): void {
    this.#brief.add(row);
    this.#timer ??= setTimeout(() => this.#sweep(), BRIEF_MS).unref();
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#readClock();
    const ended: Row[] = [];
    for (const row of this.#brief) {
      if (row.until > now) break;
      ended.push(row);
    }
    this.#giveBackAll(ended);
    if (this.#brief.size > 0) this.#timer = setTimeout(() => this.#sweep(), BRIEF_MS).unref();
  }

  /** What lasted as long as its window is over with it: there is nothing to be given back. */
  #giveBackAll(rows: Iterable<Row>): void {
    const now = this.#readClock();
    let tickets: Ticket[] = [];
    for (const row of rows) {
      const { limit, left } = row;
      if (limit && left > 0 && !(row.isLasting && row.until <= now))
        tickets.push({ row: limit.bucket, limit, mark: describeMark(row, left, now) });
      this.#forget(row);
      if (tickets.length < MOST_TICKETS) continue;
      this.giveBack(tickets);
      tickets = [];
    }
    if (tickets.length > 0) this.giveBack(tickets);
  }

  #forget(row: Row): void {
    row.limit = undefined;
    row.left = 0;
    row.until = 0;
    this.#brief.delete(row);
  }
}

function describeMark({ window, databaseTime }: Row, cost: number, now: number): AheadMark {
  return { window, at: databaseTime + now, cost, isGone: true, isLate: false };
}
