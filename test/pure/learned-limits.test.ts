// Real: what is decided about windows that a platform tells of. Fake: the platform, which counts as it
// says, and the clock.
import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LearnedLimit, Limit, LimitNews, WindowLimit } from '../../src/actions/limit.js';
import type { Wanted } from '../../src/safeguards/buckets/bucket.js';
import {
  type BucketState,
  describeState,
  Ledger,
  type Ticket,
} from '../../src/safeguards/buckets/ledger.js';
import { TakenAhead } from '../../src/safeguards/taken-ahead.js';
import { MemoryRows } from '../support/limits.js';

const FOREVER = Number.MAX_SAFE_INTEGER;

const bucket = (more: Partial<LearnedLimit> = {}): LearnedLimit => ({
  kind: 'learned',
  bucket: 'helix',
  assumed: { tokens: 2, windowMs: 1_000, isTold: true },
  ...more,
});

/** A bucket of a route, for one of its resources. */
const channel = (id: string): LearnedLimit =>
  bucket({
    bucket: `discord:bot:${id}:send`,
    assumed: { tokens: 1, windowMs: 1_000 },
    route: { name: 'discord:route:send', of: `discord:bot:${id}` },
  });

const standing = (
  limit: Limit,
  tokens: number,
  remaining: number,
  resetAfterMs: number,
  name?: string,
): LimitNews => ({
  bucket: limit.bucket,
  kind: 'standing',
  tokens,
  remaining,
  resetAfterMs,
  ...(name && { name }),
});

class Book {
  readonly rows = new MemoryRows();

  at(now: number): Ledger {
    return new Ledger(this.rows, now);
  }

  /** Reserves and gives the wait with the tickets. */
  ask(
    limit: Limit | readonly Limit[],
    now: number,
    more: { held?: readonly Ticket[]; leftMs?: number } = {},
  ) {
    const limits = Array.isArray(limit) ? (limit as readonly Limit[]) : [limit as Limit];
    return this.at(now).reserve({ limits, priority: 'NORMAL', leftMs: FOREVER, ...more });
  }

  view(row: string, now: number) {
    return describeState(this.rows.get(row) as BucketState, now);
  }
}

