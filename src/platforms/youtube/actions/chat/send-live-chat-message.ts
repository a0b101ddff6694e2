import { Flag, Text } from '../../../../actions/fields.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId } from '../../youtube-request.js';

class LiveChatMessage extends InLiveChat {
  // Unpublished: what is longer than 200 characters is refused in practice (unverified).
  @Text('What to say in the live chat', {
    visible: true,
    max: 200,
    private: true,
    example: 'Hello, chat!',
  })
  message!: string;
}

class SentLiveChatMessage {
  @YouTubeId('Id of the message, for deleting it')
  message_id!: string;

  @Flag('The message is in the chat')
  message_sent!: boolean;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/insert */
export const sendLiveChatMessage = youtubeAction({
  type: 'send_live_chat_message',
  group: 'chat',
  summary: 'Send a message to a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages/insert',
  effect: 'create',
  order: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatMessages.insert'],
  input: LiveChatMessage,
  output: SentLiveChatMessage,
  run: ({ live_chat_id, message }, _context, upstream) =>
    actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const sent = await askYouTube(upstream, (youtube) =>
        youtube.liveChatMessages.insert({
          part: ['snippet'],
          requestBody: {
            snippet: {
              liveChatId,
              type: 'textMessageEvent',
              textMessageDetails: { messageText: message },
            },
          },
        }),
      );
      return { message_id: readId(sent), message_sent: true };
    }),
  example: {
    input: { message: 'Hello, chat!' },
    output: { message_id: 'LCC.EhwKGkNQamRlbW9NZXNzYWdl', message_sent: true },
  },
});
