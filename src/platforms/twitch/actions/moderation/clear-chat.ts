import { Flag } from '../../../../actions/fields.js';
import { queueOfModeration, twitchAction } from '../../twitch-action.js';

class ClearChat {}

class ClearChatDone {
  @Flag('The chat is empty')
  chat_cleared!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-chat-messages */
export const clearChat = twitchAction({
  type: 'clear_chat',
  group: 'moderation',
  summary: 'Delete all messages of the chat',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-chat-messages',
  effect: 'delete',
  repeatable: true,
  order: ({ account }) => `twitch:chat_clear:${account.id}`,
  queue: queueOfModeration,
  scopes: ['moderator:manage:chat_messages'],
  actsAs: 'actor',
  input: ClearChat,
  output: ClearChatDone,
  request: (_input, { account, actor }) => ({
    method: 'DELETE',
    path: '/moderation/chat',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
  }),
  yes: 'no body',
  response: () => ({ chat_cleared: true }),
  example: { input: {}, output: { chat_cleared: true }, account: '1004' },
});
