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

/** Whose an action is, and what it is. */
export interface Reached {
  readonly callerId: string;
  readonly owner: string;
  readonly platform: string;
  readonly actionType: string;
  readonly accountId: string;
}

/** Whether an action is the caller's own, or one that it may read. What another tenant owns is neither. */
export function mayRead(caller: Caller, action: Reached): boolean {
  const { id, permissions, platforms, accounts, actions, owner } = caller;
  const { callerId, platform, actionType, accountId } = action;
  if (owner !== undefined && action.owner !== owner) return false;
  if (callerId === id) return true;
  return (
    permissions.has('read_audit') &&
    (platforms?.has(platform) ?? true) &&
    (accounts?.has(accountId) ?? true) &&
    (actions?.has(`${platform}.${actionType}`) ?? true)
  );
}

/**
 * `mayRead` in SQL, of a row of `actions`; the parameters are the first ones of the statement.
 * @param action the alias of the table
 * @param callerId where it stands whose the row is, when that is not in the row
 */
export function isWithinReach(action: string, callerId = `${action}.caller_id`): string {
  return `($6::text IS NULL OR ${action}.owner = $6) AND (${callerId} = $1 OR ($2
    AND ($3::text[] IS NULL OR ${action}.platform = ANY($3))
    AND ($4::text[] IS NULL OR ${action}.account_id = ANY($4))
    AND ($5::text[] IS NULL OR ${action}.platform || '.' || ${action}.action_type = ANY($5))))`;
}
