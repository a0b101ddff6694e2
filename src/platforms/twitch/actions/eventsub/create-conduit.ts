import { Id, Integer } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class CreateConduit {
  @Integer('Shards of the conduit', { min: 1, max: 20_000, default: 1 })
  shard_count!: number;
}

class CreateConduitResult {
  @Id('Id of the conduit')
  conduit_id!: string;

  @Integer('Its shards', { min: 1 })
  shard_count!: number;
}

interface HelixCreateConduit {
  readonly id: string;
  readonly shard_count: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-conduits */
export const createConduit = twitchAction({
  type: 'create_conduit',
  group: 'eventsub',
  summary: 'Make a conduit for events',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-conduits',
  effect: 'create',
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: CreateConduit,
  output: CreateConduitResult,
  request: ({ shard_count }) => ({
    method: 'POST',
    path: '/eventsub/conduits',
    body: { shard_count },
  }),
  response: ({ data: [item] }: HelixOne<HelixCreateConduit>) => ({
    conduit_id: item.id,
    shard_count: item.shard_count,
  }),
  example: {
    input: { shard_count: 1 },
    output: { conduit_id: '5a6d0000-0000-4000-8000-000000000501', shard_count: 1 },
  },
});
