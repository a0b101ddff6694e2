// Real: what is decided about limits, as pure functions. Fake: the clock, which is a number handed in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActionFailure } from '../../src/actions/failures.js';
import type { WindowLimit } from '../../src/actions/limit.js';
import { Ledger, type Ticket } from '../../src/safeguards/buckets/ledger.js';
import { widen } from '../../src/safeguards/buckets/window.js';
import { MemoryRows } from '../support/limits.js';

const FOREVER = Number.MAX_SAFE_INTEGER;

/** What was taken, and when it may be used. */
interface Spending {
  readonly at: number;
  readonly tickets: readonly Ticket[];
}

/** Rows in memory, and decisions about them at times that a test names. */
class Book {
  readonly #rows = new MemoryRows();

  at(now: number): Ledger {
    return new Ledger(this.#rows, now);
  }

  reserve(limits: readonly WindowLimit[], now: number, answerBy: number): Spending {
    const wish = { limits, priority: 'NORMAL', leftMs: answerBy - now } as const;
    const { tickets, waitMs } = this.at(now).reserve(wish);
    return { at: now + waitMs, tickets };
  }

  predictWait(limits: readonly WindowLimit[], now: number): number {
    return new Ledger(new MemoryRows(this.#rows), now).predictWait(limits, 'NORMAL');
  }

  giveBack({ at, tickets }: Spending): void {
    this.at(at).giveBack(tickets);
  }
}

const limit = (
  bucket: string,
  tokens: number,
  windowMs: number,
  more: Partial<WindowLimit> = {},
): WindowLimit => ({
  kind: 'window',
  bucket,
  tokens,
  windowMs,
  ...more,
});

/** Reserves some times over and gives the moments. */
function reserve(book: Book, wanted: readonly WindowLimit[], times: number, now = 0): number[] {
  return Array.from({ length: times }, () => book.reserve(wanted, now, FOREVER).at);
}

/** Why a reservation is refused; fails when it is not. */
function refuse(
  book: Book,
  wanted: readonly WindowLimit[],
  now: number,
  answerBy: number,
): ActionFailure {
  try {
    book.reserve(wanted, now, answerBy);
  } catch (error) {
    if (error instanceof ActionFailure) return error;
    throw error;
  }
  throw new Error('It was reserved');
}

/** A limit of distinct recipients. */
const whisper = (member: string, tokens: number): WindowLimit[] => [
  limit('day', tokens, 1_000, { member }),
];

/** Whether no window of a limit, its margin included, holds more than its tokens. */
function isKept({ tokens, windowMs }: WindowLimit, moments: readonly number[]): boolean {
  const width = widen(windowMs);
  return moments.every(
    (end) => moments.filter((moment) => moment > end - width && moment <= end).length <= tokens,
  );
}

/** The moments of every token that is taken of a bucket. */
function listMoments(
  spent: readonly { at: number; limits: readonly WindowLimit[] }[],
  bucket: string,
): number[] {
  return spent.flatMap(({ at, limits }) =>
    limits
      .filter((taken) => taken.bucket === bucket)
      .flatMap(({ cost = 1 }) => Array.from({ length: cost }, () => at)),
  );
}

it.each([
  [1_000, 1_050],
  [2_000, 2_100],
  [30_000, 30_500],
  [600_000, 600_500],
])('a window of %i ms has a margin for the way: %i ms', (windowMs, width) => {
  expect(widen(windowMs)).toBe(width);
});

describe('sliding windows', () => {
  it('lets a window through at once, and the rest as the window slides', () => {
    const book = new Book();
    const chat = [limit('chat', 3, 1_000)];
    expect(reserve(book, chat, 2)).toEqual([0, 0]);
    expect(reserve(book, chat, 1, 400)).toEqual([400]);
    expect(reserve(book, chat, 4, 500)).toEqual([1_050, 1_050, 1_450, 2_100]);
  });

  it('never lets twice a window through, as a refilled bucket would', () => {
    const book = new Book();
    const chat = [limit('chat', 20, 30_000)];
    reserve(book, chat, 20, 29_999);
    expect(reserve(book, chat, 1, 30_001)).toEqual([60_499]);
  });

  it('is ready at the very moment the window ends, and not before', () => {
    const book = new Book();
    const raid = [limit('raid', 1, 1_000)];
    reserve(book, raid, 1);
    expect(book.predictWait(raid, 1_049)).toBe(1);
    expect(book.predictWait(raid, 1_050)).toBe(0);
  });

  it('keeps buckets apart', () => {
    const book = new Book();
    expect(reserve(book, [limit('a', 1, 1_000)], 2)).toEqual([0, 1_050]);
    expect(reserve(book, [limit('b', 1, 1_000)], 2)).toEqual([0, 1_050]);
  });

  it('refuses at once what does not fit the time of the caller, saying why and until when', () => {
    const book = new Book();
    const wanted = [limit('helix', 800, 60_000), limit('twitch:announcement:1', 1, 2_000)];
    reserve(book, wanted, 1);
    const failure = refuse(book, wanted, 500, 1_500);
    expect(failure.code).toBe('RATE_LIMITED');
    expect(failure.message).toBe(
      'The limit of 1 in 2 s is spent (twitch:announcement:1); next in 2 s',
    );
    expect(failure.details.retryAfterMs).toBe(1_600);
  });

  it('takes nothing for what it refuses', () => {
    const book = new Book();
    const wanted = [limit('wide', 2, 1_000), limit('narrow', 1, 1_000)];
    reserve(book, wanted, 1);
    refuse(book, wanted, 0, 500);
    expect(reserve(book, [limit('wide', 2, 1_000)], 1)).toEqual([0]);
  });

  it('needs time beyond the wait itself', () => {
    const book = new Book();
    const chat = [limit('chat', 1, 1_000)];
    reserve(book, chat, 1);
    expect(refuse(book, chat, 0, 1_050).code).toBe('RATE_LIMITED');
    expect(book.reserve(chat, 0, 1_051).at).toBe(1_050);
  });

  it('is taken at once by who has no time left, as long as nothing is to be waited for', () => {
    expect(new Book().reserve([limit('chat', 1, 1_000)], 5, 5).at).toBe(5);
  });

  it('finds the first moment that suits all limits', () => {
    const book = new Book();
    const both = [limit('second', 3, 1_000), limit('minute', 5, 60_000)];
    expect(reserve(book, both, 6)).toEqual([0, 0, 0, 1_050, 1_050, 60_500]);
  });

  it('holds no request back at one limit for one that waits for another', () => {
    const book = new Book();
    const all = limit('helix:1001', 800, 60_000);
    const moderators = [all, limit('mod_add', 10, 10_000)];
    expect(reserve(book, moderators, 30).at(-1)).toBe(21_000);
    expect(reserve(book, [all, limit('chat', 100, 30_000)], 1, 5)).toEqual([5]);
  });

  it('counts requests that were reserved for later, when another steps in before them', () => {
    const book = new Book();
    const shared = limit('shared', 2, 1_000);
    expect(reserve(book, [shared, limit('slow', 1, 700)], 2)).toEqual([0, 735]);
    // One more fits before 735, a second one would make three within (0, 1050].
    expect(reserve(book, [shared], 2, 100)).toEqual([1_050, 1_785]);
  });

  it('counts what an action costs', () => {
    const book = new Book();
    const upload = [limit('units', 10, 1_000, { cost: 4 })];
    expect(reserve(book, upload, 3)).toEqual([0, 0, 1_050]);
    expect(reserve(book, [limit('units', 10, 1_000)], 3)).toEqual([0, 0, 1_050]);
  });

  describe('of distinct members', () => {
    it('counts each once in a window', () => {
      const book = new Book();
      expect(reserve(book, whisper('a', 2), 5)).toEqual([0, 0, 0, 0, 0]);
      expect(reserve(book, whisper('b', 2), 5, 100)).toEqual([100, 100, 100, 100, 100]);
      expect(reserve(book, whisper('c', 2), 1, 200)).toEqual([1_050]);
      expect(reserve(book, whisper('b', 2), 1, 300)).toEqual([300]);
    });

    it('counts one anew once its window is over', () => {
      const book = new Book();
      reserve(book, whisper('a', 2), 1, 0);
      reserve(book, whisper('b', 2), 1, 900);
      expect(reserve(book, whisper('a', 2), 1, 1_050)).toEqual([1_050]);
      expect(reserve(book, whisper('c', 2), 1, 1_051)).toEqual([1_950]);
    });

    it('counts one anew that another limit holds back beyond its window', () => {
      const book = new Book();
      reserve(book, whisper('a', 2), 1, 0);
      reserve(book, whisper('b', 2), 1, 950);
      const gate = limit('gate', 1, 500);
      reserve(book, [gate], 1, 900);
      // At 990 a is counted still; at 1425, when the gate opens, it is not.
      expect(reserve(book, [...whisper('a', 2), gate], 1, 990)).toEqual([1_425]);
      expect(reserve(book, whisper('c', 2), 1, 1_500)).toEqual([2_000]);
    });
  });

  describe('giveBack', () => {
    it('frees what was taken, at every limit', () => {
      const book = new Book();
      const wanted = [limit('a', 1, 1_000), limit('b', 3, 2_000, { cost: 3 })];
      book.giveBack(book.reserve(wanted, 0, FOREVER));
      expect(reserve(book, wanted, 1)).toEqual([0]);
    });

    it('frees a member for whom a token was taken', () => {
      const book = new Book();
      book.giveBack(book.reserve(whisper('a', 1), 0, FOREVER));
      expect(reserve(book, whisper('b', 1), 1)).toEqual([0]);
      expect(book.predictWait(whisper('a', 1), 0)).toBe(1_050);
    });

    it('leaves the member counted when it had taken nothing for it', () => {
      const book = new Book();
      book.reserve(whisper('a', 1), 0, FOREVER);
      const free = book.reserve(whisper('a', 1), 0, FOREVER);
      book.giveBack(free);
      expect(book.predictWait(whisper('b', 1), 0)).toBe(1_050);
    });

    it('survives buckets that are forgotten by now', () => {
      const spending = new Book().reserve([limit('a', 1, 1_000)], 0, FOREVER);
      expect(() => new Book().giveBack(spending)).not.toThrow();
    });
  });

  describe('as a whole', () => {
    const LIMITS: readonly WindowLimit[] = [
      limit('a', 1, 7),
      limit('b', 2, 10),
      limit('c', 3, 4),
      limit('d', 4, 15, { cost: 2 }),
    ];
    const steps = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 6 }),
        wanted: fc.subarray([...LIMITS], { minLength: 1 }),
        budget: fc.constantFrom(0, 5, 20, 1_000),
        isGivenBack: fc.constantFrom(false, false, false, true),
      }),
      { maxLength: 40 },
    );

    it('keeps every window at every moment, and makes no request wait longer than that takes', () => {
      fc.assert(
        fc.property(steps, (script) => {
          const book = new Book();
          const spent: { at: number; limits: readonly WindowLimit[] }[] = [];
          let now = 0;
          const fits = (wanted: readonly WindowLimit[], at: number): boolean =>
            wanted.every((one) =>
              isKept(one, listMoments([...spent, { at, limits: [one] }], one.bucket)),
            );
          for (const { pause, wanted, budget, isGivenBack } of script) {
            now += pause;
            let first = now;
            while (!fits(wanted, first)) first += 1;
            expect(book.predictWait(wanted, now)).toBe(first - now);
            const isTooLate = first > now && first >= now + budget;
            const spending = isTooLate ? undefined : book.reserve(wanted, now, now + budget);
            const retryAfterMs =
              spending === undefined &&
              refuse(book, wanted, now, now + budget).details.retryAfterMs;
            expect(spending?.at ?? now + Number(retryAfterMs)).toBe(first);
            if (!spending) continue;
            if (isGivenBack) book.giveBack(spending);
            else spent.push({ at: first, limits: wanted });
          }
          for (const one of LIMITS) expect(isKept(one, listMoments(spent, one.bucket))).toBe(true);
        }),
        { numRuns: 300 },
      );
    });

    it('lets equals leave in order of arrival', () => {
      fc.assert(
        fc.property(steps, (script) => {
          const book = new Book();
          const last = new Map<string, number>();
          let now = 0;
          for (const { pause, wanted } of script) {
            now += pause;
            const { at } = book.reserve(wanted, now, FOREVER);
            const kind = wanted.map(({ bucket }) => bucket).join();
            expect(at).toBeGreaterThanOrEqual(last.get(kind) ?? 0);
            last.set(kind, at);
          }
        }),
        { numRuns: 300 },
      );
    });
  });
});
