import { ActionFailure } from '../../../../actions/failures.js';
import { Flag } from '../../../../actions/fields.js';
import { nameBan, orderOfTarget } from '../../bans.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { tellYouTube } from '../../youtube-request.js';

class UnbanLiveChatUser extends InLiveChat {
  @YouTubeId('Id of the ban, as ban_live_chat_user gave it', {
    optional: true,
    example: 'ban-sandbox-1',
  })
  ban_id?: string;

  @YouTubeId('Channel id of the person, whose ban was made through this gateway', {
    optional: true,
    example: 'UCsandboxViewer000000001',
  })
  target_channel_id?: string;
}

class UnbannedLiveChatUser {
  @Flag('The person may speak again')
  user_unbanned!: boolean;
}

/**
 * YouTube ends a ban by its id and lists no bans, so the ids of the bans made here are kept.
 * @see https://developers.google.com/youtube/v3/live/docs/liveChatBans/delete
 */
export const unbanLiveChatUser = youtubeAction({
  type: 'unban_live_chat_user',
  group: 'chat',
  summary: 'End the ban of a person from a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatBans/delete',
  effect: 'delete',
  order: orderOfTarget,
  queue: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatBans.delete'],
  input: UnbanLiveChatUser,
  output: UnbannedLiveChatUser,
  check: ({ ban_id, target_channel_id }) =>
    (ban_id === undefined) === (target_channel_id === undefined)
      ? [{ field: 'ban_id', message: 'give either ban_id or target_channel_id' }]
      : [],
  run: async ({ live_chat_id, ban_id, target_channel_id = '' }, _context, upstream) => {
    const endBan = (id: string): Promise<void> =>
      tellYouTube(upstream, (youtube) => youtube.liveChatBans.delete({ id }));
    if (ban_id !== undefined) {
      await endBan(ban_id);
      return { user_unbanned: true };
    }
    return actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const name = nameBan(liveChatId, target_channel_id);
      const kept = await upstream.recall(name, '<id of the ban, kept since it was made>');
      if (kept === undefined) {
        throw new ActionFailure(
          'NOT_FOUND',
          `No ban of ${target_channel_id} in this chat was made through the gateway, and YouTube lists none: give its ban_id`,
        );
      }
      try {
        await endBan(kept);
      } catch (error) {
        // Ended elsewhere, or run out: the id is worth nothing any more.
        if (error instanceof ActionFailure && error.code === 'NOT_FOUND')
          await upstream.forget(name);
        throw error;
      }
      await upstream.forget(name);
      return { user_unbanned: true };
    });
  },
  example: { input: { ban_id: 'ban-sandbox-1' }, output: { user_unbanned: true } },
});
