import { Choice, Id, List, Part, Parts, Text, WebAddress } from '../../../../actions/fields.js';
import { findTransportFaults } from '../../event-transport.js';
import { twitchAction } from '../../twitch-action.js';

/** Where events are sent. */
class Transport {
  @Choice('How they are sent', ['webhook', 'websocket'])
  method!: string;

  @WebAddress('Where a webhook is called, over https on port 443', {
    optional: true,
    schemes: ['https'],
  })
  callback?: string;

  @Text('Signs what a webhook gets: 10 to 100 ASCII characters', {
    optional: true,
    private: true,
    min: 10,
    max: 100,
    pattern: /^[\x20-\x7e]+$/,
    patternMeans: 'ASCII',
  })
  secret?: string;

  @Text('Session of a WebSocket', { optional: true, max: 200 })
  session_id?: string;
}

class Shard {
  @Text('Id of the shard, a number from 0', {
    max: 6,
    pattern: /^[0-9]+$/,
    patternMeans: 'a number',
  })
  id!: string;

  @Part('Where it sends events', Transport)
  transport!: Transport;
}

class UpdateConduitShards {
  @Id('Id of the conduit', { example: '5a6d0000-0000-4000-8000-000000000502' })
  conduit_id!: string;

  @Parts('The shards', Shard, { minItems: 1, maxItems: 100 })
  shards!: Shard[];
}

class UpdateConduitShardsResult {
  @List('Ids of the shards that were changed')
  updated!: string[];

  @List('Why others were not, as "id: reason"')
  errors!: string[];
}

interface HelixUpdateConduitShards {
  readonly data: readonly { readonly id: string }[];
  readonly errors?: readonly { readonly id: string; readonly message: string }[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-conduit-shards */
export const updateConduitShards = twitchAction({
  type: 'update_conduit_shards',
  group: 'eventsub',
  summary: 'Say where the shards of a conduit send events',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-conduit-shards',
  effect: 'update',
  order: (_context, { conduit_id }) => `twitch:conduit:${conduit_id}`,
  check: ({ shards }) =>
    shards.flatMap(({ transport }, index) =>
      findTransportFaults(transport, `shards.${index}.transport`),
    ),
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: UpdateConduitShards,
  output: UpdateConduitShardsResult,
  request: ({ conduit_id, shards }) => ({
    method: 'PATCH',
    path: '/eventsub/conduits/shards',
    body: {
      conduit_id,
      shards: shards.map(({ id, transport }) => ({ id, transport: { ...transport } })),
    },
  }),
  response: ({ data, errors = [] }: HelixUpdateConduitShards) => {
    if (data.length + errors.length === 0) throw new TypeError('The answer tells of no shard');
    return {
      updated: data.map(({ id }) => id),
      errors: errors.map(({ id, message }) => `${id}: ${message}`),
    };
  },
  example: {
    input: {
      conduit_id: '5a6d0000-0000-4000-8000-000000000502',
      shards: [
        {
          id: '0',
          transport: {
            method: 'webhook',
            callback: 'https://router.example/events',
            secret: 'not-a-real-secret',
          },
        },
      ],
    },
    output: { updated: ['0'], errors: [] },
  },
});
