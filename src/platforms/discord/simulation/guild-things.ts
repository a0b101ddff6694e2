import { isRecord, writeTime } from '../../../sandbox/exchange.js';
import { type DiscordCall, DiscordRefusal, type DiscordRoute } from './discord-call.js';
import { NEW_GUILD, showRole, showUser } from './show.js';
import { type Place, routeThings, type ThingKind, withoutNulls, writeMoment } from './things.js';
import type { Wire } from './wire.js';

export function openGuild(call: DiscordCall): Place {
  const guild = call.requireGuild();
  return { guild, things: guild.things };
}

const GUILD = { major: 'guild', open: openGuild } as const;
const EXPRESSIONS = 'MANAGE_GUILD_EXPRESSIONS';

export const EMOJIS: ThingKind = {
  ...GUILD,
  kind: 'emojis',
  path: '/guilds/:guild/emojis',
  permission: EXPRESSIONS,
  missing: [10_014, 'Unknown Emoji'],
  most: [50, 30_008, 'Maximum number of emojis reached (50)'],
  audit: 'emoji',
  made: 201,
  members: ['name', 'roles'],
  required: ['name', 'image'],
  defaults: ({ bot }) => ({
    user: showUser(bot),
    roles: [],
    require_colons: true,
    managed: false,
    animated: false,
    available: true,
  }),
  settle: (wire) => (wire['roles'] ??= []),
};

const STICKERS: ThingKind = {
  ...GUILD,
  kind: 'stickers',
  path: '/guilds/:guild/stickers',
  permission: EXPRESSIONS,
  missing: [10_060, 'Unknown sticker'],
  most: [60, 30_039, 'Maximum number of stickers reached'],
  audit: 'sticker',
  made: 201,
  members: ['name', 'description', 'tags'],
  required: ['name', 'tags'],
  defaults: (call) => ({
    type: 2,
    format_type: 1,
    description: null,
    available: true,
    guild_id: call.path['guild'],
    user: showUser(call.bot),
  }),
};

const SOUNDS: ThingKind = {
  ...GUILD,
  kind: 'sounds',
  path: '/guilds/:guild/soundboard-sounds',
  permission: EXPRESSIONS,
  missing: [10_097, 'Unknown sound'],
  audit: 'soundboard_sound',
  made: 201,
  idMember: 'sound_id',
  members: ['name', 'volume', 'emoji_id', 'emoji_name'],
  required: ['name', 'sound'],
  defaults: (call) => ({
    volume: 1,
    emoji_id: null,
    emoji_name: null,
    guild_id: call.path['guild'],
    available: true,
    user: showUser(call.bot),
  }),
  settle: (wire) => (wire['volume'] ??= 1),
  showAll: (items) => ({ items }),
};

const EXTERNAL = 3;

const EVENTS: ThingKind = {
  ...GUILD,
  kind: 'events',
  path: '/guilds/:guild/scheduled-events',
  permission: 'MANAGE_EVENTS',
  missing: [10_070, 'Unknown Guild Scheduled Event'],
  most: [100, 30_038, 'Maximum number of uncompleted guild scheduled events reached (100)'],
  audit: 'guild_scheduled_event',
  members: [
    'name',
    'description',
    'scheduled_start_time',
    'scheduled_end_time',
    'status',
    'entity_type',
    'channel_id',
    'recurrence_rule',
    'entity_metadata',
    'privacy_level',
  ],
  required: ['name', 'scheduled_start_time', 'entity_type', 'privacy_level'],
  defaults: (call) => ({
    guild_id: call.path['guild'],
    description: null,
    channel_id: null,
    creator_id: call.bot.id,
    image: null,
    scheduled_end_time: null,
    status: 1,
    entity_id: null,
    recurrence_rule: null,
    guild_scheduled_event_exceptions: [],
    entity_metadata: null,
  }),
  settle(wire) {
    const isExternal = wire['entity_type'] === EXTERNAL;
    if (isExternal && !isRecord(wire['entity_metadata']))
      throw new DiscordRefusal(400, 50_035, 'Invalid Form Body', {
        entity_metadata: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: 'Required' }] },
      });
    if (isExternal && wire['scheduled_end_time'] === null)
      throw new DiscordRefusal(400, 50_035, 'Invalid Form Body', {
        scheduled_end_time: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: 'Required' }] },
      });
    if (isExternal) wire['channel_id'] = null;
    if (!isExternal) wire['entity_metadata'] = null;
    for (const name of ['scheduled_start_time', 'scheduled_end_time'])
      wire[name] = writeMoment(wire[name]);
    const rule = wire['recurrence_rule'];
    if (isRecord(rule))
      wire['recurrence_rule'] = {
        end: null,
        by_weekday: null,
        by_n_weekday: null,
        by_month: null,
        by_month_day: null,
        by_year_day: null,
        count: null,
        ...rule,
        interval: rule['interval'] ?? 1,
      };
  },
};

