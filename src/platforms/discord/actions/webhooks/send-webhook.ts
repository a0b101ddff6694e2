import type { FieldViolation } from '../../../../actions/failures.js';
import { List, Part, Parts, Text, WebAddress } from '../../../../actions/fields.js';
import { buildPath, discordAction, isSnowflake, Snowflake } from '../../discord-action.js';
import { Embed } from '../../embeds.js';
import { attachFiles, MessageFile, MOST_FILES } from '../../files.js';
import { AllowedMentions, IDS } from '../../mentions.js';
import {
  type DiscordMessage,
  findContentFaults,
  LONGEST_CONTENT,
  MessageExtras,
  MOST_EMBEDS,
  SentMessage,
  writeContent,
} from '../../messages.js';

/**
 * The whole of an address, and not a part: no other host, port, user name or path fits it. Only the id,
 * the token and the thread are taken out of it; where they are sent to is configuration.
 */
const ADDRESS =
  /^https:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/api\/(?:v\d{1,2}\/)?webhooks\/(\d{1,20})\/([\w-]{1,128})\/?(?:\?([\w=&-]*))?$/;

class SendWebhook extends MessageExtras {
  @Text('Address of the webhook, with its secret', { optional: true, max: 256, private: true })
  webhook_url?: string;

  @Snowflake('Id of the webhook, instead of its address', { optional: true })
  webhook_id?: string;

  @Text('Its secret, with webhook_id', {
    optional: true,
    max: 128,
    private: true,
    pattern: /^[\w-]+$/,
    patternMeans: 'the token of a webhook: letters, digits, "-" and "_"',
  })
  webhook_token?: string;

  @Text('What to say', {
    visible: true,
    optional: true,
    max: LONGEST_CONTENT,
    private: true,
    example: 'Hello!',
  })
  content?: string;

  @Part('One embed', Embed, { optional: true, private: true })
  embed?: Embed;

  @Parts('Up to ten embeds', Embed, { optional: true, maxItems: MOST_EMBEDS, private: true })
  embeds?: Embed[];

  @Parts('Up to ten files', MessageFile, { optional: true, maxItems: MOST_FILES })
  files?: MessageFile[];

  @Text('Name to show instead of its own', { visible: true, optional: true, max: 80 })
  username?: string;

  @WebAddress('Picture to show instead of its own', { optional: true })
  avatar_url?: string;

  @Snowflake('Id of a thread of its channel to write to', { optional: true })
  thread_id?: string;

  @Text('Title of a new thread, in a forum', { visible: true, optional: true, max: 100 })
  thread_name?: string;

  @List('Ids of the tags of the new thread', { ...IDS, optional: true, maxItems: 5 })
  applied_tags?: string[];

  @Part('Whom mentions notify; no one if left out', AllowedMentions, { optional: true })
  allowed_mentions?: AllowedMentions;
}

/** Which webhook is meant, and which thread of its channel; undefined when that is not clear. */
function findWebhook({ webhook_url, webhook_id, webhook_token, thread_id }: SendWebhook) {
  if (webhook_url === undefined) {
    return webhook_id && webhook_token
      ? { id: webhook_id, token: webhook_token, thread: thread_id }
      : undefined;
  }
  const [, id, token, text = ''] = ADDRESS.exec(webhook_url.trim()) ?? [];
  if (!id || !token || !isSnowflake(id) || webhook_id || webhook_token) return undefined;
  const query = new URLSearchParams(text);
  const named = query.get('thread_id') ?? undefined;
  // The gateway always waits for the message; what else an address may ask for is not passed on.
  const isKnown = [...query.keys()].every((name) => KNOWN_IN_QUERY.has(name));
  if (!isKnown || (named !== undefined && !isSnowflake(named))) return undefined;
  return { id, token, thread: thread_id ?? named };
}

const KNOWN_IN_QUERY: ReadonlySet<string> = new Set(['thread_id', 'wait']);

function findFaults(input: SendWebhook): FieldViolation[] {
  const { webhook_url, webhook_id, webhook_token, thread_id, thread_name } = input;
  const faults = findContentFaults(input);
  const webhook = findWebhook(input);
  if ((thread_id ?? webhook?.thread) !== undefined && thread_name !== undefined)
    faults.push({ field: 'thread_id', message: 'give either thread_id or thread_name' });
  if (webhook) return faults;
  const both = webhook_url !== undefined && (webhook_id ?? webhook_token) !== undefined;
  const field =
    webhook_url === undefined && webhook_id !== undefined ? 'webhook_token' : 'webhook_url';
  const message =
    webhook_url === undefined || both
      ? 'give either webhook_url, or webhook_id and webhook_token'
      : 'must be an address of Discord itself: https://discord.com/api/webhooks/<id>/<token>';
  return [{ field, message }, ...faults];
}

/** @see https://discord.com/developers/docs/resources/webhook#execute-webhook */
export const sendWebhook = discordAction({
  type: 'send_webhook',
  group: 'webhooks',
  summary: 'Send a message by a webhook',
  docs: 'https://discord.com/developers/docs/resources/webhook#execute-webhook',
  effect: 'create',
  order: (_context, input) => `discord:webhook:${findWebhook(input)?.id}`,
  scopes: [],
  permissions: [],
  actsAs: 'account',
  input: SendWebhook,
  output: SentMessage,
  check: findFaults,
  run: async (input, _context, upstream) => {
    const { id = '', token = '', thread } = findWebhook(input) ?? {};
    const { username, avatar_url, thread_name, applied_tags, files } = input;
    const request = {
      method: 'POST' as const,
      path: buildPath(['webhooks', id, token]),
      // Without "wait" Discord answers before it has the message, and says nothing of it.
      query: {
        wait: true,
        thread_id: thread,
        // Buttons come only from webhooks that the application owns; others show the rest.
        with_components: input.components === undefined ? undefined : true,
      },
      withoutCredentials: true,
      secrets: [token],
      body: {
        ...writeContent(input),
        ...(username !== undefined && { username }),
        ...(avatar_url !== undefined && { avatar_url }),
        ...(thread_name !== undefined && { thread_name }),
        ...(applied_tags !== undefined && { applied_tags }),
      },
    };
    const sent = await upstream.send<DiscordMessage>(await attachFiles(request, files, upstream));
    return { message_id: sent.id, message_sent: true };
  },
  example: {
    input: {
      webhook_id: '1300000000000000002',
      webhook_token: 'secret-of-the-webhook',
      content: 'Hello!',
    },
    output: { message_id: '1300000000000000003', message_sent: true },
  },
});
