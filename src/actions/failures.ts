/** The status of an action in the contract. */
export type Status =
  | 'SUCCEEDED'
  | 'REFUSED'
  | 'FAILED'
  | 'UNKNOWN'
  | 'QUEUED'
  | 'SCHEDULED'
  | 'RUNNING'
  | 'CANCELLED'
  | 'PREPARED';

/** One row of the failure table, read by every door, by the docs and by the tests. */
export interface FailureKind {
  /** The status of an action that fails with this code. */
  readonly status: Extract<Status, 'REFUSED' | 'FAILED' | 'UNKNOWN' | 'CANCELLED'>;
  /** gRPC status name, for methods whose answer has no outcome. */
  readonly grpc: GrpcStatusName;
  /** HTTP status of the REST door. */
  readonly http: number;
  /** Whether the same request may succeed later without any change. */
  readonly retryable: boolean;
  readonly meaning: string;
}

export type GrpcStatusName =
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'UNKNOWN';

/** The one failure table. A code decides its status, its gRPC and HTTP form and whether to retry. */
export const FAILURES = {
  UNKNOWN_ACTION: {
    status: 'REFUSED',
    grpc: 'NOT_FOUND',
    http: 404,
    retryable: false,
    meaning: 'No such platform or action type; the error names the nearest one.',
  },
  INVALID_INPUT: {
    status: 'REFUSED',
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    retryable: false,
    meaning: 'The envelope or its parameters are wrong; every wrong field is named.',
  },
  NOT_ALLOWED: {
    status: 'REFUSED',
    grpc: 'PERMISSION_DENIED',
    http: 403,
    retryable: false,
    meaning: "The caller's token does not permit this action, platform or account.",
  },
  APPROVAL_REQUIRED: {
    status: 'REFUSED',
    grpc: 'PERMISSION_DENIED',
    http: 403,
    retryable: false,
    meaning: 'The policy of the caller lets it write only what another caller approves.',
  },
  ACTION_DISABLED: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 403,
    retryable: false,
    meaning: 'A feature flag has switched the platform, the group or the action off.',
  },
  ACCOUNT_NOT_CONNECTED: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retryable: false,
    meaning: 'The gateway holds no credentials for this account.',
  },
  RECONNECT_ACCOUNT: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retryable: false,
    meaning: 'The platform no longer accepts the stored grant; a person must connect it again.',
  },
  MISSING_SCOPE: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 403,
    retryable: false,
    meaning: 'The account is connected without a scope this action needs.',
  },
  KEY_REUSED: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retryable: false,
    meaning: 'The idempotency key was used for a request with other content.',
  },
  IN_PROGRESS: {
    status: 'REFUSED',
    grpc: 'ABORTED',
    http: 409,
    retryable: true,
    meaning: 'The same request is still running; ask again to get its outcome.',
  },
  RATE_LIMITED: {
    status: 'REFUSED',
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    retryable: true,
    meaning: 'A limit of the platform or of the gateway is spent for now.',
  },
  QUOTA_EXHAUSTED: {
    status: 'REFUSED',
    grpc: 'RESOURCE_EXHAUSTED',
    http: 429,
    retryable: true,
    meaning: 'The daily quota is spent; retry_after_ms leads to its reset.',
  },
  DEADLINE_TOO_SHORT: {
    status: 'REFUSED',
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    retryable: true,
    meaning: "The caller's time ran out before anything was sent.",
  },
  CANCELLED: {
    status: 'CANCELLED',
    grpc: 'CANCELLED',
    http: 499,
    retryable: true,
    meaning: 'The caller cancelled before anything was sent.',
  },
  REFUSED: {
    status: 'REFUSED',
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retryable: false,
    meaning: 'The platform said no, for the reason in the error.',
  },
  NOT_FOUND: {
    status: 'REFUSED',
    grpc: 'NOT_FOUND',
    http: 404,
    retryable: false,
    meaning: 'The platform does not know the message, user or thing that was named.',
  },
  PLATFORM_DOWN: {
    status: 'FAILED',
    grpc: 'UNAVAILABLE',
    http: 502,
    retryable: true,
    meaning: 'The platform could not be reached or is out of order; nothing happened there.',
  },
  OUTCOME_UNKNOWN: {
    status: 'UNKNOWN',
    grpc: 'UNKNOWN',
    http: 504,
    retryable: false,
    meaning: 'The request left and no clear answer came: it may or may not have happened.',
  },
  UNREADABLE_ANSWER: {
    status: 'UNKNOWN',
    grpc: 'UNKNOWN',
    http: 502,
    retryable: false,
    meaning: 'The platform accepted the request, and its answer could not be read.',
  },
  UNSUPPORTED: {
    status: 'REFUSED',
    grpc: 'UNIMPLEMENTED',
    http: 501,
    retryable: false,
    meaning: 'The platform, or this version of the gateway, offers no way to do this.',
  },
  GATEWAY_UNAVAILABLE: {
    status: 'FAILED',
    grpc: 'UNAVAILABLE',
    http: 503,
    retryable: true,
    meaning:
      'The gateway cannot record actions right now (database away, over capacity, stopping); nothing was sent.',
  },
  INTERNAL: {
    status: 'FAILED',
    grpc: 'INTERNAL',
    http: 500,
    retryable: false,
    meaning: 'A fault of the gateway itself, before anything was sent; it is in the log.',
  },
} as const satisfies Record<string, FailureKind>;

