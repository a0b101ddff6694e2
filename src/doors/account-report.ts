import { type AccountView, findMissingScopes } from '../accounts/account-view.js';
import type { Verdict } from '../accounts/verification.js';
import type { Catalogue } from '../execution/catalogue.js';

/** An action that an account cannot carry out, and why. */
export interface MissingAction {
  readonly action_type: string;
  /** Scopes it has not granted; empty when these are not the reason. */
  readonly scopes: readonly string[];
  readonly reason: string;
}

/** An account, and what it cannot do. */
export interface AccountReport extends AccountView {
  readonly missing: readonly MissingAction[];
  /** `environment`: its token is configured, and nothing of it is stored. */
  readonly source: 'stored' | 'environment';
  /** The name of the caller that connected it last; in lists, and where one account is shown. */
  readonly connected_by?: string;
}

/** An account, and what its platform said of it just now. */
export interface VerifiedAccount extends AccountReport {
  readonly verification: Verdict;
}

/** Adds to an account the actions of its platform that it cannot carry out as it is. */
export function reportAccount(account: AccountView, catalogue: Catalogue): AccountReport {
  const platform = catalogue.find(account.platform);
  const missing = (platform?.actions ?? []).flatMap((action): MissingAction[] => {
    const { scopes: granted, scopes_verified: areVerified } = account;
    const known = { scopes: granted, hasUnknownScopes: !areVerified };
    const scopes = findMissingScopes(action, known);
    const reasons = [
      ...(account.state === 'reconnect' ? ['the account must be connected again'] : []),
      ...(scopes.length > 0 ? [`it has not granted ${scopes.join(', ')}`] : []),
    ];
    return reasons.length > 0
      ? [{ action_type: action.type, scopes, reason: reasons.join('; ') }]
      : [];
  });
  return { ...account, missing, source: 'stored' };
}
