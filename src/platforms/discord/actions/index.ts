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
];
