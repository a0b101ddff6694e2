import type { Accounts } from '../accounts/accounts.js';
import { PERMISSIONS } from '../actions/caller.js';
import type { Config } from '../config/config.js';
import { GATEWAY } from '../database/audit-event.js';
import type { Database } from '../database/database.js';
import type { Vault } from '../database/vault.js';
import type { Catalogue } from '../execution/catalogue.js';
import type { CallerTokens } from '../callers/caller-tokens.js';
import { describeSandbox } from '../sandbox/sandbox.js';
import { DEMO_CHANNEL, SANDBOX_BOT } from '../sandbox/discord/discord.js';
import { SANDBOX_DISCORD_CLIENT } from '../sandbox/discord/oauth.js';
import { SANDBOX_CLIENT } from '../sandbox/twitch/oauth.js';
import { describeAddresses } from './describe-start.js';
import { type Restorations, restoreSandbox } from './restore-sandbox.js';
import { SANDBOX_GOOGLE_CLIENT } from '../sandbox/youtube/oauth.js';
import {
  DEMO_CHANNEL as YOUTUBE_DEMO_CHANNEL,
  QUIET_CHANNEL as YOUTUBE_QUIET_CHANNEL,
} from '../sandbox/youtube/seed.js';

/** The accounts of the sandbox that are connected; who they are is a matter of each platform. */
const DEMO_ACCOUNTS = [
  { platform: 'twitch', whom: { user_id: '1001' } },
  { platform: 'twitch', whom: { user_id: '1002' } },
  { platform: 'twitch', whom: { user_id: '1003' } },
  { platform: 'youtube', whom: { channel_id: YOUTUBE_DEMO_CHANNEL } },
  { platform: 'youtube', whom: { channel_id: YOUTUBE_QUIET_CHANNEL } },
] as const;
const HALF_A_DAY_SECONDS = 43_200;

/** Whether several gateways use a sandbox of its own, which TWITCH_API_URL names on loopback. */
export function isSandboxNamed(config: Config): boolean {
  return isOnLoopback(config.twitch.apiUrl);
}

/**
 * Points the platforms of a configuration at a sandbox.
 * @param url of the sandbox; left out, it is the one that TWITCH_API_URL names
 */
export function aimAtSandbox(config: Config, url?: string): Config {
  const own = url === undefined ? undefined : describeSandbox(url);
  const twitch = own?.twitch ?? {
    ...config.twitch,
    clientId: config.twitch.clientId || SANDBOX_CLIENT.id,
    clientSecret: config.twitch.clientSecret || SANDBOX_CLIENT.secret,
  };
  const discord = {
    ...config.discord,
    ...(own?.discord ?? {
      apiUrl: isOnLoopback(config.discord.apiUrl)
        ? config.discord.apiUrl
        : new URL('/discord/api/v10', config.twitch.apiUrl).href,
      authUrl: isOnLoopback(config.discord.authUrl)
        ? config.discord.authUrl
        : new URL('/discord/oauth2', config.twitch.apiUrl).href,
      clientId: config.discord.clientId || SANDBOX_DISCORD_CLIENT.id,
      clientSecret: config.discord.clientSecret || SANDBOX_DISCORD_CLIENT.secret,
      botToken: config.discord.botToken || SANDBOX_BOT.token,
    }),
  };
  const youtube = { ...config.youtube, ...(own?.youtube ?? shareYouTube(config)) };
  return { ...config, twitch, discord, youtube };
}

function isOnLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

/** In a shared sandbox YouTube is on the server that simulates Twitch, unless it is named itself. */
function shareYouTube({ twitch, youtube }: Config): Omit<Config['youtube'], 'quota'> {
  const at = (given: string, path: string): string =>
    isOnLoopback(given) ? given : new URL(path, twitch.apiUrl).href;
  return {
    apiUrl: at(youtube.apiUrl, '/'),
    authUrl: at(youtube.authUrl, '/youtube/oauth2/auth'),
    tokenUrl: at(youtube.tokenUrl, '/youtube/oauth2/token'),
    clientId: youtube.clientId || SANDBOX_GOOGLE_CLIENT.id,
    clientSecret: youtube.clientSecret || SANDBOX_GOOGLE_CLIENT.secret,
  };
}