describe('a learned window', () => {
  it('takes as many as are assumed until an answer tells', () => {
    const book = new Book();
    const waits = [1, 2, 3].map(() => book.ask(bucket(), 0).waitMs);
    expect(waits).toEqual([0, 0, 1_040]);
  });

  it('gives no places away while nothing is told of it: everybody asks again', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000 } });
    expect([1, 2, 3, 4].map(() => book.ask(limit, 0).waitMs)).toEqual([0, 1_040, 1_040, 1_040]);
  });

  it('takes as many as the answer says, and opens when it says', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(30).learn(tickets, [standing(bucket(), 5, 4, 800)], 0);
    expect([1, 2, 3, 4].map(() => book.ask(bucket(), 50).waitMs)).toEqual([0, 0, 0, 0]);
    expect(book.ask(bucket(), 50).waitMs).toBe(782);
    expect(book.view('helix', 50)).toEqual({ limit: 5, used: 5, left: 0, resetInMs: 782 });
  });

  it('counts what others sent as well', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(30).learn(tickets, [standing(bucket(), 5, 0, 800)], 0);
    expect(book.ask(bucket(), 50).waitMs).toBe(782);
  });

  it('takes the tightest of the ends that answers tell, from when they came', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 3, windowMs: 1_000, isTold: true } });
    const taken = [1, 2, 3].map(() => book.ask(limit, 0).tickets);
    book.at(300).learn(taken[0] ?? [], [standing(limit, 3, 2, 1_000)], 0);
    book.at(310).learn(taken[1] ?? [], [standing(limit, 3, 1, 900)], 100);
    book.at(320).learn(taken[2] ?? [], [standing(limit, 3, 0, 990)], 0);
    expect(book.ask(limit, 500).waitMs).toBe(612);
  });

  it('lets no request of a small bucket leave so late that it counts in two windows', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 3, windowMs: 5_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(20).learn(tickets, [standing(limit, 3, 2, 5_000)], 0);
    expect(book.ask(limit, 4_700).waitMs).toBe(0);
    const late = book.ask(limit, 4_800);
    expect(late.waitMs).toBe(222);
    const next = [1, 2].map(() => book.ask(limit, 5_022).waitMs);
    expect([book.ask(limit, 5_022, { held: late.tickets }).waitMs, ...next]).toEqual([0, 0, 0]);
  });

  it('counts a request of a sliding window beside it from its answer, with no margin for its way', () => {
    const book = new Book();
    const all: WindowLimit = { kind: 'window', bucket: 'all', tokens: 1, windowMs: 1_000 };
    const limits = [bucket(), all];
    const { tickets } = book.ask(limits, 0);
    book.at(100).learn(tickets, [], 0);
    expect(book.ask(limits, 150).waitMs).toBe(960);
  });

  it('lets a few of a large bucket leave until the end of its window', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 800, windowMs: 60_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(20).learn(tickets, [standing(limit, 800, 799, 60_000)], 0);
    const waits = Array.from({ length: 101 }, () => book.ask(limit, 59_900).waitMs);
    expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(100);
    expect(waits.at(-1)).toBe(122);
  });

  it('gives a request that does not fit a place in the next window, and the next', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    expect([1, 2, 3, 4].map(() => book.ask(limit, 0).waitMs)).toEqual([0, 1_040, 2_080, 3_120]);
  });

  it('keeps the place of a request that asks again, and lets none pass', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const first = book.ask(limit, 0);
    const second = book.ask(limit, 0);
    const third = book.ask(limit, 0);
    book.at(100).learn(first.tickets, [standing(limit, 1, 0, 1_500)], 0);
    // Foretold was 1040, but the answer says 1602.
    const again = book.ask(limit, 1_040, { held: second.tickets });
    expect(again.waitMs).toBe(562);
    expect(book.ask(limit, 1_602).waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 1_602, { held: again.tickets }).waitMs).toBe(0);
    expect(book.ask(limit, 1_700, { held: third.tickets }).waitMs).toBeGreaterThan(0);
  });

  it('waits for an answer that is late, and takes the window for over when none comes', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    book.ask(limit, 0);
    const { tickets, waitMs } = book.ask(limit, 5_000);
    expect(waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 11_000, { held: tickets }).waitMs).toBe(0);
  });

  it('ends for an answer that says nothing as it was assumed to', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(20).learn(tickets, [{ bucket: 'helix', kind: 'silent' }], 0);
    expect(book.ask(limit, 1_020).waitMs).toBe(0);
  });

  it('is closed for everybody when the platform says so', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(10).learn(tickets, [{ bucket: 'helix', kind: 'closed', forMs: 5_000 }], 0);
    expect(book.ask(bucket(), 1_500).waitMs).toBe(3_512);
    expect(book.ask(bucket(), 5_012).waitMs).toBe(0);
  });

  it('is paused for what others did, and what was used of it stays used', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 5, windowMs: 60_000, isTold: true } });
    const used = [1, 2, 3, 4].map(() => book.ask(limit, 0));
    const tickets = used[0]?.tickets ?? [];
    book
      .at(10)
      .learn(
        tickets,
        [standing(limit, 5, 1, 59_990), { bucket: 'helix', kind: 'paused', forMs: 2_000 }],
        0,
      );
    expect(book.view('helix', 20)).toEqual({ limit: 5, used: 4, left: 0, resetInMs: 1_992 });
    const last = book.ask(limit, 20);
    expect(last.waitMs).toBe(1_992);
    expect(book.view('helix', 2_012)).toMatchObject({ left: 0, resetInMs: 57_990 });
    expect(book.ask(limit, 2_012, { held: last.tickets }).waitMs).toBe(0);
    // The window still holds what was used before the pause.
    expect(book.ask(limit, 2_012).waitMs).toBe(57_990);
  });

  it('is paused for longer than its window where the platform says so', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(10).learn(tickets, [{ bucket: 'helix', kind: 'paused', forMs: 30_000 }], 0);
    const waiting = book.ask(bucket(), 20);
    expect(waiting.waitMs).toBe(29_992);
    const again = book.ask(bucket(), 15_000, { held: waiting.tickets });
    expect(again.waitMs).toBe(15_012);
    expect(book.ask(bucket(), 30_012, { held: again.tickets }).waitMs).toBe(0);
  });

  it('is read where a release without pauses has stored it', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    expect(book.rows.get('helix')).not.toHaveProperty('pausedUntil');
    book.at(10).learn(tickets, [{ bucket: 'helix', kind: 'paused', forMs: 500 }], 0);
    expect(book.ask(bucket(), 20).waitMs).toBe(492);
  });

  it('ignores an answer about a window that is over', () => {
    const book = new Book();
    const early = book.ask(bucket(), 0);
    book.at(10).learn(early.tickets, [standing(bucket(), 2, 1, 100)], 0);
    book.ask(bucket(), 200);
    book.at(210).learn(early.tickets, [standing(bucket(), 2, 0, 0)], 0);
    expect(book.ask(bucket(), 220).waitMs).toBe(0);
    expect(book.ask(bucket(), 220).waitMs).toBeGreaterThan(0);
  });

  it('has not begun when what was taken of it is given back', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.at(5).giveBack(tickets);
    expect(book.ask(limit, 10).waitMs).toBe(0);
  });

  it('loses places that are not taken up', () => {
    const book = new Book();
    const limit = bucket({ assumed: { tokens: 1, windowMs: 1_000, isTold: true } });
    const { tickets } = book.ask(limit, 0);
    book.ask(limit, 0);
    book.at(10).learn(tickets, [standing(limit, 1, 0, 990)], 0);
    const waiting = book.ask(limit, 1_100);
    expect(waiting.waitMs).toBeGreaterThan(0);
    expect(book.ask(limit, 6_100, { held: waiting.tickets }).waitMs).toBe(0);
  });

  it('counts who leaves in its last moments in the next one as well', () => {
    const book = new Book();
    const { tickets } = book.ask(bucket(), 0);
    book.at(10).learn(tickets, [standing(bucket(), 2, 1, 990)], 0);
    expect(book.ask(bucket(), 950).waitMs).toBe(0);
    expect(book.ask(bucket(), 1_010).waitMs).toBe(0);
    expect(book.ask(bucket(), 1_010).waitMs).toBeGreaterThan(0);
  });

  it('refuses who cannot wait, with the time that is foretold', () => {
    const book = new Book();
    book.ask(bucket({ cost: 2 }), 0);
    expect(() => book.ask(bucket(), 0, { leftMs: 1_000 })).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterMs: 1_040 } }),
    );
  });
});

