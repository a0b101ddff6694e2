import ipaddr from 'ipaddr.js';
import { type Priority, PRIORITIES } from '../actions/envelope.js';
import { Choice, Flag, Integer, List, parseFields, Text } from '../actions/fields.js';

/** Addresses with their first bits in common; IPv4 is never written as IPv6. */
export interface Network {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

/** How far a trusted caller reaches; `actions` may name groups, undefined sets no limit. */
interface TrustedBounds {
  readonly permissions: ReadonlySet<string>;
  /** Undefined for all, which only an entry for the root secret may have. */
  readonly accounts?: ReadonlySet<string>;
  readonly platforms?: ReadonlySet<string>;
  readonly actions?: ReadonlySet<string>;
  readonly requestsPerMinute?: number;
}

/** A caller of an earlier service that is known by where it is, or by a key that it shows or signs with. */
export interface TrustedCaller {
  readonly name: string;
  readonly bounds: TrustedBounds;
  readonly networks: readonly Network[];
  readonly serviceKeys: readonly string[];
  readonly verifyKeys: readonly string[];
  /** It bounds the tokens of the earlier services' token doors, and those signed with MODULE_SECRET_KEY. */
  readonly hasRootSecret?: boolean;
  /** Tokens that name no caller are its own. */
  readonly takesUnnamedTokens?: boolean;
  /** Of its requests that name none: earlier callers cannot. */
  readonly priority?: Priority;
}

const SHORTEST_SERVICE_KEY = 16;
/** Of HS256, whose hash has as many bytes. */
const SHORTEST_VERIFY_KEY = 32;
/** Those that earlier services had a use for; flags and callers are not theirs to touch. */
const MAY_HAVE = ['execute_actions', 'manage_accounts', 'read_audit'];
const EXAMPLE =
  '[{"name":"router","networks":["10.42.0.0/16"],"accounts":["1001"]}], or with "service_keys" or "verify_keys" instead of networks';

class TrustEntry {
  @Text('Its name in the log', {
    max: 63,
    pattern: /^[a-z0-9][a-z0-9_-]*$/,
    patternMeans: 'a name of small letters, digits, "-" and "_"',
  })
  name!: string;

  @List('Networks it is in', { default: [], maxItems: 100 })
  networks!: string[];

  @List('Keys that it shows', { default: [], maxItems: 20, private: true })
  service_keys!: string[];

  @List('Keys that it signs tokens with', { default: [], maxItems: 20, private: true })
  verify_keys!: string[];

  @Flag(
    'It stands for tokens of the earlier token doors, and for those signed with MODULE_SECRET_KEY',
    { default: false },
  )
  root_secret!: boolean;

  @Flag('Tokens that name no caller are its own; with root_secret', { default: false })
  unnamed_tokens!: boolean;

  @List('The accounts it may act for; all of them with root_secret alone', {
    optional: true,
    minItems: 1,
    maxItems: 10_000,
  })
  accounts?: string[];

  @List('What it may do; execute_actions when left out', { optional: true, choices: MAY_HAVE })
  permissions?: string[];

  @Choice('The priority of its requests', PRIORITIES, { optional: true })
  priority?: Priority;

  @List('Only these platforms', { optional: true, minItems: 1 })
  platforms?: string[];

  @List('Only these platforms, groups or actions', { optional: true, minItems: 1 })
  actions?: string[];

