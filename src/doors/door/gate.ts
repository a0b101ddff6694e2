import type { Permission } from '../../actions/caller.js';
import type { EarlierDoorMark } from '../../predecessors/earlier-door.js';

/** Who may come in to a handler, and what it counts as. */
export interface Gate {
  /**
   * Permissions of which a caller needs one. `caller`: any caller that is known, since the handler asks for
   * more by itself, or nothing more is needed. `public`: everybody; the handler has no caller.
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
  /** The earlier service whose callers are let in by other credentials than tokens of ours. */
  readonly earlier?: EarlierDoorMark;
}
