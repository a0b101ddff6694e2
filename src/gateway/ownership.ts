import { Injectable } from '@nestjs/common';
import { Accounts, type AccountView, type Whose } from '../accounts/accounts.js';
import type { Caller } from '../callers/caller.js';
import { chooseOwner, requireReach } from '../callers/permissions.js';

/** The accounts that a caller reaches: those of its tenant, within its bounds. */
@Injectable()
export class Ownership {
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
export function chooseAccountOwner(caller: Caller, named: string | undefined): Whose {
  const owner = chooseOwner(caller, named);
  if (owner === undefined) return {};
  return caller.owner === undefined ? { owner } : { owner, isTenant: true };
}
