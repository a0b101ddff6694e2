import { Choice, Id, Parts, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';
import { PollChoice, readVote } from '../../votes.js';

class PollEnd {
  @Id('Id of the running poll', { example: 'ed961efd' })
  poll_id!: string;

  @Choice('TERMINATED shows the result, ARCHIVED hides the poll', ['TERMINATED', 'ARCHIVED'], {
    default: 'TERMINATED',
  })
  status!: string;
}

class EndedPoll {
  @Id('Id of the poll')
  poll_id!: string;

  @Text('State of the poll, as Twitch names it')
  status!: string;

  @Text('The question', { optional: true })
  title?: string;

  @Parts('The answers with their votes', PollChoice, { optional: true })
  choices?: PollChoice[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#end-poll */
export const pollEnd = twitchAction({
  type: 'poll_end',
  group: 'polls',
  summary: 'End the running poll',
  docs: 'https://dev.twitch.tv/docs/api/reference/#end-poll',
  effect: 'update',
  order: ({ account }) => `twitch:poll:${account.id}`,
  scopes: ['channel:manage:polls'],
  actsAs: 'account',
  input: PollEnd,
  output: EndedPoll,
  request: ({ poll_id, status }, { account }) => ({
    method: 'PATCH',
    path: '/polls',
    body: { broadcaster_id: account.id, id: poll_id, status },
  }),
  response: ({ data: [poll] }: HelixOne<{ id: string; status: string }>, { poll_id }) => {
    if (poll.id !== poll_id) throw new TypeError('The answer is about another poll');
    return { poll_id, status: poll.status, ...readVote(poll, 'choices') };
  },
  example: {
    account: '1003',
    input: { poll_id: '5a6d0000-0000-4000-8000-000000000201', status: 'TERMINATED' },
    output: { poll_id: '5a6d0000-0000-4000-8000-000000000201', status: 'TERMINATED' },
  },
});
