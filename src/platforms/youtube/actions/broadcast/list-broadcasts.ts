import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListBroadcasts extends paged(LARGEST_PAGE) {
  @Choice('Of this status', ['all', 'active', 'upcoming', 'completed'], { default: 'all' })
  status!: string;
}

class ListBroadcastsItem {
  @YouTubeId('Id of the broadcast')
  id!: string;

  @Text('Its title', { min: 0 })
  title!: string;

  @Text('Where it is, such as ready or live', { min: 0 })
  life_cycle_status!: string;

  @Choice('Who sees it', ['private', 'unlisted', 'public'], { optional: true })
  privacy_status?: string;

  @Text('When it is to begin', { min: 0 })
  scheduled_start_time!: string;

  @YouTubeId('Id of its live chat', { optional: true })
  live_chat_id?: string;

  @YouTubeId('Id of the stream that it is bound to', { optional: true })
  stream_id?: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/list */
export const listBroadcasts = youtubeAction({
  type: 'list_broadcasts',
  group: 'broadcast',
  summary: 'List the broadcasts of the channel',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.list'],
  input: ListBroadcasts,
  output: listOf(ListBroadcastsItem),
  run: readPages<ListBroadcasts, ListBroadcastsItem, youtube_v3.Schema$LiveBroadcastListResponse>({
    largest: LARGEST_PAGE,
    request: ({ status }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.liveBroadcasts.list({
          part: ['snippet', 'status', 'contentDetails'],
          broadcastStatus: status,
          broadcastType: 'all',
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$LiveBroadcast, ListBroadcastsItem>(answer, (item) => ({
        id: readId(item),
        title: item.snippet?.title ?? '',
        life_cycle_status: item.status?.lifeCycleStatus ?? '',
        privacy_status: item.status?.privacyStatus ?? undefined,
        scheduled_start_time: item.snippet?.scheduledStartTime ?? '',
        live_chat_id: item.snippet?.liveChatId ?? undefined,
        stream_id: item.contentDetails?.boundStreamId ?? undefined,
      })),
  }),
  example: {
    input: { status: 'all', page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'sandboxCast',
          title: 'Welcome to the sandbox',
          life_cycle_status: 'live',
          scheduled_start_time: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
