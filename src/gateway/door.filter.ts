import type { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Readable } from 'node:stream';
import { status as grpcStatus } from '@grpc/grpc-js';
import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Observable, of, throwError } from 'rxjs';
import { ActionFailure, FAILURES } from '../actions/failures.js';
import { MediaRefusal } from '../media/media-refusal.js';
import { METRICS } from '../observability/metrics.js';
import { nothingSent } from './grpc/nothing-sent.js';
import { findMediaRefusal, sendMediaRefusal } from './media/media-answer.js';
import { DoorRefusal } from './refusal.js';

const TOO_LARGE = 413;
/** How long a body that is refused anyway may go on coming. */
const DRAIN_MS = 2_000;

const AREAS: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'authorisation',
};

/** What both kinds of gRPC calls have. */
type GrpcCall = EventEmitter & { readonly metadata?: { getMap(): Record<string, unknown> } };

/** Turns whatever a handler throws into the form of its door; faults of ours show nothing outside. */
@Catch()
export class DoorFilter implements ExceptionFilter {
  readonly #logger = new Logger(DoorFilter.name);

  catch(error: unknown, host: ArgumentsHost): Observable<unknown> | void {
    if (host.getType() === 'http') {
      const reply = host.switchToHttp().getResponse<FastifyReply>();
      const report = readHealthReport(error);
      if (report) return void reply.status(503).send(report);
      const problem = this.#readError(error);
      this.#noteNo(problem, {
        ...pickIds(reply.request.headers),
        route: reply.request.routeOptions.url,
      });
      const media = findMediaRefusal(reply.request.routeOptions.url, error, problem);
      const send = (): void =>
        media ? sendMediaRefusal(reply, media) : sendProblem(reply, problem);
      // A client that is cut off while it still sends never gets to read why.
      if (problem.http === TOO_LARGE) return drain(reply.request.raw, send);
      return send();
    }
    const refusal = this.#readError(error);
    const answer = {
      code: grpcStatus[refusal.grpc],
      details: refusal.message,
      metadata: nothingSent(),
    };
    const [call, , unaryCall] = host.getArgs<[GrpcCall, unknown, GrpcCall | undefined]>();
    this.#noteNo(refusal, pickIds((unaryCall ?? call).metadata?.getMap() ?? {}));
    if (unaryCall !== undefined) return throwError(() => answer);
    // Nest hands the error of a stream to nobody, and the process would end: the stream itself is told.
    call.emit('error', answer);
    return of(undefined);
  }

  /** Who is kept out has a line in the log, to be found by the area it belongs to. */
  #noteNo({ grpc, message }: DoorRefusal, about: object): void {
    const area = AREAS[grpc];
    if (!area) return;
    METRICS.refused.inc({ area });
    this.#logger.warn({ area, ...about, reason: message }, 'refused');
  }

  #readError(error: unknown): DoorRefusal {
    if (error instanceof DoorRefusal) return error;
    if (error instanceof MediaRefusal) return readMediaRefusal(error);
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

/** By what a caller finds its request again. */
function pickIds(headers: Readonly<Record<string, unknown>>): object {
  const { 'x-request-id': requestId, traceparent } = headers;
  const traceId = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(traceparent))?.[1];
  return {
    ...(typeof requestId === 'string' && { request_id: requestId.slice(0, 255) }),
    ...(traceId !== undefined && { trace_id: traceId }),
  };
}

/** Reads a body to its end, or for as long as it may take, and keeps nothing of it. */
function drain(body: Readable, then: () => void): void {
  const timer = setTimeout(finish, DRAIN_MS);
  body.once('end', finish).once('close', finish).resume();

  function finish(): void {
    clearTimeout(timer);
    body.off('end', finish).off('close', finish);
    then();
  }
}

/** Terminus throws what it found; it is an answer, not a fault. */
function readHealthReport(error: unknown): object | undefined {
  const report = error instanceof HttpException ? error.getResponse() : undefined;
  return typeof report === 'object' && 'details' in report ? report : undefined;
}

function readHttpError(http: number, message: string): DoorRefusal {
  if (http === 429) return new DoorRefusal('RESOURCE_EXHAUSTED', 429, message, 60_000);
  return new DoorRefusal(http === 404 ? 'NOT_FOUND' : 'INVALID_ARGUMENT', http, message);
}

function readMediaRefusal({ status, message, retryAfterMs }: MediaRefusal): DoorRefusal {
  const grpc = status === 401 ? 'UNAUTHENTICATED' : 'FAILED_PRECONDITION';
  return new DoorRefusal(grpc, status, message, retryAfterMs);
}

/** @see https://www.rfc-editor.org/rfc/rfc9457 — `error` is the member that older callers read. */
export function sendProblem(
  reply: FastifyReply,
  { http, message, retryAfterMs }: DoorRefusal,
): void {
  if (retryAfterMs !== undefined)
    void reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  // A connection closed on a caller who still sends shows a broken pipe instead of this answer.
  if (http === 413 || !reply.request.raw.complete) void reply.removeHeader('connection');
  void reply
    .status(http)
    .header('nothing-sent', '1')
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: STATUS_CODES[http] ?? 'Error',
      status: http,
      detail: message,
      error: message,
    });
}