const soon = (tokens: number): Wanted => ({ soon: tokens, lasting: 0, perSecond: 0 });
const lasting = (tokens: number): Wanted => ({ soon: undefined, lasting: tokens, perSecond: 0 });
/** A window of which one request went and told so. */
const beginWide = (limit: LearnedLimit, tokens = 10_000): Book => {
  const book = new Book();
  const { tickets } = book.ask(limit, 0);
  book.at(50).learn(tickets, [standing(limit, tokens, tokens - 1, 60_000)], 0);
  return book;
};

describe('tokens that are taken ahead', () => {
  const limit = bucket({ assumed: { tokens: 100, windowMs: 60_000 } });
  const begin = (): Book => beginWide(limit, 100);
  const closeAt = (book: Book, now: number): void => {
    const mark = { window: 0, at: now, cost: 1, isGone: true, isLate: false };
    const news: LimitNews = { bucket: 'helix', kind: 'closed', forMs: 30_000 };
    book.at(now).learn([{ row: 'helix', limit, mark }], [news], 0);
  };

  it('count as if they had gone, and are a part of what is left', () => {
    const book = begin();
    expect(book.at(100).takeAhead(limit, soon(7))).toMatchObject({ mark: { cost: 7, at: 100 } });
    expect(book.view('helix', 100)).toMatchObject({ used: 8 });
    expect(book.at(100).takeAhead(limit, soon(90))?.mark.cost).toBe(11);
  });

  it('go back as others do', () => {
    const book = begin();
    const lease = book.at(100).takeAhead(limit, soon(7));
    if (!lease) throw new Error('nothing was taken');
    book.at(900).giveBack([{ ...lease, mark: { ...lease.mark, cost: 5 } }]);
    expect(book.view('helix', 900)).toMatchObject({ used: 3 });
  });

  it('are of a window that surely goes on while they are used', () => {
    const book = begin();
    expect(book.at(59_000).takeAhead(limit, soon(1))?.lastsMs).toBe(60_000 - 2 - 250 - 59_000);
    expect(book.at(59_800).takeAhead(limit, soon(1))).toBeUndefined();
    expect(new Book().at(0).takeAhead(limit, soon(1))).toBeUndefined();
  });

  it('last no longer than the window, where a platform tells of another end each time', () => {
    const book = begin();
    const { tickets } = book.ask(limit, 40_000);
    book.at(40_050).learn(tickets, [standing(limit, 100, 98, 60_000)], 0);
    const lastsMs = book.at(40_100).takeAhead(limit, lasting(1))?.lastsMs;
    expect(lastsMs).toBeGreaterThan(19_000);
    expect(lastsMs).toBeLessThanOrEqual(50 + 60_000 + 2 - 250 - 40_100);
  });

  it('are none where nothing is left for others, and nothing changes then', () => {
    const book = begin();
    while (book.ask(limit, 200).waitMs === 0);
    const before = book.rows.get('helix');
    expect(book.at(300).takeAhead(limit, soon(5))?.mark.cost).toBe(0);
    expect(book.rows.get('helix')).toBe(before);
  });

  it('last as long as the window while half of it is left, and a smaller part of it', () => {
    const book = begin();
    const first = book.at(100).takeAhead(limit, { soon: 50, lasting: 50, perSecond: 0 });
    expect(first).toMatchObject({ isLasting: true, mark: { cost: 6 } });
    for (let n = 0; n < 45; n += 1) book.ask(limit, 200);
    const second = book.at(300).takeAhead(limit, { soon: 50, lasting: 50, perSecond: 0 });
    expect(second).toMatchObject({ isLasting: false, mark: { cost: 6 } });
    expect(book.at(300).takeAhead(limit, lasting(50))).toBeUndefined();
  });

  it('are called in once, when less than a quarter is left', () => {
    const book = begin();
    const told: number[] = [];
    for (let n = 2; n <= 100; n += 1) {
      const ledger = book.at(200);
      ledger.reserve({ limits: [limit], priority: 'NORMAL', leftMs: FOREVER });
      if (ledger.calledIn.length > 0) told.push(n);
    }
    expect(told).toEqual([76]);
  });

  it('are called in when a window closes, and when it ends before it should', () => {
    const closing = begin().at(100);
    const mark = { window: 0, at: 90, cost: 1, isGone: true, isLate: false };
    const ticket = { row: 'helix', limit, mark };
    closing.learn([ticket], [{ bucket: 'helix', kind: 'closed', forMs: 30_000 }], 0);
    expect(closing.calledIn).toEqual(['helix']);
    const shortened = begin().at(100);
    shortened.learn([ticket], [standing(limit, 100, 98, 20_000)], 0);
    expect(shortened.calledIn).toEqual(['helix']);
    const usual = begin().at(100);
    usual.learn([ticket], [standing(limit, 100, 98, 59_900)], 0);
    expect(usual.calledIn).toEqual([]);
  });

  it('are called in for a pause, and taken again after it', () => {
    const book = begin();
    const ledger = book.at(100);
    const mark = { window: 0, at: 90, cost: 1, isGone: true, isLate: false };
    const paused: LimitNews = { bucket: 'helix', kind: 'paused', forMs: 5_000 };
    ledger.learn([{ row: 'helix', limit, mark }], [paused], 0);
    expect(ledger.calledIn).toEqual(['helix']);
    expect(book.at(200).takeAhead(limit, soon(5))).toBeUndefined();
    expect(book.at(5_200).takeAhead(limit, soon(5))).toMatchObject({ mark: { cost: 5 } });
  });

  it('are worth nothing in a window that is closed, nor is what is still at hand', () => {
    const book = begin();
    closeAt(book, 100);
    expect(book.at(200).takeAhead(limit, soon(5))).toMatchObject({ lastsMs: 0, mark: { cost: 0 } });
  });

  describe('at a replica', () => {
    const feed = { isCurrent: true };
    const back: Ticket[] = [];
    let now = 0;
    let ahead: TakenAhead;
    beforeEach(() => {
      now = 0;
      feed.isCurrent = true;
      back.length = 0;
      ahead = new TakenAhead(
        (tickets) => back.push(...tickets),
        feed,
        () => now,
      );
    });
    const spendMany = (times: number): number => {
      let spent = 0;
      for (let n = 0; n < times; n += 1) spent += ahead.spend([limit]).length;
      return spent;
    };
    const take = (book: Book): void => {
      const wanted = ahead.countWanted('helix');
      const lease = wanted && book.at(now).takeAhead(limit, wanted);
      if (lease) ahead.hold(lease, now);
    };
    const countBack = (): number =>
      back.reduce((sum, { mark }) => sum + (mark as { cost: number }).cost, 0);
    it('are as many as were asked for lately', () => {
      expect(ahead.countWanted('helix')).toBeUndefined();
      expect(ahead.spend([limit])).toEqual([]);
      expect(ahead.countWanted('helix')).toMatchObject({ soon: undefined, lasting: 8 });
      spendMany(19);
      expect(ahead.countWanted('helix')).toMatchObject({ soon: 20, lasting: 20 });
      now = 1_500;
      spendMany(1);
      expect(ahead.countWanted('helix')).toMatchObject({ soon: 20, lasting: 20 });
      now = 17_500;
      expect(ahead.countWanted('helix')).toMatchObject({ soon: undefined, lasting: 8 });
    });

    it('are as many as will be asked for until the window ends, by what was asked for lately', () => {
      for (; now < 120_000; now += 4_000) spendMany(1);
      const { perSecond = Number.NaN } = ahead.countWanted('helix') ?? {};
      expect(perSecond).toBeGreaterThan(0.2);
      expect(perSecond).toBeLessThan(0.3);
      const wanted = { ...lasting(1), perSecond };
      expect(beginWide(limit).at(100).takeAhead(limit, wanted)?.mark.cost).toBe(
        Math.ceil((perSecond * (60_000 - 2 - 250 - 100)) / 1_000),
      );
      now += 16_000;
      expect(ahead.countWanted('helix')?.perSecond).toBeCloseTo(perSecond / 2, 1);
    });

    it('are taken only by replicas that can be told to give them back, but for a second', () => {
      feed.isCurrent = false;
      spendMany(1);
      expect(ahead.countWanted('helix')).toBeUndefined();
      spendMany(9);
      expect(ahead.countWanted('helix')).toMatchObject({ soon: 10, lasting: 0 });
    });

    it('are used up, for no longer than a second where little is left', () => {
      const book = begin();
      for (let n = 0; n < 60; n += 1) book.ask(limit, 0);
      spendMany(3);
      take(book);
      expect(spendMany(4)).toBe(3);
      take(book);
      now = 1_001;
      expect(spendMany(1)).toBe(0);
      take(book);
      expect(spendMany(1)).toBe(1);
      ahead.drop('helix');
      expect(spendMany(1)).toBe(0);
    });

    it('are used for as long as the window goes on where much is left', () => {
      const book = beginWide(limit);
      spendMany(1);
      take(book);
      now = 59_700;
      expect(spendMany(1)).toBe(1);
      now = 59_748;
      expect(spendMany(1)).toBe(0);
      // What is over with its window need not go back.
      ahead.clear();
      expect(back).toEqual([]);
    });

    it('are older than a second only while it is told what is called in', () => {
      spendMany(1);
      take(beginWide(limit));
      feed.isCurrent = false;
      now = 999;
      expect(spendMany(1)).toBe(1);
      now = 1_000;
      expect(spendMany(1)).toBe(0);
      feed.isCurrent = true;
      expect(spendMany(1)).toBe(1);
    });

    it('go back when they are called in, also where that is told before they came', () => {
      const book = beginWide(limit);
      spendMany(1);
      take(book);
      spendMany(2);
      ahead.recall('helix');
      expect(countBack()).toBe(6);
      expect(spendMany(1)).toBe(0);
      const wanted = ahead.countWanted('helix');
      const lease = wanted && book.at(now).takeAhead(limit, wanted);
      now = 10;
      ahead.recall('helix');
      now = 20;
      if (lease) ahead.hold(lease, 0);
      now = 999;
      expect(spendMany(1)).toBe(1);
      now = 1_000;
      expect(spendMany(1)).toBe(0);
    });

    it('last a second, and what is older goes back, when nothing is told any more', () => {
      const other = bucket({ ...limit, bucket: 'other' });
      const books = [limit, other].map((one) => beginWide(one));
      spendMany(1);
      take(books[0] as Book);
      now = 3_000;
      ahead.spend([other]);
      const lease = books[1]?.at(now).takeAhead(other, { soon: 8, lasting: 8, perSecond: 0 });
      if (lease) ahead.hold(lease, now);
      now = 3_500;
      ahead.lose();
      expect(back.map(({ row }) => row)).toEqual(['helix']);
      expect(ahead.spend([limit])).toEqual([]);
      expect(ahead.spend([other])).toHaveLength(1);
      now = 4_000;
      expect(ahead.spend([other])).toEqual([]);
      ahead.clear();
      expect(back.map(({ row }) => row)).toEqual(['helix', 'other']);
    });

    it('are of no more rows than can be remembered, and those of forgotten ones go back', () => {
      spendMany(1);
      take(beginWide(limit));
      for (let n = 0; n < 20_000; n += 1) ahead.spend([bucket({ bucket: `row ${n}` })]);
      expect(back.map(({ row }) => row)).toEqual(['helix']);
    });

    it('are taken anew in one round, where they are asked for and little is left', () => {
      const book = begin();
      for (let n = 0; n < 60; n += 1) book.ask(limit, 0);
      spendMany(3);
      take(book);
      expect(ahead.listDue()).toEqual([]);
      now = 600;
      expect(ahead.listDue()).toEqual([limit]);
      now = 3_000;
      expect(ahead.listDue()).toEqual([]);
    });
  });
});

