import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag } from '../../../../actions/fields.js';
import { NewBroadcast, buildBroadcast } from '../../broadcasts.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest, readId } from '../../youtube-request.js';

class CreateBroadcast extends NewBroadcast {}

class CreateBroadcastResult {
  @Flag('The broadcast is scheduled')
  broadcast_created!: boolean;

  @YouTubeId('Id of the broadcast')
  broadcast_id!: string;

  @YouTubeId('Id of its live chat', { optional: true })
  live_chat_id?: string | undefined;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/insert */
export const createBroadcast = youtubeAction({
  type: 'create_broadcast',
  group: 'broadcast',
  summary: 'Schedule a broadcast',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/insert',
  effect: 'create',
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.insert'],
  input: CreateBroadcast,
  output: CreateBroadcastResult,
  request: (broadcast) =>
    buildYouTubeRequest((youtube) => youtube.liveBroadcasts.insert(buildBroadcast(broadcast))),
  response: (made: youtube_v3.Schema$LiveBroadcast) => ({
    broadcast_created: true,
    broadcast_id: readId(made),
    live_chat_id: made.snippet?.liveChatId ?? undefined,
  }),
  example: {
    input: {
      title: 'Speedrun Sunday',
      scheduled_start_time: '2099-01-31T18:00:00Z',
      privacy_status: 'unlisted',
    } as CreateBroadcast,
    output: { broadcast_created: true, broadcast_id: 'sandboxCast2', live_chat_id: 'chat-2' },
  },
});
