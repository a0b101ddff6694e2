import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ActionFailure, refuseInput } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import { Transport } from '../actions/wire.js';
import { Database } from '../database/database.js';
import { Vault } from '../database/vault.js';
import { Accounts } from './accounts.js';
import type { CredentialName } from './credential-service.js';
import { canIdentify, examineToken, readTokenScopes } from './identify-token.js';
import { openClient, placeOf } from './stored-tokens.js';

/** A name under which others find a credential of ours; no secret is in it. */
export interface NamedCredential extends CredentialName {
  readonly platform: string;
  readonly accountId: string;
  /** The account's name, as its owner gave it. */
  readonly postingIdentity: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A credential that is handed over under a name. */
export interface GivenCredential {
  /** Left out, that of the account if it has one, or a new one. */
  readonly ref?: string | undefined;
  readonly postingIdentity?: string | undefined;
  readonly accessToken: string;
  readonly refreshToken?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What another gateway needs to act as an account. */
export interface OpenedCredential {
  readonly accessToken: string;
  /** Undefined as well where only the account's own OAuth client could use it. */
  readonly refreshToken: string | undefined;
}

interface ReferenceRow {
  readonly owner: string;
  readonly credential_ref: string;
  readonly platform: string;
  readonly account_id: string;
  readonly posting_identity: string | null;
  readonly metadata: Record<string, unknown>;
  readonly created_at: Date;
  readonly updated_at: Date;
}

interface GrantRow {
  readonly refresh_token: string | null;
  readonly scopes: string[];
  readonly login: string;
  readonly client_id: string | null;
  readonly client_secret: string | null;
}

/** Failures after which a credential is of no use until a person does something. */
const GONE = new Set(['ACCOUNT_NOT_CONNECTED', 'RECONNECT_ACCOUNT']);

/**
 * Credentials of ours that others resolve by name. The tokens are those of the account and nowhere
 * else; a name is in the hands of one customer, and to any other it is not there.
 */
@Injectable()
export class CredentialReferences {
  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly transport: Transport,
    private readonly accounts: Accounts,
  ) {}

  async find({ customer, ref }: CredentialName): Promise<NamedCredential | undefined> {
    const [row] = await this.database.query<ReferenceRow>(
      'SELECT * FROM credential_references WHERE owner = $1 AND credential_ref = $2',
      [customer, ref],
    );
    return row && readRow(row);
  }

  /** The latest of a customer, the oldest of them first. */
  async list(
    customer: string,
    platform: string | undefined,
    limit: number,
  ): Promise<NamedCredential[]> {
    const rows = await this.database.query<ReferenceRow>(
      `SELECT * FROM credential_references WHERE owner = $1 AND ($2::text IS NULL OR platform = $2)
       ORDER BY created_at DESC, credential_ref LIMIT $3`,
      [customer, platform ?? null, limit],
    );
    return rows.map(readRow).toReversed();
  }

  /**
   * Opens a credential by its name. A credential that is about to expire is renewed first.
   * @returns undefined when its account is gone, belongs to another customer by now, or must be
   *   connected again
   * @throws ActionFailure PLATFORM_DOWN when it is over and cannot be renewed now
   */
  async open(
    platform: Platform,
    { customer, accountId }: NamedCredential,
  ): Promise<OpenedCredential | undefined> {
    try {
      const { accessToken, reference } = await this.accounts.use(
        platform,
        accountId,
        true,
        customer,
      );
      const grant = await this.#readGrant(platform, accountId, customer);
      const isOurs = reference === undefined && grant?.client_id === null;
      const sealed = isOurs ? grant.refresh_token : null;
      const place = placeOf(platform.name, accountId, 'refresh_token');
      return {
        accessToken,
        refreshToken: sealed === null ? undefined : this.vault.decrypt(sealed, place),
      };
    } catch (error) {
      if (error instanceof ActionFailure && GONE.has(error.code)) return undefined;
      throw error;
    }
  }

