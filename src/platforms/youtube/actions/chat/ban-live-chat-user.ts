import { Flag, Integer } from '../../../../actions/fields.js';
import { nameBan, orderOfTarget } from '../../bans.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId } from '../../youtube-request.js';

class BanLiveChatUser extends InLiveChat {
  @YouTubeId('Channel id of the person to ban', { example: 'UCsandboxViewer000000001' })
  target_channel_id!: string;

  // How long a ban may last at most is unpublished.
  @Integer('For how many seconds; left out, for good', { optional: true, min: 1, example: 300 })
  duration_seconds?: number;
}

class BannedLiveChatUser {
  @Flag('The person is banned')
  user_banned!: boolean;

  @YouTubeId('Id of the ban, with which it can be ended from anywhere')
  ban_id!: string;
}

const YEAR_MS = 365 * 86_400_000;

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatBans/insert */
export const banLiveChatUser = youtubeAction({
  type: 'ban_live_chat_user',
  group: 'chat',
  summary: 'Ban a person from a live chat, for a while or for good',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatBans/insert',
  effect: 'create',
  destructive: true,
  order: orderOfTarget,
  queue: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatBans.insert'],
  input: BanLiveChatUser,
  output: BannedLiveChatUser,
  run: ({ live_chat_id, target_channel_id, duration_seconds }, _context, upstream) =>
    actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const ban = await askYouTube(upstream, (youtube) =>
        youtube.liveChatBans.insert({
          part: ['snippet'],
          requestBody: {
            snippet: {
              liveChatId,
              bannedUserDetails: { channelId: target_channel_id },
              ...(duration_seconds === undefined
                ? { type: 'permanent' }
                : // The discovery document calls it an unsigned 64-bit number, which travels as text.
                  { type: 'temporary', banDurationSeconds: String(duration_seconds) }),
            },
          },
        }),
      );
      const ban_id = readId(ban);
      const lastsMs = duration_seconds === undefined ? 10 * YEAR_MS : duration_seconds * 1_000;
      await upstream.remember(
        nameBan(liveChatId, target_channel_id),
        ban_id,
        Math.min(lastsMs, 10 * YEAR_MS),
      );
      return { user_banned: true, ban_id };
    }),
  example: {
    input: { target_channel_id: 'UCsandboxViewer000000003', duration_seconds: 300 },
    output: { user_banned: true, ban_id: 'ban-sandbox-1' },
  },
});
