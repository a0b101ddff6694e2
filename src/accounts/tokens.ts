import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Grant, OAuth, OAuthClient, Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { databaseClock } from '../config/database-clock.js';
import { describeEvent, GATEWAY, noteEvent } from '../database/audit-event.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { Database } from '../database/database.js';
import { untilWritten } from '../database/patience.js';
import { RowMemory } from '../cluster/row-memory.js';
import { Vault } from '../database/vault.js';
import { METRICS } from '../observability/metrics.js';
import type { CredentialReference, HeldCredential } from './held-credential.js';
import { ResolvedCredentials } from './resolved-credentials.js';
import { exchangeToken, findBackoff, LEASE_SECONDS, requireNoBackoff } from './token-exchange.js';

/** How a credential is asked for. */
export interface RefreshOptions {
  /** False where the network must not be touched, but for the service that holds a credential. */
  readonly mayRefresh?: boolean;
  readonly correlationId?: string | undefined;
}

interface TokenRow {
  /** Null where `credential_ref` is not. */
  readonly access_token: string | null;
  readonly credential_ref: string | null;
  readonly refresh_token: string | null;
  readonly scopes: string[];
  readonly expires_at: Date | null;
  readonly version: number;
  readonly reconnect_reason: string | null;
  readonly client_id: string | null;
  readonly client_secret: string | null;
  readonly owner: string;
  readonly unverified_version: number | null;
  readonly scopes_claimed: boolean;
}

/** What the table says of an account: whose it is, and its credential or where that is held. */
type KnownAccount = { readonly owner: string } & (
  | { readonly credential: HeldCredential }
  | { readonly ref: string; readonly unverified: Pick<HeldCredential, 'unverifiedVersion'> }
);

/** The row that a renewal began with: nothing of it may be written to a newer one. */
interface LeasedRow extends TokenRow {
  readonly row_id: string;
  /** Tells this lease from every other, also from later ones of the same replica. */
  readonly refresh_holder: string;
  /** Exchanges of this credential that came to no clear answer, one after the other. */
  readonly failures: number;
}

/** A renewal that was committed. */
interface StoredRenewal {
  readonly platform: Platform;
  readonly accountId: string;
  readonly leased: LeasedRow;
  readonly grant: RenewedGrant;
  /** On the clock of `performance.now()`. */
  readonly storedAt: number;
}

/** A grant whose refresh token is known, were it the one that it was renewed with. */
type RenewedGrant = Grant & { readonly refreshToken: string };

/** Another replica refreshes: how often to look, and for how long (its lease and one more try). */
const LOOK_EVERY_MS = 100;
const LOOK_FOR_MS = 2 * LEASE_SECONDS * 1_000;

const REFUSED_FOR_MS = 60_000;
/** Renewals that are kept, for a database that loses them. */
const MOST_RENEWALS_KEPT = 200;

