import type { Priority } from '../../actions/envelope.js';
import type { ActionFailure } from '../../actions/failures.js';
import type { LearnedLimit, Limit, LimitNews } from '../../actions/limit.js';
import {
  type AllowanceState,
  countAllowanceUntil,
  describeAllowance,
  grantAllowance,
} from './allowance.js';
import type { AheadMark, BucketRequest, BucketKind, BucketView, Wanted } from './bucket.js';
import { dailyBucket, type DailyState } from './daily.js';
import { learnedBucket, type LearnedState } from './learned.js';
import { forget, mergeInto } from './merge-learned.js';
import { refuseSpent } from './refuse-spent.js';
import { refusalBucket, type RefusalState } from './refusals.js';
import { windowBucket, type WindowState } from './window.js';

/** What is known of a route: which bucket it belongs to, for every resource, and how large that is. */
interface RouteState {
  readonly kind: 'route';
  readonly name: string;
  readonly tokens: number;
  readonly windowMs: number;
}

/** What is stored of a bucket. */
export type BucketState =
  WindowState | LearnedState | DailyState | RefusalState | AllowanceState | RouteState;

/** What was taken of one bucket, for giving it back and for reporting it. */
export interface Ticket {
  readonly row: string;
  readonly limit: Limit;
  /** Undefined when it took nothing. */
  readonly mark: unknown;
}

/** Tokens that were taken for requests that are yet to come. */
export interface Lease {
  readonly row: string;
  readonly limit: LearnedLimit;
  readonly mark: AheadMark;
  /** Milliseconds for which they can be used. */
  readonly lastsMs: number;
  /** Whether they may be kept until then, or only for a moment. */
  readonly isLasting: boolean;
}

/** What a request asks for. */
export interface LimitRequest {
  readonly limits: readonly Limit[];
  readonly priority: Priority;
  /** The longest it can wait. Milliseconds. */
  readonly leftMs: number;
  /** What it holds of an earlier answer, and gives up for the next one. */
  readonly held?: readonly Ticket[];
}

type Asker = Pick<LimitRequest, 'limits' | 'priority' | 'held'>;

/**
 * Whether a request that waits has to ask again when its moment has come: the beginning of a learned
 * window is foretold, and whether it has come is only known then.
 */
export function asksAgain(limits: readonly Limit[]): boolean {
  return limits.some(({ kind }) => kind === 'learned');
}

export interface Reservation {
  readonly tickets: readonly Ticket[];
  readonly waitMs: number;
}

const KINDS = {
  window: windowBucket,
  learned: learnedBucket,
  daily: dailyBucket,
  noes: refusalBucket,
};

/** The kind of a limit or of a state, its own types sealed inside. */
function kindOf({
  kind,
}: {
  readonly kind: keyof typeof KINDS;
}): BucketKind<Limit, BucketState, unknown> {
  return KINDS[kind] as unknown as BucketKind<Limit, BucketState, unknown>;
}

/** A row as a decision left it. */
export interface Change {
  readonly row: string;
  readonly state: BucketState;
  /** The account it belongs to; empty when that is not known or there is none. */
  readonly account: string;
}

/** A row that a decision needs and that was not loaded. */
export class RowNotLoaded extends Error {
  constructor(readonly row: string) {
    super(`The row ${row} is not loaded`);
  }
}

/**
 * The states of some buckets at one moment, and what is decided about them. Nothing here knows of a
 * database: rows come in, decisions are made, changed rows go out.
 */
export class Ledger {
  /** Rows that were changed, as they were before. */
  readonly #changed = new Map<string, BucketState | undefined>();
  /** Accounts that rows belong to, as far as it was heard. */
  readonly #owners = new Map<string, string>();

  constructor(
    /** Rows that are loaded; undefined for those that do not exist yet. */
    private readonly rows: Map<string, BucketState | undefined>,
    /** The clock of the database, in milliseconds. */
    readonly now: number,
  ) {}

  /** Rows that a decision changed. */
  get changes(): Change[] {
    return [...this.#changed.keys()].flatMap((row) => {
      const state = this.rows.get(row);
      return state ? [{ row, state, account: this.#owners.get(row) ?? '' }] : [];
    });
  }

  /** Rows of which everybody has to give back what was taken ahead. */
  get calledIn(): string[] {
    return [...this.#changed].flatMap(([row, before]) => {
      const after = this.rows.get(row);
      return before && after && callsIn(before, after) ? [row] : [];
    });
  }

