import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 100;

class ListCommentThreads extends paged(LARGEST_PAGE) {
  @YouTubeId('Of this video; left out for the whole channel', {
    optional: true,
    example: 'sandboxVid1',
  })
  video_id?: string;

  @Choice('In which order', ['time', 'relevance'], { default: 'time' })
  order!: string;

  @Choice(
    'Of this status; others than published need the own channel',
    ['published', 'heldForReview', 'likelySpam'],
    { optional: true },
  )
  moderation_status?: string;

  @Text('With these words', { optional: true, max: 200 })
  search?: string;
}

class ListCommentThreadsItem {
  @YouTubeId('Id of the comment, for replies and for moderating it')
  id!: string;

  @YouTubeId('Id of the video', { optional: true })
  video_id?: string;

  @Text('Name of the author', { min: 0 })
  author!: string;

  @YouTubeId('Channel of the author', { optional: true })
  author_channel_id?: string;

  @Text('What it says', { min: 0, private: true })
  text!: string;

  @Integer('Replies', { min: 0 })
  reply_count!: number;

  @Text('When it was written', { min: 0 })
  published_at!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/commentThreads/list */
export const listCommentThreads = youtubeAction({
  type: 'list_comment_threads',
  group: 'comment',
  summary: 'List the comments of a video, or of all videos of a channel',
  docs: 'https://developers.google.com/youtube/v3/docs/commentThreads/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['commentThreads.list'],
  input: ListCommentThreads,
  output: listOf(ListCommentThreadsItem),
  run: readPages<
    ListCommentThreads,
    ListCommentThreadsItem,
    youtube_v3.Schema$CommentThreadListResponse
  >({
    largest: LARGEST_PAGE,
    request: ({ video_id, order, moderation_status, search }, { account }, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.commentThreads.list({
          part: ['snippet'],
          ...(video_id === undefined
            ? { allThreadsRelatedToChannelId: account.id }
            : { videoId: video_id }),
          order,
          moderationStatus: moderation_status,
          searchTerms: search,
          textFormat: 'plainText',
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$CommentThread, ListCommentThreadsItem>(answer, (item) => {
        const comment = item.snippet?.topLevelComment?.snippet;
        return {
          id: readId(item),
          video_id: item.snippet?.videoId ?? undefined,
          author: comment?.authorDisplayName ?? '',
          author_channel_id: comment?.authorChannelId?.value ?? undefined,
          text: comment?.textDisplay ?? '',
          reply_count: item.snippet?.totalReplyCount ?? 0,
          published_at: comment?.publishedAt ?? '',
        };
      }),
  }),
  example: {
    input: { video_id: 'sandboxVid1', order: 'time', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'UgsandboxComment1',
          video_id: 'sandboxVid1',
          author: 'Demo Channel',
          author_channel_id: 'UCsandboxDemoChannel0001',
          text: 'Ask me anything',
          reply_count: 0,
          published_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
