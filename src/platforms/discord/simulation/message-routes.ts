import { isRecord } from '../../../sandbox/exchange.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { showMessage, showWebhook } from './show.js';
import type { DiscordChannel, DiscordMessage } from './world.js';

const MOST_REACTIONS = 20;
const MOST_WEBHOOKS = 15;
const MOST_FILE_BYTES = 10_485_760;

export const MESSAGE_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'POST /channels/:channel/messages',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'SEND_MESSAGES');
      const body = call.readBody();
      const nonce = readNonce(body);
      if (nonce !== null && body['enforce_nonce'] === true) {
        const earlier = call.world.findByNonce(channel, call.bot.id, nonce);
        if (earlier) return show(call, earlier);
      }
      const content = readContent(call, body);
      if (content.embeds.length > 0) call.requirePermission(channel, 'EMBED_LINKS');
      if (content.attachments.length > 0) call.requirePermission(channel, 'ATTACH_FILES');
      const reply_to = readReply(channel, body);
      const author_id = call.bot.id;
      return show(
        call,
        call.world.addMessage(channel.id, { ...content, author_id, nonce, reply_to }),
      );
    },
  },
  {
    pattern: 'PATCH /channels/:channel/messages/:message',
    major: 'channel',
    handle(call) {
      const message = requireMessage(call);
      if (message.author_id !== call.bot.id)
        throw new DiscordRefusal(403, 50_005, 'Cannot edit a message authored by another user');
      const body = call.readBody();
      const { content, embeds, allowed_mentions } = readContent(call, {
        content: message.content,
        embeds: message.embeds,
        ...body,
      });
      Object.assign(message, { content, embeds, allowed_mentions, edited: call.world.now() });
      return show(call, message);
    },
  },
  {
    pattern: 'DELETE /channels/:channel/messages/:message',
    major: 'channel',
    handle(call) {
      const message = requireMessage(call);
      const channel = call.requireChannel();
      if (message.author_id !== call.bot.id) call.requirePermission(channel, 'MANAGE_MESSAGES');
      channel.messages.delete(message.id);
      const guild = call.world.guilds.get(channel.guild_id);
      if (guild) call.note(guild, 'message_delete', message.id);
      return undefined;
    },
  },
  {
    pattern: 'PUT /channels/:channel/messages/:message/reactions/:emoji/@me',
    major: 'channel',
    handle(call) {
      const message = requireMessage(call);
      const channel = call.requireChannel();
      const emoji = readEmoji(call);
      if (!message.reactions.has(emoji)) {
        call.requirePermission(channel, 'ADD_REACTIONS');
        if (message.reactions.size >= MOST_REACTIONS)
          throw new DiscordRefusal(400, 30_010, 'Maximum number of reactions reached (20)');
        message.reactions.set(emoji, new Set());
      }
      message.reactions.get(emoji)?.add(call.bot.id);
      return undefined;
    },
  },
  {
    pattern: 'POST /channels/:channel/webhooks',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_WEBHOOKS');
      const { name } = call.readBody();
      if (typeof name !== 'string' || name.trim() === '' || name.length > 80)
        throw refuseField(['name'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.');
      if (/clyde|discord/i.test(name))
        throw refuseField(['name'], 'USERNAME_INVALID_CONTAINS', 'Username cannot contain that');
      const others = [...call.world.webhooks.values()].filter((w) => w.channel_id === channel.id);
      if (others.length >= MOST_WEBHOOKS)
        throw new DiscordRefusal(400, 30_007, 'Maximum number of webhooks reached (15)');
      const webhook = call.world.addWebhook(channel.id, name);
      const guild = call.world.guilds.get(channel.guild_id);
      if (guild) call.note(guild, 'webhook_create', webhook.id);
      return showWebhook(webhook, channel.guild_id, call.bot.id);
    },
  },
  {
    pattern: 'POST /webhooks/:webhook/:token',
    major: 'webhook',
    open: true,
    handle(call) {
      const webhook = call.world.webhooks.get(call.readId('webhook'));
      if (!webhook) throw new DiscordRefusal(404, 10_015, 'Unknown Webhook');
      if (webhook.token !== call.path['token'])
        throw new DiscordRefusal(401, 50_027, 'Invalid Webhook Token');
      const body = call.readBody();
      const content = readContent(call, body);
      const message = call.world.addMessage(webhook.channel_id, {
        ...content,
        author_id: webhook.id,
        webhook_id: webhook.id,
        username: typeof body['username'] === 'string' ? body['username'] : webhook.name,
      });
      return call.request.query.get('wait') === 'true' ? show(call, message) : undefined;
    },
  },
];

