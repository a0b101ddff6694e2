import { Flag, Integer, Text, Timestamp } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { askBefore, findNext } from '../../discord-pages.js';

const LARGEST_PAGE = 50;

class ListPins extends paged(LARGEST_PAGE) {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000016' })
  channel_id!: string;

  @Timestamp('The next_page_token of the page before; left out for the first page', {
    optional: true,
  })
  override page_token?: string;
}

class ListPinsItem {
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

  @Text('When it was pinned')
  pinned_at!: string;
}

interface DiscordListPins {
  readonly pinned_at: string;
  readonly message: {
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
  };
}

/** @see https://discord.com/developers/docs/resources/message#get-channel-pins */
export const listPins = discordAction({
  type: 'list_pins',
  group: 'lookups',
  summary: 'List the pinned messages of a channel, the newest pin first',
  docs: 'https://discord.com/developers/docs/resources/message#get-channel-pins',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [],
  permissions: ['VIEW_CHANNEL', 'READ_MESSAGE_HISTORY'],
  actsAs: 'account',
  input: ListPins,
  output: listOf(ListPinsItem),
  run: readPages<ListPins, ListPinsItem, { readonly items: readonly DiscordListPins[] }>({
    largest: LARGEST_PAGE,
    request: ({ channel_id }, _context, page) => ({
      method: 'GET',
      path: buildPath(['channels', channel_id, 'messages', 'pins']),
      query: { ...askBefore(page) },
    }),
    read: (answer, input) => ({
      items: answer.items.map((item) => ({
        id: item.message.id,
        channel_id: item.message.channel_id,
        author_id: item.message.author.id,
        author_name: item.message.author.username,
        content: item.message.content,
        sent_at: item.message.timestamp,
        edited_at: item.message.edited_timestamp ?? undefined,
        pinned: item.message.pinned,
        attachments: item.message.attachments.length,
        embeds: item.message.embeds.length,
        webhook_id: item.message.webhook_id,
        pinned_at: item.pinned_at,
      })),
      next: findNext(
        input,
        LARGEST_PAGE,
        answer.items.map((item) => item.pinned_at),
      ),
    }),
  }),
  example: {
    input: { channel_id: '700000000000000016', page_size: 20, all: false },
    output: {
      items: [
        {
          id: '1300000000000000021',
          channel_id: '700000000000000016',
          author_id: '200000000000000001',
          author_name: 'member_one',
          content: 'Be kind',
          sent_at: '2026-11-30T12:00:00Z',
          pinned: true,
          attachments: 0,
          embeds: 0,
          pinned_at: '2026-11-30T12:00:00Z',
        },
      ],
    },
  },
});
