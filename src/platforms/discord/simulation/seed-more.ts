import type { Clock } from '../../../sandbox/exchange.js';
import { DEMO_GUILD, SANDBOX_BOT } from './seed.js';
import { newTemplate, seedApplication } from './seed-application.js';
import { thingsOf, type Wire } from './wire.js';
import { DiscordWorld } from './world.js';

/** A server that the bot is in and that nothing else happens in. */
export const QUIET_GUILD = '800000000000000003';
const MEMBER = '200000000000000001';
const channel = (last: number): string => `7000000000000000${last}`;
const thing = (last: number): string => `1300000000000000${last}`;

/** Id, name, and the rest, of the demo server's further channels. */
const CHANNELS: readonly (readonly [id: string, name: string, extra: Wire])[] = [
  [channel(10), 'Community', { type: 4, position: 5 }],
  [channel(11), 'news', { type: 5, position: 6, parent_id: channel(10) }],
  [
    channel(12),
    'forum',
    {
      type: 15,
      position: 7,
      parent_id: channel(10),
      available_tags: [
        { id: thing(151), name: 'help', moderated: false, emoji_id: null, emoji_name: null },
      ],
    },
  ],
  [channel(13), 'Voice', { type: 2, position: 8, bitrate: 64_000, user_limit: 0 }],
  [channel(14), 'Stage', { type: 13, position: 9, bitrate: 64_000 }],
  [channel(15), 'old-plans', { type: 0, position: 10 }],
  [channel(16), 'rules', { type: 0, position: 11, topic: 'How we treat each other' }],
  [channel(17), 'archive', { type: 0, position: 12 }],
  [channel(18), 'raided', { type: 0, position: 13 }],
  [channel(22), 'Second stage', { type: 13, position: 14, stage: newStage(22, 161) }],
  [channel(23), 'Third stage', { type: 13, position: 15, stage: newStage(23, 162) }],
  [channel(24), 'workshop', { type: 0, position: 16 }],
];

function newStage(last: number, id: number): Wire {
  return {
    id: thing(id),
    guild_id: DEMO_GUILD,
    channel_id: channel(last),
    topic: 'Questions',
    privacy_level: 2,
    discoverable_disabled: true,
    guild_scheduled_event_id: null,
  };
}

/** Id, name and kind of threads of the demo channel. */
const THREADS = [
  [channel(20), 'Plans', 11],
  [channel(21), 'Secrets', 12],
  [channel(25), 'Old talk', 11],
] as const;

/** Channel, id, text and the rest of messages, each for one example. */
const MESSAGES: readonly (readonly [place: string, id: string, text: string, more: Wire])[] = [
  [channel(16), '1300000000000000020', 'Be kind to each other', {}],
  [channel(16), '1300000000000000021', 'Be kind', { pinned: 0 }],
  [channel(11), '1300000000000000022', 'We are live', { author_id: SANDBOX_BOT.id }],
  [channel(24), '1300000000000000023', '', { author_id: SANDBOX_BOT.id, poll: true }],
  [channel(16), '1300000000000000024', 'React to me', { reactions: ['👍', '🎉'] }],
  [channel(24), '1300000000000000025', 'Let us talk about this', {}],
  [channel(24), '1300000000000000028', 'Nobody may react', { reactions: ['👍'] }],
  ['700000000000000001', '1300000000000000026', 'From a webhook', { webhook: true }],
  ['700000000000000001', '1300000000000000027', 'Also from a webhook', { webhook: true }],
  // Ids tell when messages were sent, and only young ones are deleted in bulk: these are from 2083.
  [channel(17), '9000000000000000001', 'spam', {}],
  [channel(17), '9000000000000000002', 'more spam', {}],
  [channel(17), '9000000000000000003', 'and more', {}],
];

/** Discord at its start, with what the examples of the many smaller actions act on. */
export function openWorld(now: Clock): DiscordWorld {
  const world = new DiscordWorld(now);
  for (const [id, name, extra] of CHANNELS)
    world.addChannel(id, name, [], { extra: structuredClone(extra) });
  const member = { type: 1, allow: [], deny: ['ADD_REACTIONS'] };
  world.channels.get(channel(24))?.overwrites.set(MEMBER, member);
  world.addGuild(QUIET_GUILD, 'Quiet server', '700000000000000030');
  world.guilds.get(QUIET_GUILD)?.members.set(SANDBOX_BOT.id, {
    user_id: SANDBOX_BOT.id,
    roles: new Set(),
    timed_out_until: null,
  });
  seedThreads(world);
  seedMessages(world);
  seedPeople(world);
  seedThings(world);
  seedInteractions(world);
  return world;
}

