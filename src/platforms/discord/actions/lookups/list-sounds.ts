import { Decimal, Flag, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListSounds {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListSoundsItem {
  @Snowflake('Id of the sound')
  id!: string;

  @Text('Its name')
  name!: string;

  @Decimal('Volume, from 0 to 1')
  volume!: number;

  @Flag('It may be used')
  available!: boolean;
}

interface DiscordListSounds {
  readonly sound_id: string;
  readonly name: string;
  readonly volume: number;
  readonly available: boolean;
}

/** @see https://discord.com/developers/docs/resources/soundboard#list-guild-soundboard-sounds */
export const listSounds = discordAction({
  type: 'list_sounds',
  group: 'lookups',
  summary: "List a server's own soundboard sounds",
  docs: 'https://discord.com/developers/docs/resources/soundboard#list-guild-soundboard-sounds',
  effect: 'read',
  cacheSeconds: 60,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListSounds,
  output: listOf(ListSoundsItem),
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'soundboard-sounds']),
  }),
  response: (answer: { readonly items: readonly DiscordListSounds[] }) => ({
    items: answer.items.map((item) => ({
      id: item.sound_id,
      name: item.name,
      volume: item.volume,
      available: item.available,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { items: [{ id: '1300000000000000121', name: 'horn', volume: 1, available: true }] },
  },
});
