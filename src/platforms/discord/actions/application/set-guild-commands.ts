import { Integer } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { Shape } from '../../../../actions/shapes.js';
import { buildPath, discordAction, findApplication, Snowflake } from '../../discord-action.js';
import { COMMANDS } from '../../shapes/commands.js';

class SetGuildCommands {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Shape('The commands, which replace all that were there', COMMANDS)
  commands!: JsonObject[];
}

class SetGuildCommandsDone {
  @Integer('Commands that there are now', { min: 0 })
  commands!: number;
}

/** @see https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-guild-application-commands */
export const setGuildCommands = discordAction({
  type: 'set_guild_commands',
  group: 'application',
  summary: 'Set the commands of one server: those that are not named are gone',
  docs: 'https://discord.com/developers/docs/interactions/application-commands#bulk-overwrite-guild-application-commands',
  effect: 'update',
  repeatable: true,

  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SetGuildCommands,
  output: SetGuildCommandsDone,
  run: async ({ commands, guild_id }, _context, upstream) => {
    const application = await findApplication(upstream);
    const answer = await upstream.send<readonly unknown[]>({
      method: 'PUT',
      path: buildPath(['applications', application, 'guilds', guild_id, 'commands']),
      list: commands,
      yes: 'list',
    });
    // Another number of commands makes the outcome UNKNOWN.
    return { commands: answer.length === commands.length ? answer.length : -1 };
  },
  example: {
    input: {
      guild_id: '800000000000000001',
      commands: [{ name: 'local', description: 'Say hello' }],
    },
    output: { commands: 1 },
  },
});
