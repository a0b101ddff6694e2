import { Flag, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { discordAction, Snowflake } from '../../discord-action.js';
import { askAfter, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 200;

class ListGuilds extends paged(LARGEST_PAGE) {
  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListGuildsItem {
  @Snowflake('Id of the server')
  id!: string;

  @Text('Its name')
  name!: string;

  @Flag('The bot owns it')
  owner!: boolean;

  @Text('What the bot may do there, as a sum of Discord')
  permissions!: string;
}

interface DiscordListGuilds {
  readonly id: string;
  readonly name: string;
  readonly owner: boolean;
  readonly permissions: string;
}

/** @see https://discord.com/developers/docs/resources/user#get-current-user-guilds */
export const listGuilds = discordAction({
  type: 'list_guilds',
  group: 'lookups',
  summary: 'List the servers that the bot is in',
  docs: 'https://discord.com/developers/docs/resources/user#get-current-user-guilds',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListGuilds,
  output: listOf(ListGuildsItem),
  run: readPages<ListGuilds, ListGuildsItem, readonly DiscordListGuilds[]>({
    largest: LARGEST_PAGE,
    request: (_input, _context, page) => ({
      method: 'GET',
      yes: 'list',
      path: '/users/@me/guilds',
      query: { ...askAfter(page) },
    }),
    read: (answer, input) => ({
      items: answer.map((item) => ({
        id: item.id,
        name: item.name,
        owner: item.owner,
        permissions: item.permissions,
      })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.map((item) => item.id),
      ),
    }),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [{ id: '800000000000000001', name: 'Demo server', owner: false, permissions: '0' }],
    },
  },
});
