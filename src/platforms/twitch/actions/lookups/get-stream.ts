import { Flag, Id, Integer, Text } from '../../../../actions/fields.js';
import { requireSubject } from '../../subject.js';
import { TwitchUser } from '../../names.js';
import { readList, twitchAction } from '../../twitch-action.js';

class GetStream {
  @TwitchUser('Whose stream; left out for the account itself', { optional: true, example: '1001' })
  user_id?: string;
}

class GetStreamResult {
  @Flag('The channel is live')
  is_live!: boolean;

  @Id('Id of the stream', { optional: true })
  id?: string;

  @Text('Title', { optional: true, min: 0 })
  title?: string;

  @Text('Id of the game or category', { optional: true, min: 0 })
  game_id?: string;

  @Text('Its name', { optional: true, min: 0 })
  game_name?: string;

  @Integer('Viewers', { optional: true, min: 0 })
  viewer_count?: number;

  @Text('When it began', { optional: true })
  started_at?: string;
}

interface HelixGetStream {
  readonly id: string;
  readonly title: string;
  readonly game_id: string;
  readonly game_name: string;
  readonly viewer_count: number;
  readonly started_at: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-streams */
export const getStream = twitchAction({
  type: 'get_stream',
  group: 'lookups',
  summary: 'Read the live stream of a channel, or that it is offline',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-streams',
  effect: 'read',
  cacheSeconds: 15,
  check: requireSubject,
  scopes: [],
  actsAs: 'app',
  input: GetStream,
  output: GetStreamResult,
  request: ({ user_id }, { account }) => ({
    method: 'GET',
    path: '/streams',
    query: { user_id: user_id ?? account.id },
  }),
  response: (answer) => {
    const [stream] = readList<HelixGetStream>(answer);
    if (!stream) return { is_live: false };
    const { id, title, game_id, game_name, viewer_count, started_at } = stream;
    return { is_live: true, id, title, game_id, game_name, viewer_count, started_at };
  },
  example: {
    input: { user_id: '1001' },
    output: {
      is_live: true,
      id: '91001',
      title: 'Building an action gateway',
      game_id: '1469308723',
      game_name: 'Software and Game Development',
      viewer_count: 10,
      started_at: '2027-01-31T18:00:00Z',
    },
  },
});
