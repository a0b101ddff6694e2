import type { ActionContext } from '../../actions/action.js';
import type { LearnedLimit, Limit, LimitNews, WindowLimit } from '../../actions/limit.js';
import type { PlatformAnswer } from '../../actions/wire.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** One for all, since every account has a bucket. */
const ASSUMED_POINTS = { tokens: 800, windowMs: MINUTE };

/**
 * Chat: 20 messages in 30 s, 100 as the broadcaster. A moderator may send 100 as well, but whether
 * an actor moderates a channel is not known without asking, so the lower figure holds for actors.
 * The published figures are those of the IRC guide; that Helix counts per channel is unverified.
 * @see https://dev.twitch.tv/docs/chat/#rate-limits
 */
export function limitChat({ account, actor }: ActionContext): Limit[] {
  const tokens = actor.id === account.id ? 100 : 20;
  return [slide(`chat:${actor.id}:${account.id}`, actor, tokens, 30 * SECOND)];
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-whisper */
export function limitWhispers({ actor }: ActionContext, recipient: string): Limit[] {
  return [
    slide(`whisper:${actor.id}:second`, actor, 3, SECOND),
    slide(`whisper:${actor.id}:minute`, actor, 100, MINUTE),
    { ...slide(`whisper:${actor.id}:day`, actor, 40, DAY), member: recipient },
  ];
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-chat-announcement */
export function limitAnnouncements({ account }: ActionContext): Limit[] {
  return [slide(`announcement:${account.id}`, account, 1, 2 * SECOND)];
}

/** @see https://dev.twitch.tv/docs/api/reference/#start-a-raid */
export function limitRaids({ account }: ActionContext): Limit[] {
  return [slide(`raid:${account.id}`, account, 10, 10 * MINUTE)];
}

/**
 * One shoutout in 2 minutes, and one of the same channel in 60.
 * @see https://dev.twitch.tv/docs/api/reference/#send-a-shoutout
 */
export function limitShoutouts({ account }: ActionContext, target: string): Limit[] {
  return [
    slide(`shoutout:${account.id}`, account, 1, 2 * MINUTE),
    slide(`shoutout:${account.id}:${target}`, account, 1, 60 * MINUTE),
  ];
}

/**
 * Questions to AutoMod: 5 a minute and 50 an hour. Affiliates and partners have more, and which a channel is
 * cannot be known without asking.
 * @see https://dev.twitch.tv/docs/api/reference/#check-automod-status
 */
export function limitAutomodChecks({ account }: ActionContext): Limit[] {
  return [
    slide(`automod_check:${account.id}:minute`, account, 5, MINUTE),
    slide(`automod_check:${account.id}:hour`, account, 50, 60 * MINUTE),
  ];
}

/**
 * Adding and removing moderators and VIPs: 10 in 10 s, counted apart for each of the four.
 * @see https://dev.twitch.tv/docs/api/reference/#add-channel-moderator
 */
export function limitRoles(
  { account }: ActionContext,
  change: 'mod_add' | 'mod_remove' | 'vip_add' | 'vip_remove',
): Limit[] {
  return [slide(`${change}:${account.id}`, account, 10, 10 * SECOND)];
}

/**
 * The Helix bucket: points per client and user, refilled within a minute. 800 is the figure of the
 * documentation's example; answers carry the true one in their headers.
 * @see https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits
 */
export function limitHelix(clientId: string, userId: string, cost: number): LearnedLimit[] {
  return [
    {
      kind: 'learned',
      bucket: `twitch:helix:${clientId}:${userId}`,
      account: userId,
      assumed: ASSUMED_POINTS,
      ...(cost !== 1 && { cost }),
    },
  ];
}

/** How the Helix bucket stands, by the headers of an answer. */
export function readHelix({ status, headers }: PlatformAnswer, bucket: string): LimitNews[] {
  const tokens = readNumber(headers['ratelimit-limit']);
  const remaining = readNumber(headers['ratelimit-remaining']);
  const resetAfterMs = readReset(headers);
  if (!tokens || remaining === undefined || resetAfterMs === undefined)
    return [{ bucket, kind: 'silent' }];
  return [
    { bucket, kind: 'standing', tokens, remaining, resetAfterMs },
    // A 429 with points left is that of an endpoint, and says nothing about the bucket.
    ...(status === 429 && remaining === 0
      ? [{ bucket, kind: 'closed' as const, forMs: resetAfterMs }]
      : []),
  ];
}

/**
 * Milliseconds until Ratelimit-Reset, a second of Unix time, by Twitch's own clock: ours may be wrong.
 * The Date header cuts its second short, so that this is rather too long.
 */
function readReset(headers: PlatformAnswer['headers']): number | undefined {
  const reset = readNumber(headers['ratelimit-reset']);
  const date = Date.parse(headers['date'] ?? '');
  if (reset === undefined || Number.isNaN(date)) return undefined;
  return Math.min(MINUTE, Math.max(0, reset * SECOND - date));
}

function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function slide(
  name: string,
  { id }: { readonly id: string },
  tokens: number,
  windowMs: number,
): WindowLimit {
  return { kind: 'window', bucket: `twitch:${name}`, account: id, tokens, windowMs };
}
