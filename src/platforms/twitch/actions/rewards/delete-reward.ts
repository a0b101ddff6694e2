import { Flag } from '../../../../actions/fields.js';
import { TwitchReward } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteReward {
  @TwitchReward('The reward', { example: '5a6d0000-0000-4000-8000-000000000303' })
  reward_id!: string;
}

class DeleteRewardDone {
  @Flag('The reward is gone')
  reward_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-custom-reward */
export const deleteReward = twitchAction({
  type: 'delete_reward',
  group: 'rewards',
  summary: 'Delete a reward that this application made',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-custom-reward',
  effect: 'delete',
  order: ({ account }) => `twitch:rewards:${account.id}`,
  scopes: ['channel:manage:redemptions'],
  actsAs: 'account',
  input: DeleteReward,
  output: DeleteRewardDone,
  request: ({ reward_id }, { account }) => ({
    method: 'DELETE',
    path: '/channel_points/custom_rewards',
    query: { broadcaster_id: account.id, id: reward_id },
  }),
  yes: 'no body',
  response: () => ({ reward_deleted: true }),
  example: {
    input: { reward_id: '5a6d0000-0000-4000-8000-000000000303' },
    output: { reward_deleted: true },
  },
});
