import { isRecord, writeTime } from '../../../sandbox/exchange.js';
import { isThread, noteIn } from './channel-routes.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { readContent } from './read-content.js';
import { showMessage } from './show.js';
import { showChannel } from './show-channel.js';
import type { DiscordChannel } from './world.js';
import type { Wire } from './wire.js';

const PUBLIC = 11;
const PRIVATE = 12;
const FORUM = 15;

/** Threads and who is in them. */
export const THREAD_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'POST /channels/:channel/messages/:message/threads',
    major: 'channel',
    status: 201,
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'CREATE_PUBLIC_THREADS');
      const id = call.readId('message');
      const message = channel.messages.get(id);
      if (!message) throw new DiscordRefusal(404, 10_008, 'Unknown Message');
      if (call.world.channels.has(id))
        throw new DiscordRefusal(
          400,
          160_004,
          'A thread has already been created for this message',
        );
      // A thread has the id of its message.
      return showChannel(addThread(call, channel, { ...call.readBody(), type: PUBLIC }, id));
    },
  },
  {
    pattern: 'POST /channels/:channel/threads',
    major: 'channel',
    status: 201,
    handle(call) {
      const channel = call.requireChannel();
      const body = call.readBody();
      const isForum = channel.extra['type'] === FORUM;
      const type = isForum ? PUBLIC : Number(body['type'] ?? PRIVATE);
      call.requirePermission(
        channel,
        isForum
          ? 'SEND_MESSAGES'
          : type === PRIVATE
            ? 'CREATE_PRIVATE_THREADS'
            : 'CREATE_PUBLIC_THREADS',
      );
      if (isForum && !isRecord(body['message']))
        throw refuseField(['message'], 'BASE_TYPE_REQUIRED', 'This field is required');
      const content = isRecord(body['message']) ? readContent(call, body['message']) : undefined;
      const thread = addThread(call, channel, { ...body, type });
      if (content && isForum)
        call.world.addMessage(thread.id, { ...content, id: thread.id, author_id: call.bot.id });
      return showChannel(thread);
    },
  },
  {
    pattern: 'GET /guilds/:guild/threads/active',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      const threads = [...call.world.channels.values()].filter(
        (channel) => channel.guild_id === guild.id && isThread(channel) && !isArchived(channel),
      );
      return { threads: threads.map((one) => showChannel(one)), members: [], has_more: false };
    },
  },
  {
    pattern: 'GET /channels/:channel/threads/archived/public',
    major: 'channel',
    handle(call) {
      const { id } = call.requireChannel();
      const threads = [...call.world.channels.values()].filter(
        (channel) => channel.extra['parent_id'] === id && isThread(channel) && isArchived(channel),
      );
      return { threads: threads.map((one) => showChannel(one)), members: [], has_more: false };
    },
  },
  {
    pattern: 'GET /channels/:channel/thread-members',
    major: 'channel',
    handle: (call) => [...membersOf(requireThread(call)).values()],
  },
  {
    pattern: 'PUT /channels/:channel/thread-members/@me',
    major: 'channel',
    handle(call) {
      join(call, requireThread(call), call.bot.id);
      return undefined;
    },
  },
  {
    pattern: 'DELETE /channels/:channel/thread-members/@me',
    major: 'channel',
    handle(call) {
      membersOf(requireThread(call)).delete(call.bot.id);
      return undefined;
    },
  },
  {
    pattern: 'PUT /channels/:channel/thread-members/:user',
    major: 'channel',
    handle(call) {
      const thread = requireThread(call);
      call.requirePermission(thread, 'SEND_MESSAGES_IN_THREADS');
      join(call, thread, call.requireUser().id);
      return undefined;
    },
  },
  {
    pattern: 'DELETE /channels/:channel/thread-members/:user',
    major: 'channel',
    handle(call) {
      const thread = requireThread(call);
      call.requirePermission(thread, 'MANAGE_THREADS');
      if (!membersOf(thread).delete(call.requireUser().id))
        throw new DiscordRefusal(404, 10_007, 'Unknown Member');
      return undefined;
    },
  },
  {
    pattern: 'GET /channels/:channel/messages/pins',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      const limit = Number(call.request.query.get('limit') ?? 50);
      const before = Date.parse(call.request.query.get('before') ?? '') || Infinity;
      const pinned = [...channel.messages.values()]
        .filter((message) => message.pinned !== null && message.pinned < before)
        .sort((one, two) => Number(two.pinned) - Number(one.pinned));
      const items = pinned.slice(0, limit).map((message) => ({
        pinned_at: new Date(Number(message.pinned)).toISOString(),
        message: showMessage(message, call.world.users.get(message.author_id)),
      }));
      return { items, has_more: pinned.length > limit };
    },
  },
];

function isArchived({ extra }: DiscordChannel): boolean {
  return (extra['thread_metadata'] as Wire)['archived'] === true;
}

function requireThread(call: DiscordCall): DiscordChannel {
  const thread = call.requireChannel();
  if (!isThread(thread))
    throw new DiscordRefusal(400, 50_024, 'Cannot execute action on this channel type');
  if (isArchived(thread)) throw new DiscordRefusal(400, 50_083, 'Thread is archived');
  return thread;
}

function membersOf({ extra }: DiscordChannel): Map<string, Wire> {
  return extra['members'] as Map<string, Wire>;
}

function join(call: DiscordCall, thread: DiscordChannel, user_id: string): void {
  const join_timestamp = writeTime(call.world.now());
  membersOf(thread).set(user_id, { id: thread.id, user_id, join_timestamp, flags: 0 });
}

function addThread(
  call: DiscordCall,
  parent: DiscordChannel,
  body: Wire,
  id = call.world.makeId(),
): DiscordChannel {
  const { name, type, auto_archive_duration, rate_limit_per_user, applied_tags, invitable } = body;
  if (typeof name !== 'string' || name.length < 1 || name.length > 100)
    throw refuseField(['name'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
  const now = writeTime(call.world.now());
  const extra: Wire = {
    type,
    parent_id: parent.id,
    owner_id: call.bot.id,
    rate_limit_per_user: rate_limit_per_user ?? 0,
    ...(Array.isArray(applied_tags) && { applied_tags }),
    members: new Map(),
    thread_metadata: {
      archived: false,
      archive_timestamp: now,
      auto_archive_duration:
        auto_archive_duration ?? parent.extra['default_auto_archive_duration'] ?? 4_320,
      locked: false,
      create_timestamp: now,
      ...(type === PRIVATE && { invitable: invitable ?? true }),
    },
  };
  const thread = call.world.addChannel(id, name, [], { guild_id: parent.guild_id, extra });
  join(call, thread, call.bot.id);
  noteIn(call, parent, 'thread_create', thread.id);
  return thread;
}
