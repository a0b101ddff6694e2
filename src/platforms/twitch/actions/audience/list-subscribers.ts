import { Flag, Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUsers } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListSubscribers extends paged(LARGEST_PAGE) {
  @TwitchUsers('Only these users', { optional: true, maxItems: 100 })
  user_ids?: string[];
}

class ListSubscribersItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;

  @Text('1000, 2000 or 3000')
  tier!: string;

  @Flag('It was a gift')
  is_gift!: boolean;
}

interface HelixListSubscribers {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
  readonly tier: string;
  readonly is_gift: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-broadcaster-subscriptions */
export const listSubscribers = twitchAction({
  type: 'list_subscribers',
  group: 'audience',
  summary: 'List the subscribers of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-broadcaster-subscriptions',
  effect: 'read',
  cacheSeconds: 30,
  scopes: ['channel:read:subscriptions'],
  actsAs: 'account',
  input: ListSubscribers,
  output: listOf(ListSubscribersItem),
  run: readPages<ListSubscribers, ListSubscribersItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_ids }, { account }, page) => ({
      method: 'GET',
      path: '/subscriptions',
      query: { broadcaster_id: account.id, user_id: user_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListSubscribers, ListSubscribersItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
        tier: item.tier,
        is_gift: item.is_gift,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        { id: '2003', login: 'viewer_three', name: 'viewer_three', tier: '1000', is_gift: false },
      ],
    },
  },
});