  @Integer('Its own budget', { optional: true, min: 1, max: 10_000_000 })
  requests_per_minute?: number;
}

/** Reads PREDECESSOR_TRUST. @param faults gets a sentence for everything that is wrong */
export function readTrust(text: string | undefined, faults: string[]): readonly TrustedCaller[] {
  if (text === undefined) return [];
  const complain = (what: string): unknown => faults.push(`PREDECESSOR_TRUST ${what}`);
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    complain(`is no valid JSON (${(error as Error).message}): write it as ${EXAMPLE}`);
    return [];
  }
  if (!Array.isArray(list)) {
    complain(`must be a list: write it as ${EXAMPLE}`);
    return [];
  }
  const trusted = list.flatMap((entry: unknown, index): TrustedCaller[] => {
    const parsed = parseFields(TrustEntry, entry);
    const where = `entry ${index + 1}`;
    if (!parsed.ok) {
      for (const { field, message } of parsed.violations) complain(`${where}: ${field} ${message}`);
      return [];
    }
    return [
      readEntry(parsed.value, (what) => complain(`${where} (${parsed.value.name}): ${what}`)),
    ];
  });
  for (const [what, all] of [
    ['name', trusted.map(({ name }) => name)],
    ['key', trusted.flatMap(({ serviceKeys, verifyKeys }) => [...serviceKeys, ...verifyKeys])],
  ] as const) {
    if (new Set(all).size !== all.length)
      complain(`has one ${what} twice: whose it is must be clear`);
  }
  if (trusted.filter(({ hasRootSecret }) => hasRootSecret).length > 1)
    complain('has root_secret in two entries: whose it is must be clear');
  return trusted;
}

function readEntry(entry: TrustEntry, complain: (what: string) => unknown): TrustedCaller {
  const { service_keys: serviceKeys, verify_keys: verifyKeys, root_secret: hasRootSecret } = entry;
  const ways = entry.networks.length + serviceKeys.length + verifyKeys.length;
  if (ways === 0 && !hasRootSecret)
    complain(
      'names neither networks nor service_keys nor verify_keys nor root_secret, so no request can match it',
    );
  if (entry.accounts === undefined && (ways > 0 || !hasRootSecret))
    complain(
      'accounts is missing: list the channels it may act for, and default for the bot of Discord',
    );
  if (entry.unnamed_tokens && !hasRootSecret)
    complain('unnamed_tokens goes with root_secret alone');
  requireLong(serviceKeys, 'service_keys', SHORTEST_SERVICE_KEY, complain);
  requireLong(verifyKeys, 'verify_keys', SHORTEST_VERIFY_KEY, complain);
  return {
    name: entry.name,
    bounds: {
      permissions: new Set(entry.permissions ?? defaultPermissions(entry)),
      ...(entry.accounts && { accounts: new Set(entry.accounts) }),
      ...(entry.platforms && { platforms: new Set(entry.platforms) }),
      ...(entry.actions && { actions: new Set(entry.actions) }),
      ...(entry.requests_per_minute !== undefined && {
        requestsPerMinute: entry.requests_per_minute,
      }),
    },
    networks: entry.networks.flatMap((text) => readNetwork(text, complain) ?? []),
    serviceKeys,
    verifyKeys,
    ...(hasRootSecret && { hasRootSecret, takesUnnamedTokens: entry.unnamed_tokens }),
    ...(entry.priority && { priority: entry.priority }),
  };
}

/** The secret of an earlier service allowed everything that the service did. */
function defaultPermissions({ root_secret }: TrustEntry): readonly string[] {
  return root_secret ? ['execute_actions', 'manage_accounts'] : ['execute_actions'];
}

function requireLong(
  keys: readonly string[],
  field: string,
  shortest: number,
  complain: (what: string) => unknown,
): void {
  for (const [index, { length }] of keys.entries()) {
    if (length < shortest)
      complain(
        `${field}: key ${index + 1} has ${length} characters and needs ${shortest} or more: make one with \`openssl rand -hex 32\``,
      );
  }
}

function readNetwork(text: string, complain: (what: string) => unknown): Network | undefined {
  if (!ipaddr.isValidCIDR(text)) {
    complain(`networks: "${text}" is no network; write it like 10.42.0.0/16 or fd00:1::/64`);
    return undefined;
  }
  let [address, bits] = ipaddr.parseCIDR(text);
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) {
    address = address.toIPv4Address();
    bits = Math.max(0, bits - 96);
  }
  // A network that only lets out the family of its addresses is everybody as well.
  if (bits === 0) {
    complain(`networks: "${text}" is everybody; name the network that these callers are in`);
    return undefined;
  }
  return { address, bits };
}

/** Whether the peer of a connection is in a network. @param peer its address, also IPv4 in IPv6 */
export function isWithin(peer: string, { address, bits }: Network): boolean {
  if (!ipaddr.isValid(peer)) return false;
  const known = ipaddr.process(peer);
  return known.kind() === address.kind() && known.match(address, bits);
}
