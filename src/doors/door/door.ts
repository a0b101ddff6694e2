import type {
  handleBidiStreamingCall,
  handleUnaryCall,
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
} from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../../actions/door-refusal.js';
import type { Caller } from '../../callers/caller.js';
import { requirePermissionOf } from '../../callers/permissions.js';
import { CONFIG, type Config } from '../../config/config.js';
import { BudgetSpent, CallerBudgets } from '../../safeguards/caller-budgets.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { authenticateRpc } from '../grpc/authentication-interceptor.js';
import { markCounted } from '../refused-requests.js';
import type { AccessRules } from './access-rules.js';
import { Dialects } from './dialects.js';
import { presentRest, presentRpc } from './presented.js';
import {
  type Carrier,
  type GrpcCallLike,
  attachCaller,
  openGrpcCall,
  type OpenedRestCall,
  openRestCall,
  type RestRequestLike,
} from './open-call.js';
import { makeReader } from './read-parts.js';
import { type GrpcCall, Refusals } from './refusals.js';
import type { Route, RouteRequest } from './route.js';
import type { StreamRequest, UnaryRequest } from './rpc.js';

/** Handlers, bound to their controllers. */
type HandleRest = (request: RouteRequest) => unknown;
type HandleUnary = (request: UnaryRequest) => unknown;
type HandleStream = (request: StreamRequest) => unknown;
type GrpcMetadata = Parameters<typeof authenticateRpc>[1];

/**
 * The one way of a request through a door: authenticate the caller, check its permission and its budget, open
 * the call, handle it, answer. REST requests, unary calls and streams differ in how they are opened and
 * answered. `#authorize` does the first two steps for all of them, and `Refusals` answers every error.
 */
@Injectable()
export class Door {
  readonly #budgetMs: number;

  constructor(
    private readonly authentication: CallerAuthentication,
    private readonly dialects: Dialects,
    private readonly budgets: CallerBudgets,
    private readonly refusals: Refusals,
    @Inject(CONFIG) config: Pick<Config, 'REQUEST_BUDGET'>,
  ) {
    this.#budgetMs = config.REQUEST_BUDGET * 1_000;
  }

  /** Makes the handler of a route for Fastify. It never throws, and sends each answer itself. */
  serveRest(
    route: Route,
    handle: HandleRest,
  ): (request: FastifyRequest, reply: FastifyReply) => void {
    const plan = {
      gate: route,
      isPublic: route.needs === 'public',
      read: makeReader(route),
      status: Number(Object.keys(route.answers)[0] ?? 200),
      headers: route.headers,
      handle,
    };
    return (request, reply) => void this.#answerRest(plan, request, reply);
  }

  /** Makes the handler of a unary call for grpc-js. */
  serveUnary(gate: AccessRules, handle: HandleUnary): handleUnaryCall<unknown, unknown> {
    return (call, callback) => void this.#answerUnary(gate, handle, call, callback);
  }

  /** Makes the handler of a bidirectional stream for grpc-js. */
  serveStream(gate: AccessRules, handle: HandleStream): handleBidiStreamingCall<unknown, object> {
    return (stream) => void this.#answerStream(gate, handle, stream);
  }

  async #answerRest(plan: RestPlan, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    let opened: OpenedRestCall | undefined;
    try {
      if (!plan.isPublic) {
        const carrier = request as unknown as RestRequestLike;
        const authorized = this.#authorize(plan.gate, carrier, undefined);
        const caller = authorized instanceof Promise ? await authorized : authorized;
        opened = openRestCall(carrier, caller, this.#budgetMs);
      }
      if (plan.status !== 200) reply.status(plan.status);
      if (plan.headers) reply.headers(plan.headers);
      const { params, query, body } = plan.read(request);
      const call = opened?.call;
      const given = { params, query, body, request, reply, call, caller: call?.caller };
      // A public route has no call and no caller; the type of its handler says so.
      const answer = await plan.handle(given as RouteRequest);
      if (answer !== undefined || plan.status === 204) void reply.send(answer);
    } catch (error) {
      this.refusals.answerRest(error, reply);
    } finally {
      opened?.end();
    }
  }

