import type { FailureCode } from './generated/failures.js';

/** One wrong field of a call, and how to correct it. */
export interface FieldViolation {
  /** The name as it is written in the call, such as `userId` or `embed.title`. */
  readonly field: string;
  readonly message: string;
}

/** Why an action did not succeed, for programs. */
export interface Failure {
  /** A code of the failure table; a newer gateway may have more. */
  readonly code: FailureCode | (string & {});
  /** The same request may succeed later without a change. */
  readonly retryable: boolean;
  /** Milliseconds until a repeat makes sense. */
  readonly retryAfterMs?: number;
  /** The HTTP status that the platform answered with. */
  readonly platformStatus?: number;
  /** The platform's own error code. */
  readonly platformCode?: string;
  /** Every wrong field; empty where the fields are not the reason. */
  readonly violations: readonly FieldViolation[];
}

/** One request to a platform in a dry run, without credentials. */
export interface PreparedCall {
  readonly method: string;
  readonly url: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly files?: readonly { readonly name: string; readonly size: number }[];
}

/** What a dry run would send. */
export interface PreparedRequest extends PreparedCall {
  /** Reads before the write; their answers are placeholders. */
  readonly reads: readonly PreparedCall[];
  /** Writes after this one. */
  readonly following: readonly PreparedCall[];
  /** OAuth scopes that the account would have to grant. */
  readonly missingScopes: readonly string[];
  /** Units of the platform's own budget. */
  readonly cost: number;
  /** Milliseconds that limits would hold the action back now. */
  readonly predictedWaitMs: number;
}

interface OutcomeBase {
  /** UUIDv7; empty only where no action was begun. */
  readonly actionId: string;
  /** One line for people. */
  readonly message: string;
  /** The `requestId` of the call. */
  readonly requestId: string;
  /** This is the stored answer of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
  /** The platforms were simulated. */
  readonly sandbox: boolean;
}

interface Unsuccessful<Status extends string, Result> extends OutcomeBase {
  readonly status: Status;
  readonly success: false;
  /** The reason in one line for people. */
  readonly error: string;
  readonly failure: Failure;
  /** What is known of the result in spite of it, such as advice or an id. */
  readonly partialResult: Partial<Result>;
}

/** The platform confirmed the action. */
export interface Succeeded<Result> extends OutcomeBase {
  readonly status: 'SUCCEEDED';
  readonly success: true;
  readonly result: Result;
}

/** A dry run: nothing was sent. */
export interface Prepared extends OutcomeBase {
  readonly status: 'PREPARED';
  readonly success: true;
  readonly prepared: PreparedRequest;
}

/** The action is queued or scheduled. Ask for it with `gateway.status(actionId)`. */
export interface Waiting extends OutcomeBase {
  readonly status: 'QUEUED' | 'SCHEDULED';
  readonly success: true;
}

/** The action has begun and not ended. Ask for it with `gateway.status(actionId)`. */
export interface Running extends OutcomeBase {
  readonly status: 'RUNNING';
  readonly success: false;
}

/** The gateway or the platform said no; nothing happened. */
export type Refused<Result> = Unsuccessful<'REFUSED', Result>;
/** A technical fault; nothing happened. */
export type Failed<Result> = Unsuccessful<'FAILED', Result>;
/** The request was sent and no clear answer came: it may or may not have happened. */
export type Unknown<Result> = Unsuccessful<'UNKNOWN', Result>;
/** Cancelled before anything was sent. */
export interface Cancelled<Result> extends Omit<Unsuccessful<'CANCELLED', Result>, 'failure'> {
  /** Missing where `cancel` was asked for by a caller. */
  readonly failure?: Failure;
}

/** What became of one action. `status` tells the members. */
export type Outcome<Result = Readonly<Record<string, unknown>>> =
  | Succeeded<Result>
  | Prepared
  | Waiting
  | Running
  | Refused<Result>
  | Failed<Result>
  | Unknown<Result>
  | Cancelled<Result>;
