import { DEMO_GUILD, SANDBOX_BOT } from './seed.js';
import { thingsOf, type Wire } from './wire.js';
import type { DiscordWorld } from './world.js';

const MEMBER = '200000000000000001';
const thing = (last: number): string => `1300000000000000${last}`;

/** A template of the demo server. */
export function newTemplate(world: DiscordWorld, code: string, creator: Wire): Wire {
  const now = new Date(world.now()).toISOString();
  return {
    name: code === 'demotemplate' ? 'Demo' : 'Other',
    description: null,
    usage_count: 0,
    creator_id: SANDBOX_BOT.id,
    creator,
    created_at: now,
    updated_at: now,
    source_guild_id: DEMO_GUILD,
    serialized_source_guild: {
      name: 'Demo server',
      description: null,
      region: 'us-central',
      verification_level: 0,
      default_message_notifications: 0,
      explicit_content_filter: 0,
      preferred_locale: 'en-US',
      afk_channel_id: null,
      afk_timeout: 300,
      system_channel_id: null,
      system_channel_flags: 0,
      roles: [],
      channels: [],
    },
    is_dirty: null,
  };
}

/** Commands, emoji and entitlements of the demo bot's application. */
export function seedApplication(world: DiscordWorld, guildId: string): void {
  const application = world.application(SANDBOX_BOT.id);
  const guild = world.guilds.get(guildId);
  for (const [last, name, description] of [
    [141, 'hello', 'Say hello'],
    [142, 'score', 'Show the score'],
    [143, 'old', 'Not used any more'],
  ] as const)
    thingsOf(application, 'commands').set(thing(last), command(last, name, description));
  for (const [last, name, description] of [
    [144, 'local', 'Only here'],
    [145, 'other', 'Also only here'],
    [146, 'gone', 'Not used any more'],
  ] as const)
    if (guild)
      thingsOf(guild, 'commands').set(thing(last), {
        ...command(last, name, description),
        guild_id: guildId,
      });
  for (const last of [191, 192])
    thingsOf(application, 'emojis').set(thing(last), {
      id: thing(last),
      name: `app_${last}`,
      roles: [],
      require_colons: true,
      managed: false,
      animated: false,
      available: true,
    });
  for (const last of [195, 196])
    thingsOf(application, 'entitlements').set(thing(last), {
      id: thing(last),
      sku_id: '1300000000000000190',
      application_id: SANDBOX_BOT.id,
      user_id: MEMBER,
      guild_id: null,
      deleted: false,
      starts_at: null,
      ends_at: null,
      type: 8,
      consumed: false,
    });
}

function command(last: number, name: string, description: string): Wire {
  return {
    id: thing(last),
    application_id: SANDBOX_BOT.id,
    version: thing(last),
    default_member_permissions: null,
    type: 1,
    name,
    description,
    integration_types: [0],
    contexts: null,
    nsfw: false,
  };
}
