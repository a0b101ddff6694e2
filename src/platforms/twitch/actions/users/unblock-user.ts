import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { orderOfUser, twitchAction } from '../../twitch-action.js';

class UnblockUser {
  @TwitchUser('The user to unblock', { example: '2002' })
  user_id!: string;
}

class UnblockUserDone {
  @Flag('The user is no longer blocked')
  user_unblocked!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#unblock-user */
export const unblockUser = twitchAction({
  type: 'unblock_user',
  group: 'users',
  summary: 'Unblock a user',
  docs: 'https://dev.twitch.tv/docs/api/reference/#unblock-user',
  effect: 'update',
  order: orderOfUser,
  scopes: ['user:manage:blocked_users'],
  actsAs: 'account',
  input: UnblockUser,
  output: UnblockUserDone,
  request: ({ user_id }) => ({
    method: 'DELETE',
    path: '/users/blocks',
    query: { target_user_id: user_id },
  }),
  yes: 'no body',
  response: () => ({ user_unblocked: true }),
  example: { input: { user_id: '2002' }, output: { user_unblocked: true } },
});
