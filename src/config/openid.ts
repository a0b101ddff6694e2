import { isObject } from '../actions/json.js';
import { isOnLoopback } from './listen-address.js';

/** May do everything, as the person that the claim names. */
export const EVERYTHING = '*';

/** The provider of OpenID Connect at which people sign in, and who may do what. */
export interface OpenIdSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** The claim of the ID token that says who somebody is; a list of texts is taken as well. */
  readonly claim: string;
  /** By the value of the claim: the name or the identity of a caller, or `*`. The first that fits counts. */
  readonly callers: ReadonlyMap<string, string>;
}

interface Given {
  readonly CONSOLE_OIDC_ISSUER?: string;
  readonly CONSOLE_OIDC_CLIENT_ID?: string;
  readonly CONSOLE_OIDC_CLIENT_SECRET?: string;
  readonly CONSOLE_OIDC_CLAIM: string;
  readonly CONSOLE_OIDC_CALLERS?: string;
}

const NEEDED = ['CONSOLE_OIDC_ISSUER', 'CONSOLE_OIDC_CLIENT_ID', 'CONSOLE_OIDC_CALLERS'] as const;
const EXAMPLE = '{"ada@example.com":"*","moderators":"chat-bot"}';

/** Reads CONSOLE_OIDC_…. @param faults gets a sentence for everything that is wrong */
export function readOpenIdSettings(given: Given, faults: string[]): OpenIdSettings | undefined {
  const named = [...NEEDED, 'CONSOLE_OIDC_CLIENT_SECRET'] as const;
  if (named.every((name) => given[name] === undefined)) return undefined;
  const missing = NEEDED.filter((name) => given[name] === undefined);
  faults.push(
    ...missing.map((name) => `${name} is missing: it goes with the other CONSOLE_OIDC_ variables`),
  );
  const issuer = readIssuer(given.CONSOLE_OIDC_ISSUER, faults);
  const callers = readCallers(given.CONSOLE_OIDC_CALLERS, faults);
  const { CONSOLE_OIDC_CLIENT_ID: clientId, CONSOLE_OIDC_CLIENT_SECRET: clientSecret } = given;
  if (!issuer || !callers || clientId === undefined) return undefined;
  return Object.freeze({
    issuer,
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    claim: given.CONSOLE_OIDC_CLAIM,
    callers,
  });
}

/** What comes from the provider decides who is let in, so it has to come over TLS. */
function readIssuer(text: string | undefined, faults: string[]): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isTaken = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOnLoopback(url));
  if (isTaken) return url;
  faults.push(
    'CONSOLE_OIDC_ISSUER must be the https address of the provider, such as https://login.example.com',
  );
  return undefined;
}

function readCallers(
  text: string | undefined,
  faults: string[],
): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined;
  const complain = (what: string): undefined => {
    faults.push(`CONSOLE_OIDC_CALLERS ${what}: write it as ${EXAMPLE}`);
  };
  let callers: unknown;
  try {
    callers = JSON.parse(text);
  } catch (error) {
    return complain(`is no valid JSON (${(error as Error).message})`);
  }
  if (!isObject(callers)) return complain('must be an object');
  const entries = Object.entries(callers).map(([value, caller]) => [value, caller] as const);
  if (entries.length === 0) return complain('names nobody, so nobody could sign in');
  for (const [value, caller] of entries)
    if (typeof caller !== 'string' || caller === '' || value === '')
      return complain(`"${value}" must name a caller, or * for everything`);
  return new Map(entries as [string, string][]);
}