  /**
   * Takes what a request costs of all its limits, at the first moment that suits them all.
   * @throws ActionFailure RATE_LIMITED, QUOTA_EXHAUSTED when that is too late; then nothing is taken
   */
  reserve(wish: LimitRequest): Reservation {
    const { limits, leftMs, held = [] } = wish;
    this.giveBack(held);
    const shut = limits.filter(
      (limit) => !kindOf(limit).isWaitedFor && this.#findMoment(limit, this.now, wish) > this.now,
    );
    if (shut.length > 0) throw this.#refuse(shut, wish);
    const at = this.#agree(wish);
    if (at > this.now && at - this.now >= leftMs) throw this.#refuse(limits, wish, at);
    const tickets = limits.map((limit): Ticket => {
      const { row, known } = this.#resolve(limit);
      const asking = this.#describeAsking(row, wish);
      const { state, mark } = kindOf(limit).take(this.#read(row, known), known, at, asking);
      this.#write(row, state);
      if (limit.account !== undefined) this.#owners.set(row, limit.account);
      return { row, limit, mark };
    });
    return { tickets, waitMs: Math.max(0, at - this.now) };
  }

  /** How long a request would wait now. */
  predictWait(limits: readonly Limit[], priority: Priority): number {
    return Math.max(0, Math.ceil(this.#agree({ limits, priority }) - this.now));
  }

  /** Takes up to so many tokens for requests that are yet to come, if it is sure when they end. */
  takeAhead(limit: LearnedLimit, wanted: Wanted): Lease | undefined {
    const row = limit.bucket;
    const taken = kindOf(limit).takeAhead?.(this.#read(row, limit), wanted, this.now);
    if (!taken) return undefined;
    const { state, mark, lastsMs, isLasting } = taken;
    this.#write(row, state);
    return { row, limit, mark: mark as AheadMark, lastsMs, isLasting };
  }

  giveBack(tickets: readonly Ticket[]): void {
    for (const ticket of tickets) {
      const { row, known } = this.#place(ticket);
      if (ticket.mark !== undefined)
        this.#write(row, kindOf(known).giveBack(this.#read(row, known), ticket.mark));
    }
  }

  /** Takes in what an answer said. @param agoMs how long ago it came, rather too little than too much */
  learn(tickets: readonly Ticket[], news: readonly LimitNews[], agoMs: number): void {
    const at = this.now - agoMs;
    for (const ticket of tickets) {
      const { land } = kindOf(ticket.limit);
      const { row, known } = this.#place(ticket);
      if (land && ticket.mark !== undefined)
        this.#write(row, land(this.#read(row, known), ticket.mark, at));
    }
    for (const word of news) {
      const ticket = tickets.find(({ limit }) => limit.bucket === word.bucket);
      if (!ticket) continue;
      const { row, known } = this.#place(ticket);
      const state = kindOf(known).note(this.#read(row, known), known, word, ticket.mark, at);
      this.#write(row, state);
      if (word.kind === 'standing' && known.kind === 'learned' && known.route && word.name)
        this.#learnRoute(known.route, word.name, word, row, state as LearnedState);
    }
  }

  /** A row as it is now, if it was loaded and exists. */
  find(row: string): BucketState | undefined {
    return this.rows.get(row);
  }

  /** The name that a route goes by at its platform, once that is known. */
  readRoute(route: string): string | undefined {
    const known = this.#get(route);
    return known?.kind === 'route' ? known.name : undefined;
  }

  /** Takes requests of a caller's minute for a replica. */
  grant(row: string, wish: { readonly perMinute: number; readonly wanted: number }) {
    const known = this.#get(row);
    const { state, ...grant } = grantAllowance(
      known?.kind === 'allowance' ? known : undefined,
      wish,
      this.now,
    );
    this.#write(row, state);
    return grant;
  }

  /** A bucket goes by the name that its platform gave its route, and before that by our own. */
  #learnRoute(
    route: { readonly name: string; readonly of: string },
    name: string,
    { tokens, remaining, resetAfterMs }: Extract<LimitNews, { kind: 'standing' }>,
    row: string,
    state: LearnedState,
  ): void {
    const known = this.#get(route.name);
    const isKnown = known?.kind === 'route' && known.name === name;
    const isFirst = remaining === tokens - 1;
    const windowMs = isFirst ? resetAfterMs : Math.max(resetAfterMs, isKnown ? known.windowMs : 0);
    const named = nameRow(name, route.of);
    if (named !== row) {
      const other = this.#get(named);
      const moved = { ...state, booked: [] };
      this.#write(named, other?.kind === 'learned' ? mergeInto(other, moved) : moved);
      // What was counted under the earlier name counts once, under the new one.
      this.#write(row, forget(state));
      this.#owners.set(named, this.#owners.get(row) ?? '');
    }
    if (isKnown && known.tokens === tokens && known.windowMs === Math.ceil(windowMs)) return;
    this.#write(route.name, { kind: 'route', name, tokens, windowMs: Math.ceil(windowMs) });
  }

  /** What suits one limit may not suit another, so they are asked in turn until all agree. */
  #agree(wish: Asker): number {
    let at = this.now;
    for (;;) {
      const agreed = wish.limits.reduce((from, limit) => this.#findMoment(limit, from, wish), at);
      if (agreed === at) return at;
      at = agreed;
    }
  }

  #findMoment(limit: Limit, from: number, wish: Asker): number {
    const { row, known } = this.#resolve(limit);
    const asking = this.#describeAsking(row, wish);
    return kindOf(limit).findMoment(this.#read(row, known), known, from, asking);
  }

  #describeAsking(row: string, { limits, priority, held = [] }: Asker): BucketRequest<unknown> {
    const mark = held.find((ticket) => ticket.row === row)?.mark;
    return { now: this.now, priority, mark, asksAgain: asksAgain(limits) };
  }

  /** The row of a limit, and the limit as far as its platform has told of it. */
  #resolve(limit: Limit): { readonly row: string; readonly known: Limit } {
    if (limit.kind !== 'learned' || !limit.route) return { row: limit.bucket, known: limit };
    const route = this.#get(limit.route.name);
    if (route?.kind !== 'route') return { row: limit.bucket, known: limit };
    const { name, tokens, windowMs } = route;
    const known: LearnedLimit = { ...limit, assumed: { tokens, windowMs, isTold: true } };
    return { row: nameRow(name, limit.route.of), known };
  }

  #refuse(limits: readonly Limit[], wish: Asker, by?: number): ActionFailure {
    const moments = limits.map((limit) => this.#findMoment(limit, this.now, wish));
    const last = Math.max(...moments);
    const limit = limits[moments.indexOf(last)];
    const retryAfterMs = Math.max(last, by ?? last) - this.now;
    return refuseSpent(limit, retryAfterMs, this.now);
  }

  /** Where a ticket is counted now: its route may have got a name since it was given. */
  #place({ row, limit }: Ticket): { readonly row: string; readonly known: Limit } {
    return row === limit.bucket ? this.#resolve(limit) : { row, known: limit };
  }

  #read(row: string, limit: Limit): BucketState {
    const state = this.#get(row);
    if (state?.kind === limit.kind) return state;
    const opened = kindOf(limit).open(limit);
    // What left before its route had a name counts under the name as well.
    const earlier = row === limit.bucket ? undefined : this.#get(limit.bucket);
    if (opened.kind !== 'learned' || earlier?.kind !== 'learned') return opened;
    const { tokens, windowMs, isTold } = opened;
    return { ...earlier, tokens, windowMs, isTold, booked: [] };
  }

