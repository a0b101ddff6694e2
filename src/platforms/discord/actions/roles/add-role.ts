import { Flag } from '../../../../actions/fields.js';
import { discordAction, orderOfMember } from '../../discord-action.js';
import { changeRole, MemberRole } from '../../roles.js';

class AddedRole {
  @Flag('The member has the role')
  role_added!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#add-guild-member-role */
export const addRole = discordAction({
  type: 'add_role',
  group: 'roles',
  summary: 'Give a role to a member',
  docs: 'https://discord.com/developers/docs/resources/guild#add-guild-member-role',
  effect: 'update',
  repeatable: true,
  order: orderOfMember,
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: MemberRole,
  output: AddedRole,
  request: (role) => changeRole('PUT', role),
  yes: 'no body',
  response: () => ({ role_added: true }),
  example: {
    input: {
      guild_id: '800000000000000001',
      user_id: '200000000000000004',
      role_id: '600000000000000003',
    },
    output: { role_added: true },
  },
});