const IN_BACKOFF = 'refresh_backoff_version = version AND refresh_backoff_until > now()';
const COLUMNS = `access_token, credential_ref, refresh_token, scopes, expires_at, version, reconnect_reason,
  client_id, client_secret, owner, unverified_version, scopes_claimed`;

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
  /** The latest renewals of this replica, by account. */
  readonly #renewals = new Map<string, StoredRenewal>();
  /** Accounts at hand; nothing in it is older than what the table says. */
  readonly #known: RowMemory<KnownAccount>;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly transport: Transport,
    private readonly resolved: ResolvedCredentials,
    feed: ChangeFeed,
  ) {
    this.#known = new RowMemory(feed, 'accounts');
  }

  /**
   * The credential of an account that was used before and has not changed since; undefined where somebody
   * has to be asked for it.
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
      this.#read(platform, accountId),
    );
    requireOwner(platform, accountId, known, owner);
    return this.#find(platform, accountId, known, asking);
  }

  /** The same as the table has it now, of any tenant. @throws ActionFailure as `hold` */
  async read(platform: Platform, accountId: string): Promise<HeldCredential> {
    return this.#find(platform, accountId, await this.#read(platform, accountId), {});
  }

  /** Forgets what is at hand of an account that this replica has just changed. */
  forget(platform: Platform, accountId: string): void {
    this.#known.forget(nameRow(platform, accountId));
  }

  async #read(platform: Platform, accountId: string): Promise<KnownAccount> {
    const [row] = await this.database.query<TokenRow>(
      `SELECT ${COLUMNS} FROM accounts WHERE platform = $1 AND account_id = $2`,
      [platform.name, accountId],
    );
    if (!row) throw notConnected(platform, accountId);
    const { owner, credential_ref: ref } = row;
    return ref === null
      ? { owner, credential: this.#open(platform, accountId, row) }
      : { owner, ref, unverified: nameUnverified(row) };
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
    this.#logger.warn(
      `${platform.name} account ${credential.accountId} rests: its token is not accepted`,
    );
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
   * when somebody renewed it meanwhile.
   * @throws ActionFailure RECONNECT_ACCOUNT when the grant is dead, PLATFORM_DOWN if that is unknown
   */
  refresh(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
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
    const giveUpAt = performance.now() + LOOK_FOR_MS;
    for (;;) {
      const leased = await this.#takeLease(platform, stale);
      if (leased?.refresh_token)
        return this.#renew(platform, platform.oauth, stale, leased, leased.refresh_token);
      const current = await this.read(platform, accountId);
      if (current.version !== stale.version) return current;
      requireNoBackoff(platform, accountId, await this.#countBackoff(platform, stale));
      if (performance.now() > giveUpAt) {
        throw new ActionFailure(
          'PLATFORM_DOWN',
          `The token of account ${accountId} is being renewed for too long`,
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** One committed UPDATE; no connection is held while the token server is asked. */
  async #takeLease(platform: Platform, stale: HeldCredential): Promise<LeasedRow | undefined> {
    const [row] = await this.database.query<LeasedRow>(
      `UPDATE accounts SET refresh_holder = $4, refresh_until = now() + make_interval(secs => $5),
         refresh_attempts = refresh_attempts + 1
       WHERE platform = $1 AND account_id = $2 AND version = $3
         AND reconnect_reason IS NULL AND (refresh_until IS NULL OR refresh_until < now())
         AND (${IN_BACKOFF}) IS NOT TRUE
       RETURNING ${COLUMNS}, row_id, refresh_holder,
         CASE WHEN refresh_backoff_version = version THEN refresh_failures ELSE 0 END AS failures`,
      [platform.name, stale.accountId, stale.version, randomUUID(), LEASE_SECONDS],
    );
    return row;
  }

  /** Milliseconds until the token server is asked again for this version; 0 for none. */
  async #countBackoff(platform: Platform, { accountId, version }: HeldCredential): Promise<number> {
    const [row] = await this.database.query<{ ms: number }>(
      `SELECT extract(epoch FROM refresh_backoff_until - now())::float8 * 1000 AS ms FROM accounts
       WHERE platform = $1 AND account_id = $2 AND version = $3 AND ${IN_BACKOFF}`,
      [platform.name, accountId, version],
    );
    return row?.ms ?? 0;
  }

  /** Resolves when no exchange is under way: an answer that is on its way must be stored. */
  async whenIdle(): Promise<void> {
    while (this.#refreshes.size > 0) await Promise.allSettled(this.#refreshes.values());
    await this.resolved.whenIdle();
  }

  async #renew(
    platform: Platform,
    oauth: OAuth,
    stale: HeldCredential,
    leased: LeasedRow,
    sealed: string,
  ): Promise<HeldCredential> {
    const { accountId } = stale;
    const refreshToken = this.vault.decrypt(
      sealed,
      placeOf(platform.name, accountId, 'refresh_token'),
    );
    const client = openClient(this.vault, platform.name, accountId, leased);
    const request = oauth.buildRefresh(refreshToken, client);
    const extendLease = (): Promise<number> =>
      this.database.change(
        `UPDATE accounts SET refresh_until = now() + make_interval(secs => $4)
         WHERE platform = $1 AND account_id = $2 AND refresh_holder = $3`,
        [platform.name, accountId, leased.refresh_holder, LEASE_SECONDS],
      );
    const delivery = await exchangeToken(this.transport, request, extendLease);
    const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
    METRICS.tokenRefreshes.inc({
      platform: platform.name,
      result: typeof grant === 'string' ? grant : 'renewed',
    });
    if (grant === 'dead') return this.#markDead(platform, stale, leased);
    if (grant === 'unclear') {
      const retryAfterMs = findBackoff(delivery, leased.failures, databaseClock.now());
      const wasUnsent = delivery.kind === 'unsent';
      await this.#endLease(platform, stale, leased, { wasUnsent, retryAfterMs });
      const reason =
        delivery.kind === 'answered' ? `it answered ${delivery.answer.status}` : delivery.reason;
      throw new ActionFailure(
        'PLATFORM_DOWN',
        `${platform.title} did not renew the token of ${accountId}: ${reason}`,
        { retryAfterMs },
      );
    }
    return this.#storePatiently(platform, leased, stale.accountId, {
      ...grant,
      refreshToken: grant.refreshToken ?? refreshToken,
    });
  }

  /** Repeated while the database is unreachable: a rotated refresh token exists nowhere else. */
  #storePatiently(
    platform: Platform,
    leased: LeasedRow,
    accountId: string,
    grant: RenewedGrant,
  ): Promise<HeldCredential> {
    return untilWritten(
      () => this.#store(platform, leased, accountId, grant),
      (reason) =>
        this.#logger.warn(
          `the new token of ${platform.name} account ${accountId} waits for the database: ${reason}`,
        ),
    );
  }

  /**
   * Stored before it is used: a rotated refresh token that is only in memory is lost by a crash. Whoever
   * was refused while this one was late has marked the account, and was wrong.
   */
  async #store(
    platform: Platform,
    leased: LeasedRow,
    accountId: string,
    grant: RenewedGrant,
  ): Promise<HeldCredential> {
    const [row] = await this.database.query<TokenRow>(
      `WITH stored AS (
         UPDATE accounts held SET access_token = $5, refresh_token = $6,
           expires_at = now() + make_interval(secs => $7), scopes = COALESCE($8, held.scopes),
           scopes_claimed = held.scopes_claimed AND $8 IS NULL,
           version = held.version + 1, refreshed_at = now(), updated_at = now(),
           reconnect_reason = NULL, refresh_holder = NULL, refresh_until = NULL, refresh_attempts = 0
         FROM (
           SELECT reconnect_reason FROM accounts
           WHERE platform = $1 AND account_id = $2 AND row_id = $3 AND version = $4 FOR UPDATE
         ) before
         WHERE platform = $1 AND account_id = $2 AND row_id = $3 AND version = $4
         RETURNING held.*, before.reconnect_reason IS NOT NULL AS was_marked
       ), noted AS (${noteEvent('(SELECT FROM stored WHERE was_marked) recovered', '$9')})
       SELECT ${COLUMNS} FROM stored`,
      [
        platform.name,
        accountId,
        leased.row_id,
        leased.version,
        this.vault.encrypt(grant.accessToken, placeOf(platform.name, accountId, 'access_token')),
        this.vault.encrypt(grant.refreshToken, placeOf(platform.name, accountId, 'refresh_token')),
        grant.expiresIn ?? null,
        grant.scopes ?? null,
        describeEvent({
          kind: 'account.recovered',
          callerId: GATEWAY,
          platform: platform.name,
          accountId,
          reason: 'A renewal that took too long came to its end after all',
        }),
      ],
    );
    this.forget(platform, accountId);
    if (row) {
      this.#keepRenewal({ platform, accountId, leased, grant, storedAt: performance.now() });
      this.#logger.log(`renewed the token of ${platform.name} account ${accountId}`);
      return this.#open(platform, accountId, row);
    }
    // A person has connected it again in the meantime: that grant is newer.
    return this.read(platform, accountId);
  }

  #keepRenewal(renewal: StoredRenewal): void {
    const name = nameRow(renewal.platform, renewal.accountId);
    this.#renewals.delete(name);
    this.#renewals.set(name, renewal);
    const [oldest] = this.#renewals.keys();
    if (this.#renewals.size > MOST_RENEWALS_KEPT && oldest !== undefined)
      this.#renewals.delete(oldest);
  }

  /**
   * Stores the latest renewals again where a row is as it was before them: the database has lost them, and
   * the refresh token in it is used up. Rows that are newer stay as they are.
   */
  async restoreRenewals(): Promise<void> {
    for (const { platform, accountId, leased, grant, storedAt } of this.#renewals.values()) {
      const passed = Math.ceil((performance.now() - storedAt) / 1_000);
      const expiresIn = grant.expiresIn && Math.max(1, grant.expiresIn - passed);
      const rest = { ...grant, expiresIn };
      await this.#storePatiently(platform, leased, accountId, rest).catch((error: unknown) => {
        // Removed, or in need of a person: there is nothing to be restored.
        if (!(error instanceof ActionFailure)) throw error;
      });
    }
  }

  async #markDead(
    platform: Platform,
    { accountId }: HeldCredential,
    leased: LeasedRow,
  ): Promise<HeldCredential> {
    const refused = `${platform.title} no longer accepts the grant:`;
    const event = describeEvent({
      kind: 'account.reconnect_needed',
      callerId: GATEWAY,
      platform: platform.name,
      accountId,
    });
    // Only if no newer token was stored: otherwise the refusal was about a token that is gone already. And from
    // nothing, so that of all who meet a dead grant one marks it.
    const [marked] = await this.database.query<{ reconnect_reason: string }>(
      `WITH marked AS (
         UPDATE accounts SET refresh_holder = NULL, refresh_until = NULL, updated_at = now(),
           reconnect_reason = CASE WHEN refresh_attempts > 1 THEN $5 ELSE $6 END
         WHERE platform = $1 AND account_id = $2 AND row_id = $3 AND version = $4
           AND reconnect_reason IS NULL
         RETURNING reconnect_reason
       ), noted AS (
         ${noteEvent('marked', `jsonb_set($7, '{reason}', to_jsonb(reconnect_reason))::json`)}
       )
       SELECT reconnect_reason FROM marked`,
      [
        platform.name,
        accountId,
        leased.row_id,
        leased.version,
        `${refused} a renewal before this one was cut off and may have used it up, or the person revoked it`,
        `${refused} the person revoked it or it ran out`,
        event,
      ],
    );
    this.forget(platform, accountId);
    if (marked) {
      this.#logger.warn(
        `${platform.name} account ${accountId} must be connected again: ${marked.reconnect_reason}`,
      );
    }
    return this.read(platform, accountId);
  }

  /** @param end `wasUnsent`: the refresh token surely never left, so that nothing is in doubt */
  async #endLease(
    platform: Platform,
    stale: HeldCredential,
    leased: LeasedRow,
    { wasUnsent, retryAfterMs }: { readonly wasUnsent: boolean; readonly retryAfterMs: number },
  ): Promise<void> {
    await this.database.change(
      `UPDATE accounts SET refresh_holder = NULL, refresh_until = NULL,
         refresh_attempts = refresh_attempts - CASE WHEN $4 THEN 1 ELSE 0 END,
         refresh_failures = $5, refresh_backoff_version = $6,
         refresh_backoff_until = now() + $7 * interval '1 millisecond'
       WHERE platform = $1 AND account_id = $2 AND refresh_holder = $3`,
      [
        platform.name,
        stale.accountId,
        leased.refresh_holder,
        wasUnsent,
        leased.failures + 1,
        leased.version,
        retryAfterMs,
      ],
    );
  }

  #open(platform: Platform, accountId: string, row: TokenRow): HeldCredential {
    if (row.reconnect_reason !== null) {
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${platform.title} account ${accountId} must be connected again. ${row.reconnect_reason}`,
      );
    }
    return {
      accountId,
      accessToken: this.vault.decrypt(
        row.access_token ?? '',
        placeOf(platform.name, accountId, 'access_token'),
      ),
      scopes: row.scopes,
      ...(row.scopes_claimed && { hasUnknownScopes: true }),
      ...nameUnverified(row),
      ...(row.client_id !== null && { clientId: row.client_id }),
      version: row.version,
      renewable: row.refresh_token !== null && platform.oauth !== undefined,
      expiresAt: row.expires_at?.getTime(),
    };
  }
}

/** The row's version where the platform has not accepted the credential yet. */
function nameUnverified({
  version,
  unverified_version,
}: TokenRow): Pick<HeldCredential, 'unverifiedVersion'> {
  return unverified_version === version ? { unverifiedVersion: version } : {};
}

function nameCredential(
  { name }: Platform,
  { accountId, version }: Pick<HeldCredential, 'accountId' | 'version'>,
): string {
  return `${name}/${accountId}/${version}`;
}

/** As the trigger of the table names a row. */
function nameRow({ name }: Platform, accountId: string): string {
  return `${name}/${accountId}`;
}

function requireOwner(
  platform: Platform,
  accountId: string,
  known: KnownAccount,
  owner: string | undefined,
): void {
  if (owner !== undefined && known.owner !== owner) throw notConnected(platform, accountId);
}

function notConnected(platform: Platform, accountId: string): ActionFailure {
  return new ActionFailure(
    'ACCOUNT_NOT_CONNECTED',
    `${platform.title} account ${accountId} is not connected: ${adviseConnecting(platform, accountId)}`,
  );
}

function adviseConnecting({ name, oauth }: Platform, accountId: string): string {
  const byHand = `store its tokens with PUT /api/v1/accounts/${name}/${accountId}`;
  return oauth?.connecting
    ? `connect it with POST /api/v1/oauth/${name}/authorize, or ${byHand}`
    : byHand;
}

/** Where a secret lives; the vault binds it to this place. */
export function placeOf(platform: string, accountId: string, column: string): string {
  return `accounts/${platform}/${accountId}/${column}`;
}

/** The OAuth client of an account's own; undefined for the one of the configuration. */
export function openClient(
  vault: Vault,
  platform: string,
  accountId: string,
  { client_id, client_secret }: Pick<TokenRow, 'client_id' | 'client_secret'>,
): OAuthClient | undefined {
  if (client_id === null || client_secret === null) return undefined;
  const secret = vault.decrypt(client_secret, placeOf(platform, accountId, 'client_secret'));
  return { id: client_id, secret };
}
