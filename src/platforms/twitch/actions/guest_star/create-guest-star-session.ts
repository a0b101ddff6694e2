import { Id } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class CreateGuestStarSession {}

class CreateGuestStarSessionResult {
  @Id('Id of the session')
  session_id!: string;
}

interface HelixCreateGuestStarSession {
  readonly id: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-guest-star-session */
export const createGuestStarSession = twitchAction({
  type: 'create_guest_star_session',
  group: 'guest_star',
  summary: 'Start a session with guests',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-guest-star-session',
  effect: 'create',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: ['channel:manage:guest_star'],
  actsAs: 'account',
  input: CreateGuestStarSession,
  output: CreateGuestStarSessionResult,
  request: (_input, { account }) => ({
    method: 'POST',
    path: '/guest_star/session',
    query: { broadcaster_id: account.id },
  }),
  response: ({ data: [item] }: HelixOne<HelixCreateGuestStarSession>) => ({ session_id: item.id }),
  example: { input: {}, output: { session_id: 'demo-session' }, account: '1003' },
});
