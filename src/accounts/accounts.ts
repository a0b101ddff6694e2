import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { ActionFailure, type FailureCode, refuseInput } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { CONFIG, type Config } from '../config/config.js';
import { AccountRow } from '../database/account-row.js';
import {
  type AuditEvent,
  describeEvent,
  INSERT_EVENT,
  noteEvent,
} from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import {
  type AccountGrant,
  type AccountOwnership,
  type AccountTokens,
  type GrantOrigin,
  refuseForeign,
  refuseOthers,
  renewGiven,
  requireStorable,
  SAVE_ACCOUNT,
} from './account-grant.js';
import { type AccountView, showAccount } from './account-view.js';
import { endGrant, type GrantEnd } from './end-grant.js';
import { examineToken, readVerifiedScopes } from './identify-token.js';
import type { CredentialReference } from './held-credential.js';
import { openClient, placeOf } from './stored-tokens.js';
import { Tokens } from './tokens.js';
import type { HeldCredential } from './held-credential.js';
import { databaseClock } from '../config/database-clock.js';

/** How long an action waits for the renewal of a token that still lives. */
const RENEWAL_PATIENCE_MS = 500;
/** After a renewal that failed; the token lives on meanwhile. */
const RENEW_AGAIN_MS = 30_000;

/** Failures of a renewal that leave the token it was to replace as good as it was. */
const SAYS_NOTHING_OF_IT: ReadonlySet<FailureCode> = new Set([
  'PLATFORM_DOWN',
  'GATEWAY_UNAVAILABLE',
]);

interface EarlyRenewal {
  /** The token that is to be replaced. */
  readonly accessToken: string;
  readonly startedAt: number;
  readonly renewed: Promise<HeldCredential>;
}

/** Who we act as: the accounts whose credentials the gateway holds. */
@Injectable()
export class Accounts {
  readonly #logger = new Logger(Accounts.name);
  /** The latest early renewal of each account. */
  readonly #renewals = new Map<string, EarlyRenewal>();

  constructor(
    @InjectRepository(AccountRow) private readonly rows: Repository<AccountRow>,
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly tokens: Tokens,
    private readonly transport: Transport,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(platform?: string): Promise<AccountView[]> {
    const rows = await this.database.reach(() =>
      this.rows.find({
        where: platform === undefined ? {} : { platform },
        order: { platform: 'ASC', account_id: 'ASC' },
      }),
    );
    return rows.map(showAccount);
  }

  async find(platform: string, accountId: string): Promise<AccountView | undefined> {
    const row = await this.database.reach(() =>
      this.rows.findOneBy({ platform, account_id: accountId }),
    );
    return row ? showAccount(row) : undefined;
  }

  async count(platform?: string): Promise<number> {
    return this.database.reach(() => this.rows.countBy(platform === undefined ? {} : { platform }));
  }

  /**
   * Stores an account's tokens, or new ones in place of its old. The platform is asked whose the token
   * is, and an access token that is over is renewed for that. When the platform cannot say, the words of
   * the caller are stored and the account is unverified.
   * @param named undefined for the account that the platform says it is
   * @param callerId who brings them, for the account's history
   * @param whose to which tenant the account belongs
   * @throws ActionFailure INVALID_INPUT when a token belongs to another account, or is dead for good;
   *   PLATFORM_DOWN when a token that is over cannot be renewed now
   */
  async store(
    platform: Platform,
    named: string | undefined,
    given: AccountTokens,
    callerId: string,
    whose: AccountOwnership = {},
  ): Promise<AccountView> {
    if (named !== undefined) requireStorable(platform, named, given);
    // Before the platform is asked: a renewal uses tokens up.
    if (whose.isTenant && named !== undefined) await this.#requireOwn(platform, named, whose);
    let tokens = given;
    let known = await examineToken(this.transport, platform, tokens.accessToken);
    if (known === 'invalid') {
      tokens = await renewGiven(this.transport, platform, given);
      known = await examineToken(this.transport, platform, tokens.accessToken);
    }
    if (known === 'no account') {
      const message = `belongs to no account of ${platform.title}: create one there, such as a channel, or send the token of another person`;
      throw refuseInput([{ field: 'access_token', message }]);
    }
    const identity = typeof known === 'string' ? undefined : known;
    const accountId = named ?? identity?.accountId;
    if (accountId === undefined) {
      const message = `must be named: ${platform.title} does not say now whose token it is`;
      throw refuseInput([{ field: 'account_id', message }]);
    }
    if (identity?.accountId !== undefined && identity.accountId !== accountId)
      throw refuseForeign(platform, accountId, identity, given, tokens);
    const said = await readVerifiedScopes(this.transport, platform, tokens.accessToken, identity);
    const grant = {
      ...tokens,
      login: identity?.login || given.login,
      scopes: said ?? tokens.scopes,
      hasClaimedScopes: said === undefined,
      expiresIn: identity?.expiresIn ?? tokens.expiresIn,
      isProven: identity !== undefined || tokens !== given,
    };
    return this.save(platform, accountId, grant, { kind: 'account.stored', callerId, ...whose });
  }

  /**
   * Stores a grant whose account is known. An account that is connected again keeps its history: its
   * row, its creation, a version that grows, its events.
   */
  async save(
    platform: Platform,
    accountId: string,
    grant: AccountGrant,
    { details, owner, isTenant = false, ...origin }: GrantOrigin,
  ): Promise<AccountView> {
    requireStorable(platform, accountId, grant);
    const seal = (text: string | undefined, column: string): string | null =>
      text ? this.vault.encrypt(text, placeOf(platform.name, accountId, column)) : null;
    const scopes = [...(grant.scopes ?? [])];
    const [row] = await this.database.query<AccountRow>(SAVE_ACCOUNT, [
      platform.name,
      accountId,
      grant.login ?? '',
      seal(grant.accessToken, 'access_token'),
      seal(grant.refreshToken, 'refresh_token'),
      scopes,
      grant.expiresIn ?? null,
      grant.isProven,
      grant.client?.id ?? null,
      seal(grant.client?.secret, 'client_secret'),
      grant.keepsRefreshToken ?? false,
      describeEvent({
        ...origin,
        platform: platform.name,
        accountId,
        details: {
          login: grant.login ?? '',
          scopes,
          proven: grant.isProven,
          ...(grant.client && { client_id: grant.client.id }),
          ...(grant.credentialRef !== undefined && { credential_ref: grant.credentialRef }),
          ...details,
        },
        owner,
      }),
      owner ?? null,
      isTenant,
      grant.credentialRef ?? null,
      grant.hasClaimedScopes ?? false,
    ]);
    if (!row) throw refuseOthers(platform, accountId);
    this.tokens.forget(platform, accountId);
    return showAccount(row);
  }

  /** @throws ActionFailure NOT_ALLOWED for an account of another tenant */
  async #requireOwn(
    platform: Platform,
    accountId: string,
    { owner }: AccountOwnership,
  ): Promise<void> {
    const known = await this.find(platform.name, accountId);
    if (known && known.owner !== owner) throw refuseOthers(platform, accountId);
  }

