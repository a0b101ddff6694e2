import { Flag, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListEmojis {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListEmojisItem {
  @Snowflake('Id of the emoji')
  id!: string;

  @Text('Its name')
  name!: string;

  @Flag('It moves')
  animated!: boolean;

  @Flag('It may be used')
  available!: boolean;
}

interface DiscordListEmojis {
  readonly id: string;
  readonly name: string;
  readonly animated: boolean;
  readonly available: boolean;
}

/** @see https://discord.com/developers/docs/resources/emoji#list-guild-emojis */
export const listEmojis = discordAction({
  type: 'list_emojis',
  group: 'lookups',
  summary: "List a server's own emoji",
  docs: 'https://discord.com/developers/docs/resources/emoji#list-guild-emojis',
  effect: 'read',
  cacheSeconds: 60,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListEmojis,
  output: listOf(ListEmojisItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'emojis']) }),
  yes: 'list',
  response: (answer: readonly DiscordListEmojis[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      name: item.name,
      animated: item.animated,
      available: item.available,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [{ id: '500000000000000001', name: 'party', animated: false, available: true }],
    },
  },
});
