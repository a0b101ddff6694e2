import type { FastifyRequest } from 'fastify';
import type { RequestOrigin } from '../caller-authentication.js';

/** The origin of a REST request, from its headers and its connection. */
export function readRequestOrigin({ headers, raw }: FastifyRequest): RequestOrigin {
  const { authorization, 'x-forwarded-for': given } = headers;
  const forwardedFor = Array.isArray(given) ? given.join(',') : given;
  return {
    authorization,
    peer: raw.socket.remoteAddress ?? '',
    ...(forwardedFor !== undefined && { forwardedFor }),
  };
}
