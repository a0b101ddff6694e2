import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class SearchCategories extends paged(LARGEST_PAGE) {
  @Text('A part of its name', { max: 200, visible: true, example: 'chat' })
  query!: string;
}

class FoundCategory {
  @Id('Id of the game or category')
  id!: string;

  @Text('Its name')
  name!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#search-categories */
export const searchCategories = twitchAction({
  type: 'search_categories',
  group: 'lookups',
  summary: 'Search games and categories by a part of their names',
  docs: 'https://dev.twitch.tv/docs/api/reference/#search-categories',
  effect: 'read',
  cacheSeconds: 300,
  scopes: [],
  actsAs: 'app',
  input: SearchCategories,
  output: listOf(FoundCategory),
  run: readPages<SearchCategories, FoundCategory, unknown>({
    largest: LARGEST_PAGE,
    request: ({ query }, _context, page) => ({
      method: 'GET',
      path: '/search/categories',
      query: { query, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<FoundCategory, FoundCategory>(answer, ({ id, name }) => ({ id, name })),
  }),
  example: {
    input: { query: 'chat', page_size: 20, all: false },
    output: { items: [{ id: '509658', name: 'Just Chatting' }] },
  },
});
