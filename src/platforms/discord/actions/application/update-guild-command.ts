import { requireChange } from '../../../../actions/changes.js';
import { Flag, List, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Kind, list, oneOf, Shape } from '../../../../actions/shapes.js';
import {
  buildPath,
  discordAction,
  findApplication,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';
import { Permissions } from '../../permissions.js';
import { localized } from '../../shapes/values.js';
import { COMMAND_OPTIONS } from '../../shapes/commands.js';

class UpdateGuildCommand {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the command', { example: '1300000000000000145' })
  command_id!: string;

  @Text('Another name', { optional: true, max: 32, visible: true })
  name?: string;

  @Shape('Its name in other languages', localized(1, 32), { optional: true })
  name_localizations?: JsonObject;

  @Text('What it is about', { optional: true, min: 0, max: 100 })
  description?: string;

  @Shape('The same in other languages', localized(1, 100), { optional: true })
  description_localizations?: JsonObject;

  @Shape('Its options', COMMAND_OPTIONS, { optional: true })
  options?: JsonObject[];

  @Permissions('Who may use it: members with these permissions', { optional: true })
  default_member_permissions?: number;

  @Flag('It may be used in direct messages', { optional: true })
  dm_permission?: boolean;

  @Shape(
    'Where it may be used: 0 servers, 1 direct messages with the bot, 2 others',
    list(oneOf(0, 1, 2), 1, 3, true),
    { optional: true },
  )
  contexts?: number[];

  @Shape(
    'For whom the application is installed: 0 servers, 1 users',
    list(oneOf(0, 1), 1, 2, true),
    { optional: true },
  )
  integration_types?: number[];

  @Kind(
    'Who answers an entry point',
    { app_handler: 1, discord_launch_activity: 2 },
    { optional: true },
  )
  handler?: number;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: [
      'name_localizations',
      'description',
      'description_localizations',
      'options',
      'default_member_permissions',
      'dm_permission',
      'contexts',
      'integration_types',
      'handler',
    ],
  })
  reset?: string[];
}

class UpdateGuildCommandResult {
  @Snowflake('Id of the command')
  command_id!: string;
}

interface UpdateGuildCommandAnswer {
  readonly id: string;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#edit-guild-application-command */
export const updateGuildCommand = discordAction({
  type: 'update_guild_command',
  group: 'application',
  summary: 'Change a command of one server',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#edit-guild-application-command',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: UpdateGuildCommand,
  output: UpdateGuildCommandResult,
  check: ({ guild_id: _guild0, command_id: _command1, ...changes }) => requireChange(changes),
  run: async (input, _context, upstream) => {
    const { guild_id, command_id, reset, ...body } = input;
    const application = await findApplication(upstream);
    const answer = await upstream.send<UpdateGuildCommandAnswer>({
      method: 'PATCH',
      path: buildPath(['applications', application, 'guilds', guild_id, 'commands', command_id]),
      body: { ...body, ...takeAway(reset) },
    });
    return { command_id: requireSame(answer.id, input.command_id) };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      command_id: '1300000000000000145',
      description: 'Still only here',
    },
    output: { command_id: '1300000000000000145' },
  },
});
