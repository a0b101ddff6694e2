import { Integer } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Shape } from '../../../../actions/shapes.js';
import { buildPath, discordAction, findApplication } from '../../discord-action.js';
import { COMMANDS } from '../../shapes/commands.js';

class SetCommands {
  @Shape('The commands, which replace all that were there', COMMANDS)
  commands!: JsonObject[];
}

class SetCommandsDone {
  @Integer('Commands that there are now', { min: 0 })
  commands!: number;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-global-application-commands */
export const setCommands = discordAction({
  type: 'set_commands',
  group: 'application',
  summary: 'Set the commands of the application: those that are not named are gone',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-global-application-commands',
  effect: 'update',
  repeatable: true,
  forOperators: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SetCommands,
  output: SetCommandsDone,
  run: async ({ commands }, _context, upstream) => {
    const application = await findApplication(upstream);
    const answer = await upstream.send<readonly unknown[]>({
      method: 'PUT',
      path: buildPath(['applications', application, 'commands']),
      list: commands,
      yes: 'list',
    });
    // Another number of commands makes the outcome UNKNOWN.
    return { commands: answer.length === commands.length ? answer.length : -1 };
  },
  example: {
    input: { commands: [{ name: 'hello', description: 'Say hello' }] },
    output: { commands: 1 },
  },
});
