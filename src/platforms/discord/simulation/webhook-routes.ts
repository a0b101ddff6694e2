import { isRecord } from '../../../sandbox/exchange.js';
import { changeChannel, noteIn } from './channel-routes.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { findInteraction, originalOf } from './interactions.js';
import { edit, show } from './message-routes.js';
import { readContent } from './read-content.js';
import { showWebhook } from './show.js';
import type { DiscordMessage, DiscordWebhook } from './world.js';
import type { Wire } from './wire.js';

const MOST_WEBHOOKS = 15;

/** Where a webhook or an interaction writes to, and what it wrote. */
interface Writer {
  readonly id: string;
  readonly name: string;
  readonly channel_id: string;
}

/** Webhooks, what they write, and what is written with the token of an interaction. */
export const WEBHOOK_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'POST /channels/:channel/webhooks',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_WEBHOOKS');
      const name = readName(call.readBody()['name']);
      const others = [...call.world.webhooks.values()].filter((w) => w.channel_id === channel.id);
      if (others.length >= MOST_WEBHOOKS)
        throw new DiscordRefusal(400, 30_007, 'Maximum number of webhooks reached (15)');
      const webhook = call.world.addWebhook(channel.id, name);
      noteIn(call, channel, 'webhook_create', webhook.id);
      return showWebhook(webhook, channel.guild_id, call.bot.id);
    },
  },
  {
    pattern: 'POST /channels/:channel/followers',
    major: 'channel',
    handle(call) {
      const source = call.requireChannel();
      if (source.extra['type'] !== 5)
        throw new DiscordRefusal(400, 50_024, 'Cannot execute action on this channel type');
      const target = call.world.channels.get(String(call.readBody()['webhook_channel_id']));
      if (!target) throw new DiscordRefusal(404, 10_003, 'Unknown Channel');
      call.requirePermission(target, 'MANAGE_WEBHOOKS');
      const made = call.world.addWebhook(target.id, `${source.name}`);
      call.world.webhooks.set(made.id, { ...made, follows: source.id });
      return { channel_id: source.id, webhook_id: made.id };
    },
  },
  {
    pattern: 'GET /channels/:channel/webhooks',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_WEBHOOKS');
      return listWebhooks(call, ({ channel_id }) => channel_id === channel.id);
    },
  },
  {
    pattern: 'GET /guilds/:guild/webhooks',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MANAGE_WEBHOOKS');
      return listWebhooks(
        call,
        ({ channel_id }) => call.world.channels.get(channel_id)?.guild_id === guild.id,
      );
    },
  },
  {
    pattern: 'GET /webhooks/:webhook',
    major: 'webhook',
    handle: (call) => showOwn(call, requireManaged(call)),
  },
  {
    pattern: 'PATCH /webhooks/:webhook',
    major: 'webhook',
    handle(call) {
      const webhook = requireManaged(call);
      const { name, channel_id } = call.readBody();
      if (name !== undefined) webhook.name = readName(name);
      if (typeof channel_id === 'string') webhook.channel_id = channel_id;
      return showOwn(call, webhook);
    },
  },
  {
    pattern: 'DELETE /webhooks/:webhook',
    major: 'webhook',
    handle(call) {
      const webhook = requireManaged(call);
      call.world.webhooks.delete(webhook.id);
      const channel = call.world.channels.get(webhook.channel_id);
      if (channel) noteIn(call, channel, 'webhook_delete', webhook.id);
      return undefined;
    },
  },
  open('GET', '', (call) => showOwn(call, requireWebhook(call))),
  open('PATCH', '', (call) => {
    const webhook = requireWebhook(call);
    const { name } = call.readBody();
    if (name !== undefined) webhook.name = readName(name);
    return showOwn(call, webhook);
  }),
  open('DELETE', '', (call) => {
    call.world.webhooks.delete(requireWebhook(call).id);
    return undefined;
  }),
  open('POST', '', (call) => {
    const message = write(call, call.readBody());
    return waits(call) ? show(call, message) : undefined;
  }),
  open('POST', '/slack', (call) => {
    const { text, username, attachments } = call.readBody();
    if (typeof text !== 'string' && !Array.isArray(attachments))
      throw new DiscordRefusal(400, 50_006, 'Cannot send an empty message');
    write(call, {
      content: text ?? 'attachment',
      ...(typeof username === 'string' && { username }),
    });
    return 'ok';
  }),
  open('POST', '/github', (call) => {
    const { sender, action, ref } = call.readBody();
    const login = isRecord(sender) ? String(sender['login']) : '';
    write(call, {
      content: `${login} ${String(action ?? ref ?? 'did something')}`,
      username: 'GitHub',
    });
    return undefined;
  }),
  open('GET', '/messages/:message', (call) => show(call, requireOwn(call))),
  open('PATCH', '/messages/:message', (call) => {
    const message = requireOwn(call);
    edit(call, message, call.readBody());
    return show(call, message);
  }),
  open('DELETE', '/messages/:message', (call) => {
    const message = requireOwn(call);
    call.world.channels.get(message.channel_id)?.messages.delete(message.id);
    return undefined;
  }),
];

