import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class ListGuildCommands {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListGuildCommandsItem {
  @Snowflake('Id of the command')
  id!: string;

  @Text('Its name')
  name!: string;

  @Text('What it does', { min: 0 })
  description!: string;

  @Integer('Its kind: 1 typed, 2 on a user, 3 on a message, 4 an entry point', { min: 1 })
  type!: number;
}

interface DiscordListGuildCommands {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: number;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#get-guild-application-commands */
export const listGuildCommands = discordAction({
  type: 'list_guild_commands',
  group: 'lookups',
  summary: 'List the commands of the application in one server',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#get-guild-application-commands',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListGuildCommands,
  output: listOf(ListGuildCommandsItem),
  run: async ({ guild_id }, _context, upstream) => {
    const application = await findApplication(upstream);
    const answer = await upstream.send<readonly DiscordListGuildCommands[]>({
      method: 'GET',
      yes: 'list',
      path: buildPath(['applications', application, 'guilds', guild_id, 'commands']),
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
    input: { guild_id: '800000000000000001' },
    output: {
      items: [{ id: '1300000000000000144', name: 'local', description: 'Only here', type: 1 }],
    },
  },
});
