import { Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { nameEmoji, ReactionEmoji } from '../../emoji.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { askAfter, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 100;

class ListReactions extends paged(LARGEST_PAGE) {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Snowflake('Id of the message', { example: '1300000000000000024' })
  message_id!: string;

  @ReactionEmoji({ example: '👍' })
  emoji!: string;

  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListReactionsItem {
  @Snowflake('Id of the user')
  id!: string;

  @Text('User name')
  username!: string;
}

interface DiscordListReactions {
  readonly id: string;
  readonly username: string;
}

/** @see https://discord.com/developers/docs/resources/message#get-reactions */
export const listReactions = discordAction({
  type: 'list_reactions',
  group: 'lookups',
  summary: 'List who reacted to a message with an emoji',
  docs: 'https://discord.com/developers/docs/resources/message#get-reactions',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [],
  permissions: ['VIEW_CHANNEL', 'READ_MESSAGE_HISTORY'],
  actsAs: 'account',
  input: ListReactions,
  output: listOf(ListReactionsItem),
  run: readPages<ListReactions, ListReactionsItem, readonly DiscordListReactions[]>({
    largest: LARGEST_PAGE,
    request: ({ channel_id, message_id, emoji }, _context, page) => ({
      method: 'GET',
      yes: 'list',
      path: buildPath([
        'channels',
        channel_id,
        'messages',
        message_id,
        'reactions',
        nameEmoji(emoji),
      ]),
      query: { ...askAfter(page) },
    }),
    read: (answer, input) => ({
      items: answer.map((item) => ({ id: item.id, username: item.username })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.map((item) => item.id),
      ),
    }),
  }),
  example: {
    input: {
      channel_id: '700000000000000016',
      message_id: '1300000000000000024',
      emoji: '👍',
      page_size: 20,
      all: false,
    },
    output: { items: [{ id: '200000000000000001', username: 'member_one' }] },
  },
});
