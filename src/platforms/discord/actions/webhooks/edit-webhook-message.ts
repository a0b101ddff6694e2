import { Text } from '../../../../actions/fields.js';
import {
  buildPath,
  discordAction,
  leaveOut,
  requireSame,
  Snowflake,
} from '../../discord-action.js';
import { attachFiles } from '../../files.js';
import { InteractionContent } from '../../interaction.js';
import { type DiscordMessage, findEditFaults, SentMessage, writeContent } from '../../messages.js';

class EditWebhookMessage extends InteractionContent {
  @Snowflake('Id of the webhook', { example: '1300000000000000002' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;

  @Snowflake('Id of the message', { example: '1300000000000000026' })
  message_id!: string;

  @Snowflake('Id of the thread that the message is in', { optional: true })
  thread_id?: string;
}

/** @see https://discord.com/developers/docs/resources/webhook#edit-webhook-message */
export const editWebhookMessage = discordAction({
  type: 'edit_webhook_message',
  group: 'webhooks',
  summary: 'Change a message of a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#edit-webhook-message',
  effect: 'update',
  repeatable: true,
  order: (_context, { webhook_id }) => `discord:webhook:${webhook_id}`,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: EditWebhookMessage,
  output: SentMessage,
  check: (input) => findEditFaults(leaveOut(input, ['webhook_id', 'webhook_token', 'message_id'])),
  run: async (input, _context, upstream) => {
    const { webhook_id, webhook_token, message_id, thread_id, files, components } = input;
    const request = {
      method: 'PATCH' as const,
      path: buildPath(['webhooks', webhook_id, webhook_token, 'messages', message_id]),
      query: { thread_id, with_components: components === undefined ? undefined : true },
      withoutCredentials: true,
      secrets: [webhook_token],
      body: writeContent(input),
    };
    const { id } = await upstream.send<DiscordMessage>(await attachFiles(request, files, upstream));
    return { message_id: requireSame(id, message_id), message_sent: true };
  },
  example: {
    input: {
      webhook_id: '1300000000000000002',
      webhook_token: 'secret-of-the-webhook',
      message_id: '1300000000000000026',
      content: 'Changed',
    },
    output: { message_id: '1300000000000000026', message_sent: true },
  },
});
