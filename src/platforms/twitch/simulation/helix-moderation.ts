import { writeTime } from '../../../sandbox/exchange.js';
import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import type { ChatEntry, TwitchChannel } from './world.js';

const BAN = 'moderator:manage:banned_users';
const TIMEOUT_MAX_SECONDS = 1_209_600;
const REASON_MAX = 500;
const DELETABLE_MS = 6 * 3_600_000;

/** Keeping order: bans, timeouts and the removal of messages. */
export const MODERATION_ROUTES: HelixRoutes = {
  'POST /moderation/bans': { scopes: [BAN], handle: banUser },
  'DELETE /moderation/bans': { scopes: [BAN], handle: unbanUser },
  'GET /moderation/banned': { scopes: ['moderation:read', BAN], handle: getBannedUsers },
  'DELETE /moderation/chat': {
    scopes: ['moderator:manage:chat_messages'],
    handle: deleteChatMessages,
  },
};

/** The channel and the moderator of the query, once it is sure that one moderates the other. */
function requireModeration(call: HelixCall): [TwitchChannel, string] {
  const broadcaster = call.requireId('broadcaster_id');
  const moderator = call.requireId('moderator_id');
  call.requireSelf('moderator_id', moderator);
  const channel = call.requireChannel('broadcaster_id', broadcaster);
  call.requireModerator(moderator, channel);
  return [channel, moderator];
}

/**
 * Query `broadcaster_id, moderator_id`, body `{data: {user_id, duration?, reason?}}`; with a duration
 * it is a timeout. Answers `{data: [{broadcaster_id, moderator_id, user_id, created_at, end_time}]}`.
 * @see https://dev.twitch.tv/docs/api/reference/#ban-user
 */
function banUser(call: HelixCall): HelixResult {
  const { world } = call;
  const [channel, moderator] = requireModeration(call);
  const data = call.body.requireObject('data');
  const target = data.requireText('user_id');
  const seconds = data.readInteger('duration', { min: 1, max: TIMEOUT_MAX_SECONDS });
  const reason = data.readText('reason', { max: REASON_MAX }) ?? '';
  call.requireUser('user_id', target);
  call.spend('ban', channel.broadcaster_id);
  const mayBan =
    target !== channel.broadcaster_id &&
    target !== moderator &&
    // Whether the broadcaster may ban a moderator is unpublished; simulated: yes, and the role is lost.
    (!channel.moderators.has(target) || moderator === channel.broadcaster_id);
  if (!mayBan)
    throw new HelixRefusal(400, 'The user specified in the user_id field may not be banned.');
  if (world.findBan(channel, target)?.end === null)
    throw new HelixRefusal(400, 'The user specified in the user_id field is already banned.');
  channel.moderators.delete(target);
  const ban = world.ban(channel, {
    user_id: target,
    moderator_id: moderator,
    reason,
    ...(seconds !== undefined && { seconds }),
  });
  return {
    value: {
      data: [
        {
          broadcaster_id: channel.broadcaster_id,
          moderator_id: moderator,
          user_id: target,
          created_at: writeTime(ban.created),
          end_time: ban.end === null ? null : writeTime(ban.end),
        },
      ],
    },
  };
}

/**
 * Query `broadcaster_id, moderator_id, user_id`; ends a ban or a timeout, answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#unban-user
 */
function unbanUser(call: HelixCall): HelixResult {
  const target = call.requireId('user_id');
  const [channel] = requireModeration(call);
  call.spend('ban', channel.broadcaster_id);
  if (!call.world.findBan(channel, target))
    throw new HelixRefusal(400, 'The user in the user_id query parameter is not banned.');
  channel.bans.delete(target);
  return { status: 204 };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-banned-users */
function getBannedUsers(call: HelixCall): HelixResult {
  const { world } = call;
  const broadcaster = call.requireId('broadcaster_id');
  call.requireSelf('broadcaster_id', broadcaster);
  const channel = world.channel(broadcaster);
  const asked = new Set(call.request.query.getAll('user_id'));
  const bans = [...channel.bans.keys()]
    .filter((id) => asked.size === 0 || asked.has(id))
    .flatMap((id) => world.findBan(channel, id) ?? [])
    .map((ban) => {
      const user = world.user(ban.user_id);
      const moderator = world.user(ban.moderator_id);
      return {
        user_id: user.id,
        user_login: user.login,
        user_name: user.display_name,
        expires_at: ban.end === null ? '' : writeTime(ban.end),
        created_at: writeTime(ban.created),
        reason: ban.reason,
        moderator_id: moderator.id,
        moderator_login: moderator.login,
        moderator_name: moderator.display_name,
      };
    });
  return { value: call.paginate(bans, 100) };
}

/**
 * Query `broadcaster_id, moderator_id, message_id?`; answers 204. Without message_id it clears the
 * whole chat, as Twitch does.
 * @see https://dev.twitch.tv/docs/api/reference/#delete-chat-messages
 */
function deleteChatMessages(call: HelixCall): HelixResult {
  const { world } = call;
  const [channel, moderator] = requireModeration(call);
  const messageId = call.readQuery('message_id');
  if (messageId === undefined) {
    for (const entry of channel.messages.values()) entry.deleted_by ??= moderator;
    channel.pinned_message_id = null;
    world.say(channel, { kind: 'cleared', sender_id: moderator, text: '' });
    return { status: 204 };
  }
  const entry = channel.messages.get(messageId);
  if (!entry || entry.kind === 'cleared' || entry.deleted_by !== undefined)
    throw new HelixRefusal(404, 'The ID in message_id was not found.');
  if (entry.at < world.now() - DELETABLE_MS)
    throw new HelixRefusal(404, 'The specified message was created more than 6 hours ago.');
  requireDeletable(entry, channel, moderator);
  entry.deleted_by = moderator;
  if (channel.pinned_message_id === entry.id) channel.pinned_message_id = null;
  return { status: 204 };
}

function requireDeletable(entry: ChatEntry, channel: TwitchChannel, moderator: string): void {
  if (entry.sender_id === channel.broadcaster_id)
    throw new HelixRefusal(400, "You may not delete the broadcaster's messages.");
  // That the broadcaster may delete a moderator's message is unpublished, simulated.
  const isOwn = entry.sender_id === moderator || moderator === channel.broadcaster_id;
  if (channel.moderators.has(entry.sender_id) && !isOwn)
    throw new HelixRefusal(400, "You may not delete another moderator's messages.");
}
