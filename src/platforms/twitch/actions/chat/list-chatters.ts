import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 1000;

class ListChatters extends paged(LARGEST_PAGE) {}

class ListChattersItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;
}

interface HelixListChatters {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-chatters */
export const listChatters = twitchAction({
  type: 'list_chatters',
  group: 'chat',
  summary: 'List who is in the chat',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-chatters',
  effect: 'read',
  cacheSeconds: 10,
  scopes: ['moderator:read:chatters'],
  actsAs: 'actor',
  input: ListChatters,
  output: listOf(ListChattersItem),
  run: readPages<ListChatters, ListChattersItem, unknown>({
    largest: LARGEST_PAGE,
    request: (_input, { account, actor }, page) => ({
      method: 'GET',
      path: '/chat/chatters',
      query: { broadcaster_id: account.id, moderator_id: actor.id, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListChatters, ListChattersItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: { items: [{ id: '2001', login: 'viewer_one', name: 'viewer_one' }] },
  },
});
