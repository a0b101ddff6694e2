import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Priority } from '../actions/envelope.js';
import type { LearnedLimit, Limit, LimitNews } from '../actions/limit.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { isDatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import type { BucketView } from './buckets/bucket.js';
import {
  asksAgain,
  type BucketState,
  describeState,
  type Lease,
  type Ledger,
  listRows,
  type Reservation,
  RowNotLoaded,
  tellsMore,
  type Ticket,
} from './buckets/ledger.js';
import { LIMIT_STATES, LimitStates } from './buckets/limit-states.js';
import { RoundBatcher, type RoundTask, type Settled, settleOne, unwrap } from './limit-rounds.js';
import { TakenAhead } from './taken-ahead.js';

/** What was taken for one request, to be given back when it does not leave. */
export interface Spending {
  readonly tickets: readonly Ticket[];
}

/** How long the paying request may wait. */
export interface PayerTime {
  leftMs(): number;
  /** Waits for work, and throws as soon as the payer gives up. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** Who pays, and what. */
export interface Payment {
  readonly limits: readonly Limit[];
  readonly priority: Priority;
  readonly time: PayerTime;
}

/** Requests of a caller's minute that were given to a replica. */
export interface Grant {
  readonly granted: number;
  /** What no replica has taken yet. */
  readonly left: number;
  readonly endsInMs: number;
}

/** A bucket with its name. */
export interface ListedBucket extends BucketView {
  readonly bucket: string;
  readonly kind: string;
  /** Empty where it belongs to none. */
  readonly account: string;
}

/** A waiting request checks whether its time has come sooner than predicted, the less often the longer it waits. */
const LOOK_AFTER_MS = 1_000;
const LOOK_AFTER_PART = 4;
const NEWS_AGAIN_MS = 1_000;
const MOST_TRIES_OF_NEWS = 60;
/** Buckets whose latest state is remembered here. */
const MOST_SEEN = 20_000;

const lookAfter = (waitMs: number): number => Math.max(LOOK_AFTER_MS, waitMs / LOOK_AFTER_PART);

/**
 * The limits of the platforms, counted for all replicas together in PostgreSQL. What the actions of a
 * replica want at one time is settled in one round: one short transaction at a time, whose decisions
 * are pure functions of the stored states and the clock of the database. Rounds answer with waits,
 * never with times of day, so that the clocks of replicas are no matter.
 */
@Injectable()
export class Limits implements OnApplicationShutdown {
  readonly #logger = new Logger(Limits.name);
  readonly #rounds = new GroupCommit<RoundTask, Settled>(
    (matters) => this.#settle(matters),
    Infinity,
  );
  /** The same for what is only looked at. */
  readonly #looks = new GroupCommit<RoundTask, Settled>((matters) => this.#look(matters));
  /** Names of routes as they were last seen; the round that uses one finds out when it is wrong. */
  readonly #routes = new Map<string, string>();
  /** The states that this replica saw last. They show whether an answer has news. */
  readonly #seen = new Map<string, BucketState>();
  /** The clock of the database less ours, in milliseconds; rather too little than too much. */
  #databaseTime = 0;
  /** Work without a waiting request that must be done nevertheless. */
  readonly #errands = new Set<Promise<void>>();
  readonly #ahead: TakenAhead;
  #company: RoundBatcher | undefined;
  #roundBegan = 0;

  constructor(
    private readonly states: LimitStates,
    feed: ChangeFeed,
  ) {
    this.#ahead = new TakenAhead((tickets) => this.giveBack({ tickets }), feed);
    feed.watch(LIMIT_STATES, {
      onChange: (row) => this.#ahead.recall(row),
      onLoss: () => this.#ahead.lose(),
    });
  }

  /**
   * Takes what a request counts against, and waits until it may leave. A request that gives up or comes too
   * late has taken nothing.
   * @throws ActionFailure RATE_LIMITED, QUOTA_EXHAUSTED with the wait, when it does not fit the time
   */
  pay(payment: Payment): Promise<Spending> {
    const { limits } = payment;
    if (limits.length === 0) return Promise.resolve({ tickets: [] });
    if (!TakenAhead.suits(limits)) return this.#payInRounds(payment, []);
    const tickets = this.#ahead.spend(limits);
    return tickets.length > 0 ? Promise.resolve({ tickets }) : this.#payInRounds(payment, limits);
  }

