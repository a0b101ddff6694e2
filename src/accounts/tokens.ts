import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Credential, Grant, OAuth, OAuthClient, Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { describeEvent, GATEWAY, noteEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';

/** A credential together with what is needed to renew it exactly once. */
export interface HeldCredential extends Credential {
  readonly version: number;
  readonly renewable: boolean;
  /** Unix milliseconds; undefined when the platform never said. */
  readonly expiresAt: number | undefined;
}

interface TokenRow {
  readonly access_token: string;
  readonly refresh_token: string | null;
  readonly scopes: string[];
  readonly expires_at: Date | null;
  readonly version: number;
  readonly reconnect_reason: string | null;
  readonly client_id: string | null;
  readonly client_secret: string | null;
}

const LEASE_SECONDS = 20;
const TOKEN_SERVER_TIMEOUT_MS = 10_000;
/** Somebody else refreshes: how often to look, and for how long (its lease and one more try). */
const LOOK_EVERY_MS = 100;
const LOOK_FOR_MS = 2 * LEASE_SECONDS * 1_000;

const REFUSED_FOR_MS = 60_000;

const COLUMNS = `access_token, refresh_token, scopes, expires_at, version, reconnect_reason,
  client_id, client_secret`;

/**
 * Reads and renews tokens. However many callers and replicas meet a dead token, one refresh is sent:
 * callers of a replica share a promise, replicas share a lease in the account's row.
 */
@Injectable()
export class Tokens {
  readonly #logger = new Logger(Tokens.name);
  readonly #refreshes = new Map<string, Promise<HeldCredential>>();
  /** Distinguishes this replica's leases from those of others. */
  readonly #holder = randomUUID();
  /** Credentials that a platform called worthless, and until when they are not tried again. */
  readonly #refused = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly transport: Transport,
  ) {}

  /** @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT */
  async read(platform: Platform, accountId: string): Promise<HeldCredential> {
    const [row] = await this.database.query<TokenRow>(
      `SELECT ${COLUMNS} FROM accounts WHERE platform = $1 AND account_id = $2`,
      [platform.name, accountId],
    );
    return this.#open(platform, accountId, row);
  }

  /**
   * Stops the use of a credential that its platform no longer accepts and nobody can renew: platforms
   * count such calls and lock out whoever goes on. It is tried again after a while, or once replaced.
   */
  noteRefusal(platform: Platform, credential: HeldCredential): void {
    this.#refused.set(nameCredential(platform, credential), Date.now() + REFUSED_FOR_MS);
    this.#logger.warn(
      `${platform.name} account ${credential.accountId} rests: its token is not accepted`,
    );
  }

  /** @throws ActionFailure RECONNECT_ACCOUNT for a credential that was refused a moment ago */
  requireAccepted(platform: Platform, credential: HeldCredential): void {
    const key = nameCredential(platform, credential);
    const until = this.#refused.get(key);
    if (until === undefined) return;
    if (until > Date.now()) {
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${platform.title} no longer accepts the token of account ${credential.accountId}; replace it`,
      );
    }
    this.#refused.delete(key);
  }

  /**
   * Renews a credential that the platform refused or that is about to end. Gives the newer one at once
   * when somebody renewed it meanwhile.
   * @throws ActionFailure RECONNECT_ACCOUNT when the grant is dead, PLATFORM_DOWN when nobody knows
   */
  refresh(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    const key = `${platform.name}/${stale.accountId}/${stale.version}`;
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
  async #takeLease(platform: Platform, stale: HeldCredential): Promise<TokenRow | undefined> {
    const [row] = await this.database.query<TokenRow>(
      `UPDATE accounts SET refresh_holder = $4, refresh_until = now() + make_interval(secs => $5)
       WHERE platform = $1 AND account_id = $2 AND version = $3
         AND reconnect_reason IS NULL AND (refresh_until IS NULL OR refresh_until < now())
       RETURNING ${COLUMNS}`,
      [platform.name, stale.accountId, stale.version, this.#holder, LEASE_SECONDS],
    );
    return row;
  }

  async #renew(
    platform: Platform,
    oauth: OAuth,
    stale: HeldCredential,
    leased: TokenRow,
    sealed: string,
  ): Promise<HeldCredential> {
    const { accountId } = stale;
    const refreshToken = this.vault.decrypt(
      sealed,
      placeOf(platform.name, accountId, 'refresh_token'),
    );
    const delivery = await this.transport.deliver(
      oauth.buildRefresh(refreshToken, openClient(this.vault, platform.name, accountId, leased)),
      TOKEN_SERVER_TIMEOUT_MS,
    );
    const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
    if (grant === 'dead') return this.#markDead(platform, stale);
    if (grant === 'unclear') {
      await this.#endLease(platform, stale);
      const reason =
        delivery.kind === 'answered' ? `it answered ${delivery.answer.status}` : delivery.reason;
      throw new ActionFailure(
        'PLATFORM_DOWN',
        `${platform.title} did not renew the token of ${accountId}: ${reason}`,
      );
    }
    return this.#store(platform, stale, grant, refreshToken);
  }

  /** Stored before it is used: a rotated refresh token that is only in memory is lost by a crash. */
  async #store(
    platform: Platform,
    stale: HeldCredential,
    grant: Grant,
    usedRefreshToken: string,
  ): Promise<HeldCredential> {
    const { accountId } = stale;
    const [row] = await this.database.query<TokenRow>(
      `UPDATE accounts SET access_token = $4, refresh_token = $5,
         expires_at = now() + make_interval(secs => $6), scopes = COALESCE($7, scopes),
         version = version + 1, refreshed_at = now(), updated_at = now(),
         refresh_holder = NULL, refresh_until = NULL
       WHERE platform = $1 AND account_id = $2 AND version = $3
       RETURNING ${COLUMNS}`,
      [
        platform.name,
        accountId,
        stale.version,
        this.vault.encrypt(grant.accessToken, placeOf(platform.name, accountId, 'access_token')),
        this.vault.encrypt(
          grant.refreshToken ?? usedRefreshToken,
          placeOf(platform.name, accountId, 'refresh_token'),
        ),
        grant.expiresIn ?? null,
        grant.scopes ?? null,
      ],
    );
    if (row) {
      this.#logger.log(`renewed the token of ${platform.name} account ${accountId}`);
      return this.#open(platform, accountId, row);
    }
    // Connected anew by a person in the meantime: theirs is the newer truth.
    return this.read(platform, accountId);
  }

  async #markDead(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    const { accountId } = stale;
    const reason = `${platform.title} no longer accepts the grant: the person revoked it or it ran out`;
    // Only if nobody stored a newer token: then the refusal was about one that is gone already.
    const marked = await this.database.query(
      `WITH marked AS (
         UPDATE accounts SET reconnect_reason = $4, refresh_holder = NULL, refresh_until = NULL, updated_at = now()
         WHERE platform = $1 AND account_id = $2 AND version = $3 AND reconnect_reason IS NULL
         RETURNING version
       ), noted AS (${noteEvent('marked', '$5')})
       SELECT 1 FROM marked`,
      [
        platform.name,
        accountId,
        stale.version,
        reason,
        describeEvent({
          kind: 'account.reconnect_needed',
          callerId: GATEWAY,
          platform: platform.name,
          accountId,
          reason,
        }),
      ],
    );
    if (marked.length > 0)
      this.#logger.warn(`${platform.name} account ${accountId} must be connected again: ${reason}`);
    return this.read(platform, accountId);
  }

  async #endLease(platform: Platform, stale: HeldCredential): Promise<void> {
    await this.database.change(
      `UPDATE accounts SET refresh_holder = NULL, refresh_until = NULL
       WHERE platform = $1 AND account_id = $2 AND refresh_holder = $3`,
      [platform.name, stale.accountId, this.#holder],
    );
  }

  #open(platform: Platform, accountId: string, row: TokenRow | undefined): HeldCredential {
    if (!row) {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `${platform.title} account ${accountId} is not connected: ${adviseConnecting(platform, accountId)}`,
      );
    }
    if (row.reconnect_reason !== null) {
      throw new ActionFailure(
        'RECONNECT_ACCOUNT',
        `${platform.title} account ${accountId} must be connected again. ${row.reconnect_reason}`,
      );
    }
    return {
      accountId,
      accessToken: this.vault.decrypt(
        row.access_token,
        placeOf(platform.name, accountId, 'access_token'),
      ),
      scopes: row.scopes,
      ...(row.client_id !== null && { clientId: row.client_id }),
      version: row.version,
      renewable: row.refresh_token !== null && platform.oauth !== undefined,
      expiresAt: row.expires_at?.getTime(),
    };
  }
}

function nameCredential(
  { name }: Platform,
  { accountId, version }: Pick<HeldCredential, 'accountId' | 'version'>,
): string {
  return `${name}/${accountId}/${version}`;
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
