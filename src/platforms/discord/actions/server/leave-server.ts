import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class LeaveServer {
  @Snowflake('Id of the server', { example: '800000000000000003' })
  guild_id!: string;
}

class LeaveServerDone {
  @Flag('The bot is not in the server')
  server_left!: boolean;
}

/** @see https://discord.com/developers/docs/resources/user#leave-guild */
export const leaveServer = discordAction({
  type: 'leave_server',
  group: 'server',
  summary: 'Let the bot leave a server',
  docs: 'https://discord.com/developers/docs/resources/user#leave-guild',
  effect: 'delete',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: LeaveServer,
  output: LeaveServerDone,
  request: ({ guild_id }) => ({
    method: 'DELETE',
    path: `/users/@me${buildPath(['guilds', guild_id])}`,
  }),
  yes: 'no body',
  response: () => ({ server_left: true }),
  example: { input: { guild_id: '800000000000000003' }, output: { server_left: true } },
});
