import { Flag, Id, Text } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateGuestStarSlot {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @Text('Number of the slot, from 1', {
    max: 2,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
    example: '1',
  })
  source_slot_id!: string;

  @Text('The slot to move to; two guests change places', {
    max: 2,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
    example: '3',
  })
  destination_slot_id!: string;
}

class UpdateGuestStarSlotDone {
  @Flag('The guest is in the other slot')
  slot_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-guest-star-slot */
export const updateGuestStarSlot = twitchAction({
  type: 'update_guest_star_slot',
  group: 'guest_star',
  summary: 'Move a guest to another slot',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-guest-star-slot',
  effect: 'update',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: UpdateGuestStarSlot,
  output: UpdateGuestStarSlotDone,
  request: ({ session_id, source_slot_id, destination_slot_id }, { account, actor }) => ({
    method: 'PATCH',
    path: '/guest_star/slot',
    query: {
      broadcaster_id: account.id,
      moderator_id: actor.id,
      session_id,
      source_slot_id,
      destination_slot_id,
    },
  }),
  yes: 'no body',
  response: () => ({ slot_updated: true }),
  example: {
    input: { session_id: 'demo-session', source_slot_id: '1', destination_slot_id: '3' },
    output: { slot_updated: true },
  },
});
