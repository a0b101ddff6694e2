// Real: the sliding windows. Fake: the clock, which is a number handed in.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limit } from '../../src/actions/action.js';
import { ActionFailure } from '../../src/actions/failures.js';
import { Limits, type Spending } from '../../src/safeguards/limits.js';

const FOREVER = Number.MAX_SAFE_INTEGER;

const limit = (
  bucket: string,
  tokens: number,
  windowMs: number,
  more: Partial<Limit> = {},
): Limit => ({
  bucket,
  tokens,
  windowMs,
  ...more,
});

/** Reserves some times over and gives the moments. */
function reserve(limits: Limits, wanted: readonly Limit[], times: number, now = 0): number[] {
  return Array.from({ length: times }, () => limits.reserve(wanted, now, FOREVER).at);
}

/** Why a reservation is refused; fails when it is not. */
function refuse(
  limits: Limits,
  wanted: readonly Limit[],
  now: number,
  answerBy: number,
): ActionFailure {
  try {
    limits.reserve(wanted, now, answerBy);
  } catch (error) {
    if (error instanceof ActionFailure) return error;
    throw error;
  }
  throw new Error('It was reserved');
}

/** A limit of distinct recipients. */
const whisper = (member: string, tokens: number): Limit[] => [
  limit('day', tokens, 1_000, { member }),
];

/** Whether no window of a limit holds more than its tokens. */
function isKept({ tokens, windowMs }: Limit, moments: readonly number[]): boolean {
  return moments.every(
    (end) => moments.filter((moment) => moment > end - windowMs && moment <= end).length <= tokens,
  );
}

/** The moments of every token that is taken of a bucket. */
function listMoments(spent: readonly Spending[], bucket: string): number[] {
  return spent.flatMap(({ at, limits }) =>
    limits
      .filter((taken) => taken.bucket === bucket)
      .flatMap(({ cost = 1 }) => Array.from({ length: cost }, () => at)),
  );
}

