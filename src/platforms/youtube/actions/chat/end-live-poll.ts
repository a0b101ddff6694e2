import type { youtube_v3 } from 'googleapis/build/src/apis/youtube/index.js';
import { Flag, Integer, Parts, Text } from '../../../../actions/fields.js';
import { requireSame } from '../../changes.js';
import { QUOTA_COST } from '../../units.js';
import { MANAGE } from '../../scopes.js';
import { orderOfChat, youtubeAction, YouTubeId } from '../../youtube-action.js';
import { buildYouTubeRequest } from '../../youtube-request.js';

class PollOption {
  @Text('What it says', { min: 0 })
  text!: string;

  @Integer('Its votes, where YouTube tells them', { optional: true, min: 0 })
  votes?: number | undefined;
}

class EndLivePoll {
  @YouTubeId('Id of the poll', { example: 'LCC.sandboxPoll1' })
  poll_id!: string;
}

class EndLivePollResult {
  @Flag('The poll is over')
  poll_ended!: boolean;

  @Parts('What could be chosen, with the votes', PollOption, { maxItems: 100 })
  options!: PollOption[];
}

/** @see https://developers.google.com/youtube/v3/live/docs/liveChatMessages/transition */
export const endLivePoll = youtubeAction({
  type: 'end_live_poll',
  group: 'chat',
  summary: 'End a poll of a live chat, and read its votes',
  docs: 'https://developers.google.com/youtube/v3/live/docs/liveChatMessages/transition',
  effect: 'update',
  order: orderOfChat,
  scopes: MANAGE,
  actsAs: 'account',
  cost: QUOTA_COST['liveChatMessages.transition'],
  input: EndLivePoll,
  output: EndLivePollResult,
  request: ({ poll_id }) =>
    buildYouTubeRequest((youtube) =>
      youtube.liveChatMessages.transition({ id: poll_id, status: 'closed' }),
    ),
  response: (message: youtube_v3.Schema$LiveChatMessage, { poll_id }) => {
    requireSame(message, poll_id);
    const { options = [] } = message.snippet?.pollDetails?.metadata ?? {};
    return {
      poll_ended: true,
      options: options.map(({ optionText, tally }) => ({
        text: optionText ?? '',
        votes: tally ? Number(tally) : undefined,
      })),
    };
  },
  example: {
    input: { poll_id: 'LCC.sandboxPoll1' },
    output: {
      poll_ended: true,
      options: [
        { text: 'Chess', votes: 0 },
        { text: 'Go', votes: 0 },
      ],
    },
  },
});
