import { Flag, Id, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class AssignGuestStarSlot {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @TwitchUser('The guest', { example: '2005' })
  guest_id!: string;

  @Text('Number of the slot, from 1', {
    max: 2,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
    example: '2',
  })
  slot_id!: string;
}

class AssignGuestStarSlotDone {
  @Flag('The guest has the slot')
  slot_assigned!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#assign-guest-star-slot */
export const assignGuestStarSlot = twitchAction({
  type: 'assign_guest_star_slot',
  group: 'guest_star',
  summary: 'Give an invited guest a slot',
  docs: 'https://dev.twitch.tv/docs/api/reference/#assign-guest-star-slot',
  effect: 'update',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: AssignGuestStarSlot,
  output: AssignGuestStarSlotDone,
  request: ({ session_id, guest_id, slot_id }, { account, actor }) => ({
    method: 'POST',
    path: '/guest_star/slot',
    query: { broadcaster_id: account.id, moderator_id: actor.id, session_id, guest_id, slot_id },
  }),
  yes: 'no body',
  response: () => ({ slot_assigned: true }),
  example: {
    input: { session_id: 'demo-session', guest_id: '2005', slot_id: '2' },
    output: { slot_assigned: true },
  },
});
