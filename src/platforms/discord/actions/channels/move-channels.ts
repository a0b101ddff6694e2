import { Flag } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { flag, list, object, Shape, whole } from '../../../../actions/shapes.js';
import { buildPath, discordAction, orderOfGuild, Snowflake } from '../../discord-action.js';
import { ID } from '../../shapes/values.js';

class MoveChannels {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Shape(
    'The channels and where they go',
    list(
      object({
        id: ID,
        '?position': whole(0, 2147483647),
        '?parent_id': ID,
        '?lock_permissions': flag,
      }),
      1,
      500,
    ),
  )
  channels!: JsonObject[];
}

class MoveChannelsDone {
  @Flag('The channels are moved')
  channels_moved!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-channel-positions */
export const moveChannels = discordAction({
  type: 'move_channels',
  group: 'channels',
  summary: 'Change the order of channels, or their categories',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-channel-positions',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('channels'),
  scopes: [],
  permissions: ['MANAGE_CHANNELS'],
  actsAs: 'account',
  input: MoveChannels,
  output: MoveChannelsDone,
  request: ({ guild_id, channels }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'channels']),
    list: channels,
  }),
  yes: 'no body',
  response: () => ({ channels_moved: true }),
  example: {
    input: {
      guild_id: '800000000000000001',
      channels: [{ id: '700000000000000017', position: 12 }],
    },
    output: { channels_moved: true },
  },
});
