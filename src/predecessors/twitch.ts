import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import {
  type EarlierRequest,
  isTimeout,
  isTruthyInPython,
  describeViolations,
  type Predecessor,
  readId,
  readPlatformMessage,
} from './predecessor.js';
import { EARLIER_TWITCH_ACTIONS } from './twitch-actions.js';

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

/**
 * The earlier Twitch service took a broadcaster where an envelope has platform and account.
 * @param isExpected the request was addressed to that service, or the envelopes beside it have its form
 */
export function isTwitchForm(body: unknown, isExpected = false): body is Record<string, unknown> {
  if (!isObject(body) || body['platform'] !== undefined) return false;
  return isExpected || body['broadcaster_id'] !== undefined;
}

/** What of a request is read, besides its two names; like the earlier service, nothing else is. */
const READ = ['action_type', 'idempotency_key', 'dry_run'] as const;

/** The parameters of an action by their names, as a JSON Schema describes each. */
export type Parameters = Readonly<Record<string, unknown>>;

/**
 * The envelope in an earlier service's request.
 * @param listParameters what an action takes: the rest is not read either
 */
export function readTwitchRequest(
  asked: EarlierRequest,
  listParameters: (action: unknown) => Parameters | undefined,
): Record<string, unknown> {
  const { parameters } = asked;
  const given = isObject(parameters)
    ? readParameters(asked['action_type'], parameters, listParameters(asked['action_type']))
    : parameters;
  const plain = READ.flatMap((name) => (asked[name] === undefined ? [] : [[name, asked[name]]]));
  const requestId = readRequestId(asked);
  return {
    ...(Object.fromEntries(plain) as Record<string, unknown>),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(given !== undefined && { parameters: given }),
    platform: 'twitch',
    account_id: readId(asked['broadcaster_id']),
  };
}

/** What tells a request from an equal one of somebody else; undefined where it says nothing of itself. */
export function tellTwitchRequestApart({ request_id, timestamp }: EarlierRequest): string {
  return [request_id, timestamp].map(showMark).join(' ').trim();
}

function showMark(mark: unknown): string {
  const text = typeof mark === 'string' || typeof mark === 'number' ? String(mark) : '';
  // proto3 writes an absent number as 0.
  return text === '0' ? '' : text;
}

function readRequestId(asked: EarlierRequest): unknown {
  const { request_id: id } = asked;
  if (typeof id === 'number') return String(id);
  if (id !== undefined && id !== '' && id !== null) return id;
  return tellTwitchRequestApart(asked) || undefined;
}

function readParameters(
  type: unknown,
  parameters: Readonly<Record<string, unknown>>,
  known: Parameters | undefined,
): Record<string, unknown> {
  const { always, cut = {} } = EARLIER_TWITCH_ACTIONS[String(type)] ?? {};
  const entries = Object.entries(parameters)
    .filter(([name, value]) => (!known || name in known) && value !== '' && value !== null)
    .map(([name, value]) => [
      name,
      cutText(takesText(known?.[name]) ? readId(value) : value, cut[name]),
    ]);
  return { ...(Object.fromEntries(entries) as Record<string, unknown>), ...always };
}

function takesText(schema: unknown): boolean {
  return isObject(schema) && schema['type'] === 'string';
}

function cutText(value: unknown, most: number | undefined): unknown {
  if (most === undefined || typeof value !== 'string') return value;
  const characters = [...value];
  return characters.length > most ? characters.slice(0, most).join('') : value;
}

/** An outcome in the words of the earlier service. @param asked the request, if it is known */
export function answerTwitch(outcome: Outcome, asked: EarlierRequest = {}): TwitchAnswer {
  const { success, message, action_id, failure } = outcome;
  const error = explain(outcome, asked);
  const isAlone = failure?.code === 'UNKNOWN_ACTION' || !asked['action_type'];
  return {
    success,
    message: success ? message : 'Action execution failed',
    action_id,
    result_data: success ? showResult(outcome, asked) : outcome.result_data,
    error: error && !isAlone ? `Action execution failed: ${error}` : error,
  };
}

/** The result as it was, beside our members. */
function showResult(
  { result_data: result }: Outcome,
  { action_type, parameters }: EarlierRequest,
): Readonly<Record<string, unknown>> {
  const given = isObject(parameters) ? parameters : {};
  const { echoes = {}, rawId, rawEchoes = [] } = EARLIER_TWITCH_ACTIONS[String(action_type)] ?? {};
  const echoed = Object.entries(echoes).flatMap(([member, name]) =>
    given[name] === undefined ? [] : [[member, given[name]]],
  );
  const raw = rawEchoes.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  return {
    ...result,
    ...(Object.fromEntries(echoed) as Record<string, unknown>),
    ...(rawId !== undefined && {
      data: [{ id: result[rawId], ...(Object.fromEntries(raw) as object), ...result }],
    }),
  };
}

function explain(outcome: Outcome, asked: EarlierRequest): string {
  const { error, failure } = outcome;
  if (!failure) return error;
  if (failure.code === 'UNKNOWN_ACTION' || !asked['action_type'])
    return `Unknown action type: ${showInPython(asked['action_type'])}`;
  const noToken = `No valid token for broadcaster ${showInPython(asked['broadcaster_id'])}`;
  if (failure.code === 'ACCOUNT_NOT_CONNECTED') return noToken;
  if (failure.code === 'RECONNECT_ACCOUNT') return `${noToken}: ${error}`;
  if (isTimeout(outcome)) return 'Twitch API request timeout';
  if (failure.platform_status !== undefined)
    return `Twitch API error: ${failure.platform_status} - ${writeErrorBody(outcome)}`;
  if (failure.code !== 'INVALID_INPUT') return error;
  return explainInput(outcome, asked) ?? describeViolations(outcome, 'broadcaster_id');
}

/** The earlier service's own message for wrong parameters; undefined where it had none. */
function explainInput({ failure }: Outcome, asked: EarlierRequest): string | undefined {
  const { action_type, broadcaster_id, parameters } = asked;
  const { needs = [], missing, wrong = {} } = EARLIER_TWITCH_ACTIONS[String(action_type)] ?? {};
  const given = isObject(parameters) ? parameters : {};
  if (needs.some((name) => !isTruthyInPython(given[name]))) return missing;
  for (const { field, message } of failure?.violations ?? []) {
    const own = wrong[field.replace(/^parameters\./, '')];
    // What Twitch itself would refuse has no message of the earlier service.
    if (own !== undefined && !/ characters|white space/.test(message)) return own;
  }
  return isTruthyInPython(broadcaster_id) ? undefined : `No valid token for broadcaster None`;
}

/**
 * The body of Twitch's answer, from what was read of it.
 * @see https://dev.twitch.tv/docs/api/guide/#twitch-api-response-codes
 */
function writeErrorBody(outcome: Outcome): string {
  const { platform_status: status = 0, platform_code: error } = outcome.failure ?? {};
  const message = readPlatformMessage(outcome);
  return error === undefined ? message : JSON.stringify({ error, status, message });
}

/** A value as Python writes it into a text. */
function showInPython(value: unknown): string {
  return value === undefined || value === null ? 'None' : String(value);
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
