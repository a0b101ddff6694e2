import type { Action } from '../../../actions/action.js';
import { clip } from './channel/clip.js';
import { getChannel } from './channel/get-channel.js';
import { marker } from './channel/marker.js';
import { updateGame } from './channel/update-game.js';
import { updateTitle } from './channel/update-title.js';
import { announcement } from './chat/announcement.js';
import { chatMessage } from './chat/chat-message.js';
import { whisper } from './chat/whisper.js';
import { findUsers } from './lookups/find-users.js';
import { searchCategories } from './lookups/search-categories.js';
import { ban } from './moderation/ban.js';
import { deleteMessage } from './moderation/delete-message.js';
import { modAdd } from './moderation/mod-add.js';
import { modRemove } from './moderation/mod-remove.js';
import { timeout } from './moderation/timeout.js';
import { unban } from './moderation/unban.js';
import { vipAdd } from './moderation/vip-add.js';
import { vipRemove } from './moderation/vip-remove.js';
import { pollCreate } from './polls/poll-create.js';
import { pollEnd } from './polls/poll-end.js';
import { predictionCreate } from './predictions/prediction-create.js';
import { predictionResolve } from './predictions/prediction-resolve.js';
import { raid } from './raids/raid.js';
import { startCommercial } from './ads/start-commercial.js';
import { snoozeAd } from './ads/snooze-ad.js';
import { updateChannel } from './channel/update-channel.js';
import { createReward } from './rewards/create-reward.js';
import { updateReward } from './rewards/update-reward.js';
import { deleteReward } from './rewards/delete-reward.js';
import { updateRedemption } from './rewards/update-redemption.js';
import { updateChatSettings } from './chat/update-chat-settings.js';
import { shoutout } from './chat/shoutout.js';
import { setChatColor } from './chat/set-chat-color.js';
import { pinMessage } from './chat/pin-message.js';
import { updatePin } from './chat/update-pin.js';
import { unpinMessage } from './chat/unpin-message.js';
import { clipFromVod } from './channel/clip-from-vod.js';
import { createConduit } from './eventsub/create-conduit.js';
import { updateConduit } from './eventsub/update-conduit.js';
import { deleteConduit } from './eventsub/delete-conduit.js';
import { updateConduitShards } from './eventsub/update-conduit-shards.js';
import { eventsubSubscribe } from './eventsub/eventsub-subscribe.js';
import { eventsubUnsubscribe } from './eventsub/eventsub-unsubscribe.js';
import { updateDrops } from './extensions/update-drops.js';
import { updateBitsProduct } from './extensions/update-bits-product.js';
import { updateGuestStarSettings } from './guest_star/update-guest-star-settings.js';
import { createGuestStarSession } from './guest_star/create-guest-star-session.js';
import { endGuestStarSession } from './guest_star/end-guest-star-session.js';
import { sendGuestStarInvite } from './guest_star/send-guest-star-invite.js';
import { deleteGuestStarInvite } from './guest_star/delete-guest-star-invite.js';
import { assignGuestStarSlot } from './guest_star/assign-guest-star-slot.js';
import { updateGuestStarSlot } from './guest_star/update-guest-star-slot.js';
import { deleteGuestStarSlot } from './guest_star/delete-guest-star-slot.js';
import { updateGuestStarSlotSettings } from './guest_star/update-guest-star-slot-settings.js';
import { clearChat } from './moderation/clear-chat.js';
import { automodMessage } from './moderation/automod-message.js';
import { updateAutomodSettings } from './moderation/update-automod-settings.js';
import { checkAutomod } from './moderation/check-automod.js';
import { resolveUnbanRequest } from './moderation/resolve-unban-request.js';
import { addBlockedTerm } from './moderation/add-blocked-term.js';
import { removeBlockedTerm } from './moderation/remove-blocked-term.js';
import { shieldMode } from './moderation/shield-mode.js';
import { warnUser } from './moderation/warn-user.js';
import { setSuspiciousUser } from './moderation/set-suspicious-user.js';
import { removeSuspiciousUser } from './moderation/remove-suspicious-user.js';
import { raidCancel } from './raids/raid-cancel.js';
import { setVacation } from './schedule/set-vacation.js';
import { createScheduleSegment } from './schedule/create-schedule-segment.js';
import { updateScheduleSegment } from './schedule/update-schedule-segment.js';
import { deleteScheduleSegment } from './schedule/delete-schedule-segment.js';
import { updateUser } from './users/update-user.js';
import { blockUser } from './users/block-user.js';
import { unblockUser } from './users/unblock-user.js';
import { updateUserExtensions } from './users/update-user-extensions.js';
import { deleteVideos } from './channel/delete-videos.js';
import { listRewards } from './rewards/list-rewards.js';
import { getStream } from './lookups/get-stream.js';
import { listStreams } from './lookups/list-streams.js';
import { searchChannels } from './lookups/search-channels.js';
import { listClips } from './lookups/list-clips.js';
import { listVideos } from './lookups/list-videos.js';
import { listMarkers } from './channel/list-markers.js';
import { listRedemptions } from './rewards/list-redemptions.js';
import { listChatters } from './chat/list-chatters.js';
import { getChatSettings } from './chat/get-chat-settings.js';
import { getPins } from './chat/get-pins.js';
import { getShieldMode } from './moderation/get-shield-mode.js';
import { listModerators } from './moderation/list-moderators.js';
import { listVips } from './moderation/list-vips.js';
import { listBans } from './moderation/list-bans.js';
import { listBlockedTerms } from './moderation/list-blocked-terms.js';
import { listUnbanRequests } from './moderation/list-unban-requests.js';
import { getAutomodSettings } from './moderation/get-automod-settings.js';
import { listPolls } from './polls/list-polls.js';
import { listPredictions } from './predictions/list-predictions.js';
import { getPoll } from './polls/get-poll.js';
import { getPrediction } from './predictions/get-prediction.js';
import { getAdSchedule } from './ads/get-ad-schedule.js';
import { listFollowers } from './audience/list-followers.js';
import { listSubscribers } from './audience/list-subscribers.js';
import { listBlocks } from './users/list-blocks.js';
import { getGoals } from './audience/get-goals.js';
import { getCharity } from './audience/get-charity.js';
import { getHypeTrain } from './audience/get-hype-train.js';
import { getSchedule } from './schedule/get-schedule.js';
import { listEventsub } from './eventsub/list-eventsub.js';
import { listConduits } from './eventsub/list-conduits.js';
import { getGuestStarSession } from './guest_star/get-guest-star-session.js';

