import { isRecord } from '../../../sandbox/exchange.js';
import { noteIn } from './channel-routes.js';
import {
  type DiscordCall,
  DiscordRefusal,
  type DiscordRoute,
  refuseField,
} from './discord-call.js';
import { pageAfter } from './member-routes.js';
import { writePermissions } from './permissions.js';
import { showOwnApplication, showSelf, showUser } from './show.js';
import { showChannel } from './show-channel.js';
import { create, type Place, routeThings, type ThingKind, withoutNulls } from './things.js';
import { OWNER } from './seed.js';
import { thingsOf, type Wire } from './wire.js';

function openApplication(call: DiscordCall): Place {
  if (call.readId('application') !== call.bot.id)
    throw new DiscordRefusal(
      403,
      20_012,
      'You are not authorized to perform this action on this application',
    );
  return call.world.application(call.bot.id);
}

const COMMAND: Omit<ThingKind, 'kind' | 'path' | 'open'> = {
  major: 'user',
  missing: [10_063, 'Unknown application command'],
  members: [
    'name',
    'name_localizations',
    'description',
    'description_localizations',
    'options',
    'default_member_permissions',
    'dm_permission',
    'contexts',
    'integration_types',
    'handler',
    'type',
  ],
  required: ['name'],
  made: 201,
  defaults: (call) => ({
    application_id: call.bot.id,
    version: call.world.makeId(),
    default_member_permissions: null,
    type: 1,
    description: '',
    integration_types: [0],
    contexts: null,
    nsfw: false,
  }),
  settle(wire) {
    wire['type'] ??= 1;
    wire['description'] ??= '';
    wire['integration_types'] ??= [0];
    const permissions = wire['default_member_permissions'];
    if (typeof permissions === 'number') wire['default_member_permissions'] = String(permissions);
    for (const name of [
      'options',
      'name_localizations',
      'description_localizations',
      'dm_permission',
      'handler',
    ])
      if (wire[name] === null) delete wire[name];
    if (Array.isArray(wire['options'])) wire['options'] = wire['options'].map(settleOption);
  },
};

function settleOption(option: Wire): Wire {
  const shown = withoutNulls(option);
  if (Array.isArray(shown['options'])) shown['options'] = shown['options'].map(settleOption);
  if (Array.isArray(shown['choices'])) shown['choices'] = shown['choices'].map(withoutNulls);
  return shown;
}

const GLOBAL_COMMANDS: ThingKind = {
  ...COMMAND,
  kind: 'commands',
  path: '/applications/:application/commands',
  open: openApplication,
};

const GUILD_COMMANDS: ThingKind = {
  ...COMMAND,
  kind: 'commands',
  path: '/applications/:application/guilds/:guild/commands',
  open(call) {
    openApplication(call);
    return { things: call.requireGuild().things };
  },
  defaults: (call, id, body) => ({
    ...COMMAND.defaults(call, id, body),
    guild_id: call.path['guild'],
  }),
};

const EMOJIS: ThingKind = {
  kind: 'emojis',
  path: '/applications/:application/emojis',
  major: 'user',
  open: openApplication,
  missing: [10_014, 'Unknown Emoji'],
  made: 201,
  members: ['name'],
  required: ['name', 'image'],
  defaults: ({ bot }) => ({
    user: showUser(bot),
    roles: [],
    require_colons: true,
    managed: false,
    animated: false,
    available: true,
  }),
  showAll: (items) => ({ items }),
};

const ENTITLEMENTS: ThingKind = {
  kind: 'entitlements',
  path: '/applications/:application/entitlements',
  major: 'user',
  open: openApplication,
  missing: [10_029, 'Unknown Entitlement'],
  members: ['sku_id'],
  required: ['sku_id', 'owner_id', 'owner_type'],
  without: ['change'],
  defaults: (call, _id, { owner_id, owner_type }) => ({
    application_id: call.bot.id,
    user_id: owner_type === 2 ? owner_id : call.bot.id,
    guild_id: owner_type === 1 ? owner_id : null,
    deleted: false,
    starts_at: null,
    ends_at: null,
    type: 8,
    consumed: false,
  }),
};

