import { Injectable } from '@nestjs/common';
import { ACCOUNT_STATES, type AccountView } from '../accounts/account-view.js';
import type { Platform } from '../actions/platform.js';
import type { Caller } from '../callers/caller.js';
import { Catalogue } from '../execution/catalogue.js';
import { AuditEvents } from '../journal/audit-events.js';
import { AccountAccess } from './account-access.js';
import { type AccountReport, reportAccount } from './account-report.js';

/** Which accounts are asked for. */
export interface AccountFilter {
  readonly platform?: string | undefined;
  readonly state?: (typeof ACCOUNT_STATES)[number] | undefined;
  /** Part of a name or an id, in any case. */
  readonly text?: string | undefined;
}

export interface AccountPage {
  readonly accounts: readonly AccountReport[];
  /** Empty at the end. */
  readonly next_cursor: string;
}

const startedAt = new Date(performance.timeOrigin).toISOString();

/** The accounts that a caller reaches, with the bots of the environment and with who connected each. */
@Injectable()
export class AccountDirectory {
  constructor(
    private readonly access: AccountAccess,
    private readonly catalogue: Catalogue,
    private readonly events: AuditEvents,
  ) {}

  /** @param limit undefined for all @throws ActionFailure UNKNOWN_ACTION for an unknown platform */
  async list(
    caller: Caller,
    { platform, state, text }: AccountFilter,
    { after, limit = Infinity }: { readonly after?: string | undefined; readonly limit?: number },
  ): Promise<AccountPage> {
    const name = platform === undefined ? undefined : this.catalogue.platform(platform).name;
    const stored = await this.access.list(caller, name);
    const bots = this.#listBots(caller).filter(
      (bot) => name === undefined || bot.platform === name,
    );
    const wanted = text?.toLowerCase();
    const found = [...bots, ...stored]
      .filter((account) => state === undefined || account.state === state)
      .filter(
        ({ login, account_id: id }) =>
          wanted === undefined || `${login}\n${id}`.toLowerCase().includes(wanted),
      )
      .toSorted((a, b) => (nameAccount(a) < nameAccount(b) ? -1 : 1))
      .filter((account) => after === undefined || nameAccount(account) > after);
    const page = found.slice(0, limit);
    const last = found.length > page.length ? page.at(-1) : undefined;
    return { accounts: await this.#report(page), next_cursor: last ? nameAccount(last) : '' };
  }

  /** An account within reach, also the bot of the environment; undefined for none. */
  async find(
    caller: Caller,
    platform: string,
    accountId: string,
  ): Promise<AccountReport | undefined> {
    const account =
      (await this.access.find(caller, platform, accountId)) ??
      this.#listBots(caller).find(
        (bot) => bot.platform === platform && bot.account_id === accountId,
      );
    return account && (await this.#report([account]))[0];
  }

  async #report(accounts: readonly AccountView[]): Promise<AccountReport[]> {
    const connectors = await this.events.findConnectors(accounts);
    return accounts.map((account) => ({
      ...reportAccount(account, this.catalogue),
      ...(this.#isOwn(account) && { source: 'environment' }),
      connected_by: connectors.get(nameAccount(account)) ?? '',
    }));
  }

  #isOwn({ platform, account_id: id, created_at }: AccountView): boolean {
    const own = this.catalogue.find(platform)?.ownCredential?.(id);
    return created_at === startedAt && own !== undefined && 'accessToken' in own;
  }

  /** No tenant has them: they belong to the operator. */
  #listBots(caller: Caller): AccountView[] {
    return this.catalogue.platforms.flatMap((platform) => {
      const accountId = platform.defaultAccount;
      if (accountId === undefined) return [];
      const isReached = caller.reachesAccount({ platform: platform.name, accountId, owner: '' });
      return isReached ? describeBot(platform, accountId) : [];
    });
  }
}

/** The account of the platform's configured token; none where no token is configured. */
function describeBot(platform: Platform, accountId: string): AccountView[] {
  const own = platform.ownCredential?.(accountId);
  if (own === undefined || !('accessToken' in own)) return [];
  return [
    {
      platform: platform.name,
      account_id: accountId,
      login: '',
      owner: '',
      scopes: own.scopes,
      scopes_verified: false,
      state: 'connected',
      reason: '',
      renewable: false,
      client_id: null,
      credential_ref: null,
      expires_at: null,
      refreshed_at: null,
      validated_at: null,
      created_at: startedAt,
      updated_at: startedAt,
    },
  ];
}

function nameAccount({ platform, account_id: id }: AccountView): string {
  return `${platform}/${id}`;
}
