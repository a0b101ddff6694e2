import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/**
 * Adds the security headers of helmet to every answer. They never change, so they are read from helmet once:
 * to run it for each answer would cost more than the rest of Fastify.
 */
export function addSecurityHeaders(instance: FastifyInstance): void {
  const headers = readHelmetHeaders();
  instance.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

function readHelmetHeaders(): OutgoingHttpHeaders {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const write = helmet({
    // The documentation page is also read over plain HTTP, on a local machine.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'self'"], frameAncestors: ["'none'"] },
    },
  });
  write(response.req, response, (error: unknown) => {
    if (error) throw error;
  });
  return { ...response.getHeaders() };
}
