import { Flag, Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class SearchChannels extends paged(LARGEST_PAGE) {
  @Text('A part of the name', { max: 200, visible: true, example: 'demo' })
  query!: string;

  @Flag('Only those that are live', { default: false })
  live_only!: boolean;
}

class SearchChannelsItem {
  @Id('Id of the broadcaster')
  id!: string;

  @Text('Login')
  login!: string;

  @Text('Name as it is shown')
  name!: string;

  @Flag('It is live')
  is_live!: boolean;

  @Text('Title', { min: 0 })
  title!: string;

  @Text('Its game or category', { min: 0 })
  game_name!: string;
}

interface HelixSearchChannels {
  readonly id: string;
  readonly broadcaster_login: string;
  readonly display_name: string;
  readonly is_live: boolean;
  readonly title: string;
  readonly game_name: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#search-channels */
export const searchChannels = twitchAction({
  type: 'search_channels',
  group: 'lookups',
  summary: 'Search channels by a part of their names',
  docs: 'https://dev.twitch.tv/docs/api/reference/#search-channels',
  effect: 'read',
  cacheSeconds: 60,
  scopes: [],
  actsAs: 'app',
  input: SearchChannels,
  output: listOf(SearchChannelsItem),
  run: readPages<SearchChannels, SearchChannelsItem, unknown>({
    largest: LARGEST_PAGE,
    request: ({ query, live_only }, _context, page) => ({
      method: 'GET',
      path: '/search/channels',
      query: { query, live_only, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<HelixSearchChannels, SearchChannelsItem>(answer, (item) => ({
        id: item.id,
        login: item.broadcaster_login,
        name: item.display_name,
        is_live: item.is_live,
        title: item.title,
        game_name: item.game_name,
      })),
  }),
  example: {
    input: { page_size: 20, all: false, query: 'demo', live_only: false },
    output: {
      items: [
        {
          id: '1001',
          login: 'demo_channel',
          name: 'Demo_Channel',
          is_live: true,
          title: 'Building an action gateway',
          game_name: 'Software and Game Development',
        },
      ],
    },
  },
});
