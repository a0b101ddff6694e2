import type { DiscordCall } from './discord-call.js';
import { showUser } from './show.js';
import { type DiscordGuild, EPOCH } from './world.js';
import { type Wire } from './wire.js';

/**
 * The numbers of what an audit log tells.
 * @see https://discord.com/developers/docs/resources/audit-log#audit-log-entry-object-audit-log-events
 */
const NUMBERS: Readonly<Record<string, number>> = {
  guild_update: 1,
  channel_create: 10,
  channel_update: 11,
  channel_delete: 12,
  channel_overwrite_create: 13,
  channel_overwrite_update: 14,
  channel_overwrite_delete: 15,
  member_kick: 20,
  member_prune: 21,
  member_ban_add: 22,
  member_ban_remove: 23,
  member_update: 24,
  member_role_update: 25,
  bot_add: 28,
  role_create: 30,
  role_update: 31,
  role_delete: 32,
  invite_create: 40,
  invite_delete: 42,
  webhook_create: 50,
  webhook_update: 51,
  webhook_delete: 52,
  emoji_create: 60,
  emoji_update: 61,
  emoji_delete: 62,
  message_delete: 72,
  message_bulk_delete: 73,
  message_pin: 74,
  message_unpin: 75,
  integration_delete: 82,
  stage_instance_create: 83,
  stage_instance_update: 84,
  stage_instance_delete: 85,
  sticker_create: 90,
  sticker_update: 91,
  sticker_delete: 92,
  guild_scheduled_event_create: 100,
  guild_scheduled_event_update: 101,
  guild_scheduled_event_delete: 102,
  thread_create: 110,
  thread_update: 111,
  thread_delete: 112,
  soundboard_sound_create: 130,
  soundboard_sound_update: 131,
  soundboard_sound_delete: 132,
  auto_moderation_rule_create: 140,
  auto_moderation_rule_update: 141,
  auto_moderation_rule_delete: 142,
  onboarding_update: 167,
};

/** The newest entries first. @param limit the most of them */
export function showAuditLog(call: DiscordCall, guild: DiscordGuild, limit: number): Wire {
  const { query } = call.request;
  const [user, type] = [query.get('user_id'), query.get('action_type')];
  const before = BigInt(query.get('before') ?? '18446744073709551615');
  const entries = guild.audit
    .map((entry, index) => ({
      // An id that tells when it was, and in which order.
      id: String((BigInt(entry.at - EPOCH) << 22n) + BigInt(index)),
      action_type: NUMBERS[entry.action] ?? 1,
      user_id: entry.by,
      target_id: entry.target_id,
      ...(entry.reason !== null && { reason: entry.reason }),
    }))
    .filter(
      ({ id, user_id, action_type }) =>
        BigInt(id) < before &&
        (user === null || user === user_id) &&
        (type === null || Number(type) === action_type),
    )
    .toReversed()
    .slice(0, limit);
  const users = new Set(entries.map(({ user_id }) => user_id));
  return {
    audit_log_entries: entries,
    users: [...users].flatMap((id) => {
      const known = call.world.users.get(id);
      return known ? [showUser(known)] : [];
    }),
    integrations: [],
    webhooks: [],
    guild_scheduled_events: [],
    threads: [],
    application_commands: [],
    auto_moderation_rules: [],
  };
}
