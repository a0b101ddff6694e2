import type { GrpcStatusName } from './failures.js';

/**
 * A refusal by a door, before any action was started. The trailer or header `nothing-sent: 1` tells the caller
 * that nothing was sent.
 */
export class DoorRefusal extends Error {
  constructor(
    readonly grpc: GrpcStatusName | 'UNAUTHENTICATED' | 'ALREADY_EXISTS',
    readonly http: number,
    message: string,
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'DoorRefusal';
  }

  /** Whether a token, key or secret was missing or wrong. */
  get isWrongCredential(): boolean {
    return this.grpc === 'UNAUTHENTICATED';
  }
}

/** A wrong key at a route whose callers expect status 403 for it. */
export class WrongKeyRefusal extends DoorRefusal {
  constructor(message: string) {
    super('PERMISSION_DENIED', 403, message);
  }

  override get isWrongCredential(): boolean {
    return true;
  }
}

export const refuse = {
  unauthenticated: (message: string) => new DoorRefusal('UNAUTHENTICATED', 401, message),
  forbidden: (message: string) => new DoorRefusal('PERMISSION_DENIED', 403, message),
  malformed: (message: string) => new DoorRefusal('INVALID_ARGUMENT', 400, message),
  conflict: (message: string) => new DoorRefusal('ABORTED', 409, message),
  notFound: (message: string) => new DoorRefusal('NOT_FOUND', 404, message),
  unavailable: (message: string, retryAfterMs?: number) =>
    new DoorRefusal('UNAVAILABLE', 503, message, retryAfterMs),
  tooLate: (message: string) => new DoorRefusal('DEADLINE_EXCEEDED', 504, message),
};
