import { Id } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class EndGuestStarSession {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;
}

class EndGuestStarSessionResult {
  @Id('Id of the session that ended')
  session_id!: string;
}

interface HelixEndGuestStarSession {
  readonly id: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#end-guest-star-session */
export const endGuestStarSession = twitchAction({
  type: 'end_guest_star_session',
  group: 'guest_star',
  summary: 'End a session with guests',
  docs: 'https://dev.twitch.tv/docs/api/reference/#end-guest-star-session',
  effect: 'delete',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: ['channel:manage:guest_star'],
  actsAs: 'account',
  input: EndGuestStarSession,
  output: EndGuestStarSessionResult,
  request: ({ session_id }, { account }) => ({
    method: 'DELETE',
    path: '/guest_star/session',
    query: { broadcaster_id: account.id, session_id },
  }),
  response: ({ data: [item] }: HelixOne<HelixEndGuestStarSession>) => ({ session_id: item.id }),
  example: {
    input: { session_id: 'demo-session-2' },
    output: { session_id: 'demo-session-2' },
    account: '1004',
  },
});
