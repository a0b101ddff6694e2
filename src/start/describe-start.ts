import type { AccountView } from '../accounts/account-view.js';
import type { Platform } from '../actions/platform.js';
import { type Config, readPublicUrl } from '../config/config.js';
import { chooseLocalHost, joinHostAndPort } from '../config/listen-address.js';

/** What a platform needs before the gateway can act on it. */
export interface PlatformState {
  readonly platform: string;
  /** Variables that are not set; with any, the platform is off. */
  readonly missing: readonly string[];
  /** Accounts that are stored. */
  readonly accounts: number;
  /** Whether the account that acts by default is one of the settings. */
  readonly hasOwnAccount: boolean;
  /** Whether people connect accounts in the browser. */
  readonly isConnectable: boolean;
}

/** The state of every platform, as its settings and the stored accounts have it. */
export function listPlatformStates(
  platforms: readonly Platform[],
  accounts: readonly Pick<AccountView, 'platform'>[],
): PlatformState[] {
  return platforms.map((platform) => {
    const own = platform.ownCredential?.(platform.defaultAccount ?? '');
    return {
      platform: platform.name,
      missing: own && 'missing' in own ? own.missing : [],
      accounts: accounts.filter((account) => account.platform === platform.name).length,
      hasOwnAccount: own !== undefined && !('missing' in own),
      isConnectable: platform.oauth?.connecting !== undefined,
    };
  });
}

/** The addresses of the doors, as a person on this machine writes them. */
export function describeAddresses(config: Config): {
  readonly rest: string;
  readonly grpc: string;
} {
  const scheme = config.tls.rest ? 'https' : 'http';
  const host = chooseLocalHost(config.HOST);
  return {
    rest: `${scheme}://${host}:${config.REST_PORT}`,
    grpc: joinHostAndPort(host.replace(/^\[|\]$/g, ''), config.GRPC_PORT),
  };
}

/** The first line for a person at the terminal: a link that signs in to the console. @param code of the link */
export function describeSignIn(config: Config, code: string): string {
  return `  Console   ${readPublicUrl(config)}/console/#code=${code}   signs you in once, within ten minutes
`;
}

/**
 * The text of a start with real platforms: a link that signs in, where the doors are, what is connected,
 * what comes next.
 * @param code of a one-time link
 */
export function describeRealStart(
  config: Config,
  states: readonly PlatformState[],
  code: string,
): string {
  const { rest, grpc } = describeAddresses(config);
  const width = Math.max(...states.map(({ platform }) => platform.length)) + 3;
  const lines = states.map((state) => `    ${state.platform.padEnd(width)}${describeState(state)}`);
  const open = states.find(
    ({ missing, accounts, isConnectable }) =>
      isConnectable && missing.length === 0 && accounts === 0,
  );
  const next = open
    ? `

  Next: connect an account, in the console or here. Here, get a token with a key of MODULE_SECRET_KEY, and open the address that this answers with:

    export TOKEN=$(curl -s ${rest}/api/v1/auth/token -H 'Content-Type: application/json' -d "{\\"api_key\\":\\"\${MODULE_SECRET_KEY%%,*}\\",\\"service\\":\\"setup\\",\\"permissions\\":[\\"manage_accounts\\"]}" | node -p 'JSON.parse(require("fs").readFileSync(0)).token')
    curl -s ${rest}/api/v1/oauth/${open.platform}/authorize -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{}'

  The address to register with ${open.platform}: ${readPublicUrl(config)}/oauth/${open.platform}/callback`
    : '';
  return `${describeSignIn(config, code)}
  The action gateway runs with the real platforms: what is sent is seen there.

    REST      ${rest}        docs at ${rest}/docs
    gRPC      ${grpc}

${lines.join('\n')}${next}

`;
}

/** The states for the log: by platform, "ready" or what is missing. */
export function nameStates(states: readonly PlatformState[]): Readonly<Record<string, string>> {
  return Object.fromEntries(states.map((state) => [state.platform, describeState(state)]));
}

function describeState({ missing, accounts, hasOwnAccount }: PlatformState): string {
  if (missing.length > 0) return `off: set ${missing.join(' and ')}, and start again`;
  if (accounts === 0 && hasOwnAccount) return 'ready';
  if (accounts === 0) return 'ready, and no account is connected yet';
  return `ready, ${accounts} ${accounts === 1 ? 'account' : 'accounts'} connected`;
}
