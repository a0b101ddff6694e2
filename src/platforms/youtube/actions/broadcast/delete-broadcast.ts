import { Flag } from '../../../../actions/fields.js';
import { orderOfBroadcast } from '../../broadcasts.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteBroadcast {
  @YouTubeId('Id of the broadcast', { example: 'sandboxLater2' })
  broadcast_id!: string;
}

class DeleteBroadcastResult {
  @Flag('The broadcast is gone')
  broadcast_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/delete */
export const deleteBroadcast = youtubeAction({
  type: 'delete_broadcast',
  group: 'broadcast',
  summary: 'Delete a broadcast that is not on air',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/delete',
  effect: 'delete',
  order: orderOfBroadcast,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.delete'],
  input: DeleteBroadcast,
  output: DeleteBroadcastResult,
  request: ({ broadcast_id }) =>
    buildYouTubeRequest((youtube) => youtube.liveBroadcasts.delete({ id: broadcast_id })),
  yes: 'no body',
  response: () => ({ broadcast_deleted: true }),
  example: { input: { broadcast_id: 'sandboxLater2' }, output: { broadcast_deleted: true } },
});
