import { ActionFailure } from '../../actions/failures.js';
import type { Limit } from '../../actions/limit.js';

/** The refusal of a request that a limit does not let through, by the kind of the limit. @param now Unix milliseconds */
export function refuseSpent(
  limit: Limit | undefined,
  retryAfterMs: number,
  now: number,
): ActionFailure {
  const next = `next in ${Math.ceil(retryAfterMs / 1_000)} s`;
  const refuse = (text: string): ActionFailure =>
    new ActionFailure('RATE_LIMITED', `${text}; ${next}`, { retryAfterMs });
  switch (limit?.kind) {
    case 'window':
      return refuse(
        `The limit of ${limit.tokens} in ${limit.windowMs / 1_000} s is spent (${limit.bucket})`,
      );
    case 'noes':
      return refuse(
        `The platform refused too many requests, and blocks clients that continue (${limit.bucket})`,
      );
    case 'daily':
      return new ActionFailure(
        'QUOTA_EXHAUSTED',
        `The ${limit.units} units of the day are spent${limit.reserve > 0 ? `, but for ${limit.reserve} that priority HIGH may take` : ''} (${limit.bucket}); ${next}, at ${new Date(now + retryAfterMs).toISOString()}`,
        { retryAfterMs },
      );
    default:
      return refuse(`The bucket of the platform is empty (${limit?.bucket ?? ''})`);
  }
}
