import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import {
  type EarlierRequest,
  isTimeout,
  describeViolations,
  type Predecessor,
  readPlatformMessage,
} from './predecessor.js';

/** The earlier Twitch service; what it did is named in the request, and has the same names here. */
export const TWITCH: Predecessor = {
  name: 'twitch',
  module: 'twitch_action_module',
  ports: { rest: 8072, grpc: 50053 },
  grpc: { file: 'twitch_action.proto', package: 'twitch_action', service: 'TwitchActionService' },
  accountField: 'broadcaster_id',
  operations: [],
  credentialErrors: {
    missing: () => 'Missing or invalid Authorization header',
    expired: () => 'Invalid or expired token',
    invalid: () => 'Invalid or expired token',
  },
  answer: (outcome) => ({ ...answerTwitch(outcome) }),
  status: () => 200,
  refuse: (error) => ({ error }),
};

/** The answer that callers of the earlier Twitch service know. */
export interface TwitchAnswer {
  readonly success: boolean;
  readonly message: string;
  readonly action_id: string;
  readonly result_data: Readonly<Record<string, unknown>>;
  readonly error: string;
}

/** Messages of the earlier service for a missing parameter. */
const MISSING: Readonly<Record<string, string>> = {
  chat_message: 'Message is required',
  announcement: 'Message is required',
  whisper: 'to_user_id and message are required',
  poll_create: 'Poll must have 2-5 choices',
  prediction_create: 'Title and exactly 2 outcomes are required',
  poll_end: 'poll_id is required',
  prediction_resolve: 'prediction_id and winning_outcome_id are required',
  ban: 'user_id is required',
  timeout: 'user_id is required',
  unban: 'user_id is required',
  delete_message: 'message_id is required',
  update_title: 'title is required',
  update_game: 'game_id is required',
  raid: 'to_broadcaster_id is required',
  vip_add: 'user_id is required',
  vip_remove: 'user_id is required',
  mod_add: 'user_id is required',
  mod_remove: 'user_id is required',
};

/** Actions whose result was the answer of Twitch as it stood, by the member that is its id here. */
const ID_OF: Readonly<Record<string, string>> = {
  clip: 'clip_id',
  poll_create: 'poll_id',
  poll_end: 'poll_id',
  prediction_create: 'prediction_id',
  prediction_resolve: 'prediction_id',
  marker: 'marker_id',
};

/** The earlier Twitch service took a broadcaster where an envelope has platform and account. */
export function isTwitchForm(body: unknown): body is Record<string, unknown> {
  return isObject(body) && body['platform'] === undefined && body['broadcaster_id'] !== undefined;
}

/** What of a request is read, besides its two names; like the earlier service, nothing else is. */
const READ = ['action_type', 'request_id', 'idempotency_key', 'dry_run'] as const;

/**
 * The envelope in an earlier service's request.
 * @param listParameters what an action takes: the rest is not read either
 */
export function readTwitchRequest(
  asked: EarlierRequest,
  listParameters: (action: unknown) => readonly string[] | undefined,
): Record<string, unknown> {
  const { parameters } = asked;
  const known = listParameters(asked['action_type']);
  const given = isObject(parameters)
    ? Object.fromEntries(
        Object.entries(parameters).filter(
          ([name, value]) => (known?.includes(name) ?? true) && value !== '' && value !== null,
        ),
      )
    : parameters;
  const plain = READ.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]]));
  return {
    ...(Object.fromEntries(plain) as Record<string, unknown>),
    ...(given !== undefined && { parameters: given }),
    platform: 'twitch',
    account_id: asked['broadcaster_id'],
  };
}

/** An outcome in the words of the earlier service. @param asked the request, if it is known */
export function answerTwitch(outcome: Outcome, asked: EarlierRequest = {}): TwitchAnswer {
  const { success, message, action_id, result_data, failure } = outcome;
  const type = String(asked['action_type']);
  const id = ID_OF[type];
  const error = explain(outcome, asked, type);
  const isUnknownType = failure?.code === 'UNKNOWN_ACTION';
  return {
    success,
    message: success ? message : 'Action execution failed',
    action_id,
    result_data:
      success && id !== undefined
        ? { ...result_data, data: [{ id: result_data[id], ...result_data }] }
        : result_data,
    error: error && !isUnknownType ? `Action execution failed: ${error}` : error,
  };
}

function explain(outcome: Outcome, asked: EarlierRequest, type: string): string {
  const { error, failure } = outcome;
  if (!failure) return error;
  const noToken = `No valid token for broadcaster ${String(asked['broadcaster_id'])}`;
  if (failure.code === 'ACCOUNT_NOT_CONNECTED') return noToken;
  if (failure.code === 'RECONNECT_ACCOUNT') return `${noToken}: ${error}`;
  if (isTimeout(outcome)) return 'Twitch API request timeout';
  if (failure.platform_status !== undefined)
    return `Twitch API error: ${failure.platform_status} - ${readPlatformMessage(outcome)}`;
  if (failure.code !== 'INVALID_INPUT') return error;
  const faults = describeViolations(outcome, 'broadcaster_id');
  const isMissing = failure.violations?.some(
    ({ field, message }) => field.startsWith('parameters.') && message.startsWith('is missing'),
  );
  const own = isMissing ? MISSING[type] : undefined;
  return own === undefined ? faults : `${own} (${faults})`;
}

/** An answer as its proto file has it: values that are no text are written as JSON. */
export function encodeTexts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
    ]),
  );
}

/** The status of an action in the vocabulary of the earlier service. */
export function nameTwitchStatus({ status }: Pick<Outcome, 'status'>): string {
  if (status === 'SUCCEEDED' || status === 'PREPARED') return 'completed';
  return status === 'REFUSED' ? 'failed' : status.toLowerCase();
}
