import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class ListCommands {}

class ListCommandsItem {
  @Snowflake('Id of the command')
  id!: string;

  @Text('Its name')
  name!: string;

  @Text('What it does', { min: 0 })
  description!: string;

  @Integer('Its kind: 1 typed, 2 on a user, 3 on a message, 4 an entry point', { min: 1 })
  type!: number;
}

interface DiscordListCommands {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: number;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#get-global-application-commands */
export const listCommands = discordAction({
  type: 'list_commands',
  group: 'lookups',
  summary: 'List the commands of the application',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#get-global-application-commands',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListCommands,
  output: listOf(ListCommandsItem),
  run: async (_input, _context, upstream) => {
    const application = await findApplication(upstream);
    const answer = await upstream.send<readonly DiscordListCommands[]>({
      method: 'GET',
      yes: 'list',
      path: buildPath(['applications', application, 'commands']),
    });
    return {
      items: answer.map((item) => ({
        id: item.id,
        name: item.name,
        description: item.description,
        type: item.type,
      })),
    };
  },
  example: {
    input: {},
    output: {
      items: [{ id: '1300000000000000141', name: 'hello', description: 'Say hello', type: 1 }],
    },
  },
});
