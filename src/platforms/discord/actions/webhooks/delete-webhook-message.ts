import { Flag, Text } from '../../../../actions/fields.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';

class DeleteWebhookMessage {
  @Snowflake('Id of the webhook', { example: '1300000000000000002' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;

  @Snowflake('Id of the message', { example: '1300000000000000027' })
  message_id!: string;

  @Snowflake('Id of the thread that the message is in', { optional: true })
  thread_id?: string;
}

class DeleteWebhookMessageDone {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/webhook#delete-webhook-message */
export const deleteWebhookMessage = discordAction({
  type: 'delete_webhook_message',
  group: 'webhooks',
  summary: 'Delete a message of a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#delete-webhook-message',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10008',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: DeleteWebhookMessage,
  output: DeleteWebhookMessageDone,
  request: ({ webhook_id, webhook_token, message_id, thread_id }) => ({
    method: 'DELETE',
    path: buildPath(['webhooks', webhook_id, webhook_token, 'messages', message_id]),
    query: { thread_id },
    body: undefined,
    withoutCredentials: true,
    secrets: [webhook_token],
  }),
  yes: 'no body',
  response: () => ({ message_deleted: true }),
  example: {
    input: {
      webhook_id: '1300000000000000002',
      webhook_token: 'secret-of-the-webhook',
      message_id: '1300000000000000027',
    },
    output: { message_deleted: true },
  },
});