describe('a route', () => {
  const HASH = 'a1b2';

  it('tells what holds for new resources', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    expect(book.ask(channel('8'), 0).waitMs).toBe(0);
    expect(book.ask(channel('8'), 0).waitMs).toBe(1_040);
    book.at(20).learn(tickets, [standing(channel('7'), 5, 4, 5_000, HASH)], 0);
    expect([1, 2, 3, 4, 5, 6].map(() => book.ask(channel('9'), 30).waitMs)).toEqual([
      0, 0, 0, 0, 0, 5_040,
    ]);
  });

  it('has a bucket by the name of the platform, and what was counted goes there', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    book.at(20).learn(tickets, [standing(channel('7'), 2, 1, 1_000, HASH)], 0);
    expect(book.view(`discord:bot:7:${HASH}`, 30)).toMatchObject({ limit: 2, used: 1 });
    expect(book.ask(channel('7'), 40).waitMs).toBe(0);
    expect(book.ask(channel('7'), 40).waitMs).toBe(982);
  });

  it('that shares the name of another shares its bucket', () => {
    const book = new Book();
    const other: LearnedLimit = {
      ...channel('7'),
      bucket: 'discord:bot:7:edit',
      route: { name: 'discord:route:edit', of: 'discord:bot:7' },
    };
    for (const limit of [channel('7'), other]) {
      const { tickets } = book.ask(limit, 0);
      book.at(20).learn(tickets, [standing(limit, 2, 1, 1_000, HASH)], 0);
    }
    expect(book.ask(channel('7'), 40).waitMs).toBeGreaterThan(0);
  });

  it('follows a name that changes', () => {
    const book = new Book();
    const { tickets } = book.ask(channel('7'), 0);
    book.at(20).learn(tickets, [standing(channel('7'), 1, 0, 1_000, HASH)], 0);
    const next = book.ask(channel('7'), 1_100);
    book.at(1_120).learn(next.tickets, [standing(channel('7'), 3, 2, 1_000, 'other')], 0);
    expect(book.view('discord:bot:7:other', 1_130)).toMatchObject({ limit: 3, used: 1 });
    expect(book.ask(channel('7'), 1_140).waitMs).toBe(0);
  });
});

