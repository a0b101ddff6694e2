import { writeTime } from '../../../sandbox/exchange.js';
import {
  type DiscordMember,
  type DiscordMessage,
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
function showUser({ id, username, bot }: DiscordUser): object {
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
  const { author_id, username, at, edited, reply_to } = message;
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
    pinned: false,
    tts: false,
  };
}

/** @see https://discord.com/developers/docs/resources/webhook#webhook-object */
export function showWebhook(
  { id, channel_id, name, token }: DiscordWebhook,
  guildId: string,
  applicationId: string,
): object {
  return {
    id,
    type: 1,
    name,
    avatar: null,
    channel_id,
    guild_id: guildId,
    application_id: applicationId,
    token,
  };
}

/**
 * A member of a server. When they joined is not kept: the answer has the start of Discord.
 * @see https://discord.com/developers/docs/resources/guild#guild-member-object
 */
export function showMember(
  { roles, timed_out_until }: DiscordMember,
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
    communication_disabled_until:
      timed_out_until === null ? null : new Date(timed_out_until).toISOString(),
  };
}
