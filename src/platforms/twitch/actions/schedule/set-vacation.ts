import { Flag, Text, Timestamp } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class SetVacation {
  @Flag('The channel is on vacation', { example: true })
  is_vacation_enabled!: boolean;

  @Timestamp('When it begins', { optional: true })
  vacation_start_time?: string;

  @Timestamp('When it ends', { optional: true })
  vacation_end_time?: string;

  @Text('Time zone of the broadcaster', {
    optional: true,
    max: 64,
    pattern: /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/,
    patternMeans: 'a name of the IANA list, such as Europe/Berlin',
  })
  timezone?: string;
}

class SetVacationDone {
  @Flag('The schedule is changed')
  vacation_set!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-channel-stream-schedule */
export const setVacation = twitchAction({
  type: 'set_vacation',
  group: 'schedule',
  summary: 'Say that no streams come for a while, or that they come again',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-channel-stream-schedule',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:schedule:${account.id}`,
  check: ({ is_vacation_enabled, ...times }) =>
    is_vacation_enabled
      ? (['vacation_start_time', 'vacation_end_time', 'timezone'] as const)
          .filter((field) => times[field] === undefined)
          .map((field) => ({ field, message: 'is missing: a vacation needs it' }))
      : [],
  scopes: ['channel:manage:schedule'],
  actsAs: 'account',
  input: SetVacation,
  output: SetVacationDone,
  request: (
    { is_vacation_enabled, vacation_start_time, vacation_end_time, timezone },
    { account },
  ) => ({
    method: 'PATCH',
    path: '/schedule/settings',
    query: {
      broadcaster_id: account.id,
      is_vacation_enabled,
      vacation_start_time,
      vacation_end_time,
      timezone,
    },
  }),
  yes: 'no body',
  response: () => ({ vacation_set: true }),
  example: {
    input: {
      is_vacation_enabled: true,
      vacation_start_time: '2027-01-31T18:00:00Z',
      vacation_end_time: '2027-02-14T18:00:00Z',
      timezone: 'Europe/Berlin',
    },
    output: { vacation_set: true },
  },
});
