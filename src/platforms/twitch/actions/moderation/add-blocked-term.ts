import { Id, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class AddBlockedTerm {
  @Text('The term; "*" stands for any letters', {
    min: 2,
    max: 500,
    visible: true,
    private: true,
    example: 'buy followers',
  })
  text!: string;
}

class AddBlockedTermResult {
  @Id('Id of the term, for removing it')
  term_id!: string;
}

interface HelixAddBlockedTerm {
  readonly id: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#add-blocked-term */
export const addBlockedTerm = twitchAction({
  type: 'add_blocked_term',
  group: 'moderation',
  summary: 'Forbid a word or a phrase in the chat',
  docs: 'https://dev.twitch.tv/docs/api/reference/#add-blocked-term',
  effect: 'create',
  order: ({ account }) => `twitch:terms:${account.id}`,
  scopes: ['moderator:manage:blocked_terms'],
  actsAs: 'actor',
  input: AddBlockedTerm,
  output: AddBlockedTermResult,
  request: ({ text }, { account, actor }) => ({
    method: 'POST',
    path: '/moderation/blocked_terms',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { text },
  }),
  response: ({ data: [item] }: HelixOne<HelixAddBlockedTerm>) => ({ term_id: item.id }),
  example: {
    input: { text: 'buy followers' },
    output: { term_id: '5a6d0000-0000-4000-8000-000000000621' },
  },
});
