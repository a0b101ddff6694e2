import { Flag } from '../../../../actions/fields.js';
import { discordAction, orderOfMember } from '../../discord-action.js';
import { changeRole, MemberRole } from '../../roles.js';

class RemovedRole {
  @Flag('The member is without the role')
  role_removed!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#remove-guild-member-role */
export const removeRole = discordAction({
  type: 'remove_role',
  group: 'roles',
  summary: 'Take a role from a member',
  docs: 'https://discord.com/developers/docs/resources/guild#remove-guild-member-role',
  effect: 'update',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: MemberRole,
  output: RemovedRole,
  request: (role) => changeRole('DELETE', role),
  yes: 'no body',
  response: () => ({ role_removed: true }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000005',
      role_id: '600000000000000003',
    },
    output: { role_removed: true },
  },
});
