import { Id, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import {
  type HelixOne,
  orderOfUser,
  queueOfModeration,
  twitchAction,
} from '../../twitch-action.js';

class RemoveSuspiciousUser {
  @TwitchUser('The user', { example: '2010' })
  user_id!: string;
}

class RemoveSuspiciousUserResult {
  @Id('Id of the user')
  user_id!: string;

  @Text('The status now')
  status!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#remove-suspicious-status-from-chat-user */
export const removeSuspiciousUser = twitchAction({
  type: 'remove_suspicious_user',
  group: 'moderation',
  summary: 'Trust a user again who was watched or held back',
  docs: 'https://dev.twitch.tv/docs/api/reference/#remove-suspicious-status-from-chat-user',
  effect: 'update',
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['moderator:manage:suspicious_users'],
  actsAs: 'actor',
  input: RemoveSuspiciousUser,
  output: RemoveSuspiciousUserResult,
  request: ({ user_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/moderation/suspicious_users',
    query: { broadcaster_id: account.id, moderator_id: actor.id, user_id },
  }),
  response: ({ data: [{ user_id, status }] }: HelixOne<RemoveSuspiciousUserResult>) => ({
    user_id,
    status,
  }),
  example: { input: { user_id: '2010' }, output: { user_id: '2010', status: 'NO_TREATMENT' } },
});
