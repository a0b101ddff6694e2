import type { Action } from '../actions/action.js';
import type { Credential } from '../actions/platform.js';
import type { AccountRow } from '../database/account-row.js';

export const ACCOUNT_STATES = ['connected', 'unverified', 'reconnect'] as const;
type AccountState = (typeof ACCOUNT_STATES)[number];

/** What every caller with the permission may know of an account. It holds no secret. */
export interface AccountView {
  readonly platform: string;
  readonly account_id: string;
  readonly login: string;
  /** The tenant it belongs to; empty for the operator of the gateway. */
  readonly owner: string;
  readonly scopes: readonly string[];
  /** The platform itself named these scopes; false where they are a claim, which refuses no action. */
  readonly scopes_verified: boolean;
  /** `unverified`: the platform has not accepted the credential yet; actions are tried with it. */
  readonly state: AccountState;
  /** Why it is not `connected`, and what to do; empty while it is. */
  readonly reason: string;
  readonly renewable: boolean;
  /** The OAuth client of its own; null for the one of the configuration. */
  readonly client_id: string | null;
  /** The name of its credential where an outside service holds that; null for tokens of our own. */
  readonly credential_ref: string | null;
  readonly expires_at: string | null;
  readonly refreshed_at: string | null;
  readonly validated_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Scopes that an action needs and a credential lacks; none if its scopes are unknown. */
export function findMissingScopes(
  { scopes: needed, otherScopes }: Pick<Action, 'scopes' | 'otherScopes'>,
  {
    scopes,
    hasUnknownScopes,
  }: Pick<Credential, 'scopes'> & { readonly hasUnknownScopes?: boolean },
  more: readonly string[] = [],
): readonly string[] {
  return hasUnknownScopes
    ? []
    : [...needed, ...more].filter(
        (scope) =>
          !scopes.includes(scope) &&
          !otherScopes.get(scope)?.some((other) => scopes.includes(other)),
      );
}

/** In which state an account is, and why, in words that name what to do. */
function describeState(row: AccountRow): Pick<AccountView, 'state' | 'reason'> {
  const { platform, account_id: id } = row;
  if (row.reconnect_reason !== null) return { state: 'reconnect', reason: row.reconnect_reason };
  if (row.unverified_version !== row.version) return { state: 'connected', reason: '' };
  const reason = `The platform has not accepted this credential yet. Actions are tried with it, and the first success verifies it; to ask the platform now: POST /api/v1/accounts/${platform}/${id}/verify`;
  return { state: 'unverified', reason };
}

/** An account as callers may see it. */
export function showAccount(row: AccountRow): AccountView {
  return {
    platform: row.platform,
    account_id: row.account_id,
    login: row.login,
    owner: row.owner,
    scopes: row.scopes,
    scopes_verified: !row.scopes_claimed,
    ...describeState(row),
    renewable: row.refresh_token !== null || row.credential_ref !== null,
    client_id: row.client_id,
    credential_ref: row.credential_ref,
    expires_at: row.expires_at?.toISOString() ?? null,
    refreshed_at: row.refreshed_at?.toISOString() ?? null,
    validated_at: row.validated_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