function seedThreads(world: DiscordWorld): void {
  const now = new Date(world.now()).toISOString();
  for (const [id, name, type] of THREADS) {
    const join = { id, join_timestamp: now, flags: 0 };
    const members = new Map(
      [SANDBOX_BOT.id, '200000000000000005'].map((user_id) => [user_id, { ...join, user_id }]),
    );
    const extra: Wire = {
      type,
      parent_id: '700000000000000001',
      owner_id: SANDBOX_BOT.id,
      members,
      thread_metadata: {
        archived: false,
        archive_timestamp: now,
        auto_archive_duration: 4_320,
        locked: false,
        create_timestamp: now,
        ...(type === 12 && { invitable: true }),
      },
    };
    world.addChannel(id, name, [], { extra });
  }
}

function seedMessages(world: DiscordWorld): void {
  const now = world.now();
  for (const [place, id, content, more] of MESSAGES) {
    const author_id = String(
      more['webhook'] ? '1300000000000000002' : (more['author_id'] ?? MEMBER),
    );
    const reactions = (more['reactions'] as readonly string[] | undefined) ?? [];
    world.addMessage(place, {
      id,
      author_id,
      content,
      ...(more['webhook'] === true && { webhook_id: '1300000000000000002', username: 'News' }),
      ...(more['pinned'] !== undefined && { pinned: now }),
      reactions: new Map(reactions.map((emoji) => [emoji, new Set([SANDBOX_BOT.id, MEMBER])])),
      ...(more['poll'] === true && { extra: { poll: newPoll(now) } }),
    });
  }
}

function newPoll(now: number): Wire {
  return {
    question: { text: 'What next?' },
    answers: ['Chess', 'Racing'].map((text, index) => ({
      answer_id: index + 1,
      poll_media: { text },
    })),
    expiry: new Date(now + 86_400_000).toISOString(),
    allow_multiselect: false,
    layout_type: 1,
    results: { answer_counts: [], is_finalized: false },
  };
}

function seedPeople(world: DiscordWorld): void {
  const guild = world.guilds.get(DEMO_GUILD);
  for (const [id, username] of [
    ['200000000000000020', 'banned_one'],
    ['200000000000000021', 'banned_two'],
    ['200000000000000024', 'newcomer'],
  ] as const)
    world.users.set(id, { id, username, bot: false });
  for (const user_id of ['200000000000000020', '200000000000000021'])
    guild?.bans.set(user_id, { user_id, reason: 'Spam', delete_message_seconds: 0 });
  for (const [id, name] of [
    ['200000000000000022', 'spammer_one'],
    ['200000000000000023', 'spammer_two'],
    ['200000000000000025', 'speaker'],
  ] as const)
    world.addMember(id, name);
  for (const id of [SANDBOX_BOT.id, '200000000000000025'])
    guild?.voice.set(id, { channel_id: channel(id === SANDBOX_BOT.id ? 13 : 14), suppress: true });
  for (const [id, name] of [
    ['600000000000000010', 'Temporary'],
    ['600000000000000011', 'Painted'],
    ['600000000000000012', 'Mods'],
  ] as const)
    guild?.roles.set(id, { id, name, position: 1, permissions: [] });
  guild?.audit.push({
    action: 'member_ban_add',
    by: SANDBOX_BOT.id,
    target_id: '200000000000000020',
    reason: 'Spam',
    at: world.now(),
  });
}

const USER = { bot: true, flags: 0, public_flags: 0, avatar: null, global_name: null } as const;

