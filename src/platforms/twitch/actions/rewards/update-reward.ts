import { Flag, Id, Integer, Text } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { buildReward } from '../../rewards.js';
import { TwitchReward } from '../../names.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class UpdateReward {
  @TwitchReward('The reward', { example: '5a6d0000-0000-4000-8000-000000000301' })
  reward_id!: string;

  @Text('Another title', { optional: true, max: 45, visible: true })
  title?: string;

  @Integer('Another price in channel points', { optional: true, min: 1, max: 2_147_483_647 })
  cost?: number;

  @Flag('Viewers cannot redeem it for the time being', { optional: true })
  is_paused?: boolean;

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

class UpdateRewardResult {
  @Id('Id of the reward')
  reward_id!: string;

  @Text('Its title')
  title!: string;

  @Integer('Its price in channel points', { min: 1 })
  cost!: number;
}

interface HelixUpdateReward {
  readonly id: string;
  readonly title: string;
  readonly cost: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-custom-reward */
export const updateReward = twitchAction({
  type: 'update_reward',
  group: 'rewards',
  summary: 'Change a reward that this application made',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-custom-reward',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:rewards:${account.id}`,
  check: ({ reward_id: _reward, ...changes }) => requireChange(changes),
  scopes: ['channel:manage:redemptions'],
  actsAs: 'account',
  input: UpdateReward,
  output: UpdateRewardResult,
  request: ({ reward_id, ...changes }, { account }) => ({
    method: 'PATCH',
    path: '/channel_points/custom_rewards',
    query: { broadcaster_id: account.id, id: reward_id },
    body: buildReward(changes),
  }),
  response: ({ data: [item] }: HelixOne<HelixUpdateReward>) => ({
    reward_id: item.id,
    title: item.title,
    cost: item.cost,
  }),
  example: {
    input: { reward_id: '5a6d0000-0000-4000-8000-000000000301', cost: 150 },
    output: { reward_id: '5a6d0000-0000-4000-8000-000000000301', title: 'Hydrate', cost: 150 },
  },
});
