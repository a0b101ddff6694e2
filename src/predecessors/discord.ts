import { FAILURES } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import {
  exact,
  type FieldReader,
  isTimeout,
  describeViolations,
  withDefault,
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
      fields: { ...plain('channel_id', 'content'), embed },
      requiredFields: ['channel_id', 'content'],
      resultFields: ['message_id'],
    },
    {
      rpc: 'SendEmbed',
      route: ['POST', 'api/v1/embed'],
      action: 'send_embed',
      fields: { ...plain('channel_id'), embed },
      requiredFields: ['channel_id', 'embed'],
      resultFields: ['message_id'],
    },
    {
      rpc: 'AddReaction',
      route: ['POST', 'api/v1/reaction'],
      action: 'add_reaction',
      fields: plain('channel_id', 'message_id', 'emoji'),
      requiredFields: ['channel_id', 'message_id', 'emoji'],
    },
    {
      rpc: 'ManageRole',
      route: ['POST', 'api/v1/role'],
      action: 'manage_role',
      fields: plain('guild_id', 'user_id', 'role_id', 'action'),
      requiredFields: ['guild_id', 'user_id', 'role_id'],
    },
    {
      rpc: 'CreateWebhook',
      route: ['POST', 'api/v1/webhook'],
      action: 'create_webhook',
      fields: { ...plain('channel_id'), name: withDefault('WaddleBot') },
      requiredFields: ['channel_id'],
      resultFields: ['webhook_url'],
    },
    {
      rpc: 'SendWebhook',
      route: ['POST', 'api/v1/webhook/send'],
      action: 'send_webhook',
      fields: { ...plain('webhook_url', 'content'), embeds },
      requiredFields: ['webhook_url', 'content'],
    },
    {
      rpc: 'DeleteMessage',
      route: ['DELETE', 'api/v1/message/:channel_id/:message_id'],
      action: 'delete_message',
      fields: plain('channel_id', 'message_id'),
    },
    {
      rpc: 'EditMessage',
      route: ['PATCH', 'api/v1/message/:channel_id/:message_id'],
      action: 'edit_message',
      fields: plain('channel_id', 'message_id', 'content'),
      requiredFields: ['content'],
    },
    {
      rpc: 'KickUser',
      route: ['POST', 'api/v1/moderation/kick'],
      action: 'kick_user',
      fields: plain('guild_id', 'user_id', 'reason'),
      requiredFields: ['guild_id', 'user_id'],
    },
    {
      rpc: 'BanUser',
      route: ['POST', 'api/v1/moderation/ban'],
      action: 'ban_user',
      fields: plain('guild_id', 'user_id', 'reason', 'delete_message_days'),
      requiredFields: ['guild_id', 'user_id'],
    },
    {
      rpc: 'TimeoutUser',
      route: ['POST', 'api/v1/moderation/timeout'],
      action: 'timeout_user',
      fields: { ...plain('guild_id', 'user_id', 'reason'), duration_seconds: exact },
      requiredFields: ['guild_id', 'user_id', 'duration_seconds'],
    },
  ],
  credentialErrors: {
    missing: () => 'Missing or invalid authorization header',
    expired: () => 'Token expired',
    invalid: (detail) => `Invalid token: ${detail}`,
  },
  answer(outcome, _asked, { resultFields = [] }) {
    if (!outcome.success) return { success: false, error: explain(outcome) };
    const members = resultFields.map((name) => [name, outcome.result_data[name] ?? '']);
    return { success: true, ...(Object.fromEntries(members) as Record<string, unknown>) };
  },
  status({ failure }) {
    if (!failure) return 200;
    const isOfDiscord = failure.platform_status !== undefined || OF_DISCORD.has(failure.code);
    return isOfDiscord ? 500 : FAILURES[failure.code].http;
  },
  refuse: (error) => ({ error }),
};

function explain(outcome: Outcome): string {
  const { error, failure } = outcome;
  if (failure?.code === 'RATE_LIMITED') return 'Rate limit exceeded, max retries reached';
  if (isTimeout(outcome)) return 'Request timeout';
  if (failure?.platform_status !== undefined)
    return `API error ${failure.platform_status}: ${readPlatformMessage(outcome)}`;
  return failure?.code === 'INVALID_INPUT' ? describeViolations(outcome) : error;
}
