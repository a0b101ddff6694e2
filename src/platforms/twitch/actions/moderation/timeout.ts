import { Flag, Integer, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { type HelixBan, readBan } from '../../bans.js';
import {
  type HelixOne,
  orderOfUser,
  queueOfModeration,
  twitchAction,
} from '../../twitch-action.js';

class Timeout {
  @TwitchUser('The user to silence', { example: '2003' })
  user_id!: string;

  // Twitch reads a missing duration as "for ever", so nothing below one second may get there.
  @Integer('For how many seconds, at most two weeks', { min: 1, max: 1_209_600, default: 600 })
  duration!: number;

  @Text('Why, as the moderators see it', { max: 500, default: 'Timed out by bot' })
  reason!: string;
}

class TimedOut {
  @Flag('The user is timed out')
  user_timed_out!: boolean;

  @Integer('Seconds the timeout lasts')
  duration!: number;

  @Text('When it ends, as Twitch says', { optional: true })
  end_time?: string;
}

/** @see https://dev.twitch.tv/docs/api/reference/#ban-user */
export const timeout = twitchAction({
  type: 'timeout',
  group: 'moderation',
  summary: 'Silence a user in the chat of a channel for a while',
  docs: 'https://dev.twitch.tv/docs/api/reference/#ban-user',
  effect: 'update',
  order: orderOfUser,
  queue: queueOfModeration,
  // Somebody else changes this very ban: Twitch asks to try again.
  passing: (status) => status === 409,
  scopes: ['moderator:manage:banned_users'],
  actsAs: 'actor',
  input: Timeout,
  output: TimedOut,
  request: ({ user_id, duration, reason }, { account, actor }) => ({
    method: 'POST',
    path: '/moderation/bans',
    query: { broadcaster_id: account.id, moderator_id: actor.id },
    body: { data: { user_id, duration, reason } },
  }),
  response: (answer: HelixOne<HelixBan>, { user_id, duration }) => {
    const { end_time } = readBan(answer, user_id);
    // Without an end it is a ban, and not what was asked for.
    if (typeof end_time !== 'string') throw new TypeError('The answer tells no end of the timeout');
    return { user_timed_out: true, duration, end_time };
  },
  example: {
    input: { user_id: '2007', duration: 600, reason: 'Caps' },
    output: { user_timed_out: true, duration: 600, end_time: '2026-11-20T10:10:00Z' },
  },
});
