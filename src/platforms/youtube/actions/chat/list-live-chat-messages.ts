import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 2000;

class ListLiveChatMessages extends paged(LARGEST_PAGE) {
  @YouTubeId('Id of the live chat', { example: 'Cg0KCc2FuZGJveENhc3Q' })
  live_chat_id!: string;
}

class ListLiveChatMessagesItem {
  @YouTubeId('Id of the message')
  id!: string;

  @Text('Its type, such as textMessageEvent', { min: 0 })
  type!: string;

  @Text('What it says', { min: 0, private: true })
  text!: string;

  @YouTubeId('Channel of the author', { optional: true })
  author_channel_id?: string;

  @Text('Name of the author', { min: 0 })
  author!: string;

  @Flag('The author moderates the chat')
  is_moderator!: boolean;

  @Flag('The author owns the chat')
  is_owner!: boolean;

  @Text('When it was written', { min: 0 })
  published_at!: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list */
export const listLiveChatMessages = youtubeAction({
  type: 'list_live_chat_messages',
  group: 'chat',
  summary: 'List the latest messages of a live chat; a request takes five units',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages/list',
  effect: 'read',
  cacheSeconds: 2,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatMessages.list'],
  input: ListLiveChatMessages,
  output: listOf(ListLiveChatMessagesItem),
  run: readPages<
    ListLiveChatMessages,
    ListLiveChatMessagesItem,
    youtube_v3.Schema$LiveChatMessageListResponse
  >({
    largest: LARGEST_PAGE,
    request: ({ live_chat_id }, _context, { token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.liveChatMessages.list({
          part: ['id', 'snippet', 'authorDetails'],
          liveChatId: live_chat_id,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$LiveChatMessage, ListLiveChatMessagesItem>(
        answer,
        ({ authorDetails, snippet, ...item }) => ({
          id: readId(item),
          type: snippet?.type ?? '',
          text: snippet?.displayMessage ?? '',
          author_channel_id: authorDetails?.channelId ?? undefined,
          author: authorDetails?.displayName ?? '',
          is_moderator: authorDetails?.isChatModerator ?? false,
          is_owner: authorDetails?.isChatOwner ?? false,
          published_at: snippet?.publishedAt ?? '',
        }),
      ),
  }),
  example: {
    input: { live_chat_id: 'Cg0KCc2FuZGJveENhc3Q', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'LCC.EhwKGkNQamRlbW9NZXNzYWdm',
          type: 'textMessageEvent',
          text: 'hello',
          author_channel_id: 'UCsandboxViewer000000003',
          author: 'Viewer 3',
          is_moderator: false,
          is_owner: false,
          published_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