const WORDS = { keyword_filter: [], regex_patterns: [], allow_list: [] };
const TRIGGERS: Readonly<Record<number, Wire>> = {
  1: WORDS,
  3: {},
  4: { allow_list: [], presets: [] },
  5: { mention_total_limit: 0, mention_raid_protection_enabled: false },
  6: WORDS,
};

/** What an action of a rule needs, by its type. */
const NEEDED: Readonly<Record<number, string>> = { 2: 'channel_id', 3: 'duration_seconds' };

function requireDetails({ type, metadata }: Wire): void {
  const name = NEEDED[Number(type)];
  if (name === undefined || withoutNulls(metadata)[name] !== undefined) return;
  throw new DiscordRefusal(400, 50_035, 'Invalid Form Body', {
    actions: { _errors: [{ code: 'BASE_TYPE_REQUIRED', message: `${name} is required` }] },
  });
}

const RULES: ThingKind = {
  ...GUILD,
  kind: 'rules',
  path: '/guilds/:guild/auto-moderation/rules',
  permission: 'MANAGE_GUILD',
  missing: [10_066, 'Unknown auto moderation rule'],
  audit: 'auto_moderation_rule',
  members: [
    'name',
    'event_type',
    'trigger_metadata',
    'actions',
    'enabled',
    'exempt_roles',
    'exempt_channels',
  ],
  required: ['name', 'event_type', 'trigger_type'],
  defaults: (call, _id, { trigger_type }) => ({
    trigger_type,
    guild_id: call.path['guild'],
    creator_id: call.bot.id,
    actions: [],
    enabled: false,
    exempt_roles: [],
    exempt_channels: [],
    trigger_metadata: {},
  }),
  settle(wire) {
    const known = TRIGGERS[Number(wire['trigger_type'])] ?? {};
    const given = withoutNulls(wire['trigger_metadata']);
    wire['trigger_metadata'] = Object.fromEntries(
      Object.entries(known).map(([name, value]) => [name, given[name] ?? value]),
    );
    wire['enabled'] ??= false;
    const actions = Array.isArray(wire['actions']) ? wire['actions'] : [];
    for (const action of actions as Wire[]) requireDetails(action);
    wire['actions'] = actions.map((action: Wire) => ({
      type: action['type'],
      metadata: withoutNulls(action['metadata']),
    }));
    for (const name of ['exempt_roles', 'exempt_channels']) wire[name] ??= [];
  },
};

const TEMPLATES: ThingKind = {
  ...GUILD,
  kind: 'templates',
  path: '/guilds/:guild/templates',
  permission: 'MANAGE_GUILD',
  missing: [10_057, 'Unknown guild template'],
  idMember: 'code',
  members: ['name', 'description'],
  required: ['name'],
  makeId: (call) => `t${call.world.makeId()}`,
  showsGone: true,
  without: ['get'],
  defaults: (call) => ({
    description: null,
    usage_count: 0,
    creator_id: call.bot.id,
    creator: showUser(call.bot),
    created_at: writeTime(call.world.now()),
    updated_at: writeTime(call.world.now()),
    source_guild_id: call.path['guild'],
    serialized_source_guild: showSnapshot(call),
    is_dirty: null,
  }),
};

/** A server as a template keeps it. */
function showSnapshot(call: DiscordCall): Wire {
  const guild = call.requireGuild();
  const whole: Wire = { ...NEW_GUILD, ...guild.settings };
  const kept = [
    'description',
    'region',
    'verification_level',
    'default_message_notifications',
    'explicit_content_filter',
    'preferred_locale',
    'afk_channel_id',
    'afk_timeout',
    'system_channel_id',
    'system_channel_flags',
  ];
  const roles = [...guild.roles.values()].map((role, id) => {
    const { name, permissions, color, hoist, mentionable } = showRole(role) as Wire;
    return {
      id,
      name,
      permissions,
      color,
      colors: null,
      hoist,
      mentionable,
      icon: null,
      unicode_emoji: null,
    };
  });
  const settings = Object.fromEntries(kept.map((name) => [name, whole[name]]));
  return { name: guild.name, ...settings, roles, channels: [] };
}

/** Things that servers have: emoji, stickers, sounds, events, rules and templates. */
export const GUILD_THING_ROUTES: readonly DiscordRoute[] = [
  ...[EMOJIS, STICKERS, SOUNDS, EVENTS, RULES, TEMPLATES].flatMap(routeThings),
  {
    pattern: 'PUT /guilds/:guild/templates/:thing',
    major: 'guild',
    handle(call) {
      const guild = call.requireGuild();
      call.requirePermission(guild, 'MANAGE_GUILD');
      const template = guild.things.get('templates')?.get(call.path['thing'] ?? '');
      if (!template) throw new DiscordRefusal(404, 10_057, 'Unknown guild template');
      template['serialized_source_guild'] = showSnapshot(call);
      template['updated_at'] = writeTime(call.world.now());
      return template;
    },
  },
];
