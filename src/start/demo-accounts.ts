import { joinScopes } from '../actions/action.js';
import type { Accounts } from '../accounts/accounts.js';
import type { Config } from '../config/config.js';
import { GATEWAY } from '../database/audit-event.js';
import type { Database } from '../database/database.js';
import type { Vault } from '../database/vault.js';
import type { Catalogue } from '../execution/catalogue.js';
import { type RestoredGrants, restoreSandbox } from './restore-sandbox.js';

/** What connecting accounts to a sandbox takes. */
export interface SandboxRooms {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly accounts: Accounts;
  readonly database: Database;
  readonly vault: Vault;
}

/**
 * Connects the accounts of a sandbox that was started again: those that are stored keep the grants
 * that they have, and the demo accounts that are missing, or died with an earlier sandbox, are connected.
 */
export async function connectSandboxAccounts(rooms: SandboxRooms): Promise<void> {
  const { config, database, vault } = rooms;
  const restored = await restoreSandbox(config, database, vault);
  await connectDemoAccounts(rooms, restored);
}

async function connectDemoAccounts(
  { config, catalogue, accounts }: SandboxRooms,
  restored: RestoredGrants,
): Promise<void> {
  const demos = config.platforms.flatMap(({ declaration: { name, sandbox } }) =>
    (sandbox?.demoAccounts ?? []).map(({ id, grant }) => ({ name, id, grant })),
  );
  for (const { name, id: accountId, grant: whom } of demos) {
    const platform = catalogue.platform(name);
    const scopes = joinScopes(platform.actions);
    const known = restored.get(`${name}/${accountId}`);
    // Revoked by a person, who has to connect it again, as on a real platform.
    if (known === 'revoked') continue;
    if (known && (await accounts.find(name, accountId))?.state !== 'reconnect') continue;
    const answer = await fetch(`${config.sandboxUrl}/sandbox/${name}/grants`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...whom, scopes }),
    });
    if (!answer.ok) throw new Error(`The sandbox gave no grant for ${accountId}: ${answer.status}`);
    const grant = (await answer.json()) as {
      access_token: string;
      refresh_token: string;
      expires_in: number;
    };
    const tokens = {
      accessToken: grant.access_token,
      refreshToken: grant.refresh_token,
      expiresIn: grant.expires_in,
      scopes,
    };
    await accounts.store(platform, accountId, tokens, GATEWAY);
  }
}
