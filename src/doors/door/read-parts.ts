import type { FastifyRequest } from 'fastify';
import { refuse } from '../../actions/door-refusal.js';
import { type FieldClass, parseFields } from '../../actions/fields.js';
import type { Route } from './route.js';

/** The parts of a request that a route declares. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Reads the declared parts of requests; a part without a class stays as Fastify has it.
 * @returns a function that throws DoorRefusal naming every wrong field of a part
 */
export function makeReader({
  params,
  query,
  body,
}: Pick<Route, 'params' | 'query' | 'body'>): (request: FastifyRequest) => RequestParts {
  if (!params && !query && !body) return (request) => request;
  return (request) => ({
    params: params ? parsePart(params, request.params) : request.params,
    query: query ? parsePart(query, request.query) : request.query,
    body: body ? parsePart(body, request.body) : request.body,
  });
}

/** A part of a request as an instance of a class of fields. @throws DoorRefusal naming every wrong field */
function parsePart<T extends object>(type: FieldClass<T>, part: unknown): T {
  const parsed = parseFields(type, part ?? {});
  if (parsed.ok) return parsed.value;
  throw refuse.malformed(
    parsed.violations.map(({ field, message }) => `${field} ${message}`.trim()).join('; '),
  );
}
