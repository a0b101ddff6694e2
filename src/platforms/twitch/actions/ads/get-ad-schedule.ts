import { Integer, Timestamp } from '../../../../actions/fields.js';
import { readMoment } from '../../moments.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class GetAdSchedule {}

class GetAdScheduleResult {
  @Integer('Snoozes that are left', { min: 0 })
  snoozes_left!: number;

  @Timestamp('When another snooze is given', { optional: true })
  snooze_refresh_at?: string;

  @Timestamp('When the next break comes', { optional: true })
  next_ad_at?: string;

  @Timestamp('When the last break was', { optional: true })
  last_ad_at?: string;

  @Integer('Seconds of the next break', { min: 0 })
  duration!: number;

  @Integer('Seconds without pre-roll ads that are left', { min: 0 })
  preroll_free_time!: number;
}

interface HelixGetAdSchedule {
  readonly snooze_count: number;
  readonly snooze_refresh_at: unknown;
  readonly next_ad_at: unknown;
  readonly last_ad_at: unknown;
  readonly duration: number;
  readonly preroll_free_time: number;
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-ad-schedule */
export const getAdSchedule = twitchAction({
  type: 'get_ad_schedule',
  group: 'ads',
  summary: 'Read when the next ad break comes',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-ad-schedule',
  effect: 'read',
  cacheSeconds: 5,
  scopes: ['channel:read:ads'],
  actsAs: 'account',
  input: GetAdSchedule,
  output: GetAdScheduleResult,
  request: (_input, { account }) => ({
    method: 'GET',
    path: '/channels/ads',
    query: { broadcaster_id: account.id },
  }),
  response: ({ data: [item] }: HelixOne<HelixGetAdSchedule>) => ({
    snoozes_left: item.snooze_count,
    snooze_refresh_at: readMoment(item.snooze_refresh_at),
    next_ad_at: readMoment(item.next_ad_at),
    last_ad_at: readMoment(item.last_ad_at),
    duration: item.duration,
    preroll_free_time: item.preroll_free_time,
  }),
  example: {
    input: {},
    output: {
      snoozes_left: 3,
      next_ad_at: '2027-01-31T18:30:00Z',
      duration: 60,
      preroll_free_time: 0,
    },
  },
});