/** A call whose path has the right. */
function open(method: string, path: string, handle: DiscordRoute['handle']): DiscordRoute {
  return {
    pattern: `${method} /webhooks/:webhook/:token${path}`,
    major: 'webhook',
    open: true,
    handle,
  };
}

function readName(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '' || name.length > 80)
    throw refuseField(['name'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 80 in length.');
  if (/clyde|discord/i.test(name))
    throw refuseField(['name'], 'USERNAME_INVALID_CONTAINS', 'Username cannot contain that');
  return name;
}

function listWebhooks(call: DiscordCall, isWanted: (one: DiscordWebhook) => boolean): object[] {
  return [...call.world.webhooks.values()].filter(isWanted).map((one) => showOwn(call, one));
}

function showOwn(call: DiscordCall, webhook: DiscordWebhook): object {
  const channel = call.world.channels.get(webhook.channel_id);
  const [bot] = call.world.bots.values();
  return showWebhook(webhook, channel?.guild_id ?? '0', bot?.id ?? '0');
}

function requireManaged(call: DiscordCall): DiscordWebhook {
  const webhook = call.world.webhooks.get(call.readId('webhook'));
  if (!webhook) throw new DiscordRefusal(404, 10_015, 'Unknown Webhook');
  const channel = call.world.channels.get(webhook.channel_id);
  if (channel) call.requirePermission(channel, 'MANAGE_WEBHOOKS');
  return webhook;
}

function requireWebhook(call: DiscordCall): DiscordWebhook {
  const webhook = call.world.webhooks.get(call.readId('webhook'));
  if (!webhook) throw new DiscordRefusal(404, 10_015, 'Unknown Webhook');
  if (webhook.token !== call.path['token'])
    throw new DiscordRefusal(401, 50_027, 'Invalid Webhook Token');
  return webhook;
}

/** The webhook, or the application that was asked by an interaction. */
function requireWriter(call: DiscordCall): Writer {
  const interaction = findInteraction(call);
  if (!interaction) return requireWebhook(call);
  if (!interaction.answered) throw new DiscordRefusal(404, 10_015, 'Unknown Webhook');
  const { application_id: id, channel_id } = interaction;
  return { id, name: call.world.users.get(id)?.username ?? '', channel_id };
}

function waits(call: DiscordCall): boolean {
  return call.request.query.get('wait') === 'true' || findInteraction(call) !== undefined;
}

function write(call: DiscordCall, body: Wire): DiscordMessage {
  const writer = requireWriter(call);
  const content = readContent(call, body);
  const channel_id = findPlace(call, writer, body);
  return call.world.addMessage(channel_id, {
    ...content,
    author_id: writer.id,
    webhook_id: writer.id,
    username: typeof body['username'] === 'string' ? body['username'] : writer.name,
  });
}

/** The channel of the webhook, a thread of it, or a new one in a forum. */
function findPlace(call: DiscordCall, writer: Writer, body: Wire): string {
  const thread = call.request.query.get('thread_id');
  if (thread !== null) {
    if (call.world.channels.get(thread)?.extra['parent_id'] === writer.channel_id) return thread;
    // Threads that the simulation does not know are taken for those of the channel.
    if (!call.world.channels.has(thread)) return writer.channel_id;
    throw new DiscordRefusal(400, 10_003, 'Unknown Channel');
  }
  const { thread_name, applied_tags } = body;
  const parent = call.world.channels.get(writer.channel_id);
  if (typeof thread_name !== 'string' || parent?.extra['type'] !== 15) return writer.channel_id;
  const extra: Wire = {
    type: 11,
    parent_id: parent.id,
    owner_id: writer.id,
    members: new Map(),
    thread_metadata: {
      archived: false,
      archive_timestamp: new Date(call.world.now()).toISOString(),
      auto_archive_duration: 4_320,
      locked: false,
    },
  };
  const made = call.world.addChannel(call.world.makeId(), thread_name, [], {
    guild_id: parent.guild_id,
    extra,
  });
  if (Array.isArray(applied_tags)) changeChannel(call, made, { applied_tags });
  return made.id;
}

/** A message that this webhook or application wrote. */
function requireOwn(call: DiscordCall): DiscordMessage {
  const writer = requireWriter(call);
  const asked = call.path['message'] ?? '';
  const id = asked === '@original' ? originalOf(call) : asked;
  for (const channel of call.world.channels.values()) {
    const message = channel.messages.get(id ?? '');
    if (message?.webhook_id === writer.id) return message;
  }
  throw new DiscordRefusal(404, 10_008, 'Unknown Message');
}
