import type { Action } from '../../../actions/action.js';
import { refreshToken } from './account/refresh-token.js';
import { validateCredentials } from './account/validate-credentials.js';
import { insertCuepoint } from './broadcast/insert-cuepoint.js';
import { updateBroadcastStatus } from './broadcast/update-broadcast-status.js';
import { addModerator } from './chat/add-moderator.js';
import { banLiveChatUser } from './chat/ban-live-chat-user.js';
import { deleteLiveChatMessage } from './chat/delete-live-chat-message.js';
import { removeModerator } from './chat/remove-moderator.js';
import { sendLiveChatMessage } from './chat/send-live-chat-message.js';
import { unbanLiveChatUser } from './chat/unban-live-chat-user.js';
import { deleteComment } from './comment/delete-comment.js';
import { postComment } from './comment/post-comment.js';
import { replyToComment } from './comment/reply-to-comment.js';
import { setCommentModeration } from './comment/set-comment-moderation.js';
import { communityPost } from './community/community-post.js';
import { addToPlaylist } from './playlist/add-to-playlist.js';
import { createPlaylist } from './playlist/create-playlist.js';
import { removeFromPlaylist } from './playlist/remove-from-playlist.js';
import { postShort } from './video/post-short.js';
import { updateVideoDescription } from './video/update-video-description.js';
import { updateVideoTitle } from './video/update-video-title.js';
import { uploadVideo } from './video/upload-video.js';

/** Every action on YouTube; a new one is one file and one line here. */
export const youtubeActions: readonly Action[] = [
  sendLiveChatMessage,
  deleteLiveChatMessage,
  banLiveChatUser,
  unbanLiveChatUser,
  addModerator,
  removeModerator,
  uploadVideo,
  postShort,
  updateVideoTitle,
  updateVideoDescription,
  createPlaylist,
  addToPlaylist,
  removeFromPlaylist,
  updateBroadcastStatus,
  insertCuepoint,
  postComment,
  replyToComment,
  deleteComment,
  setCommentModeration,
  validateCredentials,
  refreshToken,
  communityPost,
];
