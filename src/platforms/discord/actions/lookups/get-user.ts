import { Flag, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordUser, GuildOfNames } from '../../names.js';

class GetUser {
  @GuildOfNames()
  guild_id?: string;

  @DiscordUser('The user', { example: '200000000000000001' })
  user_id!: string;
}

class GetUserResult {
  @Snowflake('Id of the user')
  id!: string;

  @Text('User name')
  username!: string;

  @Text('The name that is shown', { optional: true })
  global_name?: string;

  @Flag('It is a bot')
  bot!: boolean;
}

interface DiscordGetUser {
  readonly id: string;
  readonly username: string;
  readonly global_name: string | null;
  readonly bot: boolean | null;
}

/** @see https://discord.com/developers/docs/resources/user#get-user */
export const getUser = discordAction({
  type: 'get_user',
  group: 'lookups',
  summary: 'Read a user',
  docs: 'https://discord.com/developers/docs/resources/user#get-user',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetUser,
  output: GetUserResult,
  request: ({ user_id }) => ({ method: 'GET', path: buildPath(['users', user_id]) }),
  response: (item: DiscordGetUser) => ({
    id: item.id,
    username: item.username,
    global_name: item.global_name ?? undefined,
    bot: item.bot ?? false,
  }),
  example: {
    input: { user_id: '200000000000000001' },
    output: { id: '200000000000000001', username: 'member_one', bot: false },
  },
});
