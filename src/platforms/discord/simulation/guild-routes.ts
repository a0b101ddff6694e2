import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordResult,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { OWNER } from './seed.js';
import type { Wire } from './wire.js';
import type { DiscordGuild, DiscordMember } from './world.js';
import { showGuild, showMember, showOwnApplication, showSelf } from './show.js';

const LONGEST_TIMEOUT_MS = 28 * 86_400_000;
const LONGEST_DELETED_SECONDS = 604_800;

export const GUILD_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'GET /users/@me',
    major: 'user',
    handle: ({ bot }) => showSelf(bot),
  },
  {
    pattern: 'GET /oauth2/applications/@me',
    major: 'user',
    handle: ({ bot, world }) => showOwnApplication(bot, world.users.get(OWNER)),
  },
  {
    pattern: 'GET /guilds/:guild',
    major: 'guild',
    handle: (call) => showGuild(call.requireGuild()),
  },
  {
    pattern: 'PUT /guilds/:guild/members/:user/roles/:role',
    major: 'guild',
    handle: (call) => changeRole(call, (roles, id) => roles.add(id)),
  },
  {
    pattern: 'DELETE /guilds/:guild/members/:user/roles/:role',
    major: 'guild',
    handle: (call) => changeRole(call, (roles, id) => roles.delete(id)),
  },
  {
    pattern: 'DELETE /guilds/:guild/members/:user',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'KICK_MEMBERS');
      const { user_id } = call.requireMember(guild);
      call.requireAbove(guild, user_id);
      call.note(guild, 'member_kick', user_id);
      guild.members.delete(user_id);
      return undefined;
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/members/:user',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      const member = call.requireMember(guild);
      const body = call.readBody();
      for (const [name, permission] of MEMBER_PERMISSIONS)
        if (body[name] !== undefined) call.requirePermission(guild, permission);
      call.requireAbove(guild, member.user_id);
      const { communication_disabled_until: until } = body;
      if (until !== undefined) {
        if (call.world.permits(guild, member.user_id, 'ADMINISTRATOR'))
          throw new DiscordRefusal(403, 50_013, 'Missing Permissions');
        member.timed_out_until = readEnd(until, call.world.now());
      }
      changeMember(guild, member, body);
      call.note(guild, 'member_update', member.user_id);
      return showMember(member, call.world.users.get(member.user_id));
    },
  },
  {
    pattern: 'PUT /guilds/:guild/bans/:user',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'BAN_MEMBERS');
      const user = call.requireUser();
      if (guild.members.has(user.id)) call.requireAbove(guild, user.id);
      const seconds = call.readBody()['delete_message_seconds'] ?? 0;
      if (typeof seconds !== 'number' || seconds < 0 || seconds > LONGEST_DELETED_SECONDS)
        throw refuseField(
          ['delete_message_seconds'],
          'NUMBER_TYPE_MAX',
          `int value should be less than or equal to ${LONGEST_DELETED_SECONDS}.`,
        );
      const reason = call.note(guild, 'member_ban_add', user.id);
      guild.members.delete(user.id);
      guild.bans.set(user.id, { user_id: user.id, reason, delete_message_seconds: seconds });
      const since = call.world.now() - seconds * 1_000;
      for (const channel of call.world.channels.values()) {
        if (channel.guild_id !== guild.id) continue;
        for (const message of channel.messages.values()) {
          if (message.author_id === user.id && message.at >= since && seconds > 0)
            channel.messages.delete(message.id);
        }
      }
      return undefined;
    },
  },
];

/** @see https://discord.com/developers/docs/resources/guild#modify-guild-member */
const MEMBER_PERMISSIONS = [
  ['nick', 'MANAGE_NICKNAMES'],
  ['roles', 'MANAGE_ROLES'],
  ['mute', 'MUTE_MEMBERS'],
  ['deaf', 'DEAFEN_MEMBERS'],
  ['channel_id', 'MOVE_MEMBERS'],
  ['communication_disabled_until', 'MODERATE_MEMBERS'],
] as const;

function changeMember(guild: DiscordGuild, member: DiscordMember, body: Wire): void {
  const { nick, roles, mute, deaf, channel_id, flags } = body;
  const voice = guild.voice.get(member.user_id);
  const isAboutVoice = [mute, deaf, channel_id].some(
    (value) => value !== undefined && value !== null,
  );
  if (isAboutVoice && !voice)
    throw new DiscordRefusal(400, 40_032, 'Target user is not connected to voice.');
  if (channel_id !== undefined && voice) voice['channel_id'] = channel_id;
  const given = Object.entries({ nick, mute, deaf, flags }).filter(
    ([name, value]) => value !== undefined && (value !== null || name === 'nick'),
  );
  member.extra = { ...member.extra, ...Object.fromEntries(given) };
  if (!Array.isArray(roles)) return;
  const unknown = roles.find((id) => !guild.roles.has(String(id)));
  if (unknown !== undefined) throw new DiscordRefusal(404, 10_011, 'Unknown Role');
  member.roles.clear();
  for (const id of roles) member.roles.add(String(id));
}

function changeRole(
  call: DiscordCall,
  change: (roles: Set<string>, id: string) => unknown,
): DiscordResult {
  const guild = call.requireGuild();
  const member = call.requireMember(guild);
  const role = guild.roles.get(call.readId('role'));
  if (!role) throw new DiscordRefusal(404, 10_011, 'Unknown Role');
  call.requirePermission(guild, 'MANAGE_ROLES');
  if (role.position >= call.world.rank(guild, call.bot.id))
    throw new DiscordRefusal(403, 50_013, 'Missing Permissions');
  change(member.roles, role.id);
  call.note(guild, 'member_role_update', member.user_id);
  return undefined;
}

function readEnd(until: unknown, now: number): number | null {
  if (until === null) return null;
  const end = typeof until === 'string' ? Date.parse(until) : Number.NaN;
  const field = ['communication_disabled_until'];
  if (Number.isNaN(end))
    throw refuseField(field, 'DATE_TIME_TYPE_PARSE', 'Could not parse. Should be ISO8601.');
  if (end > now + LONGEST_TIMEOUT_MS)
    throw refuseField(field, 'DATE_TIME_TOO_FAR', 'Must be at most 28 days in the future.');
  return end > now ? end : null;
}
