// Real: the files and folders that settings name, in a folder of each test's own.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prettyFactory } from 'pino-pretty';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.js';
import { chooseDataFolder, locateModeFile } from '../../src/config/data-folder.js';
import { findDatabaseUrlFault } from '../../src/config/database-url.js';
import {
  chooseLocalHost,
  joinHostAndPort,
  listLocalAddresses,
  readListenAddress,
} from '../../src/config/listen-address.js';
import { chooseProxy, readProxySettings } from '../../src/config/proxy.js';
import { StartFault } from '../../src/config/start-fault.js';
import { findServerFault } from '../../src/database/require-session.js';
import { TERMINAL } from '../../src/observability/logs.js';
import { describeStartFault } from '../../src/start/describe-fault.js';
import { describeRealStart } from '../../src/start/describe-start.js';
import { findNodeFault } from '../../src/start/node-version.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-pure-start-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const load = (env: NodeJS.ProcessEnv): Config => loadConfig({ DATA_DIR: folder, ...env });

function refuse(env: NodeJS.ProcessEnv): string {
  try {
    load(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('The configuration was taken');
}

describe('the version of Node.js', () => {
  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0', '16.0.0'])('%s is refused', (version) => {
    expect(findNodeFault(version)).toMatch(
      new RegExp(`needs Node\\.js 20\\.19, 22\\.12 or newer, and this is ${version}: install`),
    );
  });

  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0', '26.1.0'])('%s is taken', (version) => {
    expect(findNodeFault(version)).toBeUndefined();
  });
});

