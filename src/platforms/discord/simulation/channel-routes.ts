import { isRecord } from '../../../sandbox/exchange.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { readPermissions } from './permissions.js';
import { showChannel, showInvite } from './show-channel.js';
import type { DiscordChannel } from './world.js';
import type { Wire } from './wire.js';

const MOST_CHANNELS = 500;
/** Members of a body that a channel keeps as they are. */
const KEPT = [
  'type',
  'position',
  'topic',
  'bitrate',
  'user_limit',
  'nsfw',
  'rate_limit_per_user',
  'parent_id',
  'rtc_region',
  'video_quality_mode',
  'default_auto_archive_duration',
  'default_thread_rate_limit_per_user',
  'default_sort_order',
  'default_forum_layout',
  'default_tag_setting',
  'flags',
  'applied_tags',
] as const;
const THREAD_KEPT = ['archived', 'locked', 'invitable', 'auto_archive_duration'] as const;

/** Channels: made, changed, gone; who may do what in them; invites to them. */
export const CHANNEL_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'GET /channels/:channel',
    major: 'channel',
    handle: (call) => showChannel(call.requireChannel()),
  },
  {
    pattern: 'GET /guilds/:guild/channels',
    major: 'guild',
    handle: (call) => listChannels(call).map((channel) => showChannel(channel)),
  },
  {
    pattern: 'POST /guilds/:guild/channels',
    major: 'guild',
    status: 201,
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MANAGE_CHANNELS');
      const body = call.readBody();
      requireName(body['name']);
      if (listChannels(call).length >= MOST_CHANNELS)
        throw new DiscordRefusal(400, 30_013, 'Maximum number of guild channels reached (500)');
      const channel = call.world.addChannel(call.world.makeId(), String(body['name']), [], {
        guild_id: guild.id,
        extra: { type: 0 },
      });
      changeChannel(call, channel, body);
      call.note(guild, 'channel_create', channel.id);
      return showChannel(channel);
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/channels',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MANAGE_CHANNELS');
      for (const change of call.readList()) {
        const channel = call.world.channels.get(String(change['id']));
        if (channel?.guild_id !== guild.id)
          throw new DiscordRefusal(404, 10_003, 'Unknown Channel');
        changeChannel(call, channel, {
          position: change['position'],
          parent_id: change['parent_id'],
        });
      }
      return undefined;
    },
  },
  {
    pattern: 'PATCH /channels/:channel',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, isThread(channel) ? 'MANAGE_THREADS' : 'MANAGE_CHANNELS');
      const body = call.readBody();
      if (body['name'] !== undefined) requireName(body['name']);
      changeChannel(call, channel, body);
      noteIn(call, channel, isThread(channel) ? 'thread_update' : 'channel_update', channel.id);
      return showChannel(channel);
    },
  },
  {
    pattern: 'DELETE /channels/:channel',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, isThread(channel) ? 'MANAGE_THREADS' : 'MANAGE_CHANNELS');
      call.world.channels.delete(channel.id);
      noteIn(call, channel, isThread(channel) ? 'thread_delete' : 'channel_delete', channel.id);
      return showChannel(channel);
    },
  },
  {
    pattern: 'PUT /channels/:channel/permissions/:overwrite',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_ROLES');
      const id = call.readId('overwrite');
      setOverwrite(call, channel, { ...call.readBody(), id });
      noteIn(call, channel, 'channel_overwrite_update', channel.id);
      return undefined;
    },
  },
  {
    pattern: 'DELETE /channels/:channel/permissions/:overwrite',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'MANAGE_ROLES');
      if (!channel.overwrites.delete(call.readId('overwrite')))
        throw new DiscordRefusal(404, 10_009, 'Unknown Overwrite');
      noteIn(call, channel, 'channel_overwrite_delete', channel.id);
      return undefined;
    },
  },
  {
    pattern: 'POST /channels/:channel/invites',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'CREATE_INSTANT_INVITE');
      const body = call.readBody();
      const { max_age = 86_400, max_uses = 0, temporary = false } = body;
      const code = `i${call.world.makeId()}`;
      const now = call.world.now();
      const invite: Wire = {
        code,
        channel_id: channel.id,
        inviter_id: call.bot.id,
        max_age: max_age ?? 86_400,
        max_uses: max_uses ?? 0,
        temporary: temporary ?? false,
        uses: 0,
        created: now,
      };
      call.world.invites.set(code, invite);
      noteIn(call, channel, 'invite_create', channel.id);
      return showInvite(call.world, invite);
    },
  },
  {
    pattern: 'GET /guilds/:guild/invites',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MANAGE_GUILD');
      return [...call.world.invites.values()]
        .filter((invite) => guildOfInvite(call, invite) === guild.id)
        .map((invite) => showInvite(call.world, invite));
    },
  },
  {
    pattern: 'GET /invites/:code',
    major: 'user',
    handle: (call) => showInvite(call.world, requireInvite(call)),
  },
  {
    pattern: 'DELETE /invites/:code',
    major: 'user',
    handle(call) {
      const invite = requireInvite(call);
      const channel = call.world.channels.get(String(invite['channel_id']));
      if (channel) call.requirePermission(channel, 'MANAGE_CHANNELS');
      call.world.invites.delete(String(invite['code']));
      if (channel) noteIn(call, channel, 'invite_delete', channel.id);
      return showInvite(call.world, invite);
    },
  },
  {
    pattern: 'PUT /invites/:code/target-users',
    major: 'user',
    handle(call) {
      const invite = requireInvite(call);
      const [file] = call.readFiles() ?? [];
      if (!file) throw refuseField(['target_users_file'], 'BASE_TYPE_REQUIRED', 'Required');
      invite['targets'] = file.size;
      return undefined;
    },
  },
];