  /** @param ahead limits of which more is to be taken than is paid */
  async #payInRounds(
    { limits, priority, time }: Payment,
    ahead: readonly LearnedLimit[],
  ): Promise<Spending> {
    let held: readonly Ticket[] = [];
    for (;;) {
      const wish = { limits, priority, held };
      const asked = this.#ask<Reservation>({
        limits,
        rows: held.map(({ row }) => row),
        isDurable: limits.some(({ kind }) => kind === 'daily'),
        ahead,
        decide: (ledger) => ledger.reserve({ ...wish, leftMs: time.leftMs() }),
      });
      let isTaken = false;
      try {
        const { tickets, waitMs } = await time.race(asked);
        isTaken = true;
        held = tickets;
        if (waitMs === 0) return { tickets };
        await time.race(
          sleep(Math.ceil(asksAgain(limits) ? Math.min(waitMs, lookAfter(waitMs)) : waitMs)),
        );
      } catch (error) {
        if (isTaken) this.giveBack({ tickets: held });
        else
          void asked.then(
            (late) => this.giveBack(late),
            () => undefined,
          );
        throw error;
      }
      if (!asksAgain(limits)) return { tickets: held };
    }
  }

  /** Gives back what was taken for something that never left. Never throws. */
  giveBack({ tickets }: Spending): void {
    const taken = tickets.filter(({ mark }) => mark !== undefined);
    if (taken.length === 0) return;
    this.#run({
      limits: [],
      rows: taken.map(({ row }) => row),
      isDurable: taken.some(({ limit }) => limit.kind === 'daily'),
      decide: (ledger) => ledger.giveBack(taken),
    });
  }

  /**
   * Tells that a request got there, or never will, and what its answer said about its limits. Never
   * throws.
   */
  learn({ tickets }: Spending, news: readonly LimitNews[]): void {
    for (const { kind, bucket } of news) {
      if (kind === 'closed') this.#ahead.drop(bucket);
      if (kind === 'paused') this.#ahead.recall(bucket);
    }
    const needs = tickets.some(({ limit }) => limit.kind === 'window');
    if (!needs && !news.some((word) => this.#isNews(tickets, word))) return;
    const heardAt = performance.now();
    const names = news.flatMap((word) => {
      const limit = tickets.find((ticket) => ticket.limit.bucket === word.bucket)?.limit;
      const isNamed = word.kind === 'standing' && limit?.kind === 'learned' && limit.route;
      return isNamed && word.name ? [{ route: limit.route, name: word.name }] : [];
    });
    for (const { route, name } of names) this.#routes.set(route.name, name);
    const limits = tickets.map(({ limit }) => limit);
    const ahead = TakenAhead.suits(limits) ? limits : [];
    const isUrgent =
      ahead.length === 0 || news.some(({ kind }) => kind === 'closed' || kind === 'paused');
    const matter: RoundTask = {
      limits,
      // The first answer tells how long the window lasts; what comes next needs no round of its own.
      ahead,
      rows: tickets.map(({ row }) => row),
      isDurable: news.some(({ kind }) => kind === 'spent'),
      // Rather too young than too old: an end that is counted from it is then rather too late.
      decide: (ledger) => ledger.learn(tickets, news, Math.max(0, this.#roundBegan - heardAt)),
    };
    this.#run(matter, isUrgent ? undefined : this.#waitForCompany());
  }

  /**
   * Whether an answer tells what the state did not say already. What is known here may be older than the
   * truth, never newer: what it finds nothing new in, the truth errs on the safe side without as well.
   */
  #isNews(tickets: readonly Ticket[], word: LimitNews): boolean {
    const ticket = tickets.find(({ limit }) => limit.bucket === word.bucket);
    const seen = ticket && this.#seen.get(ticket.row);
    if (!seen || ticket.limit.kind !== 'learned' || ticket.limit.route) return true;
    return tellsMore(seen, ticket, word, this.#databaseTime + performance.now());
  }

  #remember(matters: readonly RoundTask[], ledger: Ledger): void {
    this.#databaseTime = ledger.now - performance.now();
    if (this.#seen.size > MOST_SEEN) this.#seen.clear();
    for (const { bucket, kind } of matters.flatMap(({ limits }) => limits)) {
      const state = kind === 'learned' ? ledger.find(bucket) : undefined;
      if (state) this.#seen.set(bucket, state);
    }
  }

  /** Milliseconds a request would wait now; nothing is taken. */
  async predictWait(limits: readonly Limit[], priority: Priority): Promise<number> {
    if (limits.length === 0) return 0;
    const decide = (ledger: Ledger): number => ledger.predictWait(limits, priority);
    return unwrap<number>(await this.#looks.add({ limits, rows: [], isDurable: false, decide }));
  }

  /** Takes requests of a caller's minute for this replica, as many as are left of those wanted. */
  grant(
    row: string,
    wish: { readonly perMinute: number; readonly wanted: number },
  ): Promise<Grant> {
    return this.#ask<Grant>({
      limits: [],
      rows: [row],
      isDurable: false,
      decide: (ledger) => ledger.grant(row, wish),
    });
  }

  /** Every bucket there is, of one platform or account where one is given. */
  async list(of: {
    platform?: string;
    account?: string;
  }): Promise<{ now: number; buckets: ListedBucket[] }> {
    const { now, buckets } = await this.states.list(of);
    const listed = buckets.flatMap(({ bucket, account, state }) => {
      const view = describeState(state, now);
      return view ? [{ bucket, kind: state.kind, account, ...view }] : [];
    });
    return { now, buckets: listed };
  }

  /** What was learned or given back last is not lost. */
  async onApplicationShutdown(): Promise<void> {
    this.#ahead.clear();
    this.#company?.come();
    await Promise.race([
      Promise.all(this.#errands),
      sleep(NEWS_AGAIN_MS, undefined, { ref: false }),
    ]);
  }

  async #ask<T>(matter: RoundTask): Promise<T> {
    this.#company?.come();
    return unwrap<T>(await this.#rounds.add(matter));
  }

  /** Work without a waiting request; it is repeated while the database is unreachable. */
  #run(matter: RoundTask, company?: Promise<void>): void {
    const going = company?.then(() => this.#tryLong(matter)) ?? this.#tryLong(matter);
    const errand = going.finally(() => this.#errands.delete(errand));
    this.#errands.add(errand);
  }

  /** Work without a waiting request joins the next round of one that waits, or makes a round a moment later. */
  #waitForCompany(): Promise<void> {
    this.#company ??= new RoundBatcher(() => {
      this.#company = undefined;
    });
    return this.#company.arrival;
  }

  async #tryLong(matter: RoundTask): Promise<void> {
    for (let made = 1; ; made += 1) {
      try {
        return await this.#ask(matter);
      } catch (error) {
        if (made === MOST_TRIES_OF_NEWS || !isDatabaseAway(error)) {
          this.#logger.warn({ err: error }, 'What was learned of a limit is lost');
          return;
        }
        await sleep(NEWS_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  /** One round. */
  async #settle(matters: readonly RoundTask[]): Promise<Settled[]> {
    const isDurable = matters.some((matter) => matter.isDurable);
    const wished = [...this.#ahead.listDue(), ...matters.flatMap(({ ahead = [] }) => ahead)];
    const ahead = [...new Map(wished.map((limit) => [limit.bucket, limit])).values()];
    const { ends, leases } = await this.#load(matters, (rows) => {
      this.#roundBegan = performance.now();
      const names = [...rows, ...ahead.map(({ bucket }) => bucket)];
      return this.states.change(names, isDurable, (ledger) => {
        const round = {
          ends: this.#decide(matters, ledger),
          leases: this.#takeAhead(ahead, ledger),
        };
        this.#remember(matters, ledger);
        return round;
      });
    });
    for (const lease of leases) this.#ahead.hold(lease, this.#roundBegan);
    return ends;
  }

  #look(matters: readonly RoundTask[]): Promise<Settled[]> {
    return this.#load(matters, (rows) =>
      this.states.look(rows, (ledger) => this.#decide(matters, ledger)),
    );
  }

  /** Works on the rows of some matters. Those that turn out to be needed are loaded by another try. */
  async #load<T>(
    matters: readonly RoundTask[],
    work: (rows: readonly string[]) => Promise<T>,
  ): Promise<T> {
    const more = new Set<string>();
    for (;;) {
      const rows = matters.flatMap(({ limits, rows: others }) => [
        ...others,
        ...limits.flatMap((limit) => listRows(limit, this.#routes)),
      ]);
      try {
        return await work([...rows, ...more]);
      } catch (error) {
        if (!(error instanceof RowNotLoaded) || more.has(error.row)) throw error;
        more.add(error.row);
      }
    }
  }

  #decide(matters: readonly RoundTask[], ledger: Ledger): Settled[] {
    for (const { limits } of matters) this.#noteRoutes(ledger, limits);
    return matters.map((matter) => settleOne(matter, ledger));
  }

  /** Those who come next need no round: what they will want is taken with what was asked for. */
  #takeAhead(limits: readonly LearnedLimit[], ledger: Ledger): Lease[] {
    return limits.flatMap((limit) => {
      const wanted = this.#ahead.countWanted(limit.bucket);
      return wanted === undefined ? [] : (ledger.takeAhead(limit, wanted) ?? []);
    });
  }

  #noteRoutes(ledger: Ledger, limits: readonly Limit[]): void {
    for (const limit of limits) {
      if (limit.kind !== 'learned' || !limit.route) continue;
      const name = ledger.readRoute(limit.route.name);
      if (name !== undefined) this.#routes.set(limit.route.name, name);
    }
  }
}
