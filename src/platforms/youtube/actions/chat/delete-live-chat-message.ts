import { Flag } from '../../../../actions/fields.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class DeleteLiveChatMessage {
  @YouTubeId('Id of the message', { example: 'LCC.EhwKGkNQamRlbW9NZXNzYWdl' })
  message_id!: string;
}

class DeletedLiveChatMessage {
  @Flag('The message is gone')
  message_deleted!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/delete */
export const deleteLiveChatMessage = youtubeAction({
  type: 'delete_live_chat_message',
  group: 'chat',
  summary: 'Delete a message from a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages/delete',
  effect: 'delete',
  order: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatMessages.delete'],
  input: DeleteLiveChatMessage,
  output: DeletedLiveChatMessage,
  request: ({ message_id }) =>
    buildYouTubeRequest((youtube) => youtube.liveChatMessages.delete({ id: message_id })),
  yes: 'no body',
  response: () => ({ message_deleted: true }),
  example: {
    input: { message_id: 'LCC.EhwKGkNQamRlbW9NZXNzYWdl' },
    output: { message_deleted: true },
  },
});
