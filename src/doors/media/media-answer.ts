import type { FastifyReply } from 'fastify';
import { MediaRefusal } from '../../media/media-refusal.js';
import type { DoorRefusal } from '../../actions/door-refusal.js';
import { readRoute } from '../door/route.js';

/** How a route of media says no, in the form of the earlier services; undefined for other routes. */
export function findMediaRefusal(
  config: unknown,
  error: unknown,
  { http, message, retryAfterMs }: DoorRefusal,
): MediaRefusal | undefined {
  if (error instanceof MediaRefusal) return error;
  if (readRoute(config)?.refusesAs !== 'media') return undefined;
  // What is no JSON reads to callers like no body at all.
  const text = http === 400 ? 'Missing JSON in request' : message;
  return new MediaRefusal(http, { message: text }, retryAfterMs);
}

export function sendMediaRefusal(
  reply: FastifyReply,
  { status, body, retryAfterMs }: MediaRefusal,
): void {
  if (retryAfterMs !== undefined)
    void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  void reply.status(status).send(body);
}
