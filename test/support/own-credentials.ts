import { AppTokens } from '../../src/accounts/app-tokens.js';
import type { ResolvedCredentials } from '../../src/accounts/resolved-credentials.js';
import { Renewal } from '../../src/accounts/renewal.js';
import { Tokens } from '../../src/accounts/tokens.js';
import type { Transport } from '../../src/actions/wire.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import type { Database } from '../../src/database/database.js';
import type { Vault } from '../../src/database/vault.js';

/**
 * Tokens of a replica in a test in which every credential is the gateway's own: resolving one fails. Nothing is told of changes, so nothing is kept at hand.
 */
export function makeTokens(database: Database, vault: Vault, transport: Transport): Tokens {
  const none = {} as ResolvedCredentials;
  const renewal = new Renewal(transport);
  const app = new AppTokens(transport, { TOKEN_REFRESH_BUFFER: 300 });
  return new Tokens(database, vault, renewal, none, app, new ChangeFeed(database));
}
