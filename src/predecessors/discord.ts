import { FAILURES } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import {
  exact,
  type FieldReader,
  findTooLong,
  ids,
  isTimeout,
  describeViolations,
  withDefault,
  type Operation,
  plain,
  type Predecessor,
  readPlatformMessage,
} from './predecessor.js';

const HEXADECIMAL = /^(#|0x)?([0-9a-f]{1,6})$/i;

/** An embed of either form, its colour as hexadecimal text; what is empty was not given. */
const embed: FieldReader = (value) => {
  if (!isObject(value)) return value ?? undefined;
  const { color, ...rest } = value;
  const [, , digits] = (typeof color === 'string' && HEXADECIMAL.exec(color.trim())) || [];
  const members = { ...rest, color: digits === undefined ? color : Number.parseInt(digits, 16) };
  return Object.fromEntries(
    Object.entries(members).filter(([, member]) => !isEmpty(member) && member !== undefined),
  );
};

const embeds: FieldReader = (value) => {
  if (!Array.isArray(value)) return value ?? undefined;
  return value.length === 0 ? undefined : value.map(embed);
};

function isEmpty(value: unknown): boolean {
  return value === '' || value === null || (Array.isArray(value) && value.length === 0);
}

const MISSING = 'Missing required fields';

/** What Discord answers to a text that is too long; the form is its own, the text was read of answers. */
const CONTENT_TOO_LONG = {
  content:
    '{"message": "Invalid Form Body", "code": 50035, "errors": {"content": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 2000 or fewer in length."}]}}}',
};

/** Failures of requests to Discord; the earlier service answered all of them alike. */
const OF_DISCORD = new Set(['RATE_LIMITED', 'PLATFORM_DOWN', 'OUTCOME_UNKNOWN']);

/** The earlier Discord service. */
export const DISCORD: Predecessor = {
  name: 'discord',
  module: 'discord_action_module',
  ports: { rest: 8070, grpc: 50051 },
  grpc: { file: 'discord_action.proto', package: 'discord_action', service: 'DiscordAction' },
  operations: [
    {
      rpc: 'SendMessage',
      route: ['POST', 'api/v1/message'],
      action: 'send_message',
      fields: { ...ids('channel_id'), ...plain('content'), embed },
      requiredFields: ['channel_id', 'content'],
      resultFields: ['message_id'],
      tooLong: CONTENT_TOO_LONG,
      mentions: true,
    },
    {
      rpc: 'SendEmbed',
      route: ['POST', 'api/v1/embed'],
      action: 'send_embed',
      fields: { ...ids('channel_id'), embed },
      requiredFields: ['channel_id', 'embed'],
      resultFields: ['message_id'],
      mentions: true,
    },
    {
      rpc: 'AddReaction',
      route: ['POST', 'api/v1/reaction'],
      action: 'add_reaction',
      fields: { ...ids('channel_id', 'message_id'), ...plain('emoji') },
      requiredFields: ['channel_id', 'message_id', 'emoji'],
      missingFields: MISSING,
    },
    {
      rpc: 'ManageRole',
      route: ['POST', 'api/v1/role'],
      action: 'manage_role',
      fields: { ...ids('guild_id', 'user_id', 'role_id'), ...plain('action') },
      requiredFields: ['guild_id', 'user_id', 'role_id'],
      missingFields: MISSING,
    },
    {
      rpc: 'CreateWebhook',
      route: ['POST', 'api/v1/webhook'],
      action: 'create_webhook',
      fields: { ...ids('channel_id'), name: withDefault('WaddleBot') },
      requiredFields: ['channel_id'],
      resultFields: ['webhook_url'],
    },
    {
      rpc: 'SendWebhook',
      route: ['POST', 'api/v1/webhook/send'],
      action: 'send_webhook',
      fields: { ...plain('webhook_url', 'content'), embeds },
      requiredFields: ['webhook_url', 'content'],
      tooLong: CONTENT_TOO_LONG,
      mentions: true,
      hasPlainErrors: true,
    },
    {
      rpc: 'DeleteMessage',
      route: ['DELETE', 'api/v1/message/:channel_id/:message_id'],
      action: 'delete_message',
      fields: ids('channel_id', 'message_id'),
    },
    {
      rpc: 'EditMessage',
      route: ['PATCH', 'api/v1/message/:channel_id/:message_id'],
      action: 'edit_message',
      fields: { ...ids('channel_id', 'message_id'), ...plain('content') },
      requiredFields: ['content'],
      tooLong: CONTENT_TOO_LONG,
      mentions: true,
    },
    {
      rpc: 'KickUser',
      route: ['POST', 'api/v1/moderation/kick'],
      action: 'kick_user',
      fields: { ...ids('guild_id', 'user_id'), ...plain('reason') },
      requiredFields: ['guild_id', 'user_id'],
      missingFields: MISSING,
      hasPlainErrors: true,
    },
    {
      rpc: 'BanUser',
      route: ['POST', 'api/v1/moderation/ban'],
      action: 'ban_user',
      fields: { ...ids('guild_id', 'user_id'), ...plain('reason', 'delete_message_days') },
      requiredFields: ['guild_id', 'user_id'],
      missingFields: MISSING,
    },
    {
      rpc: 'TimeoutUser',
      route: ['POST', 'api/v1/moderation/timeout'],
      action: 'timeout_user',
      fields: { ...ids('guild_id', 'user_id'), ...plain('reason'), duration_seconds: exact },
      requiredFields: ['guild_id', 'user_id', 'duration_seconds'],
      missingFields: MISSING,
      hasPlainErrors: true,
    },
  ],
  credentialErrors: {
    missing: () => 'Missing or invalid authorization header',
    expired: () => 'Token expired',
    invalid: (detail) => `Invalid token: ${detail}`,
  },
  answer(outcome, _asked, operation) {
    if (!outcome.success) return { success: false, error: explain(outcome, operation) };
    const { resultFields = [] } = operation;
    const members = resultFields.map((name) => [name, outcome.result_data[name] ?? '']);
    return { success: true, ...(Object.fromEntries(members) as Record<string, unknown>) };
  },
  status(outcome, operation) {
    const { failure } = outcome;
    if (!failure) return 200;
    const isOfDiscord =
      failure.platform_status !== undefined ||
      OF_DISCORD.has(failure.code) ||
      findTooLong(outcome, operation) !== undefined;
    return isOfDiscord ? 500 : FAILURES[failure.code].http;
  },
  refuse: (error) => ({ error }),
};

function explain(outcome: Outcome, operation: Operation): string {
  const { error, failure } = outcome;
  if (failure?.code === 'RATE_LIMITED') return 'Rate limit exceeded, max retries reached';
  if (isTimeout(outcome)) return 'Request timeout';
  const tooLong = findTooLong(outcome, operation);
  const status = failure?.platform_status ?? (tooLong === undefined ? undefined : 400);
  if (status !== undefined) {
    const body = tooLong ?? writeErrorBody(outcome);
    return operation.hasPlainErrors ? body : `API error ${status}: ${body}`;
  }
  return failure?.code === 'INVALID_INPUT' ? describeViolations(outcome) : error;
}

/**
 * The body of Discord's answer, from what was read of it: its message, its code, and the faults of fields.
 * @see https://discord.com/developers/docs/reference#error-messages
 */
function writeErrorBody(outcome: Outcome): string {
  const said = readPlatformMessage(outcome).replace(/ \(limit: \w+\)$/, '');
  const code = Number(outcome.failure?.platform_code);
  if (!Number.isInteger(code)) return said;
  const [message = '', ...details] = said.split(' — ');
  const faults = details.join(' — ').split('; ').flatMap(readFieldError);
  return writeJson({ message, code, ...(faults.length > 0 && { errors: nestErrors(faults) }) });
}

/** A fault of a field, such as "content: Must be 2000 or fewer in length.". */
function readFieldError(text: string): readonly (readonly [path: string, message: string])[] {
  const [, path, message] = /^([\w.]+): (.+)$/s.exec(text) ?? [];
  return path === undefined || message === undefined ? [] : [[path, message]];
}

interface Nested {
  [part: string]: Nested | { message: string }[];
}

function nestErrors(faults: readonly (readonly [path: string, message: string])[]): Nested {
  const errors: Nested = {};
  for (const [path, message] of faults) {
    let level = errors;
    for (const part of path.split('.')) level = (level[part] ??= {}) as Nested;
    const said = (level['_errors'] ??= []) as { message: string }[];
    said.push({ message });
  }
  return errors;
}

/** JSON as Discord spaces it. */
function writeJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}: ${writeJson(member)}`,
  );
  return `{${members.join(', ')}}`;
}
