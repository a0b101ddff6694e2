import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { readPermissions } from './permissions.js';
import { showMember, showRole, showUser } from './show.js';
import { type DiscordGuild, type DiscordMember, type DiscordRole } from './world.js';
import { type Wire } from './wire.js';

const MOST_ROLES = 250;
const MOST_BULK_BANS = 200;

/** Members, bans and roles of a server. */
export const MEMBER_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'GET /guilds/:guild/members/search',
    major: 'guild',
    handle(call) {
      const wanted = (call.request.query.get('query') ?? '').toLowerCase();
      const found = listMembers(call).filter(({ user_id, extra }) =>
        [call.world.users.get(user_id)?.username, extra?.['nick']].some((name) =>
          String(name ?? '')
            .toLowerCase()
            .startsWith(wanted),
        ),
      );
      return found.slice(0, readLimit(call, 1)).map((member) => show(call, member));
    },
  },
  {
    pattern: 'GET /guilds/:guild/members',
    major: 'guild',
    handle: (call) =>
      pageAfter(call, listMembers(call), ({ user_id }) => user_id, 1).map((member) =>
        show(call, member),
      ),
  },
  {
    pattern: 'GET /guilds/:guild/members/:user',
    major: 'guild',
    handle: (call) => show(call, call.requireMember(call.requireGuild())),
  },
  {
    pattern: 'PUT /guilds/:guild/members/:user',
    major: 'guild',
    status: 201,
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'CREATE_INSTANT_INVITE');
      const user = call.requireUser();
      const { access_token, nick, roles } = call.readBody();
      if (typeof access_token !== 'string' || access_token === '')
        throw refuseField(['access_token'], 'BASE_TYPE_REQUIRED', 'This field is required');
      if (access_token !== `sandbox-token-of-${user.id}`)
        throw new DiscordRefusal(403, 50_025, 'Invalid OAuth2 access token');
      if (guild.members.has(user.id)) return undefined;
      const member: DiscordMember = {
        user_id: user.id,
        roles: new Set(Array.isArray(roles) ? roles.map(String) : []),
        timed_out_until: null,
        extra: { nick: nick ?? null },
      };
      guild.members.set(user.id, member);
      return show(call, member);
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/members/@me',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      const member = guild.members.get(call.bot.id);
      if (!member) throw new DiscordRefusal(404, 10_007, 'Unknown Member');
      const { nick } = call.readBody();
      if (nick !== undefined) {
        call.requirePermission(guild, 'CHANGE_NICKNAME');
        member.extra = { ...member.extra, nick };
      }
      call.note(guild, 'member_update', call.bot.id);
      return show(call, member);
    },
  },
  {
    pattern: 'GET /guilds/:guild/bans',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'BAN_MEMBERS');
      return pageAfter(call, [...guild.bans.values()], ({ user_id }) => user_id, 1_000).map(
        ({ user_id, reason }) => ({ user: showUserById(call, user_id), reason }),
      );
    },
  },
  {
    pattern: 'GET /guilds/:guild/bans/:user',
    major: 'guild',
    handle(call) {
      const ban = call.requireGuild().bans.get(call.readId('user'));
      if (!ban) throw new DiscordRefusal(404, 10_026, 'Unknown Ban');
      return { user: showUserById(call, ban.user_id), reason: ban.reason };
    },
  },
  {
    pattern: 'DELETE /guilds/:guild/bans/:user',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'BAN_MEMBERS');
      const id = call.readId('user');
      if (!guild.bans.delete(id)) throw new DiscordRefusal(404, 10_026, 'Unknown Ban');
      call.note(guild, 'member_ban_remove', id);
      return undefined;
    },
  },
  {
    pattern: 'POST /guilds/:guild/bulk-ban',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'BAN_MEMBERS');
      call.requirePermission(guild, 'MANAGE_GUILD');
      const { user_ids, delete_message_seconds: seconds } = call.readBody();
      const ids = Array.isArray(user_ids) ? user_ids.map(String) : [];
      if (ids.length < 1 || ids.length > MOST_BULK_BANS)
        throw refuseField(['user_ids'], 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 200.');
      const mayBan = (id: string): boolean =>
        !guild.bans.has(id) &&
        call.world.users.has(id) &&
        id !== call.bot.id &&
        (!guild.members.has(id) ||
          call.world.rank(guild, id) < call.world.rank(guild, call.bot.id));
      const banned = ids.filter(mayBan);
      if (banned.length === 0) throw new DiscordRefusal(400, 500_000, 'Failed to ban users');
      for (const user_id of banned) {
        guild.members.delete(user_id);
        const reason = call.note(guild, 'member_ban_add', user_id);
        guild.bans.set(user_id, {
          user_id,
          reason,
          delete_message_seconds: Number(seconds ?? 0),
        });
      }
      return { banned_users: banned, failed_users: ids.filter((id) => !banned.includes(id)) };
    },
  },
  {
    pattern: 'GET /guilds/:guild/prune',
    major: 'guild',
    handle: (call) => ({ pruned: prune(call, false) }),
  },
  {
    pattern: 'POST /guilds/:guild/prune',
    major: 'guild',
    handle(call) {
      const count = prune(call, true);
      return { pruned: call.readBody()['compute_prune_count'] === false ? null : count };
    },
  },
  {
    pattern: 'GET /guilds/:guild/roles',
    major: 'guild',
    handle: (call) => [...call.requireGuild().roles.values()].map(showRole),
  },
  {
    pattern: 'GET /guilds/:guild/roles/:role',
    major: 'guild',
    handle: (call) => showRole(findRole(call, call.requireGuild())),
  },
  {
    pattern: 'POST /guilds/:guild/roles',
    major: 'guild',
    handle(call) {
      const guild = requireRoles(call);
      if (guild.roles.size >= MOST_ROLES)
        throw new DiscordRefusal(400, 30_005, 'Maximum number of guild roles reached (250)');
      const role: DiscordRole = {
        id: call.world.makeId(),
        name: 'new role',
        position: 1,
        permissions: guild.roles.get(guild.id)?.permissions ?? [],
        extra: {},
      };
      changeRole(role, call.readBody());
      guild.roles.set(role.id, role);
      call.note(guild, 'role_create', role.id);
      return showRole(role);
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/roles',
    major: 'guild',
    handle(call) {
      const guild = requireRoles(call);
      for (const { id, position } of call.readList()) {
        const role = guild.roles.get(String(id));
        if (!role) throw new DiscordRefusal(404, 10_011, 'Unknown Role');
        requireBelow(call, guild, role);
        if (typeof position === 'number') role.position = position;
      }
      return [...guild.roles.values()].map(showRole);
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/roles/:role',
    major: 'guild',
    handle(call) {
      const guild = requireRoles(call);
      const role = findRole(call, guild);
      requireBelow(call, guild, role);
      changeRole(role, call.readBody());
      call.note(guild, 'role_update', role.id);
      return showRole(role);
    },
  },
  {
    pattern: 'DELETE /guilds/:guild/roles/:role',
    major: 'guild',
    handle(call) {
      const guild = requireRoles(call);
      const role = findRole(call, guild);
      requireBelow(call, guild, role);
      guild.roles.delete(role.id);
      for (const member of guild.members.values()) member.roles.delete(role.id);
      call.note(guild, 'role_delete', role.id);
      return undefined;
    },
  },
];

function show(call: DiscordCall, member: DiscordMember): object {
  return showMember(member, call.world.users.get(member.user_id));
}

function showUserById(call: DiscordCall, id: string): object {
  return showUser(call.world.users.get(id) ?? { id, username: `user_${id}`, bot: false });
}

function listMembers(call: DiscordCall): DiscordMember[] {
  return [...call.requireGuild().members.values()];
}

export function readLimit(call: DiscordCall, usual: number): number {
  return Number(call.request.query.get('limit') ?? usual);
}

/** What comes after an id, in the order of ids. */
export function pageAfter<Item>(
  call: DiscordCall,
  items: readonly Item[],
  idOf: (item: Item) => string,
  usual: number,
): Item[] {
  const after = BigInt(call.request.query.get('after') ?? '0');
  const sorted = [...items].sort((one, two) => (BigInt(idOf(one)) < BigInt(idOf(two)) ? -1 : 1));
  return sorted.filter((item) => BigInt(idOf(item)) > after).slice(0, readLimit(call, usual));
}

/** Nobody of the demo server was away for long: members without roles that never came are removed. */
function prune(call: DiscordCall, isDone: boolean): number {
  const guild = call.requireGuild();
  call.requirePermission(guild, 'MANAGE_GUILD');
  call.requirePermission(guild, 'KICK_MEMBERS');
  const gone = [...guild.members.values()].filter(({ extra }) => extra?.['is_away'] === true);
  if (isDone) {
    for (const { user_id } of gone) guild.members.delete(user_id);
    call.note(guild, 'member_prune', guild.id);
  }
  return gone.length;
}

function requireRoles(call: DiscordCall): DiscordGuild {
  const guild = call.requireGuild();
  call.requirePermission(guild, 'MANAGE_ROLES');
  return guild;
}

function findRole(call: DiscordCall, guild: DiscordGuild): DiscordRole {
  const role = guild.roles.get(call.readId('role'));
  if (role) return role;
  throw new DiscordRefusal(404, 10_011, 'Unknown Role');
}

function requireBelow(call: DiscordCall, guild: DiscordGuild, role: DiscordRole): void {
  if (role.position >= call.world.rank(guild, call.bot.id))
    throw new DiscordRefusal(403, 50_013, 'Missing Permissions');
}

function changeRole(role: DiscordRole, body: Wire): void {
  const { name, permissions, color, colors, hoist, mentionable, unicode_emoji } = body;
  if (typeof name === 'string') role.name = name;
  if (permissions !== undefined && permissions !== null) {
    const names = readPermissions(String(permissions));
    if (!names) throw refuseField(['permissions'], 'NUMBER_TYPE_COERCE', 'Value is not int.');
    role.permissions = names;
  }
  const given = Object.entries({ color, hoist, mentionable, unicode_emoji });
  const kept = Object.fromEntries(
    given.filter(([, value]) => value !== undefined && value !== null),
  );
  role.extra = { ...role.extra, ...kept };
  const primary = (colors as Wire | null | undefined)?.['primary_color'] ?? color;
  if (typeof primary === 'number')
    role.extra = {
      ...role.extra,
      color: primary,
      colors: {
        primary_color: primary,
        secondary_color: (colors as Wire | undefined)?.['secondary_color'] ?? null,
        tertiary_color: (colors as Wire | undefined)?.['tertiary_color'] ?? null,
      },
    };
}
