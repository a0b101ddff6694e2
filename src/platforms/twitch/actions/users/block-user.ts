import { Choice, Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { orderOfUser, twitchAction } from '../../twitch-action.js';

class BlockUser {
  @TwitchUser('The user to block', { example: '2002' })
  user_id!: string;

  @Choice('Where it happened', ['chat', 'whisper'], { optional: true })
  source_context?: string;

  @Choice('Why', ['harassment', 'spam', 'other'], { optional: true })
  reason?: string;
}

class BlockUserDone {
  @Flag('The user is blocked')
  user_blocked!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#block-user */
export const blockUser = twitchAction({
  type: 'block_user',
  group: 'users',
  summary: 'Block a user for the account itself',
  docs: 'https://dev.twitch.tv/docs/api/reference/#block-user',
  effect: 'update',
  order: orderOfUser,
  scopes: ['user:manage:blocked_users'],
  actsAs: 'account',
  input: BlockUser,
  output: BlockUserDone,
  request: ({ user_id, source_context, reason }) => ({
    method: 'PUT',
    path: '/users/blocks',
    query: { target_user_id: user_id, source_context, reason },
  }),
  yes: 'no body',
  response: () => ({ user_blocked: true }),
  example: { input: { user_id: '2002', reason: 'spam' }, output: { user_blocked: true } },
});
