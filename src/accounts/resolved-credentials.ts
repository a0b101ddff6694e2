// This file is long: a credential of an outside service is asked for, kept, renewed and written back by one row and its lease.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ActionFailure } from '../actions/failures.js';
import type { Grant, Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { Database } from '../database/database.js';
import { untilWritten } from '../database/patience.js';
import { Vault } from '../database/vault.js';
import { hideWhileUsed } from '../observability/hidden-values.js';
import {
  type CredentialName,
  CredentialService,
  type ServedCredential,
} from './credential-service.js';
import { canIdentify, identifyToken, readTokenScopes } from './identify-token.js';
import { Renewal, type RenewalLease, type RenewalLook, type RenewedGrant } from './renewal.js';
import { LEASE_SECONDS } from './token-exchange.js';
import type { CredentialReference, HeldCredential } from './held-credential.js';

/** What we know of a reference ourselves. */
interface ReferenceRow {
  readonly proven_hash: string | null;
  readonly account_id: string | null;
  readonly scopes: string[] | null;
  readonly proven_ago_ms: number | null;
  readonly replaced_hash: string | null;
  readonly renewed_hash: string | null;
  readonly access_token: string | null;
  readonly refresh_token: string | null;
  readonly generation: number;
  /** Exchanges without a clear answer, one after the other, and of which token. */
  readonly refresh_failures: number;
  readonly refresh_backoff_hash: string | null;
  readonly backoff_ms: number | null;
}

/** What a service holds, brought up to date with a renewal of ours that it may not know. */
interface Current extends ServedCredential {
  /** SHA-256 of the access token. */
  readonly hash: string;
  /** The same of the one that the service gave. */
  readonly servedHash: string;
  readonly row: ReferenceRow | undefined;
}

/** Long enough for what a caller does in one go; a revoked credential is gone after it. */
const CACHED_MS = 1_000;
/** How long a grant that the platform called dead is not tried again. */
const DEAD_FOR_MS = 60_000;
/** How long an action waits until the service knows of a renewal. */
const TELL_FOR_MS = 1_000;
const LOOK_EVERY_MS = 250;
/** What the earlier client of YouTube called an account without a channel. */
const NO_CHANNEL = 'NO_CHANNEL';
/** Fresh tokens of a credential rejected in a row, after which it is not tried again at once. */
const MOST_REJECTIONS = 2;

/**
 * Credentials that an outside service holds: resolved when they are needed, kept for seconds and in
 * memory alone, renewed once in the whole cluster. A renewal is stored here before it is used and
 * before the service is told, and used for as long as the service still gives what it replaced.
 */
@Injectable()
export class ResolvedCredentials {
  readonly #logger = new Logger(ResolvedCredentials.name);
  readonly #cached = new Map<string, Promise<HeldCredential>>();
  readonly #refreshes = new Map<string, Promise<HeldCredential>>();
  readonly #updates = new Map<string, Promise<void>>();
  /** Fresh tokens that were rejected lately, by credential. */
  readonly #rejected = new Map<string, number>();
  /** Why tokens are of no use, by their SHA-256; a newer one is another. */
  readonly #dead = new Map<string, ActionFailure>();

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly transport: Transport,
    private readonly renewal: Renewal,
    private readonly service: CredentialService,
  ) {}

  /**
   * The credential behind a reference, and whose it is by the platform's word.
   * @param mayAskPlatform false where the platform must not be asked: whose it is may then be unknown
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT, PLATFORM_DOWN, INTERNAL
   */
  async use(
    platform: Platform,
    reference: CredentialReference,
    mayAskPlatform = true,
  ): Promise<HeldCredential> {
    const key = `${mayAskPlatform ? '' : 'dry '}${nameReference(platform, reference)}`;
    const held = await (this.#cached.get(key) ??
      this.#hold(key, this.#find(platform, reference, mayAskPlatform)));
    const accountId = settleAccount(platform, reference, held.accountId, mayAskPlatform);
    // Each caller has a correlation of its own.
    return { ...held, accountId, reference };
  }

  /** Forgets what was kept of a reference, so that the service is asked again. */
  forget(platform: Platform, reference: CredentialName): void {
    const name = nameReference(platform, reference);
    this.#cached.delete(name);
    this.#cached.delete(`dry ${name}`);
  }

  /**
   * A newer token in place of one that the platform refused: the service's own, or else a renewal.
   * @throws ActionFailure as `use`
   */
  refresh(platform: Platform, stale: HeldCredential): Promise<HeldCredential> {
    const { reference } = stale;
    if (!reference) throw new Error('A credential of our own is not renewed here');
    const key = `${stale.version} ${nameReference(platform, reference)}`;
    const running = this.#refreshes.get(key);
    if (running) return running;
    const refresh = this.#refreshOnce(platform, stale, reference).finally(() =>
      this.#refreshes.delete(key),
    );
    this.#refreshes.set(key, refresh);
    return refresh;
  }

  /** Shares what is found, also while it is being looked for. A failure is not kept. */
  #hold(key: string, held: Promise<HeldCredential>): Promise<HeldCredential> {
    const drop = (): void => {
      if (this.#cached.get(key) === held) this.#cached.delete(key);
    };
    this.#cached.set(key, held);
    held.then(() => setTimeout(drop, CACHED_MS).unref(), drop);
    return held;
  }

  async #find(
    platform: Platform,
    reference: CredentialReference,
    mayAskPlatform: boolean,
  ): Promise<HeldCredential> {
    const current = await this.#look(platform, reference);
    this.#requireAlive(current);
    // Without a word of the platform it is whose it was before.
    if (!mayAskPlatform && canIdentify(platform))
      return describe(reference, current, knownOf(current.row));
    const found = await this.#identify(platform, reference, current);
    if (found !== 'invalid') return found;
    const stale = describe(reference, current, knownOf(undefined));
    const renewed = await this.#renewUntilNew(platform, stale, reference);
    const identity = await this.#identify(platform, reference, renewed);
    if (identity !== 'invalid') return identity;
    throw this.#reject(platform, reference, renewed);
  }

  /** A fresh token that the platform rejects may be one that it does not know yet: the next one decides. */
  #reject(platform: Platform, reference: CredentialName, renewed: Current): ActionFailure {
    const name = nameReference(platform, reference);
    const times = (this.#rejected.get(name) ?? 0) + 1;
    this.#rejected.set(name, times);
    setTimeout(() => this.#rejected.delete(name), DEAD_FOR_MS).unref();
    const why = 'a fresh one is not accepted either';
    if (times >= MOST_REJECTIONS) return this.#bury(platform, reference, renewed, why);
    return describeDead(platform, reference, why);
  }

  /** @throws ActionFailure RECONNECT_ACCOUNT for a token that was found dead a moment ago */
  #requireAlive({ hash }: Current): void {
    const failure = this.#dead.get(hash);
    if (failure) throw failure;
  }

  /** Notes a token that can neither be used nor renewed. */
  #bury(
    platform: Platform,
    reference: CredentialName,
    { hash }: Current,
    why: string,
  ): ActionFailure {
    const failure = describeDead(platform, reference, why);
    this.#dead.set(hash, failure);
    setTimeout(() => this.#dead.delete(hash), DEAD_FOR_MS).unref();
    return failure;
  }

  /** Asks the service, and takes what is newer of it here. */
  async #look(platform: Platform, reference: CredentialReference): Promise<Current> {
    const { correlationId } = reference;
    const served = await this.service.resolve(reference, correlationId);
    hideWhileUsed(served.accessToken);
    if (served.refreshToken !== undefined) hideWhileUsed(served.refreshToken);
    if (served.platform !== platform.name) {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `Credential ${reference.ref} is one of ${served.platform}, not of ${platform.name}`,
      );
    }
    const servedHash = hashToken(served.accessToken);
    const [row] = await this.database.query<ReferenceRow>(
      `SELECT proven_hash, account_id, scopes, replaced_hash, renewed_hash, access_token, refresh_token,
         generation, EXTRACT(epoch FROM now() - proven_at)::float8 * 1000 AS proven_ago_ms,
         refresh_failures, refresh_backoff_hash,
         EXTRACT(epoch FROM refresh_backoff_until - now())::float8 * 1000 AS backoff_ms
       FROM resolved_credentials WHERE customer = $1 AND credential_ref = $2`,
      [reference.customer, reference.ref],
    );
    const known = { ...served, hash: servedHash, servedHash, row };
    if (row?.access_token == null || row.renewed_hash === null) return known;
    const isBehind = row.replaced_hash === servedHash;
    if (!isBehind && row.renewed_hash !== servedHash) return known;
    // The contract has no place for a refresh token in an update: the newer one may be here alone.
    const refreshToken =
      row.refresh_token === null
        ? served.refreshToken
        : this.#open(reference, 'refresh_token', row.refresh_token);
    if (!isBehind) return { ...known, refreshToken };
    const accessToken = this.#open(reference, 'access_token', row.access_token);
    const current = { ...known, accessToken, refreshToken, hash: row.renewed_hash };
    void this.#tellService(reference, current, refreshToken !== served.refreshToken);
    return current;
  }

  async #identify(
    platform: Platform,
    reference: CredentialReference,
    current: Current,
  ): Promise<HeldCredential | 'invalid'> {
    const { row } = current;
    const { validateEveryMs = Infinity } = platform.oauth ?? {};
    const isProven = row?.account_id != null && row.proven_hash === current.hash;
    if (isProven && (row.proven_ago_ms ?? Infinity) < validateEveryMs)
      return describe(reference, current, knownOf(row));
    if (!canIdentify(platform))
      return describe(reference, current, { accountId: current.postingIdentity ?? '' });
    const identity = await identifyToken(this.transport, platform, current.accessToken);
    if (identity === 'invalid') return 'invalid';
    if (identity === 'no account') {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `Credential ${reference.ref} belongs to no account of ${platform.title}: create one there, such as a channel, or store the credential of another person at the credential service`,
        { platformCode: NO_CHANNEL },
      );
    }
    if (identity === 'unclear') {
      // The same token was somebody's an hour ago, and still is.
      if (isProven) return describe(reference, current, knownOf(row));
      throw new ActionFailure(
        'PLATFORM_DOWN',
        `${platform.title} did not say whose credential ${reference.ref} is; nothing was sent`,
      );
    }
    const asked = await readTokenScopes(this.transport, platform, current.accessToken);
    const scopes = asked === 'not asked' ? identity.scopes : asked === 'unclear' ? null : asked;
    const { accountId, login } = identity;
    await this.database.change(
      `INSERT INTO resolved_credentials (customer, credential_ref, proven_hash, account_id, login, scopes, proven_at)
       VALUES ($1, $2, $3, $4, $5, $6, now())
       ON CONFLICT (customer, credential_ref) DO UPDATE SET proven_hash = excluded.proven_hash,
         account_id = excluded.account_id, login = excluded.login, scopes = excluded.scopes, proven_at = now()`,
      [reference.customer, reference.ref, current.hash, accountId, login, scopes],
    );
    return describe(reference, current, { accountId, scopes });
  }

  async #refreshOnce(
    platform: Platform,
    stale: HeldCredential,
    reference: CredentialReference,
  ): Promise<HeldCredential> {
    this.forget(platform, reference);
    try {
      const renewed = await this.#renewUntilNew(platform, stale, reference);
      const found = await this.#identify(platform, reference, renewed);
      if (found === 'invalid') throw this.#reject(platform, reference, renewed);
      const { accountId } = stale;
      settleAccount(platform, { ...reference, accountId }, found.accountId);
      return { ...found, accountId, reference };
    } finally {
      // What others read while this went on may be older.
      this.forget(platform, reference);
    }
  }

  /** The holder of the lease asks the token server; the others ask the service again. */
  #renewUntilNew(
    platform: Platform,
    stale: HeldCredential,
    reference: CredentialReference,
  ): Promise<Current> {
    return this.renewal.renew(platform, {
      name: `credential ${reference.ref}`,
      lookEveryMs: LOOK_EVERY_MS,
      look: () => this.#lookForRenewal(platform, stale, reference),
    });
  }

  async #lookForRenewal(
    platform: Platform,
    stale: HeldCredential,
    reference: CredentialReference,
  ): Promise<RenewalLook<Current>> {
    const current = await this.#look(platform, reference);
    if (current.accessToken !== stale.accessToken) return { newer: current };
    this.#requireAlive(current);
    const { refreshToken, row, hash } = current;
    if (refreshToken === undefined || !platform.oauth)
      throw this.#bury(platform, reference, current, 'it came without a refresh token');
    const backoffMs = row?.refresh_backoff_hash === hash ? (row.backoff_ms ?? 0) : 0;
    if (backoffMs > 0) return { backoffMs };
    const holder = await this.#takeLease(reference, current);
    if (holder === undefined) return { backoffMs: 0 };
    return { lease: this.#describeLease(platform, reference, current, refreshToken, holder) };
  }

  #describeLease(
    platform: Platform,
    reference: CredentialReference,
    current: Current,
    refreshToken: string,
    holder: string,
  ): RenewalLease<Current> {
    const { row, hash } = current;
    const failures = row?.refresh_backoff_hash === hash ? row.refresh_failures : 0;
    const end = (retryAfterMs: number): Promise<void> =>
      this.#endLease(reference, holder, { hash, failures: failures + 1, retryAfterMs });
    return {
      refreshToken,
      failures,
      extend: () =>
        this.database.change(
          `UPDATE resolved_credentials SET refresh_until = now() + make_interval(secs => $4)
           WHERE customer = $1 AND credential_ref = $2 AND refresh_holder = $3`,
          [reference.customer, reference.ref, holder, LEASE_SECONDS],
        ),
      store: (grant) => this.#keep(platform, reference, current, grant, holder),
      endDead: async () => {
        await end(0);
        throw this.#bury(platform, reference, current, 'the person revoked it or it ran out');
      },
      endUnclear: ({ retryAfterMs }) => end(retryAfterMs),
    };
  }

  /** Only for the generation that was read: a later renewal has another one. */
  async #takeLease(
    { customer, ref }: CredentialName,
    { row, hash }: Current,
  ): Promise<string | undefined> {
    const holder = randomUUID();
    const taken = await this.database.change(
      `INSERT INTO resolved_credentials AS known (customer, credential_ref, refresh_holder, refresh_until)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4))
       ON CONFLICT (customer, credential_ref) DO UPDATE
         SET refresh_holder = excluded.refresh_holder, refresh_until = excluded.refresh_until
         WHERE known.generation = $5 AND (known.refresh_until IS NULL OR known.refresh_until < now())
           AND (known.refresh_backoff_hash = $6 AND known.refresh_backoff_until > now()) IS NOT TRUE`,
      [customer, ref, holder, LEASE_SECONDS, row?.generation ?? 0, hash],
    );
    return taken > 0 ? holder : undefined;
  }

  /** Stores a renewal, tells the service, and gives the credential as it is now. */
  async #keep(
    platform: Platform,
    reference: CredentialReference,
    current: Current,
    grant: RenewedGrant,
    holder: string,
  ): Promise<Current> {
    const renewed: Current = {
      ...current,
      accessToken: grant.accessToken,
      refreshToken: grant.refreshToken,
      hash: hashToken(grant.accessToken),
    };
    // Repeated while the database is unreachable: an exchanged refresh token exists nowhere else.
    await untilWritten(
      () => this.#store(reference, current.hash, renewed, grant, holder),
      (reason) =>
        this.#logger.warn(
          `a renewed credential ${reference.ref} waits for the database: ${reason}`,
        ),
    );
    this.#logger.log(`renewed credential ${reference.ref} of ${platform.name}`);
    const telling = this.#tellService(
      reference,
      renewed,
      grant.refreshToken !== current.refreshToken,
    );
    await Promise.race([telling, sleep(TELL_FOR_MS)]);
    const { row } = current;
    // A renewal is of the same account and, where nothing else is said, of the same scopes.
    const isProven = row?.proven_hash === current.hash;
    return isProven ? { ...renewed, row: carryOver(row, renewed.hash, grant) } : renewed;
  }

  async #store(
    { customer, ref }: CredentialName,
    staleHash: string,
    renewed: Current,
    grant: Grant,
    holder: string,
  ): Promise<void> {
    const seal = (text: string, column: string): string =>
      this.vault.encrypt(text, placeOfRenewal({ customer, ref }, column));
    // Also when the lease ran out meanwhile: what was exchanged last is what lives.
    await this.database.change(
      `UPDATE resolved_credentials SET access_token = $3, refresh_token = $4, replaced_hash = $5,
         renewed_hash = $6, generation = generation + 1,
         refresh_holder = CASE WHEN refresh_holder = $9 THEN NULL ELSE refresh_holder END,
         refresh_until = CASE WHEN refresh_holder = $9 THEN NULL ELSE refresh_until END,
         proven_hash = CASE WHEN proven_hash = $7 THEN $6 ELSE proven_hash END,
         scopes = CASE WHEN proven_hash = $7 THEN COALESCE($8, scopes) ELSE scopes END
       WHERE customer = $1 AND credential_ref = $2`,
      [
        customer,
        ref,
        seal(renewed.accessToken, 'access_token'),
        seal(renewed.refreshToken ?? '', 'refresh_token'),
        renewed.servedHash,
        renewed.hash,
        staleHash,
        grant.scopes ?? null,
        holder,
      ],
    );
  }

  async #endLease(
    { customer, ref }: CredentialName,
    holder: string,
    backoff: { readonly hash: string; readonly failures: number; readonly retryAfterMs: number },
  ): Promise<void> {
    await this.database.change(
      `UPDATE resolved_credentials SET refresh_holder = NULL, refresh_until = NULL,
         refresh_failures = $4, refresh_backoff_hash = $5,
         refresh_backoff_until = now() + $6 * interval '1 millisecond'
       WHERE customer = $1 AND credential_ref = $2 AND refresh_holder = $3`,
      [customer, ref, holder, backoff.failures, backoff.hash, backoff.retryAfterMs],
    );
  }

  /** Never throws: the renewal is stored here, and told again with the next resolution. */
  #tellService(
    reference: CredentialReference,
    renewed: Current,
    isOtherRefreshToken: boolean,
  ): Promise<void> {
    const key = `${reference.ref} ${reference.customer} ${renewed.hash}`;
    const running = this.#updates.get(key);
    if (running) return running;
    const { refreshToken, ...others } = renewed;
    const changed = { ...others, refreshToken: isOtherRefreshToken ? refreshToken : undefined };
    const update = this.service
      .update(reference, changed, reference.correlationId)
      .catch((error: unknown) =>
        this.#logger.warn(
          `the credential service was not told that ${reference.ref} was renewed: ${(error as Error).message}`,
        ),
      )
      .finally(() => this.#updates.delete(key));
    this.#updates.set(key, update);
    return update;
  }

  #open(name: CredentialName, column: string, sealed: string): string {
    return this.vault.decrypt(sealed, placeOfRenewal(name, column));
  }
}

