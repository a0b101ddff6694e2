import { Id, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class GetPins {}

class GetPinsItem {
  @Id('Id of the message')
  id!: string;

  @Id('Id of who wrote it')
  sender_id!: string;

  @Id('Id of who pinned it')
  pinned_by_id!: string;

  @Text('What it says', { min: 0, private: true })
  text!: string;

  @Text('When it was pinned')
  starts_at!: string;

  @Text('When it is taken down; missing for the end of the stream', { optional: true })
  ends_at?: string;
}

interface HelixGetPins {
  readonly message_id: string;
  readonly sender_user_id: string;
  readonly pinned_by_user_id: string;
  readonly message: { readonly text: string };
  readonly starts_at: string;
  readonly ends_at: string | null;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-pinned-chat-message */
export const getPins = twitchAction({
  type: 'get_pins',
  group: 'chat',
  summary: 'Read the pinned message of a chat',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-pinned-chat-message',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [['moderator:read:chat_messages', 'moderator:manage:chat_messages']],
  actsAs: 'actor',
  input: GetPins,
  output: listOf(GetPinsItem),
  request: (_input, { account, actor }) => ({
    method: 'GET',
    path: '/chat/pins',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
  }),
  response: (answer) => ({
    items: readList<HelixGetPins>(answer).map((item) => ({
      id: item.message_id,
      sender_id: item.sender_user_id,
      pinned_by_id: item.pinned_by_user_id,
      text: item.message.text,
      starts_at: item.starts_at,
      ends_at: item.ends_at ?? undefined,
    })),
  }),
  example: {
    input: {},
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000103',
          sender_id: '2001',
          pinned_by_id: '1001',
          text: 'Hello!',
          starts_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
