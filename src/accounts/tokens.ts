import { Injectable, Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { RowMemory } from '../cluster/row-memory.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import { AppTokens, NO_APP_TOKEN } from './app-tokens.js';
import type { CredentialReference, HeldCredential } from './held-credential.js';
import { Renewal } from './renewal.js';
import { ResolvedCredentials } from './resolved-credentials.js';
import { type KnownAccount, nameRow, notConnected, StoredTokens } from './stored-tokens.js';

/** How a credential is asked for. */
export interface RefreshOptions {
  /** False where the network must not be touched, but for the service that holds a credential. */
  readonly mayRefresh?: boolean;
  readonly correlationId?: string | undefined;
}

/** How often to look while another replica renews a token. Milliseconds. */
const LOOK_EVERY_MS = 100;

const REFUSED_FOR_MS = 60_000;

/**
 * Reads and renews tokens. However many callers and replicas meet a dead token, one refresh is sent:
 * callers of a replica share a promise, replicas share a lease in the account's row.
 */
@Injectable()
export class Tokens {
  readonly #logger = new Logger(Tokens.name);
  readonly #refreshes = new Map<string, Promise<HeldCredential>>();
  /** Credentials that a platform called worthless, and until when they are not tried again. */
  readonly #refused = new Map<string, number>();
  /** Accounts at hand; nothing in it is older than what the table says. */
  readonly #known: RowMemory<KnownAccount>;
  readonly #stored: StoredTokens;

  constructor(
    database: Database,
    vault: Vault,
    private readonly renewal: Renewal,
    private readonly resolved: ResolvedCredentials,
    private readonly app: AppTokens,
    feed: ChangeFeed,
  ) {
    this.#known = new RowMemory(feed, 'accounts');
    this.#stored = new StoredTokens(database, vault, (...account) => this.forget(...account));
  }

  /**
   * The credential of an account that was used before and has not changed since; undefined where the
   * database or a service has to be asked for it.
   * @param owner the tenant that asks
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED for an account of another one
   */
  findAtHand(platform: Platform, accountId: string, owner?: string): HeldCredential | undefined {
    const known = this.#known.peek(nameRow(platform, accountId));
    if (known === undefined || !('credential' in known)) return undefined;
    requireOwner(platform, accountId, known, owner);
    return known.credential;
  }

  /**
   * The credential of an account, at hand where it was used before and has not changed since.
   * @param owner the tenant that asks: an account of another one is not there for it
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT; for an account whose credential an
   *   outside service holds also PLATFORM_DOWN, INTERNAL
   */
  async hold(
    platform: Platform,
    accountId: string,
    owner?: string,
    asking: RefreshOptions = {},
  ): Promise<HeldCredential> {
    const known = await this.#known.recall(nameRow(platform, accountId), () =>
      this.#stored.read(platform, accountId),
    );
    requireOwner(platform, accountId, known, owner);
    return this.#find(platform, accountId, known, asking);
  }

  /** The token of the gateway's own application. @throws ActionFailure PLATFORM_DOWN, ACCOUNT_NOT_CONNECTED */
  holdOfApp(platform: Platform, mayAsk: boolean): HeldCredential | Promise<HeldCredential> {
    return mayAsk ? this.app.hold(platform) : NO_APP_TOKEN;
  }

  /** The same as the table has it now, of any tenant. @throws ActionFailure as `hold` */
  async read(platform: Platform, accountId: string): Promise<HeldCredential> {
    return this.#find(platform, accountId, await this.#stored.read(platform, accountId), {});
  }

  /** Forgets what is at hand of an account that this replica has just changed. */
  forget(platform: Platform, accountId: string): void {
    this.#known.forget(nameRow(platform, accountId));
  }

  async #find(
    platform: Platform,
    accountId: string,
    known: KnownAccount,
    { mayRefresh, correlationId }: RefreshOptions,
  ): Promise<HeldCredential> {
    if ('credential' in known) return known.credential;
    const { owner: customer, ref, unverified } = known;
    const reference = { customer, ref, accountId, correlationId };
    return { ...(await this.borrow(platform, reference, mayRefresh)), ...unverified };
  }

  /** The credential behind a reference. @throws ActionFailure as `hold` */
  borrow(
    platform: Platform,
    reference: CredentialReference,
    mayAskPlatform = true,
  ): Promise<HeldCredential> {
    return this.resolved.use(platform, reference, mayAskPlatform);
  }

  /**
   * Stops the use of a credential that its platform no longer accepts and that cannot be renewed: platforms
   * count such calls and block clients that continue. It is tried again after a while, or once replaced.
   */
  noteRefusal(platform: Platform, credential: HeldCredential): void {
    this.#refused.set(nameCredential(platform, credential), Date.now() + REFUSED_FOR_MS);
    this.#logger.warn(`${platform.name} account ${credential.accountId} is paused: token rejected`);
  }

  /** @throws ActionFailure RECONNECT_ACCOUNT for a credential that was refused a moment ago */
  requireAccepted(platform: Platform, credential: HeldCredential): void {
    if (this.#refused.size === 0) return;
    const key = nameCredential(platform, credential);
    const until = this.#refused.get(key);
    if (until === undefined) return;
    if (until > Date.now()) {
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${platform.title} no longer accepts the token of account ${credential.accountId}; replace it${credential.reference ? ' at the credential service' : ''}`,
      );
    }
    this.#refused.delete(key);
  }

  /**
   * Renews a credential that the platform refused or that is about to end. Gives the newer one at once
   * when another replica renewed it meanwhile.
   * @throws ActionFailure RECONNECT_ACCOUNT when the grant is dead, PLATFORM_DOWN if that is unknown
   */
  refresh(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    if (stale.isOfApp) return this.app.renew(platform, stale);
    if (stale.reference) return this.resolved.refresh(platform, stale);
    // Versions start again for an account that was removed and connected again; tokens do not repeat.
    const key = `${platform.name}/${stale.accountId}/${stale.version}/${stale.accessToken}`;
    const running = this.#refreshes.get(key);
    if (running) return running;
    const refresh = this.#refreshOnce(platform, stale).finally(() => this.#refreshes.delete(key));
    this.#refreshes.set(key, refresh);
    return refresh;
  }

  async #refreshOnce(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    const { accountId } = stale;
    if (!stale.renewable || !platform.oauth) {
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${platform.title} no longer accepts the token of account ${accountId}, and it came without a refresh token`,
      );
    }
    const current = await this.renewal.renew(platform, {
      name: `the token of account ${accountId}`,
      lookEveryMs: LOOK_EVERY_MS,
      look: () => this.#stored.look(platform, stale),
    });
    return this.#find(platform, accountId, current, {});
  }

  /** Resolves when no exchange is under way: an answer that is on its way must be stored. */
  whenIdle(): Promise<void> {
    return this.renewal.whenIdle();
  }

  /** Stores the latest renewals again, after the database has lost them. */
  restoreRenewals(): Promise<void> {
    return this.#stored.restoreRenewals();
  }
}

function nameCredential(
  { name }: Platform,
  { accountId, version }: Pick<HeldCredential, 'accountId' | 'version'>,
): string {
  return `${name}/${accountId}/${version}`;
}

function requireOwner(
  platform: Platform,
  accountId: string,
  known: KnownAccount,
  owner: string | undefined,
): void {
  if (owner !== undefined && known.owner !== owner) throw notConnected(platform, accountId);
}
