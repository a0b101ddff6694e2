import { Logger } from '@nestjs/common';
import { METRICS } from '../observability/metrics.js';
import type { DoorRefusal } from '../actions/door-refusal.js';

const AREAS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'authorisation',
};

const logger = new Logger('DoorFilter');

/**
 * Who is kept out has a line in the log, to be found by the area it belongs to.
 * @param headers those of the request, or its metadata
 */
export function noteRefusal(
  { grpc, message }: DoorRefusal,
  headers: Readonly<Record<string, unknown>>,
  about: object = {},
): void {
  const area = AREAS[grpc];
  if (!area) return;
  METRICS.refused.inc({ area });
  logger.warn({ area, ...pickIds(headers), ...about, reason: message }, 'refused');
}

/** By what a caller finds its request again. */
function pickIds(headers: Readonly<Record<string, unknown>>): object {
  const { 'x-request-id': requestId, traceparent } = headers;
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(traceparent))?.[1];
  return {
    ...(typeof requestId === 'string' && { request_id: requestId.slice(0, 255) }),
    ...(traceId !== undefined && { trace_id: traceId }),
  };
}
