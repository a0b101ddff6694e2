import { Injectable } from '@nestjs/common';
import { BLOCKED_MS } from '../../actions/address-block.js';
import {
  type BotSettings,
  type Credential,
  type Inviting,
  type MissingSettings,
  type Platform,
  PlatformAdapter,
} from '../../actions/platform.js';
import { formatError } from '../../actions/error-text.js';
import type { FailureCode } from '../../actions/failures.js';
import { isObject } from '../../actions/json.js';
import type { Limit } from '../../actions/limit.js';
import type { PlatformAnswer, PlatformRequest, Refusal } from '../../actions/wire.js';
import { discordActions } from './actions/index.js';
import { DiscordInviting } from './discord-inviting.js';
import { type ActionNeeds, adviseOn } from './advice.js';
import { isDiscordBlock, limitRequest, readLimits } from './limits.js';

/** The account whose token is DISCORD_BOT_TOKEN. */
const DEFAULT_BOT = 'default';

const SECOND = 1_000;

/** Discord, as its HTTP API describes itself. */
@Injectable()
@PlatformAdapter()
export class DiscordPlatform implements Platform {
  readonly name = 'discord';
  readonly title = 'Discord';
  readonly groups = {
    messages: 'Messages, embeds and files',
    reactions: 'Reactions',
    webhooks: 'Webhooks',
    roles: 'Roles, and who has them',
    moderation: 'Members, kicks, bans and timeouts',
    channels: 'Channels, who may do what in them, and invites',
    threads: 'Threads and who is in them',
    events: 'Scheduled events',
    automod: 'Rules of the auto-moderation',
    expressions: 'Emoji, stickers and sounds',
    voice: 'Stages and voice channels',
    server: 'The server itself, its templates and its onboarding',
    interactions: 'Answers to commands and components',
    application: 'The application: commands, emoji, entitlements',
    lookups: 'Servers, channels, members and messages, read and never changed',
  };
  readonly actions = discordActions;
  readonly costUnit = 'requests';
  readonly limitNames = ['global', 'noes'];
  readonly choices = {
    guild_id: { read: 'list_guilds', value: 'id', label: 'name' },
    channel_id: { read: 'list_channels', value: 'id', label: 'name', needs: ['guild_id'] },
    parent_id: { read: 'list_channels', value: 'id', label: 'name', needs: ['guild_id'] },
    role_id: { read: 'list_roles', value: 'id', label: 'name', needs: ['guild_id'] },
    user_id: {
      read: 'find_members',
      value: 'user_id',
      label: 'username',
      needs: ['guild_id'],
      search: 'query',
    },
  };
  readonly defaultAccount = DEFAULT_BOT;
  readonly apiUrl: string;
  readonly userAgent: string;
  readonly inviting: Inviting;

  constructor(private readonly settings: BotSettings) {
    this.apiUrl = settings.apiUrl;
    // The form is Discord's.
    this.userAgent = `DiscordBot (${settings.homepage}, ${settings.version})`;
    this.inviting = new DiscordInviting(settings, { 'user-agent': this.userAgent });
  }

  ownCredential(accountId: string): Credential | MissingSettings | undefined {
    if (accountId !== DEFAULT_BOT) return undefined;
    if (!this.settings.botToken) return { missing: ['DISCORD_BOT_TOKEN'] };
    return { accountId, accessToken: this.settings.botToken, scopes: [] };
  }

  authorize({ accessToken }: Credential): Record<string, string> {
    return { authorization: `Bot ${accessToken}` };
  }

  limitRequest(
    request: PlatformRequest,
    credential: Pick<Credential, 'accountId'>,
    _cost: number,
    now: number,
  ) {
    return limitRequest(request, credential, this.settings.mostNoes, now);
  }

  readLimits(answer: PlatformAnswer, limits: readonly Limit[]) {
    return readLimits(answer, limits);
  }