/** What connecting accounts to a sandbox takes. */
export interface SandboxRooms {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly accounts: Accounts;
  readonly database: Database;
  readonly vault: Vault;
}

/**
 * Brings the accounts of a sandbox that begins anew to life: those that are stored go on with the grants
 * that they have, and the demo accounts that are missing, or died with an earlier sandbox, are connected.
 */
export async function connectSandboxAccounts(rooms: SandboxRooms): Promise<void> {
  const { config, database, vault } = rooms;
  const restored = await restoreSandbox(config.twitch.apiUrl, database, vault);
  await connectDemoAccounts(rooms, restored);
}

async function connectDemoAccounts(
  { config, catalogue, accounts }: SandboxRooms,
  restored: Restorations,
): Promise<void> {
  for (const { platform: name, whom } of DEMO_ACCOUNTS) {
    const platform = catalogue.platform(name);
    const scopes = [...new Set(platform.actions.flatMap((action) => action.scopes))];
    const [accountId] = Object.values(whom) as [string];
    const known = restored.get(`${name}/${accountId}`);
    // Revoked by a person, who has to connect it again, as on a real platform.
    if (known === 'revoked') continue;
    if (known && (await accounts.find(name, accountId))?.state !== 'reconnect') continue;
    const answer = await fetch(new URL(`/sandbox/${name}/grants`, config.twitch.apiUrl), {
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

/** Which options clients need where the doors speak TLS. */
function describeTrust({ tls }: Config): string {
  const doors = [tls.rest, tls.grpc].filter((files) => files !== undefined);
  if (doors.length === 0) return '';
  const mutual = doors.some(({ clientCa }) => clientCa !== undefined)
    ? ', and your certificate by --cert and --key, -cert and -key, --cert and --key-file'
    : '';
  return `
    TLS       name authorities that are not public by --cacert (curl), -cacert (grpcurl), --ca (npm run call)${mutual}`;
}

/** The text of a first start in the sandbox: where the doors are, and lines to paste. */
export function describeFirstSteps(config: Config, tokens: CallerTokens): string {
  const token = tokens.sign({
    service: 'first-steps',
    permissions: PERMISSIONS,
    expiresIn: HALF_A_DAY_SECONDS,
  });
  const envelope =
    '{"platform":"twitch","action_type":"chat_message","account_id":"1001","parameters":{"message":"Hello, chat!"}}';
  const sandboxPage = new URL('/sandbox', config.twitch.apiUrl).href;
  const { rest, grpc } = describeAddresses(config);
  const address = grpc === 'localhost:50051' ? '' : ` --address ${grpc}`;
  const plaintext = config.tls.grpc ? '' : '-plaintext ';
  return `
  The action gateway runs in its sandbox: the platforms are simulated, nothing leaves this machine.

    REST      ${rest}        docs at ${rest}/docs
    gRPC      ${grpc}${describeTrust(config)}
    sandbox   ${sandboxPage}   shows what arrived there; docs/sandbox.md: who is who, faults, clock, reset

  A token for the next twelve hours:

    export TOKEN=${token}

  Send a first action over REST:

    curl -s ${rest}/api/v1/actions/execute -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${envelope}'

  The same over gRPC, with grpcurl:

    grpcurl ${plaintext}-H "authorization: Bearer $TOKEN" -d '${envelope}' ${grpc} action_gateway.v1.ActionGateway/ExecuteAction

  Or without it, from this folder:

    npm run call -- twitch chat_message '{"message":"Hello, chat!"}'${address}
    npm run call -- discord send_message '{"channel_id":"${DEMO_CHANNEL}","content":"hi"}'${address}
    npm run call -- youtube send_live_chat_message '{"message":"Hello, chat!"}'${address}

`;
}