  async #answerUnary(
    gate: AccessRules,
    handle: HandleUnary,
    unary: ServerUnaryCall<unknown, unknown>,
    callback: sendUnaryData<unknown>,
  ): Promise<void> {
    let answer: unknown;
    try {
      const { metadata, request: message } = unary;
      const carrier = unary as unknown as GrpcCallLike;
      const authorized = this.#authorize(gate, carrier, message);
      const caller = authorized instanceof Promise ? await authorized : authorized;
      const call = openGrpcCall(carrier, caller, this.#budgetMs);
      answer = await handle({ message, call, caller, metadata, unary });
    } catch (error) {
      const refusal = await this.refusals.answerUnary(error, unary as unknown as GrpcCall);
      if ('status' in refusal) return callback(refusal.status as Parameters<typeof callback>[0]);
      answer = refusal.answer;
    }
    callback(null, answer);
  }

  async #answerStream(
    gate: AccessRules,
    handle: HandleStream,
    stream: ServerDuplexStream<unknown, object>,
  ): Promise<void> {
    try {
      const carrier = stream as unknown as GrpcCallLike;
      const caller = await this.#authorize(gate, carrier, undefined);
      await handle({ stream, call: openGrpcCall(carrier, caller, this.#budgetMs) });
    } catch (error) {
      await this.refusals.endStream(error, stream as unknown as GrpcCall);
    }
  }

  /** Authenticates a caller, and checks its permission and its budget. @throws DoorRefusal, BudgetSpent */
  #authorize(gate: AccessRules, carrier: Carrier, message: unknown): Caller | Promise<Caller> {
    if (gate.takesIdempotencyKey === undefined) refuseIdempotencyKey(carrier);
    const caller = this.#authenticate(gate, carrier, message);
    return caller instanceof Promise
      ? caller.then((found) => this.#permit(gate, carrier, found))
      : this.#permit(gate, carrier, caller);
  }

  #permit(gate: AccessRules, carrier: Carrier, caller: Caller): Caller | Promise<Caller> {
    // Before the checks below, whose refusals are counted for the caller.
    attachCaller(carrier, caller);
    if (typeof gate.needs !== 'string') requirePermissionOf(caller, gate.needs);
    const { weight = 1 } = gate;
    if (weight === 0) return caller;
    markCounted(carrier);
    return this.#spend(caller, weight);
  }

  /** A caller is entered here: by its token, by its session, or as a dialect knows it. */
  #authenticate(rules: AccessRules, carrier: Carrier, message: unknown): Caller | Promise<Caller> {
    if ('metadata' in carrier) {
      const dialect = this.dialects.find(rules, message);
      if (dialect?.authenticate)
        return dialect.authenticate(presentRpc(carrier.metadata, carrier, message));
      return authenticateRpc(this.authentication, carrier.metadata as unknown as GrpcMetadata);
    }
    const request = carrier as unknown as FastifyRequest;
    if (this.authentication.hasSession(request))
      return this.authentication.authenticateRest(request);
    const dialect = this.dialects.find(rules, request.body, request);
    if (dialect?.authenticate) return dialect.authenticate(presentRest(request));
    return this.authentication.authenticateRest(request);
  }

  /** @throws BudgetSpent */
  #spend(caller: Caller, weight: number): Caller | Promise<Caller> {
    const { identity, requestsPerMinute } = caller;
    const spending = this.budgets.spend(identity, requestsPerMinute, weight);
    if (!spending) return caller;
    return spending.then(
      () => caller,
      (error: unknown) => {
        // Without a database nothing is counted. Handlers that need it refuse by themselves.
        if (error instanceof BudgetSpent) throw error;
        return caller;
      },
    );
  }
}

/** What is known of a route before its first request. */
interface RestPlan {
  readonly gate: AccessRules;
  readonly isPublic: boolean;
  readonly read: ReturnType<typeof makeReader>;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly handle: HandleRest;
}

/**
 * Refuses the Idempotency-Key header on a POST route that ignores it: a repeat would be carried out again.
 * PUT and DELETE are idempotent by themselves.
 * @throws DoorRefusal
 */
function refuseIdempotencyKey(carrier: Carrier): void {
  if (!('headers' in carrier) || carrier.headers['idempotency-key'] === undefined) return;
  if ((carrier as unknown as FastifyRequest).method !== 'POST') return;
  throw refuse.malformed(
    'Idempotency-Key is not supported on this route: leave the header out, and read the present state before you repeat the request',
  );
}
