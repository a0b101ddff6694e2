import { Integer, Timestamp } from '../../../../actions/fields.js';
import { readMoment } from '../../moments.js';
import { type HelixOne, twitchAction } from '../../twitch-action.js';

class SnoozeAd {}

class SnoozeAdResult {
  @Integer('Snoozes that are left', { min: 0 })
  snoozes_left!: number;

  @Timestamp('When another snooze is given', { optional: true })
  snooze_refresh_at?: string;

  @Timestamp('When the next break comes', { optional: true })
  next_ad_at?: string;
}

interface HelixSnoozeAd {
  readonly snooze_count: number;
  /** Unix seconds. */
  readonly snooze_refresh_at: unknown;
  readonly next_ad_at: unknown;
}

/** @see https://dev.twitch.tv/docs/api/reference/#snooze-next-ad */
export const snoozeAd = twitchAction({
  type: 'snooze_ad',
  group: 'ads',
  summary: 'Push the next scheduled ad break back by five minutes',
  docs: 'https://dev.twitch.tv/docs/api/reference/#snooze-next-ad',
  effect: 'update',
  order: ({ account }) => `twitch:ads:${account.id}`,
  scopes: ['channel:manage:ads'],
  actsAs: 'account',
  input: SnoozeAd,
  output: SnoozeAdResult,
  request: (_input, { account }) => ({
    method: 'POST',
    path: '/channels/ads/schedule/snooze',
    query: { broadcaster_id: account.id },
  }),
  response: ({ data: [item] }: HelixOne<HelixSnoozeAd>) => ({
    snoozes_left: item.snooze_count,
    snooze_refresh_at: readMoment(item.snooze_refresh_at),
    next_ad_at: readMoment(item.next_ad_at),
  }),
  example: { input: {}, output: { snoozes_left: 2, next_ad_at: '2027-01-31T18:30:00Z' } },
});
