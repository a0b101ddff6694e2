import { Id, Integer, Parts, Text } from '../../../../actions/fields.js';
import { notFound } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class PollChoice {
  @Id('Id of the answer')
  id!: string;

  @Text('The answer')
  title!: string;

  @Integer('Votes', { min: 0 })
  votes!: number;
}

class GetPoll {
  @Id('Id of the poll; left out for the newest', { optional: true })
  poll_id?: string;
}

class GetPollResult {
  @Id('Id of the poll')
  id!: string;

  @Text('The question')
  title!: string;

  @Text('Its status')
  status!: string;

  @Parts('The answers', PollChoice)
  choices!: PollChoice[];

  @Text('When it began')
  started_at!: string;
}

interface HelixGetPoll {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly choices: readonly PollChoice[];
  readonly started_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-polls */
export const getPoll = twitchAction({
  type: 'get_poll',
  group: 'polls',
  summary: 'Read a poll of the channel: one by its id, or the newest',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-polls',
  effect: 'read',
  cacheSeconds: 3,
  scopes: [['channel:read:polls', 'channel:manage:polls']],
  actsAs: 'account',
  input: GetPoll,
  output: GetPollResult,
  request: ({ poll_id }, { account }) => ({
    method: 'GET',
    path: '/polls',
    query: {
      broadcaster_id: account.id,
      id: poll_id,
      first: poll_id === undefined ? 1 : undefined,
    },
  }),
  response: (answer, { poll_id = 'of the channel' }) => {
    const [poll] = readList<HelixGetPoll>(answer);
    if (!poll) throw notFound('poll', poll_id);
    const { id, title, status, choices, started_at } = poll;
    return {
      id,
      title,
      status,
      choices: choices.map((choice) => ({
        id: choice.id,
        title: choice.title,
        votes: choice.votes,
      })),
      started_at,
    };
  },
  example: {
    input: {},
    output: {
      id: 'ed961efd',
      title: 'What next?',
      status: 'ACTIVE',
      choices: [{ id: '4c123012', title: 'Speedrun', votes: 0 }],
      started_at: '2027-01-31T18:00:00Z',
    },
    account: '1003',
  },
});
