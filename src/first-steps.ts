import type { Accounts } from './accounts/accounts.js';
import { PERMISSIONS } from './actions/caller.js';
import type { Config } from './config/config.js';
import type { Catalogue } from './execution/catalogue.js';
import type { CallerTokens } from './gateway/caller-tokens.js';
import type { Sandbox } from './sandbox/sandbox.js';
import { DEMO_CHANNEL, SANDBOX_BOT } from './sandbox/discord/discord.js';
import { SANDBOX_CLIENT } from './sandbox/twitch/oauth.js';

/** The sandbox's demo channel and the bot that moderates it. */
const DEMO_ACCOUNTS = ['1001', '1002'] as const;
const HALF_A_DAY_SECONDS = 43_200;

/**
 * Points the platforms of a configuration at the sandbox: at one of our own, or at the one that
 * TWITCH_API_URL names on loopback, so that several gateways can share it.
 */
export async function enterSandbox(
  config: Config,
  start: () => Promise<Sandbox>,
): Promise<{ config: Config; close: () => Promise<void> }> {
  const isShared = isOnLoopback(config.twitch.apiUrl);
  const own = isShared ? undefined : await start();
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
      botToken: config.discord.botToken || SANDBOX_BOT.token,
    }),
  };
  return { config: { ...config, twitch, discord }, close: async () => own?.close() };
}

function isOnLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

/** Connects the demo accounts with fresh grants: the sandbox forgets, the database does not. */
export async function connectDemoAccounts(
  config: Config,
  catalogue: Catalogue,
  accounts: Accounts,
): Promise<void> {
  const platform = catalogue.platform('twitch');
  const scopes = [...new Set(platform.actions.flatMap((action) => action.scopes))];
  for (const user_id of DEMO_ACCOUNTS) {
    const answer = await fetch(new URL('/sandbox/twitch/grants', config.twitch.apiUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id, scopes }),
    });
    if (!answer.ok) throw new Error(`The sandbox gave no grant for ${user_id}: ${answer.status}`);
    const grant = (await answer.json()) as {
      access_token: string;
      refresh_token: string;
      expires_in: number;
    };
    await accounts.store(platform, user_id, {
      accessToken: grant.access_token,
      refreshToken: grant.refresh_token,
      expiresIn: grant.expires_in,
      scopes,
    });
  }
}

/** The text of a first start in the sandbox: where the doors are, and lines to paste. */
export function describeFirstSteps(
  config: Config,
  { rest_port, grpc_port }: { rest_port: number; grpc_port: number },
  tokens: CallerTokens,
): string {
  const token = tokens.sign({
    service: 'first-steps',
    permissions: PERMISSIONS,
    expiresIn: HALF_A_DAY_SECONDS,
  });
  const envelope =
    '{"platform":"twitch","action_type":"chat_message","account_id":"1001","parameters":{"message":"Hello, chat!"}}';
  const sandboxPage = new URL('/sandbox', config.twitch.apiUrl).href;
  const address = grpc_port === 50051 ? '' : ` --address localhost:${grpc_port}`;
  return `
  The action gateway runs in its sandbox: the platforms are simulated, nothing leaves this machine.

    REST      http://localhost:${rest_port}        docs at http://localhost:${rest_port}/docs
    gRPC      localhost:${grpc_port}
    sandbox   ${sandboxPage}   shows what arrived there

  A token for the next twelve hours:

    export TOKEN=${token}

  Send a first action over REST:

    curl -s http://localhost:${rest_port}/api/v1/actions/execute -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${envelope}'

  The same over gRPC, with grpcurl:

    grpcurl -plaintext -H "authorization: Bearer $TOKEN" -d '${envelope}' localhost:${grpc_port} action_gateway.v1.ActionGateway/ExecuteAction

  Or without it, from this folder:

    npm run call -- twitch chat_message '{"message":"Hello, chat!"}'${address}
    npm run call -- discord send_message '{"channel_id":"${DEMO_CHANNEL}","content":"hi"}'${address}

`;
}
