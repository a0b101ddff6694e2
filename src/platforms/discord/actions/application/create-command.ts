import { Flag, Text } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Kind, list, oneOf, Shape } from '../../../../actions/shapes.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';
import { Permissions } from '../../permissions.js';
import { localized } from '../../shapes/values.js';
import { COMMAND_OPTIONS } from '../../shapes/commands.js';

class CreateCommand {
  @Text('Its name', { max: 32, visible: true, example: 'hello' })
  name!: string;

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

  @Kind(
    'Its kind',
    { chat_input: 1, user: 2, message: 3, primary_entry_point: 4 },
    { optional: true },
  )
  type?: number;
}

class CreateCommandResult {
  @Snowflake('Id of the command')
  command_id!: string;

  @Text('Its name')
  name!: string;
}

interface CreateCommandAnswer {
  readonly id: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#create-global-application-command */
export const createCommand = discordAction({
  type: 'create_command',
  group: 'application',
  summary: 'Create a command everywhere, or replace the one of this name',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#create-global-application-command',
  effect: 'create',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: CreateCommand,
  output: CreateCommandResult,
  run: async (input, _context, upstream) => {
    const { ...body } = input;
    const application = await findApplication(upstream);
    const answer = await upstream.send<CreateCommandAnswer>({
      method: 'POST',
      path: buildPath(['applications', application, 'commands']),
      body: { ...body },
    });
    return { command_id: answer.id, name: answer.name };
  },
  example: {
    input: { name: 'dice', description: 'Roll a die' },
    output: { command_id: '1300000000000000009', name: 'dice' },
  },
});
