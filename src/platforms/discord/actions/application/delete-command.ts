import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';

class DeleteCommand {
  @Snowflake('Id of the command', { example: '1300000000000000143' })
  command_id!: string;
}

class DeleteCommandDone {
  @Flag('The command is gone')
  command_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#delete-global-application-command */
export const deleteCommand = discordAction({
  type: 'delete_command',
  group: 'application',
  summary: 'Delete a command',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#delete-global-application-command',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10063',
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteCommand,
  output: DeleteCommandDone,
  run: async (input, _context, upstream) => {
    const { command_id } = input;
    const application = await findApplication(upstream);
    await upstream.send({
      yes: 'no body' as const,
      method: 'DELETE',
      path: buildPath(['applications', application, 'commands', command_id]),
    });
    return { command_deleted: true };
  },
  example: { input: { command_id: '1300000000000000143' }, output: { command_deleted: true } },
});
