import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { askBefore, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 100;

class ListMessages extends paged(LARGEST_PAGE) {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;

  @Snowflake('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListMessagesItem {
  @Snowflake('Id of the message')
  id!: string;

  @Snowflake('Id of its channel')
  channel_id!: string;

  @Snowflake('Id of its author')
  author_id!: string;

  @Text('Name of its author')
  author_name!: string;

  @Text('What it says', { min: 0, private: true })
  content!: string;

  @Text('When it was sent')
  sent_at!: string;

  @Text('When it was changed', { optional: true })
  edited_at?: string;

  @Flag('It is pinned')
  pinned!: boolean;

  @Integer('Files', { min: 0 })
  attachments!: number;

  @Integer('Embeds', { min: 0 })
  embeds!: number;

  @Snowflake('Id of the webhook that sent it', { optional: true })
  webhook_id?: string;
}

interface DiscordListMessages {
  readonly id: string;
  readonly channel_id: string;
  readonly author: { readonly id: string; readonly username: string };
  readonly content: string;
  readonly timestamp: string;
  readonly edited_timestamp: string | null;
  readonly pinned: boolean;
  readonly attachments: readonly unknown[];
  readonly embeds: readonly unknown[];
  readonly webhook_id?: string;
}

/** @see https://discord.com/developers/docs/resources/message#get-channel-messages */
export const listMessages = discordAction({
  type: 'list_messages',
  group: 'lookups',
  summary: 'List the messages of a channel, the newest first',
  docs: 'https://discord.com/developers/docs/resources/message#get-channel-messages',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [],
  permissions: ['VIEW_CHANNEL', 'READ_MESSAGE_HISTORY'],
  actsAs: 'account',
  input: ListMessages,
  output: listOf(ListMessagesItem),
  run: readPages<ListMessages, ListMessagesItem, readonly DiscordListMessages[]>({
    largest: LARGEST_PAGE,
    request: ({ channel_id }, _context, page) => ({
      method: 'GET',
      yes: 'list',
      path: buildPath(['channels', channel_id, 'messages']),
      query: { ...askBefore(page) },
    }),
    read: (answer, input) => ({
      items: answer.map((item) => ({
        id: item.id,
        channel_id: item.channel_id,
        author_id: item.author.id,
        author_name: item.author.username,
        content: item.content,
        sent_at: item.timestamp,
        edited_at: item.edited_timestamp ?? undefined,
        pinned: item.pinned,
        attachments: item.attachments.length,
        embeds: item.embeds.length,
        webhook_id: item.webhook_id,
      })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.map((item) => item.id),
      ),
    }),
  }),
  example: {
    input: { channel_id: '700000000000000001', page_size: 20, all: false },
    output: {
      items: [
        {
          id: '1300000000000000001',
          channel_id: '700000000000000001',
          author_id: '200000000000000001',
          author_name: 'member_one',
          content: 'hello from the front row',
          sent_at: '2026-11-30T12:00:00Z',
          pinned: false,
          attachments: 0,
          embeds: 0,
        },
      ],
    },
  },
});
