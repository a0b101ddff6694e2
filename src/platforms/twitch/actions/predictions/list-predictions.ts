import { Id, Integer, List, Parts, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 25;

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

class ListPredictions extends paged(LARGEST_PAGE) {
  @List('Only these predictions', { optional: true, maxItems: 25, maxLength: 64 })
  prediction_ids?: string[];
}

class ListPredictionsItem {
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

interface HelixListPredictions {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly outcomes: readonly PredictionOutcome[];
  readonly winning_outcome_id: string | null;
  readonly created_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-predictions */
export const listPredictions = twitchAction({
  type: 'list_predictions',
  group: 'predictions',
  summary: 'List predictions of the channel, the newest first',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-predictions',
  effect: 'read',
  cacheSeconds: 3,
  scopes: [['channel:read:predictions', 'channel:manage:predictions']],
  actsAs: 'account',
  input: ListPredictions,
  output: listOf(ListPredictionsItem),
  run: readPages<ListPredictions, ListPredictionsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ prediction_ids }, { account }, page) => ({
      method: 'GET',
      path: '/predictions',
      query: { broadcaster_id: account.id, id: prediction_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListPredictions, ListPredictionsItem>(answer, (item) => ({
        id: item.id,
        title: item.title,
        status: item.status,
        outcomes: item.outcomes.map(({ id, title, users, channel_points }) => ({
          id,
          title,
          users,
          channel_points,
        })),
        winning_outcome_id: item.winning_outcome_id ?? undefined,
        created_at: item.created_at,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'd6676d5c',
          title: 'Do we win?',
          status: 'ACTIVE',
          outcomes: [{ id: '021e9234', title: 'Yes', users: 0, channel_points: 0 }],
          created_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
