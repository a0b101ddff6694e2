import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUsers } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListModerators extends paged(LARGEST_PAGE) {
  @TwitchUsers('Only these users', { optional: true, maxItems: 100 })
  user_ids?: string[];
}

class ListModeratorsItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;
}

interface HelixListModerators {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-moderators */
export const listModerators = twitchAction({
  type: 'list_moderators',
  group: 'moderation',
  summary: 'List the moderators of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-moderators',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['moderation:read', 'channel:manage:moderators']],
  actsAs: 'account',
  input: ListModerators,
  output: listOf(ListModeratorsItem),
  run: readPages<ListModerators, ListModeratorsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_ids }, { account }, page) => ({
      method: 'GET',
      path: '/moderation/moderators',
      query: { broadcaster_id: account.id, user_id: user_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListModerators, ListModeratorsItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: { items: [{ id: '1002', login: 'demo_bot', name: 'Demo_Bot' }] },
  },
});
