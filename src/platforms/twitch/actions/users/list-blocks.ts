import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListBlocks extends paged(LARGEST_PAGE) {}

class ListBlocksItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;
}

interface HelixListBlocks {
  readonly user_id: string;
  readonly user_login: string;
  readonly display_name: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-user-block-list */
export const listBlocks = twitchAction({
  type: 'list_blocks',
  group: 'users',
  summary: 'List the users whom the account blocks',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-user-block-list',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['user:read:blocked_users', 'user:manage:blocked_users']],
  actsAs: 'account',
  input: ListBlocks,
  output: listOf(ListBlocksItem),
  run: readPages<ListBlocks, ListBlocksItem, unknown>({
    largest: LARGEST_PAGE,
    request: (_input, { account }, page) => ({
      method: 'GET',
      path: '/users/blocks',
      query: { broadcaster_id: account.id, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListBlocks, ListBlocksItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.display_name,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: { items: [{ id: '2007', login: 'viewer_seven', name: 'viewer_seven' }] },
  },
});
