import { Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteMessage {
  // Twitch clears the whole chat when the id is missing, so it is never optional here.
  @Id('Id of the message to delete, at most six hours old', { example: 'abc-123-def' })
  message_id!: string;
}

class DeletedMessage {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-chat-messages */
export const deleteMessage = twitchAction({
  type: 'delete_message',
  group: 'moderation',
  summary: 'Delete one message from the chat of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-chat-messages',
  effect: 'delete',
  scopes: ['moderator:manage:chat_messages'],
  actsAs: 'actor',
  input: DeleteMessage,
  output: DeletedMessage,
  request: ({ message_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/moderation/chat',
    query: { broadcaster_id: account.id, moderator_id: actor.id, message_id },
  }),
  yes: 'no body',
  response: () => ({ message_deleted: true }),
  example: {
    input: { message_id: '5a6d0000-0000-4000-8000-000000000005' },
    output: { message_deleted: true },
  },
});
