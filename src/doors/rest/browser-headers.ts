import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';

/**
 * Puts the headers that keep browsers in check on every answer. They are always the same, so helmet is asked
 * for them once: for each answer it would cost more than the rest of Fastify.
 */
export function keepBrowsersInCheck(instance: FastifyInstance): void {
  const headers = askHelmet();
  instance.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers);
    done();
  });
}

function askHelmet(): OutgoingHttpHeaders {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const write = helmet({
    // The documentation page is also read over plain HTTP, on a machine of one's own.
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
