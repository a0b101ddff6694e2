/**
 * The Twitch scopes that our actions use.
 * @see https://dev.twitch.tv/docs/authentication/scopes/
 */
export type TwitchScope =
  | 'channel:manage:broadcast'
  | 'channel:manage:moderators'
  | 'channel:manage:polls'
  | 'channel:manage:predictions'
  | 'channel:manage:raids'
  | 'channel:manage:vips'
  | 'clips:edit'
  | 'moderator:manage:announcements'
  | 'moderator:manage:banned_users'
  | 'moderator:manage:chat_messages'
  | 'moderator:manage:shoutouts'
  | 'user:manage:whispers'
  | 'user:write:chat';
