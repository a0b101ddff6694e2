import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class GetChannel {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000001' })
  channel_id!: string;
}

class GetChannelResult {
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

interface DiscordGetChannel {
  readonly id: string;
  readonly type: number;
  readonly name?: string | null;
  readonly parent_id?: string | null;
  readonly topic?: string | null;
  readonly position?: number;
  readonly nsfw?: boolean;
  readonly rate_limit_per_user?: number;
}

/** @see https://discord.com/developers/docs/resources/channel#get-channel */
export const getChannel = discordAction({
  type: 'get_channel',
  group: 'lookups',
  summary: 'Read a channel or a thread',
  docs: 'https://discord.com/developers/docs/resources/channel#get-channel',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['VIEW_CHANNEL'],
  actsAs: 'account',
  input: GetChannel,
  output: GetChannelResult,
  request: ({ channel_id }) => ({ method: 'GET', path: buildPath(['channels', channel_id]) }),
  response: (item: DiscordGetChannel) => ({
    id: item.id,
    type: item.type,
    name: item.name ?? undefined,
    parent_id: item.parent_id ?? undefined,
    topic: item.topic ?? undefined,
    position: item.position,
    nsfw: item.nsfw,
    rate_limit_per_user: item.rate_limit_per_user,
  }),
  example: {
    input: { channel_id: '700000000000000001' },
    output: { id: '700000000000000001', type: 0, name: 'general' },
  },
});
