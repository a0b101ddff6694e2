import type { Action } from '../../../actions/action.js';
import { deleteMessage } from './messages/delete-message.js';
import { editMessage } from './messages/edit-message.js';
import { sendEmbed } from './messages/send-embed.js';
import { sendMessage } from './messages/send-message.js';
import { banUser } from './moderation/ban-user.js';
import { kickUser } from './moderation/kick-user.js';
import { timeoutUser } from './moderation/timeout-user.js';
import { addReaction } from './reactions/add-reaction.js';
import { addRole } from './roles/add-role.js';
import { manageRole } from './roles/manage-role.js';
import { removeRole } from './roles/remove-role.js';
import { createWebhook } from './webhooks/create-webhook.js';
import { sendWebhook } from './webhooks/send-webhook.js';
import { listGuilds } from './lookups/list-guilds.js';
import { getGuild } from './lookups/get-guild.js';
import { listChannels } from './lookups/list-channels.js';
import { getChannel } from './lookups/get-channel.js';
import { listRoles } from './lookups/list-roles.js';
import { findMembers } from './lookups/find-members.js';
import { listMembers } from './lookups/list-members.js';
import { getMember } from './lookups/get-member.js';
import { getUser } from './lookups/get-user.js';
import { listMessages } from './lookups/list-messages.js';
import { getMessage } from './lookups/get-message.js';
import { listPins } from './lookups/list-pins.js';
import { listReactions } from './lookups/list-reactions.js';
import { listBans } from './lookups/list-bans.js';
import { listWebhooks } from './lookups/list-webhooks.js';
import { listInvites } from './lookups/list-invites.js';
import { getInvite } from './lookups/get-invite.js';
import { listThreads } from './lookups/list-threads.js';
import { listEvents } from './lookups/list-events.js';
import { listEmojis } from './lookups/list-emojis.js';
import { listStickers } from './lookups/list-stickers.js';
import { listSounds } from './lookups/list-sounds.js';
import { listAutomodRules } from './lookups/list-automod-rules.js';
import { getAuditLog } from './lookups/get-audit-log.js';
import { listCommands } from './lookups/list-commands.js';
import { listGuildCommands } from './lookups/list-guild-commands.js';
import { getOnboarding } from './lookups/get-onboarding.js';
import { getWelcomeScreen } from './lookups/get-welcome-screen.js';
import { listTemplates } from './lookups/list-templates.js';
import { countPrune } from './lookups/count-prune.js';
import { pinMessage } from './messages/pin-message.js';
import { unpinMessage } from './messages/unpin-message.js';
import { crosspostMessage } from './messages/crosspost-message.js';
import { endPoll } from './messages/end-poll.js';
import { startTyping } from './messages/start-typing.js';
import { removeReaction } from './reactions/remove-reaction.js';
import { removeUserReaction } from './reactions/remove-user-reaction.js';
import { clearReaction } from './reactions/clear-reaction.js';
import { clearReactions } from './reactions/clear-reactions.js';
import { cloneChannel } from './channels/clone-channel.js';
import { createChannel } from './channels/create-channel.js';
import { updateChannel } from './channels/update-channel.js';
import { deleteChannel } from './channels/delete-channel.js';
import { moveChannels } from './channels/move-channels.js';
import { setChannelPermission } from './channels/set-channel-permission.js';
import { removeChannelPermission } from './channels/remove-channel-permission.js';
import { followChannel } from './channels/follow-channel.js';
import { setVoiceStatus } from './channels/set-voice-status.js';
import { createInvite } from './channels/create-invite.js';
import { revokeInvite } from './channels/revoke-invite.js';
import { createThreadFromMessage } from './threads/create-thread-from-message.js';
import { joinThread } from './threads/join-thread.js';
import { leaveThread } from './threads/leave-thread.js';
import { addThreadMember } from './threads/add-thread-member.js';
import { removeThreadMember } from './threads/remove-thread-member.js';
import { unbanUser } from './moderation/unban-user.js';
import { updateMember } from './moderation/update-member.js';
import { pruneMembers } from './moderation/prune-members.js';
import { lockServer } from './moderation/lock-server.js';
import { lockdown } from './moderation/lockdown.js';
import { unlock } from './moderation/unlock.js';
import { createRole } from './roles/create-role.js';
import { updateRole } from './roles/update-role.js';
import { deleteRole } from './roles/delete-role.js';
import { moveRoles } from './roles/move-roles.js';
import { updateWebhook } from './webhooks/update-webhook.js';
import { deleteWebhook } from './webhooks/delete-webhook.js';
import { updateWebhookByToken } from './webhooks/update-webhook-by-token.js';
import { deleteWebhookByToken } from './webhooks/delete-webhook-by-token.js';
import { deleteWebhookMessage } from './webhooks/delete-webhook-message.js';
import { sendSlackWebhook } from './webhooks/send-slack-webhook.js';
import { sendGithubWebhook } from './webhooks/send-github-webhook.js';
import { updateServer } from './server/update-server.js';
import { setOnboarding } from './server/set-onboarding.js';
import { setWelcomeScreen } from './server/set-welcome-screen.js';
import { setWidget } from './server/set-widget.js';
import { deleteIntegration } from './server/delete-integration.js';
import { leaveServer } from './server/leave-server.js';
import { updateOwnMember } from './server/update-own-member.js';
import { addMember } from './server/add-member.js';
import { createTemplate } from './server/create-template.js';
import { updateTemplate } from './server/update-template.js';
import { syncTemplate } from './server/sync-template.js';
import { deleteTemplate } from './server/delete-template.js';
import { createEvent } from './events/create-event.js';
import { updateEvent } from './events/update-event.js';
import { deleteEvent } from './events/delete-event.js';
import { createAutomodRule } from './automod/create-automod-rule.js';
import { updateAutomodRule } from './automod/update-automod-rule.js';
import { deleteAutomodRule } from './automod/delete-automod-rule.js';
import { createEmoji } from './expressions/create-emoji.js';
import { updateEmoji } from './expressions/update-emoji.js';
import { deleteEmoji } from './expressions/delete-emoji.js';
import { updateSticker } from './expressions/update-sticker.js';
import { deleteSticker } from './expressions/delete-sticker.js';
import { createSound } from './expressions/create-sound.js';
import { updateSound } from './expressions/update-sound.js';
import { deleteSound } from './expressions/delete-sound.js';
import { playSound } from './expressions/play-sound.js';
import { createStage } from './voice/create-stage.js';
import { updateStage } from './voice/update-stage.js';
import { deleteStage } from './voice/delete-stage.js';
import { updateVoiceState } from './voice/update-voice-state.js';
import { updateOwnVoiceState } from './voice/update-own-voice-state.js';
import { createCommand } from './application/create-command.js';
import { updateCommand } from './application/update-command.js';
import { deleteCommand } from './application/delete-command.js';
import { createGuildCommand } from './application/create-guild-command.js';
import { updateGuildCommand } from './application/update-guild-command.js';
import { deleteGuildCommand } from './application/delete-guild-command.js';
import { createAppEmoji } from './application/create-app-emoji.js';
import { updateAppEmoji } from './application/update-app-emoji.js';
import { deleteAppEmoji } from './application/delete-app-emoji.js';
import { createEntitlement } from './application/create-entitlement.js';
import { deleteEntitlement } from './application/delete-entitlement.js';
import { consumeEntitlement } from './application/consume-entitlement.js';
import { setRoleConnections } from './application/set-role-connections.js';
import { updateApplication } from './application/update-application.js';
import { updateBot } from './application/update-bot.js';
import { setCommands } from './application/set-commands.js';
import { setGuildCommands } from './application/set-guild-commands.js';
import { setInviteTargets } from './channels/set-invite-targets.js';
import { createSticker } from './expressions/create-sticker.js';
import { deferInteraction } from './interactions/defer-interaction.js';
import { deleteFollowUp } from './interactions/delete-follow-up.js';
import { deleteInteractionResponse } from './interactions/delete-interaction-response.js';
import { editFollowUp } from './interactions/edit-follow-up.js';
import { editInteractionResponse } from './interactions/edit-interaction-response.js';
import { followUpInteraction } from './interactions/follow-up-interaction.js';
import { respondInteraction } from './interactions/respond-interaction.js';
import { bulkDeleteMessages } from './messages/bulk-delete-messages.js';
import { sendDm } from './messages/send-dm.js';
import { bulkBan } from './moderation/bulk-ban.js';
import { createThread } from './threads/create-thread.js';
import { editWebhookMessage } from './webhooks/edit-webhook-message.js';

