import { Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class UnpinMessage {
  @Id('Id of the message', { example: '5a6d0000-0000-4000-8000-000000000411' })
  message_id!: string;
}

class UnpinMessageDone {
  @Flag('The message is no longer pinned')
  message_unpinned!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#unpin-chat-message */
export const unpinMessage = twitchAction({
  type: 'unpin_message',
  group: 'chat',
  summary: 'Take a pinned message down',
  docs: 'https://dev.twitch.tv/docs/api/reference/#unpin-chat-message',
  effect: 'delete',
  order: ({ account }) => `twitch:pins:${account.id}`,
  scopes: ['moderator:manage:chat_messages'],
  actsAs: 'actor',
  input: UnpinMessage,
  output: UnpinMessageDone,
  request: ({ message_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/chat/pins',
    query: { broadcaster_id: account.id, moderator_id: actor.id, message_id },
  }),
  yes: 'no body',
  response: () => ({ message_unpinned: true }),
  example: {
    input: { message_id: '5a6d0000-0000-4000-8000-000000000411' },
    output: { message_unpinned: true },
    account: '1002',
  },
});
