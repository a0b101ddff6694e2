import { Injectable } from '@nestjs/common';
import { Accounts } from '../accounts/accounts.js';
import type { AccountView } from '../accounts/account-view.js';
import type { AccountOwnership } from '../accounts/account-grant.js';
import type { Caller } from '../callers/caller.js';
import { chooseOwner, refuseAccount, requireReach } from '../callers/permissions.js';

/** The accounts that a caller reaches: those of its tenant, within its bounds. */
@Injectable()
export class AccountAccess {
  constructor(private readonly accounts: Accounts) {}

  /** An account within the caller's reach; undefined for any other, and for one that is not there. */
  async find(
    caller: Caller,
    platform: string,
    accountId: string,
  ): Promise<AccountView | undefined> {
    const account = await this.accounts.find(platform, accountId);
    return account && caller.reachesAccount({ platform, accountId, owner: account.owner })
      ? account
      : undefined;
  }

  /** The accounts within the caller's reach. @param platform left out, those of all platforms */
  async list(caller: Caller, platform?: string): Promise<readonly AccountView[]> {
    const all = await this.accounts.list(platform);
    return all.filter((account) => {
      const { platform: name, account_id: accountId, owner } = account;
      return caller.reachesAccount({ platform: name, accountId, owner });
    });
  }

  /** @throws DoorRefusal for a tenant that does not have the account */
  async requireOwn(caller: Caller, platform: string, accountId: string): Promise<void> {
    if (caller.owner === undefined || (await this.find(caller, platform, accountId))) return;
    throw refuseAccount(caller, { platform, accountId });
  }

  /** @throws DoorRefusal for an account of another tenant; one that is not there has no tenant yet */
  async requireFree(caller: Caller, platform: string, accountId: string): Promise<void> {
    if (caller.owner === undefined) return;
    const account = await this.accounts.find(platform, accountId);
    requireReach(caller, { platform, accountId, owner: account?.owner });
  }

  /** The accounts of the caller's tenant; undefined for all. */
  async listIds({ owner }: Caller): Promise<ReadonlySet<string> | undefined> {
    if (owner === undefined) return undefined;
    const all = await this.accounts.list();
    return new Set(
      all
        .filter((account) => account.owner === owner)
        .map(({ platform, account_id }) => `${platform}/${account_id}`),
    );
  }
}

/** The tenant of an account that a caller stores. @throws DoorRefusal as `chooseOwner` */
export function chooseAccountOwner(caller: Caller, named: string | undefined): AccountOwnership {
  const owner = chooseOwner(caller, named);
  if (owner === undefined) return {};
  return caller.owner === undefined ? { owner } : { owner, isTenant: true };
}
