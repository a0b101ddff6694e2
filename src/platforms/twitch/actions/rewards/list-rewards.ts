import { Flag, Id, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { TwitchReward } from '../../names.js';
import { readList, twitchAction } from '../../twitch-action.js';

class ListRewards {
  @TwitchReward('One reward alone', { optional: true })
  reward_id?: string;

  @Flag('Only those that this application made, and can change', { default: false })
  only_manageable!: boolean;
}

class ListedReward {
  @Id('Id of the reward')
  id!: string;

  @Text('Its title')
  title!: string;

  @Text('What the viewer is asked for', { min: 0 })
  prompt!: string;

  @Integer('Price in channel points', { min: 0 })
  cost!: number;

  @Flag('Viewers see it')
  is_enabled!: boolean;

  @Flag('It is paused')
  is_paused!: boolean;

  @Flag('The viewer has to write something')
  is_user_input_required!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-custom-reward */
export const listRewards = twitchAction({
  type: 'list_rewards',
  group: 'rewards',
  summary: 'List the channel point rewards of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-custom-reward',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['channel:read:redemptions', 'channel:manage:redemptions']],
  actsAs: 'account',
  input: ListRewards,
  output: listOf(ListedReward),
  request: ({ reward_id, only_manageable }, { account }) => ({
    method: 'GET',
    path: '/channel_points/custom_rewards',
    query: {
      broadcaster_id: account.id,
      id: reward_id,
      ...(only_manageable && { only_manageable_rewards: true }),
    },
  }),
  response: (answer) => ({
    items: readList<ListedReward>(answer).map(
      ({ id, title, prompt, cost, is_enabled, is_paused, is_user_input_required }) => ({
        id,
        title,
        prompt,
        cost,
        is_enabled,
        is_paused,
        is_user_input_required,
      }),
    ),
  }),
  example: {
    input: { only_manageable: false },
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000301',
          title: 'Hydrate',
          prompt: '',
          cost: 100,
          is_enabled: true,
          is_paused: false,
          is_user_input_required: false,
        },
      ],
    },
  },
});
