import { CallSignal } from '../../actions/caller.js';
import { makeTraceId } from '../../journal/action-id.js';
import type { Call } from '../../callers/call.js';
import type { Caller } from '../../callers/caller.js';

const CALLER = Symbol('caller');

/** The answer leaves this long before the caller's deadline, so that it gets there in time. */
const ANSWER_EARLY_MS = 250;

/** What of a call of grpc-js is read here. */
export interface GrpcCallLike {
  readonly metadata: { get(name: string): unknown[] };
  getDeadline(): Date | number;
  getPeer(): string;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** What of a request of Fastify is read here. */
export interface RestRequestLike {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw: {
    readonly socket: {
      on(event: 'close', listener: () => void): unknown;
      off(event: 'close', listener: () => void): unknown;
    };
  };
}

/** The object that lives as long as a call: a request of Fastify, or a call of grpc-js. */
export type Carrier = GrpcCallLike | RestRequestLike;

/** Notes who asks, for the refusals of the same request. */
export function attachCaller(carrier: Carrier, caller: Caller): void {
  (carrier as { [CALLER]?: Caller })[CALLER] = caller;
}

/** The caller that was noted; undefined where the request was refused before. */
export function findCaller(carrier: object): Caller | undefined {
  return (carrier as { [CALLER]?: Caller })[CALLER];
}

/** A call of REST, and what to call when it ends. */
export interface OpenedRestCall {
  readonly call: Call;
  readonly end: () => void;
}

/** Opens a call of REST: who asks, in which trace, until when. `Prefer: wait` names a deadline. */
export function openRestCall(
  { headers, raw: { socket } }: RestRequestLike,
  caller: Caller,
  budgetMs: number,
): OpenedRestCall {
  const cancelled = new CallSignal();
  const abort = (): void => cancelled.abort();
  socket.on('close', abort);
  const now = performance.now();
  const deadline = now + readWait(headers['prefer']) - ANSWER_EARLY_MS;
  const call: Call = {
    caller,
    door: 'rest',
    ...readTrace(headers['traceparent']),
    answerBy: Math.min(now + budgetMs, deadline),
    deadline,
    cancelled,
  };
  // A kept-alive socket serves many requests; listeners must not pile up on it.
  return { call, end: () => void socket.off('close', abort) };
}

/** Opens a call of gRPC, which may name a deadline of its own. */
export function openGrpcCall(carrier: GrpcCallLike, caller: Caller, budgetMs: number): Call {
  const cancelled = new CallSignal();
  carrier.on('cancelled', () => cancelled.abort());
  const now = performance.now();
  const deadline = now + Number(carrier.getDeadline()) - Date.now() - ANSWER_EARLY_MS;
  const { traceId, parent } = readTrace(carrier.metadata.get('traceparent')[0]);
  return {
    caller,
    door: 'grpc',
    traceId,
    ...(parent && { parent }),
    answerBy: Math.min(now + budgetMs, deadline),
    deadline,
    cancelled,
  };
}

/**
 * The milliseconds that a caller waits for its answer; Infinity where it names none.
 * @see https://www.rfc-editor.org/rfc/rfc7240#section-4.3
 */
function readWait(prefer: string | string[] | undefined): number {
  // Split before matching: one expression over a long header would backtrack.
  for (const preference of String(prefer ?? '').split(',')) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:;|$)/i.exec(preference) ?? [];
    if (seconds !== undefined && Number(seconds) > 0) return Number(seconds) * 1_000;
  }
  return Infinity;
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
