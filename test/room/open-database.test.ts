// Real: PostgreSQL, migrations and the stamp. Fake: a lateness of the server, played by a TCP proxy.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/database/database.js';
import {
  type DatabaseOptions,
  MIGRATIONS,
  openDatabase,
} from '../../src/database/open-database.js';
import { lowestIdAt, makePartitions } from '../../src/database/partitions.js';
import type { PooledDataSource } from '../../src/database/pooled-data-source.js';
import { createDatabase } from '../support/database.js';

let url: string;
let drop: () => Promise<void>;
let opened: PooledDataSource[];
let lines: string[];

beforeEach(async () => {
  ({ url, drop } = await createDatabase());
  opened = [];
  lines = [];
});

afterEach(async () => {
  await Promise.all(opened.map((dataSource) => dataSource.destroy()));
  await drop();
});

async function open(options: Partial<DatabaseOptions> = {}): Promise<PooledDataSource> {
  const dataSource = await openDatabase({
    url,
    poolMax: 3,
    sandbox: true,
    log: (line) => lines.push(line),
    ...options,
  });
  opened.push(dataSource);
  return dataSource;
}

/** Table of the log in which the row of an action lies. */
async function findHome(database: Database, id: string): Promise<string | undefined> {
  const [row] = await database.query<{ home: string }>(
    'SELECT tableoid::regclass::text AS home FROM actions WHERE id = $1',
    [id],
  );
  return row?.home;
}

/** Puts a row with this id into the log, in the shortest way. */
const insert = (database: Database, id: string): Promise<number> =>
  database.change(
    `INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, caller_id, door, sandbox, received_at)
     VALUES ($1, '', '', '', '', '', 'SUCCEEDED', '', '', true, now())`,
    [id],
  );

