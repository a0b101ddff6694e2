import { Flag, Id, Integer, Text } from '../../../../actions/fields.js';
import { buildReward } from '../../rewards.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class CreateReward {
  @Text('Title; no other reward of the channel may have it', {
    max: 45,
    visible: true,
    example: 'Hydrate',
  })
  title!: string;

  @Integer('Price in channel points', { min: 1, max: 2_147_483_647, example: 100 })
  cost!: number;

  @Text('What the viewer is asked for', { optional: true, max: 200 })
  prompt?: string;

  @Flag('Viewers see it', { optional: true })
  is_enabled?: boolean;

  @Text('Colour of its background', {
    optional: true,
    pattern: /^#[0-9A-F]{6}$/i,
    patternMeans: 'a colour such as #9147FF',
  })
  background_color?: string;

  @Flag('The viewer has to write something', { optional: true })
  is_user_input_required?: boolean;

  @Integer('The most redemptions in one stream; 0 for no limit', {
    optional: true,
    min: 0,
    max: 1_000_000_000,
  })
  max_per_stream?: number;

  @Integer('The most redemptions of one viewer in one stream; 0 for no limit', {
    optional: true,
    min: 0,
    max: 1_000_000_000,
  })
  max_per_user_per_stream?: number;

  @Integer('Seconds between two redemptions; 0 for none', { optional: true, min: 0, max: 604_800 })
  global_cooldown_seconds?: number;

  @Flag('Redemptions are fulfilled at once', { optional: true })
  should_redemptions_skip_request_queue?: boolean;
}

class CreateRewardResult {
  @Id('Id of the reward')
  reward_id!: string;

  @Text('Its title')
  title!: string;

  @Integer('Its price in channel points', { min: 1 })
  cost!: number;
}

interface HelixCreateReward {
  readonly id: string;
  readonly title: string;
  readonly cost: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-custom-rewards */
export const createReward = twitchAction({
  type: 'create_reward',
  group: 'rewards',
  summary: 'Add a channel point reward',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-custom-rewards',
  effect: 'create',
  order: ({ account }) => `twitch:rewards:${account.id}`,
  scopes: ['channel:manage:redemptions'],
  actsAs: 'account',
  input: CreateReward,
  output: CreateRewardResult,
  request: (input, { account }) => ({
    method: 'POST',
    path: '/channel_points/custom_rewards',
    query: { broadcaster_id: account.id },
    body: buildReward(input),
  }),
  response: ({ data: [item] }: HelixOne<HelixCreateReward>) => ({
    reward_id: item.id,
    title: item.title,
    cost: item.cost,
  }),
  example: {
    input: { title: 'Choose the next song', cost: 500, is_user_input_required: true },
    output: {
      reward_id: '5a6d0000-0000-4000-8000-000000000311',
      title: 'Choose the next song',
      cost: 500,
    },
  },
});
