import { Logger } from '@nestjs/common';
import { METRICS } from '../observability/metrics.js';
import type { DoorRefusal } from '../actions/door-refusal.js';

const AREAS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'authorisation',
};

/** Refusals of one minute that have a line of their own; the others share one. */
const LINES_PER_MINUTE = 20;
const MINUTE_MS = 60_000;

const logger = new Logger('DoorFilter');

/** Refusals of the current minute that have no line of their own. */
const minute = { lines: 0, unlogged: new Map<string, number>() };
let timer: NodeJS.Timeout | undefined;

/**
 * Every refused caller has a line in the log, to be found by the area it belongs to. In a flood the rest of
 * a minute is summed up in one line for each area.
 * @param headers those of the request, or its metadata
 */
export function logRefusal(
  { grpc, message }: DoorRefusal,
  headers: Readonly<Record<string, unknown>>,
  about: object = {},
): void {
  const area = AREAS[grpc];
  if (!area) return;
  METRICS.refused.inc({ area });
  timer ??= setTimeout(endMinute, MINUTE_MS).unref();
  minute.lines += 1;
  if (minute.lines > LINES_PER_MINUTE)
    minute.unlogged.set(area, (minute.unlogged.get(area) ?? 0) + 1);
  else logger.warn({ area, ...pickIds(headers), ...about, reason: message }, 'refused');
}

function endMinute(): void {
  for (const [area, count] of minute.unlogged)
    logger.warn(
      { area, count, seconds: MINUTE_MS / 1_000 },
      'refused, without a line of their own',
    );
  minute.unlogged.clear();
  minute.lines = 0;
  timer = undefined;
}

/** The ids by which a caller finds its request in the log. */
function pickIds(headers: Readonly<Record<string, unknown>>): object {
  const { 'x-request-id': requestId, traceparent } = headers;
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(traceparent))?.[1];
  return {
    ...(typeof requestId === 'string' && { request_id: requestId.slice(0, 255) }),
    ...(traceId !== undefined && { trace_id: traceId }),
  };
}