  /**
   * Forgets an account and its tokens, then ends the grant at the platform; one that is away does not
   * keep the row alive.
   * @param callerId who wants it, for the account's history
   * @returns undefined when there was no such account
   */
  async disconnect(
    platform: Platform,
    accountId: string,
    callerId: string,
  ): Promise<GrantEnd | undefined> {
    const about = { callerId, platform: platform.name, accountId, owner: '' };
    const [row] = await this.database.query<AccountRow>(
      `WITH removed AS (
         DELETE FROM accounts WHERE platform = $1 AND account_id = $2 RETURNING *
       ), noted AS (${noteEvent('removed', '$3')})
       SELECT * FROM removed`,
      [platform.name, accountId, describeEvent({ ...about, kind: 'account.removed' })],
    );
    if (!row) return undefined;
    this.tokens.forget(platform, accountId);
    const ended = await this.#endGrant(platform, row);
    if (ended === 'ended')
      await this.#noteRevocation({ ...about, owner: row.owner, kind: 'account.revoked' });
    if (ended === 'unclear') {
      this.#logger.warn(
        `${platform.name} account ${accountId} is forgotten; whether ${platform.title} ended its grant is not known`,
      );
    }
    return ended;
  }

  /** Never throws: the account is gone and its grant ended, whether or not that is written down. */
  async #noteRevocation(event: AuditEvent): Promise<void> {
    try {
      await this.database.change(INSERT_EVENT, [describeEvent(event)]);
    } catch (error) {
      this.#logger.warn(
        `that the grant of ${event.platform} account ${event.accountId} was ended is not in its history: ${(error as Error).message}`,
      );
    }
  }

  async #endGrant(platform: Platform, row: AccountRow): Promise<GrantEnd> {
    const { account_id: accountId, access_token, refresh_token } = row;
    // Held by an outside service: whether it ends is that service's to say.
    if (access_token === null) return 'none';
    const open = (sealed: string, column: string): string =>
      this.vault.decrypt(sealed, placeOf(platform.name, accountId, column));
    try {
      return await endGrant(this.transport, platform, {
        accessToken: open(access_token, 'access_token'),
        refreshToken: refresh_token === null ? undefined : open(refresh_token, 'refresh_token'),
        client: openClient(this.vault, platform.name, accountId, row),
      });
    } catch (error) {
      // The row is gone, and a key that is lost must not make that an error.
      this.#logger.warn(
        `the grant of ${platform.name} account ${accountId} was not ended: ${(error as Error).message}`,
      );
      return 'unclear';
    }
  }

  /**
   * The credentials of an account, renewed when they are about to end.
   * @param mayRefresh false for a dry run, which must not touch the network
   * @param owner the tenant that asks: what belongs to others is not connected for it
   * @param correlationId passed on to the service that holds the credential, where one does
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT
   */
  async use(
    platform: Platform,
    accountId: string,
    mayRefresh = true,
    owner?: string,
    correlationId?: string,
  ): Promise<HeldCredential> {
    const atHand = this.useAtHand(platform, accountId, mayRefresh, owner);
    if (atHand) return atHand;
    const asking = { mayRefresh, correlationId };
    const credential = await this.tokens.hold(platform, accountId, owner, asking);
    this.tokens.requireAccepted(platform, credential);
    if (!mayRefresh || !this.#isEnding(credential)) return credential;
    return credential.expiresAt > databaseClock.now()
      ? this.#renewEarly(platform, credential)
      : this.tokens.refresh(platform, credential);
  }

  /**
   * The same without a request to the database or the platform, which is the common case; undefined if one is needed.
   * @throws ActionFailure as `use`
   */
  useAtHand(
    platform: Platform,
    accountId: string,
    mayRefresh = true,
    owner?: string,
  ): HeldCredential | undefined {
    // Configured credentials belong to the operator of the gateway.
    const own = owner === undefined ? this.#findOwn(platform, accountId) : undefined;
    const credential = own ?? this.tokens.findAtHand(platform, accountId, owner);
    if (!credential || (mayRefresh && this.#isEnding(credential))) return undefined;
    this.tokens.requireAccepted(platform, credential);
    return credential;
  }

  /**
   * The credential of the gateway's own application.
   * @param mayAsk false where the network must not be touched: then it may come without a token
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED where the settings lack it, PLATFORM_DOWN
   */
  useApp(platform: Platform, mayAsk: boolean): HeldCredential | Promise<HeldCredential> {
    this.#findOwn(platform, 'app');
    return this.tokens.holdOfApp(platform, mayAsk);
  }

  /** Whether a credential is to be renewed before it is used. */
  #isEnding(credential: HeldCredential): credential is HeldCredential & { expiresAt: number } {
    const { renewable, expiresAt } = credential;
    if (!renewable || expiresAt === undefined) return false;
    return expiresAt - databaseClock.now() <= this.config.TOKEN_REFRESH_BUFFER * 1_000;
  }

  /**
   * The credential behind a reference, which an outside service holds.
   * @param mayAskPlatform false for a dry run: whose credential it is may then be unknown
   * @throws ActionFailure ACCOUNT_NOT_CONNECTED, RECONNECT_ACCOUNT, PLATFORM_DOWN, INTERNAL
   */
  async borrow(
    platform: Platform,
    reference: CredentialReference,
    mayAskPlatform = true,
  ): Promise<HeldCredential> {
    const credential = await this.tokens.borrow(platform, reference, mayAskPlatform);
    this.tokens.requireAccepted(platform, credential);
    return credential;
  }

  /** Stores renewals again that the database has lost. */
  restoreRenewals(): Promise<void> {
    return this.tokens.restoreRenewals();
  }

  /** Resolves when no token is being exchanged. */
  whenIdle(): Promise<void> {
    return this.tokens.whenIdle();
  }

  /** While a token lives, a token server that is slow or away costs next to nothing. */
  #renewEarly(platform: Platform, credential: HeldCredential): Promise<HeldCredential> {
    const name = `${platform.name}/${credential.accountId}`;
    const now = performance.now();
    let renewal = this.#renewals.get(name);
    const isNew = renewal?.accessToken !== credential.accessToken;
    if (!renewal || isNew || now > renewal.startedAt + RENEW_AGAIN_MS) {
      const renewed = this.tokens.refresh(platform, credential).catch((error: unknown) => {
        if (error instanceof ActionFailure && SAYS_NOTHING_OF_IT.has(error.code)) return credential;
        throw error;
      });
      renewed.catch(() => undefined);
      renewal = { accessToken: credential.accessToken, startedAt: now, renewed };
      this.#renewals.set(name, renewal);
    }
    const patience = Math.max(0, renewal.startedAt + RENEWAL_PATIENCE_MS - now);
    return Promise.race([renewal.renewed, sleep(patience, credential)]);
  }

  /** The credential of an account that is configuration. @throws ActionFailure ACCOUNT_NOT_CONNECTED */
  #findOwn(platform: Platform, accountId: string): HeldCredential | undefined {
    const own = platform.ownCredential?.(accountId);
    if (own === undefined) return undefined;
    if ('missing' in own) {
      throw new ActionFailure(
        'ACCOUNT_NOT_CONNECTED',
        `${platform.title} account ${accountId} is not connected: set ${own.missing.join(' and ')} and start the gateway again`,
      );
    }
    return { ...own, version: 0, renewable: false, expiresAt: undefined };
  }
}
