import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';

/**
 * Reads JSON bodies: whole, valid UTF-8, valid JSON. An empty body is no body, also with a JSON type.
 * @param instance the Fastify instance below Nest, which must not bring parsers of its own
 */
export function readJsonBodies(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser(
    /^application\/(.+\+)?json/,
    { parseAs: 'buffer' },
    (_request, body: Buffer, done) => {
      if (body.length === 0) return done(null, undefined);
      if (!isUtf8(body)) return done(refuse.malformed('The body is not valid UTF-8'));
      try {
        return done(null, JSON.parse(body.toString('utf8')));
      } catch (error) {
        return done(refuse.malformed(`The body is not valid JSON: ${(error as Error).message}`));
      }
    },
  );
  // A body without bytes is no body, also when it declares no type.
  instance.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    return done(
      new DoorRefusal('INVALID_ARGUMENT', 415, 'Send JSON with "Content-Type: application/json"'),
    );
  });
}

/** Whether a request brings a body, as its head says. */
export function hasBody({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;
}
