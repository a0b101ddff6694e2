import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import type { Upstream } from '../../../../actions/action.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag } from '../../../../actions/fields.js';
import { orderOfTarget } from '../../bans.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readItems, tellYouTube } from '../../youtube-request.js';

class RemoveModerator extends InLiveChat {
  @YouTubeId('Channel id of the moderator', { example: 'UCsandboxViewer000000001' })
  target_channel_id!: string;
}

class RemovedModerator {
  @Flag('The person no longer moderates the chat')
  moderator_removed!: boolean;
}

const PAGE = 50;
/** Five thousand moderators; a list without end must not keep an action. */
const MOST_PAGES = 100;

/**
 * YouTube takes the role away by an id of its own, which stands on one of the pages of its list.
 * @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/delete
 */
export const removeModerator = youtubeAction({
  type: 'remove_moderator',
  group: 'chat',
  summary: 'Take the moderator role of a live chat from a person',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatModerators/delete',
  effect: 'delete',
  order: orderOfTarget,
  queue: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatModerators.delete'],
  input: RemoveModerator,
  output: RemovedModerator,
  run: ({ live_chat_id, target_channel_id }, _context, upstream) =>
    actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const id = await findRole(liveChatId, target_channel_id, upstream);
      await tellYouTube(upstream, (youtube) => youtube.liveChatModerators.delete({ id }));
      return { moderator_removed: true };
    }),
  example: {
    input: { target_channel_id: 'UCsandboxModerator000001' },
    output: { moderator_removed: true },
  },
});

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/list */
async function findRole(
  liveChatId: string,
  channelId: string,
  upstream: Upstream,
): Promise<string> {
  let pageToken: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const list = await askYouTube(
      upstream,
      (youtube) =>
        youtube.liveChatModerators.list({
          liveChatId,
          part: ['snippet'],
          maxResults: PAGE,
          ...(pageToken && { pageToken }),
        }),
      {
        items: [
          {
            id: `<id of the role of ${channelId}>`,
            snippet: { moderatorDetails: { channelId } },
          },
        ],
      },
    );
    const role = readItems<youtube_v3.Schema$LiveChatModerator>(list).find(
      ({ snippet }) => snippet?.moderatorDetails?.channelId === channelId,
    );
    if (role?.id) return role.id;
    if (!list.nextPageToken) break;
    pageToken = list.nextPageToken;
  }
  throw new ActionFailure('NOT_FOUND', `${channelId} is no moderator of this live chat`);
}
