// Real: what is read of PREDECESSOR_TRUST and PREDECESSOR_PORTS, and what an address or a host is told by.
import { describe, expect, it } from 'vitest';
import { readOldPorts } from '../../src/config/old-ports.js';
import { isWithin, readTrust } from '../../src/config/trust.js';
import { findModule } from '../../src/predecessors/modules.js';

const KEY = 'k'.repeat(32);
const entry = (more: object = {}): object => ({
  name: 'router',
  networks: ['10.42.0.0/16'],
  accounts: ['1001'],
  ...more,
});

function read(list: unknown): { faults: string[]; trusted: ReturnType<typeof readTrust> } {
  const faults: string[] = [];
  const text = typeof list === 'string' ? list : JSON.stringify(list);
  return { trusted: readTrust(text, faults), faults };
}

describe('readTrust', () => {
  it('trusts no proxy when none is named', () => {
    expect(readTrust(undefined, [])).toEqual([]);
  });

  it('gives a caller that may execute actions for its accounts alone', () => {
    const { trusted, faults } = read([entry({ service_keys: [KEY], platforms: ['twitch'] })]);
    expect(faults).toEqual([]);
    expect(trusted[0]?.name).toBe('router');
    expect(trusted[0]?.bounds).toEqual({
      permissions: new Set(['execute_actions']),
      accounts: new Set(['1001']),
      platforms: new Set(['twitch']),
    });
    expect(trusted[0]?.serviceKeys).toEqual([KEY]);
  });

  it.each([
    ['no JSON', '{', /^PREDECESSOR_TRUST is no valid JSON .* write it as \[/],
    ['no list', {}, /must be a list: write it as \[/],
    [
      'no accounts',
      [{ name: 'a', networks: ['10.0.0.0/8'] }],
      /entry 1 \(a\): accounts is missing/,
    ],
    [
      'an empty list of accounts',
      [entry({ accounts: [] })],
      /entry 1: accounts must have at least 1/,
    ],
    [
      'unnamed tokens without the root secret',
      [entry({ unnamed_tokens: true })],
      /root_secret alone/,
    ],
    [
      'the root secret in two entries',
      [entry({ root_secret: true }), entry({ name: 'b', root_secret: true })],
      /root_secret in two entries/,
    ],
    ['nobody', [{ name: 'a', accounts: ['1'] }], /entry 1 \(a\): names neither networks nor/],
    ['everybody', [entry({ networks: ['0.0.0.0/0'] })], /"0\.0\.0\.0\/0" is everybody/],
    ['everybody in IPv6', [entry({ networks: ['::/0'] })], /"::\/0" is everybody/],
    ['everybody, mapped', [entry({ networks: ['::ffff:0:0/96'] })], /is everybody/],
    ['more than everybody, mapped', [entry({ networks: ['::ffff:10.0.0.0/8'] })], /is everybody/],
    ['an address alone', [entry({ networks: ['10.0.0.1'] })], /"10\.0\.0\.1" is no network/],
    ['a name', [entry({ networks: ['router.local'] })], /is no network/],
    ['a short key', [entry({ service_keys: ['short'] })], /service_keys: key 1 has 5 characters/],
    [
      "the router's public default",
      [entry({ verify_keys: ['change-me-in-production'] })],
      /verify_keys: key 1 has 23 characters and needs 32/,
    ],
    [
      'one key twice',
      [entry({ service_keys: [KEY] }), entry({ name: 'b', service_keys: [KEY] })],
      /one key twice/,
    ],
    ['one name twice', [entry(), entry()], /one name twice/],
    ['too much', [entry({ permissions: ['manage_callers'] })], /permissions item 1 must be one of/],
    ['a misspelt field', [entry({ acounts: [] })], /acounts is not known here.*"accounts"/],
  ])('refuses %s with a sentence', (_name, list, sentence) => {
    const { faults } = read(list);
    expect(faults.join('\n')).toMatch(sentence);
  });

  it('lets the root secret do what the earlier services did, within what its entry says', () => {
    const { trusted, faults } = read([
      { name: 'legacy', root_secret: true, unnamed_tokens: true, priority: 'high' },
    ]);
    expect(faults).toEqual([]);
    expect(trusted[0]).toMatchObject({
      bounds: { permissions: new Set(['execute_actions', 'manage_accounts']) },
      hasRootSecret: true,
      takesUnnamedTokens: true,
      priority: 'HIGH',
    });
    expect(trusted[0]?.bounds.accounts).toBeUndefined();
  });

  it('shows no key in what it says', () => {
    const secret = 'short-secret';
    expect(read([entry({ service_keys: [secret] })]).faults.join()).not.toContain(secret);
  });
});

describe('isWithin', () => {
  const [trusted] = read([
    entry({ networks: ['10.42.0.0/16', 'fd00:1::/64', '::ffff:192.168.7.0/120'] }),
  ]).trusted;
  const isTrusted = (peer: string): boolean =>
    trusted?.networks.some((network) => isWithin(peer, network)) ?? false;

  it.each([
    ['10.42.0.1', true],
    ['10.43.0.1', false],
    ['::ffff:10.42.0.1', true],
    ['::ffff:a2a:1', true],
    ['192.168.7.9', true],
    ['192.168.8.9', false],
    ['fd00:1::7', true],
    ['fd00:2::7', false],
    ['::', false],
    ['', false],
    ['unknown', false],
    ['10.42.0.1, 10.43.0.1', false],
  ])('%s: %s', (peer, expected) => expect(isTrusted(peer)).toBe(expected));
});

const readPorts = (text: string): unknown[] => {
  const faults: string[] = [];
  return [readOldPorts(text, faults).map(({ port }) => port), faults.length];
};

describe('readOldPorts', () => {
  it.each([
    ['false', [], 0],
    ['true', [8070, 50_051, 8072, 50_053, 8073, 50_054], 0],
    ['TRUE', [8070, 50_051, 8072, 50_053, 8073, 50_054], 0],
    ['twitch=1/2, youtube=3/4', [1, 2, 3, 4], 0],
    ['router=8000', [8000], 0],
    ['true,router=8000', [8070, 50_051, 8072, 50_053, 8073, 50_054, 8000], 0],
  ])('%s', (text, ports, faults) => expect(readPorts(text)).toEqual([ports, faults]));

  it.each([
    'yes',
    'twitch',
    'slack=1/2',
    'twitch=0/1',
    'twitch=1/70000',
    'twitch=1/1',
    'twitch=1/2,',
    'router=1/2',
  ])('refuses %s with a sentence', (text) => expect(readPorts(text)[1]).toBe(1));
});

describe('findModule', () => {
  const oldPorts = readOldPorts('true', []);
  const find = (
    host: string | undefined,
    localPort: number,
    ports = oldPorts,
  ): string | undefined =>
    findModule({ headers: { host }, raw: { socket: { localPort } } }, { oldPorts: ports })?.module;

  it.each([
    ['discord-action', 1, 'discord_action_module'],
    ['action-discord:8070', 1, 'discord_action_module'],
    ['prod-twitch-action.ns.svc', 1, 'twitch_action_module'],
    ['youtube-action-rest', 1, 'youtube_action_module'],
    ['localhost', 8072, 'twitch_action_module'],
    ['localhost:8072', 1, undefined],
    ['not-discord-actions', 1, undefined],
    [undefined, 50_053, undefined],
  ])('%s at %d is %s', (host, port, module) => expect(find(host, port)).toBe(module));

  it('tells nothing by ports that are not those of earlier services', () => {
    expect(find('localhost', 8070, [])).toBeUndefined();
  });
});
