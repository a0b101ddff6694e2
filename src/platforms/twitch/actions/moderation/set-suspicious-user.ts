import { Choice, Id, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import {
  type HelixOne,
  orderOfUser,
  queueOfModeration,
  twitchAction,
} from '../../twitch-action.js';

class SetSuspiciousUser {
  @TwitchUser('The user', { example: '2007' })
  user_id!: string;

  @Choice('RESTRICTED holds messages back', ['ACTIVE_MONITORING', 'RESTRICTED'])
  status!: string;
}

class SetSuspiciousUserResult {
  @Id('Id of the user')
  user_id!: string;

  @Text('The status now')
  status!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#add-suspicious-status-to-chat-user */
export const setSuspiciousUser = twitchAction({
  type: 'set_suspicious_user',
  group: 'moderation',
  summary: 'Watch the messages of a user, or hold them back',
  docs: 'https://dev.twitch.tv/docs/api/reference/#add-suspicious-status-to-chat-user',
  effect: 'update',
  repeatable: true,
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['moderator:manage:suspicious_users'],
  actsAs: 'actor',
  input: SetSuspiciousUser,
  output: SetSuspiciousUserResult,
  request: ({ user_id, status }, { account, actor }) => ({
    method: 'POST',
    path: '/moderation/suspicious_users',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { user_id, status },
  }),
  response: ({ data: [{ user_id, status }] }: HelixOne<SetSuspiciousUserResult>) => ({
    user_id,
    status,
  }),
  example: {
    input: { user_id: '2007', status: 'ACTIVE_MONITORING' },
    output: { user_id: '2007', status: 'ACTIVE_MONITORING' },
  },
});
