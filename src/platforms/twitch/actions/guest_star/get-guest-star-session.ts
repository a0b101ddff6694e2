import { Flag, Id, Parts, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class Guest {
  @Text('Number of the slot')
  slot_id!: string;

  @Id('Id of the guest')
  user_id!: string;

  @Text('Login of the guest')
  user_login!: string;

  @Flag('The guest is live')
  is_live!: boolean;
}

class GetGuestStarSession {}

class GetGuestStarSessionItem {
  @Id('Id of the session')
  id!: string;

  @Parts('The guests', Guest)
  guests!: Guest[];
}

interface HelixGetGuestStarSession {
  readonly id: string;
  readonly guests: readonly Guest[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-guest-star-session */
export const getGuestStarSession = twitchAction({
  type: 'get_guest_star_session',
  group: 'guest_star',
  summary: 'Read the session with guests',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-guest-star-session',
  effect: 'read',
  cacheSeconds: 3,
  scopes: [
    [
      'channel:read:guest_star',
      'channel:manage:guest_star',
      'moderator:read:guest_star',
      'moderator:manage:guest_star',
    ],
  ],
  actsAs: 'actor',
  input: GetGuestStarSession,
  output: listOf(GetGuestStarSessionItem),
  request: (_input, { account, actor }) => ({
    method: 'GET',
    path: '/guest_star/session',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
  }),
  response: (answer) => ({
    items: readList<HelixGetGuestStarSession>(answer).map((item) => ({
      id: item.id,
      guests: item.guests.map(({ slot_id, user_id, user_login, is_live }) => ({
        slot_id,
        user_id,
        user_login,
        is_live,
      })),
    })),
  }),
  example: {
    input: {},
    output: {
      items: [
        {
          id: 'demo-session',
          guests: [{ slot_id: '2', user_id: '2005', user_login: 'viewer_five', is_live: false }],
        },
      ],
    },
  },
});
