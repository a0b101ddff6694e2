import { Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { askAfter, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 1000;

class ListBans extends paged(LARGEST_PAGE) {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListBansItem {
  @Snowflake('Id of the user')
  user_id!: string;

  @Text('User name')
  username!: string;

  @Text('Why', { optional: true, min: 0 })
  reason?: string;
}

interface DiscordListBans {
  readonly user: { readonly id: string; readonly username: string };
  readonly reason: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-bans */
export const listBans = discordAction({
  type: 'list_bans',
  group: 'lookups',
  summary: 'List the bans of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-bans',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['BAN_MEMBERS'],
  actsAs: 'account',
  input: ListBans,
  output: listOf(ListBansItem),
  run: readPages<ListBans, ListBansItem, readonly DiscordListBans[]>({
    largest: LARGEST_PAGE,
    request: ({ guild_id }, _context, page) => ({
      method: 'GET',
      yes: 'list',
      path: buildPath(['guilds', guild_id, 'bans']),
      query: { ...askAfter(page) },
    }),
    read: (answer, input) => ({
      items: answer.map((item) => ({
        user_id: item.user.id,
        username: item.user.username,
        reason: item.reason ?? undefined,
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
    output: { items: [{ user_id: '200000000000000020', username: 'banned_one', reason: 'Spam' }] },
  },
});
