import { Flag, Id, Integer } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class UpdatePin {
  @Id('Id of the message', { example: '5a6d0000-0000-4000-8000-000000000003' })
  message_id!: string;

  @Integer('Seconds from now; left out, until the stream ends', {
    optional: true,
    min: 30,
    max: 1_800,
  })
  duration_seconds?: number;
}

class UpdatePinDone {
  @Flag('The pin has the new time')
  pin_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-pinned-chat-message */
export const updatePin = twitchAction({
  type: 'update_pin',
  group: 'chat',
  summary: 'Change how long a message stays pinned, from now on',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-pinned-chat-message',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:pins:${account.id}`,
  scopes: ['moderator:manage:chat_messages'],
  actsAs: 'actor',
  input: UpdatePin,
  output: UpdatePinDone,
  request: ({ message_id, duration_seconds }, { account, actor }) => ({
    method: 'PATCH',
    path: '/chat/pins',
    query: { broadcaster_id: account.id, moderator_id: actor.id, message_id, duration_seconds },
  }),
  yes: 'no body',
  response: () => ({ pin_updated: true }),
  example: {
    input: { message_id: '5a6d0000-0000-4000-8000-000000000003', duration_seconds: 600 },
    output: { pin_updated: true },
  },
});