describe('openDatabase', () => {
  it('migrates once, however many replicas start at once', async () => {
    const [first] = await Promise.all([open(), open(), open()]);
    const rows = (sql: string): Promise<unknown[]> =>
      new Database(first as PooledDataSource).query(sql);
    expect(await rows('SELECT name FROM migrations ORDER BY timestamp')).toEqual(
      MIGRATIONS.map(({ name }) => ({ name })),
    );
    expect(await rows('SELECT kind FROM stamp')).toEqual([{ kind: 'sandbox' }]);
    expect(
      await rows(
        `SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'actions'::regclass`,
      ),
    ).toHaveLength(4);
  });

  it('opens again what it has opened before, and leaves the rows alone', async () => {
    const id = lowestIdAt(new Date());
    await insert(new Database(await open()), id);
    expect(await findHome(new Database(await open()), id)).toMatch(/^actions_\d{4}_\d\d$/);
  });

  it.each([
    [
      true,
      'This database belongs to the sandbox and must not meet the real platforms. Set SANDBOX=true',
    ],
    [
      false,
      'This database belongs to the real platforms and must not meet the sandbox. Set SANDBOX=false',
    ],
  ])('refuses the other kind (stamped as sandbox: %s)', async (sandbox, sentence) => {
    await open({ sandbox });
    await expect(open({ sandbox: !sandbox })).rejects.toThrow(sentence);
    // Neither the lock nor a pool is left behind by who was refused.
    const database = new Database(await open({ sandbox }));
    const [locks] = await database.query<{ count: string }>(
      `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    expect(Number(locks?.count)).toBe(0);
    const [users] = await database.query<{ count: string }>(
      `SELECT count(*) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND state IS DISTINCT FROM 'idle'`,
    );
    expect(Number(users?.count)).toBe(0);
  });

  it('ends statements at the server before they are given up here, on every connection', async () => {
    const database = new Database(await open());
    const text = "SELECT current_setting('statement_timeout') AS bound";
    const one = await database.query(text);
    const prepared = await database.run({ name: 'bound', text }, []);
    expect([one, prepared]).toEqual([[{ bound: '9s' }], [{ bound: '9s' }]]);
  });

  it('waits for a database that comes late', async () => {
    const target = new URL(url);
    const proxy: Server = createServer((socket) => {
      const server = connect(Number(target.port || 5432), target.hostname);
      for (const [from, to] of [
        [socket, server],
        [server, socket],
      ] as const)
        from.on('error', () => to.destroy()).pipe(to);
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const { port } = proxy.address() as AddressInfo;
    await new Promise((resolve) => proxy.close(resolve));

    const late = new URL(url);
    late.hostname = '127.0.0.1';
    late.port = String(port);
    const opening = open({ url: late.href });
    await expect.poll(() => lines.length).toBeGreaterThan(1);
    expect(lines[0]).toMatch(/^waiting for PostgreSQL \(attempt 1\): .*ECONNREFUSED/);
    await once(proxy.listen(port, '127.0.0.1'), 'listening');
    const dataSource = await opening;
    expect(await new Database(dataSource).query('SELECT kind FROM stamp')).toHaveLength(1);
    await dataSource.destroy();
    opened.splice(opened.indexOf(dataSource), 1);
    proxy.close();
  });

  it('says at once when waiting would mend nothing, and repeats no password', async () => {
    const unknown = new URL(url);
    unknown.pathname = '/no_such_database';
    await expect(open({ url: unknown.href })).rejects.toThrow(
      'PostgreSQL cannot be reached: database "no_such_database" does not exist. Check DATABASE_URL',
    );
    const stranger = new URL(url);
    stranger.username = 'no_such_role';
    stranger.password = 'hidden-password';
    const error = await open({ url: stranger.href }).catch(String);
    expect(error).toMatch(/PostgreSQL cannot be reached: .*"no_such_role".*Check DATABASE_URL/);
    expect(error).not.toContain('hidden-password');
    expect(lines).toEqual([]);
  });
});

describe('searches', () => {
  const LOCK = 4_711;

  it('leave connections to actions, however many there are and however long they take', async () => {
    const database = new Database(await open({ poolMax: 4 }));
    const holder = await database.dataSource.prepared.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const searches = Array.from({ length: 40 }, () =>
      database.search<{ found: number }>(
        'SELECT 1 AS found FROM (SELECT pg_advisory_lock_shared($1), pg_advisory_unlock_shared($1)) AS held',
        [LOCK],
      ),
    );
    await expect
      .poll(() => database.query(`SELECT FROM pg_locks WHERE NOT granted AND objid = ${LOCK}`))
      .toHaveLength(2);
    expect(await database.query('SELECT 2 AS answer')).toEqual([{ answer: 2 }]);
    await holder.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    holder.release();
    expect((await Promise.all(searches)).flat()).toHaveLength(40);
  });
});

describe('the partitions of the action log', () => {
  const NOVEMBER = new Date('2026-11-20T12:00:00Z');
  const JANUARY = new Date('2027-01-01T00:00:00Z');

  it('are those of this month and the next two, over the end of a year', async () => {
    const database = new Database(await open());
    await makePartitions(database.dataSource, new Date('2031-11-20T12:00:00Z'));
    const moments: readonly [string, string][] = [
      ['2031-10-31T23:59:59.999Z', 'actions_rest'],
      ['2031-11-01T00:00:00.000Z', 'actions_2031_11'],
      ['2031-12-31T23:59:59.999Z', 'actions_2031_12'],
      ['2032-01-01T00:00:00.000Z', 'actions_2032_01'],
      ['2032-02-01T00:00:00.000Z', 'actions_rest'],
    ];
    for (const [moment, home] of moments) {
      const id = lowestIdAt(new Date(moment));
      await insert(database, id);
      expect([moment, await findHome(database, id)]).toEqual([moment, home]);
    }
  });

  it('are made by any number of replicas at once', async () => {
    const databases = await Promise.all([open(), open(), open()]);
    const later = new Date('2041-03-01T00:00:00Z');
    await Promise.all(databases.map((dataSource) => makePartitions(dataSource, later)));
    const id = lowestIdAt(new Date('2041-05-31T00:00:00Z'));
    await insert(new Database(databases[0] as PooledDataSource), id);
    expect(await findHome(new Database(databases[1] as PooledDataSource), id)).toBe(
      'actions_2041_05',
    );
  });

  it('take in the rows that came before them', async () => {
    // A gateway that ran for longer than its partitions reach must still be able to start again.
    const database = new Database(await open());
    const [early, late] = [lowestIdAt(NOVEMBER), lowestIdAt(new Date('2051-02-03T00:00:00Z'))];
    await insert(database, late);
    await insert(database, lowestIdAt(new Date('2051-04-01T00:00:00Z')));
    expect(await findHome(database, late)).toBe('actions_rest');
    await makePartitions(database.dataSource, new Date('2051-01-15T00:00:00Z'));
    expect(await findHome(database, late)).toBe('actions_2051_02');
    expect(await findHome(database, early)).toBeUndefined();
    expect(await database.query('SELECT id FROM actions_rest')).toHaveLength(1);
    // What the reaper looks for has its index there as well.
    expect(
      await database.query(`SELECT 1 FROM pg_indexes WHERE tablename = 'actions_2051_02'`),
    ).toHaveLength(
      (await database.query(`SELECT 1 FROM pg_indexes WHERE tablename = 'actions'`)).length,
    );
  });

  it('begin with the lowest id of a month', () => {
    expect(lowestIdAt(new Date(0))).toBe('00000000-0000-0000-0000-000000000000');
    expect(lowestIdAt(JANUARY) > lowestIdAt(new Date(JANUARY.getTime() - 1))).toBe(true);
  });
});
