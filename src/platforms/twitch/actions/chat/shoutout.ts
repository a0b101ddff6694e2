import { Flag } from '../../../../actions/fields.js';
import { limitShoutouts } from '../../limits.js';
import { twitchAction, TwitchId } from '../../twitch-action.js';

class Shoutout {
  @TwitchId('Id of the broadcaster who is recommended', { example: '1003' })
  to_broadcaster_id!: string;
}

class SentShoutout {
  @Flag('Twitch took the shoutout')
  shoutout_sent!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-a-shoutout */
export const shoutout = twitchAction({
  type: 'shoutout',
  group: 'chat',
  summary: 'Recommend another channel to the viewers',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-a-shoutout',
  effect: 'create',
  order: ({ account }) => `twitch:shoutout:${account.id}`,
  scopes: ['moderator:manage:shoutouts'],
  actsAs: 'actor',
  input: Shoutout,
  output: SentShoutout,
  check: ({ to_broadcaster_id }, { account }) =>
    to_broadcaster_id === account.id
      ? [{ field: 'to_broadcaster_id', message: 'must be another channel than the own one' }]
      : [],
  limits: (context, { to_broadcaster_id }) => limitShoutouts(context, to_broadcaster_id),
  request: ({ to_broadcaster_id }, { account, actor }) => ({
    method: 'POST',
    path: '/chat/shoutouts',
    query: {
      from_broadcaster_id: account.id,
      to_broadcaster_id,
      moderator_id: actor.id,
    },
  }),
  yes: 'no body',
  response: () => ({ shoutout_sent: true }),
  example: { input: { to_broadcaster_id: '1003' }, output: { shoutout_sent: true } },
});
