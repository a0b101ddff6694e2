import { Choice } from '../../../../actions/fields.js';
import { discordAction, orderOfMember } from '../../discord-action.js';
import { changeRole, MemberRole } from '../../roles.js';

class ManageRole extends MemberRole {
  @Choice('Give it or take it away', ['add', 'remove'], { default: 'add' })
  action!: 'add' | 'remove';
}

class ManagedRole {
  @Choice('What was done', ['add', 'remove'])
  action!: 'add' | 'remove';
}

/** @see https://discord.com/developers/docs/resources/guild#add-guild-member-role */
export const manageRole = discordAction({
  type: 'manage_role',
  group: 'roles',
  summary: 'Give a role to a member, or take it away',
  docs: 'https://discord.com/developers/docs/resources/guild#add-guild-member-role',
  effect: 'update',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: ManageRole,
  output: ManagedRole,
  request: (role) => changeRole(role.action === 'add' ? 'PUT' : 'DELETE', role),
  yes: 'no body',
  response: (_answer, { action }) => ({ action }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000005',
      role_id: '600000000000000004',
      action: 'remove',
    },
    output: { action: 'remove' },
  },
});
