import type { Database } from '../database/database.js';
import type { Vault } from '../database/vault.js';
import { placeOf } from './stored-tokens.js';

/** A grant that is stored, with its secrets in the clear. */
export interface StoredGrant {
  readonly platform: string;
  readonly accountId: string;
  readonly login: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
  /** Seconds from now; below 0 when it is over, undefined when the platform never said. */
  readonly expiresIn: number | undefined;
}

/** Every grant of the configured OAuth client whose tokens are stored here, for a sandbox that forgot them. */
export async function listStoredGrants(
  database: Database,
  vault: Vault,
): Promise<readonly StoredGrant[]> {
  const rows = await database.query<{
    platform: string;
    account_id: string;
    login: string;
    access_token: string;
    refresh_token: string | null;
    scopes: string[];
    expires_in: number | null;
  }>(
    `SELECT platform, account_id, login, access_token, refresh_token, scopes,
       extract(epoch FROM expires_at - now())::float8 AS expires_in
     FROM accounts WHERE access_token IS NOT NULL AND credential_ref IS NULL AND client_id IS NULL`,
  );
  return rows.map((row) => {
    const { platform, account_id: accountId, login, scopes } = row;
    const open = (sealed: string, column: string): string =>
      vault.decrypt(sealed, placeOf(platform, accountId, column));
    return {
      platform,
      accountId,
      login,
      scopes,
      accessToken: open(row.access_token, 'access_token'),
      refreshToken:
        row.refresh_token === null ? undefined : open(row.refresh_token, 'refresh_token'),
      expiresIn: row.expires_in ?? undefined,
    };
  });
}