  /**
   * Errors are `{code, message, errors?}`, where `errors` nests by field.
   * @see https://discord.com/developers/docs/topics/opcodes-and-status-codes#http
   */
  readRefusal(answer: PlatformAnswer): Refusal {
    const { status, headers, body } = answer;
    const isJson = isObject(body);
    const given = isJson && typeof body['code'] === 'number' ? body['code'] : 0;
    const text =
      isJson && typeof body['message'] === 'string' ? body['message'] : formatError(body);
    const details = isJson ? listFieldErrors(body['errors']) : [];
    const said = [text, ...(details.length > 0 ? [details.join('; ')] : [])].join(' — ');
    const refuse = (code: FailureCode, more: Partial<Refusal> = {}): Refusal => ({
      code,
      message: `Discord answered ${status}${said ? `: ${said}` : ''}`,
      happened: 'no',
      ...(given > 0 && { platformCode: String(given) }),
      ...more,
    });
    // Nothing has got to Discord, and nothing will from this address.
    if (isDiscordBlock(answer))
      return refuse('RATE_LIMITED', {
        retryAfterMs:
          (isJson ? readSeconds(body['retry_after']) : undefined) ??
          readWait(headers) ??
          BLOCKED_MS,
        blocksAddress: true,
      });
    if (status === 429 || PACED.has(given)) {
      const scope = headers['x-ratelimit-scope'];
      const wait = isJson ? readSeconds(body['retry_after']) : undefined;
      const refusal = refuse('RATE_LIMITED', {
        retryAfterMs: wait ?? readWait(headers) ?? PACED.get(given) ?? SECOND,
      });
      return scope ? { ...refusal, message: `${refusal.message} (limit: ${scope})` } : refusal;
    }
    if (given === INVALID_WEBHOOK_TOKEN) return refuse('REFUSED');
    if (status === 401 || given === INVALID_TOKEN) return refuse('RECONNECT_ACCOUNT');
    if (status === 404 || (given >= 10_000 && given < 11_000)) return refuse('NOT_FOUND');
    // Not Implemented: nothing was done, and nothing will be.
    if (status === 501) return refuse('REFUSED');
    if (status >= 500 || given === OVERLOADED) {
      const retryAfterMs = status === 503 ? readWait(headers) : undefined;
      return refuse('PLATFORM_DOWN', {
        happened: retryAfterMs === undefined ? 'maybe' : 'no',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      });
    }
    return refuse('REFUSED');
  }

  adviseOn(refusal: Refusal, action: ActionNeeds): string | undefined {
    return adviseOn(refusal, action);
  }
}

const INVALID_WEBHOOK_TOKEN = 50_027;
const INVALID_TOKEN = 50_014;
const OVERLOADED = 130_000;

/**
 * Limits that are told by a code, and how long to wait where Discord does not say: unpublished, ours.
 * Private messages opened too fast (40003) are what bots are locked out for, so that one waits longest.
 */
const PACED: ReadonlyMap<number, number> = new Map([
  [20_016, 5 * SECOND],
  [20_028, 5 * SECOND],
  [20_029, 5 * SECOND],
  [40_062, 5 * SECOND],
  [40_003, 60 * SECOND],
]);

function readWait(headers: PlatformAnswer['headers']): number | undefined {
  // What is left is free of the difference between two clocks, and finer than Retry-After.
  const left = headers['x-ratelimit-remaining'] === '0' ? headers['x-ratelimit-reset-after'] : '';
  return readSeconds(left) ?? readSeconds(headers['retry-after']);
}

/** Seconds with a fraction as milliseconds, rounded up; undefined for nothing and for nonsense. */
function readSeconds(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,12}(\.\d+)?$/.test(text)) return undefined;
  return Math.ceil(Number(text) * SECOND);
}

const MOST_FIELD_ERRORS = 10;
const DEEPEST_FIELD = 12;

/** Discord's nested field errors as lines such as `embeds[0].title: Must be 256 or fewer in length.` */
function listFieldErrors(errors: unknown, path = '', depth = 0): string[] {
  if (!isObject(errors) || depth > DEEPEST_FIELD) return [];
  const lines: string[] = [];
  for (const [name, inner] of Object.entries(errors)) {
    if (name === '_errors' && Array.isArray(inner)) {
      for (const error of inner) {
        const message = isObject(error) ? String(error['message'] ?? error['code'] ?? '') : '';
        if (message) lines.push(path ? `${path}: ${message}` : message);
      }
      continue;
    }
    const step = /^\d+$/.test(name) ? `[${name}]` : `${path && '.'}${name}`;
    lines.push(...listFieldErrors(inner, path + step, depth + 1));
  }
  return lines.slice(0, MOST_FIELD_ERRORS);
}
