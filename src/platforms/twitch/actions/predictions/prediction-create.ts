import { Id, Integer, List, Parts, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';
import { PredictionOutcome, readVote } from '../../votes.js';

class PredictionCreate {
  @Text('The question', { visible: true, max: 45, example: 'Will we win?' })
  title!: string;

  @List('Two to ten outcomes; one text with commas is split', {
    minItems: 2,
    maxItems: 10,
    maxLength: 25,
    visible: true,
    example: ['Yes', 'No'],
  })
  outcomes!: string[];

  @Integer('Seconds in which viewers may predict', { min: 30, max: 1_800, default: 60 })
  duration!: number;
}

class CreatedPrediction {
  @Id('Id of the prediction, for resolving it')
  prediction_id!: string;

  @List('Ids of the outcomes, in the order they were given', { minItems: 2 })
  outcome_ids!: string[];

  @Text('State of the prediction, as Twitch names it')
  status!: string;

  @Text('The question', { optional: true })
  title?: string;

  @Parts('The outcomes with their ids', PredictionOutcome, { optional: true })
  outcomes?: PredictionOutcome[];
}

interface HelixPrediction {
  readonly id: string;
  readonly status: string;
  readonly outcomes: readonly { readonly id: string }[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-prediction */
export const predictionCreate = twitchAction({
  type: 'prediction_create',
  group: 'predictions',
  summary: 'Start a prediction in the channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-prediction',
  effect: 'create',
  order: ({ account }) => `twitch:prediction:${account.id}`,
  scopes: ['channel:manage:predictions'],
  actsAs: 'account',
  input: PredictionCreate,
  output: CreatedPrediction,
  request: ({ title, outcomes, duration }, { account }) => ({
    method: 'POST',
    path: '/predictions',
    body: {
      broadcaster_id: account.id,
      title,
      outcomes: outcomes.map((outcome) => ({ title: outcome })),
      prediction_window: duration,
    },
  }),
  response: ({ data: [prediction] }: HelixOne<HelixPrediction>) => ({
    prediction_id: prediction.id,
    outcome_ids: prediction.outcomes.map((outcome) => outcome.id),
    status: prediction.status,
    ...readVote(prediction, 'outcomes'),
  }),
  example: {
    input: { title: 'Will we win?', outcomes: ['Yes', 'No'], duration: 120 },
    output: { prediction_id: 'd6676d5c', outcome_ids: ['021e9234', '73085848'], status: 'ACTIVE' },
  },
});