function requireInvite(call: DiscordCall): Wire {
  const invite = call.world.invites.get(call.path['code'] ?? '');
  if (!invite) throw new DiscordRefusal(404, 10_006, 'Unknown Invite');
  return invite;
}

function guildOfInvite(call: DiscordCall, invite: Wire): string | undefined {
  return call.world.channels.get(String(invite['channel_id']))?.guild_id;
}

function requireName(name: unknown): void {
  if (typeof name !== 'string' || name.length < 1 || name.length > 100)
    throw refuseField(['name'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
}

export function isThread({ extra }: DiscordChannel): boolean {
  return [10, 11, 12].includes(Number(extra['type']));
}

/** The channels of a server, without its threads. */
function listChannels(call: DiscordCall): DiscordChannel[] {
  const guild = call.requireGuild();
  return [...call.world.channels.values()].filter(
    (channel) => channel.guild_id === guild.id && !isThread(channel),
  );
}

/** Takes over what a body says. */
export function changeChannel(call: DiscordCall, channel: DiscordChannel, body: Wire): void {
  if (typeof body['name'] === 'string') channel.name = body['name'];
  for (const name of KEPT) if (body[name] !== undefined) channel.extra[name] = body[name];
  const parent = call.world.channels.get(String(channel.extra['parent_id']));
  if (typeof channel.extra['parent_id'] === 'string' && parent?.guild_id !== channel.guild_id)
    throw refuseField(['parent_id'], 'CHANNEL_PARENT_INVALID', 'Category does not exist');
  if (isThread(channel)) {
    const about = channel.extra['thread_metadata'] as Wire;
    for (const name of THREAD_KEPT)
      if (body[name] !== undefined && body[name] !== null) about[name] = body[name];
  }
  const { permission_overwrites: overwrites, available_tags: tags } = body;
  if (Array.isArray(overwrites)) {
    channel.overwrites.clear();
    for (const overwrite of overwrites as Wire[]) setOverwrite(call, channel, overwrite);
  }
  if (Array.isArray(tags))
    channel.extra['available_tags'] = tags.map((tag: Wire) => ({
      id: tag['id'] ?? call.world.makeId(),
      name: tag['name'],
      moderated: tag['moderated'] ?? false,
      emoji_id: tag['emoji_id'] ?? null,
      emoji_name: tag['emoji_name'] ?? null,
    }));
  const { default_reaction_emoji: emoji } = body;
  if (isRecord(emoji))
    channel.extra['default_reaction_emoji'] = {
      emoji_id: emoji['emoji_id'] ?? null,
      emoji_name: emoji['emoji_name'] ?? null,
    };
}

function setOverwrite(call: DiscordCall, channel: DiscordChannel, overwrite: Wire): void {
  const guild = call.world.guilds.get(channel.guild_id);
  const id = String(overwrite['id']);
  const type = Number(overwrite['type'] ?? (guild?.roles.has(id) ? 0 : 1));
  if (type === 0 && !guild?.roles.has(id)) throw new DiscordRefusal(404, 10_011, 'Unknown Role');
  const read = (name: string): readonly string[] => {
    const names = readPermissions(String(overwrite[name] ?? 0));
    if (!names) throw refuseField([name], 'NUMBER_TYPE_COERCE', 'Value is not int.');
    return names;
  };
  channel.overwrites.set(id, { type, allow: read('allow'), deny: read('deny') });
}

export function noteIn(
  call: DiscordCall,
  channel: DiscordChannel,
  action: string,
  target: string,
): void {
  const guild = call.world.guilds.get(channel.guild_id);
  if (guild) call.note(guild, action, target);
}