function replaceAll(about: ThingKind): DiscordRoute {
  return {
    pattern: `PUT ${about.path}`,
    major: 'user',
    handle(call) {
      const bodies = call.readList();
      const known = thingsOf(about.open(call), about.kind);
      const before = [...known.values()];
      known.clear();
      for (const body of bodies) {
        const made = create(about, call, body);
        const same = before.find(
          ({ name, type }) => name === made['name'] && type === made['type'],
        );
        if (!same) continue;
        // A command keeps its id by its name.
        known.delete(String(made['id']));
        made['id'] = same['id'];
        known.set(String(same['id']), made);
      }
      return [...known.values()];
    },
  };
}

/** What an application and its bot have: commands, emoji, entitlements, settings, servers, private channels. */
export const APPLICATION_ROUTES: readonly DiscordRoute[] = [
  ...[GLOBAL_COMMANDS, GUILD_COMMANDS, EMOJIS, ENTITLEMENTS].flatMap(routeThings),
  replaceAll(GLOBAL_COMMANDS),
  replaceAll(GUILD_COMMANDS),
  {
    pattern: 'POST /applications/:application/entitlements/:thing/consume',
    major: 'user',
    handle(call) {
      const entitlement = thingsOf(openApplication(call), 'entitlements').get(
        call.path['thing'] ?? '',
      );
      if (!entitlement) throw new DiscordRefusal(404, 10_029, 'Unknown Entitlement');
      entitlement['consumed'] = true;
      return undefined;
    },
  },
  {
    pattern: 'GET /applications/@me',
    major: 'user',
    handle: (call) => showApplication(call),
  },
  {
    pattern: 'PATCH /applications/@me',
    major: 'user',
    handle(call) {
      const { settings } = call.world.application(call.bot.id);
      const body = call.readBody();
      const { description } = body;
      if (isRecord(description)) settings['description'] = description['default'];
      for (const name of [
        'tags',
        'custom_install_url',
        'interactions_endpoint_url',
        'role_connections_verification_url',
        'event_webhooks_url',
        'event_webhooks_types',
        'event_webhooks_status',
        'explicit_content_filter',
        'max_participants',
      ])
        if (body[name] !== undefined && body[name] !== null) settings[name] = body[name];
      return showApplication(call);
    },
  },
  {
    pattern: 'PUT /applications/:application/role-connections/metadata',
    major: 'user',
    handle(call) {
      openApplication(call);
      const { settings } = call.world.application(call.bot.id);
      const records = call.readList().map(withoutNulls);
      if (records.length > 5) throw refuseField([], 'BASE_TYPE_MAX_LENGTH', 'Must be 5 or fewer.');
      settings['metadata'] = records;
      return records;
    },
  },
  {
    pattern: 'PATCH /users/@me',
    major: 'user',
    handle(call) {
      const { username } = call.readBody();
      if (typeof username !== 'string' || username.length < 2)
        throw refuseField(
          ['username'],
          'BASE_TYPE_BAD_LENGTH',
          'Must be between 2 and 32 in length.',
        );
      call.world.rename(call.bot, username);
      return showSelf({ ...call.bot, username });
    },
  },
  {
    pattern: 'GET /users/@me/guilds',
    major: 'user',
    handle(call) {
      const guilds = [...call.world.guilds.values()].filter(({ members }) =>
        members.has(call.bot.id),
      );
      return pageAfter(call, guilds, ({ id }) => id, 200).map((guild) => ({
        id: guild.id,
        name: guild.name,
        icon: null,
        banner: null,
        owner: guild.owner_id === call.bot.id,
        permissions: writePermissions(
          [...(guild.members.get(call.bot.id)?.roles ?? [])].flatMap(
            (id) => guild.roles.get(id)?.permissions ?? [],
          ),
        ),
        features: [],
      }));
    },
  },
  {
    pattern: 'DELETE /users/@me/guilds/:guild',
    major: 'user',
    handle(call) {
      call.requireGuild().members.delete(call.bot.id);
      return undefined;
    },
  },
  {
    pattern: 'GET /users/:user',
    major: 'user',
    handle: (call) => showUser(call.requireUser()),
  },
  {
    pattern: 'POST /users/@me/channels',
    major: 'user',
    handle(call) {
      const recipient = call.world.users.get(String(call.readBody()['recipient_id']));
      if (!recipient) throw new DiscordRefusal(404, 10_013, 'Unknown User');
      if (recipient.bot) throw new DiscordRefusal(400, 50_007, 'Cannot send messages to this user');
      const known = [...call.world.channels.values()].find(
        ({ extra }) => extra['recipient'] === recipient.id && extra['bot'] === call.bot.id,
      );
      const extra: Wire = { type: 1, recipient: recipient.id, bot: call.bot.id };
      const channel =
        known ??
        call.world.addChannel(call.world.makeId(), recipient.username, [], { guild_id: '', extra });
      return showChannel(channel, call.world.users);
    },
  },
  {
    pattern: 'POST /channels/:channel/typing',
    major: 'channel',
    handle(call) {
      call.requireChannel();
      return undefined;
    },
  },
  {
    pattern: 'PUT /channels/:channel/voice-status',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'SET_VOICE_CHANNEL_STATUS');
      if (channel.extra['type'] !== 2)
        throw new DiscordRefusal(400, 50_024, 'Cannot execute action on this channel type');
      channel.extra['voice_status'] = call.readBody()['status'] ?? null;
      return undefined;
    },
  },
  {
    pattern: 'POST /channels/:channel/send-soundboard-sound',
    major: 'channel',
    handle(call) {
      const channel = call.requireChannel();
      call.requirePermission(channel, 'USE_SOUNDBOARD');
      const guild = call.world.guilds.get(channel.guild_id);
      if (guild?.voice.get(call.bot.id)?.['channel_id'] !== channel.id)
        throw new DiscordRefusal(400, 40_032, 'Target user is not connected to voice.');
      if (!thingsOf(guild, 'sounds').has(String(call.readBody()['sound_id'])))
        throw new DiscordRefusal(404, 10_097, 'Unknown sound');
      return undefined;
    },
  },
  {
    pattern: 'POST /stage-instances',
    major: 'user',
    handle(call) {
      const { channel_id, topic, privacy_level, guild_scheduled_event_id } = call.readBody();
      const channel = call.world.channels.get(String(channel_id));
      if (channel?.extra['type'] !== 13) throw new DiscordRefusal(404, 10_003, 'Unknown Channel');
      call.requirePermission(channel, 'MANAGE_CHANNELS');
      if (channel.extra['stage'])
        throw new DiscordRefusal(400, 150_006, 'The stage is already open');
      const stage: Wire = {
        id: call.world.makeId(),
        guild_id: channel.guild_id,
        channel_id: channel.id,
        topic,
        privacy_level: privacy_level ?? 2,
        discoverable_disabled: true,
        guild_scheduled_event_id: guild_scheduled_event_id ?? null,
      };
      channel.extra['stage'] = stage;
      noteIn(call, channel, 'stage_instance_create', channel.id);
      return stage;
    },
  },
  {
    pattern: 'GET /stage-instances/:channel',
    major: 'channel',
    handle: (call) => requireStage(call),
  },
  {
    pattern: 'PATCH /stage-instances/:channel',
    major: 'channel',
    handle(call) {
      const stage = requireStage(call);
      const { topic, privacy_level } = call.readBody();
      if (topic !== undefined) stage['topic'] = topic;
      if (privacy_level !== undefined) stage['privacy_level'] = privacy_level;
      return stage;
    },
  },
  {
    pattern: 'DELETE /stage-instances/:channel',
    major: 'channel',
    handle(call) {
      requireStage(call);
      delete call.requireChannel().extra['stage'];
      return undefined;
    },
  },
];

function requireStage(call: DiscordCall): Wire {
  const { stage } = call.requireChannel().extra;
  if (!isRecord(stage)) throw new DiscordRefusal(404, 10_067, 'Unknown Stage Instance');
  return stage;
}

function showApplication(call: DiscordCall): object {
  const { settings } = call.world.application(call.bot.id);
  const shown = Object.entries(settings).filter(([name]) => name !== 'metadata');
  const own = showOwnApplication(call.bot, call.world.users.get(OWNER));
  return { ...own, ...Object.fromEntries(shown) };
}
