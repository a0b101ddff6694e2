import type { Action } from '../../../actions/action.js';
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
import { listBroadcasts } from './broadcast/list-broadcasts.js';
import { listStreams } from './broadcast/list-streams.js';
import { listModerators } from './chat/list-moderators.js';
import { listPlaylists } from './playlist/list-playlists.js';
import { listPlaylistItems } from './playlist/list-playlist-items.js';
import { listCommentThreads } from './comment/list-comment-threads.js';
import { listComments } from './comment/list-comments.js';
import { listSubscriptions } from './account/list-subscriptions.js';
import { search } from './account/search.js';
import { listLiveChatMessages } from './chat/list-live-chat-messages.js';
import { listCategories } from './video/list-categories.js';
import { listCaptions } from './video/list-captions.js';
import { listMembershipLevels } from './account/list-membership-levels.js';
import { getChannel } from './account/get-channel.js';
import { getVideo } from './video/get-video.js';
import { listVideos } from './video/list-videos.js';

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
  communityPost,
  listBroadcasts,
  listStreams,
  listModerators,
  listPlaylists,
  listPlaylistItems,
  listCommentThreads,
  listComments,
  listSubscriptions,
  search,
  listLiveChatMessages,
  listCategories,
  listCaptions,
  listMembershipLevels,
  getChannel,
  getVideo,
  listVideos,
];
