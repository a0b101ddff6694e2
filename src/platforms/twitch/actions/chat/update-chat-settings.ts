import { Flag, Integer } from '../../../../actions/fields.js';
import type { FieldViolation } from '../../../../actions/failures.js';
import { requireChange } from '../../../../actions/changes.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

/** Twitch refuses a duration whose mode is not switched on by the same request. */
function requireSwitch(
  settings: UpdateChatSettings,
  mode: keyof UpdateChatSettings,
  duration: keyof UpdateChatSettings,
): FieldViolation[] {
  return settings[duration] !== undefined && settings[mode] !== true
    ? [{ field: duration, message: `needs ${mode}: true` }]
    : [];
}

class UpdateChatSettings {
  @Flag('Only emotes', { optional: true })
  emote_mode?: boolean;

  @Flag('Only followers', { optional: true })
  follower_mode?: boolean;

  @Integer('Minutes that a follower must have followed, up to three months', {
    optional: true,
    min: 0,
    max: 129_600,
  })
  follower_mode_duration?: number;

  @Flag('Moderators see a message before everybody else', { optional: true })
  non_moderator_chat_delay?: boolean;

  @Integer('Seconds of that delay: 2, 4 or 6', { optional: true, min: 2, max: 6, step: 2 })
  non_moderator_chat_delay_duration?: number;

  @Flag('Everybody waits between two messages', { optional: true })
  slow_mode?: boolean;

  @Integer('Seconds of that wait', { optional: true, min: 3, max: 120 })
  slow_mode_wait_time?: number;

  @Flag('Only subscribers', { optional: true })
  subscriber_mode?: boolean;

  @Flag('No message twice', { optional: true })
  unique_chat_mode?: boolean;
}

class UpdateChatSettingsResult {
  @Flag('Only emotes')
  emote_mode!: boolean;

  @Flag('Only followers')
  follower_mode!: boolean;

  @Flag('Everybody waits between two messages')
  slow_mode!: boolean;

  @Flag('Only subscribers')
  subscriber_mode!: boolean;

  @Flag('No message twice')
  unique_chat_mode!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-chat-settings */
export const updateChatSettings = twitchAction({
  type: 'update_chat_settings',
  group: 'chat',
  summary: 'Change who may write in the chat, and how often',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-chat-settings',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:chat_settings:${account.id}`,
  check: (settings) => [
    ...requireChange(settings),
    ...requireSwitch(settings, 'follower_mode', 'follower_mode_duration'),
    ...requireSwitch(settings, 'slow_mode', 'slow_mode_wait_time'),
    ...requireSwitch(settings, 'non_moderator_chat_delay', 'non_moderator_chat_delay_duration'),
  ],
  scopes: ['moderator:manage:chat_settings'],
  actsAs: 'actor',
  input: UpdateChatSettings,
  output: UpdateChatSettingsResult,
  request: (settings, { account, actor }) => ({
    method: 'PATCH',
    path: '/chat/settings',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { ...settings },
  }),
  response: ({
    data: [{ emote_mode, follower_mode, slow_mode, subscriber_mode, unique_chat_mode }],
  }: HelixOne<UpdateChatSettingsResult>) => ({
    emote_mode,
    follower_mode,
    slow_mode,
    subscriber_mode,
    unique_chat_mode,
  }),
  example: {
    input: { slow_mode: true, slow_mode_wait_time: 10 },
    output: {
      emote_mode: false,
      follower_mode: false,
      slow_mode: true,
      subscriber_mode: false,
      unique_chat_mode: false,
    },
  },
});
