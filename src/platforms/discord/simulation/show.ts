import { writeTime } from '../../../sandbox/exchange.js';
import { writePermissions } from './permissions.js';
import {
  type DiscordGuild,
  type DiscordMember,
  type DiscordMessage,
  type DiscordRole,
  type DiscordUser,
  type DiscordWebhook,
  EPOCH,
} from './world.js';

/** @see https://discord.com/developers/docs/resources/message#message-object-message-types */
const DEFAULT_MESSAGE = 0;
const REPLY = 19;
/** Where the files of messages are, by their channel and id. The sandbox does not keep their bytes. */
const FILES = 'https://cdn.discordapp.com/attachments';

/** A user as others see it. @see https://discord.com/developers/docs/resources/user#user-object */
export function showUser({ id, username, bot }: DiscordUser): object {
  return {
    id,
    username,
    avatar: null,
    discriminator: bot ? '0000' : '0',
    public_flags: 0,
    flags: 0,
    bot,
    global_name: null,
    primary_guild: null,
  };
}

function showFile(
  { id, filename, size }: DiscordMessage['attachments'][number],
  channelId: string,
): object {
  const url = `${FILES}/${channelId}/${id}/${encodeURIComponent(filename)}`;
  return { id, filename, size, url, proxy_url: url };
}

/** @see https://discord.com/developers/docs/resources/message#message-object */
export function showMessage(message: DiscordMessage, author: DiscordUser | undefined): object {
  const { id, channel_id, webhook_id, content, embeds, attachments, nonce } = message;
  const { author_id, username, at, edited, reply_to, pinned, extra, reactions } = message;
  return {
    id,
    channel_id,
    ...(webhook_id !== null && { webhook_id }),
    type: reply_to === null ? DEFAULT_MESSAGE : REPLY,
    content,
    embeds: embeds.map((embed) => Object.assign({ type: 'rich' }, embed)),
    attachments: attachments.map((file) => showFile(file, channel_id)),
    ...(nonce !== null && { nonce }),
    // A webhook writes under a name of its own, message by message.
    author: showUser({ id: author_id, username, bot: webhook_id !== null || author?.bot === true }),
    timestamp: writeTime(at),
    edited_timestamp: edited === null ? null : writeTime(edited),
    ...(reply_to !== null && { message_reference: { type: 0, channel_id, message_id: reply_to } }),
    flags: 0,
    components: [],
    mentions: [],
    mention_roles: [],
    mention_everyone: false,
    pinned: pinned !== null,
    tts: false,
    ...(reactions.size > 0 && { reactions: showReactions(reactions) }),
    ...extra,
  };
}

/** What is counted of each emoji; nobody asks as themselves here. */
function showReactions(reactions: DiscordMessage['reactions']): object[] {
  return [...reactions].map(([emoji, users]) => {
    const [, name = emoji, id = null] = /^(\w+):(\d+)$/.exec(emoji) ?? [];
    return {
      emoji: { id, name },
      count: users.size,
      count_details: { burst: 0, normal: users.size },
      burst_colors: [],
      me_burst: false,
      me: false,
    };
  });
}

/** @see https://discord.com/developers/docs/resources/webhook#webhook-object */
export function showWebhook(
  { id, channel_id, name, token, follows }: DiscordWebhook,
  guildId: string,
  applicationId: string,
): object {
  return {
    id,
    type: follows === undefined ? 1 : 2,
    name,
    avatar: null,
    channel_id,
    guild_id: guildId,
    application_id: follows === undefined ? applicationId : null,
    ...(follows === undefined && { token }),
  };
}

/**
 * A member of a server. When they joined is not kept: the answer has the start of Discord.
 * @see https://discord.com/developers/docs/resources/guild#guild-member-object
 */
export function showMember(
  { roles, timed_out_until, extra }: DiscordMember,
  user: DiscordUser | undefined,
): object {
  return {
    ...(user && { user: showUser(user) }),
    nick: null,
    avatar: null,
    banner: null,
    roles: [...roles],
    joined_at: writeTime(EPOCH),
    premium_since: null,
    deaf: false,
    mute: false,
    pending: false,
    flags: 0,
    ...extra,
    communication_disabled_until:
      timed_out_until === null ? null : new Date(timed_out_until).toISOString(),
  };
}

/** The user that a token is of. @see https://discord.com/developers/docs/resources/user#user-object */
export function showSelf(user: DiscordUser): object {
  return { ...showUser(user), mfa_enabled: false, locale: 'en-US', verified: true };
}

/**
 * The application of a bot, which has the bot's id, as those of today do. Its key is no real one.
 * @see https://discord.com/developers/docs/resources/application#application-object
 */
export function showApplication(bot: DiscordUser): object {
  return {
    id: bot.id,
    name: bot.username,
    icon: null,
    description: '',
    type: null,
    verify_key: '0'.repeat(64),
    flags: 0,
    flags_new: '0',
    bot: showUser(bot),
  };
}

/** An application as its own bot sees it; what it is set up with is not simulated. */
export function showOwnApplication(bot: DiscordUser, owner: DiscordUser | undefined): object {
  return {
    ...showApplication(bot),
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    owner: showUser(owner ?? bot),
    approximate_guild_count: 0,
    approximate_user_install_count: 0,
    approximate_user_authorization_count: 0,
    explicit_content_filter: 0,
    team: null,
    eligible_oauth2_scopes: [],
  };
}

/** @see https://discord.com/developers/docs/topics/permissions#role-object */
export function showRole({ id, name, position, permissions, bot_id, extra }: DiscordRole): object {
  return {
    id,
    name,
    position,
    permissions: writePermissions(permissions),
    managed: bot_id !== undefined,
    ...(bot_id !== undefined && { tags: { bot_id } }),
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    mentionable: false,
    icon: null,
    unicode_emoji: null,
    flags: 0,
    ...extra,
  };
}

/** What is not simulated of a server: as a new one has it. */
export const NEW_GUILD = {
  icon: null,
  description: null,
  home_header: null,
  splash: null,
  discovery_splash: null,
  features: [],
  banner: null,
  application_id: null,
  region: 'us-central',
  afk_channel_id: null,
  afk_timeout: 300,
  system_channel_id: null,
  system_channel_flags: 0,
  widget_enabled: false,
  widget_channel_id: null,
  verification_level: 0,
  default_message_notifications: 0,
  mfa_level: 0,
  explicit_content_filter: 0,
  max_presences: null,
  max_members: 500_000,
  max_stage_video_channel_users: 50,
  max_video_channel_users: 25,
  vanity_url_code: null,
  premium_tier: 0,
  premium_subscription_count: 0,
  preferred_locale: 'en-US',
  rules_channel_id: null,
  safety_alerts_channel_id: null,
  public_updates_channel_id: null,
  premium_progress_bar_enabled: false,
  nsfw: false,
  nsfw_level: 0,
  stickers: [],
  incidents_data: null,
};

/** A server as its members see it. @see https://discord.com/developers/docs/resources/guild#guild-object */
export function showGuild({ id, name, owner_id, roles, settings, things }: DiscordGuild): object {
  return {
    ...NEW_GUILD,
    id,
    owner_id,
    roles: [...roles.values()].map(showRole),
    emojis: [...(things.get('emojis')?.values() ?? [])],
    stickers: [...(things.get('stickers')?.values() ?? [])],
    ...settings,
    name,
  };
}
