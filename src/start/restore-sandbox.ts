import { listStoredGrants, type StoredGrant } from '../accounts/stored-grants.js';
import type { Database } from '../database/database.js';
import type { Vault } from '../database/vault.js';
import type { Restoration } from '../sandbox/exchange.js';

/** How long a token lives of which the sandbox never said when it ends. */
const UNKNOWN_LIFE_SECONDS = 14_400;

/** What became of the grants of accounts, by `platform/account id`; absent where the sandbox has no such person. */
export type Restorations = ReadonlyMap<string, Restoration>;

/**
 * Tells a sandbox that begins anew which grants it gave before: the accounts of the database go on as
 * with a real platform. Grants that were revoked stay revoked.
 * @param url of the sandbox
 */
export async function restoreSandbox(
  url: string,
  database: Database,
  vault: Vault,
): Promise<Restorations> {
  const restored = new Map<string, Restoration>();
  for (const grant of await listStoredGrants(database, vault)) {
    const result = await restore(url, grant);
    if (result) restored.set(`${grant.platform}/${grant.accountId}`, result);
  }
  for (const { guild_id, permissions } of await listInvites(database))
    await post(url, '/sandbox/discord/restore-invite', { guild_id, permissions });
  return restored;
}

function restore(url: string, grant: StoredGrant): Promise<Restoration | undefined> {
  const tokens = {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    scopes: grant.scopes,
    expires_in: grant.expiresIn ?? UNKNOWN_LIFE_SECONDS,
  };
  switch (grant.platform) {
    case 'twitch':
      return post(url, '/sandbox/twitch/restore-grant', { user_id: grant.accountId, ...tokens });
    case 'youtube':
      return post(url, '/sandbox/youtube/restore-grant', {
        channel_id: grant.accountId,
        ...tokens,
      });
    case 'discord':
      return post(url, '/sandbox/discord/restore-bot', {
        access_token: grant.accessToken,
        ...(grant.login && { username: grant.login }),
      });
    default:
      return Promise.resolve(undefined);
  }
}

/** The servers that persons let the default bot into, by what the history of accounts says. */
function listInvites(
  database: Database,
): Promise<{ guild_id: string; permissions: readonly string[] }[]> {
  return database.query(
    `SELECT DISTINCT ON (details ->> 'guild_id') details ->> 'guild_id' AS guild_id,
       COALESCE(details -> 'permissions', '[]') AS permissions
     FROM audit_events
     WHERE platform = 'discord' AND kind = 'account.connected' AND details ->> 'guild_id' IS NOT NULL
       AND account_id = 'default'
     ORDER BY details ->> 'guild_id', happened_at DESC`,
  );
}

/** @returns undefined where the sandbox does not know whom it is about, such as a person added by hand */
async function post(url: string, path: string, body: object): Promise<Restoration | undefined> {
  const answer = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    return undefined;
  }
  return ((await answer.json()) as { result: Restoration }).result;
}
