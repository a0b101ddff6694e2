import { Flag, Text } from '../../../../actions/fields.js';
import { twitchAction } from '../../twitch-action.js';

class DeleteScheduleSegment {
  @Text('Id of the segment', {
    max: 500,
    pattern: /^[A-Za-z0-9+/=_-]+$/,
    patternMeans: 'an id as Twitch gave it',
    example: 'demo-segment-2',
  })
  segment_id!: string;
}

class DeleteScheduleSegmentDone {
  @Flag('The stream is no longer announced')
  segment_deleted!: boolean;
}

/** @see https://dev.twitch.tv/docs/api/reference/#delete-channel-stream-schedule-segment */
export const deleteScheduleSegment = twitchAction({
  type: 'delete_schedule_segment',
  group: 'schedule',
  summary: 'Take a stream off the schedule',
  docs: 'https://dev.twitch.tv/docs/api/reference/#delete-channel-stream-schedule-segment',
  effect: 'delete',
  order: ({ account }) => `twitch:schedule:${account.id}`,
  scopes: ['channel:manage:schedule'],
  actsAs: 'account',
  input: DeleteScheduleSegment,
  output: DeleteScheduleSegmentDone,
  request: ({ segment_id }, { account }) => ({
    method: 'DELETE',
    path: '/schedule/segment',
    query: { broadcaster_id: account.id, id: segment_id },
  }),
  yes: 'no body',
  response: () => ({ segment_deleted: true }),
  example: { input: { segment_id: 'demo-segment-2' }, output: { segment_deleted: true } },
});
