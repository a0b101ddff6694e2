import type { FastifyReply } from 'fastify';
import { FAILURES } from '../../actions/failures.js';
import type { Outcome } from '../../actions/outcome.js';

/** Sends an outcome with the HTTP status of the failure table, and its problem members beside. */
export function sendOutcome(reply: FastifyReply, outcome: Outcome): void {
  const { failure } = outcome;
  if (outcome.replayed) void reply.header('idempotent-replayed', 'true');
  if (!failure) {
    const isLater = outcome.status === 'QUEUED' || outcome.status === 'SCHEDULED';
    void reply.status(isLater ? 202 : 200).send(outcome);
    return;
  }
  const { http, meaning } = FAILURES[failure.code];
  if (failure.retry_after_ms !== undefined) {
    void reply.header('retry-after', String(Math.ceil(failure.retry_after_ms / 1_000)));
  }
  // RFC 9457's "status" is a number and would hide the outcome's own, so it is left out.
  void reply.status(http).send({
    ...outcome,
    type: `/docs#${failure.code}`,
    title: meaning,
    detail: outcome.error,
  });
}
