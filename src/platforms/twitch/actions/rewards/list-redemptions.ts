import { Choice, Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchReward } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 50;

class ListRedemptions extends paged(LARGEST_PAGE) {
  @TwitchReward('The reward', { example: '5a6d0000-0000-4000-8000-000000000301' })
  reward_id!: string;

  @Choice('Of this status', ['UNFULFILLED', 'FULFILLED', 'CANCELED'], { default: 'UNFULFILLED' })
  status!: string;

  @Choice('In which order', ['OLDEST', 'NEWEST'], { optional: true })
  sort?: string;
}

class ListRedemptionsItem {
  @Id('Id of the redemption')
  id!: string;

  @Id('Id of the viewer')
  user_id!: string;

  @Text('Login of the viewer')
  user_login!: string;

  @Text('What the viewer wrote', { min: 0, private: true })
  user_input!: string;

  @Text('Its status')
  status!: string;

  @Text('When it was redeemed')
  redeemed_at!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-custom-reward-redemption */
export const listRedemptions = twitchAction({
  type: 'list_redemptions',
  group: 'rewards',
  summary: 'List the redemptions of a reward that this application made',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-custom-reward-redemption',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [['channel:read:redemptions', 'channel:manage:redemptions']],
  actsAs: 'account',
  input: ListRedemptions,
  output: listOf(ListRedemptionsItem),
  run: readPages<ListRedemptions, ListRedemptionsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ reward_id, status, sort }, { account }, page) => ({
      method: 'GET',
      path: '/channel_points/custom_rewards/redemptions',
      query: { broadcaster_id: account.id, reward_id, status, sort, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<ListRedemptionsItem, ListRedemptionsItem>(
        answer,
        ({ id, user_id, user_login, user_input, status, redeemed_at }) => ({
          id,
          user_id,
          user_login,
          user_input,
          status,
          redeemed_at,
        }),
      ),
  }),
  example: {
    input: {
      page_size: 20,
      all: false,
      reward_id: '5a6d0000-0000-4000-8000-000000000301',
      status: 'UNFULFILLED',
    },
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000322',
          user_id: '2001',
          user_login: 'viewer_one',
          user_input: '',
          status: 'UNFULFILLED',
          redeemed_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
