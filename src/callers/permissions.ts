import type { Permission } from '../actions/caller.js';
import { refuse } from '../actions/door-refusal.js';
import type { Caller, ReachableAccount } from './caller.js';

/** @throws DoorRefusal naming the permissions of which the caller lacks all */
export function requirePermissionOf(caller: Caller, permissions: readonly Permission[]): void {
  if (caller.hasOneOf(permissions)) return;
  throw refuse.forbidden(
    `Caller "${caller.name}" lacks the permission ${permissions.join(' or ')}`,
  );
}

/** @throws DoorRefusal for a caller that reaches a part of the gateway alone */
export function requireWholeGateway({ name, isNarrowed }: Caller): void {
  if (isNarrowed)
    throw refuse.forbidden(`Caller "${name}" may not see figures of the whole gateway`);
}

/** @throws DoorRefusal for an account outside of the caller's reach */
export function requireReach(caller: Caller, account: ReachableAccount): void {
  if (!caller.reachesAccount(account)) throw refuseAccount(caller, account);
}

/** The refusal of an account outside of a caller's reach. */
export function refuseAccount(
  { name }: Caller,
  { platform, accountId = '' }: ReachableAccount,
): Error {
  return refuse.forbidden(`Caller "${name}" may not touch ${platform} account ${accountId}`.trim());
}

/**
 * The tenant that something stored by a caller belongs to.
 * @param named the owner that the caller named, which only one without a tenant may choose
 * @returns undefined for none
 * @throws DoorRefusal
 */
export function chooseOwner(
  { name, owner }: Caller,
  named: string | undefined,
): string | undefined {
  if (owner === undefined || named === undefined || named === owner) return owner ?? named;
  throw refuse.forbidden(`Caller "${name}" may not give anything to the owner "${named}"`);
}