/** Every action on Discord; a new one is one file and one line here. */
export const discordActions: readonly Action[] = [
  sendMessage,
  sendEmbed,
  editMessage,
  deleteMessage,
  addReaction,
  createWebhook,
  sendWebhook,
  addRole,
  removeRole,
  manageRole,
  kickUser,
  banUser,
  timeoutUser,
  listGuilds,
  getGuild,
  listChannels,
  getChannel,
  listRoles,
  findMembers,
  listMembers,
  getMember,
  getUser,
  listMessages,
  getMessage,
  listPins,
  listReactions,
  listBans,
  listWebhooks,
  listInvites,
  getInvite,
  listThreads,
  listEvents,
  listEmojis,
  listStickers,
  listSounds,
  listAutomodRules,
  getAuditLog,
  listCommands,
  listGuildCommands,
  getOnboarding,
  getWelcomeScreen,
  listTemplates,
  countPrune,
  pinMessage,
  unpinMessage,
  crosspostMessage,
  endPoll,
  startTyping,
  removeReaction,
  removeUserReaction,
  clearReaction,
  clearReactions,
  createChannel,
  cloneChannel,
  updateChannel,
  deleteChannel,
  moveChannels,
  setChannelPermission,
  removeChannelPermission,
  followChannel,
  setVoiceStatus,
  createInvite,
  revokeInvite,
  createThreadFromMessage,
  joinThread,
  leaveThread,
  addThreadMember,
  removeThreadMember,
  unbanUser,
  updateMember,
  pruneMembers,
  lockServer,
  lockdown,
  unlock,
  createRole,
  updateRole,
  deleteRole,
  moveRoles,
  updateWebhook,
  deleteWebhook,
  updateWebhookByToken,
  deleteWebhookByToken,
  deleteWebhookMessage,
  sendSlackWebhook,
  sendGithubWebhook,
  updateServer,
  setOnboarding,
  setWelcomeScreen,
  setWidget,
  deleteIntegration,
  leaveServer,
  updateOwnMember,
  addMember,
  createTemplate,
  updateTemplate,
  syncTemplate,
  deleteTemplate,
  createEvent,
  updateEvent,
  deleteEvent,
  createAutomodRule,
  updateAutomodRule,
  deleteAutomodRule,
  createEmoji,
  updateEmoji,
  deleteEmoji,
  updateSticker,
  deleteSticker,
  createSound,
  updateSound,
  deleteSound,
  playSound,
  createStage,
  updateStage,
  deleteStage,
  updateVoiceState,
  updateOwnVoiceState,
  createCommand,
  updateCommand,
  deleteCommand,
  createGuildCommand,
  updateGuildCommand,
  deleteGuildCommand,
  createAppEmoji,
  updateAppEmoji,
  deleteAppEmoji,
  createEntitlement,
  deleteEntitlement,
  consumeEntitlement,
  setRoleConnections,
  updateApplication,
  updateBot,
  setCommands,
  setGuildCommands,
  setInviteTargets,
  createSticker,
  deferInteraction,
  deleteFollowUp,
  deleteInteractionResponse,
  editFollowUp,
  editInteractionResponse,
  followUpInteraction,
  respondInteraction,
  bulkDeleteMessages,
  sendDm,
  bulkBan,
  createThread,
  editWebhookMessage,
];