function show(call: DiscordCall, message: DiscordMessage): object {
  return showMessage(message, call.world.users.get(message.author_id));
}

function requireMessage(call: DiscordCall): DiscordMessage {
  const message = call.requireChannel().messages.get(call.readId('message'));
  if (message) return message;
  throw new DiscordRefusal(404, 10_008, 'Unknown Message');
}

function readNonce({ nonce }: Record<string, unknown>): string | null {
  if (nonce === undefined || nonce === null) return null;
  const text = String(nonce);
  if (text.length <= 25) return text;
  throw refuseField(['nonce'], 'NONCE_TYPE_TOO_LONG', 'Must be 25 or fewer in length.');
}

function readReply(channel: DiscordChannel, body: Record<string, unknown>): string | null {
  const reference = body['message_reference'];
  if (!isRecord(reference)) return null;
  const id = String(reference['message_id']);
  if (channel.messages.has(id)) return id;
  throw refuseField(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
}

function readEmoji(call: DiscordCall): string {
  const emoji = call.path['emoji'] ?? '';
  const [, name, id] = /^(\w+):(\d+)$/.exec(emoji) ?? [];
  const { guild_id } = call.requireChannel();
  const isKnown =
    id === undefined
      ? /\p{Emoji}/u.test(emoji) && !/\w{2,}/.test(emoji)
      : call.world.guilds.get(guild_id)?.emojis.get(id) === name;
  if (isKnown) return emoji;
  throw new DiscordRefusal(400, 10_014, 'Unknown Emoji');
}

/** What a message is made of, checked against the published limits. */
function readContent(call: DiscordCall, body: Record<string, unknown>) {
  const content = body['content'] ?? '';
  if (typeof content !== 'string')
    throw refuseField(['content'], 'STRING_TYPE_CONVERT', 'Could not interpret as string.');
  requireLength(['content'], content, 2_000);
  const embeds = readEmbeds(body['embeds']);
  const files = call.readFiles() ?? [];
  if (files.length > 10)
    throw refuseField(['attachments'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  if (files.some(({ size }) => size > MOST_FILE_BYTES))
    throw new DiscordRefusal(413, 40_005, 'Request entity too large');
  if (content === '' && embeds.length === 0 && files.length === 0)
    throw new DiscordRefusal(400, 50_006, 'Cannot send an empty message');
  const attachments = files.map(({ filename = '', size }, index) => ({
    id: String(index),
    filename,
    size,
  }));
  return { content, embeds, attachments, allowed_mentions: body['allowed_mentions'] ?? null };
}

const EMBED_TEXTS = [
  ['title', 256],
  ['description', 4_096],
] as const;

function readEmbeds(value: unknown): readonly Record<string, unknown>[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every(isRecord))
    throw refuseField(['embeds'], 'LIST_TYPE_CONVERT', 'Only iterables may be used.');
  if (value.length > 10)
    throw refuseField(['embeds'], 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.');
  let total = 0;
  for (const [index, embed] of value.entries()) {
    const at = (...path: string[]): string[] => ['embeds', String(index), ...path];
    const count = (path: string[], text: unknown, max: number): void => {
      if (text === undefined || text === null) return;
      if (typeof text !== 'string')
        throw refuseField(at(...path), 'STRING_TYPE_CONVERT', 'Could not interpret as string.');
      requireLength(at(...path), text, max);
      total += [...text].length;
    };
    for (const [name, max] of EMBED_TEXTS) count([name], embed[name], max);
    if (embed['color'] !== undefined && !Number.isInteger(embed['color']))
      throw refuseField(at('color'), 'NUMBER_TYPE_COERCE', 'Value is not int.');
    if (isRecord(embed['footer'])) count(['footer', 'text'], embed['footer']['text'], 2_048);
    if (isRecord(embed['author'])) count(['author', 'name'], embed['author']['name'], 256);
    const fields = Array.isArray(embed['fields']) ? embed['fields'] : [];
    if (fields.length > 25)
      throw refuseField(at('fields'), 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
    for (const [place, field] of fields.entries()) {
      if (!isRecord(field)) continue;
      count(['fields', String(place), 'name'], field['name'], 256);
      count(['fields', String(place), 'value'], field['value'], 1_024);
    }
  }
  if (total > 6_000)
    throw refuseField(['embeds'], 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum of 6000');
  return value;
}

/** What counts as a character is unpublished; simulated: code points. */
function requireLength(path: readonly string[], text: string, max: number): void {
  if ([...text].length > max)
    throw refuseField(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
}
