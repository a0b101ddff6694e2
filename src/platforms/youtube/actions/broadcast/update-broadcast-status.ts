import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Choice, Flag, Text } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class UpdateBroadcastStatus {
  @YouTubeId('Id of the broadcast', { example: 'sandboxCast' })
  broadcast_id!: string;

  @Choice('Where it shall go', ['testing', 'live', 'complete'], { example: 'live' })
  status!: 'testing' | 'live' | 'complete';
}

class UpdatedBroadcastStatus {
  @Flag('YouTube makes the change')
  status_updated!: boolean;

  @Text('Where the broadcast is now, such as liveStarting', { optional: true })
  life_cycle_status?: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/transition */
export const updateBroadcastStatus = youtubeAction({
  type: 'update_broadcast_status',
  group: 'broadcast',
  summary: 'Bring a broadcast into its test, on air or to its end',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/transition',
  effect: 'update',
  order: (_context, { broadcast_id }) => `youtube:broadcast:${broadcast_id}`,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.transition'],
  input: UpdateBroadcastStatus,
  output: UpdatedBroadcastStatus,
  request: ({ broadcast_id, status }) =>
    buildYouTubeRequest((youtube) =>
      youtube.liveBroadcasts.transition({
        id: broadcast_id,
        broadcastStatus: status,
        part: ['id', 'snippet', 'status'],
      }),
    ),
  response: (broadcast: youtube_v3.Schema$LiveBroadcast, { broadcast_id }) => {
    if (readId(broadcast) !== broadcast_id)
      throw new TypeError('The answer is about another broadcast');
    const status = broadcast.status?.lifeCycleStatus;
    return { status_updated: true, ...(status && { life_cycle_status: status }) };
  },
  example: {
    account: 'UCsandboxQuietChannel001',
    input: { broadcast_id: 'sandboxNext', status: 'testing' },
    output: { status_updated: true, life_cycle_status: 'testing' },
  },
});
