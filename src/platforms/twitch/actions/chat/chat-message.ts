import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Id, Text } from '../../../../actions/fields.js';
import { limitChat } from '../../limits.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class ChatMessage {
  @Text('What to say in the channel', {
    visible: true,
    max: 500,
    private: true,
    example: 'Hello, chat!',
  })
  message!: string;

  @Id('Id of the message being replied to', { optional: true })
  reply_parent_message_id?: string;

  @Flag('Pin the message for 20 minutes; if it cannot be pinned, it is not sent', {
    optional: true,
  })
  pin?: boolean;

  @Flag('In a shared chat, show it in this channel alone; sent with the token of the application', {
    optional: true,
  })
  for_source_only?: boolean;
}

class SentMessage {
  @Id('Id of the message, for replies and for deleting it')
  message_id!: string;

  @Flag('Always true: a message that Twitch held back is a failure')
  message_sent!: boolean;
}

interface HelixSentMessage {
  readonly message_id: string;
  readonly is_sent: boolean;
  readonly drop_reason?: { readonly code?: unknown; readonly message?: unknown } | null;
}

/** What chat takes for a command. `/me` is the one that is shown as it is meant. */
const COMMAND = /^\s*(?!\/me\s)[/.][a-z]/i;

/**
 * Twitch publishes no list of the codes. A message that waits for a moderator may still appear; one
 * that came too fast may be sent again later. `msg_rejected` is the code that chat has for a message
 * which moderators check.
 */
const HELD = /held|hold|pending|review|^msg_rejected$/i;
const TOO_FAST = /rate_?limit|slow_?mode|too_(fast|many)/i;
/** Where Twitch says no time: the window of the published chat limit. */
const PACE_MS = 30_000;

/** The failure for a message that Twitch took and did not send. */
function refuseDropped({ message_id, drop_reason }: HelixSentMessage): ActionFailure {
  const { code, message } = drop_reason ?? {};
  const platformCode = typeof code === 'string' && code !== '' ? code : undefined;
  const said =
    typeof message === 'string' && message !== ''
      ? message
      : 'Twitch did not send the message, without a reason';
  const details = { platformStatus: 200, platformCode };
  if (platformCode !== undefined && HELD.test(platformCode)) {
    const isNamed = typeof message_id === 'string' && message_id !== '';
    return new ActionFailure('OUTCOME_UNKNOWN', `${said} It may still appear in the chat.`, {
      ...details,
      ...(isNamed && { partialResult: { message_id } }),
    });
  }
  const dropped = { ...details, nothingHappened: true };
  if (platformCode !== undefined && TOO_FAST.test(platformCode))
    return new ActionFailure('RATE_LIMITED', said, { ...dropped, retryAfterMs: PACE_MS });
  return new ActionFailure('REFUSED', said, dropped);
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-chat-message */
export const chatMessage = twitchAction({
  type: 'chat_message',
  group: 'chat',
  summary: 'Send a message to the chat of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-chat-message',
  effect: 'create',
  order: ({ account }) => `twitch:chat:${account.id}`,
  scopes: ['user:write:chat'],
  moreScopes: ({ pin, for_source_only }) => [
    ...(pin ? (['moderator:manage:chat_messages'] as const) : []),
    ...(for_source_only === undefined ? [] : (['user:bot'] as const)),
  ],
  actsAs: 'actor',
  // Only a token of the application may say where in a shared chat a message is shown.
  actsAsApp: ({ for_source_only }) => for_source_only !== undefined,
  input: ChatMessage,
  output: SentMessage,
  check: ({ message, pin, reply_parent_message_id, for_source_only }) => [
    ...(COMMAND.test(message)
      ? [
          {
            field: 'message',
            message:
              'must not begin like a command: Twitch shows "/word" and ".word" without their beginning or not at all; put another sign before it',
          },
        ]
      : []),
    ...(pin && (reply_parent_message_id !== undefined || for_source_only !== undefined)
      ? [
          {
            field: 'pin',
            message: 'must be left out of a reply, and of a message with for_source_only',
          },
        ]
      : []),
  ],
  limits: limitChat,
  request: ({ message, ...options }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/messages',
    body: { broadcaster_id: account.id, sender_id: actor.id, message, ...options },
  }),
  // Twitch answers 200 even when AutoMod holds the message: whether it was sent stands in the body.
  response: ({ data: [sent] }: HelixOne<HelixSentMessage>) => {
    if (sent.is_sent === false) throw refuseDropped(sent);
    return { message_id: sent.message_id, message_sent: sent.is_sent };
  },
  example: {
    input: { message: 'Hello, chat!' },
    output: { message_id: 'abc-123-def', message_sent: true },
  },
});
