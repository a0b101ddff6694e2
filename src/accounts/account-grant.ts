import { ActionFailure, refuseInput } from '../actions/failures.js';
import type { OAuthClient, Platform } from '../actions/platform.js';
import type { Transport } from '../actions/wire.js';
import { type AuditEvent, noteEvent } from '../database/audit-event.js';
import type { AcceptedToken } from './identify-token.js';

const TOKEN_SERVER_TIMEOUT_MS = 10_000;

export interface AccountTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly scopes?: readonly string[];
  readonly login?: string;
  /** The OAuth client that the grant was given to, when it is not the one of the configuration. */
  readonly client?: OAuthClient;
}

/** What is stored of an account, whose it is being known. */
export interface AccountGrant extends AccountTokens {
  /** In place of tokens: the name of a credential that an outside service holds. */
  readonly credentialRef?: string;
  /** The platform has just accepted the credential. */
  readonly isProven: boolean;
  /** The scopes are not the platform's word. */
  readonly hasClaimedScopes?: boolean;
  /** Keeps the refresh token at hand where none came: some platforms give it once. */
  readonly keepsRefreshToken?: boolean;
}

/** What the history says of how a grant came to us. */
export type GrantOrigin = Pick<AuditEvent, 'kind' | 'callerId' | 'details'> & AccountOwnership;

/** Whose a stored account becomes. */
export interface AccountOwnership {
  /** The tenant; undefined leaves a known account to whom it belongs. */
  readonly owner?: string;
  /** That tenant itself stores it, and takes none from others. */
  readonly isTenant?: boolean;
}

/**
 * Stores a grant, or another one in place of the old. $1 platform, $2 account, $3 login, $4 access token,
 * $5 refresh token, $6 scopes, $7 seconds until it ends, $8 proven, $9 and $10 client, $11 keeps a refresh
 * token, $12 event, $13 tenant, $14 that tenant itself stores it, $15 credential reference, $16 claimed scopes.
 */
export const SAVE_ACCOUNT = `WITH saved AS (
    INSERT INTO accounts (platform, account_id, login, access_token, refresh_token, scopes, expires_at,
      validated_at, client_id, client_secret, owner, credential_ref, unverified_version, scopes_claimed)
    VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7), CASE WHEN $8 THEN now() END, $9, $10,
      COALESCE($13, ''), $15, CASE WHEN NOT $8 THEN 1 END, $16)
    ON CONFLICT (platform, account_id) DO UPDATE SET
      login = excluded.login, access_token = excluded.access_token,
      credential_ref = excluded.credential_ref,
      refresh_token = CASE
        WHEN $11 AND excluded.refresh_token IS NULL AND accounts.reconnect_reason IS NULL
          AND accounts.client_id IS NOT DISTINCT FROM excluded.client_id
        THEN accounts.refresh_token ELSE excluded.refresh_token END,
      client_id = excluded.client_id, client_secret = excluded.client_secret,
      scopes = excluded.scopes, expires_at = excluded.expires_at, validated_at = excluded.validated_at,
      reconnect_reason = NULL, refresh_holder = NULL, refresh_until = NULL, refresh_attempts = 0,
      owner = COALESCE($13, accounts.owner),
      unverified_version = CASE WHEN NOT $8 THEN accounts.version + 1 END,
      scopes_claimed = excluded.scopes_claimed, verify_at = NULL,
      version = accounts.version + 1, updated_at = now()
    WHERE NOT $14 OR accounts.owner = $13
    RETURNING *
  ), noted AS (${noteEvent('saved', '$12')})
  SELECT * FROM saved`;

/** An access token that is over says no longer whose it is: a fresh one does. */
export async function renewGiven(
  transport: Transport,
  platform: Platform,
  given: AccountTokens,
): Promise<AccountTokens> {
  const { oauth, title } = platform;
  const { refreshToken, client } = given;
  if (!refreshToken || !oauth) {
    const message = `is worth nothing: ${title} does not accept it, and no refresh token came with it`;
    throw refuseInput([{ field: 'access_token', message }]);
  }
  const request = oauth.buildRefresh(refreshToken, client);
  const delivery = await transport.deliver(request, TOKEN_SERVER_TIMEOUT_MS);
  const grant = delivery.kind === 'answered' ? oauth.readRefresh(delivery.answer) : 'unclear';
  if (grant === 'dead') {
    const message = `is worth nothing: ${title} accepts neither it nor the access token`;
    throw refuseInput([{ field: 'refresh_token', message }]);
  }
  if (grant === 'unclear') {
    const reason =
      delivery.kind === 'answered' ? `it answered ${delivery.answer.status}` : delivery.reason;
    throw new ActionFailure(
      'PLATFORM_DOWN',
      `${title} does not accept the access token, and did not renew it: ${reason}. Nothing is stored`,
    );
  }
  return {
    ...given,
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken ?? refreshToken,
    expiresIn: grant.expiresIn,
    scopes: grant.scopes ?? given.scopes,
  };
}

/** @throws ActionFailure INVALID_INPUT for tokens that the platform has no use for */
export function requireStorable(
  platform: Platform,
  accountId: string,
  given: Pick<AccountTokens, 'refreshToken'>,
): void {
  const own = platform.ownCredential?.(accountId);
  if (own !== undefined) {
    const message =
      'missing' in own
        ? `cannot be stored yet: set ${own.missing.join(' and ')} first`
        : 'is part of the configuration: change it there, or store the account under another id';
    throw refuseInput([{ field: 'account_id', message }]);
  }
  if (platform.oauth === undefined && given.refreshToken !== undefined) {
    const message = `must be left out: ${platform.title} tokens are never renewed`;
    throw refuseInput([{ field: 'refresh_token', message }]);
  }
}

/** The refusal of tokens of another account. The owner of a renewed token has to know. */
export function refuseForeign(
  { title }: Platform,
  accountId: string,
  identity: AcceptedToken,
  given: AccountTokens,
  tokens: AccountTokens,
): ActionFailure {
  const whose = `belongs to ${title} account ${identity.accountId} (${identity.login}), not to ${accountId}`;
  if (tokens === given) return refuseInput([{ field: 'access_token', message: whose }]);
  const isSpent = tokens.refreshToken !== given.refreshToken;
  const message = isSpent
    ? `${whose}; finding that out has used it up, so that account has to be connected again`
    : whose;
  return refuseInput([{ field: 'refresh_token', message }]);
}

/** The no to an account of another tenant. */
export function refuseOthers({ title }: Platform, accountId: string): ActionFailure {
  return new ActionFailure('NOT_ALLOWED', `${title} account ${accountId} belongs to somebody else`);
}