  /**
   * Stores tokens as an account of the customer, and gives them a name.
   * @throws ActionFailure INVALID_INPUT, NOT_ALLOWED, PLATFORM_DOWN as the account is refused
   */
  async store(
    platform: Platform,
    customer: string,
    given: GivenCredential,
    callerId: string,
  ): Promise<NamedCredential> {
    const named = canIdentify(platform) ? undefined : given.postingIdentity;
    const { account_id: accountId } = await this.accounts.store(
      platform,
      named,
      { accessToken: given.accessToken, refreshToken: given.refreshToken },
      callerId,
      { owner: customer, isTenant: true },
    );
    const ref = given.ref ?? (await this.#findName(platform, customer, accountId)) ?? makeName();
    const [row] = await this.database.query<ReferenceRow>(
      `INSERT INTO credential_references (owner, credential_ref, platform, account_id, posting_identity, metadata)
       VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (owner, credential_ref) DO UPDATE SET platform = excluded.platform,
         account_id = excluded.account_id, posting_identity = excluded.posting_identity,
         metadata = excluded.metadata, updated_at = now()
       RETURNING *`,
      [
        customer,
        ref,
        platform.name,
        accountId,
        given.postingIdentity ?? null,
        JSON.stringify(given.metadata ?? {}),
      ],
    );
    if (!row) throw new Error('The name of a credential was not stored');
    return readRow(row);
  }

  /**
   * Takes an access token that another gateway got by renewing ours.
   * @returns false when the account is gone
   * @throws ActionFailure INVALID_INPUT for a token that is worthless or another account's
   */
  async update(
    platform: Platform,
    { customer, ref, accountId }: NamedCredential,
    accessToken: string,
    callerId: string,
  ): Promise<boolean> {
    const grant = await this.#readGrant(platform, accountId, customer);
    if (!grant) return false;
    const identity = await examineToken(this.transport, platform, accessToken);
    if (identity === 'invalid') throw refuseToken(`is not accepted by ${platform.title}`);
    if (identity === 'no account') throw refuseToken(`belongs to no account of ${platform.title}`);
    const isKnown = identity !== 'unclear';
    if (isKnown && (identity.accountId ?? accountId) !== accountId)
      throw refuseToken(
        `belongs to ${platform.title} account ${identity.accountId}, not to ${accountId}`,
      );
    const asked = await readTokenScopes(this.transport, platform, accessToken);
    const said = asked === 'not asked' && isKnown ? identity.scopes : asked;
    await this.accounts.save(
      platform,
      accountId,
      {
        accessToken,
        scopes: typeof said === 'string' ? grant.scopes : said,
        hasClaimedScopes: typeof said === 'string',
        login: isKnown && identity.login !== '' ? identity.login : grant.login,
        expiresIn: isKnown ? identity.expiresIn : undefined,
        client: openClient(this.vault, platform.name, accountId, grant),
        isProven: isKnown,
        keepsRefreshToken: true,
      },
      { kind: 'account.stored', callerId, owner: customer, isTenant: true },
    );
    await this.database.change(
      'UPDATE credential_references SET updated_at = now() WHERE owner = $1 AND credential_ref = $2',
      [customer, ref],
    );
    return true;
  }

  async #findName(
    { name }: Platform,
    customer: string,
    accountId: string,
  ): Promise<string | undefined> {
    const [row] = await this.database.query<Pick<ReferenceRow, 'credential_ref'>>(
      `SELECT credential_ref FROM credential_references
       WHERE owner = $1 AND platform = $2 AND account_id = $3 ORDER BY created_at LIMIT 1`,
      [customer, name, accountId],
    );
    return row?.credential_ref;
  }

  /** Of an account whose tokens are our own. */
  async #readGrant(
    { name }: Platform,
    accountId: string,
    customer: string,
  ): Promise<GrantRow | undefined> {
    const [row] = await this.database.query<GrantRow>(
      `SELECT refresh_token, scopes, login, client_id, client_secret FROM accounts
       WHERE platform = $1 AND account_id = $2 AND owner = $3 AND credential_ref IS NULL`,
      [name, accountId, customer],
    );
    return row;
  }
}

function refuseToken(message: string): ActionFailure {
  return refuseInput([{ field: 'new_access_token', message }]);
}

function makeName(): string {
  return `CRED-${randomBytes(12).toString('base64url')}`;
}

function readRow(row: ReferenceRow): NamedCredential {
  return {
    customer: row.owner,
    ref: row.credential_ref,
    platform: row.platform,
    accountId: row.account_id,
    postingIdentity: row.posting_identity,
    metadata: row.metadata,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
