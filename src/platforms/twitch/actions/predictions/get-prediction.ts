import { Id, Integer, Parts, Text } from '../../../../actions/fields.js';
import { notFound } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class PredictionOutcome {
  @Id('Id of the outcome')
  id!: string;

  @Text('The outcome')
  title!: string;

  @Integer('Viewers who chose it', { min: 0 })
  users!: number;

  @Integer('Channel points on it', { min: 0 })
  channel_points!: number;
}

class GetPrediction {
  @Id('Id of the prediction; left out for the newest', { optional: true })
  prediction_id?: string;
}

class GetPredictionResult {
  @Id('Id of the prediction')
  id!: string;

  @Text('The question')
  title!: string;

  @Text('Its status')
  status!: string;

  @Parts('What viewers can choose', PredictionOutcome)
  outcomes!: PredictionOutcome[];

  @Id('Id of the outcome that won', { optional: true })
  winning_outcome_id?: string;

  @Text('When it began')
  created_at!: string;
}

interface HelixGetPrediction {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly outcomes: readonly PredictionOutcome[];
  readonly winning_outcome_id: string | null;
  readonly created_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-predictions */
export const getPrediction = twitchAction({
  type: 'get_prediction',
  group: 'predictions',
  summary: 'Read a prediction of the channel: one by its id, or the newest',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-predictions',
  effect: 'read',
  cacheSeconds: 3,
  scopes: [['channel:read:predictions', 'channel:manage:predictions']],
  actsAs: 'account',
  input: GetPrediction,
  output: GetPredictionResult,
  request: ({ prediction_id }, { account }) => ({
    method: 'GET',
    path: '/predictions',
    query: {
      broadcaster_id: account.id,
      id: prediction_id,
      first: prediction_id === undefined ? 1 : undefined,
    },
  }),
  response: (answer, { prediction_id = 'of the channel' }) => {
    const [prediction] = readList<HelixGetPrediction>(answer);
    if (!prediction) throw notFound('prediction', prediction_id);
    const { id, title, status, outcomes, winning_outcome_id, created_at } = prediction;
    return {
      id,
      title,
      status,
      outcomes: outcomes.map((outcome) => ({
        id: outcome.id,
        title: outcome.title,
        users: outcome.users,
        channel_points: outcome.channel_points,
      })),
      winning_outcome_id: winning_outcome_id ?? undefined,
      created_at,
    };
  },
  example: {
    input: {},
    output: {
      id: 'd6676d5c',
      title: 'Do we win?',
      status: 'ACTIVE',
      outcomes: [{ id: '021e9234', title: 'Yes', users: 0, channel_points: 0 }],
      created_at: '2027-01-31T18:00:00Z',
    },
    account: '1003',
  },
});
