import { Flag, List, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { askAfter, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 1000;

class ListMembers extends paged(LARGEST_PAGE) {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListMembersItem {
  @Snowflake('Id of the user')
  user_id!: string;

  @Text('User name')
  username!: string;

  @Flag('It is a bot')
  bot!: boolean;

  @Text('Nickname in the server', { optional: true })
  nick?: string;

  @List('Ids of its roles')
  roles!: string[];

  @Text('When it joined')
  joined_at!: string;

  @Text('Until when it is silenced', { optional: true })
  timed_out_until?: string;
}

interface DiscordListMembers {
  readonly user: { readonly id: string; readonly username: string; readonly bot?: boolean };
  readonly nick: string | null;
  readonly roles: readonly string[];
  readonly joined_at: string;
  readonly communication_disabled_until: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#list-guild-members */
export const listMembers = discordAction({
  type: 'list_members',
  group: 'lookups',
  summary: 'List the members of a server; the application needs the privileged intent for members',
  docs: 'https://discord.com/developers/docs/resources/guild#list-guild-members',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListMembers,
  output: listOf(ListMembersItem),
  run: readPages<ListMembers, ListMembersItem, readonly DiscordListMembers[]>({
    largest: LARGEST_PAGE,
    request: ({ guild_id }, _context, page) => ({
      method: 'GET',
      yes: 'list',
      path: buildPath(['guilds', guild_id, 'members']),
      query: { ...askAfter(page) },
    }),
    read: (answer, input) => ({
      items: answer.map((item) => ({
        user_id: item.user.id,
        username: item.user.username,
        bot: item.user.bot ?? false,
        nick: item.nick ?? undefined,
        roles: [...item.roles],
        joined_at: item.joined_at,
        timed_out_until: item.communication_disabled_until ?? undefined,
      })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.map((item) => item.user.id),
      ),
    }),
  }),
  example: {
    input: { guild_id: '800000000000000001', page_size: 20, all: false },
    output: {
      items: [
        {
          user_id: '200000000000000001',
          username: 'member_one',
          bot: false,
          roles: [],
          joined_at: '2015-01-01T00:00:00Z',
        },
      ],
    },
  },
});
