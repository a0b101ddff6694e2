import { Id, Integer } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class UpdateConduit {
  @Id('Id of the conduit', { example: '5a6d0000-0000-4000-8000-000000000502' })
  conduit_id!: string;

  @Integer('Shards of the conduit', { min: 1, max: 20_000, example: 2 })
  shard_count!: number;
}

class UpdateConduitResult {
  @Id('Id of the conduit')
  conduit_id!: string;

  @Integer('Its shards', { min: 1 })
  shard_count!: number;
}

interface HelixUpdateConduit {
  readonly id: string;
  readonly shard_count: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-conduits */
export const updateConduit = twitchAction({
  type: 'update_conduit',
  group: 'eventsub',
  summary: 'Change how many shards a conduit has',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-conduits',
  effect: 'update',
  repeatable: true,
  order: (_context, { conduit_id }) => `twitch:conduit:${conduit_id}`,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: UpdateConduit,
  output: UpdateConduitResult,
  request: ({ conduit_id, shard_count }) => ({
    method: 'PATCH',
    path: '/eventsub/conduits',
    body: { id: conduit_id, shard_count },
  }),
  response: ({ data: [item] }: HelixOne<HelixUpdateConduit>) => ({
    conduit_id: item.id,
    shard_count: item.shard_count,
  }),
  example: {
    input: { conduit_id: '5a6d0000-0000-4000-8000-000000000502', shard_count: 2 },
    output: { conduit_id: '5a6d0000-0000-4000-8000-000000000502', shard_count: 2 },
  },
});
