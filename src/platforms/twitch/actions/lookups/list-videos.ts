import { Choice, Id, Integer, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUser, TwitchGame } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListVideos extends paged(LARGEST_PAGE) {
  @TwitchUser('Whose videos; left out for the account itself', { optional: true, example: '1001' })
  user_id?: string;

  @TwitchGame('Videos of a game or category instead', { optional: true })
  game_id?: string;

  @Choice('How old', ['all', 'day', 'week', 'month'], { optional: true })
  period?: string;

  @Choice('In which order', ['time', 'trending', 'views'], { optional: true })
  sort?: string;

  @Choice('Of which kind', ['all', 'archive', 'highlight', 'upload'], { optional: true })
  type?: string;
}

class ListVideosItem {
  @Id('Id of the video')
  id!: string;

  @Text('Its address')
  url!: string;

  @Text('Title', { min: 0 })
  title!: string;

  @Id('Id of the channel')
  user_id!: string;

  @Text('archive, highlight or upload')
  type!: string;

  @Text('Length, such as 1h2m3s')
  duration!: string;

  @Integer('Views', { min: 0 })
  view_count!: number;

  @Text('When it was made')
  created_at!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-videos */
export const listVideos = twitchAction({
  type: 'list_videos',
  group: 'lookups',
  summary: 'List videos of a channel or a game',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-videos',
  effect: 'read',
  cacheSeconds: 10,
  check: ({ user_id, game_id }, { account }) =>
    user_id === undefined && game_id === undefined && account.id === ''
      ? [{ field: 'user_id', message: 'is missing, and so is account_id: say whose videos' }]
      : [],
  scopes: [],
  actsAs: 'app',
  input: ListVideos,
  output: listOf(ListVideosItem),
  run: readPages<ListVideos, ListVideosItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_id, game_id, period, sort, type }, { account }, page) => ({
      method: 'GET',
      path: '/videos',
      query: {
        user_id: game_id === undefined ? (user_id ?? account.id) : undefined,
        game_id,
        period,
        sort,
        type,
        ...askPage(page),
      },
    }),
    read: (answer) =>
      readPage<ListVideosItem, ListVideosItem>(
        answer,
        ({ id, url, title, user_id, type, duration, view_count, created_at }) => ({
          id,
          url,
          title,
          user_id,
          type,
          duration,
          view_count,
          created_at,
        }),
      ),
  }),
  example: {
    input: { page_size: 20, all: false, user_id: '1001' },
    output: {
      items: [
        {
          id: '335921245',
          url: 'https://www.twitch.tv/videos/335921245',
          title: 'First stream',
          user_id: '1001',
          type: 'archive',
          duration: '1h0m0s',
          view_count: 5,
          created_at: '2027-01-30T18:00:00Z',
        },
      ],
    },
  },
});
