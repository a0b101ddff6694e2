import type { Outcome } from '../../actions/outcome.js';
import type { AuditEntry } from '../../journal/action-search.js';
import { FAILURE_ADVICE } from '../failure-advice.js';
import { OUTCOME } from '../contracts/action-schemas.js';
import { STATUS_MEANINGS } from '../contracts/status-meanings.js';
import { defineObject, defineSchema, FREE, MOMENT, TEXT, TIME, WHOLE } from '../door/schema.js';

/** What the log says of an action besides its outcome. */
interface ActionDetails extends Pick<
  AuditEntry,
  | 'platform'
  | 'action_type'
  | 'account_id'
  | 'actor_id'
  | 'effect'
  | 'parameters'
  | 'caller_id'
  | 'caller_identity'
  | 'owner'
  | 'door'
  | 'priority'
  | 'batch_id'
  | 'idempotency_key'
  | 'trace_id'
  | 'attempts'
  | 'received_at'
  | 'run_at'
  | 'started_at'
  | 'finished_at'
> {
  readonly cause: string;
  readonly what_to_do: string;
}

/** An outcome with what else is known of its action. */
export interface DetailedOutcome extends Outcome {
  readonly action: ActionDetails;
}

const ACTION_DETAILS = defineObject<ActionDetails>(
  'ActionDetails',
  {
    platform: TEXT,
    action_type: TEXT,
    account_id: TEXT,
    actor_id: TEXT,
    effect: TEXT,
    parameters: { ...FREE, description: 'Of what is private, the length alone' },
    caller_id: { ...TEXT, description: 'The name of the caller, which others may have as well' },
    caller_identity: { ...TEXT, description: 'The id of the caller, which no other ever has' },
    owner: { ...TEXT, description: 'The tenant of the caller' },
    door: { ...TEXT, description: 'grpc, rest or import' },
    priority: TEXT,
    batch_id: { type: ['string', 'null'] },
    idempotency_key: { type: ['string', 'null'] },
    trace_id: TEXT,
    attempts: { ...WHOLE, description: 'How often it was sent to the platform' },
    received_at: TIME,
    run_at: { ...MOMENT, description: 'When it shall be carried out; null for at once' },
    started_at: { ...MOMENT, description: 'When it began; bytes may have left from then on' },
    finished_at: MOMENT,
    cause: { ...TEXT, description: 'Why it is as it is, in a sentence for people' },
    what_to_do: { ...TEXT, description: 'What a person does about it' },
  },
  [],
  'What the log says of an action besides its outcome',
);

export const DETAILED_OUTCOME = defineSchema<DetailedOutcome>('DetailedOutcome', {
  description: 'What became of an action, and what else is known of it',
  allOf: [
    OUTCOME,
    { type: 'object', required: ['action'], properties: { action: ACTION_DETAILS } },
  ],
});

/** Adds to an outcome what the log knows of its action. */
export function describeDetails(outcome: Outcome, entry: AuditEntry): DetailedOutcome {
  const { failure, status, error } = outcome;
  const { meaning, next } = STATUS_MEANINGS[status];
  return {
    ...outcome,
    action: {
      platform: entry.platform,
      action_type: entry.action_type,
      account_id: entry.account_id,
      actor_id: entry.actor_id,
      effect: entry.effect,
      parameters: entry.parameters,
      caller_id: entry.caller_id,
      caller_identity: entry.caller_identity,
      owner: entry.owner,
      door: entry.door,
      priority: entry.priority,
      batch_id: entry.batch_id,
      idempotency_key: entry.idempotency_key,
      trace_id: entry.trace_id,
      attempts: entry.attempts,
      received_at: entry.received_at,
      run_at: entry.run_at,
      started_at: entry.started_at,
      finished_at: entry.finished_at,
      cause: error === '' ? meaning : error,
      what_to_do: failure ? FAILURE_ADVICE[failure.code] : next,
    },
  };
}