/** The platform: a window begins with the first request after the last one is over. */
/** Times in which a platform takes nothing, because of what others did. */
const pauses = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: 12_000 }),
    forMs: fc.integer({ min: 50, max: 4_000 }),
  }),
  { minLength: 1, maxLength: 4 },
);

class Server {
  #endsAt = 0;
  #used = 0;
  refused = 0;

  constructor(
    private readonly tokens: number,
    private readonly windowMs: number,
  ) {}

  /** How it stands, where a request takes nothing of it. */
  look(now: number): { remaining: number; resetAfterMs: number } {
    const isOpen = now < this.#endsAt;
    return {
      remaining: this.tokens - (isOpen ? this.#used : 0),
      resetAfterMs: isOpen ? this.#endsAt - now : this.windowMs,
    };
  }

  take(now: number): { remaining: number; resetAfterMs: number } {
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.windowMs;
      this.#used = 0;
    }
    if (this.#used === this.tokens) this.refused += 1;
    else this.#used += 1;
    return { remaining: this.tokens - this.#used, resetAfterMs: this.#endsAt - now };
  }
}

interface Event {
  readonly at: number;
  run(): void;
}

/** Runs events in the order of their times, and those that they add. */
function runAll(events: Event[]): void {
  for (let steps = 0; events.length > 0; steps += 1) {
    if (steps > 20_000) throw new Error('It does not come to an end');
    events.sort((a, b) => a.at - b.at);
    events.shift()?.run();
  }
}

/** A time in which a replica is told nothing; it finds out a second later at the latest. */
interface Cut {
  readonly from: number;
  readonly forMs: number;
  readonly foundAfter: number;
}

const losses = fc.array(
  fc.record({
    replica: fc.nat({ max: 2 }),
    from: fc.integer({ min: 0, max: 8_000 }),
    forMs: fc.integer({ min: 1, max: 4_000 }),
    foundAfter: fc.integer({ min: 0, max: 1_000 }),
  }),
  { maxLength: 4 },
);

/** A replica, and the line by which it is told what is called in. */
class Line {
  readonly ahead: TakenAhead;

  constructor(
    private readonly cuts: readonly Cut[],
    clock: () => number,
    giveBack: (tickets: readonly Ticket[]) => void,
  ) {
    const isCurrent = (): boolean => !cuts.some((cut) => isIn(cut, clock(), cut.foundAfter));
    const feed = {
      get isCurrent() {
        return isCurrent();
      },
    };
    this.ahead = new TakenAhead(giveBack, feed, clock);
  }

  get isEverCut(): boolean {
    return this.cuts.length > 0;
  }

  isCut(now: number): boolean {
    return this.cuts.some((cut) => isIn(cut, now));
  }

  cut(at: (moment: number, run: () => void) => void): void {
    for (const { from, foundAfter } of this.cuts) at(from + foundAfter, () => this.ahead.lose());
  }
}

function isIn({ from, forMs, foundAfter }: Cut, now: number, after = 0): boolean {
  return now >= from + after && now < from + Math.max(forMs, foundAfter);
}

describe('against a platform that counts', () => {
  it('never sends into a window that is full, however long answers take, and lets everybody through', () => {
    const sizes = fc.record({
      tokens: fc.integer({ min: 1, max: 5 }),
      windowMs: fc.constantFrom(250, 1_000, 5_000),
    });
    const requests = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 10_000 }),
        there: fc.integer({ min: 0, max: 240 }),
        back: fc.integer({ min: 0, max: 900 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(sizes, requests, ({ tokens, windowMs }, script) => {
        const book = new Book();
        const server = new Server(tokens, windowMs);
        const limit = channel('7');
        let answered = 0;
        const events: Event[] = [];
        const go = (at: number, way: (typeof script)[number], held: readonly Ticket[]): void => {
          events.push({
            at,
            run() {
              const { tickets, waitMs } = book.ask(limit, at, { held });
              if (waitMs > 0) return go(Math.ceil(at + waitMs), way, tickets);
              events.push({
                at: at + way.there,
                run() {
                  const { remaining, resetAfterMs } = server.take(at + way.there);
                  const back = at + way.there + way.back;
                  events.push({
                    at: back,
                    run() {
                      answered += 1;
                      const news = standing(limit, tokens, remaining, resetAfterMs, 'hash');
                      book.at(back).learn(tickets, [news], 0);
                    },
                  });
                },
              });
            },
          });
        };
        for (const way of script) go(way.at, way, []);
        runAll(events);
        expect(server.refused).toBe(0);
        expect(answered).toBe(script.length);
      }),
      { numRuns: 300 },
    );
  });

  it('meets a shared 429 only with what was on its way, and keeps count of its own window', () => {
    const sizes = fc.record({
      tokens: fc.integer({ min: 2, max: 6 }),
      windowMs: fc.constantFrom(1_000, 5_000, 20_000),
    });
    const requests = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 10_000 }),
        there: fc.integer({ min: 0, max: 240 }),
        back: fc.integer({ min: 0, max: 400 }),
      }),
      { minLength: 20, maxLength: 60 },
    );
    let met = 0;
    fc.assert(
      fc.property(sizes, requests, pauses, ({ tokens, windowMs }, script, shared) => {
        const book = new Book();
        const server = new Server(tokens, windowMs);
        const limit = channel('7');
        const needless: number[] = [];
        let answered = 0;
        let knownUntil = 0;
        const events: Event[] = [];
        const ask = (at: number, way: (typeof script)[number], held: readonly Ticket[]): void => {
          const { tickets, waitMs } = book.ask(limit, at, { held });
          if (waitMs > 0) {
            const next = Math.ceil(at + waitMs);
            events.push({ at: next, run: () => ask(next, way, tickets) });
            return;
          }
          if (at < knownUntil) needless.push(at);
          const arrives = at + way.there;
          events.push({ at: arrives, run: () => arrive(arrives, way, tickets) });
        };
        const arrive = (at: number, way: (typeof script)[number], tickets: readonly Ticket[]) => {
          const pause = shared.find(({ from, forMs }) => at >= from && at < from + forMs);
          const back = at + way.back;
          const hear = (news: LimitNews[], then: () => void): void => {
            events.push({ at: back, run: () => (book.at(back).learn(tickets, news, 0), then()) });
          };
          if (!pause) {
            const { remaining, resetAfterMs } = server.take(at);
            hear([standing(limit, tokens, remaining, resetAfterMs, 'hash')], () => (answered += 1));
            return;
          }
          met += 1;
          const { remaining, resetAfterMs } = server.look(at);
          const forMs = pause.from + pause.forMs - at;
          const told = standing(limit, tokens, remaining, resetAfterMs, 'hash');
          hear([told, { bucket: limit.bucket, kind: 'paused', forMs }], () => {
            // What was counted from when its answer came ends no earlier than it should.
            knownUntil = Math.max(knownUntil, back + forMs);
            ask(back, way, []);
          });
        };
        for (const way of script) events.push({ at: way.at, run: () => ask(way.at, way, []) });
        runAll(events);
        expect(needless).toEqual([]);
        expect(server.refused).toBe(0);
        expect(answered).toBe(script.length);
      }),
      { numRuns: 200 },
    );
    expect(met).toBeGreaterThan(100);
  });

  it(
    'never sends too much of what several replicas have taken ahead, and lets everybody through',
    { timeout: 60_000 },
    () => {
      const requests = fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 6_000 }),
          replica: fc.nat({ max: 2 }),
          /** How long a round takes to answer, and a request to get there and back. */
          round: fc.integer({ min: 0, max: 40 }),
          there: fc.integer({ min: 0, max: 200 }),
          back: fc.integer({ min: 0, max: 400 }),
        }),
        { minLength: 150, maxLength: 300 },
      );
      const sizes = fc.record({
        tokens: fc.integer({ min: 20, max: 200 }),
        windowMs: fc.constantFrom(1_500, 3_000, 20_000),
        /** How long a word takes from one replica to the others. */
        word: fc.integer({ min: 0, max: 60 }),
      });
      let spentAhead = 0;
      let calledIn = 0;
      fc.assert(
        fc.property(sizes, requests, losses, (size, script, cuts) => {
          const { tokens, windowMs, word } = size;
          let now = 0;
          const book = new Book();
          const server = new Server(tokens, windowMs);
          const limit = bucket({ assumed: { tokens: 1, windowMs } });
          let answered = 0;
          const events: Event[] = [];
          const at = (moment: number, run: () => void): void => {
            events.push({ at: moment, run: () => ((now = Math.max(now, moment)), run()) });
          };
          /** One round; what it calls in is told to whoever hears. */
          const decide = <T>(work: (ledger: Ledger) => T): T => {
            const ledger = book.at(now);
            const decided = work(ledger);
            calledIn += ledger.calledIn.length;
            for (const line of lines)
              for (const row of ledger.calledIn)
                at(now + word, () => line.isCut(now) || line.ahead.recall(row));
            return decided;
          };
          const lines = [0, 1, 2].map(
            (index) =>
              new Line(
                cuts.filter(({ replica }) => replica === index),
                () => now,
                (tickets) => decide((ledger) => ledger.giveBack(tickets)),
              ),
          );
          for (const line of lines) line.cut(at);
          const send = (way: (typeof script)[number], tickets: readonly Ticket[]): void => {
            const arrives = now + way.there;
            at(arrives, () => {
              const { remaining, resetAfterMs } = server.take(arrives);
              at(arrives + way.back, () => {
                answered += 1;
                const news = [standing(limit, tokens, remaining, resetAfterMs)];
                const wanted = lines[way.replica]?.ahead.countWanted(limit.bucket);
                const lease = decide((ledger) => {
                  ledger.learn(tickets, news, 0);
                  return wanted && ledger.takeAhead(limit, wanted);
                });
                const askedAt = now;
                at(now + way.round, () => lease && lines[way.replica]?.ahead.hold(lease, askedAt));
              });
            });
          };
          const ask = (way: (typeof script)[number], held: readonly Ticket[]): void => {
            const { ahead } = lines[way.replica] as Line;
            const atHand = held.length > 0 ? [] : ahead.spend([limit]);
            spentAhead += atHand.length;
            if (atHand.length > 0) return send(way, atHand);
            const [{ tickets, waitMs }, lease] = decide((ledger) => {
              const wish = { limits: [limit], priority: 'NORMAL' as const, leftMs: FOREVER, held };
              const reservation = ledger.reserve(wish);
              const wanted = ahead.countWanted(limit.bucket);
              return [reservation, wanted && ledger.takeAhead(limit, wanted)];
            });
            const askedAt = now;
            at(now + way.round, () => {
              if (lease) ahead.hold(lease, askedAt);
              if (waitMs === 0) send(way, tickets);
              else at(now + Math.ceil(waitMs), () => ask(way, tickets));
            });
          };
          for (const way of script) at(way.at, () => ask(way, []));
          runAll(events);
          for (const { ahead } of lines) ahead.clear();
          expect(server.refused).toBe(0);
          expect(answered).toBe(script.length);
        }),
        { numRuns: 60 },
      );
      expect(spentAhead).toBeGreaterThan(1_000);
      expect(calledIn).toBeGreaterThan(10);
    },
  );

  it('sends nothing of what was taken ahead a second after the platform has closed the bucket', () => {
    const requests = fc.array(
      fc.record({ at: fc.integer({ min: 0, max: 8_000 }), replica: fc.nat({ max: 2 }) }),
      { minLength: 100, maxLength: 300 },
    );
    const closings = fc.record({
      at: fc.integer({ min: 500, max: 6_000 }),
      word: fc.integer({ min: 0, max: 60 }),
      by: fc.nat({ max: 2 }),
    });
    let spentBefore = 0;
    fc.assert(
      fc.property(closings, requests, losses, (closing, script, cuts) => {
        let now = 0;
        const book = new Book();
        const limit = bucket({ assumed: { tokens: 1, windowMs: 60_000 } });
        const first = book.ask(limit, 0);
        book.at(0).learn(first.tickets, [standing(limit, 10_000, 9_999, 60_000)], 0);
        const events: Event[] = [];
        const at = (moment: number, run: () => void): void => {
          events.push({ at: moment, run: () => ((now = Math.max(now, moment)), run()) });
        };
        const lines = [0, 1, 2].map(
          (index) =>
            new Line(
              cuts.filter(({ replica }) => replica === index),
              () => now,
              (tickets) => book.at(now).giveBack(tickets),
            ),
        );
        for (const line of lines) line.cut(at);
        at(closing.at, () => {
          const ledger = book.at(now);
          ledger.learn(first.tickets, [{ bucket: 'helix', kind: 'closed', forMs: 30_000 }], 0);
          expect(ledger.calledIn).toEqual(['helix']);
          lines[closing.by]?.ahead.drop('helix');
          for (const line of lines)
            at(now + closing.word, () => line.isCut(now) || line.ahead.recall('helix'));
        });
        const late: number[] = [];
        for (const one of script)
          at(one.at, () => {
            const { ahead, isEverCut } = lines[one.replica] as Line;
            if (ahead.spend([limit]).length > 0) {
              spentBefore += 1;
              if (now > closing.at + (isEverCut ? 999 : closing.word)) late.push(now);
              return;
            }
            const wanted = ahead.countWanted('helix');
            const lease = wanted && book.at(now).takeAhead(limit, wanted);
            if (lease) ahead.hold(lease, now);
          });
        runAll(events);
        expect(late).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(spentBefore).toBeGreaterThan(1_000);
  });

  it(
    'keeps a window of all channels together, and starves nobody who is late to ask again',
    { timeout: 60_000 },
    () => {
      const all: WindowLimit = { kind: 'window', bucket: 'all', tokens: 10, windowMs: 1_000 };
      const requests = fc.array(
        fc.record({
          at: fc.integer({ min: 0, max: 500 }),
          channel: fc.integer({ min: 1, max: 8 }),
          /** How late each of its timers is. */
          lag: fc.integer({ min: 0, max: 150 }),
          way: fc.integer({ min: 0, max: 240 }),
        }),
        { minLength: 40, maxLength: 120 },
      );
      fc.assert(
        fc.property(requests, (script) => {
          const book = new Book();
          const servers = new Map<number, Server>();
          const arrived: number[] = [];
          const events: Event[] = [];
          const go = (at: number, one: (typeof script)[number], held: readonly Ticket[]): void => {
            const limit = channel(String(one.channel));
            const ask = (): void => {
              const { tickets, waitMs } = book.ask([limit, all], at, { held });
              const wait = Math.ceil(Math.min(waitMs, 1_000));
              if (waitMs > 0) return go(at + wait + one.lag, one, tickets);
              const there = at + one.way;
              const arrive = (): void => {
                arrived.push(there);
                const server = servers.get(one.channel) ?? new Server(3, 1_000);
                servers.set(one.channel, server);
                const { remaining, resetAfterMs } = server.take(there);
                const news = standing(limit, 3, remaining, resetAfterMs, 'hash');
                const answer = (): void => book.at(there + one.way).learn(tickets, [news], 0);
                events.push({ at: there + one.way, run: answer });
              };
              events.push({ at: there, run: arrive });
            };
            events.push({ at, run: ask });
          };
          for (const one of script) go(one.at, one, []);
          runAll(events);
          expect(arrived).toHaveLength(script.length);
          expect([...servers.values()].map(({ refused }) => refused)).not.toContain(1);
          const sorted = arrived.toSorted((a, b) => a - b);
          const tooNear = sorted.filter((at, n) => (sorted[n + 10] ?? Infinity) < at + 1_000);
          expect(tooNear).toEqual([]);
          // Ten in about 1.5 s, or three in about 1.5 s for each channel, whichever holds more back.
          const fullest = Math.max(
            ...[1, 2, 3, 4, 5, 6, 7, 8].map(
              (id) => script.filter((one) => one.channel === id).length,
            ),
          );
          const ideal = Math.max((script.length / 10) * 1_500, (fullest / 3) * 1_500);
          expect(sorted.at(-1)).toBeLessThan(ideal * 1.5 + 4_000);
        }),
        { numRuns: 50 },
      );
    },
  );
});
