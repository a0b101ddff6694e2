import { Choice, Id, List, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { TwitchReward } from '../../names.js';
import { type HelixList, twitchAction } from '../../twitch-action.js';

/** What other bots call it. */
const REFUND = new Map([
  ['cancelled', 'CANCELED'],
  ['refund', 'CANCELED'],
  ['refunded', 'CANCELED'],
  ['fulfill', 'FULFILLED'],
  ['fulfil', 'FULFILLED'],
]);

class UpdateRedemption {
  @TwitchReward('The reward that was redeemed', { example: '5a6d0000-0000-4000-8000-000000000301' })
  reward_id!: string;

  @List('Ids of the redemptions', {
    minItems: 1,
    maxItems: 50,
    maxLength: 64,
    unique: true,
    example: ['5a6d0000-0000-4000-8000-000000000321'],
  })
  redemption_ids!: string[];

  @Choice('CANCELED gives the points back', ['FULFILLED', 'CANCELED'], { aliases: REFUND })
  status!: string;
}

class UpdateRedemptionItem {
  @Id('Id of the redemption')
  id!: string;

  @Text('Its status now')
  status!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-redemption-status */
export const updateRedemption = twitchAction({
  type: 'update_redemption',
  group: 'rewards',
  summary: 'Fulfil redemptions, or cancel them and give the points back',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-redemption-status',
  effect: 'update',
  order: ({ account }) => `twitch:redemptions:${account.id}`,
  scopes: ['channel:manage:redemptions'],
  actsAs: 'account',
  input: UpdateRedemption,
  output: listOf(UpdateRedemptionItem, 1),
  request: ({ reward_id, redemption_ids, status }, { account }) => ({
    method: 'PATCH',
    path: '/channel_points/custom_rewards/redemptions',
    query: { broadcaster_id: account.id, reward_id, id: redemption_ids },
    body: { status },
  }),
  response: ({ data }: HelixList<UpdateRedemptionItem>) => ({
    items: data.map(({ id, status }) => ({ id, status })),
  }),
  example: {
    input: {
      reward_id: '5a6d0000-0000-4000-8000-000000000301',
      redemption_ids: ['5a6d0000-0000-4000-8000-000000000321'],
      status: 'FULFILLED',
    },
    output: { items: [{ id: '5a6d0000-0000-4000-8000-000000000321', status: 'FULFILLED' }] },
  },
});
