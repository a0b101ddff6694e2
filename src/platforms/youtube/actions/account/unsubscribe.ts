import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { ActionFailure } from '../../../../actions/failures.js';
import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId, readItems, tellYouTube } from '../../youtube-request.js';

class Unsubscribe {
  @YouTubeId('Id of the channel', { example: 'UCsandboxViewer000000001' })
  channel_id!: string;
}

class UnsubscribeResult {
  @Flag('The account no longer subscribes to it')
  unsubscribed!: boolean;
}

/** @see https://developers.google.com/youtube/v3/docs/subscriptions/delete */
export const unsubscribe = youtubeAction({
  type: 'unsubscribe',
  group: 'account',
  summary: 'End a subscription',
  docs: 'https://developers.google.com/youtube/v3/docs/subscriptions/delete',
  effect: 'delete',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['subscriptions.delete'],
  input: Unsubscribe,
  output: UnsubscribeResult,
  run: async ({ channel_id }, _context, upstream) => {
    const list = await askYouTube(
      upstream,
      (youtube) =>
        youtube.subscriptions.list({ part: ['id'], mine: true, forChannelId: channel_id }),
      { items: [{ id: '<id of the subscription>' }] },
    );
    const [found] = readItems<youtube_v3.Schema$Subscription>(list);
    if (!found)
      throw new ActionFailure('NOT_FOUND', `The account does not subscribe to ${channel_id}`);
    const id = readId(found);
    await tellYouTube(upstream, (youtube) => youtube.subscriptions.delete({ id }));
    return { unsubscribed: true };
  },
  example: { input: { channel_id: 'UCsandboxViewer000000001' }, output: { unsubscribed: true } },
});