/** Stands in a message between what a platform said and what the gateway advises. */
export const ADVICE_MARK = '; what to do: ';

export type FailureCode = keyof typeof FAILURES;

/** One wrong field and how to mend it. `field` is the name the caller used, such as `parameters.message`. */
export interface FieldViolation {
  readonly field: string;
  readonly message: string;
}

/** The machine-readable reason in an outcome. Durations are milliseconds. */
export interface Failure {
  readonly code: FailureCode;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  /** HTTP status the platform answered with. */
  readonly platform_status?: number;
  /** The platform's own error code, where it has one. */
  readonly platform_code?: string;
  readonly violations?: readonly FieldViolation[];
}

export interface FailureDetails {
  retryAfterMs?: number;
  platformStatus?: number;
  platformCode?: string;
  violations?: readonly FieldViolation[];
  /** The platform accepted the request, and says in its answer that it had no effect. */
  nothingHappened?: boolean;
  /**
   * Of an action of several writes: earlier ones were accepted, and this one surely had no effect. The failure
   * that it would be alone.
   */
  refusedStep?: ActionFailure;
  /** The known part of the result although the outcome is unknown, such as the id of an unconfirmed clip. */
  partialResult?: Readonly<Record<string, unknown>>;
}

/** An expected failure. Any other thrown error is a bug and becomes INTERNAL. */
export class ActionFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    readonly details: FailureDetails = {},
  ) {
    super(message);
    this.name = 'ActionFailure';
  }

  get status(): FailureKind['status'] {
    return FAILURES[this.code].status;
  }

  toFailure(): Failure {
    const { retryAfterMs, platformStatus, platformCode, violations } = this.details;
    return {
      code: this.code,
      retryable: FAILURES[this.code].retryable,
      ...(retryAfterMs !== undefined && { retry_after_ms: Math.max(0, Math.ceil(retryAfterMs)) }),
      ...(platformStatus !== undefined && { platform_status: platformStatus }),
      ...(platformCode !== undefined && { platform_code: platformCode }),
      ...(violations?.length && { violations }),
    };
  }
}

/** Builds an INVALID_INPUT that names every wrong field in one readable line. */
export function refuseInput(violations: readonly FieldViolation[]): ActionFailure {
  const line = violations
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ');
  return new ActionFailure('INVALID_INPUT', line, { violations });
}
