import type { Failure, FieldViolation, Outcome } from './outcome.js';

interface GatewayErrorDetails {
  readonly status?: number;
  readonly nothingSent: boolean;
  readonly idempotencyKey?: string;
  readonly cause?: unknown;
}

/**
 * The gateway gave no outcome: it refused the request at its door, could not be reached, or did not answer in
 * time. Where `nothingSent` is false, an action may have been carried out: call again with the same
 * `idempotencyKey` to learn its outcome.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  /** The HTTP status; undefined without an answer. */
  readonly status?: number;
  /** No platform received the request. */
  readonly nothingSent: boolean;
  /** The key of the call that was given up. */
  readonly idempotencyKey?: string;

  constructor(
    message: string,
    { status, nothingSent, idempotencyKey, cause }: GatewayErrorDetails,
  ) {
    super(message, { cause });
    this.status = status;
    this.nothingSent = nothingSent;
    this.idempotencyKey = idempotencyKey;
  }

  /** The same after other attempts. @param nothingSent whether none of all attempts reached a platform */
  after(nothingSent: boolean): GatewayError {
    return nothingSent === this.nothingSent
      ? this
      : new GatewayError(this.message, { ...this, cause: this.cause, nothingSent });
  }
}

/** An outcome without a result, where a result was needed. */
export class ActionError extends Error {
  override readonly name = 'ActionError';

  constructor(readonly outcome: Outcome<unknown>) {
    super(describe(outcome));
  }

  get failure(): Failure | undefined {
    return 'failure' in this.outcome ? this.outcome.failure : undefined;
  }

  /** Every wrong field of the call. */
  get violations(): readonly FieldViolation[] {
    return this.failure?.violations ?? [];
  }
}

/**
 * The result of an action that succeeded.
 * @throws ActionError for any other outcome, with the wrong fields by name
 */
export function resultOf<Result>(outcome: Outcome<Result>): Result {
  if (outcome.status === 'SUCCEEDED') return outcome.result;
  throw new ActionError(outcome);
}

function describe(outcome: Outcome<unknown>): string {
  if (!('error' in outcome)) return `${outcome.status}: ${outcome.message}`;
  const code = outcome.failure?.code ?? outcome.status;
  const violations = outcome.failure?.violations ?? [];
  const fields = violations.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return `${code}: ${fields === '' ? outcome.error : fields}`;
}
