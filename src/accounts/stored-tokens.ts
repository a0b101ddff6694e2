import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { OAuthClient, Platform } from '../actions/platform.js';
import { describeEvent, GATEWAY, noteEvent } from '../database/audit-event.js';
import type { Database } from '../database/database.js';
import { untilWritten } from '../database/patience.js';
import type { Vault } from '../database/vault.js';
import type { HeldCredential } from './held-credential.js';
import type { RenewalLease, RenewalLook, RenewedGrant } from './renewal.js';
import { LEASE_SECONDS } from './token-exchange.js';

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
export type KnownAccount = { readonly owner: string } & (
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

/** Renewals that are kept, for a database that loses them. */
const MOST_RENEWALS_KEPT = 200;

const IN_BACKOFF = 'refresh_backoff_version = version AND refresh_backoff_until > now()';
const COLUMNS = `access_token, credential_ref, refresh_token, scopes, expires_at, version, reconnect_reason,
  client_id, client_secret, owner, unverified_version, scopes_claimed`;

/** The tokens in the table of accounts, and the leases by which replicas take turns to renew them. */
export class StoredTokens {
  readonly #logger = new Logger('Tokens');
  /** The latest renewals of this replica, by account. */
  readonly #renewals = new Map<string, StoredRenewal>();

  /** @param onChange is told of an account whose row this replica has just changed */
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly onChange: (platform: Platform, accountId: string) => void,
  ) {}

  /** @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT */
  async read(platform: Platform, accountId: string): Promise<KnownAccount> {
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

  /** One look at an account that is to be renewed, taking its lease if that is free. */
  async look(platform: Platform, stale: HeldCredential): Promise<RenewalLook<KnownAccount>> {
    const { accountId } = stale;
    const leased = await this.#takeLease(platform, stale);
    if (leased?.refresh_token != null)
      return { lease: this.#describeLease(platform, accountId, leased, leased.refresh_token) };
    const current = await this.read(platform, accountId);
    if (!('credential' in current) || current.credential.version !== stale.version)
      return { newer: current };
    return { backoffMs: await this.#countBackoff(platform, stale) };
  }

  #describeLease(
    platform: Platform,
    accountId: string,
    leased: LeasedRow,
    sealed: string,
  ): RenewalLease<KnownAccount> {
    const place = placeOf(platform.name, accountId, 'refresh_token');
    return {
      refreshToken: this.vault.decrypt(sealed, place),
      client: openClient(this.vault, platform.name, accountId, leased),
      failures: leased.failures,
      extend: () =>
        this.database.change(
          `UPDATE accounts SET refresh_until = now() + make_interval(secs => $4)
           WHERE platform = $1 AND account_id = $2 AND refresh_holder = $3`,
          [platform.name, accountId, leased.refresh_holder, LEASE_SECONDS],
        ),
      store: (grant) => this.#storePatiently(platform, leased, accountId, grant),
      endDead: () => this.#markDead(platform, accountId, leased),
      endUnclear: (end) => this.#endLease(platform, accountId, leased, end),
    };
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

  /** Repeated while the database is unreachable: a rotated refresh token exists nowhere else. */
  #storePatiently(
    platform: Platform,
    leased: LeasedRow,
    accountId: string,
    grant: RenewedGrant,
  ): Promise<KnownAccount> {
    return untilWritten(
      () => this.#store(platform, leased, accountId, grant),
      (reason) =>
        this.#logger.warn(
          `the new token of ${platform.name} account ${accountId} waits for the database: ${reason}`,
        ),
    );
  }

  /**
   * Stored before it is used: a rotated refresh token that is only in memory is lost by a crash. A
   * replica that was refused while this one was late has marked the account, and was wrong.
   */
  async #store(
    platform: Platform,
    leased: LeasedRow,
    accountId: string,
    grant: RenewedGrant,
  ): Promise<KnownAccount> {
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
    this.onChange(platform, accountId);
    if (row) {
      this.#keepRenewal({ platform, accountId, leased, grant, storedAt: performance.now() });
      this.#logger.log(`renewed the token of ${platform.name} account ${accountId}`);
      return { owner: row.owner, credential: this.#open(platform, accountId, row) };
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
    const kept = [...this.#renewals.values()];
    const lost = await this.database.query<{ place: number }>(
      `SELECT place::int FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[])
         WITH ORDINALITY AS k (platform, account_id, row_id, version, place)
       JOIN accounts USING (platform, account_id, row_id, version)`,
      [
        kept.map(({ platform }) => platform.name),
        kept.map(({ accountId }) => accountId),
        kept.map(({ leased }) => leased.row_id),
        kept.map(({ leased }) => leased.version),
      ],
    );
    const renewals = kept.filter((_renewal, index) =>
      lost.some(({ place }) => place === index + 1),
    );
    await Promise.all(renewals.map((renewal) => this.#restoreRenewal(renewal)));
  }

  async #restoreRenewal(renewal: StoredRenewal): Promise<void> {
    const { platform, accountId, leased, grant, storedAt } = renewal;
    const passed = Math.ceil((performance.now() - storedAt) / 1_000);
    const expiresIn = grant.expiresIn && Math.max(1, grant.expiresIn - passed);
    await this.#storePatiently(platform, leased, accountId, { ...grant, expiresIn }).catch(
      (error: unknown) => {
        // Removed, or in need of a person: there is nothing to be restored.
        if (!(error instanceof ActionFailure)) throw error;
      },
    );
  }

  async #markDead(platform: Platform, accountId: string, leased: LeasedRow): Promise<KnownAccount> {
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
    this.onChange(platform, accountId);
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
    accountId: string,
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
        accountId,
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

/** As the trigger of the table names a row. */
export function nameRow({ name }: Platform, accountId: string): string {
  return `${name}/${accountId}`;
}

export function notConnected(platform: Platform, accountId: string): ActionFailure {
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
