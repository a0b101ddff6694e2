import { listStoredGrants, type StoredGrant } from '../accounts/stored-grants.js';
import type { Database } from '../database/database.js';
import type { Vault } from '../database/vault.js';
import type { PlatformSettings } from '../actions/platform.js';
import type { Config } from '../config/config.js';
import type { ControlCall, SandboxDeclaration } from '../platforms/platform-declaration.js';
import type { Restoration } from '../sandbox/exchange.js';

/** How long a token lives of which the sandbox never said when it ends. */
const UNKNOWN_LIFE_SECONDS = 14_400;

/** What became of the grants of accounts, by `platform/account id`; absent where the sandbox has no such person. */
export type RestoredGrants = ReadonlyMap<string, Restoration>;

/**
 * Gives a sandbox that was started again the grants it gave before: the accounts of the database work on as
 * with a real platform. Grants that were revoked stay revoked.
 */
export async function restoreSandbox(
  config: Config,
  database: Database,
  vault: Vault,
): Promise<RestoredGrants> {
  const restored = new Map<string, Restoration>();
  const sandboxes = new Map(
    config.platforms.map(({ declaration }) => [declaration.name, declaration.sandbox]),
  );
  const tell = (platform: string, call: ControlCall | undefined) =>
    call && post(`${config.sandboxUrl}/sandbox/${platform}/${call.name}`, call.body);
  for (const grant of await listStoredGrants(database, vault)) {
    const result = await tell(grant.platform, describe(sandboxes.get(grant.platform), grant));
    if (result) restored.set(`${grant.platform}/${grant.accountId}`, result);
  }
  for (const [platform, sandbox] of sandboxes) {
    if (!sandbox?.restoreInvite) continue;
    for (const invite of await listInvites(database, platform))
      await tell(platform, sandbox.restoreInvite(invite));
  }
  return restored;
}

function describe(
  sandbox: SandboxDeclaration<PlatformSettings> | undefined,
  { accountId, login, accessToken, refreshToken, scopes, expiresIn }: StoredGrant,
): ControlCall | undefined {
  const tokens = {
    access_token: accessToken,
    refresh_token: refreshToken,
    scopes,
    expires_in: expiresIn ?? UNKNOWN_LIFE_SECONDS,
  };
  return sandbox?.restore({ accountId, login, tokens });
}

/** The servers that persons let the default bot into, by what the history of accounts says. */
function listInvites(
  database: Database,
  platform: string,
): Promise<{ guild_id: string; permissions: readonly string[] }[]> {
  return database.query(
    `SELECT DISTINCT ON (details ->> 'guild_id') details ->> 'guild_id' AS guild_id,
       COALESCE(details -> 'permissions', '[]') AS permissions
     FROM audit_events
     WHERE platform = $1 AND kind = 'account.connected' AND details ->> 'guild_id' IS NOT NULL
       AND account_id = 'default'
     ORDER BY details ->> 'guild_id', happened_at DESC`,
    [platform],
  );
}

/** @returns undefined where the sandbox does not know whom it is about, such as a person added by hand */
async function post(url: string, body: object): Promise<Restoration | undefined> {
  const answer = await fetch(url, {
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
