import type { FailureCode } from '../actions/failures.js';
import type { Outcome } from '../actions/outcome.js';
import {
  type EarlierRequest,
  exact,
  findTooLong,
  describeViolations,
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
      fields: plain('live_chat_id', 'message'),
      // YouTube refuses it with the status alone.
      tooLong: { message: 'YouTube API error: 400' },
      resultFields: ['message_id'],
      successMessage: 'Message sent successfully',
      topic: 'Chat',
    },
    {
      rpc: 'DeleteLiveChatMessage',
      route: ['POST', 'api/v1/chat/delete'],
      action: 'delete_live_chat_message',
      fields: plain('message_id'),
      successMessage: 'Message deleted successfully',
      topic: 'Chat',
    },
    {
      rpc: 'BanLiveChatUser',
      route: ['POST', 'api/v1/chat/ban'],
      action: 'ban_live_chat_user',
      fields: { ...PERSON, duration_seconds: positive },
      successMessage: 'User banned successfully',
      topic: 'Chat',
    },
    {
      rpc: 'UnbanLiveChatUser',
      route: ['POST', 'api/v1/chat/unban'],
      action: 'unban_live_chat_user',
      fields: PERSON,
      successMessage: 'User unbanned successfully',
      topic: 'Chat',
      failureMessages: { NOT_FOUND: 'User ban not found' },
    },
    {
      rpc: 'AddModerator',
      route: ['POST', 'api/v1/moderator/add'],
      action: 'add_moderator',
      fields: PERSON,
      successMessage: 'Moderator added successfully',
      topic: 'Chat',
    },
    {
      rpc: 'RemoveModerator',
      route: ['POST', 'api/v1/moderator/remove'],
      action: 'remove_moderator',
      fields: PERSON,
      successMessage: 'Moderator removed successfully',
      topic: 'Chat',
      failureMessages: { NOT_FOUND: 'Moderator not found' },
    },
    {
      rpc: 'UpdateVideoTitle',
      route: ['PUT', 'api/v1/video/title'],
      action: 'update_video_title',
      fields: plain('video_id', 'title'),
      successMessage: 'Video title updated successfully',
      topic: 'Video',
      failureMessages: { NOT_FOUND: 'Video not found' },
    },
    {
      rpc: 'UpdateVideoDescription',
      route: ['PUT', 'api/v1/video/description'],
      action: 'update_video_description',
      fields: { ...plain('video_id'), description: exact },
      successMessage: 'Video description updated',
      topic: 'Video',
      failureMessages: { NOT_FOUND: 'Video not found' },
    },
    {
      rpc: 'AddToPlaylist',
      route: ['POST', 'api/v1/playlist/add'],
      action: 'add_to_playlist',
      fields: plain('playlist_id', 'video_id'),
      successMessage: 'Video added to playlist',
      topic: 'Playlist',
    },
    {
      rpc: 'RemoveFromPlaylist',
      route: ['POST', 'api/v1/playlist/remove'],
      action: 'remove_from_playlist',
      fields: plain('playlist_item_id'),
      successMessage: 'Video removed from playlist',
      topic: 'Playlist',
    },
    {
      rpc: 'CreatePlaylist',
      route: ['POST', 'api/v1/playlist/create'],
      action: 'create_playlist',
      fields: { ...plain('title', 'privacy'), description: exact },
      resultFields: ['playlist_id'],
      successMessage: 'Playlist created successfully',
      topic: 'Playlist',
    },
    {
      rpc: 'UpdateBroadcastStatus',
      route: ['PUT', 'api/v1/broadcast/status'],
      action: 'update_broadcast_status',
      fields: plain('broadcast_id', 'status'),
      successMessage: 'Broadcast status updated to <status>',
      topic: 'Broadcast',
    },
    {
      rpc: 'InsertCuepoint',
      route: ['POST', 'api/v1/broadcast/cuepoint'],
      action: 'insert_cuepoint',
      fields: { ...plain('broadcast_id'), duration_seconds: positive },
      successMessage: 'Ad break inserted successfully',
      topic: 'Broadcast',
    },
    {
      rpc: 'PostComment',
      route: ['POST', 'api/v1/comment/post'],
      action: 'post_comment',
      fields: plain('video_id', 'text'),
      successMessage: 'Comment posted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'ReplyToComment',
      route: ['POST', 'api/v1/comment/reply'],
      action: 'reply_to_comment',
      fields: plain('parent_id', 'text'),
      successMessage: 'Reply posted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'DeleteComment',
      route: ['DELETE', 'api/v1/comment/delete'],
      action: 'delete_comment',
      fields: plain('comment_id'),
      successMessage: 'Comment deleted successfully',
      topic: 'Comment',
    },
    {
      rpc: 'SetCommentModeration',
      route: ['PUT', 'api/v1/comment/moderate'],
      action: 'set_comment_moderation',
      fields: plain('comment_id', 'status'),
      successMessage: 'Comment moderation set to <status>',
      topic: 'Comment',
    },
  ],
  credentialErrors: {
    missing: () => 'Missing or invalid token',
    expired: () => 'Token expired',
    invalid: () => 'Invalid token',
  },
  answer(outcome, asked, operation) {
    if (!outcome.success) return { success: false, message: explain(outcome, asked, operation) };
    const { successMessage = '', resultFields = [] } = operation;
    const members = resultFields.map((name) => [name, outcome.result_data[name] ?? '']);
    const message = successMessage.replace('<status>', () => String(asked['status']));
    return { success: true, message, ...(Object.fromEntries(members) as Record<string, unknown>) };
  },
  status: () => 200,
  refuse: (message) => ({ success: false, message }),
};

/** What YouTube itself would have answered where the gateway knew it beforehand. */
const STATUS_OF: Partial<Readonly<Record<FailureCode, number>>> = { QUOTA_EXHAUSTED: 403 };

function explain(outcome: Outcome, asked: EarlierRequest, operation: Operation): string {
  const { failureMessages = {}, action, topic } = operation;
  const { error, failure } = outcome;
  if (!failure) return error;
  const own = failureMessages[failure.code];
  if (own !== undefined) return own;
  if (failure.code === 'ACTION_DISABLED') return `${topic} actions disabled`;
  if (failure.code === 'ACCOUNT_NOT_CONNECTED')
    return `No OAuth credentials for channel: ${String(asked['channel_id'])}`;
  const status = failure.platform_status ?? STATUS_OF[failure.code];
  if (status !== undefined) return `YouTube API error: ${status}`;
  if (failure.code !== 'INVALID_INPUT') return error;
  const tooLong = findTooLong(outcome, operation);
  if (tooLong !== undefined) return tooLong;
  const { status: asStatus } = asked;
  const isStatus = failure.violations?.some(({ field }) => field === 'parameters.status');
  if (isStatus && action === 'update_broadcast_status' && typeof asStatus === 'string' && asStatus)
    return `Invalid status: ${asStatus}`;
  return describeViolations(outcome, 'channel_id');
}
