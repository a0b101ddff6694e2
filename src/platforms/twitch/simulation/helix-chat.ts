import {
  cutText,
  type HelixCall,
  HelixRefusal,
  type HelixResult,
  type HelixRoutes,
} from './helix-call.js';

const ANNOUNCEMENT_COLORS = new Set(['blue', 'green', 'orange', 'purple', 'primary']);
const SEND = 'user:write:chat';
const ANNOUNCE = 'moderator:manage:announcements';
const MESSAGE_MAX = 500;
const WHISPER_MAX = 10_000;

/** Speaking: chat messages, announcements, whispers. */
export const CHAT_ROUTES: HelixRoutes = {
  'POST /chat/messages': { scopes: [SEND], app: true, handle: sendChatMessage },
  'POST /chat/announcements': { scopes: [ANNOUNCE], app: true, handle: sendAnnouncement },
  'POST /whispers': { scopes: ['user:manage:whispers'], handle: sendWhisper },
};

/**
 * Body `{broadcaster_id, sender_id, message, reply_parent_message_id?, for_source_only?, pin?}`;
 * answers `{data: [{message_id, is_sent, drop_reason?}]}`, a dropped message with 200 too.
 * @see https://dev.twitch.tv/docs/api/reference/#send-chat-message
 */
function sendChatMessage(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = call.requireChannel('broadcaster_id', body.requireText('broadcaster_id'));
  const sender = body.requireText('sender_id');
  call.requireActor('sender_id', sender, channel, SEND);
  call.requireUser('sender_id', sender);
  const text = body.requireText('message', { max: MESSAGE_MAX, status: 422 });
  const pin = body.readFlag('pin') ?? false;
  const replyTo = body.readText('reply_parent_message_id');
  const sourceOnly = body.readFlag('for_source_only');
  if (sourceOnly !== undefined && call.userId !== undefined)
    throw new HelixRefusal(400, 'for_source_only cannot be set with a user access token.');
  if (pin && (replyTo !== undefined || sourceOnly !== undefined))
    throw new HelixRefusal(400, 'A pinned message is neither a reply nor for the source only.');
  if (pin && call.userId !== undefined) call.requireScope('moderator:manage:chat_messages');
  if (replyTo !== undefined && !channel.messages.has(replyTo))
    throw new HelixRefusal(400, 'The ID in reply_parent_message_id is not valid.');
  if (world.findBan(channel, sender))
    throw new HelixRefusal(
      403,
      "The sender is not permitted to send chat messages to the broadcaster's chat room.",
    );
  const moderates = world.moderates(sender, channel);
  call.spend(moderates ? 'chat_moderator' : 'chat', `${sender}>${channel.broadcaster_id}`);
  if (channel.hold_next_message) {
    channel.hold_next_message = false;
    // The codes of drop reasons are unpublished, simulated after those of IRC.
    const drop_reason = {
      code: 'msg_rejected',
      message: 'Your message is being checked by mods and has not been sent.',
    };
    return { value: { data: [{ message_id: '', is_sent: false, drop_reason }] } };
  }
  const said = world.say(channel, {
    kind: 'message',
    sender_id: sender,
    text,
    ...(replyTo !== undefined && { reply_to: replyTo }),
  });
  if (pin) channel.pinned_message_id = said.id;
  return { value: { data: [{ message_id: said.id, is_sent: true }] } };
}

/**
 * Query `broadcaster_id, moderator_id`, body `{message, color?, for_source_only?}`; answers 204.
 * @see https://dev.twitch.tv/docs/api/reference/#send-chat-announcement
 */
function sendAnnouncement(call: HelixCall): HelixResult {
  const { body, world } = call;
  const channel = call.requireChannel('broadcaster_id', call.requireId('broadcaster_id'));
  const moderator = call.requireId('moderator_id');
  call.requireActor('moderator_id', moderator, channel, ANNOUNCE);
  // No 403 is published for this call, so a stranger gets 401.
  call.requireModerator(moderator, channel, 401);
  const text = body.requireText('message');
  const color = body.readText('color') ?? 'primary';
  if (!ANNOUNCEMENT_COLORS.has(color)) throw new HelixRefusal(400, `invalid color: ${color}`);
  if (body.has('for_source_only') && call.userId !== undefined)
    throw new HelixRefusal(400, 'for_source_only cannot be set with a user access token.');
  call.spend('announcement', channel.broadcaster_id);
  world.say(channel, {
    kind: 'announcement',
    sender_id: moderator,
    text: cutText(text, MESSAGE_MAX),
    color,
  });
  return { status: 204 };
}

/**
 * Query `from_user_id, to_user_id`, body `{message}`; answers 204, which promises no delivery.
 * @see https://dev.twitch.tv/docs/api/reference/#send-whisper
 */
function sendWhisper(call: HelixCall): HelixResult {
  const { world } = call;
  const from = call.requireId('from_user_id');
  const to = call.requireId('to_user_id');
  call.requireSelf('from_user_id', from);
  if (from === to) throw new HelixRefusal(400, 'A user cannot whisper themself');
  const text = call.body.requireText('message');
  if (!world.user(from).phone_verified)
    throw new HelixRefusal(401, 'the sender does not have a verified phone number');
  const recipient = call.requireUser('to_user_id', to, 404);
  const known = world.hasWhispered(to, from);
  if (!recipient.accepts_whispers && !known)
    throw new HelixRefusal(
      403,
      "The recipient's settings prevent this sender from whispering them",
    );
  call.spendRecipient(from, to);
  call.spend('whisper', from);
  world.whisper({
    from_user_id: from,
    to_user_id: to,
    text: cutText(text, known ? WHISPER_MAX : MESSAGE_MAX),
  });
  return { status: 204 };
}
