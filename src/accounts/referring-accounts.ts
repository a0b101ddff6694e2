import { Injectable } from '@nestjs/common';
import { refuseInput } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { Accounts } from './accounts.js';
import type { AccountView } from './account-view.js';
import { refuseOthers, requireStorable, type AccountOwnership } from './account-grant.js';
import { canIdentify } from './identify-token.js';
import { ResolvedCredentials } from './resolved-credentials.js';

/** Accounts that have the name of a credential in place of tokens. */
@Injectable()
export class ReferringAccounts {
  constructor(
    private readonly accounts: Accounts,
    private readonly resolved: ResolvedCredentials,
  ) {}

  /**
   * Stores the name of a credential in place of an account's tokens. It is resolved once, so that what
   * is stored has worked; the customer is the tenant that the account belongs to.
   * @throws ActionFailure INVALID_INPUT for a credential of another account, or an unknown account;
   *   otherwise as the resolution fails
   */
  async store(
    platform: Platform,
    accountId: string,
    ref: string,
    callerId: string,
    whose: AccountOwnership,
  ): Promise<AccountView> {
    requireStorable(platform, accountId, {});
    const known = await this.accounts.find(platform.name, accountId);
    if (whose.isTenant && known && known.owner !== whose.owner)
      throw refuseOthers(platform, accountId);
    const customer = whose.owner ?? known?.owner ?? '';
    if (customer === '') {
      const message =
        'is missing: a credential_ref is in the hands of one customer; name it, or send tokens';
      throw refuseInput([{ field: 'owner', message }]);
    }
    const reference = { customer, ref, correlationId: undefined };
    this.resolved.forget(platform, reference);
    const held = await this.resolved.use(platform, {
      ...reference,
      ...(!canIdentify(platform) && { accountId }),
    });
    if (held.accountId !== accountId) {
      const message = `is one of ${platform.title} account ${held.accountId}, not of ${accountId}`;
      throw refuseInput([{ field: 'credential_ref', message }]);
    }
    return this.accounts.save(
      platform,
      accountId,
      {
        accessToken: '',
        credentialRef: ref,
        scopes: held.scopes,
        isProven: canIdentify(platform),
        hasClaimedScopes: held.hasUnknownScopes ?? false,
      },
      { kind: 'account.stored', callerId, ...whose },
    );
  }
}
