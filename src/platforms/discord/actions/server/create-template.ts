import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class CreateTemplate {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its name', { example: 'Fresh start', max: 100 })
  name!: string;

  @Text('What it is about', { optional: true, min: 0, max: 120 })
  description?: string;
}

class CreateTemplateResult {
  @Text('Its code')
  code!: string;

  @Text('Its name')
  name!: string;
}

interface CreateTemplateAnswer {
  readonly code: string;
  readonly name: string;
}

/** @see https://discord.com/developers/docs/resources/guild-template#create-guild-template */
export const createTemplate = discordAction({
  type: 'create_template',
  group: 'server',
  summary: 'Make a template of a server',
  docs: 'https://discord.com/developers/docs/resources/guild-template#create-guild-template',
  effect: 'create',
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: CreateTemplate,
  output: CreateTemplateResult,
  request: ({ guild_id, ...body }) => ({
    method: 'POST',
    path: buildPath(['guilds', guild_id, 'templates']),
    body: { ...body },
  }),
  response: (answer: CreateTemplateAnswer) => ({ code: answer.code, name: answer.name }),
  example: {
    input: { guild_id: '800000000000000001', name: 'Fresh start' },
    output: { code: 'abc', name: 'Fresh start' },
  },
});
