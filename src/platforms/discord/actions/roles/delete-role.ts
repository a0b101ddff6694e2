import { Flag } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { DiscordRole } from '../../names.js';

class DeleteRole {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordRole('The role', { example: '600000000000000010' })
  role_id!: string;

  @Reason()
  reason?: string;
}

class DeleteRoleDone {
  @Flag('The role is gone')
  role_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#delete-guild-role */
export const deleteRole = discordAction({
  type: 'delete_role',
  group: 'roles',
  summary: 'Delete a role',
  docs: 'https://discord.com/developers/docs/resources/guild#delete-guild-role',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10011',
  order: orderOfGuild('roles'),
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: DeleteRole,
  output: DeleteRoleDone,
  request: ({ guild_id, role_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'roles', role_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ role_deleted: true }),
  example: {
    input: { guild_id: '800000000000000001', role_id: '600000000000000010' },
    output: { role_deleted: true },
  },
});
