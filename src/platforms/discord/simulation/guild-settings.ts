import { isRecord } from '../../../sandbox/exchange.js';
import { showAuditLog } from './audit.js';
import { type DiscordCall, DiscordRefusal, type DiscordRoute } from './discord-call.js';
import { readLimit } from './member-routes.js';
import { showGuild } from './show.js';
import { writeMoment } from './things.js';
import { type DiscordGuild } from './world.js';
import { thingsOf, type Wire } from './wire.js';

const SETTINGS = [
  'description',
  'region',
  'verification_level',
  'default_message_notifications',
  'explicit_content_filter',
  'preferred_locale',
  'afk_timeout',
  'afk_channel_id',
  'system_channel_id',
  'system_channel_flags',
  'features',
  'rules_channel_id',
  'safety_alerts_channel_id',
  'public_updates_channel_id',
  'premium_progress_bar_enabled',
] as const;
/** Null sets these to what a new server has. */
const NUMBERS: ReadonlySet<string> = new Set([
  'region',
  'verification_level',
  'default_message_notifications',
  'explicit_content_filter',
  'preferred_locale',
  'afk_timeout',
  'system_channel_flags',
  'features',
  'premium_progress_bar_enabled',
]);

/** What a server is set to, its audit log, and who is in its voice channels. */
export const SETTINGS_ROUTES: readonly DiscordRoute[] = [
  {
    pattern: 'PATCH /guilds/:guild',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      const body = call.readBody();
      if (typeof body['name'] === 'string') guild.name = body['name'];
      for (const name of SETTINGS) {
        const value = body[name];
        if (value === null && NUMBERS.has(name)) delete guild.settings[name];
        else if (value !== undefined) guild.settings[name] = value;
      }
      call.note(guild, 'guild_update', guild.id);
      return showGuild(guild);
    },
  },
  {
    pattern: 'GET /guilds/:guild/audit-logs',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'VIEW_AUDIT_LOG');
      return showAuditLog(call, guild, readLimit(call, 50));
    },
  },
  {
    pattern: 'GET /guilds/:guild/onboarding',
    major: 'guild',
    handle: (call) => showOnboarding(call.requireGuild()),
  },
  {
    pattern: 'PUT /guilds/:guild/onboarding',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      call.requirePermission(guild, 'MANAGE_ROLES');
      const body = call.readBody();
      const kept = keepOf(guild, 'onboarding');
      for (const name of ['enabled', 'mode', 'default_channel_ids'])
        if (body[name] !== undefined && body[name] !== null) kept[name] = body[name];
      if (Array.isArray(body['prompts']))
        kept['prompts'] = body['prompts'].map((prompt: Wire) => showPrompt(call, prompt));
      call.note(guild, 'onboarding_update', guild.id);
      return showOnboarding(guild);
    },
  },
  {
    pattern: 'GET /guilds/:guild/welcome-screen',
    major: 'guild',
    handle: (call) => showWelcome(call.requireGuild()),
  },
  {
    pattern: 'PATCH /guilds/:guild/welcome-screen',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      const { description, welcome_channels: channels, enabled } = call.readBody();
      const kept = keepOf(guild, 'welcome');
      if (description !== undefined) kept['description'] = description;
      if (enabled !== undefined) kept['enabled'] = enabled;
      if (Array.isArray(channels))
        kept['welcome_channels'] = channels.map((channel: Wire) =>
          Object.assign({ emoji_id: null, emoji_name: null }, channel),
        );
      return showWelcome(guild);
    },
  },
  {
    pattern: 'GET /guilds/:guild/widget',
    major: 'guild',
    handle: (call) => showWidget(requireManaged(call)),
  },
  {
    pattern: 'PATCH /guilds/:guild/widget',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      const { enabled, channel_id } = call.readBody();
      const kept = keepOf(guild, 'widget');
      if (typeof enabled === 'boolean') kept['enabled'] = enabled;
      if (channel_id !== undefined) kept['channel_id'] = channel_id;
      return showWidget(guild);
    },
  },
  {
    pattern: 'PUT /guilds/:guild/incident-actions',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      const { invites_disabled_until: invites, dms_disabled_until: dms } = call.readBody();
      guild.settings['incidents_data'] = {
        invites_disabled_until: writeMoment(invites),
        dms_disabled_until: writeMoment(dms),
      };
      return guild.settings['incidents_data'] as Wire;
    },
  },
  {
    pattern: 'GET /guilds/:guild/integrations',
    major: 'guild',
    handle: (call) => [...thingsOf(requireManaged(call), 'integrations').values()],
  },
  {
    pattern: 'DELETE /guilds/:guild/integrations/:integration',
    major: 'guild',
    handle(call) {
      const guild = requireManaged(call);
      if (!thingsOf(guild, 'integrations').delete(call.readId('integration')))
        throw new DiscordRefusal(404, 10_005, 'Unknown Integration');
      call.note(guild, 'integration_delete', call.readId('integration'));
      return undefined;
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/voice-states/@me',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      changeVoice(guild, call.bot.id, call.readBody());
      return undefined;
    },
  },
  {
    pattern: 'PATCH /guilds/:guild/voice-states/:user',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MUTE_MEMBERS');
      changeVoice(guild, call.requireMember(guild).user_id, call.readBody());
      return undefined;
    },
  },
];

function requireManaged(call: DiscordCall): DiscordGuild {
  const guild = call.requireGuild();
  call.requirePermission(guild, 'MANAGE_GUILD');
  return guild;
}

/** What is kept of a part of a server. */
function keepOf(guild: DiscordGuild, part: string): Wire {
  const parts = thingsOf(guild, 'parts');
  const kept = parts.get(part) ?? {};
  parts.set(part, kept);
  return kept;
}

function changeVoice(guild: DiscordGuild, userId: string, body: Wire): void {
  const state = guild.voice.get(userId);
  if (!state) throw new DiscordRefusal(404, 10_065, 'Unknown Voice State');
  Object.assign(state, body);
}

function showOnboarding(guild: DiscordGuild): Wire {
  const {
    prompts = [],
    default_channel_ids = [],
    enabled = false,
    mode = 0,
  } = keepOf(guild, 'onboarding');
  return { guild_id: guild.id, prompts, default_channel_ids, enabled, mode };
}

function showPrompt(call: DiscordCall, prompt: Wire): Wire {
  const { id, title, options, single_select, required, in_onboarding, type } = prompt;
  return {
    id,
    title,
    single_select: single_select ?? false,
    required: required ?? false,
    in_onboarding: in_onboarding ?? false,
    type: type ?? 0,
    options: (Array.isArray(options) ? options : []).filter(isRecord).map((option) => ({
      id: option['id'] ?? call.world.makeId(),
      title: option['title'],
      description: option['description'] ?? '',
      emoji: {
        id: option['emoji_id'] ?? null,
        name: option['emoji_name'] ?? null,
        animated: option['emoji_animated'] ?? false,
      },
      role_ids: option['role_ids'] ?? [],
      channel_ids: option['channel_ids'] ?? [],
    })),
  };
}

function showWelcome(guild: DiscordGuild): Wire {
  const { description = null, welcome_channels = [] } = keepOf(guild, 'welcome');
  return { description, welcome_channels };
}

function showWidget(guild: DiscordGuild): Wire {
  const { enabled = false, channel_id = null } = keepOf(guild, 'widget');
  return { enabled, channel_id };
}
