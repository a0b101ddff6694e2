import { Choice, Id, Parts, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';
import { PredictionOutcome, readVote } from '../../votes.js';

class PredictionResolve {
  @Id('Id of the prediction', { example: 'd6676d5c' })
  prediction_id!: string;

  @Choice(
    'RESOLVED pays the winners, CANCELED gives the points back, LOCKED ends the predicting',
    ['RESOLVED', 'CANCELED', 'LOCKED'],
    { default: 'RESOLVED' },
  )
  status!: string;

  @Id('Id of the outcome that came true; needed with RESOLVED', {
    optional: true,
    example: '021e9234',
  })
  winning_outcome_id?: string;
}

class ResolvedPrediction {
  @Id('Id of the prediction')
  prediction_id!: string;

  @Text('State of the prediction, as Twitch names it')
  status!: string;

  @Id('Id of the outcome that came true', { optional: true })
  winning_outcome_id?: string;

  @Text('The question', { optional: true })
  title?: string;

  @Parts('The outcomes, and what was put on them', PredictionOutcome, { optional: true })
  outcomes?: PredictionOutcome[];
}

interface HelixPrediction {
  readonly id: string;
  readonly status: string;
  readonly winning_outcome_id?: string | null;
}

/** @see https://dev.twitch.tv/docs/api/reference/#end-prediction */
export const predictionResolve = twitchAction({
  type: 'prediction_resolve',
  group: 'predictions',
  summary: 'Resolve, cancel or lock a prediction',
  docs: 'https://dev.twitch.tv/docs/api/reference/#end-prediction',
  effect: 'update',
  order: ({ account }) => `twitch:prediction:${account.id}`,
  scopes: ['channel:manage:predictions'],
  actsAs: 'account',
  input: PredictionResolve,
  output: ResolvedPrediction,
  check: ({ status, winning_outcome_id }) => {
    const field = 'winning_outcome_id';
    if (status === 'RESOLVED' && winning_outcome_id === undefined) {
      return [{ field, message: 'is missing: RESOLVED needs the outcome that came true' }];
    }
    if (status !== 'RESOLVED' && winning_outcome_id !== undefined) {
      return [{ field, message: `goes with RESOLVED alone, not with ${status}` }];
    }
    return [];
  },
  request: ({ prediction_id, status, winning_outcome_id }, { account }) => ({
    method: 'PATCH',
    path: '/predictions',
    body: { broadcaster_id: account.id, id: prediction_id, status, winning_outcome_id },
  }),
  response: ({ data: [prediction] }: HelixOne<HelixPrediction>, { prediction_id }) => {
    if (prediction.id !== prediction_id)
      throw new TypeError('The answer is about another prediction');
    return {
      prediction_id,
      status: prediction.status,
      ...(prediction.winning_outcome_id && { winning_outcome_id: prediction.winning_outcome_id }),
      ...readVote(prediction, 'outcomes'),
    };
  },
  example: {
    account: '1003',
    input: {
      prediction_id: '5a6d0000-0000-4000-8000-000000000301',
      status: 'RESOLVED',
      winning_outcome_id: '5a6d0000-0000-4000-8000-000000000302',
    },
    output: {
      prediction_id: '5a6d0000-0000-4000-8000-000000000301',
      status: 'RESOLVED',
      winning_outcome_id: '5a6d0000-0000-4000-8000-000000000302',
    },
  },
});