/** Every action on Twitch; a new one is one file and one line here. */
export const twitchActions: readonly Action[] = [
  chatMessage,
  announcement,
  whisper,
  ban,
  timeout,
  unban,
  deleteMessage,
  modAdd,
  modRemove,
  vipAdd,
  vipRemove,
  updateTitle,
  updateGame,
  marker,
  clip,
  pollCreate,
  pollEnd,
  predictionCreate,
  predictionResolve,
  raid,
  findUsers,
  getChannel,
  searchCategories,
  startCommercial,
  snoozeAd,
  updateChannel,
  createReward,
  updateReward,
  deleteReward,
  updateRedemption,
  updateChatSettings,
  shoutout,
  setChatColor,
  pinMessage,
  updatePin,
  unpinMessage,
  clipFromVod,
  createConduit,
  updateConduit,
  deleteConduit,
  updateConduitShards,
  eventsubSubscribe,
  eventsubUnsubscribe,
  updateDrops,
  updateBitsProduct,
  updateGuestStarSettings,
  createGuestStarSession,
  endGuestStarSession,
  sendGuestStarInvite,
  deleteGuestStarInvite,
  assignGuestStarSlot,
  updateGuestStarSlot,
  deleteGuestStarSlot,
  updateGuestStarSlotSettings,
  clearChat,
  automodMessage,
  updateAutomodSettings,
  checkAutomod,
  resolveUnbanRequest,
  addBlockedTerm,
  removeBlockedTerm,
  shieldMode,
  warnUser,
  setSuspiciousUser,
  removeSuspiciousUser,
  raidCancel,
  setVacation,
  createScheduleSegment,
  updateScheduleSegment,
  deleteScheduleSegment,
  updateUser,
  blockUser,
  unblockUser,
  updateUserExtensions,
  deleteVideos,
  listRewards,
  getStream,
  listStreams,
  searchChannels,
  listClips,
  listVideos,
  listMarkers,
  listRedemptions,
  listChatters,
  getChatSettings,
  getPins,
  getShieldMode,
  listModerators,
  listVips,
  listBans,
  listBlockedTerms,
  listUnbanRequests,
  getAutomodSettings,
  listPolls,
  listPredictions,
  getPoll,
  getPrediction,
  getAdSchedule,
  listFollowers,
  listSubscribers,
  listBlocks,
  getGoals,
  getCharity,
  getHypeTrain,
  getSchedule,
  listEventsub,
  listConduits,
  getGuestStarSession,
];
