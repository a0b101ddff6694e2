/** What is known after an attempt that did not succeed. */
export interface Attempt {
  /** How many attempts were made, this one included. */
  readonly made: number;
  /** Whether it may have had its effect. */
  readonly happened: 'no' | 'maybe';
  /** Whether the failure may pass by itself: a 429, an outage, a refused connection. */
  readonly transient: boolean;
  /** Whether sending it twice has the same effect as sending it once. */
  readonly repeatable: boolean;
  /** The wait that the platform asks for, in milliseconds. */
  readonly retryAfterMs?: number;
  /** The caller's remaining time, in milliseconds. */
  readonly leftMs: number;
}

export type RetryDecision =
  | { readonly retry: true; readonly waitMs: number }
  | {
      readonly retry: false;
      readonly reason: 'final' | 'may have happened' | 'often enough' | 'no time';
    };

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 5_000;

/**
 * Decides whether to send again, from plain values alone: only if the request surely had no effect or is
 * repeatable, and within the caller's time. Backoff with full jitter; the platform's own wait takes precedence.
 * @param random between 0 and 1
 */
export function decideRetry(attempt: Attempt, maxRetries: number, random: number): RetryDecision {
  if (!attempt.transient) return { retry: false, reason: 'final' };
  if (attempt.happened === 'maybe' && !attempt.repeatable)
    return { retry: false, reason: 'may have happened' };
  if (attempt.made > maxRetries) return { retry: false, reason: 'often enough' };
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt.made - 1));
  const waitMs = attempt.retryAfterMs ?? Math.round(ceiling * random);
  return waitMs < attempt.leftMs ? { retry: true, waitMs } : { retry: false, reason: 'no time' };
}
