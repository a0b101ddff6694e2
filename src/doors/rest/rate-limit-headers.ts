import type { FastifyInstance } from 'fastify';
import type { CallerBudgets } from '../../safeguards/caller-budgets.js';
import { findCaller } from '../door/open-call.js';

const WINDOW_SECONDS = 60;

/**
 * Tells every caller with a limit its budget (`RateLimit-Policy`) and what is left of it (`RateLimit`), also
 * with refusals. What other replicas have taken since the last lease is not known here.
 * @see https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-10.txt
 */
export function addRateLimitHeaders(
  instance: FastifyInstance,
  budgets: Pick<CallerBudgets, 'describe'>,
): void {
  instance.addHook('onSend', (request, reply, _payload, done) => {
    const caller = findCaller(request);
    const budget = caller && budgets.describe(caller.identity, caller.requestsPerMinute);
    if (budget) {
      const { perMinute, now } = budget;
      void reply.header('ratelimit-policy', `"caller";q=${perMinute};w=${WINDOW_SECONDS}`);
      if (now) {
        const resetSeconds = Math.ceil(now.endsInMs / 1_000);
        void reply.header('ratelimit', `"caller";r=${now.left};t=${resetSeconds}`);
      }
    }
    done();
  });
}
