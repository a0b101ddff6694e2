import { fromWire, nameField } from './names.js';
import type { FieldViolation, Outcome } from './outcome.js';

interface WireFailure {
  readonly code: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly violations?: readonly FieldViolation[];
}

/** An outcome as the REST door writes it. */
export interface WireOutcome {
  readonly status: string;
  readonly action_id: string;
  readonly result_data?: object;
  readonly error: string;
  readonly failure?: WireFailure;
}

const SUCCESSES = new Set(['SUCCEEDED', 'PREPARED', 'QUEUED', 'SCHEDULED']);

/** Reads an outcome of the REST door. @param free paths of objects in the result that are left as they are */
export function readOutcome(body: unknown, free: readonly string[]): Outcome<unknown> {
  const wire = body as WireOutcome;
  const { result_data: result = {}, failure, ...rest } = wire;
  const known = fromWire(rest) as Record<string, unknown>;
  const { actionId, message = '', requestId = '', replayed = false, sandbox = false } = known;
  const { status } = wire;
  const base = {
    status,
    success: SUCCESSES.has(status),
    actionId,
    message,
    requestId,
    replayed,
    sandbox,
  };
  if (status === 'SUCCEEDED')
    return { ...base, result: fromWire(result, free) } as Outcome<unknown>;
  if (status === 'PREPARED') return { ...base, prepared: readPrepared(wire) } as Outcome<unknown>;
  if (status === 'QUEUED' || status === 'SCHEDULED' || status === 'RUNNING')
    return base as Outcome<unknown>;
  return {
    ...base,
    error: wire.error,
    partialResult: fromWire(result, free),
    ...(failure && { failure: readFailure(failure) }),
  } as Outcome<unknown>;
}

/** Bodies and headers are the platform's own. */
function readPrepared(wire: object): unknown {
  const { prepared } = wire as { prepared: object };
  const calls = ['body', 'headers'];
  return fromWire(prepared, [
    ...calls,
    ...['reads', 'following'].flatMap((list) => calls.map((name) => `${list}.${name}`)),
  ]);
}

function readFailure(failure: WireFailure): object {
  const { violations = [], ...rest } = failure;
  return {
    ...(fromWire(rest) as object),
    violations: violations.map(({ field, message }) => ({ field: nameField(field), message })),
  };
}

/**
 * After how many milliseconds the same request may be repeated; undefined where it must not be, or where
 * a repeat changes nothing. An outcome that is UNKNOWN is never repeated.
 */
export function findRepeat(body: unknown): number | undefined {
  const { status, failure } = body as WireOutcome;
  if (!failure?.retryable || (status !== 'REFUSED' && status !== 'FAILED')) return undefined;
  return failure.retry_after_ms ?? 0;
}
