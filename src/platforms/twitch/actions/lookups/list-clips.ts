import { Decimal, Id, Integer, Text, Timestamp } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { TwitchUser, TwitchGame } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListClips extends paged(LARGEST_PAGE) {
  @TwitchUser('Whose channel; left out for the account itself', { optional: true, example: '1001' })
  user_id?: string;

  @TwitchGame('Clips of a game or category instead', { optional: true })
  game_id?: string;

  @Timestamp('Made at this time or later', { optional: true })
  started_at?: string;

  @Timestamp('Made before this time', { optional: true })
  ended_at?: string;
}

class ListClipsItem {
  @Id('Id of the clip')
  id!: string;

  @Text('Its address')
  url!: string;

  @Text('Title', { min: 0 })
  title!: string;

  @Id('Id of the channel')
  broadcaster_id!: string;

  @Id('Id of who made it')
  creator_id!: string;

  @Integer('Views', { min: 0 })
  view_count!: number;

  @Text('When it was made')
  created_at!: string;

  @Decimal('Seconds', { min: 0 })
  duration!: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-clips */
export const listClips = twitchAction({
  type: 'list_clips',
  group: 'lookups',
  summary: 'List clips of a channel or a game',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-clips',
  effect: 'read',
  cacheSeconds: 10,
  check: ({ user_id, game_id }, { account }) =>
    user_id === undefined && game_id === undefined && account.id === ''
      ? [{ field: 'user_id', message: 'is missing, and so is account_id: say whose channel' }]
      : [],
  scopes: [],
  actsAs: 'app',
  input: ListClips,
  output: listOf(ListClipsItem),
  run: readPages<ListClips, ListClipsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ user_id, game_id, started_at, ended_at }, { account }, page) => ({
      method: 'GET',
      path: '/clips',
      query: {
        broadcaster_id: game_id === undefined ? (user_id ?? account.id) : undefined,
        game_id,
        started_at,
        ended_at,
        ...askPage(page),
      },
    }),
    read: (answer) =>
      readPage<ListClipsItem, ListClipsItem>(
        answer,
        ({ id, url, title, broadcaster_id, creator_id, view_count, created_at, duration }) => ({
          id,
          url,
          title,
          broadcaster_id,
          creator_id,
          view_count,
          created_at,
          duration,
        }),
      ),
  }),
  example: {
    input: { page_size: 20, all: false, user_id: '1001' },
    output: {
      items: [
        {
          id: 'DemoClip',
          url: 'https://clips.twitch.tv/DemoClip',
          title: 'What a save',
          broadcaster_id: '1001',
          creator_id: '1002',
          view_count: 0,
          created_at: '2027-01-31T18:00:00Z',
          duration: 30,
        },
      ],
    },
  },
});
