import { Flag } from '../../../../actions/fields.js';
import { Kind } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';
import { Permissions } from '../../permissions.js';

class SetChannelPermission {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the role or the member', { example: '600000000000000012' })
  overwrite_id!: string;

  @Kind('Whether it is about a role or a member', { role: 0, member: 1 }, { example: 0 })
  type!: number;

  @Permissions('What is allowed', { optional: true })
  allow?: number;

  @Permissions('What is denied', { optional: true })
  deny?: number;

  @Reason()
  reason?: string;
}

class SetChannelPermissionDone {
  @Flag('The permissions are set')
  permission_set!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#edit-channel-permissions */
export const setChannelPermission = discordAction({
  type: 'set_channel_permission',
  group: 'channels',
  summary: 'Set what a role or a member may do in a channel',
  docs: 'https://discord.com/developers/docs/resources/channel#edit-channel-permissions',
  effect: 'update',
  repeatable: true,
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: SetChannelPermission,
  output: SetChannelPermissionDone,
  request: ({ channel_id, overwrite_id, guild_id: _guild, reason, ...body }) => ({
    method: 'PUT',
    path: buildPath(['channels', channel_id, 'permissions', overwrite_id]),
    headers: giveReason(reason),
    body: { ...body },
  }),
  yes: 'no body',
  response: () => ({ permission_set: true }),
  example: {
    input: {
      channel_id: '700000000000000024',
      overwrite_id: '600000000000000012',
      type: 0,
      allow: 8192,
      deny: 0,
    },
    output: { permission_set: true },
  },
});
