import { Flag } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { list, object, Shape, whole } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { ID } from '../../shapes/values.js';

class MoveRoles {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Shape(
    'The roles and their new places',
    list(object({ id: ID, position: whole(-2147483648, 2147483647) }), 1, 250),
  )
  roles!: JsonObject[];

  @Reason()
  reason?: string;
}

class MoveRolesDone {
  @Flag('The roles are moved')
  roles_moved!: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-role-positions */
export const moveRoles = discordAction({
  type: 'move_roles',
  group: 'roles',
  summary: 'Change the order of roles',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-role-positions',
  effect: 'update',
  repeatable: true,
  yes: 'list',
  order: orderOfGuild('roles'),
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: MoveRoles,
  output: MoveRolesDone,
  request: ({ guild_id, roles, reason }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'roles']),
    headers: giveReason(reason),
    list: roles,
  }),
  response: (answer: readonly unknown[]) => {
    if (answer.length === 0) throw new TypeError('The answer has no roles');
    return { roles_moved: true };
  },
  example: {
    input: { guild_id: '800000000000000001', roles: [{ id: '600000000000000012', position: 1 }] },
    output: { roles_moved: true },
  },
});
