import { Flag } from '../../../../actions/fields.js';
import { limitShoutouts } from '../../limits.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class Shoutout {
  @TwitchUser('The channel to recommend', { example: '1003' })
  to_broadcaster_id!: string;
}

class ShoutoutDone {
  @Flag('Twitch shows the shoutout')
  shoutout_sent!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-a-shoutout */
export const shoutout = twitchAction({
  type: 'shoutout',
  group: 'chat',
  summary: 'Recommend another channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-a-shoutout',
  effect: 'create',
  order: ({ account }) => `twitch:shoutout:${account.id}`,
  limits: (context, { to_broadcaster_id }) => limitShoutouts(context, to_broadcaster_id),
  check: ({ to_broadcaster_id }, { account }) =>
    to_broadcaster_id === account.id
      ? [{ field: 'to_broadcaster_id', message: 'must be another channel than account_id' }]
      : [],
  scopes: ['moderator:manage:shoutouts'],
  actsAs: 'actor',
  input: Shoutout,
  output: ShoutoutDone,
  request: ({ to_broadcaster_id }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/shoutouts',
    query: { from_broadcaster_id: account.id, to_broadcaster_id, moderator_id: actor.id },
  }),
  yes: 'no body',
  response: () => ({ shoutout_sent: true }),
  example: { input: { to_broadcaster_id: '1003' }, output: { shoutout_sent: true } },
});
