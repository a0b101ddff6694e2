import { STATUS_CODES } from 'node:http';
import { FAILURES } from '../../actions/failures.js';
import type { JsonObject } from '../../actions/json.js';
import { defineSchema, TEXT, WHOLE } from '../door/schema.js';

/** The door's own refusals, by HTTP status. */
export const PROBLEMS = {
  400: { name: 'Malformed', description: 'The request cannot be read, or a field of it is wrong' },
  401: { name: 'Unauthenticated', description: 'The credential is missing, wrong or expired' },
  403: { name: 'Forbidden', description: 'The token lacks a permission, or does not reach this' },
  404: { name: 'NotFound', description: 'Nothing of this name is known to this caller' },
  408: { name: 'TooSlow', description: 'The body did not come within REST_BODY_TIMEOUT' },
  409: {
    name: 'Taken',
    description:
      'There is one of this name already, several tenants have one of this name, or it has changed meanwhile',
  },
  413: {
    name: 'TooLarge',
    description: 'The body, its file apart, is larger than MAX_MESSAGE_BYTES',
  },
  414: { name: 'AddressTooLong', description: 'A part of the path is too long' },
  415: { name: 'NotJson', description: 'The body is not declared as JSON' },
  422: { name: 'KeyReused', description: FAILURES.KEY_REUSED.meaning },
  429: { name: 'TooMany', description: 'Too many requests, of this caller or from this address' },
  500: { name: 'Fault', description: 'A fault of the gateway; it is in its log' },
  503: { name: 'Unavailable', description: FAILURES.GATEWAY_UNAVAILABLE.meaning },
} as const;
export type ProblemStatus = keyof typeof PROBLEMS;

export const PROBLEM = defineSchema('Problem', {
  type: 'object',
  description: "RFC 9457: the door's own no, before any action was begun",
  required: ['type', 'title', 'status', 'detail', 'error'],
  properties: {
    type: { ...TEXT, format: 'uri-reference' },
    title: TEXT,
    status: { ...WHOLE, description: 'The HTTP status' },
    detail: { ...TEXT, description: 'What is wrong and how to mend it' },
    error: { ...TEXT, description: 'The same as `detail`' },
  },
});

export const RETRY_AFTER: JsonObject = { $ref: '#/components/headers/retry-after' };
/** Of a caller's budget, on every answer to a caller that has one. */
export const RATE_LIMIT: JsonObject = {
  ratelimit: { $ref: '#/components/headers/ratelimit' },
  'ratelimit-policy': { $ref: '#/components/headers/ratelimit-policy' },
};
export const IDEMPOTENT_REPLAYED: JsonObject = {
  $ref: '#/components/headers/idempotent-replayed',
};
export const NOTHING_SENT: JsonObject = { $ref: '#/components/headers/nothing-sent' };

/** Every problem as a response that operations refer to. */
export function describeProblems(): JsonObject {
  const named = Object.entries(PROBLEMS).map(([status, { name, description }]) => [
    name,
    {
      description,
      headers: {
        'nothing-sent': NOTHING_SENT,
        ...(['429', '503'].includes(status) && { 'retry-after': RETRY_AFTER }),
        ...(status === '429' && RATE_LIMIT),
      },
      content: { 'application/problem+json': describeProblem(Number(status), description) },
    },
  ]);
  return Object.fromEntries(named) as JsonObject;
}

/** The body of a problem, with an example. */
export function describeProblem(status: number, detail: string): JsonObject {
  return {
    schema: PROBLEM,
    example: {
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail,
      error: detail,
    },
  };
}

/** References to problems, by status. */
export function pickProblems(statuses: readonly number[]): JsonObject {
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      { $ref: `#/components/responses/${PROBLEMS[status as ProblemStatus].name}` },
    ]),
  );
}

/** A route of a dialect refuses in the form of the dialect, and before the route is known in our own. */
export function refuseInDialect(status: number): JsonObject {
  const { description } = PROBLEMS[status as ProblemStatus] ?? { description: 'It is refused' };
  return {
    description,
    content: {
      'application/json': { schema: { type: 'object' } },
      'application/problem+json': { schema: PROBLEM },
    },
  };
}
