import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListModerators extends paged(LARGEST_PAGE) {
  @YouTubeId('Id of the live chat', { example: 'Cg0KCc2FuZGJveENhc3Q' })
  live_chat_id!: string;
}

class ListModeratorsItem {
  @YouTubeId('Id of the entry, for removing it')
  id!: string;

  @YouTubeId('Id of the channel')
  channel_id!: string;

  @Text('Name of the channel', { min: 0 })
  name!: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatModerators/list */
export const listModerators = youtubeAction({
  type: 'list_moderators',
  group: 'chat',
  summary: 'List the moderators of a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatModerators/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatModerators.list'],
  input: ListModerators,
  output: listOf(ListModeratorsItem),
  run: readPages<
    ListModerators,
    ListModeratorsItem,
    youtube_v3.Schema$LiveChatModeratorListResponse
  >({
    largest: LARGEST_PAGE,
    request: ({ live_chat_id }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.liveChatModerators.list({
          part: ['id', 'snippet'],
          liveChatId: live_chat_id,
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$LiveChatModerator, ListModeratorsItem>(answer, (item) => ({
        id: readId(item),
        channel_id: item.snippet?.moderatorDetails?.channelId ?? '',
        name: item.snippet?.moderatorDetails?.displayName ?? '',
      })),
  }),
  example: {
    input: { live_chat_id: 'Cg0KCc2FuZGJveENhc3Q', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'moderator-UCsandboxModerator000001',
          channel_id: 'UCsandboxModerator000001',
          name: 'Demo Moderator',
        },
      ],
    },
  },
});
