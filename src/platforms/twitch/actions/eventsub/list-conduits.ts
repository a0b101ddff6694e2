import { Id, Integer } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class ListConduits {}

class ListConduitsItem {
  @Id('Id of the conduit')
  id!: string;

  @Integer('Its shards', { min: 1 })
  shard_count!: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-conduits */
export const listConduits = twitchAction({
  type: 'list_conduits',
  group: 'eventsub',
  summary: 'List the conduits of the application',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-conduits',
  effect: 'read',
  cacheSeconds: 5,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: ListConduits,
  output: listOf(ListConduitsItem),
  request: () => ({
    method: 'GET',
    path: '/eventsub/conduits',
  }),
  response: (answer) => ({
    items: readList<ListConduitsItem>(answer).map(({ id, shard_count }) => ({ id, shard_count })),
  }),
  example: {
    input: {},
    output: { items: [{ id: '5a6d0000-0000-4000-8000-000000000502', shard_count: 1 }] },
  },
});
