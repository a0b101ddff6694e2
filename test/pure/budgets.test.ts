// Real: what is decided about daily ledgers, noes and callers' minutes. Fake: the clock.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Priority } from '../../src/actions/envelope.js';
import { ActionFailure } from '../../src/actions/failures.js';
import type { DailyLimit, Limit, RefusalLimit } from '../../src/actions/limit.js';
import { countToQuotaReset } from '../../src/platforms/youtube/quota.js';
import { CallerBudgets } from '../../src/safeguards/caller-budgets.js';
import {
  type BucketState,
  describeState,
  Ledger,
  type Ticket,
} from '../../src/safeguards/buckets/ledger.js';
import { makeLimits, MemoryRows, MemoryStates } from '../support/limits.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 20, 20);

const day = (more: Partial<DailyLimit> = {}): DailyLimit => ({
  kind: 'daily',
  bucket: 'youtube:units:p',
  units: 1_000,
  reserve: 100,
  cost: 50,
  countToReset: countToQuotaReset,
  ...more,
});

class Book {
  readonly rows = new MemoryRows();

  at(now: number): Ledger {
    return new Ledger(this.rows, now);
  }

  take(limit: Limit, now: number, priority: Priority = 'NORMAL'): readonly Ticket[] {
    return this.at(now).reserve({ limits: [limit], priority, leftMs: 1e9 }).tickets;
  }

  /** Why it is refused, or undefined when it is not. */
  refuse(limit: Limit, now: number, priority: Priority = 'NORMAL'): ActionFailure | undefined {
    try {
      this.take(limit, now, priority);
      return undefined;
    } catch (error) {
      if (error instanceof ActionFailure) return error;
      throw error;
    }
  }

  view(row: string, now: number) {
    return describeState(this.rows.get(row) as BucketState, now);
  }
}

