/**
 * The permissions of a bot in a server that our actions need. Discord alone knows which it has, so
 * they are told to people and not checked before sending.
 * @see https://discord.com/developers/docs/topics/permissions
 */
export type DiscordPermission =
  | 'ADD_REACTIONS'
  | 'ATTACH_FILES'
  | 'BAN_MEMBERS'
  | 'EMBED_LINKS'
  | 'KICK_MEMBERS'
  | 'MANAGE_MESSAGES'
  | 'MANAGE_ROLES'
  | 'MANAGE_WEBHOOKS'
  | 'MODERATE_MEMBERS'
  | 'READ_MESSAGE_HISTORY'
  | 'SEND_MESSAGES';
