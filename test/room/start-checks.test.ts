// Real: PostgreSQL, its protocol, TLS. Fake: a pooler in transaction mode, played by a proxy at the wire.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireKeys, keepCurrentCanary, forgetKey } from '../../src/database/key-canaries.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { PooledDataSource } from '../../src/database/pooled-data-source.js';
import { requireSession } from '../../src/database/require-session.js';
import { Vault } from '../../src/database/vault.js';
import { SEALED_COLUMNS } from '../../src/sealed-columns.js';
import { chooseHost, openPort, requirePorts } from '../../src/start/ports.js';
import { shareSandbox } from '../../src/start/shared-sandbox.js';
import { TestAuthority } from '../support/certificates.js';
import { createDatabase } from '../support/database.js';
import { type PoolingProxy, startPoolingProxy } from '../support/pooling-proxy.js';
import { startTlsProxy } from '../support/tls-proxy.js';

let url: string;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  const database = await createDatabase();
  ({ url } = database);
  closers.push(database.drop);
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function open(databaseUrl = url): Promise<PooledDataSource> {
  const dataSource = await openDatabase({
    url: databaseUrl,
    poolMax: 3,
    sandbox: true,
    log: () => undefined,
  });
  closers.push(() => dataSource.destroy());
  return dataSource;
}

async function run(sql: string, databaseUrl = url): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function pool(size?: number): Promise<PoolingProxy> {
  const proxy = await startPoolingProxy(url, size);
  closers.push(() => proxy.close());
  return proxy;
}

const addAccount = async (dataSource: PooledDataSource, id: string, vault: Vault) =>
  dataSource.query(
    `INSERT INTO accounts (platform, account_id, access_token, refresh_token, client_id, client_secret)
     VALUES ('twitch', $1, $2, NULL, 'c', NULL)`,
    [id, vault.encrypt('token', `accounts/twitch/${id}/access_token`)],
  );

const takePort = async (host: string): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as { port: number }).port;
};

describe('a database behind a pooler in transaction mode', () => {
  it('is refused with one sentence, and nothing is made in it', async () => {
    const pooler = await pool();
    await expect(open(pooler.url)).rejects.toThrow(
      /^DATABASE_URL: a pooler in transaction mode is in the way.*name PostgreSQL itself, or a pooler in session mode/,
    );
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query("SELECT to_regclass('stamp') AS stamp");
    await client.end();
    expect(rows).toEqual([{ stamp: null }]);
  });

  it('is one where a transaction of another client takes the server connection', async () => {
    // Sees that the fake does what it stands for: otherwise the refusal above would prove nothing.
    const pooler = await pool();
    const [one, two] = [1, 2].map(() => new Client({ connectionString: pooler.url }));
    const readProcess = async () => (await one?.query('SELECT pg_backend_pid() AS pid'))?.rows;
    await one?.connect();
    await two?.connect();
    const before = await readProcess();
    expect(await readProcess()).toEqual(before);
    await two?.query('BEGIN');
    expect(await readProcess()).not.toEqual(before);
    await two?.query('COMMIT');
    await one?.end();
    await two?.end();
  });
});

