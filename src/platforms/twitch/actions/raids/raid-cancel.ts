import { Flag } from '../../../../actions/fields.js';
import { limitRaids } from '../../limits.js';
import { twitchAction } from '../../twitch-action.js';

class RaidCancel {}

class RaidCancelDone {
  @Flag('The raid does not take place')
  raid_cancelled!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#cancel-a-raid */
export const raidCancel = twitchAction({
  type: 'raid_cancel',
  group: 'raids',
  summary: 'Cancel a raid that has not begun',
  docs: 'https://dev.twitch.tv/docs/api/reference/#cancel-a-raid',
  effect: 'delete',
  order: ({ account }) => `twitch:raid:${account.id}`,
  limits: limitRaids,
  scopes: ['channel:manage:raids'],
  actsAs: 'account',
  input: RaidCancel,
  output: RaidCancelDone,
  request: (_input, { account }) => ({
    method: 'DELETE',
    path: '/raids',
    query: { broadcaster_id: account.id },
  }),
  yes: 'no body',
  response: () => ({ raid_cancelled: true }),
  example: { input: {}, output: { raid_cancelled: true }, account: '1003' },
});
