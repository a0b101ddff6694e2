import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListRoles {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListRolesItem {
  @Snowflake('Id of the role')
  id!: string;

  @Text('Its name')
  name!: string;

  @Integer('Its place; higher is above', { min: 0 })
  position!: number;

  @Text('What it gives, as a sum of Discord')
  permissions!: string;

  @Integer('Its colour as a number', { min: 0 })
  color!: number;

  @Flag('Its members stand apart in the list')
  hoist!: boolean;

  @Flag('Everybody may mention it')
  mentionable!: boolean;

  @Flag('It belongs to an integration')
  managed!: boolean;
}

interface DiscordListRoles {
  readonly id: string;
  readonly name: string;
  readonly position: number;
  readonly permissions: string;
  readonly color: number;
  readonly hoist: boolean;
  readonly mentionable: boolean;
  readonly managed: boolean;
}

/** @see https://discord.com/developers/docs/resources/guild#get-guild-roles */
export const listRoles = discordAction({
  type: 'list_roles',
  group: 'lookups',
  summary: 'List the roles of a server',
  docs: 'https://discord.com/developers/docs/resources/guild#get-guild-roles',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: ListRoles,
  output: listOf(ListRolesItem),
  request: ({ guild_id }) => ({ method: 'GET', path: buildPath(['guilds', guild_id, 'roles']) }),
  yes: 'list',
  response: (answer: readonly DiscordListRoles[]) => ({
    items: answer.map((item) => ({
      id: item.id,
      name: item.name,
      position: item.position,
      permissions: item.permissions,
      color: item.color,
      hoist: item.hoist,
      mentionable: item.mentionable,
      managed: item.managed,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: {
      items: [
        {
          id: '600000000000000003',
          name: 'Regular',
          position: 1,
          permissions: '0',
          color: 0,
          hoist: false,
          mentionable: false,
          managed: false,
        },
      ],
    },
  },
});
