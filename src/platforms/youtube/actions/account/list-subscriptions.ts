import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId, readListPage } from '../../youtube-request.js';

const LARGEST_PAGE = 50;

class ListSubscriptions extends paged(LARGEST_PAGE) {
  @Choice('Channels that it subscribes to, or its subscribers', ['channels', 'subscribers'], {
    default: 'channels',
  })
  of!: string;

  @YouTubeId('Whether it subscribes to this channel', { optional: true })
  for_channel_id?: string;

  @Choice('In which order', ['relevance', 'alphabetical', 'unread'], { optional: true })
  order?: string;
}

class ListSubscriptionsItem {
  @YouTubeId('Id of the subscription, for ending it')
  id!: string;

  @YouTubeId('Id of the channel', { optional: true })
  channel_id?: string;

  @Text('Name of the channel', { min: 0 })
  title!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/subscriptions/list */
export const listSubscriptions = youtubeAction({
  type: 'list_subscriptions',
  group: 'account',
  summary: 'List the channels that the account subscribes to, or its subscribers',
  docs: 'https://developers.google.com/youtube/v3/docs/subscriptions/list',
  effect: 'read',
  cacheSeconds: 15,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['subscriptions.list'],
  input: ListSubscriptions,
  output: listOf(ListSubscriptionsItem),
  run: readPages<
    ListSubscriptions,
    ListSubscriptionsItem,
    youtube_v3.Schema$SubscriptionListResponse
  >({
    largest: LARGEST_PAGE,
    request: ({ of, for_channel_id, order }, _context, { size, token }) =>
      buildYouTubeRequest((youtube) =>
        youtube.subscriptions.list({
          part: ['snippet', 'subscriberSnippet'],
          ...(of === 'channels' ? { mine: true } : { mySubscribers: true }),
          forChannelId: for_channel_id,
          order,
          maxResults: size,
          pageToken: token,
        }),
      ),
    read: (answer) =>
      readListPage<youtube_v3.Schema$Subscription, ListSubscriptionsItem>(answer, (item) => ({
        id: readId(item),
        channel_id:
          item.snippet?.resourceId?.channelId ?? item.subscriberSnippet?.channelId ?? undefined,
        title: item.snippet?.title ?? item.subscriberSnippet?.title ?? '',
      })),
  }),
  example: {
    input: { of: 'channels', page_size: 20, all: false },
    output: {
      items: [
        { id: 'sub-sandbox-1', channel_id: 'UCsandboxQuietChannel001', title: 'Quiet Channel' },
      ],
    },
  },
});
