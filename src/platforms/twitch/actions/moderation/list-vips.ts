import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUsers } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListVips extends paged(LARGEST_PAGE) {
  @TwitchUsers('Only these users', { optional: true, maxItems: 100 })
  user_ids?: string[];
}

class ListVipsItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;
}

interface HelixListVips {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-vips */
export const listVips = twitchAction({
  type: 'list_vips',
  group: 'moderation',
  summary: 'List the VIPs of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-vips',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['channel:read:vips', 'channel:manage:vips']],
  actsAs: 'account',
  input: ListVips,
  output: listOf(ListVipsItem),
  run: readPages<ListVips, ListVipsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_ids }, { account }, page) => ({
      method: 'GET',
      path: '/channels/vips',
      query: { broadcaster_id: account.id, user_id: user_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListVips, ListVipsItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: { items: [{ id: '2003', login: 'viewer_three', name: 'viewer_three' }] },
  },
});
