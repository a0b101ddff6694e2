import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Text, Timestamp } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class Search extends paged(LARGEST_PAGE) {
  @Text('What to look for', { max: 200, visible: true, example: 'sandbox' })
  query!: string;

  @Choice('What of', ['video', 'channel', 'playlist'], { default: 'video' })
  kind!: string;

  @YouTubeId('Within this channel', { optional: true })
  channel_id?: string;

  @Choice('Broadcasts of this state; for videos alone', ['live', 'upcoming', 'completed'], {
    optional: true,
  })
  event_type?: string;

  @Choice('In which order', ['relevance', 'date', 'rating', 'title', 'viewCount'], {
    optional: true,
  })
  order?: string;

  @Timestamp('Published after this time', { optional: true })
  published_after?: string;
}

class SearchItem {
  @YouTubeId('Id of what was found')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @YouTubeId('Its channel', { optional: true })
  channel_id?: string;

  @Text('Name of its channel', { min: 0 })
  channel_title!: string;

  @Text('When it was published', { min: 0 })
  published_at!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/search/list */
export const search = youtubeAction({
  type: 'search',
  group: 'account',
  summary: 'Search videos, channels or playlists; only a hundred searches a day',
  docs: 'https://developers.google.com/youtube/v3/docs/search/list',
  effect: 'read',
  cacheSeconds: 300,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['search.list'],
  input: Search,
  output: listOf(SearchItem),
  check: ({ kind, event_type }) =>
    kind !== 'video' && event_type !== undefined
      ? [{ field: 'event_type', message: 'is for kind video alone' }]
      : [],
  run: readPages<Search, SearchItem, youtube_v3.Schema$SearchListResponse>({
    largest: LARGEST_PAGE,
    request: (
      { query, kind, channel_id, event_type, order, published_after },
      _context,
      { size, token },
    ) =>
      buildYouTubeRequest((youtube) =>
        youtube.search.list({
          part: ['snippet'],
          q: query,
          type: [kind],
          channelId: channel_id,
          eventType: event_type,
          order,
          publishedAfter: published_after,
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$SearchResult, SearchItem>(answer, ({ id, snippet }) => ({
        id: readId({ id: id?.videoId ?? id?.channelId ?? id?.playlistId }),
        title: snippet?.title ?? '',
        description: snippet?.description ?? '',
        channel_id: snippet?.channelId ?? undefined,
        channel_title: snippet?.channelTitle ?? '',
        published_at: snippet?.publishedAt ?? '',
      })),
  }),
  example: {
    input: { query: 'video', kind: 'video', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'sandboxVid1',
          title: 'The first video',
          description: '',
          channel_id: 'UCsandboxDemoChannel0001',
          channel_title: 'Demo Channel',
          published_at: '2027-01-01T00:00:00Z',
        },
      ],
    },
  },
});