describe('a start that fails', () => {
  it('is one sentence for what an operator can mend, and a stack trace for what is unexpected', () => {
    const full = Object.assign(new Error('ENOSPC: no space'), {
      code: 'ENOSPC',
      syscall: 'write',
      path: '/data/x',
    });
    expect(describeStartFault(full)).toBe(
      'The gateway cannot use /data/x (ENOSPC): the disk is full: free some space, or choose another folder with DATA_DIR or LOG_DIR',
    );
    expect(describeStartFault(new StartFault('HOST: wrong'))).toBe('HOST: wrong');
    expect(describeStartFault(new TypeError('x is not a function'))).toMatch(/TypeError.*\n +at /);
    expect(describeStartFault('thrown text')).toBe("'thrown text'");
  });

  it.each(['DATA_DIR', 'LOG_DIR'])(
    'because %s is a file or lies below one has made nothing',
    (name) => {
      const file = join(folder, 'file');
      writeFileSync(file, '');
      for (const path of [file, join(file, 'below')]) {
        const text = refuse({ [name]: path });
        expect(text).toContain(`${name} (`);
        expect(text).toContain(
          `${file} is not a folder; let this user write there, or choose another folder`,
        );
      }
      expect(readdirSync(folder)).toEqual(['file']);
    },
  );

  it.skipIf(process.getuid?.() === 0)(
    'because DATA_DIR cannot be written to names the user',
    () => {
      const locked = join(folder, 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      expect(refuse({ DATA_DIR: locked })).toContain('this user may not write to');
    },
  );

  it('because of a wrong setting has made no secrets', () => {
    expect(refuse({ REST_PORT: '7', GRPC_PORT: '7' })).toContain(
      'REST_PORT and GRPC_PORT are both 7',
    );
    expect(refuse({ HOST: 'not a host' })).toContain('HOST must be one address or name');
    expect(refuse({ PREDECESSOR_PORTS: 'twitch=50051/8072' })).toContain(
      'PREDECESSOR_PORTS names 50051 for its rest door, which is GRPC_PORT',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('because a kept secret is damaged names its file', () => {
    load({});
    writeFileSync(join(folder, 'sandbox', 'token-encryption-keys'), '\n');
    expect(refuse({})).toMatch(/sandbox\/token-encryption-keys is damaged: put the file back/);
  });

  it('in production has no made-up key, also in the sandbox', () => {
    const production = {
      NODE_ENV: 'production',
      SANDBOX: 'true',
      DATABASE_URL: 'postgresql://localhost/x',
      TOKEN_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    };
    expect(refuse(production)).toContain('MODULE_SECRET_KEY is missing');
    expect(load({ ...production, MODULE_SECRET_KEY: 'k'.repeat(64) }).sandbox).toBe(true);
    expect(existsSync(join(folder, 'sandbox'))).toBe(false);
  });
});

describe('DATABASE_URL', () => {
  it.each([
    'postgresql://user:p%40ss%2Fw%23rd@host:5432/db',
    'postgres://user:pa:ss@host/db?sslmode=verify-full',
    'postgresql://host/db',
    'postgresql:///db?host=/var/run/postgresql',
    'postgresql://user:secret@[::1]:5432/db',
  ])('may be %s', (url) => {
    expect(findDatabaseUrlFault(url)).toBeUndefined();
  });

  it.each([
    'postgresql://user:hid@zzq@host/db',
    'postgresql://user:hid/zzq@host/db',
    'postgresql://user:hid#zzq@host/db',
    'postgresql://user:hid?zzq@host/db',
    'postgresql://user:hid%zzq@host/db',
    'postgresql://user:hid zzq@host/db',
    'postgresql://user:hid[zzq@host/db',
    'postgresql://user:hid\\zzq@host/db',
    'postgresql://user:hidzzq#host:5432/db',
    'postgresql://user:hidzzq:5432/db',
  ])('that holds a password as it is (%s) is refused, and no part of it is shown', (url) => {
    const text = refuse({ DATABASE_URL: url });
    expect(text).toMatch(/DATABASE_URL .*percent-encode/);
    expect(text).not.toMatch(/hid|zzq/);
  });

  it('names what is wrong with its TLS', () => {
    const at = 'postgresql://u:p@host/db';
    expect(findDatabaseUrlFault(`${at}?sslmode=maybe`)).toContain('write one of disable, prefer');
    expect(findDatabaseUrlFault(`${at}?sslrootcert=/no/such.pem`)).toMatch(
      /in sslrootcert that cannot be read: ENOENT.*\/no\/such\.pem/,
    );
  });

  it('names a server that cannot be the gateway’s', () => {
    const good = { version: 180_000, read_only: false, schema: 'public', may_create: true };
    expect(findServerFault(good)).toBeUndefined();
    expect(findServerFault({ ...good, version: 130_011 })).toMatch(/PostgreSQL 13.*needs 14/);
    expect(findServerFault({ ...good, read_only: true })).toMatch(/only be read.*name the primary/);
    expect(findServerFault({ ...good, schema: null })).toMatch(/search_path/);
    expect(findServerFault({ ...good, may_create: false })).toMatch(
      /GRANT CREATE ON SCHEMA "public"/,
    );
  });
});

describe('HOST', () => {
  it('may have brackets, and is written with them before a port', () => {
    expect(readListenAddress(' [::1] ')).toBe('::1');
    expect(joinHostAndPort('::1', 80)).toBe('[::1]:80');
    expect(joinHostAndPort('10.0.0.7', 80)).toBe('10.0.0.7:80');
    expect(load({ HOST: '[::]' }).HOST).toBe('::');
  });

  it('is where people and probes on this machine look', () => {
    for (const all of ['', '::', '0.0.0.0', undefined])
      expect(chooseLocalHost(all)).toBe('localhost');
    expect(chooseLocalHost('::1')).toBe('[::1]');
    expect(chooseLocalHost('10.0.0.7')).toBe('10.0.0.7');
    expect(listLocalAddresses('::')).toEqual(['127.0.0.1', '::1']);
    expect(listLocalAddresses('0.0.0.0')).toEqual(['127.0.0.1']);
    expect(listLocalAddresses('fd00::7')).toEqual(['fd00::7']);
  });
});

describe('the data folder', () => {
  it('is one for each mode', () => {
    expect(chooseDataFolder(folder, 'sandbox').path).toBe(join(folder, 'sandbox'));
    expect(chooseDataFolder(folder, 'real').path).toBe(join(folder, 'real'));
  });

  it('of an earlier release stays where it is, for the mode it belongs to', () => {
    writeFileSync(join(folder, 'postgres.password'), 'x');
    expect(chooseDataFolder(folder, 'real')).toEqual({ path: folder, isUndecided: true });
    writeFileSync(locateModeFile(folder), 'sandbox\n');
    expect(chooseDataFolder(folder, 'sandbox')).toEqual({ path: folder, isUndecided: false });
    expect(chooseDataFolder(folder, 'real')).toEqual({
      path: join(folder, 'real'),
      isUndecided: false,
    });
  });

  it('of an earlier release that holds secrets alone is used as it was', () => {
    writeFileSync(join(folder, 'token-encryption-keys'), 'x');
    expect(chooseDataFolder(folder, 'real')).toEqual({ path: folder, isUndecided: false });
  });
});

describe('proxies', () => {
  const faults: string[] = [];
  const proxies = readProxySettings(
    {
      HTTPS_PROXY: 'http://secure:3128',
      HTTP_PROXY: 'http://plain:3128',
      NO_PROXY: 'localhost, .internal.example 10.0.0.0/8,[::1],api.example:8443,fd00::/8',
    },
    faults,
  );
  const choose = (url: string) => chooseProxy(proxies, new URL(url));

  it.each([
    ['https://discord.com/api', 'http://secure:3128'],
    ['http://discord.com/api', 'http://plain:3128'],
    ['https://localhost:1/', undefined],
    ['https://notlocalhost/', 'http://secure:3128'],
    ['https://a.internal.example/', undefined],
    ['https://internal.example/', undefined],
    ['https://10.1.2.3/', undefined],
    ['https://11.1.2.3/', 'http://secure:3128'],
    ['https://[::1]:5/', undefined],
    ['https://[fd00::5]/', undefined],
    ['https://api.example:8443/', undefined],
    ['https://api.example/', 'http://secure:3128'],
  ])('for %s is %s', (url, proxy) => {
    expect(choose(url)).toBe(proxy);
    expect(faults).toEqual([]);
  });

  it('are read in small letters too, never used in the sandbox, and never shown', () => {
    const real = { DISCORD_BOT_TOKEN: 'bot', MODULE_SECRET_KEY: 'k'.repeat(64) };
    const given = { https_proxy: 'http://user:hidden@proxy:1', no_proxy: '*' };
    const config = load({ ...real, ...given });
    expect(config.proxies).toEqual({ https: given.https_proxy, direct: ['*'] });
    expect(config.secrets).toContain('hidden');
    expect(chooseProxy(config.proxies, new URL('https://discord.com'))).toBeUndefined();
    expect(load(given).proxies).toBeUndefined();
    expect(refuse({ ...real, HTTPS_PROXY: 'socks5://user:hidden@proxy' })).toMatch(
      /HTTPS_PROXY must be the URL of an HTTP proxy(?!.*hidden)/,
    );
  });
});

describe('what a start says', () => {
  it('names the doors, and of every platform what is missing or connected', () => {
    const config = load({
      DISCORD_BOT_TOKEN: 'bot',
      MODULE_SECRET_KEY: 'k'.repeat(64),
      HOST: '::1',
    });
    const state = { missing: [], accounts: 0, hasOwnAccount: false, isConnectable: true };
    const states = [
      { ...state, platform: 'twitch' },
      { ...state, platform: 'youtube', missing: ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'] },
      { ...state, platform: 'discord', hasOwnAccount: true, isConnectable: false },
    ];
    const text = describeRealStart(config, states, 'one-time');
    expect(text.split('\n')[0]).toContain('http://[::1]:8070/console/#code=one-time');
    expect(text).toContain('REST      http://[::1]:8070');
    expect(text).toContain('gRPC      [::1]:50051');
    expect(text).toMatch(/twitch +ready, and no account is connected yet/);
    expect(text).toMatch(/youtube +off: set YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET/);
    expect(text).toMatch(/discord +ready\n/);
    expect(text).toContain('/api/v1/oauth/twitch/authorize');
    expect(text).not.toContain('kkkk');
  });

  it('on a terminal is one line for one action', () => {
    const line = JSON.stringify({
      level: 30,
      time: 1,
      context: 'Actions',
      action_id: 'a',
      platform: 'twitch',
      status: 'SUCCEEDED',
      ms: 5,
      msg: 'action finished',
    });
    const text = prettyFactory({ ...TERMINAL, colorize: false })(line);
    expect(text.trimEnd().split('\n')).toHaveLength(1);
    expect(text).toMatch(/action finished.*SUCCEEDED/);
  });
});