describe('a daily ledger', () => {
  it('gives what there is, but for the reserve, which HIGH may take', () => {
    const book = new Book();
    for (let n = 0; n < 18; n += 1) book.take(day(), NOON);
    const failure = book.refuse(day(), NOON);
    expect(failure?.code).toBe('QUOTA_EXHAUSTED');
    expect(failure?.message).toBe(
      'The 1000 units of the day are spent, but for 100 that priority HIGH may take (youtube:units:p); next in 43200 s, at 2026-11-21T08:00:00.000Z',
    );
    expect(failure?.details.retryAfterMs).toBe(12 * HOUR);
    expect(book.refuse(day({ cost: 1 }), NOON, 'LOW')?.code).toBe('QUOTA_EXHAUSTED');
    expect(book.refuse(day(), NOON, 'HIGH')).toBeUndefined();
    expect(book.refuse(day(), NOON, 'HIGH')).toBeUndefined();
    expect(book.refuse(day({ cost: 1 }), NOON, 'HIGH')?.code).toBe('QUOTA_EXHAUSTED');
    expect(book.view('youtube:units:p', NOON)).toEqual({
      limit: 1_000,
      used: 1_000,
      left: 0,
      resetInMs: 12 * HOUR,
      reserve: 100,
    });
  });

  it('is never waited for, however long the caller would', () => {
    const book = new Book();
    book.take(day({ cost: 900 }), NOON);
    const midnight = NOON + countToQuotaReset(NOON);
    expect(book.refuse(day(), midnight - 1)?.details.retryAfterMs).toBe(1);
    expect(book.refuse(day(), midnight)).toBeUndefined();
  });

  it.each([
    ['that loses an hour', Date.UTC(2026, 2, 8, 8), 23],
    ['that gains one', Date.UTC(2026, 10, 1, 7), 25],
    ['like any other', Date.UTC(2026, 10, 20, 8), 24],
  ])('lasts as long as a Pacific day %s', (_name, midnight, hours) => {
    const book = new Book();
    book.take(day({ cost: 900 }), midnight);
    expect(book.refuse(day(), midnight)?.details.retryAfterMs).toBe(hours * HOUR);
    expect(book.refuse(day(), midnight + hours * HOUR - 1)).toBeDefined();
    expect(book.refuse(day(), midnight + hours * HOUR)).toBeUndefined();
  });

  it('is spent when the platform says so, until its day ends', () => {
    const book = new Book();
    const tickets = book.take(day(), NOON);
    book.at(NOON).learn(tickets, [{ bucket: 'youtube:units:p', kind: 'spent' }], 0);
    expect(book.refuse(day(), NOON, 'HIGH')?.code).toBe('QUOTA_EXHAUSTED');
    expect(book.refuse(day(), NOON + 12 * HOUR)).toBeUndefined();
  });

  it('is not spent today for what was said of yesterday', () => {
    const book = new Book();
    const tickets = book.take(day(), NOON);
    book.at(NOON + 13 * HOUR).learn(tickets, [{ bucket: 'youtube:units:p', kind: 'spent' }], 0);
    expect(book.refuse(day(), NOON + 13 * HOUR)).toBeUndefined();
  });

  it('is never over-committed, and its reserve is left to HIGH', () => {
    const steps = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 3 * HOUR }),
        cost: fc.integer({ min: 1, max: 400 }),
        priority: fc.constantFrom<Priority>('NORMAL', 'LOW', 'HIGH'),
        isGivenBack: fc.constantFrom(false, false, true),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (script) => {
        const book = new Book();
        let now = NOON;
        let spent = { endsAt: 0, all: 0 };
        for (const { pause, cost, priority, isGivenBack } of script) {
          now += pause;
          if (now >= spent.endsAt) spent = { endsAt: now + countToQuotaReset(now), all: 0 };
          const fits = spent.all + cost <= (priority === 'HIGH' ? 1_000 : 900);
          const failure = book.refuse(day({ cost }), now, priority);
          expect(failure === undefined).toBe(fits);
          if (!fits) continue;
          if (isGivenBack) {
            // What was taken by the call above is the newest of its kind.
            const mark = { endsAt: spent.endsAt, cost };
            book.at(now).giveBack([{ row: 'youtube:units:p', limit: day(), mark }]);
          } else spent.all += cost;
          expect(book.view('youtube:units:p', now)?.used).toBe(spent.all);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('limits on refusals', () => {
  const noes: RefusalLimit = {
    kind: 'noes',
    bucket: 'discord:noes',
    noes: 3,
    windowMs: 10 * MINUTE,
  };

  /** Says no some times over. */
  function refuseTimes(book: Book, times: number, now: number): void {
    const tickets = book.take(noes, now);
    for (let n = 0; n < times; n += 1)
      book.at(now).learn(tickets, [{ bucket: 'discord:noes', kind: 'no' }], 0);
  }

  it('stop everything once they are too many, until the oldest are out of sight', () => {
    const book = new Book();
    refuseTimes(book, 1, 0);
    refuseTimes(book, 1, 5 * MINUTE);
    expect(book.refuse(noes, 6 * MINUTE)).toBeUndefined();
    refuseTimes(book, 1, 6 * MINUTE);
    const failure = book.refuse(noes, 7 * MINUTE);
    expect(failure?.code).toBe('RATE_LIMITED');
    // The slot of the first one is 15 seconds long, and counts until its end.
    expect(failure?.details.retryAfterMs).toBe(3 * MINUTE + 15_000);
    expect(book.refuse(noes, 10 * MINUTE + 15_000)).toBeUndefined();
    expect(book.view('discord:noes', 7 * MINUTE)).toMatchObject({ limit: 3, used: 3, left: 0 });
  });

  it('never let more through than they may, in any ten minutes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 * MINUTE }), { maxLength: 80 }),
        (pauses) => {
          const book = new Book();
          const said: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            if (book.refuse(noes, now)) continue;
            refuseTimes(book, 1, now);
            said.push(now);
          }
          for (const end of said) {
            const since = end - 10 * MINUTE;
            expect(said.filter((at) => at > since && at <= end).length).toBeLessThanOrEqual(3);
          }
        },
      ),
    );
  });

  it('of a lock-out stop everything for as long as it says', () => {
    const book = new Book();
    const tickets = book.take(noes, 0);
    book.at(0).learn(tickets, [{ bucket: 'discord:noes', kind: 'closed', forMs: 5_000 }], 0);
    expect(book.refuse(noes, 4_999)?.details.retryAfterMs).toBe(1);
    expect(book.refuse(noes, 5_000)).toBeUndefined();
  });
});

