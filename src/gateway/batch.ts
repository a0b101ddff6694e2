import type { Outcome } from '../actions/outcome.js';
import { refuse } from './refusal.js';

/** @throws DoorRefusal for an empty batch or one that is too large */
export function requireBatchSize(size: number, most: number): void {
  if (size === 0) throw refuse.malformed('No actions provided');
  if (size > most) throw refuse.malformed(`Batch size exceeds maximum of ${most}`);
}

/** When nothing at all was begun, the door itself says so, and the whole call can be repeated. */
export function refuseIfUnavailable(outcomes: readonly Outcome[]): void {
  const [first] = outcomes;
  if (!first || !outcomes.every(({ failure }) => failure?.code === 'GATEWAY_UNAVAILABLE')) return;
  throw refuse.unavailable(first.error, first.failure?.retry_after_ms ?? 1_000);
}

/** The answer to a batch, in the order of its envelopes. */
export function countOutcomes<Answer>(
  outcomes: readonly Outcome[],
  encode: (outcome: Outcome, index: number) => Answer,
): { responses: Answer[]; total_count: number; success_count: number; failure_count: number } {
  const success_count = outcomes.filter(({ success }) => success).length;
  return {
    responses: outcomes.map(encode),
    total_count: outcomes.length,
    success_count,
    failure_count: outcomes.length - success_count,
  };
}
