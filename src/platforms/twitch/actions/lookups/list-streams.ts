import { Id, Integer, List, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUsers } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListStreams extends paged(LARGEST_PAGE) {
  @TwitchUsers('Of these users', { optional: true, maxItems: 100, example: ['1001'] })
  user_ids?: string[];

  @List('Of these games or categories, by id', {
    optional: true,
    maxItems: 100,
    maxLength: 20,
    pattern: /^[0-9]+$/,
    patternMeans: 'an id of digits',
  })
  game_ids?: string[];

  @List('In these languages, such as en', { optional: true, maxItems: 100, maxLength: 5 })
  languages?: string[];
}

class ListStreamsItem {
  @Id('Id of the stream')
  id!: string;

  @Id('Id of the broadcaster')
  user_id!: string;

  @Text('Login of the broadcaster')
  user_login!: string;

  @Text('Name of the broadcaster as it is shown')
  user_name!: string;

  @Text('Id of the game or category', { min: 0 })
  game_id!: string;

  @Text('Its name', { min: 0 })
  game_name!: string;

  @Text('Title', { min: 0 })
  title!: string;

  @Integer('Viewers', { min: 0 })
  viewer_count!: number;

  @Text('When it began')
  started_at!: string;

  @Text('Language', { min: 0 })
  language!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-streams */
export const listStreams = twitchAction({
  type: 'list_streams',
  group: 'lookups',
  summary: 'List live streams: of users, of games, in languages, or all',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-streams',
  effect: 'read',
  cacheSeconds: 15,
  scopes: [],
  actsAs: 'app',
  input: ListStreams,
  output: listOf(ListStreamsItem),
  run: readPages<ListStreams, ListStreamsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_ids, game_ids, languages }, _context, page) => ({
      method: 'GET',
      path: '/streams',
      query: { user_id: user_ids, game_id: game_ids, language: languages, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<ListStreamsItem, ListStreamsItem>(
        answer,
        ({
          id,
          user_id,
          user_login,
          user_name,
          game_id,
          game_name,
          title,
          viewer_count,
          started_at,
          language,
        }) => ({
          id,
          user_id,
          user_login,
          user_name,
          game_id,
          game_name,
          title,
          viewer_count,
          started_at,
          language,
        }),
      ),
  }),
  example: {
    input: { page_size: 20, all: false, user_ids: ['1001'] },
    output: {
      items: [
        {
          id: '91001',
          user_id: '1001',
          user_login: 'demo_channel',
          user_name: 'Demo_Channel',
          game_id: '1469308723',
          game_name: 'Software and Game Development',
          title: 'Building an action gateway',
          viewer_count: 10,
          started_at: '2027-01-31T18:00:00Z',
          language: 'en',
        },
      ],
    },
  },
});
