import { Id, Integer, List, Parts, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 20;

class PollChoice {
  @Id('Id of the answer')
  id!: string;

  @Text('The answer')
  title!: string;

  @Integer('Votes', { min: 0 })
  votes!: number;
}

class ListPolls extends paged(LARGEST_PAGE) {
  @List('Only these polls', { optional: true, maxItems: 20, maxLength: 64 })
  poll_ids?: string[];
}

class ListPollsItem {
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

interface HelixListPolls {
  readonly id: string;
  readonly title: string;
  readonly status: string;
  readonly choices: readonly PollChoice[];
  readonly started_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-polls */
export const listPolls = twitchAction({
  type: 'list_polls',
  group: 'polls',
  summary: 'List polls of the channel, the newest first',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-polls',
  effect: 'read',
  cacheSeconds: 3,
  scopes: [['channel:read:polls', 'channel:manage:polls']],
  actsAs: 'account',
  input: ListPolls,
  output: listOf(ListPollsItem),
  run: readPages<ListPolls, ListPollsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ poll_ids }, { account }, page) => ({
      method: 'GET',
      path: '/polls',
      query: { broadcaster_id: account.id, id: poll_ids, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixListPolls, ListPollsItem>(answer, (item) => ({
        id: item.id,
        title: item.title,
        status: item.status,
        choices: item.choices.map(({ id, title, votes }) => ({ id, title, votes })),
        started_at: item.started_at,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: 'ed961efd',
          title: 'What next?',
          status: 'ACTIVE',
          choices: [{ id: '4c123012', title: 'Speedrun', votes: 0 }],
          started_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