describe('a database that cannot be the gateway’s', () => {
  const AS_READER = 'reader_of_start_checks';

  it('is refused when it can only be read', async () => {
    const { pathname } = new URL(url);
    await run(`ALTER DATABASE ${pathname.slice(1)} SET default_transaction_read_only = on`);
    await expect(requireSession(url)).rejects.toThrow(/^DATABASE_URL: .*only be read.*primary/);
  });

  it('is refused when its role may not make tables', async () => {
    await run(`DROP ROLE IF EXISTS ${AS_READER}; CREATE ROLE ${AS_READER} LOGIN PASSWORD 'hidden'`);
    closers.push(() => run(`DROP ROLE ${AS_READER}`));
    await run('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const reader = new URL(url);
    reader.username = AS_READER;
    reader.password = 'hidden';
    await expect(open(reader.href)).rejects.toThrow(
      /^DATABASE_URL: the role may not make tables.*GRANT CREATE ON SCHEMA "public"/,
    );
  });

  it('is taken in sessions as they are', async () => {
    await expect(requireSession(url)).resolves.toBeUndefined();
  });
});

describe('a database over TLS', () => {
  let authority: TestAuthority;
  let port: number;

  beforeEach(async () => {
    authority = await TestAuthority.make();
    closers.push(() => rm(authority.folder, { recursive: true }));
    const { cert, key } = await authority.sign('server');
    const proxy = await startTlsProxy(url, { cert: Buffer.from(cert), key: Buffer.from(key) });
    closers.push(() => proxy.close());
    ({ port } = proxy);
  });

  const reach = (query: string): string => {
    const secure = new URL(url);
    secure.hostname = 'localhost';
    secure.port = String(port);
    secure.search = query;
    return secure.href;
  };

  it('of a private authority is reached with sslrootcert', async () => {
    const query = `?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.ca.certFile)}`;
    const dataSource = await open(reach(query));
    expect(await dataSource.query('SELECT kind FROM stamp')).toEqual([{ kind: 'sandbox' }]);
  });

  it('of an unknown authority is refused at once, and the mend is named', async () => {
    await expect(open(reach('?sslmode=verify-full'))).rejects.toThrow(
      /^PostgreSQL cannot be reached: .*certificate.*sslrootcert/,
    );
  });

  it('that speaks no TLS is refused at once', async () => {
    const plain = new URL(url);
    plain.search = '?sslmode=verify-full';
    await expect(open(plain.href)).rejects.toThrow(/does not support SSL.*Set sslmode/);
  });
});

describe('encryption keys', () => {
  const ONE = { id: 'one', key: randomBytes(32) };
  const TWO = { id: 'two', key: randomBytes(32) };
  const OTHER_ONE = { id: 'one', key: randomBytes(32) };
  const check = (dataSource: PooledDataSource, ...keys: (typeof ONE)[]): Promise<void> =>
    requireKeys(dataSource, new Vault(keys), SEALED_COLUMNS);

  it('are held against those of the first start', async () => {
    const dataSource = await open();
    await check(dataSource, ONE);
    await check(dataSource, ONE);
    await expect(check(dataSource, OTHER_ONE)).rejects.toThrow(
      /^TOKEN_ENCRYPTION_KEYS: the key "one" is not the one that this database was encrypted with: put the key back/,
    );
    await expect(check(dataSource, TWO)).rejects.toThrow(
      /^TOKEN_ENCRYPTION_KEYS: the key "one",.* is missing: put the key back.*--forget one/,
    );
    // Nor did a key that was refused become one that is expected.
    await check(dataSource, ONE);
  });

  it('may be added to, and taken away once nothing is encrypted with them', async () => {
    const dataSource = await open();
    await check(dataSource, ONE);
    await check(dataSource, TWO, ONE);
    await expect(check(dataSource, ONE)).rejects.toThrow(/"two",.* is missing/);
    await expect(check(dataSource, TWO)).rejects.toThrow(/"one",.* is missing/);
    await keepCurrentCanary(dataSource, new Vault([TWO, ONE]));
    await check(dataSource, TWO);
  });

  it('that are lost for good can be forgotten', async () => {
    const dataSource = await open();
    await check(dataSource, ONE);
    expect(await forgetKey(dataSource, 'none')).toBe(false);
    expect(await forgetKey(dataSource, 'one')).toBe(true);
    await check(dataSource, TWO);
  });

  it('of a database without a canary are judged by its values', async () => {
    const dataSource = await open();
    await addAccount(dataSource, '1', new Vault([ONE]));
    await expect(check(dataSource, TWO)).rejects.toThrow(
      /^TOKEN_ENCRYPTION_KEYS: the values of this database are encrypted with the key "one", and no key given opens them/,
    );
    await expect(check(dataSource, OTHER_ONE)).rejects.toThrow(/with the key "one"/);
    await check(dataSource, TWO, ONE);
  });

  it('of a database without a canary may leave a damaged value unread', async () => {
    const dataSource = await open();
    await dataSource.query(
      `INSERT INTO accounts (platform, account_id, access_token, refresh_token, client_id, client_secret)
       VALUES ('twitch', '0', 'v1.gone.x.y', NULL, 'c', NULL)`,
    );
    await addAccount(dataSource, '1', new Vault([ONE]));
    await expect(check(dataSource, ONE)).resolves.toBeUndefined();
  });

  it('of replicas that start at once are one', async () => {
    const dataSource = await open();
    const [one, other] = await Promise.allSettled([
      check(dataSource, ONE),
      check(dataSource, OTHER_ONE),
    ]);
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    const replicas = await Promise.allSettled([1, 2, 3].map(() => check(dataSource, TWO, ONE)));
    expect(replicas.filter(({ status }) => status === 'fulfilled').length).toBe(
      one.status === 'fulfilled' ? 3 : 0,
    );
  });
});

describe('the sandbox of a database', () => {
  it('that another machine serves is refused with one sentence', async () => {
    await open();
    const elsewhere = new Client({ connectionString: url });
    await elsewhere.connect();
    closers.push(() => elsewhere.end());
    const share = (reachedWithinMs: number) =>
      shareSandbox({
        databaseUrl: url,
        simulations: [],
        log: () => undefined,
        onTakenOver: async () => undefined,
        reachedWithinMs,
      });
    const served = await share(0);
    expect(served.isServed).toBe(true);
    await served.close();
    // As a gateway elsewhere holds it, with its own loopback in the address.
    await elsewhere.query('SELECT pg_advisory_lock(7215034990)');
    await run(`UPDATE shared_sandbox SET host = 'other-machine'`);
    await expect(share(0)).rejects.toThrow(
      /^SANDBOX: the gateway on other-machine serves the sandbox of this database, and it cannot be reached from here: run/,
    );
  });
});

describe('addresses and ports', () => {
  it('of another machine, or of no name, are refused', async () => {
    await expect(chooseHost('203.0.113.9')).rejects.toThrow(
      /^HOST: 203\.0\.113\.9 is not an address of this machine: set an address/,
    );
    await expect(chooseHost('no-such-host.invalid')).rejects.toThrow(
      /^HOST: the name no-such-host\.invalid cannot be found/,
    );
    expect(await chooseHost('127.0.0.1')).toBe('127.0.0.1');
  });

  it('that are taken are named with their setting, in either family', async () => {
    const port = await takePort('127.0.0.1');
    const host = await chooseHost('');
    const wanted = { setting: 'PREDECESSOR_PORTS', port };
    for (const at of ['127.0.0.1', host])
      await expect(requirePorts(at, [wanted])).rejects.toThrow(
        `PREDECESSOR_PORTS: port ${port} is taken`,
      );
    await expect(requirePorts(host, [{ setting: 'REST_PORT', port: 0 }])).resolves.toBeUndefined();
  });

  it('that were taken between the look and the opening are named too', async () => {
    const fault = new Error('listen EADDRINUSE: address already in use 127.0.0.1:1');
    const wanted = { setting: 'GRPC_PORT', port: 1 };
    await expect(openPort(wanted, () => Promise.reject(fault))).rejects.toThrow(
      'GRPC_PORT: port 1 is taken',
    );
    const other = new Error('something else');
    await expect(openPort(wanted, () => Promise.reject(other))).rejects.toBe(other);
  });
});
