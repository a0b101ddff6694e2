import type { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { status as grpcStatus, type Metadata, type StatusObject } from '@grpc/grpc-js';
import { HttpException, Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { ActionFailure, FAILURES } from '../../actions/failures.js';
import { CONFIG, type Config } from '../../config/config.js';
import { authenticateRpc, describeRpcAttempt } from '../grpc/authentication-interceptor.js';
import { nothingSent } from '../grpc/nothing-sent.js';
import { renderNotFoundPage } from '../pages/page.js';
import { logRefusal } from '../refusal-log.js';
import { CallerAuthentication } from '../caller-authentication.js';
import { RefusedRequests } from '../refused-requests.js';
import { hasBody } from '../rest/body.js';
import { readRequestOrigin } from '../rest/request-origin.js';
import { WrongCredentials } from '../wrong-credentials.js';
import { Dialects } from './dialects.js';
import { readRoute } from './route.js';

const TOO_LARGE = 413;
/** How long a body that is refused is still read. */
const DRAIN_MS = 2_000;

/** What both kinds of gRPC calls have. */
export type GrpcCall = EventEmitter & {
  readonly metadata: Metadata;
  getPeer(): string;
  getPath(): string;
};
/** A status with its trailers, as grpc-js takes it for an error. */
type GrpcRefusal = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** The answer to a refused unary call: a status, or an OK answer that contains the refusal. */
export type UnaryRefusal = { readonly status: GrpcRefusal } | { readonly answer: object };

/** Turns an error into an answer. A fault of the gateway is logged, and its answer shows no details. */
@Injectable()
export class Refusals {
  readonly #logger = new Logger('Door');

  constructor(
    private readonly wrongCredentials: WrongCredentials,
    private readonly refused: RefusedRequests,
    private readonly dialects: Dialects,
    private readonly authentication: CallerAuthentication,
    @Inject(CONFIG) private readonly config: Pick<Config, 'sandbox'>,
  ) {}

  /** Answers a request of REST. */
  answerRest(error: unknown, reply: FastifyReply): void {
    const report = readHealthReport(error);
    if (report) return void reply.status(503).send(report);
    const { request } = reply;
    const refusal = this.#readError(error);
    const counted = this.refused.count(refusal, request, () =>
      this.authentication.authenticateAgain(request),
    );
    if (counted instanceof Promise) void this.#refuseLater(counted, reply);
    else this.#refuseRest(counted, reply);
  }

  /** What a unary call is answered: a dialect may refuse inside of an OK answer. */
  async answerUnary(error: unknown, call: GrpcCall): Promise<UnaryRefusal> {
    const refusal = await this.#judgeGrpc(this.#readError(error), call);
    const status = describeForGrpc(refusal, call);
    const found = this.dialects.findByRpc(call.getPath());
    const answer = found?.dialect.refuseRpc?.(found.method, refusal);
    return answer ? { answer } : { status };
  }

  /** Ends a stream with the status of an error. */
  async endStream(error: unknown, call: GrpcCall): Promise<void> {
    call.emit('error', describeForGrpc(await this.#judgeGrpc(this.#readError(error), call), call));
  }

  async #refuseLater(counted: Promise<DoorRefusal>, reply: FastifyReply): Promise<void> {
    this.#refuseRest(await counted, reply);
  }

  #refuseRest(counted: DoorRefusal, reply: FastifyReply): void {
    const { headers, routeOptions, body } = reply.request;
    const problem = this.wrongCredentials.count(counted, () => ({
      ...readRequestOrigin(reply.request),
      door: routeOptions.url ?? '',
      body,
    }));
    logRefusal(problem, headers, { route: routeOptions.url });
    const send = (): void => this.#sendInForm(reply, problem);
    // A client that is disconnected while it sends cannot read the answer.
    if (problem.http === TOO_LARGE) return drain(reply.request.raw, send);
    return send();
  }

  /** Refuses in the form of the route: that of a dialect, or our own. */
  #sendInForm(reply: FastifyReply, problem: DoorRefusal): void {
    const { routeOptions, body } = reply.request;
    const route = readRoute(routeOptions.config);
    if (!route) return this.#sendToReader(reply, problem);
    const refusing = this.dialects.findRefusing(route);
    if (refusing?.refuseRest) return refusing.refuseRest(problem, reply);
    const worded = this.dialects.find(route, body, reply.request)?.wordRefusal?.(problem);
    sendProblem(reply, worded ?? problem);
  }

  /** An address that leads nowhere: a page for a person, a problem for a program. */
  #sendToReader(reply: FastifyReply, problem: DoorRefusal): void {
    const { method, headers, url } = reply.request;
    const isPerson = method === 'GET' && /\btext\/html\b/i.test(headers.accept ?? '');
    if (problem.http !== 404 || !isPerson) return sendProblem(reply, problem);
    prepareProblem(reply, problem);
    const [path = ''] = url.split('?', 1);
    void reply.type('text/html; charset=utf-8').send(renderNotFoundPage(path, this.config));
  }

  async #judgeGrpc(refusal: DoorRefusal, call: GrpcCall): Promise<DoorRefusal> {
    const { metadata } = call;
    const counted = await this.refused.count(refusal, call, () =>
      authenticateRpc(this.authentication, metadata),
    );
    return this.wrongCredentials.count(counted, () =>
      describeRpcAttempt(call.getPath(), metadata, call),
    );
  }

  #readError(error: unknown): DoorRefusal {
    if (error instanceof DoorRefusal) return error;
    if (error instanceof ActionFailure) {
      const { grpc, http } = FAILURES[error.code];
      return new DoorRefusal(grpc, http, error.message, error.details.retryAfterMs);
    }
    if (error instanceof HttpException) return readHttpError(error.getStatus(), error.message);
    const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
    // Fastify's own: a body too large, of another type, or not JSON.
    if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
      return readHttpError(statusCode, String(message));
    this.#logger.error({ err: error }, 'A request met a fault of the gateway');
    return new DoorRefusal('INTERNAL', 500, 'The gateway met a fault of its own; it is in the log');
  }
}

