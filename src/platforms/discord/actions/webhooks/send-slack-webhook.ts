import { Flag, Text, WebAddress } from '../../../../actions/fields.js';
import type { JsonObject } from '../../../../actions/json.js';
import { flag, list, object, Shape, text, whole } from '../../../../actions/shapes.js';
import { buildPath, discordAction, Snowflake } from '../../discord-action.js';
import { ADDRESS } from '../../shapes/values.js';

class SendSlackWebhook {
  @Snowflake('Id of the webhook', { example: '1300000000000000181' })
  webhook_id!: string;

  @Text('Its secret', {
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token!: string;

  @Text('What to say', { optional: true, min: 0, max: 2000, private: true, visible: true })
  text?: string;

  @Text('Name', { optional: true, min: 0, max: 80 })
  username?: string;

  @WebAddress('Icon url', { optional: true, max: 2048 })
  icon_url?: string;

  @Shape(
    'Attachments',
    list(
      object({
        '?title': text(0, 152133),
        '?title_link': text(1, 2048, ADDRESS),
        '?text': text(0, 152133),
        '?color': text(0, 7, '^#(([0-9a-fA-F]{2}){3}|([0-9a-fA-F]){3})$'),
        '?ts': whole(-2147483648, 2147483647),
        '?pretext': text(0, 152133),
        '?footer': text(0, 152133),
        '?footer_icon': text(1, 2048, ADDRESS),
        '?author_name': text(0, 152133),
        '?author_link': text(1, 2048, ADDRESS),
        '?author_icon': text(1, 2048, ADDRESS),
        '?image_url': text(1, 2048, ADDRESS),
        '?thumb_url': text(1, 2048, ADDRESS),
        '?fields': list(
          object({ '?name': text(0, 152133), '?value': text(0, 152133), '?inline': flag }),
          0,
          1521,
        ),
      }),
      0,
      1521,
    ),
    { optional: true },
  )
  attachments?: JsonObject[];
}

class SendSlackWebhookDone {
  @Flag('The message is sent')
  message_sent!: boolean;
}

/** @see https://discord.com/developers/docs/resources/webhook#execute-slackcompatible-webhook */
export const sendSlackWebhook = discordAction({
  type: 'send_slack_webhook',
  group: 'webhooks',
  summary: 'Send a payload of Slack by a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#execute-slackcompatible-webhook',
  effect: 'create',
  yes: 'text',
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SendSlackWebhook,
  output: SendSlackWebhookDone,
  check: (input) =>
    input.text === undefined && input.attachments === undefined
      ? [{ field: 'text', message: 'is missing: give text or attachments' }]
      : [],
  request: ({ webhook_id, webhook_token, ...body }) => ({
    method: 'POST',
    path: buildPath(['webhooks', webhook_id, webhook_token, 'slack']),
    body: { ...body },
    withoutCredentials: true,
    secrets: [webhook_token],
  }),
  response: (answer: string) => {
    if (!/^\w+$/.test(answer)) throw new TypeError('The answer is no word');
    return { message_sent: true };
  },
  example: {
    input: {
      webhook_id: '1300000000000000181',
      webhook_token: 'secret-of-webhook-181',
      text: 'Build 12 is green',
    },
    output: { message_sent: true },
  },
});
