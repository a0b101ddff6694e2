import type { Permission } from '../../actions/caller.js';

/** Who may call a handler, and what a request counts as. */
export interface AccessRules {
  /**
   * Permissions of which a caller needs one. `caller`: any caller that is known, since the handler asks for
   * more by itself, or nothing more is needed. `public`: every client; the handler has no caller.
   */
  readonly needs: readonly Permission[] | 'caller' | 'public';
  /**
   * What a request weighs in the budget of its caller; 1 when left out. 0 where the recipe counts each
   * envelope by itself.
   */
  readonly weight?: number;
  /**
   * The handler does what the Idempotency-Key header asks, and what that is. On other POST routes the
   * header is refused.
   */
  readonly takesIdempotencyKey?: string;
  /** The dialect whose callers are authenticated here by credentials of its own, beside tokens of ours. */
  readonly dialect?: string;
  /** The envelopes in the body of a route of our own; their form tells the dialect of the request. */
  readonly readEnvelopes?: (body: unknown) => readonly unknown[];
}
