import { Flag, List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { DiscordUser } from '../../names.js';

class GetMember {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @DiscordUser('The user', { example: '200000000000000001' })
  user_id!: string;
}

class GetMemberResult {
  @Snowflake('Id of the user')
  user_id!: string;

  @Text('User name')
  username!: string;

  @Flag('It is a bot')
  bot!: boolean;

  @Text('Nickname in the server', { optional: true })
  nick?: string;

  @List('Ids of its roles')
  roles!: string[];

  @Text('When it joined')
  joined_at!: string;

  @Text('Until when it is silenced', { optional: true })
  timed_out_until?: string;
}

interface DiscordGetMember {
  readonly user: { readonly id: string; readonly username: string; readonly bot?: boolean };
  readonly nick: string | null;
  readonly roles: readonly string[];
  readonly joined_at: string;
  readonly communication_disabled_until: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-member */
export const getMember = discordAction({
  type: 'get_member',
  group: 'lookups',
  summary: 'Read a member of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-member',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: GetMember,
  output: GetMemberResult,
  request: ({ guild_id, user_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'members', user_id]),
  }),
  response: (item: DiscordGetMember) => ({
    user_id: item.user.id,
    username: item.user.username,
    bot: item.user.bot ?? false,
    nick: item.nick ?? undefined,
    roles: [...item.roles],
    joined_at: item.joined_at,
    timed_out_until: item.communication_disabled_until ?? undefined,
  }),
  example: {
    input: { guild_id: '800000000000000001', user_id: '200000000000000001' },
    output: {
      user_id: '200000000000000001',
      username: 'member_one',
      bot: false,
      roles: [],
      joined_at: '2015-01-01T00:00:00Z',
    },
  },
});
