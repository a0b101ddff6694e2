import type { ActionContext, Limit } from '../../actions/action.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/**
 * Chat: 20 messages in 30 s, 100 as the broadcaster. A moderator may send 100 as well, but whether
 * an actor moderates a channel is not known without asking, so the lower figure holds for actors.
 * The published figures are those of the IRC guide; that Helix counts per channel is unverified.
 * @see https://dev.twitch.tv/docs/chat/#rate-limits
 */
export function limitChat({ account, actor }: ActionContext): Limit[] {
  const tokens = actor.id === account.id ? 100 : 20;
  return [{ bucket: `twitch:chat:${actor.id}:${account.id}`, tokens, windowMs: 30 * SECOND }];
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-whisper */
export function limitWhispers({ actor }: ActionContext, recipient: string): Limit[] {
  return [
    { bucket: `twitch:whisper:${actor.id}:second`, tokens: 3, windowMs: SECOND },
    { bucket: `twitch:whisper:${actor.id}:minute`, tokens: 100, windowMs: MINUTE },
    { bucket: `twitch:whisper:${actor.id}:day`, tokens: 40, windowMs: DAY, member: recipient },
  ];
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-chat-announcement */
export function limitAnnouncements({ account }: ActionContext): Limit[] {
  return [{ bucket: `twitch:announcement:${account.id}`, tokens: 1, windowMs: 2 * SECOND }];
}

/** @see https://dev.twitch.tv/docs/api/reference/#start-a-raid */
export function limitRaids({ account }: ActionContext): Limit[] {
  return [{ bucket: `twitch:raid:${account.id}`, tokens: 10, windowMs: 10 * MINUTE }];
}

/**
 * Adding and removing moderators and VIPs: 10 in 10 s, counted apart for each of the four.
 * @see https://dev.twitch.tv/docs/api/reference/#add-channel-moderator
 */
export function limitRoles(
  { account }: ActionContext,
  change: 'mod_add' | 'mod_remove' | 'vip_add' | 'vip_remove',
): Limit[] {
  return [{ bucket: `twitch:${change}:${account.id}`, tokens: 10, windowMs: 10 * SECOND }];
}

/**
 * The Helix bucket: points per client and user, refilled within a minute. 800 is the figure of the
 * documentation's example; answers carry the true one in their headers.
 * @see https://dev.twitch.tv/docs/api/guide/#twitch-rate-limits
 */
export function limitHelix(userId: string): Limit[] {
  return [{ bucket: `twitch:helix:${userId}`, tokens: 800, windowMs: MINUTE }];
}
