import { Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteConduit {
  @Id('Id of the conduit', { example: '5a6d0000-0000-4000-8000-000000000503' })
  conduit_id!: string;
}

class DeleteConduitDone {
  @Flag('The conduit is gone')
  conduit_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-conduit */
export const deleteConduit = twitchAction({
  type: 'delete_conduit',
  group: 'eventsub',
  summary: 'Delete a conduit',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-conduit',
  effect: 'delete',
  order: (_context, { conduit_id }) => `twitch:conduit:${conduit_id}`,
  scopes: [],
  actsAs: 'app',
  forOperators: true,
  input: DeleteConduit,
  output: DeleteConduitDone,
  request: ({ conduit_id }) => ({
    method: 'DELETE',
    path: '/eventsub/conduits',
    query: { id: conduit_id },
  }),
  yes: 'no body',
  response: () => ({ conduit_deleted: true }),
  example: {
    input: { conduit_id: '5a6d0000-0000-4000-8000-000000000503' },
    output: { conduit_deleted: true },
  },
});
