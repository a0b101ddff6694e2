import { isRecord } from '../../../sandbox/exchange.js';
import { noteIn } from './channel-routes.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { pageAfter, readLimit } from './member-routes.js';
import { readContent } from './read-content.js';
import { showMessage, showUser } from './show.js';
import { type DiscordChannel, type DiscordMessage, EPOCH } from './world.js';
import { type Wire } from './wire.js';

const MOST_REACTIONS = 20;

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
      if (content.extra['poll'] !== undefined) call.requirePermission(channel, 'SEND_POLLS');
      const { reply_to, forwarded } = readReference(call, channel, body);
      const author_id = call.bot.id;
      const extra = { ...content.extra, ...forwarded };
      return show(
        call,
        call.world.addMessage(channel.id, { ...content, extra, author_id, nonce, reply_to }),
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
      edit(call, message, body);
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
    pattern: 'DELETE /channels/:channel/messages/:message/reactions/:emoji/@me',
    major: 'channel',
    handle: (call) => takeReaction(call, call.bot.id),
  },
  {
    pattern: 'DELETE /channels/:channel/messages/:message/reactions/:emoji/:user',
    major: 'channel',
    handle(call) {
      call.requirePermission(call.requireChannel(), 'MANAGE_MESSAGES');
      return takeReaction(call, call.requireUser().id);
    },
  },
  {
    pattern: 'DELETE /channels/:channel/messages/:message/reactions/:emoji',
    major: 'channel',
    handle(call) {
      call.requirePermission(call.requireChannel(), 'MANAGE_MESSAGES');
      requireMessage(call).reactions.delete(readEmoji(call));
      return undefined;
    },
  },
  {
    pattern: 'DELETE /channels/:channel/messages/:message/reactions',
    major: 'channel',
    handle(call) {
      call.requirePermission(call.requireChannel(), 'MANAGE_MESSAGES');
      requireMessage(call).reactions.clear();
      return undefined;
    },
  },
  {
    pattern: 'GET /channels/:channel/messages/:message/reactions/:emoji',
    major: 'channel',
    handle(call) {
      const users = [...(requireMessage(call).reactions.get(readEmoji(call)) ?? [])];
      return pageAfter(call, users, (id) => id, 25).map((id) =>
        showUser(call.world.users.get(id) ?? { id, username: id, bot: false }),
      );
    },
  },
  {
    pattern: 'GET /channels/:channel/messages',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      const { query } = call.request;
      const [before, after, around] = ['before', 'after', 'around'].map((name) => query.get(name));
      const limit = readLimit(call, 50);
      const sorted = [...channel.messages.values()].sort((one, two) =>
        BigInt(one.id) < BigInt(two.id) ? 1 : -1,
      );
      const wanted = sorted.filter(
        ({ id }) =>
          (!before || BigInt(id) < BigInt(before)) && (!after || BigInt(id) > BigInt(after)),
      );
      const at = around ? Math.max(0, wanted.findIndex(({ id }) => id === around) - limit / 2) : 0;
      const page = after ? wanted.slice(-limit) : wanted.slice(at, at + limit);
      return page.map((message) => show(call, message));
    },
  },
  {
    pattern: 'GET /channels/:channel/messages/:message',
    major: 'channel',
    handle: (call) => show(call, requireMessage(call)),
  },
  {
    pattern: 'POST /channels/:channel/messages/bulk-delete',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_MESSAGES');
      const { messages } = call.readBody();
      const ids = Array.isArray(messages) ? messages.map(String) : [];
      if (ids.length < 2 || ids.length > 100)
        throw new DiscordRefusal(
          400,
          50_016,
          'Provided too few or too many messages to delete. Must provide at least 2 and fewer than 100 messages to delete.',
        );
      const oldest = call.world.now() - TWO_WEEKS_MS;
      if (ids.some((id) => Number(BigInt(id) >> 22n) + EPOCH < oldest))
        throw new DiscordRefusal(
          400,
          50_034,
          'You can only bulk delete messages that are under 14 days old.',
        );
      for (const id of ids) channel.messages.delete(id);
      noteIn(call, channel, 'message_bulk_delete', channel.id);
      return undefined;
    },
  },
  {
    pattern: 'PUT /channels/:channel/messages/pins/:message',
    major: 'channel',
    handle: (call) => pin(call, call.world.now()),
  },
  {
    pattern: 'DELETE /channels/:channel/messages/pins/:message',
    major: 'channel',
    handle: (call) => pin(call, null),
  },
  {
    pattern: 'POST /channels/:channel/messages/:message/crosspost',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      const message = requireMessage(call);
      call.requirePermission(
        channel,
        message.author_id === call.bot.id ? 'SEND_MESSAGES' : 'MANAGE_MESSAGES',
      );
      if (channel.extra['type'] !== ANNOUNCEMENT)
        throw new DiscordRefusal(400, 50_024, 'Cannot execute action on this channel type');
      const flags = Number(message.extra['flags'] ?? 0);
      if ((flags & CROSSPOSTED) !== 0)
        throw new DiscordRefusal(400, 40_033, 'This message has already been crossposted');
      message.extra['flags'] = flags | CROSSPOSTED;
      return show(call, message);
    },
  },
  {
    pattern: 'POST /channels/:channel/polls/:message/expire',
    major: 'channel',
    handle(call) {
      const message = requireMessage(call);
      const { poll } = message.extra;
      if (!isRecord(poll)) throw new DiscordRefusal(400, 520_001, 'Poll expired');
      if (message.author_id !== call.bot.id)
        throw new DiscordRefusal(403, 50_001, 'Missing Access');
      if ((poll['results'] as Wire)['is_finalized'] === true)
        throw new DiscordRefusal(400, 520_001, 'Poll expired');
      Object.assign(poll, { expiry: new Date(call.world.now()).toISOString() });
      Object.assign(poll['results'] as Wire, { is_finalized: true });
      return show(call, message);
    },
  },
];

