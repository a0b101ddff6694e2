import { Choice, Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListUnbanRequests extends paged(LARGEST_PAGE) {
  @Choice('Of this status', ['pending', 'approved', 'denied', 'acknowledged', 'canceled'], {
    default: 'pending',
  })
  status!: string;

  @TwitchUser('Of one user alone', { optional: true })
  user_id?: string;
}

class ListUnbanRequestsItem {
  @Id('Id of the request')
  id!: string;

  @Id('Id of the user who asks')
  user_id!: string;

  @Text('Login of the user')
  user_login!: string;

  @Text('What the user writes', { min: 0, private: true })
  text!: string;

  @Text('Its status')
  status!: string;

  @Text('When it was sent')
  created_at!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-unban-requests */
export const listUnbanRequests = twitchAction({
  type: 'list_unban_requests',
  group: 'moderation',
  summary: 'List requests to be unbanned',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-unban-requests',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [['moderator:read:unban_requests', 'moderator:manage:unban_requests']],
  actsAs: 'actor',
  input: ListUnbanRequests,
  output: listOf(ListUnbanRequestsItem),
  run: readPages<ListUnbanRequests, ListUnbanRequestsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ status, user_id }, { account, actor }, page) => ({
      method: 'GET',
      path: '/moderation/unban_requests',
      query: {
        broadcaster_id: account.id,
        moderator_id: actor.id,
        status,
        user_id,
        ...askPage(page),
      },
    }),
    read: (answer) =>
      readPage<ListUnbanRequestsItem, ListUnbanRequestsItem>(
        answer,
        ({ id, user_id, user_login, text, status, created_at }) => ({
          id,
          user_id,
          user_login,
          text,
          status,
          created_at,
        }),
      ),
  }),
  example: {
    input: { page_size: 20, all: false, status: 'pending' },
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000612',
          user_id: '2008',
          user_login: 'viewer_eight',
          text: 'Sorry!',
          status: 'pending',
          created_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
