import { Controller, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../actions/door-refusal.js';
import { isObject } from '../actions/json.js';
import type { Outcome } from '../actions/outcome.js';
import { Route, type RouteRequest } from '../doors/door/route.js';
import { describeFields, describeMembers, EARLIER_REFUSALS, EARLIER_SECURITY } from './describe.js';
import { type EarlierOptions, PredecessorEngine } from './engine.js';
import {
  type EarlierRequest,
  isTruthyInPython,
  type Operation,
  type Predecessor,
} from './predecessor.js';

/** What the header does on the routes of all earlier services. */
export const EARLIER_KEY = 'The same key and content is carried out once';

/** Makes the controller that offers the REST routes of an earlier service, as its table has them. */
export function makeRestController(predecessor: Predecessor): Type {
  @Controller()
  class PredecessorRoutes {
    constructor(readonly engine: PredecessorEngine) {}
  }
  const { prototype } = PredecessorRoutes;
  for (const operation of predecessor.operations) {
    const handle = async function (
      this: PredecessorRoutes,
      { call, request, reply }: RouteRequest,
    ): Promise<void> {
      const asked = readEarlierRequest(request);
      if (lacksFields(operation, asked)) {
        await this.engine.countRefused(call);
        return refuseMissingFields(predecessor, operation, reply);
      }
      const outcome = await this.engine.carryOut(
        predecessor,
        operation,
        asked,
        call,
        readEarlierOptions(request),
      );
      setOutcomeHeaders(reply, outcome);
      void reply
        .status(predecessor.status(outcome, operation))
        .send(predecessor.answer(outcome, asked, operation));
    };
    const name = operation.rpc;
    Object.defineProperty(prototype, name, { value: handle, writable: true, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    // Applies the decorator by hand, since the methods come from a table.
    describeRoute(predecessor, operation)(prototype, name, descriptor);
  }
  return PredecessorRoutes;
}

/** The route of an operation, as its table has it. */
function describeRoute(predecessor: Predecessor, operation: Operation) {
  const { name, accountField, refuse: writeRefusal } = predecessor;
  const { rpc, action, requiredFields = [], resultFields = [] } = operation;
  const [method, route] = operation.route;
  const path = `/${route}`;
  const inPath = new Set(Array.from(path.matchAll(/:(\w+)/g), ([, field = '']) => field));
  const fields = [
    ...Object.keys(operation.fields),
    ...(accountField === undefined ? [] : [accountField]),
  ];
  const inBody = fields.filter((field) => !inPath.has(field));
  const line = 'message' in writeRefusal('') ? 'message' : 'error';
  const given = ['success', ...(line === 'message' ? [line] : []), ...resultFields];
  return Route({
    method,
    path,
    tag: 'Earlier services',
    id: `${name}${rpc}`,
    summary: `Carry out ${name}.${action} in the form of the earlier ${name} service`,
    needs: 'caller',
    security: EARLIER_SECURITY,
    weight: 0,
    takesIdempotencyKey: EARLIER_KEY,
    dialect: name,
    refusesAs: name,
    ...(inBody.length > 0 && {
      rawBody: describeFields(
        inBody,
        requiredFields.filter((field) => inBody.includes(field)),
      ),
    }),
    answers: {
      200: describeMembers('What became of it', given),
      ...EARLIER_REFUSALS,
      ...(line === 'error' && { 500: describeMembers("The platform's no", ['success', 'error']) }),
    },
  });
}

/** The fields of a request: those of its path above those of its body. @throws DoorRefusal */
export function readEarlierRequest({ body, params }: FastifyRequest): EarlierRequest {
  if (body !== undefined && body !== null && !isObject(body))
    throw refuse.malformed('The body must be a JSON object');
  return { ...(body as object | null | undefined), ...(params as object) };
}

/** The idempotency key and the dry-run flag of a request. */
export function readEarlierOptions({ headers }: Pick<FastifyRequest, 'headers'>): EarlierOptions {
  const { 'idempotency-key': key, 'dry-run': dryRun } = headers;
  return {
    ...(typeof key === 'string' && key !== '' && { idempotencyKey: key }),
    isDryRun: dryRun === 'true' || dryRun === '1',
  };
}

/** Sets what the earlier bodies have no field for: the action, its status, and whether to retry. */
export function setOutcomeHeaders(
  reply: FastifyReply,
  { action_id, status, failure }: Outcome,
): void {
  void reply.header('action-id', action_id).header('action-status', status);
  if (!failure) return;
  void reply.header('failure-code', failure.code).header('retryable', String(failure.retryable));
  if (failure.retry_after_ms !== undefined)
    void reply.header('retry-after', String(Math.ceil(failure.retry_after_ms / 1_000)));
}

function lacksFields({ requiredFields = [] }: Operation, asked: EarlierRequest): boolean {
  return !requiredFields.every((name) => isTruthyInPython(asked[name]));
}

/** Answers a missing field as the earlier service did. */
function refuseMissingFields(
  { refuse: writeRefusal }: Predecessor,
  { requiredFields = [], missingFields }: Operation,
  reply: FastifyReply,
): void {
  const error = missingFields ?? `Missing ${requiredFields.join(' or ')}`;
  void reply.status(400).header('nothing-sent', '1').send(writeRefusal(error));
}