const TWO_WEEKS_MS = 14 * 86_400_000;
const ANNOUNCEMENT = 5;
const CROSSPOSTED = 1;
const MOST_PINS = 250;

function takeReaction(call: DiscordCall, userId: string): undefined {
  const { reactions } = requireMessage(call);
  const emoji = readEmoji(call);
  const users = reactions.get(emoji);
  if (!users?.delete(userId)) throw new DiscordRefusal(404, 10_014, 'Unknown Emoji');
  if (users.size === 0) reactions.delete(emoji);
  return undefined;
}

function pin(call: DiscordCall, at: number | null): undefined {
  const channel = call.requireChannel();
  call.requirePermission(channel, 'PIN_MESSAGES');
  const message = requireMessage(call);
  const pinned = [...channel.messages.values()].filter((one) => one.pinned !== null);
  if (at !== null && pinned.length >= MOST_PINS)
    throw new DiscordRefusal(400, 30_003, 'Maximum number of pins reached (250)');
  message.pinned = at;
  noteIn(call, channel, at === null ? 'message_unpin' : 'message_pin', message.author_id);
  return undefined;
}

/** Changes a message; what the body leaves out stays as it is. */
export function edit(call: DiscordCall, message: DiscordMessage, body: Wire): void {
  const { content, embeds, allowed_mentions, extra } = readContent(
    call,
    { content: message.content, embeds: message.embeds, flags: message.extra['flags'], ...body },
    message.attachments.length > 0 || message.extra['components'] !== undefined,
  );
  Object.assign(message, { content, embeds, allowed_mentions, edited: call.world.now() });
  message.extra = { ...message.extra, ...extra };
}

export function show(call: DiscordCall, message: DiscordMessage): object {
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

const FORWARD = 1;

/** What a message answers, or what it forwards. */
function readReference(
  call: DiscordCall,
  channel: DiscordChannel,
  body: Record<string, unknown>,
): { readonly reply_to: string | null; readonly forwarded: Wire } {
  const reference = body['message_reference'];
  if (!isRecord(reference)) return { reply_to: null, forwarded: {} };
  const id = String(reference['message_id']);
  if (reference['type'] !== FORWARD) {
    if (channel.messages.has(id)) return { reply_to: id, forwarded: {} };
    if (reference['fail_if_not_exists'] === false) return { reply_to: null, forwarded: {} };
    throw refuseField(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message');
  }
  const source = call.world.channels.get(String(reference['channel_id'] ?? channel.id));
  const message = source?.messages.get(id);
  if (!source || !message)
    throw refuseField(
      ['message_reference'],
      'MESSAGE_REFERENCE_UNKNOWN_MESSAGE',
      'Unknown message',
    );
  const shown = show(call, message) as Wire;
  const kept = [
    'type',
    'content',
    'mentions',
    'mention_roles',
    'attachments',
    'embeds',
    'timestamp',
    'edited_timestamp',
    'flags',
    'components',
  ];
  const snapshot = Object.fromEntries(kept.map((name) => [name, shown[name]]));
  return {
    reply_to: null,
    forwarded: {
      message_reference: { type: FORWARD, channel_id: source.id, message_id: id },
      message_snapshots: [{ message: snapshot }],
    },
  };
}

function readEmoji(call: DiscordCall): string {
  const emoji = call.path['emoji'] ?? '';
  const [, name, id] = /^(\w+):(\d+)$/.exec(emoji) ?? [];
  const { guild_id } = call.requireChannel();
  const isKnown =
    id === undefined
      ? /\p{Emoji}/u.test(emoji) && !/\w{2,}/.test(emoji)
      : call.world.guilds.get(guild_id)?.things.get('emojis')?.get(id)?.['name'] === name;
  if (isKnown) return emoji;
  throw new DiscordRefusal(400, 10_014, 'Unknown Emoji');
}