describe('Limits', () => {
  it('lets a window through at once, and the rest as the window slides', () => {
    const limits = new Limits();
    const chat = [limit('chat', 3, 1_000)];
    expect(reserve(limits, chat, 2)).toEqual([0, 0]);
    expect(reserve(limits, chat, 1, 400)).toEqual([400]);
    expect(reserve(limits, chat, 4, 500)).toEqual([1_000, 1_000, 1_400, 2_000]);
  });

  it('never lets twice a window through, as a refilled bucket would', () => {
    const limits = new Limits();
    const chat = [limit('chat', 20, 30_000)];
    reserve(limits, chat, 20, 29_999);
    expect(reserve(limits, chat, 1, 30_001)).toEqual([59_999]);
  });

  it('is ready at the very moment the window ends, and not before', () => {
    const limits = new Limits();
    const raid = [limit('raid', 1, 1_000)];
    reserve(limits, raid, 1);
    expect(limits.predictWait(raid, 999)).toBe(1);
    expect(limits.predictWait(raid, 1_000)).toBe(0);
  });

  it('keeps buckets apart', () => {
    const limits = new Limits();
    expect(reserve(limits, [limit('a', 1, 1_000)], 2)).toEqual([0, 1_000]);
    expect(reserve(limits, [limit('b', 1, 1_000)], 2)).toEqual([0, 1_000]);
  });

  it('refuses at once what does not fit the time of the caller, saying why and until when', () => {
    const limits = new Limits();
    const wanted = [limit('helix', 800, 60_000), limit('twitch:announcement:1', 1, 2_000)];
    reserve(limits, wanted, 1);
    const failure = refuse(limits, wanted, 500, 1_500);
    expect(failure.code).toBe('RATE_LIMITED');
    expect(failure.message).toBe(
      'The limit of 1 in 2 s is spent (twitch:announcement:1); next in 2 s',
    );
    expect(failure.details.retryAfterMs).toBe(1_500);
  });

  it('takes nothing for what it refuses', () => {
    const limits = new Limits();
    const wanted = [limit('wide', 2, 1_000), limit('narrow', 1, 1_000)];
    reserve(limits, wanted, 1);
    refuse(limits, wanted, 0, 500);
    expect(reserve(limits, [limit('wide', 2, 1_000)], 1)).toEqual([0]);
  });

  it('needs time beyond the wait itself', () => {
    const limits = new Limits();
    const chat = [limit('chat', 1, 1_000)];
    reserve(limits, chat, 1);
    expect(refuse(limits, chat, 0, 1_000).code).toBe('RATE_LIMITED');
    expect(limits.reserve(chat, 0, 1_001).at).toBe(1_000);
  });

  it('is taken at once by who has no time left, as long as nothing is to be waited for', () => {
    expect(new Limits().reserve([limit('chat', 1, 1_000)], 5, 5).at).toBe(5);
  });

  it('finds the first moment that suits all limits', () => {
    const limits = new Limits();
    const both = [limit('second', 3, 1_000), limit('minute', 5, 60_000)];
    expect(reserve(limits, both, 6)).toEqual([0, 0, 0, 1_000, 1_000, 60_000]);
  });

  it('holds nobody back at one limit for whoever waits for another', () => {
    const limits = new Limits();
    const all = limit('helix:1001', 800, 60_000);
    const moderators = [all, limit('mod_add', 10, 10_000)];
    expect(reserve(limits, moderators, 30).at(-1)).toBe(20_000);
    expect(reserve(limits, [all, limit('chat', 100, 30_000)], 1, 5)).toEqual([5]);
  });

  it('counts those who were reserved for later, when somebody steps in before them', () => {
    const limits = new Limits();
    const shared = limit('shared', 2, 1_000);
    expect(reserve(limits, [shared, limit('slow', 1, 700)], 2)).toEqual([0, 700]);
    // One more fits before 700, a second one would make three within (0, 1000].
    expect(reserve(limits, [shared], 2, 100)).toEqual([1_000, 1_700]);
  });

  it('counts what an action costs', () => {
    const limits = new Limits();
    const upload = [limit('units', 10, 1_000, { cost: 4 })];
    expect(reserve(limits, upload, 3)).toEqual([0, 0, 1_000]);
    expect(reserve(limits, [limit('units', 10, 1_000)], 3)).toEqual([0, 0, 1_000]);
  });

  describe('of distinct members', () => {
    it('counts each once in a window', () => {
      const limits = new Limits();
      expect(reserve(limits, whisper('a', 2), 5)).toEqual([0, 0, 0, 0, 0]);
      expect(reserve(limits, whisper('b', 2), 5, 100)).toEqual([100, 100, 100, 100, 100]);
      expect(reserve(limits, whisper('c', 2), 1, 200)).toEqual([1_000]);
      expect(reserve(limits, whisper('b', 2), 1, 300)).toEqual([300]);
    });

    it('counts one anew once its window is over', () => {
      const limits = new Limits();
      reserve(limits, whisper('a', 2), 1, 0);
      reserve(limits, whisper('b', 2), 1, 900);
      expect(reserve(limits, whisper('a', 2), 1, 1_000)).toEqual([1_000]);
      expect(reserve(limits, whisper('c', 2), 1, 1_001)).toEqual([1_900]);
    });

    it('counts one anew that another limit holds back beyond its window', () => {
      const limits = new Limits();
      reserve(limits, whisper('a', 2), 1, 0);
      reserve(limits, whisper('b', 2), 1, 950);
      const gate = limit('gate', 1, 500);
      reserve(limits, [gate], 1, 900);
      // At 990 a is counted still; at 1400, when the gate opens, it is not.
      expect(reserve(limits, [...whisper('a', 2), gate], 1, 990)).toEqual([1_400]);
      expect(reserve(limits, whisper('c', 2), 1, 1_500)).toEqual([1_950]);
    });
  });

  describe('giveBack', () => {
    it('frees what was taken, at every limit', () => {
      const limits = new Limits();
      const wanted = [limit('a', 1, 1_000), limit('b', 3, 2_000, { cost: 3 })];
      limits.giveBack(limits.reserve(wanted, 0, FOREVER));
      expect(reserve(limits, wanted, 1)).toEqual([0]);
    });

    it('frees a member for whom a token was taken', () => {
      const limits = new Limits();
      limits.giveBack(limits.reserve(whisper('a', 1), 0, FOREVER));
      expect(reserve(limits, whisper('b', 1), 1)).toEqual([0]);
      expect(limits.predictWait(whisper('a', 1), 0)).toBe(1_000);
    });

    it('leaves the member counted when it had taken nothing for it', () => {
      const limits = new Limits();
      limits.reserve(whisper('a', 1), 0, FOREVER);
      const free = limits.reserve(whisper('a', 1), 0, FOREVER);
      limits.giveBack(free);
      expect(limits.predictWait(whisper('b', 1), 0)).toBe(1_000);
    });

    it('survives buckets that are forgotten by now', () => {
      const limits = new Limits();
      const spending = limits.reserve([limit('a', 1, 1_000)], 0, FOREVER);
      limits.reserve([limit('b', 1, 1_000)], 200_000, FOREVER);
      expect(() => limits.giveBack(spending)).not.toThrow();
    });
  });

  it('forgets no window that still holds something, however long ago it was swept', () => {
    const limits = new Limits();
    const day = [limit('day', 1, 86_400_000, { member: 'a' })];
    reserve(limits, day, 1);
    for (let now = 0; now < 86_400_000; now += 3_600_000)
      reserve(limits, [limit('x', 9, 10)], 1, now);
    const other = [limit('day', 1, 86_400_000, { member: 'b' })];
    expect(limits.predictWait(other, 86_399_000)).toBe(1_000);
  });

  describe('as a whole', () => {
    const LIMITS: readonly Limit[] = [
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

    it('keeps every window at every moment, and makes nobody wait longer than that takes', () => {
      fc.assert(
        fc.property(steps, (script) => {
          const limits = new Limits();
          let spent: Spending[] = [];
          let now = 0;
          const fits = (wanted: readonly Limit[], at: number): boolean =>
            wanted.every((one) =>
              isKept(one, listMoments([...spent, { at, limits: [one] }], one.bucket)),
            );
          for (const { pause, wanted, budget, isGivenBack } of script) {
            now += pause;
            let first = now;
            while (!fits(wanted, first)) first += 1;
            expect(limits.predictWait(wanted, now)).toBe(first - now);
            const isTooLate = first > now && first >= now + budget;
            const outcome = isTooLate
              ? refuse(limits, wanted, now, now + budget).details
              : limits.reserve(wanted, now, now + budget);
            expect(outcome).toEqual(
              isTooLate ? { retryAfterMs: first - now } : { at: first, limits: wanted },
            );
            if (isTooLate) continue;
            const spending = { at: first, limits: wanted };
            if (isGivenBack) limits.giveBack(spending);
            else spent.push(spending);
          }
          for (const one of LIMITS) expect(isKept(one, listMoments(spent, one.bucket))).toBe(true);
        }),
        { numRuns: 300 },
      );
    });

    it('lets equals leave in order of arrival', () => {
      fc.assert(
        fc.property(steps, (script) => {
          const limits = new Limits();
          const last = new Map<string, number>();
          let now = 0;
          for (const { pause, wanted } of script) {
            now += pause;
            const { at } = limits.reserve(wanted, now, FOREVER);
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