/** How many of some requests are let through. */
async function count(budgets: readonly CallerBudgets[], requests: number): Promise<number> {
  let through = 0;
  for (let n = 0; n < requests; n += 1) {
    const one = budgets[n % budgets.length];
    await Promise.resolve(one?.spend('bot')).then(
      () => (through += 1),
      (error: unknown) => expect(error).toMatchObject({ code: 'RATE_LIMITED' }),
    );
  }
  return through;
}

describe("a caller's minute", () => {
  /** As many replicas as wanted, over the same rows at the same time. */
  function join(perMinute: number, now: () => number): CallerBudgets {
    return new CallerBudgets(makeLimits(new MemoryStates(now, shared)), {
      CALLER_REQUESTS_PER_MINUTE: perMinute,
    });
  }
  let shared = new MemoryRows();

  it.each([1, 7, 250])('of %i is never exceeded by three replicas together', async (perMinute) => {
    shared = new MemoryRows();
    const replicas = [1, 2, 3].map(() => join(perMinute, () => 10 * MINUTE));
    const through = await count(replicas, 600);
    expect(through).toBeLessThanOrEqual(perMinute);
    // What is leased and lies idle elsewhere is a hundredth for each replica.
    expect(through).toBeGreaterThanOrEqual(Math.min(600, perMinute) * 0.97 - 1);
  });

  it('begins anew with every minute of the database', async () => {
    shared = new MemoryRows();
    let now = 10 * MINUTE + 59_999;
    const budgets = [join(5, () => now)];
    expect(await count(budgets, 5)).toBeLessThanOrEqual(5);
    now += 1;
    await expect.poll(() => count(budgets, 1)).toBe(1);
  });

  it('tells when the next one begins', async () => {
    shared = new MemoryRows();
    const budgets = join(1, () => 10 * MINUTE + 40_000);
    await budgets.spend('bot');
    const failure = await Promise.resolve(budgets.spend('bot')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'RATE_LIMITED' });
    const { retryAfterMs = 0 } = (failure as ActionFailure).details;
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(20_000);
  });

  it('tells what is left, of what this replica leased and of what no replica has', async () => {
    shared = new MemoryRows();
    const [one, other] = [1, 2].map(() => join(300, () => 10 * MINUTE + 40_000));
    expect(one?.describe('bot')).toEqual({ perMinute: 300 });
    await one?.spend('bot');
    await other?.spend('bot');
    // The second has leased three, of which the first does not know.
    expect(one?.describe('bot')?.now?.left).toBe(299);
    expect(other?.describe('bot')?.now?.left).toBe(296);
    const endsInMs = other?.describe('bot')?.now?.endsInMs ?? 0;
    expect(endsInMs).toBeGreaterThan(0);
    expect(endsInMs).toBeLessThanOrEqual(20_000);
    expect(join(0, () => 0).describe('bot')).toBeUndefined();
    expect(one?.describe('bot', 7)?.perMinute).toBe(7);
  });

  it('is of each caller alone, and 0 sets no limit', async () => {
    shared = new MemoryRows();
    const one = join(1, () => 0);
    await one.spend('a');
    await one.spend('b');
    await expect(one.spend('a')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await count([join(0, () => 0)], 50)).toBe(50);
  });
});
