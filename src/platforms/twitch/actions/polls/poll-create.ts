import { Flag, Id, Integer, List, Parts, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';
import { PollChoice, readVote } from '../../votes.js';

class PollCreate {
  @Text('The question', { visible: true, max: 60, example: 'What next?' })
  title!: string;

  @List('Two to five answers; one text with commas is split', {
    minItems: 2,
    maxItems: 5,
    maxLength: 25,
    visible: true,
    example: ['Speedrun', 'Chill'],
  })
  choices!: string[];

  @Integer('Seconds the poll runs', { min: 15, max: 1_800, default: 60 })
  duration!: number;

  @Flag('Viewers may buy further votes with channel points', { optional: true })
  channel_points_voting_enabled?: boolean;

  @Integer('Channel points for one further vote', { optional: true, min: 1, max: 1_000_000 })
  channel_points_per_vote?: number;
}

class CreatedPoll {
  @Id('Id of the poll, for ending it')
  poll_id!: string;

  @List('Ids of the answers, in the order they were given', { minItems: 2 })
  choice_ids!: string[];

  @Text('State of the poll, as Twitch names it')
  status!: string;

  @Text('The question', { optional: true })
  title?: string;

  @Parts('The answers with their ids', PollChoice, { optional: true })
  choices?: PollChoice[];
}

interface HelixPoll {
  readonly id: string;
  readonly status: string;
  readonly choices: readonly { readonly id: string }[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-poll */
export const pollCreate = twitchAction({
  type: 'poll_create',
  group: 'polls',
  summary: 'Start a poll in the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-poll',
  effect: 'create',
  order: ({ account }) => `twitch:poll:${account.id}`,
  scopes: ['channel:manage:polls'],
  actsAs: 'account',
  input: PollCreate,
  output: CreatedPoll,
  check: ({ channel_points_voting_enabled, channel_points_per_vote }) =>
    channel_points_voting_enabled && channel_points_per_vote === undefined
      ? [
          {
            field: 'channel_points_per_vote',
            message: 'is missing: voting with channel points needs a price',
          },
        ]
      : [],
  request: ({ title, choices, duration, ...points }, { account }) => ({
    method: 'POST',
    path: '/polls',
    body: {
      broadcaster_id: account.id,
      title,
      choices: choices.map((choice) => ({ title: choice })),
      duration,
      ...points,
    },
  }),
  response: ({ data: [poll] }: HelixOne<HelixPoll>) => ({
    poll_id: poll.id,
    choice_ids: poll.choices.map((choice) => choice.id),
    status: poll.status,
    ...readVote(poll, 'choices'),
  }),
  example: {
    input: { title: 'What next?', choices: ['Speedrun', 'Chill'], duration: 60 },
    output: { poll_id: 'ed961efd', choice_ids: ['4c123012', '279087e3'], status: 'ACTIVE' },
  },
});
