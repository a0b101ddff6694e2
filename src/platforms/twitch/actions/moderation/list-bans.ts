import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUsers } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListBans extends paged(LARGEST_PAGE) {
  @TwitchUsers('Only these users', { optional: true, maxItems: 100 })
  user_ids?: string[];
}

class ListBansItem {
  @Id('Id of the user')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;

  @Text('When the timeout ends; empty for a ban', { min: 0 })
  expires_at!: string;

  @Text('Why', { min: 0 })
  reason!: string;

  @Id('Id of the moderator')
  moderator_id!: string;

  @Text('Since when')
  created_at!: string;
}

interface HelixListBans {
  readonly user_id: string;
  readonly user_login: string;
  readonly user_name: string;
  readonly expires_at: string;
  readonly reason: string;
  readonly moderator_id: string;
  readonly created_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-banned-users */
export const listBans = twitchAction({
  type: 'list_bans',
  group: 'moderation',
  summary: 'List bans and timeouts of the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-banned-users',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['moderation:read', 'moderator:manage:banned_users']],
  actsAs: 'account',
  input: ListBans,
  output: listOf(ListBansItem),
  run: readPages<ListBans, ListBansItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_ids }, { account }, page) => ({
      method: 'GET',
      path: '/moderation/banned',
      query: { broadcaster_id: account.id, user_id: user_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListBans, ListBansItem>(answer, (item) => ({
        id: item.user_id,
        login: item.user_login,
        name: item.user_name,
        expires_at: item.expires_at,
        reason: item.reason,
        moderator_id: item.moderator_id,
        created_at: item.created_at,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: '2006',
          login: 'viewer_six',
          name: 'viewer_six',
          expires_at: '',
          reason: 'spam',
          moderator_id: '1001',
          created_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