/** Where a renewal that we made for a service lives; the vault binds it to this place. */
export function placeOfRenewal({ customer, ref }: CredentialName, column: string): string {
  return `resolved_credentials/${customer}/${ref}/${column}`;
}

interface KnownOfAccount {
  /** Empty if it was not given. */
  readonly accountId: string;
  readonly scopes?: readonly string[] | null | undefined;
}

function knownOf(row: ReferenceRow | undefined): KnownOfAccount {
  return { accountId: row?.account_id ?? '', scopes: row?.scopes };
}

function carryOver(row: ReferenceRow, hash: string, { scopes }: Grant): ReferenceRow {
  return { ...row, proven_hash: hash, ...(scopes && { scopes: [...scopes] }) };
}

function describe(
  reference: CredentialReference,
  { accessToken, hash }: Current,
  { accountId, scopes }: KnownOfAccount,
): HeldCredential {
  return {
    accountId,
    accessToken,
    scopes: scopes ?? [],
    hasUnknownScopes: !scopes,
    // Below nothing, so that it is never taken for a version of a row.
    version: -Number.parseInt(hash.slice(0, 12), 16),
    // Also without a refresh token: the service may have a newer one by now.
    renewable: true,
    expiresAt: undefined,
    reference,
  };
}

/**
 * The account that a credential is used as.
 * @param found whose it is, by the platform's word or, where that has none, by the service's; or empty
 * @throws ActionFailure RECONNECT_ACCOUNT when it is one of another account, ACCOUNT_NOT_CONNECTED when
 *   its owner is unknown
 */
