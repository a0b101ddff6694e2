import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class Subscribe {
  @YouTubeId('Id of the channel', { example: 'UCsandboxModerator000001' })
  channel_id!: string;
}

class SubscribeResult {
  @Flag('The account subscribes to it')
  subscribed!: boolean;

  @YouTubeId('Id of the subscription')
  subscription_id!: string;
}

/** @see https://developers.google.com/youtube/v3/docs/subscriptions/insert */
export const subscribe = youtubeAction({
  type: 'subscribe',
  group: 'account',
  summary: 'Subscribe to a channel',
  docs: 'https://developers.google.com/youtube/v3/docs/subscriptions/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['subscriptions.insert'],
  input: Subscribe,
  output: SubscribeResult,
  request: ({ channel_id }) =>
    buildYouTubeRequest((youtube) =>
      youtube.subscriptions.insert({
        part: ['snippet'],
        requestBody: {
          snippet: { resourceId: { kind: 'youtube#channel', channelId: channel_id } },
        },
      }),
    ),
  response: (made: youtube_v3.Schema$Subscription) => ({
    subscribed: true,
    subscription_id: readId(made),
  }),
  example: {
    input: { channel_id: 'UCsandboxModerator000001' },
    output: { subscribed: true, subscription_id: 'sub-sandbox-4' },
  },
});
