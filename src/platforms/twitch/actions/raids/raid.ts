import { Flag, Text } from '../../../../actions/fields.js';
import { TwitchUser } from '../../names.js';
import { limitRaids } from '../../limits.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class Raid {
  @TwitchUser('The broadcaster whose channel is raided', { example: '1003' })
  to_broadcaster_id!: string;
}

class StartedRaid {
  @Flag('The raid is pending: it starts with "Raid Now", or by itself after 90 seconds')
  raid_started!: boolean;

  @Text('When it was asked for')
  created_at!: string;

  @Flag('The raided channel is for adults')
  is_mature!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#start-a-raid */
export const raid = twitchAction({
  type: 'raid',
  group: 'raids',
  summary: 'Send the viewers on to another channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#start-a-raid',
  effect: 'create',
  destructive: true,
  order: ({ account }) => `twitch:raid:${account.id}`,
  scopes: ['channel:manage:raids'],
  actsAs: 'account',
  input: Raid,
  output: StartedRaid,
  check: ({ to_broadcaster_id }, { account }) =>
    to_broadcaster_id === account.id
      ? [
          {
            field: 'to_broadcaster_id',
            message: 'must be another channel: one cannot raid oneself',
          },
        ]
      : [],
  limits: limitRaids,
  request: ({ to_broadcaster_id }, { account }) => ({
    method: 'POST',
    path: '/raids',
    query: { from_broadcaster_id: account.id, to_broadcaster_id },
  }),
  response: ({ data: [started] }: HelixOne<{ created_at: string; is_mature: boolean }>) => ({
    raid_started: true,
    created_at: started.created_at,
    is_mature: started.is_mature,
  }),
  example: {
    input: { to_broadcaster_id: '1003' },
    output: { raid_started: true, created_at: '2026-11-20T10:10:00Z', is_mature: false },
  },
});
