import { Flag } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { orderOfUser, queueOfModeration, twitchAction } from '../../twitch-action.js';

class Unban {
  @TwitchUser('The user whose ban or timeout ends', { example: '2009' })
  user_id!: string;
}

class Unbanned {
  @Flag('The user may chat again')
  user_unbanned!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#unban-user */
export const unban = twitchAction({
  type: 'unban',
  group: 'moderation',
  summary: 'End a ban or a timeout',
  docs: 'https://dev.twitch.tv/docs/api/reference/#unban-user',
  effect: 'delete',
  order: orderOfUser,
  queue: queueOfModeration,
  // Somebody else changes this very ban: Twitch asks to try again.
  passing: (status) => status === 409,
  scopes: ['moderator:manage:banned_users'],
  actsAs: 'actor',
  input: Unban,
  output: Unbanned,
  request: ({ user_id }, { account, actor }) => ({
    method: 'DELETE',
    path: '/moderation/bans',
    query: { broadcaster_id: account.id, moderator_id: actor.id, user_id },
  }),
  yes: 'no body',
  response: () => ({ user_unbanned: true }),
  example: { input: { user_id: '2006' }, output: { user_unbanned: true } },
});
