import { Id, Text } from '../../../../actions/fields.js';
import { listOf, paged, readPages } from '../../../../actions/lists.js';
import { askPage, readPage } from '../../helix-pages.js';
import { twitchAction } from '../../twitch-action.js';

const LARGEST_PAGE = 100;

class ListBlockedTerms extends paged(LARGEST_PAGE) {}

class ListBlockedTermsItem {
  @Id('Id of the term')
  id!: string;

  @Text('The term', { private: true })
  text!: string;

  @Text('Since when')
  created_at!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-blocked-terms */
export const listBlockedTerms = twitchAction({
  type: 'list_blocked_terms',
  group: 'moderation',
  summary: 'List the words that the chat forbids',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-blocked-terms',
  effect: 'read',
  cacheSeconds: 10,
  scopes: [['moderator:read:blocked_terms', 'moderator:manage:blocked_terms']],
  actsAs: 'actor',
  input: ListBlockedTerms,
  output: listOf(ListBlockedTermsItem),
  run: readPages<ListBlockedTerms, ListBlockedTermsItem, unknown>({
    largest: LARGEST_PAGE,
    request: (_input, { account, actor }, page) => ({
      method: 'GET',
      path: '/moderation/blocked_terms',
      query: { broadcaster_id: account.id, moderator_id: actor.id, ...askPage(page) },
    }),
    read: (answer) =>
      readPage<ListBlockedTermsItem, ListBlockedTermsItem>(answer, ({ id, text, created_at }) => ({
        id,
        text,
        created_at,
      })),
  }),
  example: {
    input: { page_size: 20, all: false },
    output: {
      items: [
        {
          id: '5a6d0000-0000-4000-8000-000000000623',
          text: 'buy viewers',
          created_at: '2027-01-31T18:00:00Z',
        },
      ],
    },
  },
});
