import { findMissingScopes } from '../accounts/account-view.js';
import { Accounts } from '../accounts/accounts.js';
import { AppTokens } from '../accounts/app-tokens.js';
import { CredentialReferences } from '../accounts/credential-references.js';
import { CredentialService } from '../accounts/credential-service.js';
import { canVerify, examineToken, readVerifiedScopes } from '../accounts/identify-token.js';
import { Renewal } from '../accounts/renewal.js';
import { ResolvedCredentials } from '../accounts/resolved-credentials.js';
import { Tokens } from '../accounts/tokens.js';
import { Verification } from '../accounts/verification.js';
import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import type { Transport } from '../actions/wire.js';
import { loadPlatforms } from '../app.module.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import type { Config } from '../config/config.js';
import { isOnLoopback } from '../config/listen-address.js';
import { AccountRow } from '../database/account-row.js';
import { Database } from '../database/database.js';
import type { PooledDataSource } from '../database/pooled-data-source.js';
import type { Vault } from '../database/vault.js';
import { AxiosTransport } from '../execution/axios-transport.js';
import { listEarlierActions } from '../predecessors/predecessors.js';

/** Asks the platforms about accounts that were taken over, and says what will work with each. */
export class ImportedAccounts {
  readonly references: CredentialReferences;
  readonly #accounts: Accounts;
  readonly #verification: Verification;

  private constructor(
    private readonly platforms: readonly Platform[],
    private readonly transport: Transport,
    dataSource: PooledDataSource,
    vault: Vault,
    config: Config,
  ) {
    const database = new Database(dataSource);
    const renewal = new Renewal(transport);
    const resolved = new ResolvedCredentials(
      database,
      vault,
      transport,
      renewal,
      new NoCredentialService(),
    );
    const app = new AppTokens(transport, config);
    const tokens = new Tokens(database, vault, renewal, resolved, app, new ChangeFeed(database));
    const rows = dataSource.getRepository(AccountRow);
    this.#accounts = new Accounts(rows, database, vault, tokens, transport, config);
    this.#verification = new Verification(database, tokens, transport);
    this.references = new CredentialReferences(database, vault, transport, this.#accounts);
  }

  static async open(
    config: Config,
    dataSource: PooledDataSource,
    vault: Vault,
  ): Promise<ImportedAccounts> {
    const all = await loadPlatforms(config);
    return new ImportedAccounts(
      all.filter((platform) => canVerify(platform) && mayBeAsked(config, platform)),
      new AxiosTransport({}, config.proxies),
      dataSource,
      vault,
      config,
    );
  }

  /** A platform that can be asked; undefined for one that cannot, or must not be in the sandbox. */
  find(name: string): Platform | undefined {
    return this.platforms.find((platform) => platform.name === name);
  }

  /** What the platform says of a token that is not stored: nothing is changed anywhere. */
  async rehearse(
    platform: Platform,
    { accountId, accessToken, isRenewable }: ForeignToken,
  ): Promise<string> {
    const said = await examineToken(this.transport, platform, accessToken);
    if (said === 'unclear') return 'the platform does not answer; its actions would be tried';
    if (said === 'no account') return `its token belongs to no account of ${platform.title}`;
    if (said === 'invalid') return describeEnded(isRenewable);
    if (said.accountId !== undefined && said.accountId !== accountId)
      return `its token belongs to account ${said.accountId}: connect it again`;
    const scopes = await readVerifiedScopes(this.transport, platform, accessToken, said);
    return describeActions(platform, scopes);
  }

  /**
   * Asks about an account that was stored, and keeps what the platform says.
   * @param mayRenew whether a token that is over is renewed, which ends the copy of the earlier service
   */
  async check(platform: Platform, accountId: string, mayRenew: boolean): Promise<string> {
    try {
      const verdict = await this.#verification.ask(platform, accountId, { mayRenew });
      const account = await this.#accounts.find(platform.name, accountId);
      if (!account) return 'it is no longer there';
      if (account.state === 'reconnect') return `connect it again: ${account.reason}`;
      if (verdict === 'refused') return describeEnded(account.renewable);
      if (verdict === 'unknown') return 'the platform does not answer; its actions are tried';
      return describeActions(platform, account.scopes_verified ? account.scopes : undefined);
    } catch (error) {
      if (error instanceof ActionFailure) return error.message;
      throw error;
    }
  }

  /** Whether the platform accepts a token, without renewing it. */
  async isOver(platform: Platform, accessToken: string): Promise<boolean> {
    return (await examineToken(this.transport, platform, accessToken)) === 'invalid';
  }

  /** When an account was changed here last; undefined for one that is not there. */
  async readChange(platform: string, accountId: string): Promise<Date | undefined> {
    const account = await this.#accounts.find(platform, accountId);
    return account && new Date(account.updated_at);
  }
}

/** A token as an earlier service kept it. */
export interface ForeignToken {
  readonly accountId: string;
  readonly accessToken: string;
  readonly isRenewable: boolean;
}

/** An import resolves no references. */
class NoCredentialService extends CredentialService {
  readonly isThere = false;

  resolve(): Promise<never> {
    return Promise.reject(new Error('An import resolves no references'));
  }

  update(): Promise<never> {
    return this.resolve();
  }
}

/** In the sandbox nothing leaves the machine. */
function mayBeAsked({ sandbox, platforms }: Config, { name }: Platform): boolean {
  if (!sandbox) return true;
  const settings = platforms.find(({ declaration }) => declaration.name === name)?.settings;
  return settings !== undefined && isOnLoopback(new URL(settings.apiUrl));
}

function describeEnded(isRenewable: boolean): string {
  return isRenewable
    ? 'its access token has ended; it is renewed with its refresh token when it is first used'
    : 'its access token has ended, and no refresh token came with it: connect it again';
}

/**
 * Which actions of the earlier service work with these scopes.
 * @param scopes undefined where the platform names none
 */
function describeActions(
  { name, title, actions: all }: Platform,
  scopes: readonly string[] | undefined,
): string {
  if (scopes === undefined) return 'works; the platform does not name its scopes';
  const earlier = listEarlierActions(name);
  const actions = all.filter(({ type }) => earlier.has(type));
  const lacking = actions.flatMap((action) => {
    const missing = findMissingScopes(action, { scopes });
    return missing.length > 0 ? [{ type: action.type, missing }] : [];
  });
  const whose = `actions of the earlier ${title} service`;
  if (lacking.length === 0) return `works: all ${actions.length} ${whose}`;
  const without = [...new Set(lacking.flatMap(({ missing }) => missing))];
  const named = without.map((scope) => {
    const types = lacking.filter(({ missing }) => missing.includes(scope)).map(({ type }) => type);
    return `${scope} (${types.join(', ')})`;
  });
  return `works: ${actions.length - lacking.length} of ${actions.length} ${whose}; without ${named.join(', ')}`;
}