  #get(row: string): BucketState | undefined {
    if (!this.rows.has(row)) throw new RowNotLoaded(row);
    return this.rows.get(row);
  }

  #write(row: string, state: BucketState): void {
    const before = this.#get(row);
    if (before === state) return;
    this.rows.set(row, state);
    if (!this.#changed.has(row)) this.#changed.set(row, before);
  }
}

/** Rows that a limit may need, as far as names of routes are known. */
export function listRows(limit: Limit, routes: ReadonlyMap<string, string>): string[] {
  if (limit.kind !== 'learned' || !limit.route) return [limit.bucket];
  const name = routes.get(limit.route.name);
  return [limit.route.name, name === undefined ? limit.bucket : nameRow(name, limit.route.of)];
}

function callsIn(before: BucketState, after: BucketState): boolean {
  if (after.kind === 'route' || after.kind === 'allowance') return false;
  return before.kind === after.kind && (kindOf(after).callsIn?.(before, after) ?? false);
}

/** Whether an answer says anything that a state does not say already. @param at when the answer came */
export function tellsMore(
  state: BucketState,
  { limit, mark }: Ticket,
  word: LimitNews,
  at: number,
): boolean {
  return state.kind !== limit.kind || kindOf(limit).note(state, limit, word, mark, at) !== state;
}

/** A bucket's figures; undefined for what is no bucket. */
export function describeState(state: BucketState, now: number): BucketView | undefined {
  if (state.kind === 'route') return undefined;
  if (state.kind === 'allowance') return describeAllowance(state, now);
  return kindOf(state).describe(state, now);
}

const ROUTE_KEPT_MS = 30 * 86_400_000;

/** When a row says nothing any more, and may be swept. */
export function countsUntil(state: BucketState, now: number): number {
  if (state.kind === 'route') return now + ROUTE_KEPT_MS;
  if (state.kind === 'allowance') return countAllowanceUntil(state);
  return kindOf(state).countsUntil(state);
}

function nameRow(name: string, of: string): string {
  return `${of}:${name}`;
}
