import { Flag, Integer } from '../../../../actions/fields.js';
import { requireSubject } from '../../subject.js';
import { TwitchUser } from '../../names.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class GetChatSettings {
  @TwitchUser('Whose chat; left out for the account itself', { optional: true, example: '1001' })
  user_id?: string;
}

class GetChatSettingsResult {
  @Flag('Only emotes')
  emote_mode!: boolean;

  @Flag('Only followers')
  follower_mode!: boolean;

  @Integer('Minutes that a follower must have followed', { optional: true, min: 0 })
  follower_mode_duration?: number;

  @Flag('Everybody waits between two messages')
  slow_mode!: boolean;

  @Integer('Seconds of that wait', { optional: true, min: 0 })
  slow_mode_wait_time?: number;

  @Flag('Only subscribers')
  subscriber_mode!: boolean;

  @Flag('No message twice')
  unique_chat_mode!: boolean;
}

interface HelixGetChatSettings {
  readonly emote_mode: boolean;
  readonly follower_mode: boolean;
  readonly follower_mode_duration: number | null;
  readonly slow_mode: boolean;
  readonly slow_mode_wait_time: number | null;
  readonly subscriber_mode: boolean;
  readonly unique_chat_mode: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-chat-settings */
export const getChatSettings = twitchAction({
  type: 'get_chat_settings',
  group: 'chat',
  summary: 'Read who may write in a chat, and how often',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-chat-settings',
  effect: 'read',
  cacheSeconds: 5,
  check: requireSubject,
  scopes: [],
  actsAs: 'app',
  input: GetChatSettings,
  output: GetChatSettingsResult,
  request: ({ user_id }, { account }) => ({
    method: 'GET',
    path: '/chat/settings',
    query: { broadcaster_id: user_id ?? account.id },
  }),
  response: ({ data: [item] }: HelixOne<HelixGetChatSettings>) => ({
    emote_mode: item.emote_mode,
    follower_mode: item.follower_mode,
    follower_mode_duration: item.follower_mode_duration ?? undefined,
    slow_mode: item.slow_mode,
    slow_mode_wait_time: item.slow_mode_wait_time ?? undefined,
    subscriber_mode: item.subscriber_mode,
    unique_chat_mode: item.unique_chat_mode,
  }),
  example: {
    input: { user_id: '1001' },
    output: {
      emote_mode: false,
      follower_mode: false,
      slow_mode: false,
      subscriber_mode: false,
      unique_chat_mode: false,
    },
  },
});
