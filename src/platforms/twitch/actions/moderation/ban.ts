import { Flag, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { type HelixBan, readBan } from '../../bans.js';
import {
  type HelixOne,
  orderOfUser,
  queueOfModeration,
  twitchAction,
} from '../../twitch-action.js';

class Ban {
  @TwitchUser('The user to ban', { example: '2002' })
  user_id!: string;

  @Text('Why, as the moderators see it', { max: 500, default: 'Banned by bot' })
  reason!: string;
}

class Banned {
  @Flag('The user is banned')
  user_banned!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#ban-user */
export const ban = twitchAction({
  type: 'ban',
  group: 'moderation',
  summary: 'Ban a user from the chat of a channel, for good',
  docs: 'https://dev.twitch.tv/docs/api/reference/#ban-user',
  effect: 'update',
  order: orderOfUser,
  queue: queueOfModeration,
  // Somebody else changes this very ban: Twitch asks to try again.
  passing: (status) => status === 409,
  scopes: ['moderator:manage:banned_users'],
  actsAs: 'actor',
  input: Ban,
  output: Banned,
  request: ({ user_id, reason }, { account, actor }) => ({
    method: 'POST',
    path: '/moderation/bans',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { data: { user_id, reason } },
  }),
  response: (answer: HelixOne<HelixBan>, { user_id }) => {
    readBan(answer, user_id);
    return { user_banned: true };
  },
  example: {
    input: { user_id: '2002', reason: 'Spam' },
    output: { user_banned: true },
  },
});
