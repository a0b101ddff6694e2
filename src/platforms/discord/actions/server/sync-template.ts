import { Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, requireSame, Snowflake } from '../../discord-action.js';

interface SyncTemplateAnswer {
  readonly code: string;
}

class SyncTemplate {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'demotemplate',
  })
  code!: string;
}

class SyncTemplateResult {
  @Text('Its code')
  code!: string;
}

/** @see https://discord.com/developers/docs/resources/guild-template#sync-guild-template */
export const syncTemplate = discordAction({
  type: 'sync_template',
  group: 'server',
  summary: 'Bring a template up to date with its server',
  docs: 'https://discord.com/developers/docs/resources/guild-template#sync-guild-template',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: SyncTemplate,
  output: SyncTemplateResult,
  request: ({ guild_id, code }) => ({
    method: 'PUT',
    path: buildPath(['guilds', guild_id, 'templates', code]),
  }),
  response: (answer: SyncTemplateAnswer, input) => ({ code: requireSame(answer.code, input.code) }),
  example: {
    input: { guild_id: '800000000000000001', code: 'demotemplate' },
    output: { code: 'demotemplate' },
  },
});
