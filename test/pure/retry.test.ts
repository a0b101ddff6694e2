// Real: the decision. Nothing is fake, since it takes and gives plain values.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempt, decideRetry, type RetryDecision } from '../../src/execution/retry.js';

const PASSING: Attempt = {
  made: 1,
  happened: 'no',
  transient: true,
  repeatable: false,
  leftMs: 10_000,
};
const again = (waitMs: number): RetryDecision => ({ retry: true, waitMs });
const enough = (reason: Extract<RetryDecision, { retry: false }>['reason']): RetryDecision => ({
  retry: false,
  reason,
});

type Row = readonly [when: string, attempt: Partial<Attempt>, decision: RetryDecision];

/** At most three repeats, and a die that always shows a half. */
const TABLE: readonly Row[] = [
  ['it surely did not happen', {}, again(100)],
  ['it surely did not happen, the second time', { made: 2 }, again(200)],
  ['it surely did not happen, the third time', { made: 3 }, again(400)],
  ['it was repeated three times', { made: 4 }, enough('often enough')],
  ['the no is final', { transient: false }, enough('final')],
  [
    'the no is final, though it may be repeated',
    { transient: false, repeatable: true },
    enough('final'),
  ],
  ['it may have happened', { happened: 'maybe' }, enough('may have happened')],
  ['it may have happened and may be repeated', { happened: 'maybe', repeatable: true }, again(100)],
  [
    'it may have happened, whatever the platform asks to wait',
    { happened: 'maybe', retryAfterMs: 10 },
    enough('may have happened'),
  ],
  ['the platform asks for a wait', { retryAfterMs: 9_000 }, again(9_000)],
  ['the platform asks for no wait', { retryAfterMs: 0 }, again(0)],
  ['the platform asks for more than there is', { retryAfterMs: 10_000 }, enough('no time')],
  ['no time is left', { leftMs: 0 }, enough('no time')],
  ['less is left than the backoff', { leftMs: 100 }, enough('no time')],
  ['just enough is left', { leftMs: 101 }, again(100)],
];

describe('decideRetry', () => {
  it.each(TABLE)('when %s', (_when, attempt, decision) => {
    expect(decideRetry({ ...PASSING, ...attempt }, 3, 0.5)).toEqual(decision);
  });

  it('never repeats when no repeat is allowed', () => {
    expect(decideRetry(PASSING, 0, 0.5)).toEqual(enough('often enough'));
  });

  it('spreads its backoff over all of the window, and never beyond five seconds', () => {
    const late: Attempt = { ...PASSING, made: 40, leftMs: 60_000 };
    expect(decideRetry(late, 50, 0)).toEqual(again(0));
    expect(decideRetry(late, 50, 1)).toEqual(again(5_000));
  });

  const attempts: fc.Arbitrary<Attempt> = fc.record(
    {
      made: fc.integer({ min: 1, max: 1_100 }),
      happened: fc.constantFrom('no' as const, 'maybe' as const),
      transient: fc.boolean(),
      repeatable: fc.boolean(),
      leftMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
      retryAfterMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
    },
    { requiredKeys: ['made', 'happened', 'transient', 'repeatable', 'leftMs'] },
  );
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  const most = fc.integer({ min: 0, max: 1_000 });

  it('never sends twice what may have happened and may not be repeated', () => {
    fc.assert(
      fc.property(attempts, most, random, (attempt, maxRetries, die) => {
        fc.pre(attempt.happened === 'maybe' && !attempt.repeatable);
        expect(decideRetry(attempt, maxRetries, die).retry).toBe(false);
      }),
    );
  });

  it('never repeats more often than allowed, and never waits longer than there is time', () => {
    let retried = 0;
    fc.assert(
      fc.property(attempts, most, random, (attempt, maxRetries, die) => {
        const decision = decideRetry(attempt, maxRetries, die);
        if (!decision.retry) return;
        retried += 1;
        expect(attempt.made).toBeLessThanOrEqual(maxRetries);
        expect(decision.waitMs).toBeLessThan(attempt.leftMs);
        expect(decision.waitMs).toBeLessThanOrEqual(attempt.retryAfterMs ?? 5_000);
        expect(decision.waitMs).toBeGreaterThanOrEqual(attempt.retryAfterMs ?? 0);
      }),
      { numRuns: 1_000 },
    );
    expect(retried).toBeGreaterThan(50);
  });
});
