import { writeTime } from '../../../sandbox/exchange.js';
import { writePermissions } from './permissions.js';
import { NEW_GUILD, showUser } from './show.js';
import type { DiscordChannel, DiscordWorld } from './world.js';
import type { Wire } from './wire.js';

const PRIVATE = 1;
/** Members that all kinds of channels may have, in their order. */
const SHOWN = [
  'topic',
  'parent_id',
  'rate_limit_per_user',
  'bitrate',
  'user_limit',
  'rtc_region',
  'video_quality_mode',
  'default_auto_archive_duration',
  'default_thread_rate_limit_per_user',
  'default_sort_order',
  'default_forum_layout',
  'default_tag_setting',
  'default_reaction_emoji',
  'available_tags',
  'nsfw',
] as const;
/** Null is said of these; others are left out. */
const MAY_BE_NULL: ReadonlySet<string> = new Set([
  'topic',
  'parent_id',
  'rtc_region',
  'default_sort_order',
  'default_tag_setting',
  'default_reaction_emoji',
]);

/** A channel, a thread or a private channel. @see https://discord.com/developers/docs/resources/channel#channel-object */
export function showChannel(channel: DiscordChannel, users?: DiscordWorld['users']): Wire {
  const { id, guild_id, name, extra, messages } = channel;
  const last = [...messages.keys()].at(-1) ?? null;
  if (extra['type'] === PRIVATE) {
    const other = users?.get(String(extra['recipient']));
    const recipients = other ? [showUser(other)] : [];
    return { id, type: PRIVATE, last_message_id: last, flags: 0, recipients };
  }
  const type = Number(extra['type'] ?? 0);
  const head = {
    id,
    type,
    last_message_id: last,
    flags: Number(extra['flags'] ?? 0),
    guild_id,
    name,
  };
  if (type >= 10 && type <= 12)
    return {
      ...head,
      parent_id: extra['parent_id'],
      rate_limit_per_user: Number(extra['rate_limit_per_user'] ?? 0),
      owner_id: extra['owner_id'],
      thread_metadata: extra['thread_metadata'],
      message_count: messages.size,
      member_count: (extra['members'] as ReadonlyMap<string, unknown>).size,
      total_message_sent: messages.size,
      ...(extra['applied_tags'] !== undefined && { applied_tags: extra['applied_tags'] ?? [] }),
    };
  const more = SHOWN.flatMap((member) => {
    const value = extra[member] ?? (MAY_BE_NULL.has(member) ? null : undefined);
    return extra[member] === undefined || value === undefined ? [] : [[member, value] as const];
  });
  return {
    ...head,
    parent_id: null,
    topic: null,
    nsfw: false,
    ...Object.fromEntries(more),
    position: Number(extra['position'] ?? 0),
    permission_overwrites: [...channel.overwrites].map(
      ([overwritten, { type: kind, allow, deny }]) => ({
        id: overwritten,
        type: kind,
        allow: writePermissions(allow),
        deny: writePermissions(deny),
      }),
    ),
  };
}

/** @see https://discord.com/developers/docs/resources/invite#invite-object */
export function showInvite(world: DiscordWorld, invite: Wire): Wire {
  const channel = world.channels.get(String(invite['channel_id']));
  const guild = world.guilds.get(channel?.guild_id ?? '');
  const inviter = world.users.get(String(invite['inviter_id']));
  const age = Number(invite['max_age']);
  const created = Number(invite['created']);
  const whole: Wire = { ...NEW_GUILD, ...guild?.settings };
  const shown = [
    'splash',
    'banner',
    'description',
    'icon',
    'features',
    'verification_level',
    'vanity_url_code',
    'nsfw_level',
    'nsfw',
    'premium_subscription_count',
  ];
  return {
    type: 0,
    code: invite['code'],
    ...(inviter && { inviter: showUser(inviter) }),
    expires_at: age === 0 ? null : writeTime(created + age * 1_000),
    guild: {
      id: guild?.id ?? '0',
      name: guild?.name ?? '',
      ...Object.fromEntries(shown.map((name) => [name, whole[name]])),
    },
    guild_id: guild?.id ?? '0',
    channel: {
      id: channel?.id ?? '0',
      type: channel?.extra['type'] ?? 0,
      name: channel?.name ?? null,
    },
    uses: invite['uses'],
    max_uses: invite['max_uses'],
    max_age: age,
    temporary: invite['temporary'],
    created_at: writeTime(created),
  };
}