function settleAccount(
  platform: Platform,
  { ref, accountId }: CredentialReference,
  found: string,
  mayAskPlatform = true,
): string {
  // What a service calls an account is for people; only a platform can contradict.
  const isContradicted = canIdentify(platform) && mayAskPlatform && found !== accountId;
  if (accountId !== undefined && isContradicted) {
    throw new ActionFailure(
      'RECONNECT_ACCOUNT',
      `Credential ${ref} is one of ${platform.title} account ${found}, not of ${accountId}`,
    );
  }
  if (accountId !== undefined) return accountId;
  if (found !== '') return found;
  if (!mayAskPlatform) return `<account of ${ref}>`;
  throw new ActionFailure(
    'ACCOUNT_NOT_CONNECTED',
    `${platform.title} does not tell whose credential ${ref} is, and the credential service names no posting_identity for it`,
  );
}

function describeDead(platform: Platform, { ref }: CredentialName, why: string): ActionFailure {
  return new ActionFailure(
    'RECONNECT_ACCOUNT',
    `${platform.title} no longer accepts the token of credential ${ref}, and ${why}: replace it at the credential service`,
  );
}

function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function nameReference({ name }: Platform, { customer, ref }: CredentialName): string {
  return JSON.stringify([name, customer, ref]);
}
