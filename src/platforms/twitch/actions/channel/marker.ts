import { Id, Integer, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class Marker {
  @Text('What happens at this point', { optional: true, max: 140, example: 'The big jump' })
  description?: string;
}

class SetMarker {
  @Id('Id of the marker')
  marker_id!: string;

  @Integer('Seconds from the start of the stream')
  position_seconds!: number;

  @Text('When it was set')
  created_at!: string;
}

interface HelixMarker {
  readonly id: string;
  readonly position_seconds: number;
  readonly created_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-stream-marker */
export const marker = twitchAction({
  type: 'marker',
  group: 'channel',
  summary: 'Mark this moment of the live stream',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-stream-marker',
  effect: 'create',
  scopes: ['channel:manage:broadcast'],
  actsAs: 'actor',
  input: Marker,
  output: SetMarker,
  request: ({ description }, { account }) => ({
    method: 'POST',
    path: '/streams/markers',
    body: { user_id: account.id, description },
  }),
  response: ({ data: [set] }: HelixOne<HelixMarker>) => ({
    marker_id: set.id,
    position_seconds: set.position_seconds,
    created_at: set.created_at,
  }),
  example: {
    input: { description: 'The big jump' },
    output: { marker_id: '123', position_seconds: 244, created_at: '2026-11-20T10:10:00Z' },
  },
});
