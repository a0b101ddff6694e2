import { ActionFailure } from '../../../../actions/failures.js';
import { Flag, Id, Text } from '../../../../actions/fields.js';
import { limitChat } from '../../limits.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class ChatMessage {
  @Text('What to say in the channel', { max: 500, private: true, example: 'Hello, chat!' })
  message!: string;

  @Id('Id of the message being replied to', { optional: true })
  reply_parent_message_id?: string;
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
  readonly drop_reason?: { readonly code?: string; readonly message?: string } | null;
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
  actsAs: 'actor',
  input: ChatMessage,
  output: SentMessage,
  limits: limitChat,
  request: ({ message, reply_parent_message_id }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/messages',
    body: { broadcaster_id: account.id, sender_id: actor.id, message, reply_parent_message_id },
  }),
  // Twitch answers 200 even when AutoMod holds the message: whether it was sent stands in the body.
  response: ({ data: [sent] }: HelixOne<HelixSentMessage>) => {
    if (!sent.is_sent) {
      const { code, message } = sent.drop_reason ?? {};
      throw new ActionFailure(
        'REFUSED',
        message ?? 'Twitch did not send the message, without a reason',
        {
          platformStatus: 200,
          platformCode: code,
        },
      );
    }
    return { message_id: sent.message_id, message_sent: true };
  },
  example: {
    input: { message: 'Hello, chat!' },
    output: { message_id: 'abc-123-def', message_sent: true },
  },
});
