import { Flag, Integer, Text, Timestamp } from '../../../../actions/fields.js';
import { TwitchGame } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class CreateScheduleSegment {
  @Timestamp('When it begins', { example: '2027-01-31T18:00:00Z' })
  start_time!: string;

  @Text('Time zone', {
    max: 64,
    pattern: /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/,
    patternMeans: 'a name of the IANA list, such as Europe/Berlin',
    example: 'Europe/Berlin',
  })
  timezone!: string;

  @Integer('Minutes of the stream', { min: 30, max: 1_380, default: 240 })
  duration!: number;

  @Flag('It comes every week; others need a partner or an affiliate', { optional: true })
  is_recurring?: boolean;

  @TwitchGame('The game or category', { optional: true })
  category_id?: string;

  @Text('Title of the stream', { optional: true, max: 140, visible: true })
  title?: string;
}

class CreateScheduleSegmentResult {
  @Text('Id of the segment, for changing it')
  segment_id!: string;
}

interface HelixCreateScheduleSegment {
  readonly data: { readonly segments: readonly [{ readonly id: string }] };
}

/** @see https://dev.twitch.tv/docs/api/reference/#create-channel-stream-schedule-segment */
export const createScheduleSegment = twitchAction({
  type: 'create_schedule_segment',
  group: 'schedule',
  summary: 'Add a stream to the schedule',
  docs: 'https://dev.twitch.tv/docs/api/reference/#create-channel-stream-schedule-segment',
  effect: 'create',
  order: ({ account }) => `twitch:schedule:${account.id}`,
  scopes: ['channel:manage:schedule'],
  actsAs: 'account',
  input: CreateScheduleSegment,
  output: CreateScheduleSegmentResult,
  request: ({ duration, ...segment }, { account }) => ({
    method: 'POST',
    path: '/schedule/segment',
    query: { broadcaster_id: account.id },
    body: { ...segment, duration: String(duration) },
  }),
  response: ({ data }: HelixCreateScheduleSegment) => ({ segment_id: data.segments[0].id }),
  example: {
    input: {
      start_time: '2027-01-31T18:00:00Z',
      timezone: 'Europe/Berlin',
      duration: 120,
      is_recurring: true,
      title: 'Sunday stream',
    },
    output: { segment_id: 'eyJzZWdtZW50SUQiOiJkZW1vIn0=' },
  },
});
