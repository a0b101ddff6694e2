import { Injectable } from '@nestjs/common';
import { Accounts, type AccountView, type Whose } from '../accounts/accounts.js';
import type { Caller } from '../actions/caller.js';
import { refuse } from './refusal.js';

/** Keeps tenants apart: a caller with an owner reaches what belongs to that owner, and nothing else. */
@Injectable()
export class Ownership {
  constructor(private readonly accounts: Accounts) {}

  /** An account that is the caller's to see; undefined for one of others as for one that is not there. */
  async find(
    caller: Caller,
    platform: string,
    accountId: string,
  ): Promise<AccountView | undefined> {
    const account = await this.accounts.find(platform, accountId);
    return account && isOwn(caller, account) ? account : undefined;
  }

  /** @throws DoorRefusal when the account is somebody else's; one that is not there may become anybody's */
  async requireFree(caller: Caller, platform: string, accountId: string): Promise<void> {
    if (caller.owner === undefined) return;
    const account = await this.accounts.find(platform, accountId);
    if (account && !isOwn(caller, account))
      throw refuse.forbidden(
        `Caller "${caller.id}" may not touch ${platform} account ${accountId}`,
      );
  }

  /** The accounts that a caller may see; undefined for all. */
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

/** Whoever has no owner runs the gateway, and reaches all. */
export function isOwn({ owner }: Caller, account: Pick<AccountView, 'owner'>): boolean {
  return owner === undefined || account.owner === owner;
}

/**
 * Whose an account becomes that a caller stores.
 * @param named the owner that the caller named, which only whoever runs the gateway may
 * @throws DoorRefusal
 */
export function chooseOwner({ id, owner }: Caller, named: string | undefined): Whose {
  if (owner === undefined) return named === undefined ? {} : { owner: named };
  if (named !== undefined && named !== owner)
    throw refuse.forbidden(`Caller "${id}" may not give an account to somebody else`);
  return { owner, isTenant: true };
}
