import { Integer, Text } from '../../../../actions/fields.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class StartCommercial {
  @Integer('Seconds of the break; Twitch may serve a shorter or a longer one', {
    min: 1,
    max: 180,
    default: 60,
  })
  length!: number;
}

class StartCommercialResult {
  @Integer('Seconds of the break as Twitch serves it')
  length!: number;

  @Text('What Twitch says of it', { min: 0 })
  message!: string;

  @Integer('Seconds until another break may be started', { min: 0 })
  retry_after!: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#start-commercial */
export const startCommercial = twitchAction({
  type: 'start_commercial',
  group: 'ads',
  summary: 'Run a commercial break',
  docs: 'https://dev.twitch.tv/docs/api/reference/#start-commercial',
  effect: 'create',
  order: ({ account }) => `twitch:ads:${account.id}`,
  scopes: ['channel:edit:commercial'],
  actsAs: 'account',
  input: StartCommercial,
  output: StartCommercialResult,
  request: ({ length }, { account }) => ({
    method: 'POST',
    path: '/channels/commercial',
    body: { broadcaster_id: account.id, length },
  }),
  response: ({ data: [{ length, message, retry_after }] }: HelixOne<StartCommercialResult>) => ({
    length,
    message,
    retry_after,
  }),
  example: { input: { length: 60 }, output: { length: 60, message: '', retry_after: 480 } },
});
