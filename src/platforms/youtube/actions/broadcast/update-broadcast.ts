import { requireChange } from '../../../../actions/changes.js';
import { Flag } from '../../../../actions/fields.js';
import { BroadcastChanges, orderOfBroadcast, changeBroadcast } from '../../broadcasts.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { youtubeAction, YouTubeId } from '../../youtube-action.js';

class UpdateBroadcast extends BroadcastChanges {
  @YouTubeId('Id of the broadcast', { example: 'sandboxLater1' })
  broadcast_id!: string;
}

class UpdateBroadcastResult {
  @Flag('The broadcast is changed')
  broadcast_updated!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/update */
export const updateBroadcast = youtubeAction({
  type: 'update_broadcast',
  group: 'broadcast',
  summary: 'Change a broadcast, and leave the rest of it',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveBroadcasts/update',
  effect: 'update',
  repeatable: true,
  order: orderOfBroadcast,
  check: ({ broadcast_id: _id, ...changes }) => requireChange(changes),
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveBroadcasts.update'],
  input: UpdateBroadcast,
  output: UpdateBroadcastResult,
  run: async ({ broadcast_id, ...changes }, _context, upstream) => {
    await changeBroadcast(broadcast_id, changes, upstream);
    return { broadcast_updated: true };
  },
  example: {
    input: { broadcast_id: 'sandboxLater1', title: 'Speedrun Monday' } as UpdateBroadcast,
    output: { broadcast_updated: true },
  },
});
