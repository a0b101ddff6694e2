import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListFollowers extends paged(LARGEST_PAGE) {
  @TwitchUser('Whether this user follows', { optional: true })
  user_id?: string;
}

class ListFollowersItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;

  @Text('Since when')
  followed_at!: string;
}

interface HelixListFollowers {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
  readonly followed_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-channel-followers */
export const listFollowers = twitchAction({
  type: 'list_followers',
  group: 'audience',
  summary: 'List the followers of the channel, the newest first',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-channel-followers',
  effect: 'read',
  cacheSeconds: 30,
  scopes: ['moderator:read:followers'],
  actsAs: 'account',
  input: ListFollowers,
  output: listOf(ListFollowersItem),
  run: readPages<ListFollowers, ListFollowersItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_id }, { account }, page) => ({
      method: 'GET',
      path: '/channels/followers',
      query: { broadcaster_id: account.id, user_id, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListFollowers, ListFollowersItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
        followed_at: item.followed_at,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: '2001',
          login: 'viewer_one',
          name: 'viewer_one',
          followed_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
