import type { FastifyRequest } from 'fastify';
import type { Visitor } from '../entrance.js';

/** Who asks, as the headers have it. */
export function readRestVisitor({ headers, raw }: FastifyRequest): Visitor {
  const { authorization, 'x-forwarded-for': given } = headers;
  const forwardedFor = Array.isArray(given) ? given.join(',') : given;
  return {
    authorization,
    peer: raw.socket.remoteAddress ?? '',
    ...(forwardedFor !== undefined && { forwardedFor }),
  };
}
