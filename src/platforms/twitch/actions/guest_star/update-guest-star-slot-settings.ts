import { Flag, Id, Integer, Text } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateGuestStarSlotSettings {
  @Id('Id of the session', { example: 'demo-session' })
  session_id!: string;

  @Text('Number of the slot, from 1', {
    max: 2,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
    example: '5',
  })
  slot_id!: string;

  @Flag('The guest can be heard', { optional: true })
  is_audio_enabled?: boolean;

  @Flag('The guest can be seen', { optional: true })
  is_video_enabled?: boolean;

  @Flag('The guest is live', { optional: true })
  is_live?: boolean;

  @Integer('Loudness in percent', { optional: true, min: 0, max: 100 })
  volume?: number;
}

class UpdateGuestStarSlotSettingsDone {
  @Flag('The slot has the settings')
  slot_settings_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-guest-star-slot-settings */
export const updateGuestStarSlotSettings = twitchAction({
  type: 'update_guest_star_slot_settings',
  group: 'guest_star',
  summary: 'Change sound, picture and visibility of a slot',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-guest-star-slot-settings',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  check: ({ session_id: _session, slot_id: _slot, ...settings }) => requireChange(settings),
  scopes: [['channel:manage:guest_star', 'moderator:manage:guest_star']],
  actsAs: 'actor',
  input: UpdateGuestStarSlotSettings,
  output: UpdateGuestStarSlotSettingsDone,
  request: ({ session_id, slot_id, ...settings }, { account, actor }) => ({
    method: 'PATCH',
    path: '/guest_star/slot_settings',
    query: { broadcaster_id: account.id, moderator_id: actor.id, session_id, slot_id, ...settings },
  }),
  yes: 'no body',
  response: () => ({ slot_settings_updated: true }),
  example: {
    input: { session_id: 'demo-session', slot_id: '5', is_live: true },
    output: { slot_settings_updated: true },
  },
});
