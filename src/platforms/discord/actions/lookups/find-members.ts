import { Flag, Integer, List, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class FindMembers {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('The beginning of a user name or nickname', { max: 100, visible: true, example: 'member' })
  query!: string;

  @Integer('The most members to find', { min: 1, max: 1_000, default: 20 })
  limit!: number;
}

class FindMembersItem {
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

interface DiscordFindMembers {
  readonly user: { readonly id: string; readonly username: string; readonly bot?: boolean };
  readonly nick: string | null;
  readonly roles: readonly string[];
  readonly joined_at: string;
  readonly communication_disabled_until: string | null;
}

/** @see https://discord.com/developers/docs/resources/guild#search-guild-members */
export const findMembers = discordAction({
  type: 'find_members',
  group: 'lookups',
  summary: 'Find members of a server by the beginning of their names',
  docs: 'https://discord.com/developers/docs/resources/guild#search-guild-members',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: FindMembers,
  output: listOf(FindMembersItem),
  request: ({ guild_id, query, limit }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'members', 'search']),
    query: { query, limit },
  }),
  yes: 'list',
  response: (answer: readonly DiscordFindMembers[]) => ({
    items: answer.map((item) => ({
      user_id: item.user.id,
      username: item.user.username,
      bot: item.user.bot ?? false,
      nick: item.nick ?? undefined,
      roles: [...item.roles],
      joined_at: item.joined_at,
      timed_out_until: item.communication_disabled_until ?? undefined,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001', query: 'member', limit: 20 },
    output: {
      items: [
        {
          user_id: '200000000000000001',
          username: 'member_one',
          bot: false,
          roles: [],
          joined_at: '2015-01-01T00:00:00Z',
        },
      ],
    },
  },
});
