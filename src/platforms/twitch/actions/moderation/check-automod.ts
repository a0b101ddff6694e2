import { Flag, List, Text } from '../../../../actions/fields.js';
import { listOf } from '../../../../actions/lists.js';
import { limitAutomodChecks } from '../../limits.js';
import { readList, twitchAction } from '../../twitch-action.js';

class CheckAutomod {
  @List('The messages', {
    minItems: 1,
    maxItems: 100,
    maxLength: 500,
    private: true,
    example: ['hello'],
  })
  messages!: string[];
}

class CheckAutomodItem {
  @Text('Place of the message in the list, from 1')
  id!: string;

  @Flag('It would be shown')
  is_permitted!: boolean;
}

interface HelixCheckAutomod {
  readonly msg_id: string;
  readonly is_permitted: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#check-automod-status */
export const checkAutomod = twitchAction({
  type: 'check_automod',
  group: 'moderation',
  summary: 'Ask whether AutoMod would let messages pass',
  docs: 'https://dev.twitch.tv/docs/api/reference/#check-automod-status',
  effect: 'read',
  limits: limitAutomodChecks,
  scopes: ['moderation:read'],
  actsAs: 'account',
  input: CheckAutomod,
  output: listOf(CheckAutomodItem),
  request: ({ messages }, { account }) => ({
    method: 'POST',
    path: '/moderation/enforcements/status',
    query: { broadcaster_id: account.id },
    body: { data: messages.map((msg_text, index) => ({ msg_id: String(index + 1), msg_text })) },
  }),
  response: (answer) => ({
    items: readList<HelixCheckAutomod>(answer).map((item) => ({
      id: item.msg_id,
      is_permitted: item.is_permitted,
    })),
  }),
  example: { input: { messages: ['hello'] }, output: { items: [{ id: '1', is_permitted: true }] } },
});
