// Real: the configuration and the files of its kept secrets, in a folder of each test's own.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Config,
  ConfigError,
  loadConfig,
  readPublicUrl,
  findPlatformSettings,
  readRedirectUri,
} from '../../src/config/config.js';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gateway-config-'));
});

afterEach(() => rmSync(dataDir, { recursive: true }));

const KEY = 'k'.repeat(64);
const SEALS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const DATABASE_URL = 'postgresql://user:password@localhost:5432/gateway';
const TWITCH = { TWITCH_CLIENT_ID: 'id', TWITCH_CLIENT_SECRET: 'hidden' };
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL,
  MODULE_SECRET_KEY: KEY,
  TOKEN_ENCRYPTION_KEYS: SEALS,
  ...TWITCH,
};

const load = (env: NodeJS.ProcessEnv): Config => loadConfig({ DATA_DIR: dataDir, ...env });

/** The sentences of a refusal; fails when there is none. */
function refuse(env: NodeJS.ProcessEnv): string[] {
  try {
    load(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [title, ...faults] = error.message.split('\n  - ');
    if (title === 'The configuration cannot work:') return faults;
    throw error;
  }
  throw new Error('The configuration was taken');
}

describe('LOG_LEVEL', () => {
  it.each([
    ['WARNING', 'warn'],
    ['Warn', 'warn'],
    ['CRITICAL', 'fatal'],
    ['FATAL', 'fatal'],
    ['NotSet', 'trace'],
    ['DEBUG', 'debug'],
    ['INFO', 'info'],
    ['error', 'error'],
  ])('reads %s as %s', (given, level) => {
    expect(load({ LOG_LEVEL: given }).LOG_LEVEL).toBe(level);
  });
});

describe('what earlier services left', () => {
  it('is refused where it is wrong, and its keys are secrets', () => {
    expect(refuse({ PREDECESSOR_TRUST: '{}', PREDECESSOR_PORTS: 'some' })).toEqual([
      expect.stringMatching(/^PREDECESSOR_TRUST must be a list/),
      expect.stringMatching(/^PREDECESSOR_PORTS must be true, false or a list/),
    ]);
    const key = 'a-service-key-of-the-router';
    const trust = [{ name: 'router', service_keys: [key], accounts: ['1001'] }];
    const config = load({ PREDECESSOR_TRUST: JSON.stringify(trust) });
    expect(config.secrets).toContain(key);
    expect(config.secrets.join()).not.toContain('accounts');
  });

  it('may be the address that Google sends people back to', () => {
    const own = 'https://old.example/oauth/callback';
    const config = load({ PUBLIC_URL: 'https://new.example', YOUTUBE_REDIRECT_URI: own });
    expect(readRedirectUri(config, 'youtube')).toBe(own);
    expect(readRedirectUri(config, 'twitch')).toBe('https://new.example/oauth/twitch/callback');
  });
});

describe('loadConfig', () => {
  it('is the sandbox with secrets of its own when nothing is set', () => {
    const config = load({});
    expect(config).toMatchObject({
      sandbox: true,
      production: false,
      dataDir: join(dataDir, 'sandbox'),
      REST_PORT: 8070,
      GRPC_PORT: 50_051,
      MAX_BATCH_SIZE: 100,
      REQUEST_BUDGET: 25,
      TOKEN_REFRESH_BUFFER: 300,
    });
    expect(findPlatformSettings(config, 'twitch')).toMatchObject({
      apiUrl: 'https://api.twitch.tv/helix',
      authUrl: 'https://id.twitch.tv/oauth2',
    });
    expect(config.signingKeys).toHaveLength(1);
    expect(config.signingKeys[0]?.length).toBeGreaterThanOrEqual(64);
    expect(config.encryptionKeys).toEqual([{ id: 'k1', key: expect.any(Buffer) as Buffer }]);
    expect(config.encryptionKeys[0]?.key).toHaveLength(32);
  });

  it('finds Discord in the version that is wanted, unless it is told where', () => {
    expect(findPlatformSettings(load({}), 'discord')).toMatchObject({
      apiUrl: 'https://discord.com/api/v10',
      botToken: '',
    });
    expect(findPlatformSettings(load({}), 'discord')).toMatchObject({
      authUrl: 'https://discord.com/oauth2',
      homepage: 'https://action-gateway.invalid',
    });
    const known = load({ PUBLIC_URL: 'https://gateway.example' });
    expect(findPlatformSettings(known, 'discord')).toMatchObject({
      homepage: 'https://gateway.example',
    });
    expect(findPlatformSettings(load({ DISCORD_API_VERSION: '11' }), 'discord')?.apiUrl).toBe(
      'https://discord.com/api/v11',
    );
    const elsewhere = { DISCORD_API_URL: 'http://localhost:1/api', DISCORD_BOT_TOKEN: 'bot' };
    expect(findPlatformSettings(load({ ...elsewhere, SANDBOX: 'true' }), 'discord')).toMatchObject({
      apiUrl: 'http://localhost:1/api',
      botToken: 'bot',
    });
  });

  it('needs no more than one platform', () => {
    const config = load({ DISCORD_BOT_TOKEN: 'bot', MODULE_SECRET_KEY: KEY });
    expect(config.sandbox).toBe(false);
    expect(findPlatformSettings(config, 'twitch')).toMatchObject({ clientId: '' });
  });

  it('cannot be changed afterwards', () => {
    const config = load({});
    expect(Object.isFrozen(config)).toBe(true);
    for (const { settings } of config.platforms) expect(Object.isFrozen(settings)).toBe(true);
  });

  it('keeps made-up secrets for later starts, readable by their owner alone', () => {
    const [first, second] = [load({}), load({})];
    expect(second.signingKeys).toEqual(first.signingKeys);
    expect(second.encryptionKeys).toEqual(first.encryptionKeys);
    expect(second.callbackSecrets).toEqual(first.callbackSecrets);
    expect(readdirSync(join(dataDir, 'sandbox')).sort()).toEqual([
      'callback-secret',
      'module-secret-key',
      'token-encryption-keys',
    ]);
    for (const name of readdirSync(join(dataDir, 'sandbox')))
      expect(statSync(join(dataDir, 'sandbox', name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, 'sandbox', 'module-secret-key'), 'utf8').trim()).toBe(
      first.signingKeys[0],
    );
  });

  it('makes the folder for them', () => {
    const nested = join(dataDir, 'not', 'yet', 'there');
    const own = join(nested, 'sandbox');
    expect(load({ DATA_DIR: nested }).dataDir).toBe(own);
    expect(readdirSync(own)).toHaveLength(3);
  });

  it('signs callbacks with what is given, and with nothing made up in production', () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    expect(load({ CALLBACK_SECRETS: `${secret}, ${secret}` }).callbackSecrets).toEqual([
      secret,
      secret,
    ]);
    const real = {
      NODE_ENV: 'production',
      DATABASE_URL: 'postgresql://localhost/gateway',
      DISCORD_BOT_TOKEN: 'bot',
      MODULE_SECRET_KEY: KEY,
      TOKEN_ENCRYPTION_KEYS: SEALS,
    };
    expect(load(real).callbackSecrets).toEqual([]);
    for (const CALLBACK_SECRETS of ['whsec_c2hvcnQ=', 'no prefix', 'whsec_'])
      expect(refuse({ CALLBACK_SECRETS })).toEqual([
        expect.stringMatching(/^CALLBACK_SECRETS must be whsec_/),
      ]);
  });

  it('keeps no secret that was given', () => {
    const config = load({
      MODULE_SECRET_KEY: KEY,
      TOKEN_ENCRYPTION_KEYS: SEALS,
      CALLBACK_SECRETS: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
    });
    expect(config.signingKeys).toEqual([KEY]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('takes an empty variable for one that is not set', () => {
    const config = load({ REST_PORT: '', DATABASE_URL: '', SANDBOX: '', ENABLE_CHAT_ACTIONS: '' });
    expect(config).toMatchObject({ REST_PORT: 8070, sandbox: true });
    expect(config.switches.size).toBe(0);
  });

  it('says where browsers reach it: where it is told, or on this machine', () => {
    expect(readPublicUrl(load({}))).toBe('http://localhost:8070');
    expect(readPublicUrl({ ...load({}), REST_PORT: 4321 })).toBe('http://localhost:4321');
    const told = load({ PUBLIC_URL: 'https://gateway.example/bots//' });
    expect(readPublicUrl(told)).toBe('https://gateway.example/bots');
  });

  it.each(['gateway.example', 'ftp://x', 'https://x/?a=b', 'https://user@x', 'https://x/#y'])(
    'takes no PUBLIC_URL such as %s',
    (PUBLIC_URL) => {
      expect(refuse({ PUBLIC_URL })).toEqual([expect.stringMatching(/^PUBLIC_URL must be a URL/)]);
    },
  );

  it('reads several keys: the first signs and seals, all are known', () => {
    const other = 'o'.repeat(64);
    const config = load({
      MODULE_SECRET_KEY: `${KEY}, ${other}`,
      TOKEN_ENCRYPTION_KEYS: `${SEALS}, k2:${Buffer.alloc(32, 9).toString('base64')}`,
    });
    expect(config.signingKeys).toEqual([KEY, other]);
    expect(config.encryptionKeys.map(({ id, key }) => [id, key[0]])).toEqual([
      ['k1', 7],
      ['k2', 9],
    ]);
  });

  it('reads switches by name', () => {
    const { switches } = load({ ENABLE_TWITCH_ACTIONS: 'FALSE', ENABLE_CHAT_ACTIONS: 'true' });
    expect(Object.fromEntries(switches)).toEqual({
      ENABLE_TWITCH_ACTIONS: false,
      ENABLE_CHAT_ACTIONS: true,
    });
  });

  it('never meets a variable that is not its own', () => {
    expect(load({ PATH: '/bin', rest_port: '1' })).not.toHaveProperty('PATH');
  });

  describe('chooses the sandbox', () => {
    const real = { MODULE_SECRET_KEY: KEY, ...TWITCH };
    const cases: readonly [name: string, env: NodeJS.ProcessEnv, sandbox: boolean][] = [
      ['by default', {}, true],
      ['not with credentials', real, false],
      ['not with a bot', { MODULE_SECRET_KEY: KEY, DISCORD_BOT_TOKEN: 'bot' }, false],
      ['not with a database', { ...real, DATABASE_URL }, false],
      ['not in production', PRODUCTION, false],
      ['when told so, credentials or not', { ...real, SANDBOX: 'true' }, true],
      ['when told so, with a database', { DATABASE_URL, SANDBOX: 'true' }, true],
      ['when told so, in production', { ...PRODUCTION, SANDBOX: 'true' }, true],
      ['not when told not to', { ...real, SANDBOX: 'false' }, false],
    ];

    it.each(cases)('%s', (_name, env, sandbox) => {
      expect(load(env).sandbox).toBe(sandbox);
    });
  });
});

describe('a configuration that cannot work', () => {
  const refusals: readonly [name: string, env: NodeJS.ProcessEnv, faults: readonly string[]][] = [
    [
      'a short key',
      { MODULE_SECRET_KEY: 'short' },
      [
        'MODULE_SECRET_KEY: key 1 has 5 characters and needs 64 or more: make one with `openssl rand -hex 48`',
      ],
    ],
    [
      'a short second key',
      { MODULE_SECRET_KEY: `${KEY},short` },
      [
        'MODULE_SECRET_KEY: key 2 has 5 characters and needs 64 or more: make one with `openssl rand -hex 48`',
      ],
    ],
    [
      'a comma too many',
      { MODULE_SECRET_KEY: `${KEY},` },
      [
        'MODULE_SECRET_KEY: key 2 has 0 characters and needs 64 or more: make one with `openssl rand -hex 48`',
      ],
    ],
    [
      'nothing but a wish for the real platforms',
      { SANDBOX: 'false' },
      [
        'No platform has credentials: set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET, or YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET, or DISCORD_BOT_TOKEN, or SANDBOX=true',
        'MODULE_SECRET_KEY is missing: make one with `openssl rand -hex 48`',
      ],
    ],
    [
      'half of the credentials, beside a bot',
      { TWITCH_CLIENT_SECRET: 'hidden', DISCORD_BOT_TOKEN: 'bot', MODULE_SECRET_KEY: KEY },
      ['TWITCH_CLIENT_ID is missing: register an application with Twitch, or set SANDBOX=true'],
    ],
    [
      'a bot token of two words',
      { DISCORD_BOT_TOKEN: 'Bot hid den' },
      [
        'DISCORD_BOT_TOKEN must be the token alone: letters, digits and signs without spaces or line breaks',
      ],
    ],
    [
      'half of the credentials',
      { TWITCH_CLIENT_ID: 'id', MODULE_SECRET_KEY: KEY },
      ['TWITCH_CLIENT_SECRET is missing: register an application with Twitch, or set SANDBOX=true'],
    ],
    [
      'production without anything',
      { NODE_ENV: 'production' },
      [
        'DATABASE_URL is missing: in production set it, or EMBEDDED_DATABASE=true to mean it',
        'No platform has credentials: set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET, or YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET, or DISCORD_BOT_TOKEN, or SANDBOX=true',
        'MODULE_SECRET_KEY is missing: make one with `openssl rand -hex 48`',
        'TOKEN_ENCRYPTION_KEYS is missing: make one with `echo k1:$(openssl rand -base64 32)`',
      ],
    ],
    [
      'production without a key of the vault',
      { ...PRODUCTION, TOKEN_ENCRYPTION_KEYS: undefined },
      ['TOKEN_ENCRYPTION_KEYS is missing: make one with `echo k1:$(openssl rand -base64 32)`'],
    ],
    [
      'one id for two keys',
      { TOKEN_ENCRYPTION_KEYS: `${SEALS},${SEALS}` },
      ['TOKEN_ENCRYPTION_KEYS names one id twice: every key needs an id of its own'],
    ],
    [
      'a switch that is neither on nor off',
      { ENABLE_CHAT_ACTIONS: 'off', ENABLE_POLL_ACTIONS: '1' },
      [
        'ENABLE_CHAT_ACTIONS must be true or false, not "off"',
        'ENABLE_POLL_ACTIONS must be true or false, not "1"',
      ],
    ],
    [
      'ports that are none',
      { REST_PORT: 'eighty', GRPC_PORT: '65536' },
      [
        'REST_PORT must be a whole number, not the text "eighty"',
        'GRPC_PORT must be at most 65535, and is 65536',
      ],
    ],
    ['a port below zero', { REST_PORT: '-1' }, ['REST_PORT must be at least 0, and is -1']],
    [
      'a flag that is none',
      { SANDBOX: 'yes' },
      ['SANDBOX must be true or false, not the text "yes"'],
    ],
    [
      'a database of another kind',
      { DATABASE_URL: 'mysql://user:hidden@localhost/x' },
      ['DATABASE_URL must be a URL such as postgresql://user:password@host:5432/database'],
    ],
    [
      'an unknown level',
      { LOG_LEVEL: 'loud' },
      ['LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, not "loud"'],
    ],
    [
      'an unknown environment',
      { NODE_ENV: 'staging' },
      ['NODE_ENV must be one of development, test, production, not "staging"'],
    ],
    [
      'a pool of one',
      { DATABASE_POOL_MAX: '1' },
      ['DATABASE_POOL_MAX must be at least 2, and is 1'],
    ],
  ];

  it.each(refusals)('is refused for %s', (_name, env, faults) => {
    expect(refuse(env)).toEqual(faults);
  });

  it.each([
    ['no id', Buffer.alloc(32).toString('base64')],
    ['an empty id', `:${Buffer.alloc(32).toString('base64')}`],
    ['a short key', `k1:${Buffer.alloc(16).toString('base64')}`],
    ['a long key', `k1:${Buffer.alloc(33).toString('base64')}`],
    ['a dot in the id, which parts sealed values', `k.1:${Buffer.alloc(32).toString('base64')}`],
    ['no key', 'k1:'],
  ])('is refused for encryption keys with %s', (_name, keys) => {
    expect(refuse({ TOKEN_ENCRYPTION_KEYS: keys })).toEqual([
      'TOKEN_ENCRYPTION_KEYS must be id:base64 of 32 bytes, such as k1:$(openssl rand -base64 32)',
    ]);
  });

  it('never repeats a secret', () => {
    const lines = refuse({
      ...PRODUCTION,
      DATABASE_URL: 'http://user:hidden-1@host/x',
      REST_PORT: 'x',
    }).concat(
      refuse({ ...PRODUCTION, MODULE_SECRET_KEY: 'hidden-2', TOKEN_ENCRYPTION_KEYS: 'hidden-3' }),
    );
    expect(lines).toHaveLength(4);
    expect(lines.join()).not.toContain('hidden');
  });
});

describe('TLS and proxies', () => {
  it('is of the doors whose files are named', () => {
    expect(load({}).tls).toEqual({});
    expect(load({ GRPC_TLS_CERT: 'a.crt', GRPC_TLS_KEY: 'a.key' }).tls).toEqual({
      grpc: { cert: 'a.crt', key: 'a.key' },
    });
    const mutual = { REST_TLS_CERT: 'a.crt', REST_TLS_KEY: 'a.key', REST_TLS_CLIENT_CA: 'ca.crt' };
    expect(load(mutual).tls).toEqual({
      rest: { cert: 'a.crt', key: 'a.key', clientCa: 'ca.crt' },
    });
    expect(readPublicUrl(load(mutual))).toBe('https://localhost:8070');
  });

  it.each([
    [{ GRPC_TLS_CERT: 'a.crt' }, 'GRPC_TLS_KEY is missing: it is the key of GRPC_TLS_CERT'],
    [{ REST_TLS_KEY: 'a.key' }, 'REST_TLS_CERT is missing: it is the certificate of REST_TLS_KEY'],
    [
      { REST_TLS_CLIENT_CA: 'ca.crt' },
      'REST_TLS_CLIENT_CA needs TLS: set REST_TLS_CERT and REST_TLS_KEY as well, or leave it out',
    ],
    [
      { TRUSTED_PROXIES: '10.0.0.0/8, ingress' },
      'TRUSTED_PROXIES: "ingress" is neither an address nor a range such as 10.0.0.0/8',
    ],
  ])('is whole or refused: %j', (env, fault) => {
    expect(refuse(env)).toEqual([fault]);
  });

  it('trusts the proxies that are named, and no others', () => {
    expect(load({}).trustedProxies).toEqual([]);
    expect(load({ TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
  });
});

describe('the provider of OpenID Connect', () => {
  const OIDC = {
    SANDBOX: 'true',
    CONSOLE_OIDC_ISSUER: 'https://login.example.com/realms/one',
    CONSOLE_OIDC_CLIENT_ID: 'gateway',
    CONSOLE_OIDC_CLIENT_SECRET: 'a secret of the client',
    CONSOLE_OIDC_CALLERS: '{"ada@example.com":"*","bob@example.com":"moderator"}',
  };
  it('is off without its variables, and complete with them', () => {
    expect(load({ SANDBOX: 'true' }).openId).toBeUndefined();
    const { openId, secrets } = load(OIDC);
    expect(openId).toMatchObject({ clientId: 'gateway', claim: 'email' });
    expect([...(openId?.callers ?? [])]).toEqual([
      ['ada@example.com', '*'],
      ['bob@example.com', 'moderator'],
    ]);
    expect(secrets).toContain('a secret of the client');
  });

  it('takes a client without a secret, and a provider without TLS on this machine alone', () => {
    const open = { ...OIDC, CONSOLE_OIDC_CLIENT_SECRET: '' };
    expect(load(open).openId?.clientSecret).toBeUndefined();
    const local = { ...OIDC, CONSOLE_OIDC_ISSUER: 'http://127.0.0.1:4000' };
    expect(load(local).openId?.issuer.port).toBe('4000');
  });

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['an issuer', { CONSOLE_OIDC_ISSUER: '' }, /CONSOLE_OIDC_ISSUER is missing/],
    ['a client', { CONSOLE_OIDC_CLIENT_ID: '' }, /CONSOLE_OIDC_CLIENT_ID is missing/],
    ['callers', { CONSOLE_OIDC_CALLERS: '' }, /CONSOLE_OIDC_CALLERS is missing/],
    ['TLS', { CONSOLE_OIDC_ISSUER: 'http://login.example.com' }, /must be the https address/],
    ['an address', { CONSOLE_OIDC_ISSUER: 'login' }, /must be the https address/],
    ['JSON', { CONSOLE_OIDC_CALLERS: '{"ada":' }, /is no valid JSON/],
    ['an object', { CONSOLE_OIDC_CALLERS: '["ada"]' }, /must be an object/],
    ['people', { CONSOLE_OIDC_CALLERS: '{}' }, /names nobody/],
    ['names', { CONSOLE_OIDC_CALLERS: '{"ada":7}' }, /"ada" must name a caller/],
  ])('is refused without %s', (_, change, says) => {
    expect(refuse({ ...OIDC, ...change }).join('\n')).toMatch(says);
  });
});
