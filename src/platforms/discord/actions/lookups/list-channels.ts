import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListChannels {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListChannelsItem {
  @Snowflake('Id of the channel')
  id!: string;

  @Integer('Its kind, as Discord numbers it', { min: 0 })
  type!: number;

  @Text('Its name', { optional: true, min: 0 })
  name?: string;

  @Snowflake('Its category, or the channel of a thread', { optional: true })
  parent_id?: string;

  @Text('Its topic', { optional: true, min: 0 })
  topic?: string;

  @Integer('Its place in the list', { optional: true, min: 0 })
  position?: number;

  @Flag('It is age-restricted', { optional: true })
  nsfw?: boolean;

  @Integer('Slow mode, in seconds', { optional: true, min: 0 })
  rate_limit_per_user?: number;
}

interface DiscordListChannels {
  readonly id: string;
  readonly type: number;
  readonly name?: string | null;
  readonly parent_id?: string | null;
  readonly topic?: string | null;
  readonly position?: number;
  readonly nsfw?: boolean;
  readonly rate_limit_per_user?: number;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-channels */
export const listChannels = discordAction({
  type: 'list_channels',
  group: 'lookups',
  summary: 'List the channels of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-channels',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListChannels,
  output: listOf(ListChannelsItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'channels']) }),
  yes: 'list',
  response: (answer: readonly DiscordListChannels[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      type: item.type,
      name: item.name ?? undefined,
      parent_id: item.parent_id ?? undefined,
      topic: item.topic ?? undefined,
      position: item.position,
      nsfw: item.nsfw,
      rate_limit_per_user: item.rate_limit_per_user,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { items: [{ id: '700000000000000001', type: 0, name: 'general' }] },
  },
});
