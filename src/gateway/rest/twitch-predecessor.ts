import { isObject } from '../../actions/json.js';
import type { Outcome } from '../../actions/outcome.js';

/** The answer that callers of the earlier Twitch service know. */
export interface PredecessorAnswer {
  readonly success: boolean;
  readonly message: string;
  readonly action_id: string;
  readonly result_data: Readonly<Record<string, unknown>>;
  readonly error: string;
}

/** The earlier Twitch service took a broadcaster where an envelope has platform and account. */
export function isPredecessorForm(body: unknown): body is Record<string, unknown> {
  return isObject(body) && body['platform'] === undefined && body['broadcaster_id'] !== undefined;
}

/** The envelope in an earlier service's request. */
export function translateRequest({
  broadcaster_id,
  timestamp: _unused,
  ...rest
}: Record<string, unknown>): object {
  return { ...rest, platform: 'twitch', account_id: broadcaster_id };
}

/** An outcome in the words of the earlier service. */
export function translateOutcome(outcome: Outcome): PredecessorAnswer {
  const { success, message, action_id, result_data, error, failure } = outcome;
  const isUnknownType = failure?.code === 'UNKNOWN_ACTION';
  return {
    success,
    message: success ? message : 'Action execution failed',
    action_id,
    result_data,
    error: error && !isUnknownType ? `Action execution failed: ${error}` : error,
  };
}
