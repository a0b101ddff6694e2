import { Flag, Id, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteGuestStarSlot {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @TwitchUser('The guest', { example: '2007' })
  guest_id!: string;

  @Text('Number of the slot, from 1', {
    max: 2,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
    example: '4',
  })
  slot_id!: string;

  @Flag('Invite the guest again', { optional: true })
  should_reinvite_guest?: boolean;
}

class DeleteGuestStarSlotDone {
  @Flag('The slot is empty')
  slot_emptied!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-guest-star-slot */
export const deleteGuestStarSlot = twitchAction({
  type: 'delete_guest_star_slot',
  group: 'guest_star',
  summary: 'Take a guest out of a slot',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-guest-star-slot',
  effect: 'delete',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: DeleteGuestStarSlot,
  output: DeleteGuestStarSlotDone,
  request: ({ session_id, guest_id, slot_id, should_reinvite_guest }, { account, actor }) => ({
    method: 'DELETE',
    path: '/guest_star/slot',
    query: {
      broadcaster_id: account.id,
      moderator_id: actor.id,
      session_id,
      guest_id,
      slot_id,
      should_reinvite_guest:
        should_reinvite_guest === undefined ? undefined : String(should_reinvite_guest),
    },
  }),
  yes: 'no body',
  response: () => ({ slot_emptied: true }),
  example: {
    input: { session_id: 'demo-session', guest_id: '2007', slot_id: '4' },
    output: { slot_emptied: true },
  },
});
