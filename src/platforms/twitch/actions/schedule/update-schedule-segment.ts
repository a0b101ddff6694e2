import { Flag, Integer, Text, Timestamp } from '../../../../actions/fields.js';
import { requireChange } from '../../../../actions/changes.js';
import { TwitchGame } from '../../names.js';
import { twitchAction } from '../../twitch-action.js';

class UpdateScheduleSegment {
  @Text('Id of the segment', {
    max: 500,
    pattern: /^[A-Za-z0-9+/=_-]+$/,
    patternMeans: 'an id as Twitch gave it',
    example: 'demo-segment-1',
  })
  segment_id!: string;

  @Timestamp('When it begins', { optional: true })
  start_time?: string;

  @Integer('Minutes of the stream', { optional: true, min: 30, max: 1_380 })
  duration?: number;

  @TwitchGame('The game or category', { optional: true })
  category_id?: string;

  @Text('Title of the stream', { optional: true, max: 140, visible: true })
  title?: string;

  @Flag('It is called off', { optional: true })
  is_canceled?: boolean;

  @Text('Time zone', {
    optional: true,
    max: 64,
    pattern: /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/,
    patternMeans: 'a name of the IANA list, such as Europe/Berlin',
  })
  timezone?: string;
}

class UpdateScheduleSegmentResult {
  @Text('Id of the segment')
  segment_id!: string;
}

interface HelixUpdateScheduleSegment {
  readonly data: { readonly segments: readonly [{ readonly id: string }] };
}

/** @see https://dev.twitch.tv/docs/api/reference/#update-channel-stream-schedule-segment */
export const updateScheduleSegment = twitchAction({
  type: 'update_schedule_segment',
  group: 'schedule',
  summary: 'Change a stream of the schedule, or call it off',
  docs: 'https://dev.twitch.tv/docs/api/reference/#update-channel-stream-schedule-segment',
  effect: 'update',
  repeatable: true,
  order: ({ account }) => `twitch:schedule:${account.id}`,
  check: ({ segment_id: _segment, ...changes }) => requireChange(changes),
  scopes: ['channel:manage:schedule'],
  actsAs: 'account',
  input: UpdateScheduleSegment,
  output: UpdateScheduleSegmentResult,
  request: ({ segment_id, duration, ...changes }, { account }) => ({
    method: 'PATCH',
    path: '/schedule/segment',
    query: { broadcaster_id: account.id, id: segment_id },
    body: { ...changes, duration: duration === undefined ? undefined : String(duration) },
  }),
  response: ({ data }: HelixUpdateScheduleSegment) => ({ segment_id: data.segments[0].id }),
  example: {
    input: { segment_id: 'demo-segment-1', is_canceled: true },
    output: { segment_id: 'demo-segment-1' },
  },
});
