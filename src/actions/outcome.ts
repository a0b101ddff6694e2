import type { Failure, Status } from './failures.js';
import type { JsonObject } from './json.js';

/** A file of a dry run; its size is -1 if it was not fetched. */
interface PreparedFile {
  readonly name: string;
  readonly size: number;
}

/** One request of a dry run: what would be sent, without the credentials. */
export interface PreparedCall {
  readonly method: string;
  readonly url: string;
  readonly body?: JsonObject;
  /** Headers that belong to the action, such as the reason of a ban. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly files?: readonly PreparedFile[];
}

/** The answer of a dry run: the exact write, the reads before it, missing scopes and the cost. */
export interface PreparedRequest extends PreparedCall {
  readonly reads: readonly PreparedCall[];
  /** Of an action of several writes: those after this one; ids of what is made are placeholders. */
  readonly following: readonly PreparedCall[];
  readonly missing_scopes: readonly string[];
  /** Units of the platform's own budget: Twitch points, YouTube quota units. */
  readonly cost: number;
  /** Milliseconds that the action would wait for its limits now. */
  readonly predicted_wait_ms: number;
}

/** The answer to one envelope, the same on every door. */
export interface Outcome {
  readonly success: boolean;
  readonly message: string;
  /** UUIDv7; empty only if no action was started. */
  readonly action_id: string;
  readonly result_data: Readonly<Record<string, unknown>>;
  /** One line of text; empty on success. */
  readonly error: string;
  readonly status: Status;
  readonly failure?: Failure;
  /** This is the stored answer of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
  readonly request_id: string;
  readonly prepared?: PreparedRequest;
  /** The platforms were simulated. */
  readonly sandbox: boolean;
}

const SUCCESSES: ReadonlySet<Status> = new Set(['SUCCEEDED', 'PREPARED', 'QUEUED', 'SCHEDULED']);

/** Whether a status counts as success in an answer. */
export function isSuccess(status: Status): boolean {
  return SUCCESSES.has(status);
}