function seedThings(world: DiscordWorld): void {
  const guild = world.guilds.get(DEMO_GUILD);
  if (!guild) return;
  const add = (kind: string, id: string, wire: Wire, idMember = 'id'): unknown =>
    thingsOf(guild, kind).set(id, { [idMember]: id, ...wire });
  const user = {
    ...USER,
    id: SANDBOX_BOT.id,
    username: SANDBOX_BOT.username,
    discriminator: '0000',
    primary_guild: null,
  };
  const emoji = {
    user,
    roles: [],
    require_colons: true,
    managed: false,
    animated: false,
    available: true,
  };
  add('emojis', '500000000000000001', { name: 'party', ...emoji });
  add('emojis', '500000000000000002', { name: 'sad', ...emoji });
  add('emojis', '500000000000000003', { name: 'old', ...emoji });
  for (const [last, name] of [
    [111, 'wave'],
    [112, 'laugh'],
    [113, 'cry'],
  ] as const)
    add('stickers', thing(last), {
      name,
      tags: '👋',
      type: 2,
      format_type: 1,
      description: null,
      available: true,
      guild_id: guild.id,
      user,
    });
  for (const [last, name] of [
    [121, 'horn'],
    [122, 'drums'],
    [123, 'silence'],
  ] as const)
    add(
      'sounds',
      thing(last),
      {
        name,
        volume: 1,
        emoji_id: null,
        emoji_name: null,
        guild_id: guild.id,
        available: true,
        user,
      },
      'sound_id',
    );
  for (const [last, name] of [
    [101, 'Game night'],
    [102, 'Art evening'],
    [103, 'Cancelled talk'],
  ] as const)
    add('events', thing(last), {
      guild_id: guild.id,
      name,
      description: null,
      channel_id: null,
      creator_id: SANDBOX_BOT.id,
      image: null,
      scheduled_start_time: '2099-01-31T18:00:00+00:00',
      scheduled_end_time: '2099-01-31T20:00:00+00:00',
      status: 1,
      entity_type: 3,
      entity_id: null,
      recurrence_rule: null,
      privacy_level: 2,
      guild_scheduled_event_exceptions: [],
      entity_metadata: { location: 'The park' },
    });
  for (const [last, name] of [
    [131, 'Bad words'],
    [132, 'Links'],
    [133, 'Old rule'],
  ] as const)
    add('rules', thing(last), {
      guild_id: guild.id,
      creator_id: SANDBOX_BOT.id,
      name,
      event_type: 1,
      trigger_type: 1,
      trigger_metadata: { keyword_filter: ['bad'], regex_patterns: [], allow_list: [] },
      actions: [{ type: 1, metadata: {} }],
      enabled: true,
      exempt_roles: [],
      exempt_channels: [],
    });
  for (const code of ['demotemplate', 'othertemplate', 'oldtemplate'])
    add('templates', code, newTemplate(world, code, user), 'code');
  for (const last of [171, 172])
    add('integrations', thing(last), {
      type: 'guild_subscription',
      name: 'Shop',
      account: { id: '1', name: 'Shop' },
      enabled: true,
    });
  thingsOf(guild, 'parts').set('welcome', {
    description: 'Welcome!',
    welcome_channels: [
      { channel_id: '700000000000000001', description: 'Talk', emoji_id: null, emoji_name: '👋' },
    ],
  });
  for (const code of ['demoinvite', 'otherinvite', 'oldinvite'])
    world.invites.set(code, {
      code,
      channel_id: '700000000000000001',
      inviter_id: SANDBOX_BOT.id,
      max_age: 0,
      max_uses: 0,
      temporary: false,
      uses: 0,
      created: world.now(),
    });
  seedApplication(world, guild.id);
  for (const [last, name] of [
    [181, 'Alerts'],
    [182, 'Old alerts'],
    [183, 'Bridge'],
    [184, 'Old bridge'],
  ] as const)
    world.webhooks.set(thing(last), {
      id: thing(last),
      name,
      channel_id: channel(24),
      token: `secret-of-webhook-${last}`,
    });
}

/** Interactions of examples: new ones, and ones that are answered. They wait for ever. */
function seedInteractions(world: DiscordWorld): void {
  for (let last = 1; last <= 8; last += 1) {
    const id = `90000000000000003${String(last).padStart(2, '0')}`;
    const isAnswered = last > 4;
    const message = isAnswered
      ? world.addMessage(channel(24), {
          author_id: SANDBOX_BOT.id,
          webhook_id: SANDBOX_BOT.id,
          content: 'One moment',
        })
      : undefined;
    world.interactions.set(`demo-interaction-${last}`, {
      id,
      token: `demo-interaction-${last}`,
      application_id: SANDBOX_BOT.id,
      channel_id: channel(24),
      at: undefined,
      answered: isAnswered,
      message_id: message?.id,
    });
  }
  for (const id of ['1300000000000000201', '1300000000000000202'])
    world.addMessage(channel(24), {
      id,
      author_id: SANDBOX_BOT.id,
      webhook_id: SANDBOX_BOT.id,
      content: 'A further answer',
    });
}
