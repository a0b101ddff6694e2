import { Flag, Integer, Parts, Text, Timestamp } from '../../../../actions/fields.js';
import { requireSubject } from '../../subject.js';
import { TwitchUser } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class ListedSegment {
  @Text('Id of the segment')
  id!: string;

  @Text('When it begins')
  start_time!: string;

  @Text('When it ends; empty for unknown', { min: 0 })
  end_time!: string;

  @Text('Title', { min: 0 })
  title!: string;

  @Text('Game or category', { optional: true })
  category?: string;

  @Flag('It comes every week')
  is_recurring!: boolean;

  @Flag('It is called off')
  is_canceled!: boolean;
}

class GetSchedule {
  @TwitchUser('Whose schedule; left out for the account itself', {
    optional: true,
    example: '1001',
  })
  user_id?: string;

  @Timestamp('From this time on', { optional: true })
  start_time?: string;

  @Integer('Items of a page', { min: 1, max: 25, default: 20 })
  page_size!: number;

  @Text('The next_page_token of the page before', { optional: true, max: 4_096 })
  page_token?: string;
}

class GetScheduleResult {
  @Parts('The streams', ListedSegment)
  items!: ListedSegment[];

  @Text('When a vacation begins', { optional: true })
  vacation_start_time?: string;

  @Text('When it ends', { optional: true })
  vacation_end_time?: string;

  @Text('Send it as page_token to get the next page', { optional: true })
  next_page_token?: string;
}

interface HelixGetSchedule {
  readonly data: {
    readonly segments:
      | readonly {
          readonly id: string;
          readonly start_time: string;
          readonly end_time: string | null;
          readonly title: string;
          readonly category: { readonly name: string } | null;
          readonly is_recurring: boolean;
          readonly canceled_until: string | null;
        }[]
      | null;
    readonly vacation: { readonly start_time: string; readonly end_time: string } | null;
    readonly pagination?: { readonly cursor?: string };
  };
  /** Here by the example of the reference, within the data by its table. */
  readonly pagination?: { readonly cursor?: string };
}

/** @see https://dev.twitch.tv/docs/api/reference/#get-channel-stream-schedule */
export const getSchedule = twitchAction({
  type: 'get_schedule',
  group: 'schedule',
  summary: 'Read the schedule of a channel',
  docs: 'https://dev.twitch.tv/docs/api/reference/#get-channel-stream-schedule',
  effect: 'read',
  cacheSeconds: 30,
  check: requireSubject,
  scopes: [],
  actsAs: 'app',
  input: GetSchedule,
  output: GetScheduleResult,
  request: ({ user_id, start_time, page_size, page_token }, { account }) => ({
    method: 'GET',
    path: '/schedule',
    query: {
      broadcaster_id: user_id ?? account.id,
      start_time,
      first: page_size,
      after: page_token,
    },
  }),
  response: ({ data: { segments, vacation, ...data }, pagination }: HelixGetSchedule) => ({
    items: (segments ?? []).map(
      ({ id, start_time, end_time, title, category, is_recurring, canceled_until }) => ({
        id,
        start_time,
        end_time: end_time ?? '',
        title,
        category: category?.name,
        is_recurring,
        is_canceled: canceled_until !== null,
      }),
    ),
    vacation_start_time: vacation?.start_time,
    vacation_end_time: vacation?.end_time,
    next_page_token: (pagination ?? data.pagination)?.cursor,
  }),
  example: {
    input: { user_id: '1001', page_size: 20 },
    output: {
      items: [
        {
          id: 'demo-segment-1',
          start_time: '2027-01-31T18:00:00Z',
          end_time: '2027-01-31T20:00:00Z',
          title: 'Sunday stream',
          is_recurring: true,
          is_canceled: false,
        },
      ],
    },
  },
});
