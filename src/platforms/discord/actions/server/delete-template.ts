import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, requireSame, Snowflake } from '../../discord-action.js';

class DeleteTemplate {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'oldtemplate',
  })
  code!: string;
}

class DeleteTemplateResult {
  @Text('Its code')
  code!: string;
}

interface DeleteTemplateAnswer {
  readonly code: string;
}

/** @see https://discord.com/developers/docs/resources/guild-template#delete-guild-template */
export const deleteTemplate = discordAction({
  type: 'delete_template',
  group: 'server',
  summary: 'Delete a template',
  docs: 'https://discord.com/developers/docs/resources/guild-template#delete-guild-template',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10057',
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: DeleteTemplate,
  output: DeleteTemplateResult,
  request: ({ guild_id, code }) => ({
    method: 'DELETE',
    path: buildPath(['guilds', guild_id, 'templates', code]),
  }),
  response: (answer: DeleteTemplateAnswer, input) => ({
    code: requireSame(answer.code, input.code),
  }),
  example: {
    input: { guild_id: '800000000000000001', code: 'oldtemplate' },
    output: { code: 'oldtemplate' },
  },
});
