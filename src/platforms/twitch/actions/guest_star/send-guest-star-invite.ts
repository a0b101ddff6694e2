import { Flag, Id } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class SendGuestStarInvite {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @TwitchUser('The guest', { example: '2004' })
  guest_id!: string;
}

class SendGuestStarInviteDone {
  @Flag('The guest is invited')
  invite_sent!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-guest-star-invite */
export const sendGuestStarInvite = twitchAction({
  type: 'send_guest_star_invite',
  group: 'guest_star',
  summary: 'Invite a guest',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-guest-star-invite',
  effect: 'create',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: SendGuestStarInvite,
  output: SendGuestStarInviteDone,
  request: ({ session_id, guest_id }, { account, actor }) => ({
    method: 'POST',
    path: '/guest_star/invites',
    query: { broadcaster_id: account.id, moderator_id: actor.id, session_id, guest_id },
  }),
  yes: 'no body',
  response: () => ({ invite_sent: true }),
  example: {
    input: { session_id: 'demo-session', guest_id: '2004' },
    output: { invite_sent: true },
  },
});
