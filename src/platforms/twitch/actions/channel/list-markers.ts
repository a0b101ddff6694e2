import { Id, Integer, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { readList, twitchAction } from '../../twitch-action.js';

class ListMarkers {
  @Id('Id of a video', { optional: true })
  video_id?: string;
}

class ListMarkersItem {
  @Id('Id of the marker')
  id!: string;

  @Text('Its description', { min: 0 })
  description!: string;

  @Integer('Seconds from the beginning', { min: 0 })
  position_seconds!: number;

  @Text('When it was set')
  created_at!: string;
}

interface HelixListMarkers {
  readonly videos: readonly { readonly markers: readonly ListMarkersItem[] }[];
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-stream-markers */
export const listMarkers = twitchAction({
  type: 'list_markers',
  group: 'channel',
  summary: 'List the markers of the newest video, or of one video',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-stream-markers',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['user:read:broadcast', 'channel:manage:broadcast']],
  actsAs: 'account',
  input: ListMarkers,
  output: listOf(ListMarkersItem),
  request: ({ video_id }, { account }) => ({
    method: 'GET',
    path: '/streams/markers',
    query: { user_id: video_id === undefined ? account.id : undefined, video_id, first: 100 },
  }),
  response: (answer) => ({
    items: readList<HelixListMarkers>(answer).flatMap(({ videos }) =>
      videos.flatMap(({ markers }) =>
        markers.map(({ id, description, position_seconds, created_at }) => ({
          id,
          description,
          position_seconds,
          created_at,
        })),
      ),
    ),
  }),
  example: {
    input: {},
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000701',
          description: 'A good moment',
          position_seconds: 244,
          created_at: '2027-01-31T18:04:04Z',
        },
      ],
    },
  },
});
