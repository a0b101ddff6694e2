import { Flag, Text } from '../../../../actions/fields.js';
import { limitWhispers } from '../../limits.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class Whisper {
  @TwitchUser('The user who gets the whisper', { example: '2001' })
  to_user_id!: string;

  // Twitch cuts a first whisper at 500 characters without saying so; 10,000 is the limit after it.
  @Text('What to whisper; a first whisper is cut by Twitch at 500 characters', {
    max: 10_000,
    visible: true,
    private: true,
    example: 'You won the raffle!',
  })
  message!: string;
}

class SentWhisper {
  @Flag('Twitch took the whisper; it does not say whether it was delivered')
  whisper_sent!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#send-whisper */
export const whisper = twitchAction({
  type: 'whisper',
  group: 'chat',
  summary: 'Whisper to a user',
  docs: 'https://dev.twitch.tv/docs/api/reference/#send-whisper',
  effect: 'create',
  order: ({ actor }, { to_user_id }) => `twitch:whisper:${actor.id}:${to_user_id}`,
  scopes: ['user:manage:whispers'],
  actsAs: 'actor',
  input: Whisper,
  output: SentWhisper,
  check: ({ to_user_id }, { actor }) =>
    to_user_id === actor.id
      ? [
          {
            field: 'to_user_id',
            message: 'must be somebody else: Twitch has no whisper to oneself',
          },
        ]
      : [],
  limits: (context, { to_user_id }) => limitWhispers(context, to_user_id),
  request: ({ to_user_id, message }, { actor }) => ({
    method: 'POST',
    path: '/whispers',
    query: { from_user_id: actor.id, to_user_id },
    body: { message },
  }),
  yes: 'no body',
  response: () => ({ whisper_sent: true }),
  example: {
    input: { to_user_id: '2001', message: 'You won the raffle!' },
    output: { whisper_sent: true },
  },
});
