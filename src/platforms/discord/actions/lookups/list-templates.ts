import { Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class ListTemplates {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;
}

class ListTemplatesItem {
  @Text('Its code')
  code!: string;

  @Text('Its name')
  name!: string;

  @Integer('How often it was used', { min: 0 })
  usage_count!: number;
}

interface DiscordListTemplates {
  readonly code: string;
  readonly name: string;
  readonly usage_count: number;
}

/** @see https://discord.com/developers/docs/resources/guild-template#get-guild-templates */
export const listTemplates = discordAction({
  type: 'list_templates',
  group: 'lookups',
  summary: 'List the templates of a server',
  docs: 'https://discord.com/developers/docs/resources/guild-template#get-guild-templates',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: ListTemplates,
  output: listOf(ListTemplatesItem),
  request: ({ guild_id }) => ({
    method: 'GET',
    path: buildPath(['guilds', guild_id, 'templates']),
  }),
  yes: 'list',
  response: (answer: readonly DiscordListTemplates[]) => ({
    items: answer.map((item) => ({
      code: item.code,
      name: item.name,
      usage_count: item.usage_count,
    })),
  }),
  example: {
    input: { guild_id: '800000000000000001' },
    output: { items: [{ code: 'demotemplate', name: 'Demo', usage_count: 0 }] },
  },
});
