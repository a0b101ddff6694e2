import { Flag, List, Text } from '../../../../actions/fields.js';
import { actInLiveChat, InLiveChat } from '../../live-chat.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { askYouTube, readId } from '../../youtube-request.js';

class StartLivePoll extends InLiveChat {
  @Text('What is asked; how long it may be is unpublished', {
    visible: true,
    example: 'Which game next?',
  })
  question!: string;

  @List('What can be chosen', { minItems: 2, maxItems: 4, visible: true, example: ['Chess', 'Go'] })
  options!: string[];
}

class StartLivePollResult {
  @Flag('The poll is going on')
  poll_started!: boolean;

  @YouTubeId('Id of the poll, with which it is ended')
  poll_id!: string;
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/insert */
export const startLivePoll = youtubeAction({
  type: 'start_live_poll',
  group: 'chat',
  summary: 'Start a poll in a live chat',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages/insert',
  effect: 'create',
  order: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatMessages.insert'],
  input: StartLivePoll,
  output: StartLivePollResult,
  run: ({ live_chat_id, question, options }, _context, upstream) =>
    actInLiveChat(live_chat_id, upstream, async (liveChatId) => {
      const poll = await askYouTube(upstream, (youtube) =>
        youtube.liveChatMessages.insert({
          part: ['snippet'],
          requestBody: {
            snippet: {
              liveChatId,
              type: 'pollEvent',
              pollDetails: {
                metadata: {
                  questionText: question,
                  options: options.map((optionText) => ({ optionText })),
                },
              },
            },
          },
        }),
      );
      return { poll_started: true, poll_id: readId(poll) };
    }),
  example: {
    input: {
      live_chat_id: 'Cg0KCc2FuZGJveFRhbGs',
      question: 'Which game next?',
      options: ['Chess', 'Go'],
    },
    output: { poll_started: true, poll_id: 'LCC.sandboxPoll' },
  },
});
