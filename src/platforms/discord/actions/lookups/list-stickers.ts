import { Flag, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListStickers {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListStickersItem {
  @Snowflake('Id of the sticker')
  id!: string;

  @Text('Its name')
  name!: string;

  @Text('Words for finding it', { min: 0 })
  tags!: string;

  @Flag('It may be used')
  available!: boolean;
}

interface DiscordListStickers {
  readonly id: string;
  readonly name: string;
  readonly tags: string;
  readonly available: boolean;
}

/** @see https://discord.com/developers/docs/resources/sticker#list-guild-stickers */
export const listStickers = discordAction({
  type: 'list_stickers',
  group: 'lookups',
  summary: "List a server's own stickers",
  docs: 'https://discord.com/developers/docs/resources/sticker#list-guild-stickers',
  effect: 'read',
  cacheSeconds: 60,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListStickers,
  output: listOf(ListStickersItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'stickers']) }),
  yes: 'list',
  response: (answer: readonly DiscordListStickers[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      name: item.name,
      tags: item.tags,
      available: item.available,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { items: [{ id: '1300000000000000111', name: 'wave', tags: '👋', available: true }] },
  },
});
