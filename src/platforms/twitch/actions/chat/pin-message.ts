import { Flag, Id, Integer } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class PinMessage {
  @Id('Id of the message', { example: '5a6d0000-0000-4000-8000-000000000101' })
  message_id!: string;

  @Integer('Seconds from now; left out, until the stream ends', {
    optional: true,
    min: 30,
    max: 1_800,
  })
  duration_seconds?: number;
}

class PinMessageDone {
  @Flag('The message is pinned')
  message_pinned!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#pin-chat-message */
export const pinMessage = twitchAction({
  type: 'pin_message',
  group: 'chat',
  summary: 'Pin a message of the chat; it takes the place of an earlier one',
  docs: 'https://dev.twitch.tv/docs/api/reference/#pin-chat-message',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:pins:${account.id}`,
  scopes: ['moderator:manage:chat_messages'],
  actsAs: 'actor',
  input: PinMessage,
  output: PinMessageDone,
  request: ({ message_id, duration_seconds }, { account, actor }) => ({
    method: 'PUT',
    path: '/chat/pins',
    query: { broadcaster_id: account.id, moderator_id: actor.id, message_id, duration_seconds },
  }),
  yes: 'no body',
  response: () => ({ message_pinned: true }),
  example: {
    input: { message_id: '5a6d0000-0000-4000-8000-000000000101', duration_seconds: 600 },
    output: { message_pinned: true },
    account: '1003',
  },
});
