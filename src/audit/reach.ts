import type { Caller } from '../actions/caller.js';

/** How many parameters a reach takes. */
export const REACH_PARAMETERS = 6;

/** Who asks, and how far that reaches beyond its own: the parameters of `isWithinReach`. */
export function describeReach({
  id,
  permissions,
  platforms,
  accounts,
  actions,
  owner,
}: Caller): readonly unknown[] {
  return [
    id,
    permissions.has('read_audit'),
    platforms ? [...platforms] : null,
    accounts ? [...accounts] : null,
    actions ? [...actions] : null,
    owner ?? null,
  ];
}

/**
 * The condition that a row of `actions` is the caller's own, or one that it may read; the parameters
 * are the first ones of the statement.
 * @param action the alias of the table
 * @param callerId where it stands whose the row is, when that is not in the row
 */
export function isWithinReach(action: string, callerId = `${action}.caller_id`): string {
  return `($6::text IS NULL OR ${action}.owner = $6) AND (${callerId} = $1 OR ($2
    AND ($3::text[] IS NULL OR ${action}.platform = ANY($3))
    AND ($4::text[] IS NULL OR ${action}.account_id = ANY($4))
    AND ($5::text[] IS NULL OR ${action}.platform || '.' || ${action}.action_type = ANY($5))))`;
}