function describeForGrpc(refusal: DoorRefusal, { metadata }: GrpcCall): GrpcRefusal {
  logRefusal(refusal, metadata.getMap());
  return { code: grpcStatus[refusal.grpc], details: refusal.message, metadata: nothingSent() };
}

/** Reads a body to its end, at most for DRAIN_MS, and discards it. */
function drain(body: Readable, then: () => void): void {
  const timer = setTimeout(finish, DRAIN_MS);
  body.once('end', finish).once('close', finish).resume();

  function finish(): void {
    clearTimeout(timer);
    body.off('end', finish).off('close', finish);
    then();
  }
}

/** Terminus throws its report; it is an answer, not a fault. */
function readHealthReport(error: unknown): object | undefined {
  const report = error instanceof HttpException ? error.getResponse() : undefined;
  return typeof report === 'object' && 'details' in report ? report : undefined;
}

function readHttpError(http: number, message: string): DoorRefusal {
  if (http === 429) return new DoorRefusal('RESOURCE_EXHAUSTED', 429, message, 60_000);
  return new DoorRefusal(http === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT', http, message);
}

/** @see https://www.rfc-editor.org/rfc/rfc9457 — `error` is the member that older callers read. */
export function sendProblem(reply: FastifyReply, problem: DoorRefusal): void {
  const { http, message } = problem;
  prepareProblem(reply, problem);
  void reply.type('application/problem+json').send({
    type: 'about:blank',
    title: STATUS_CODES[http] ?? 'Error',
    status: http,
    detail: message,
    error: message,
  });
}

/** Sets the status and the headers of a refusal that was made before any action began. */
export function prepareProblem(reply: FastifyReply, { http, retryAfterMs }: DoorRefusal): void {
  const { request } = reply;
  if (retryAfterMs !== undefined)
    void reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  // A client that still sends when its connection closes gets a broken pipe instead of this answer.
  const isSending = hasBody(request) && !request.raw.complete;
  if (http === TOO_LARGE || isSending) void reply.removeHeader('connection');
  void reply.status(http).header('nothing-sent', '1');
}
