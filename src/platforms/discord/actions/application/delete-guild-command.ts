import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class DeleteGuildCommand {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Snowflake('Id of the command', { example: '1300000000000000146' })
  command_id!: string;
}

class DeleteGuildCommandDone {
  @Flag('The command is gone')
  command_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#delete-guild-application-command */
export const deleteGuildCommand = discordAction({
  type: 'delete_guild_command',
  group: 'application',
  summary: 'Delete a command of one server',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#delete-guild-application-command',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10063',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteGuildCommand,
  output: DeleteGuildCommandDone,
  run: async (input, _context, upstream) => {
    const { guild_id, command_id } = input;
    const application = await findApplication(upstream);
    await upstream.send({
      yes: 'no body' as const,
      method: 'DELETE',
      path: buildPath(['applications', application, 'guilds', guild_id, 'commands', command_id]),
    });
    return { command_deleted: true };
  },
  example: {
    input: { guild_id: '800000000000000001', command_id: '1300000000000000146' },
    output: { command_deleted: true },
  },
});
