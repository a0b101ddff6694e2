import { Choice, Flag, Integer } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateGuestStarSettings {
  @Flag('Moderators may put guests live', { optional: true })
  is_moderator_send_live_enabled?: boolean;

  @Integer('Slots for guests', { optional: true, min: 1, max: 6 })
  slot_count?: number;

  @Flag('Browser sources have sound', { optional: true })
  is_browser_source_audio_enabled?: boolean;

  @Choice(
    'How guests are laid out',
    ['TILED_LAYOUT', 'SCREENSHARE_LAYOUT', 'HORIZONTAL_LAYOUT', 'VERTICAL_LAYOUT'],
    { optional: true },
  )
  group_layout?: string;

  @Flag('Make new addresses of the browser sources; the old ones end', { optional: true })
  regenerate_browser_sources?: boolean;
}

class UpdateGuestStarSettingsDone {
  @Flag('The settings are changed')
  settings_updated!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-channel-guest-star-settings */
export const updateGuestStarSettings = twitchAction({
  type: 'update_guest_star_settings',
  group: 'guest_star',
  summary: 'Change the settings of Guest Star',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-channel-guest-star-settings',
  effect: 'update',
  order: ({ account }) => `twitch:guest_star:${account.id}`,
  check: (settings) => requireChange(settings),
  scopes: ['channel:manage:guest_star'],
  actsAs: 'account',
  input: UpdateGuestStarSettings,
  output: UpdateGuestStarSettingsDone,
  request: (settings, { account }) => ({
    method: 'PUT',
    path: '/guest_star/channel_settings',
    query: { broadcaster_id: account.id },
    body: { ...settings },
  }),
  yes: 'no body',
  response: () => ({ settings_updated: true }),
  example: { input: { slot_count: 4 }, output: { settings_updated: true } },
});
