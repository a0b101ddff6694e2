import { Flag } from '../../../../actions/fields.js';
import { buildPath, discordAction, giveReason, Reason, Snowflake } from '../../discord-action.js';

class DeleteWebhook {
  @Snowflake('Id of the webhook', { example: '1300000000000000182' })
  webhook_id!: string;

  @Reason()
  reason?: string;
}

class DeleteWebhookDone {
  @Flag('The webhook is gone')
  webhook_deleted!: boolean;
}

/** @see https://discord.com/developers/docs/resources/webhook#delete-webhook */
export const deleteWebhook = discordAction({
  type: 'delete_webhook',
  group: 'webhooks',
  summary: 'Delete a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#delete-webhook',
  effect: 'delete',
  repeatable: true,
  alreadyDone: ({ platformCode }) => platformCode === '10015',
  scopes: [],
  permissions: ['MANAGE_WEBHOOKS'],
  actsAs: 'account',
  input: DeleteWebhook,
  output: DeleteWebhookDone,
  request: ({ webhook_id, reason }) => ({
    method: 'DELETE',
    path: buildPath(['webhooks', webhook_id]),
    headers: giveReason(reason),
  }),
  yes: 'no body',
  response: () => ({ webhook_deleted: true }),
  example: { input: { webhook_id: '1300000000000000182' }, output: { webhook_deleted: true } },
});
