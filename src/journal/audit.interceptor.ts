import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import type { Call } from '../callers/call.js';
import type { Caller } from '../callers/caller.js';
import { CallSignal } from '../actions/caller.js';
import { CONFIG, type Config } from '../config/config.js';
import { makeTraceId } from './action-id.js';

const CALLER = Symbol('caller');
const CALL = Symbol('call');

/** The answer leaves this long before the caller's deadline, so that it gets there in time. */
const ANSWER_EARLY_MS = 250;

/** What both doors leave on a request; gRPC streams have nothing but the call itself. */
interface Opened {
  [CALLER]?: Caller;
  [CALL]?: Call;
}

export interface GrpcCallLike extends Opened {
  readonly metadata: { get(name: string): unknown[] };
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
}

export interface RestRequestLike extends Opened {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw: {
    readonly socket: {
      on(event: 'close', listener: () => void): unknown;
      off(event: 'close', listener: () => void): unknown;
    };
  };
}

/** The object that lives as long as a call: a Fastify request, or a call of grpc-js. */
export type Carrier = GrpcCallLike | RestRequestLike;

export function findCarrier(context: ExecutionContext): Carrier {
  if (context.getType() === 'http') return context.switchToHttp().getRequest<RestRequestLike>();
  const args = context.getArgs<unknown[]>();
  return (args[2] ?? args[0]) as GrpcCallLike;
}

/** Written by the caller guard, before the interceptor runs. */
export function noteCaller(carrier: Carrier, caller: Caller): void {
  carrier[CALLER] = caller;
}

/** The caller that the guard found; undefined where it has not come to that. */
export function findCaller(carrier: object): Caller | undefined {
  return (carrier as Opened)[CALLER];
}

/** The call the interceptor opened, for the handlers behind it. */
export function openedCall(carrier: object): Call {
  const call = (carrier as Opened)[CALL];
  if (!call) throw new Error('No audit interceptor stands before this handler');
  return call;
}

/**
 * Opens a call: who asks, through which door, in which trace, until when. Stands visibly on every
 * controller whose handlers act; the recipe writes the rows, since a batch holds many actions.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const carrier = findCarrier(context);
    const caller = carrier[CALLER];
    if (!caller) throw new Error('No caller guard stands before this handler');
    if ('getDeadline' in carrier) {
      this.openGrpcCall(carrier, caller);
      return next.handle();
    }
    return next.handle().pipe(finalize(this.openRestCall(carrier, caller)));
  }

  /**
   * Opens a call of REST; also for handlers that no pipeline of Nest stands before.
   * @returns what ends it
   */
  openRestCall(carrier: RestRequestLike, caller: Caller): () => void {
    const cancelled = new CallSignal();
    const budgetMs = this.config.REQUEST_BUDGET * 1_000;
    const { socket } = carrier.raw;
    const abort = (): void => cancelled.abort();
    socket.on('close', abort);
    carrier[CALL] = {
      caller,
      door: 'rest',
      ...readTrace(carrier.headers['traceparent']),
      answerBy: performance.now() + budgetMs,
      deadline: Infinity,
      cancelled,
    };
    // A kept-alive socket serves many requests; listeners must not pile up on it.
    return () => void socket.off('close', abort);
  }

  /** Opens a call of gRPC; also for handlers that no pipeline of Nest stands before. */
  openGrpcCall(carrier: GrpcCallLike, caller: Caller): void {
    const cancelled = new CallSignal();
    carrier.on('cancelled', () => cancelled.abort());
    const now = performance.now();
    const deadline = now + Number(carrier.getDeadline()) - Date.now() - ANSWER_EARLY_MS;
    const { traceId, parent } = readTrace(carrier.metadata.get('traceparent')[0]);
    carrier[CALL] = {
      caller,
      door: 'grpc',
      traceId,
      ...(parent && { parent }),
      answerBy: Math.min(now + this.config.REQUEST_BUDGET * 1_000, deadline),
      deadline,
      cancelled,
    };
  }
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function readTrace(traceparent: unknown): Pick<Call, 'traceId' | 'parent'> {
  if (traceparent === undefined) return { traceId: makeTraceId() };
  const [, traceId, spanId, flags] =
    /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(String(traceparent)) ?? [];
  const isValid = traceId && spanId && flags && /[^0]/.test(traceId) && /[^0]/.test(spanId);
  if (!isValid) return { traceId: makeTraceId() };
  // The lowest bit says whether the caller records its trace.
  return { traceId, parent: { spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 } };
}
