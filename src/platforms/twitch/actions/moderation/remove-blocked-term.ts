import { Flag, Id } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class RemoveBlockedTerm {
  @Id('Id of the term', { example: '5a6d0000-0000-4000-8000-000000000622' })
  term_id!: string;
}

class RemoveBlockedTermDone {
  @Flag('The term is allowed again')
  term_removed!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#remove-blocked-term */
export const removeBlockedTerm = twitchAction({
  type: 'remove_blocked_term',
  group: 'moderation',
  summary: 'Allow a term in the chat again',
  docs: 'https://dev.twitch.tv/docs/api/reference/#remove-blocked-term',
  effect: 'delete',
  order: ({ account }) => `twitch:terms:${account.id}`,
  scopes: ['moderator:manage:blocked_terms'],
  actsAs: 'actor',
  input: RemoveBlockedTerm,
  output: RemoveBlockedTermDone,
  request: ({ term_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/moderation/blocked_terms',
    query: { broadcaster_id: account.id, moderator_id: actor.id, id: term_id },
  }),
  yes: 'no body',
  response: () => ({ term_removed: true }),
  example: {
    input: { term_id: '5a6d0000-0000-4000-8000-000000000622' },
    output: { term_removed: true },
  },
});
