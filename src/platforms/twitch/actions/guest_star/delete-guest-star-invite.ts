import { Flag, Id } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteGuestStarInvite {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @TwitchUser('The guest', { example: '2008' })
  guest_id!: string;
}

class DeleteGuestStarInviteDone {
  @Flag('The guest is no longer invited')
  invite_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-guest-star-invite */
export const deleteGuestStarInvite = twitchAction({
  type: 'delete_guest_star_invite',
  group: 'guest_star',
  summary: 'Take an invitation of a guest back',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-guest-star-invite',
  effect: 'delete',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: DeleteGuestStarInvite,
  output: DeleteGuestStarInviteDone,
  request: ({ session_id, guest_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/guest_star/invites',
    query: { broadcaster_id: account.id, moderator_id: actor.id, session_id, guest_id },
  }),
  yes: 'no body',
  response: () => ({ invite_deleted: true }),
  example: {
    input: { session_id: 'demo-session', guest_id: '2008' },
    output: { invite_deleted: true },
  },
});
