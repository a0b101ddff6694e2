import { Flag, Integer, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { object, Shape, whole } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  giveReason,
  orderOfGuild,
  Reason,
  Snowflake,
} from '../../discord-action.js';
import { Permissions } from '../../permissions.js';
import { Picture, readPictures } from '../../pictures.js';

class CreateRole {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

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

  @Reason()
  reason?: string;
}

class CreateRoleResult {
  @Snowflake('Id of the role')
  role_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateRoleAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/guild#create-guild-role */
export const createRole = discordAction({
  type: 'create_role',
  group: 'roles',
  summary: 'Create a role',
  docs: 'https://discord.com/developers/docs/resources/guild#create-guild-role',
  effect: 'create',
  order: orderOfGuild('roles'),
  scopes: [],
  permissions: ['MANAGE_ROLES'],
  actsAs: 'account',
  input: CreateRole,
  output: CreateRoleResult,
  run: async (input, _context, upstream) => {
    const { guild_id, reason, ...body } = input;
    const pictures = await readPictures(body, ['icon'], upstream);
    const answer = await upstream.send<CreateRoleAnswer>({
      method: 'POST',
      path: buildPath(['guilds', guild_id, 'roles']),
      headers: giveReason(reason),
      body: { ...body, ...pictures },
    });
    return { role_id: answer.id, name: answer.name };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      name: 'Helpers',
      permissions: 1024,
      mentionable: true,
    },
    output: { role_id: '1300000000000000004', name: 'Helpers' },
  },
});
