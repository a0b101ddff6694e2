import { writeTime } from '../../../sandbox/exchange.js';
import type { ScheduleSegment } from './channel-state.js';
import { type HelixCall, HelixRefusal, type HelixResult, type HelixRoutes } from './helix-call.js';
import {
  type HelixPlace,
  NO_CONTENT,
  open,
  own,
  readMoment,
  readQueryFlag,
  showBroadcaster,
} from './helix-routes.js';

const MANAGE = ['channel:manage:schedule'];
const MINUTE_MS = 60_000;

/** The schedule of streams. @see https://dev.twitch.tv/docs/api/reference/#get-channel-stream-schedule */
export const SCHEDULE_ROUTES: HelixRoutes = {
  'GET /schedule': {
    app: true,
    handle: open((call, place) => {
      const ids = call.readAll('id');
      const from = call.readQuery('start_time');
      const start = from === undefined ? call.world.now() : readMoment('start_time', from);
      const found = place.state.segments.list(
        (segment) =>
          (ids.length === 0 || ids.includes(segment.id)) &&
          segment.start + segment.minutes * MINUTE_MS >= start,
      );
      if (place.state.segments.size === 0 && !place.state.vacation)
        throw new HelixRefusal(404, 'The broadcaster has not created a streaming schedule.');
      const { data, pagination } = call.paginate(found, 25);
      // The contract has the pagination within the data, and the example of the reference beside it.
      return { value: { data: { ...showSchedule(call, place, data), pagination }, pagination } };
    }),
  },
  'PATCH /schedule/settings': {
    scopes: MANAGE,
    handle: own((call, { state }) => {
      const isOn = readQueryFlag(call, 'is_vacation_enabled');
      const zone = call.readQuery('timezone');
      if (zone !== undefined) state.timezone = requireZone(zone);
      if (isOn === false) state.vacation = null;
      if (isOn !== true) return NO_CONTENT;
      const start = readMoment('vacation_start_time', call.requireQuery('vacation_start_time'));
      const end = readMoment('vacation_end_time', call.requireQuery('vacation_end_time'));
      call.requireQuery('timezone');
      if (end <= start)
        throw new HelixRefusal(400, 'The vacation_end_time is before vacation_start_time.');
      state.vacation = { start, end };
      return NO_CONTENT;
    }),
  },
  'POST /schedule/segment': {
    scopes: MANAGE,
    handle: own((call, place) => {
      const { body } = call;
      const start = readMoment('start_time', body.requireText('start_time'));
      requireZone(body.requireText('timezone'));
      const minutes = readMinutes(body.readValue('duration'));
      const segment = place.state.segments.add(
        {
          start,
          minutes,
          title: body.readText('title', { max: 140 }) ?? '',
          category_id: body.readText('category_id') ?? '',
          is_recurring: body.readFlag('is_recurring') ?? false,
          is_canceled: false,
        },
        Buffer.from(
          JSON.stringify({ segmentID: `${start}-${place.state.segments.size}` }),
        ).toString('base64'),
      );
      return showSegment(call, place, segment);
    }),
  },
  'PATCH /schedule/segment': {
    scopes: MANAGE,
    handle: own((call, place) => {
      const { body } = call;
      const start = body.readText('start_time');
      const duration = body.readValue('duration');
      const zone = body.readText('timezone');
      if (zone !== undefined) requireZone(zone);
      const segment = place.state.segments.change(call.requireQuery('id'), {
        ...(start !== undefined && { start: readMoment('start_time', start) }),
        ...(duration !== undefined && { minutes: readMinutes(duration) }),
        title: body.readText('title', { max: 140 }),
        category_id: body.readText('category_id'),
        is_canceled: body.readFlag('is_canceled'),
      });
      if (!segment) throw new HelixRefusal(404, 'The specified broadcast segment was not found.');
      return showSegment(call, place, segment);
    }),
  },
  'DELETE /schedule/segment': {
    scopes: MANAGE,
    handle: own((call, { state }) => {
      // What Twitch says about an id that is not there is unpublished; simulated: nothing.
      state.segments.remove(call.requireQuery('id'));
      return NO_CONTENT;
    }),
  },
};

/** A text by the contract, and a number as libraries send it. */
function readMinutes(value: unknown): number {
  const minutes = Number(value);
  if (!Number.isInteger(minutes) || minutes < 30 || minutes > 1_380)
    throw new HelixRefusal(400, 'The value in the duration field is not valid.');
  return minutes;
}

function requireZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new HelixRefusal(400, 'The value in the timezone field is not valid.');
  }
}

function showSegment(call: HelixCall, place: HelixPlace, segment: ScheduleSegment): HelixResult {
  return { value: { data: showSchedule(call, place, [segment]) } };
}

function showSchedule(
  call: HelixCall,
  { channel, state }: HelixPlace,
  segments: readonly ScheduleSegment[],
) {
  const { vacation } = state;
  return {
    segments: segments.map((segment) => ({
      id: segment.id,
      start_time: writeTime(segment.start),
      end_time: writeTime(segment.start + segment.minutes * MINUTE_MS),
      title: segment.title,
      canceled_until: segment.is_canceled
        ? writeTime(segment.start + segment.minutes * MINUTE_MS)
        : null,
      category:
        segment.category_id === ''
          ? null
          : { id: segment.category_id, name: call.world.gameName(segment.category_id) },
      is_recurring: segment.is_recurring,
    })),
    ...showBroadcaster(call, channel.broadcaster_id),
    vacation: vacation && {
      start_time: writeTime(vacation.start),
      end_time: writeTime(vacation.end),
    },
  };
}
