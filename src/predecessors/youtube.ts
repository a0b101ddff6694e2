import type { Outcome } from '../actions/outcome.js';
import {
  type Asked,
  exact,
  nameFaults,
  type Operation,
  plain,
  positive,
  type Predecessor,
} from './predecessor.js';

const PERSON = plain('live_chat_id', 'target_channel_id');

/** The earlier YouTube service. */
export const YOUTUBE: Predecessor = {
  name: 'youtube',
  module: 'youtube_action_module',
  ports: { rest: 8073, grpc: 50054 },
  grpc: { file: 'youtube_action.proto', package: 'youtube_action', service: 'YouTubeAction' },
  accountField: 'channel_id',
  operations: [
    {
      rpc: 'SendLiveChatMessage',
      route: ['POST', 'api/v1/chat/send'],
      action: 'send_live_chat_message',
      takes: plain('live_chat_id', 'message'),
      gives: ['message_id'],
      says: 'Message sent successfully',
      topic: 'Chat',
    },
    {
      rpc: 'DeleteLiveChatMessage',
      route: ['POST', 'api/v1/chat/delete'],
      action: 'delete_live_chat_message',
      takes: plain('message_id'),
      says: 'Message deleted successfully',
      topic: 'Chat',
    },
    {
      rpc: 'BanLiveChatUser',
      route: ['POST', 'api/v1/chat/ban'],
      action: 'ban_live_chat_user',
      takes: { ...PERSON, duration_seconds: positive },
      says: 'User banned successfully',
      topic: 'Chat',
    },
    {
      rpc: 'UnbanLiveChatUser',
      route: ['POST', 'api/v1/chat/unban'],
      action: 'unban_live_chat_user',
      takes: PERSON,
      says: 'User unbanned successfully',
      topic: 'Chat',
      regrets: { NOT_FOUND: 'User ban not found' },
    },
    {
      rpc: 'AddModerator',
      route: ['POST', 'api/v1/moderator/add'],
      action: 'add_moderator',
      takes: PERSON,
      says: 'Moderator added successfully',
      topic: 'Chat',
    },
    {
      rpc: 'RemoveModerator',
      route: ['POST', 'api/v1/moderator/remove'],
      action: 'remove_moderator',
      takes: PERSON,
      says: 'Moderator removed successfully',
      topic: 'Chat',
      regrets: { NOT_FOUND: 'Moderator not found' },
    },
    {
      rpc: 'UpdateVideoTitle',
      route: ['PUT', 'api/v1/video/title'],
      action: 'update_video_title',
      takes: plain('video_id', 'title'),
      says: 'Video title updated successfully',
      topic: 'Video',
      regrets: { NOT_FOUND: 'Video not found' },
    },
    {
      rpc: 'UpdateVideoDescription',
      route: ['PUT', 'api/v1/video/description'],
      action: 'update_video_description',
      takes: { ...plain('video_id'), description: exact },
      says: 'Video description updated',
      topic: 'Video',
      regrets: { NOT_FOUND: 'Video not found' },
    },
    {
      rpc: 'AddToPlaylist',
      route: ['POST', 'api/v1/playlist/add'],
      action: 'add_to_playlist',
      takes: plain('playlist_id', 'video_id'),
      says: 'Video added to playlist',
      topic: 'Playlist',
    },
    {
      rpc: 'RemoveFromPlaylist',
      route: ['POST', 'api/v1/playlist/remove'],
      action: 'remove_from_playlist',
      takes: plain('playlist_item_id'),
      says: 'Video removed from playlist',
      topic: 'Playlist',
    },
    {
      rpc: 'CreatePlaylist',
      route: ['POST', 'api/v1/playlist/create'],
      action: 'create_playlist',
      takes: { ...plain('title', 'privacy'), description: exact },
      gives: ['playlist_id'],
      says: 'Playlist created successfully',
      topic: 'Playlist',
    },
    {
      rpc: 'UpdateBroadcastStatus',
      route: ['PUT', 'api/v1/broadcast/status'],
      action: 'update_broadcast_status',
      takes: plain('broadcast_id', 'status'),
      says: 'Broadcast status updated to <status>',
      topic: 'Broadcast',
    },
    {
      rpc: 'InsertCuepoint',
      route: ['POST', 'api/v1/broadcast/cuepoint'],
      action: 'insert_cuepoint',
      takes: { ...plain('broadcast_id'), duration_seconds: positive },
      says: 'Ad break inserted successfully',
      topic: 'Broadcast',
    },
    {
      rpc: 'PostComment',
      route: ['POST', 'api/v1/comment/post'],
      action: 'post_comment',
      takes: plain('video_id', 'text'),
      says: 'Comment posted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'ReplyToComment',
      route: ['POST', 'api/v1/comment/reply'],
      action: 'reply_to_comment',
      takes: plain('parent_id', 'text'),
      says: 'Reply posted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'DeleteComment',
      route: ['DELETE', 'api/v1/comment/delete'],
      action: 'delete_comment',
      takes: plain('comment_id'),
      says: 'Comment deleted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'SetCommentModeration',
      route: ['PUT', 'api/v1/comment/moderate'],
      action: 'set_comment_moderation',
      takes: plain('comment_id', 'status'),
      says: 'Comment moderation set to <status>',
      topic: 'Comment',
    },
  ],
  rejects: {
    missing: () => 'Missing or invalid token',
    expired: () => 'Token expired',
    invalid: () => 'Invalid token',
  },
  answer(outcome, asked, operation) {
    if (!outcome.success) return { success: false, message: explain(outcome, asked, operation) };
    const { says = '', gives = [] } = operation;
    const members = gives.map((name) => [name, outcome.result_data[name] ?? '']);
    const message = says.replace('<status>', () => String(asked['status']));
    return { success: true, message, ...(Object.fromEntries(members) as Record<string, unknown>) };
  },
  status: () => 200,
  refuse: (message) => ({ success: false, message }),
};

function explain(outcome: Outcome, asked: Asked, operation: Operation): string {
  const { regrets = {}, action, topic } = operation;
  const { error, failure } = outcome;
  if (!failure) return error;
  const own = regrets[failure.code];
  if (own !== undefined) return own;
  if (failure.code === 'ACTION_DISABLED') return `${topic} actions disabled`;
  if (failure.code === 'ACCOUNT_NOT_CONNECTED')
    return `No OAuth credentials for channel: ${String(asked['channel_id'])}`;
  if (failure.platform_status !== undefined) return `YouTube API error: ${error}`;
  if (failure.code !== 'INVALID_INPUT') return error;
  const { status } = asked;
  const isStatus = failure.violations?.some(({ field }) => field === 'parameters.status');
  if (isStatus && action === 'update_broadcast_status' && typeof status === 'string' && status)
    return `Invalid status: ${status}`;
  return nameFaults(outcome, 'channel_id');
}
