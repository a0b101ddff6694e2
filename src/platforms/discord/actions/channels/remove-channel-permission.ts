import { Flag } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfChannel,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordChannel, GuildOfNames } from '../../names.js';

class RemoveChannelPermission {
  @GuildOfNames()
  guild_id?: string;

  @DiscordChannel('The channel', { example: '700000000000000024' })
  channel_id!: string;

  @Snowflake('Id of the role or the member', { example: '200000000000000001' })
  overwrite_id!: string;

  @Reason()
  reason?: string;
}

class RemoveChannelPermissionDone {
  @Flag('Nothing is set any more')
  permission_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/channel#delete-channel-permission */
export const removeChannelPermission = discordAction({
  type: 'remove_channel_permission',
  group: 'channels',
  summary: 'Take away what is set for a role or a member in a channel',
  docs: 'https://discord.com/developers/docs/resources/channel#delete-channel-permission',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10009',
  order: orderOfChannel,
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: RemoveChannelPermission,
  output: RemoveChannelPermissionDone,
  request: ({ channel_id, overwrite_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['channels', channel_id, 'permissions', overwrite_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ permission_removed: true }),
  example: {
    input: { channel_id: '700000000000000024', overwrite_id: '200000000000000001' },
    output: { permission_removed: true },
  },
});
