import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 100;

class ListComments extends paged(LARGEST_PAGE) {
  @YouTubeId('Id of the comment', { example: 'UgsandboxComment1' })
  comment_id!: string;
}

class ListCommentsItem {
  @YouTubeId('Id of the reply')
  id!: string;

  @Text('Name of the author', { min: 0 })
  author!: string;

  @YouTubeId('Channel of the author', { optional: true })
  author_channel_id?: string;

  @Text('What it says', { min: 0, private: true })
  text!: string;

  @Text('When it was written', { min: 0 })
  published_at!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/comments/list */
export const listComments = youtubeAction({
  type: 'list_comments',
  group: 'comment',
  summary: 'List the replies to a comment',
  docs: 'https://developers.google.com/youtube/v3/docs/comments/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['comments.list'],
  input: ListComments,
  output: listOf(ListCommentsItem),
  run: readPages<ListComments, ListCommentsItem, youtube_v3.Schema$CommentListResponse>({
    largest: LARGEST_PAGE,
    request: ({ comment_id }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.comments.list({
          part: ['snippet'],
          parentId: comment_id,
          textFormat: 'plainText',
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$Comment, ListCommentsItem>(answer, (item) => ({
        id: readId(item),
        author: item.snippet?.authorDisplayName ?? '',
        author_channel_id: item.snippet?.authorChannelId?.value ?? undefined,
        text: item.snippet?.textDisplay ?? '',
        published_at: item.snippet?.publishedAt ?? '',
      })),
  }),
  example: {
    input: { comment_id: 'UgsandboxComment1', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'UgsandboxComment1.reply',
          author: 'Viewer 1',
          text: 'Thanks!',
          published_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
