import { Flag, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class DeleteWebhookByToken {
  @Snowflake('Id of the webhook', { example: '1300000000000000184' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;
}

class DeleteWebhookByTokenDone {
  @Flag('The webhook is gone')
  webhook_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/webhook#delete-webhook-with-token */
export const deleteWebhookByToken = discordAction({
  type: 'delete_webhook_by_token',
  group: 'webhooks',
  summary: 'Delete a webhook by its secret',
  docs: 'https://discord.com/developers/docs/resources/webhook#delete-webhook-with-token',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10015',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteWebhookByToken,
  output: DeleteWebhookByTokenDone,
  request: ({ webhook_id, webhook_token }) => ({
    method: 'DELETE',
    path: buildPath(['webhooks', webhook_id, webhook_token]),

    withoutCredentials: true,
    secrets: [webhook_token],
  }),
  yes: 'no body',
  response: () => ({ webhook_deleted: true }),
  example: {
    input: { webhook_id: '1300000000000000184', webhook_token: 'secret-of-webhook-184' },
    output: { webhook_deleted: true },
  },
});
