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
import { startLivePoll } from './chat/start-live-poll.js';
import { endLivePoll } from './chat/end-live-poll.js';
import { uploadCaption } from './video/upload-caption.js';
import { updateCaption } from './video/update-caption.js';
import { deleteCaption } from './video/delete-caption.js';
import { setThumbnail } from './video/set-thumbnail.js';
import { scheduleStream } from './broadcast/schedule-stream.js';
import { setBanner } from './account/set-banner.js';
import { setWatermark } from './account/set-watermark.js';
import { unsetWatermark } from './account/unset-watermark.js';
import { createPlaylistImage } from './playlist/create-playlist-image.js';
import { updatePlaylistImage } from './playlist/update-playlist-image.js';
import { deletePlaylistImage } from './playlist/delete-playlist-image.js';
import { createChannelSection } from './account/create-channel-section.js';
import { updateChannelSection } from './account/update-channel-section.js';
import { deleteChannelSection } from './account/delete-channel-section.js';
import { updateChannel } from './account/update-channel.js';
import { subscribe } from './account/subscribe.js';
import { unsubscribe } from './account/unsubscribe.js';
import { updateComment } from './comment/update-comment.js';
import { createBroadcast } from './broadcast/create-broadcast.js';
import { updateBroadcast } from './broadcast/update-broadcast.js';
import { deleteBroadcast } from './broadcast/delete-broadcast.js';
import { bindBroadcast } from './broadcast/bind-broadcast.js';
import { createStream } from './broadcast/create-stream.js';
import { updateStream } from './broadcast/update-stream.js';
import { deleteStream } from './broadcast/delete-stream.js';
import { updatePlaylist } from './playlist/update-playlist.js';
import { deletePlaylist } from './playlist/delete-playlist.js';
import { updatePlaylistItem } from './playlist/update-playlist-item.js';
import { updateVideo } from './video/update-video.js';
import { deleteVideo } from './video/delete-video.js';
import { rateVideo } from './video/rate-video.js';
import { reportVideo } from './video/report-video.js';

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
  startLivePoll,
  endLivePoll,
  uploadCaption,
  updateCaption,
  deleteCaption,
  setThumbnail,
  setBanner,
  setWatermark,
  unsetWatermark,
  createPlaylistImage,
  updatePlaylistImage,
  deletePlaylistImage,
  createChannelSection,
  updateChannelSection,
  deleteChannelSection,
  updateChannel,
  subscribe,
  unsubscribe,
  updateComment,
  createBroadcast,
  updateBroadcast,
  deleteBroadcast,
  bindBroadcast,
  createStream,
  updateStream,
  deleteStream,
  updatePlaylist,
  deletePlaylist,
  updatePlaylistItem,
  updateVideo,
  deleteVideo,
  rateVideo,
  reportVideo,
  scheduleStream,
];
