import { FAILURES } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import {
  exact,
  type FieldReader,
  isTimeout,
  nameFaults,
  orElse,
  plain,
  type Predecessor,
  quotePlatform,
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

/** Failures that came of speaking to Discord; the earlier service answered all of them alike. */
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
      takes: { ...plain('channel_id', 'content'), embed },
      needs: ['channel_id', 'content'],
      gives: ['message_id'],
    },
    {
      rpc: 'SendEmbed',
      route: ['POST', 'api/v1/embed'],
      action: 'send_embed',
      takes: { ...plain('channel_id'), embed },
      needs: ['channel_id', 'embed'],
      gives: ['message_id'],
    },
    {
      rpc: 'AddReaction',
      route: ['POST', 'api/v1/reaction'],
      action: 'add_reaction',
      takes: plain('channel_id', 'message_id', 'emoji'),
      needs: ['channel_id', 'message_id', 'emoji'],
    },
    {
      rpc: 'ManageRole',
      route: ['POST', 'api/v1/role'],
      action: 'manage_role',
      takes: plain('guild_id', 'user_id', 'role_id', 'action'),
      needs: ['guild_id', 'user_id', 'role_id'],
    },
    {
      rpc: 'CreateWebhook',
      route: ['POST', 'api/v1/webhook'],
      action: 'create_webhook',
      takes: { ...plain('channel_id'), name: orElse('WaddleBot') },
      needs: ['channel_id'],
      gives: ['webhook_url'],
    },
    {
      rpc: 'SendWebhook',
      route: ['POST', 'api/v1/webhook/send'],
      action: 'send_webhook',
      takes: { ...plain('webhook_url', 'content'), embeds },
      needs: ['webhook_url', 'content'],
    },
    {
      rpc: 'DeleteMessage',
      route: ['DELETE', 'api/v1/message/:channel_id/:message_id'],
      action: 'delete_message',
      takes: plain('channel_id', 'message_id'),
    },
    {
      rpc: 'EditMessage',
      route: ['PATCH', 'api/v1/message/:channel_id/:message_id'],
      action: 'edit_message',
      takes: plain('channel_id', 'message_id', 'content'),
      needs: ['content'],
    },
    {
      rpc: 'KickUser',
      route: ['POST', 'api/v1/moderation/kick'],
      action: 'kick_user',
      takes: plain('guild_id', 'user_id', 'reason'),
      needs: ['guild_id', 'user_id'],
    },
    {
      rpc: 'BanUser',
      route: ['POST', 'api/v1/moderation/ban'],
      action: 'ban_user',
      takes: plain('guild_id', 'user_id', 'reason', 'delete_message_days'),
      needs: ['guild_id', 'user_id'],
    },
    {
      rpc: 'TimeoutUser',
      route: ['POST', 'api/v1/moderation/timeout'],
      action: 'timeout_user',
      takes: { ...plain('guild_id', 'user_id', 'reason'), duration_seconds: exact },
      needs: ['guild_id', 'user_id', 'duration_seconds'],
    },
  ],
  rejects: {
    missing: () => 'Missing or invalid authorization header',
    expired: () => 'Token expired',
    invalid: (detail) => `Invalid token: ${detail}`,
  },
  answer(outcome, _asked, { gives = [] }) {
    if (!outcome.success) return { success: false, error: explain(outcome) };
    const members = gives.map((name) => [name, outcome.result_data[name] ?? '']);
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
    return `API error ${failure.platform_status}: ${quotePlatform(outcome)}`;
  return failure?.code === 'INVALID_INPUT' ? nameFaults(outcome) : error;
}
