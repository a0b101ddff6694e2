import { Id, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import {
  type HelixOne,
  orderOfUser,
  queueOfModeration,
  twitchAction,
} from '../../twitch-action.js';

class WarnUser {
  @TwitchUser('The user to warn', { example: '2004' })
  user_id!: string;

  @Text('Why, as the user sees it', { max: 500, visible: true, example: 'Be kind' })
  reason!: string;
}

class WarnUserResult {
  @Id('Id of the user')
  user_id!: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#warn-chat-user */
export const warnUser = twitchAction({
  type: 'warn_user',
  group: 'moderation',
  summary: 'Warn a user, who has to confirm it before writing again',
  docs: 'https://dev.twitch.tv/docs/api/reference/#warn-chat-user',
  effect: 'create',
  destructive: true,
  order: orderOfUser,
  queue: queueOfModeration,
  scopes: ['moderator:manage:warnings'],
  actsAs: 'actor',
  input: WarnUser,
  output: WarnUserResult,
  request: ({ user_id, reason }, { account, actor }) => ({
    method: 'POST',
    path: '/moderation/warnings',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { data: { user_id, reason } },
  }),
  response: ({ data: [{ user_id }] }: HelixOne<WarnUserResult>) => ({ user_id }),
  example: { input: { user_id: '2004', reason: 'Be kind' }, output: { user_id: '2004' } },
});
