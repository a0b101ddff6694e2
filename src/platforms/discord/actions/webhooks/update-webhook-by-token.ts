import { requireChange } from '../../../../actions/changes.js';
import { List, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake, takeAway } from '../../discord-action.js';
import { Picture, readPictures } from '../../pictures.js';

class UpdateWebhookByToken {
  @Snowflake('Id of the webhook', { example: '1300000000000000183' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;

  @Text('Its name', { optional: true, max: 80 })
  name?: string;

  @Picture('Its picture', { optional: true })
  avatar?: string;

  @List('Members to reset: they become what they are in a new one', {
    optional: true,
    unique: true,
    choices: ['avatar'],
  })
  reset?: string[];
}

class UpdateWebhookByTokenResult {
  @Snowflake('Id of the webhook')
  webhook_id!: string;
}

/** @see https://discord.com/developers/docs/resources/webhook#modify-webhook-with-token */
export const updateWebhookByToken = discordAction({
  type: 'update_webhook_by_token',
  group: 'webhooks',
  summary: 'Change a webhook by its secret',
  docs: 'https://discord.com/developers/docs/resources/webhook#modify-webhook-with-token',
  effect: 'update',
  repeatable: true,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: UpdateWebhookByToken,
  output: UpdateWebhookByTokenResult,
  check: ({ webhook_id: _webhook0, webhook_token: _webhook1, ...changes }) =>
    requireChange(changes),
  run: async (input, _context, upstream) => {
    const { webhook_id, webhook_token, reset, ...body } = input;
    const pictures = await readPictures(body, ['avatar'], upstream);
    const answer = await upstream.send<{ readonly id: string }>({
      method: 'PATCH',
      path: buildPath(['webhooks', webhook_id, webhook_token]),
      body: { ...body, ...takeAway(reset), ...pictures },
      withoutCredentials: true,
      secrets: [webhook_token],
    });
    return { webhook_id: answer.id };
  },
  example: {
    input: {
      webhook_id: '1300000000000000183',
      webhook_token: 'secret-of-webhook-183',
      name: 'Bridge 2',
    },
    output: { webhook_id: '1300000000000000183' },
  },
});
