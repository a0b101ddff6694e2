import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { orderOfBroadcast } from '../../broadcasts.js';
import { requireSame } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class BindBroadcast {
  @YouTubeId('Id of the broadcast', { example: 'sandboxLater3' })
  broadcast_id!: string;

  @YouTubeId('Id of the stream; left out, the broadcast is unbound', {
    optional: true,
    example: 'sandboxStream1',
  })
  stream_id?: string;
}

class BindBroadcastResult {
  @Flag('It is done')
  broadcast_bound!: boolean;

  @YouTubeId('The stream that it is bound to now', { optional: true })
  stream_id?: string | undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/bind */
export const bindBroadcast = youtubeAction({
  type: 'bind_broadcast',
  group: 'broadcast',
  summary: 'Bind a broadcast to a stream, or unbind it',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/bind',
  effect: 'update',
  repeatable: true,
  order: orderOfBroadcast,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.bind'],
  input: BindBroadcast,
  output: BindBroadcastResult,
  request: ({ broadcast_id, stream_id }) =>
    buildYouTubeRequest((youtube) =>
      youtube.liveBroadcasts.bind({
        id: broadcast_id,
        part: ['id', 'contentDetails'],
        ...(stream_id !== undefined && { streamId: stream_id }),
      }),
    ),
  response: (bound: youtube_v3.Schema$LiveBroadcast, { broadcast_id }) => {
    requireSame(bound, broadcast_id);
    return { broadcast_bound: true, stream_id: bound.contentDetails?.boundStreamId ?? undefined };
  },
  example: {
    input: { broadcast_id: 'sandboxLater3', stream_id: 'sandboxStream1' },
    output: { broadcast_bound: true, stream_id: 'sandboxStream1' },
  },
});
