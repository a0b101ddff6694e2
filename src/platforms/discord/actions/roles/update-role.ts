import { requireChange } from '../../../../actions/changes.js';
import { Flag, Integer, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { object, Shape, whole } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { DiscordRole } from '../../names.js';
import { Permissions } from '../../permissions.js';
import { Picture, readPictures } from '../../pictures.js';

class UpdateRole {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordRole('The role', { example: '600000000000000011' })
  role_id!: string;

  @Text('Its name', { optional: true, max: 100 })
  name?: string;

  @Permissions('Its permissions', { optional: true })
  permissions?: number;

  @Integer('Its colour as a number', { optional: true, min: 0, max: 16777215 })
  color?: number;

  @Shape(
    'Its colours',
    object({
      '?primary_color': whole(0, 16777215),
      '?secondary_color': whole(0, 16777215),
      '?tertiary_color': whole(0, 16777215),
    }),
    { optional: true },
  )
  colors?: JsonObject;

  @Flag('Its members stand apart in the list', { optional: true })
  hoist?: boolean;

  @Flag('Everybody may mention it', { optional: true })
  mentionable?: boolean;

  @Picture('Its picture', { optional: true })
  icon?: string;

  @Text('An emoji in place of a picture', { optional: true, min: 0, max: 100 })
  unicode_emoji?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'name',
      'permissions',
      'color',
      'colors',
      'hoist',
      'mentionable',
      'icon',
      'unicode_emoji',
    ],
  })
  reset?: string[];

  @Reason()
  reason?: string;
}

class UpdateRoleResult {
  @Snowflake('Id of the role')
  role_id!: string;
}

interface UpdateRoleAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-role */
export const updateRole = discordAction({
  type: 'update_role',
  group: 'roles',
  summary: 'Change a role',
  docs: 'https://discord.com/developers/docs/resources/guild#modify-guild-role',
  effect: 'update',
  repeatable: true,
  order: orderOfGuild('roles'),
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: UpdateRole,
  output: UpdateRoleResult,
  check: ({ guild_id: _guild0, role_id: _role1, reason: _reason2, ...changes }) =>
    requireChange(changes),
  run: async (input, _context, upstream) => {
    const { guild_id, role_id, reset, reason, ...body } = input;
    const pictures = await readPictures(body, ['icon'], upstream);
    const answer = await upstream.send<UpdateRoleAnswer>({
      method: 'PATCH',
      path: buildPath(['guilds', guild_id, 'roles', role_id]),
      headers: giveReason(reason),
      body: { ...body, ...takeAway(reset), ...pictures },
    });
    return { role_id: requireSame(answer.id, input.role_id) };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      role_id: '600000000000000011',
      colors: { primary_color: 5793266 },
    },
    output: { role_id: '600000000000000011' },
  },
});
