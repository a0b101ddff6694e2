import { requireChange } from '../../../../actions/changes.js';
import { List, Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  requireSame,
  Snowflake,
  takeAway,
} from '../../discord-action.js';

class UpdateTemplate {
  @Snowflake('Id of the server', { example: '800000000000000001' })
  guild_id!: string;

  @Text('Its code, the last part of its address', {
    max: 64,
    pattern: /^[\w-]+$/,
    patternMeans: 'a code of letters, digits, "-" and "_"',
    example: 'othertemplate',
  })
  code!: string;

  @Text('Its name', { optional: true, max: 100 })
  name?: string;

  @Text('What it is about', { optional: true, min: 0, max: 120 })
  description?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['description'],
  })
  reset?: string[];
}

class UpdateTemplateResult {
  @Text('Its code')
  code!: string;
}

interface UpdateTemplateAnswer {
  readonly code: string;
}

/** @see https://discord.com/developers/docs/resources/guild-template#modify-guild-template */
export const updateTemplate = discordAction({
  type: 'update_template',
  group: 'server',
  summary: 'Change the name or description of a template',
  docs: 'https://discord.com/developers/docs/resources/guild-template#modify-guild-template',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: ['MANAGE_GUILD'],
  actsAs: 'account',
  input: UpdateTemplate,
  output: UpdateTemplateResult,
  check: ({ guild_id: _guild0, code: _code1, ...changes }) => requireChange(changes),
  request: ({ guild_id, code, reset, ...body }) => ({
    method: 'PATCH',
    path: buildPath(['guilds', guild_id, 'templates', code]),
    body: { ...body, ...takeAway(reset) },
  }),
  response: (answer: UpdateTemplateAnswer, input) => ({
    code: requireSame(answer.code, input.code),
  }),
  example: {
    input: { guild_id: '800000000000000001', code: 'othertemplate', name: 'Renamed' },
    output: { code: 'othertemplate' },
  },
});
