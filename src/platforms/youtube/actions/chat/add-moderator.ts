import { Flag } from '../../../../actions/fields.js';
import { orderOfTarget } from '../../bans.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId } from '../../youtube-request.js';

class AddModerator extends InLiveChat {
  @YouTubeId('Channel id of the person who shall moderate', {
    example: 'UCsandboxViewer000000001',
  })
  target_channel_id!: string;
}

class AddedModerator {
  @Flag('The person moderates the chat')
  moderator_added!: boolean;

  @YouTubeId('Id that YouTube gives the role')
  moderator_id!: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/insert */
export const addModerator = youtubeAction({
  type: 'add_moderator',
  group: 'chat',
  summary: 'Make a person a moderator of a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatModerators/insert',
  effect: 'create',
  order: orderOfTarget,
  queue: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatModerators.insert'],
  input: AddModerator,
  output: AddedModerator,
  run: ({ live_chat_id, target_channel_id }, _context, upstream) =>
    actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const added = await askYouTube(upstream, (youtube) =>
        youtube.liveChatModerators.insert({
          part: ['snippet'],
          requestBody: {
            snippet: { liveChatId, moderatorDetails: { channelId: target_channel_id } },
          },
        }),
      );
      return { moderator_added: true, moderator_id: readId(added) };
    }),
  example: {
    input: { target_channel_id: 'UCsandboxViewer000000001' },
    output: { moderator_added: true, moderator_id: 'moderator-sandbox-1' },
  },
});
