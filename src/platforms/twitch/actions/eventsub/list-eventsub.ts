import { Choice, Id, Text, Values } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { EVENT_TYPES, SUBSCRIPTION_STATES } from '../../event-types.js';
import { readPage } from '../../helix-pages.js';
import type { JsonObject } from '../../../../actions/json.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListEventsub extends paged(LARGEST_PAGE) {
  @Choice('Of this status', SUBSCRIPTION_STATES, { optional: true })
  status?: string;

  @Choice('Of this type', EVENT_TYPES, { optional: true })
  type?: string;
}

class ListEventsubItem {
  @Id('Id of the subscription')
  id!: string;

  @Text('Type of the events')
  type!: string;

  @Text('Its status')
  status!: string;

  @Values('What it is about')
  condition!: JsonObject;

  @Text('When it was made')
  created_at!: string;
}

/**
 * Twitch decides how many are on a page.
 * @see https://dev.twitch.tv/docs/api/reference/#get-eventsub-subscriptions
 */
export const listEventsub = twitchAction({
  type: 'list_eventsub',
  group: 'eventsub',
  summary: 'List the subscriptions to events',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-eventsub-subscriptions',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: ListEventsub,
  output: listOf(ListEventsubItem),
  run: readPages<ListEventsub, ListEventsubItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ status, type }, _context, page) => ({
      method: 'GET',
      path: '/eventsub/subscriptions',
      query: { status, type, after: page.token },
    }),
    read: (answer) =>
      readPage<ListEventsubItem, ListEventsubItem>(
        answer,
        ({ id, type, status, condition, created_at }) => ({
          id,
          type,
          status,
          condition,
          created_at,
        }),
      ),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000513',
          type: 'stream.online',
          status: 'enabled',
          condition: { broadcaster_user_id: '1001' },
          created_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
