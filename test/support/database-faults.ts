import { join } from 'node:path';
import { Client } from 'pg';
import { eventually } from './eventually.js';
import type { FaultLoad, Job } from './fault-load.js';
import type { FaultWorld } from './fault-world.js';
import type { OwnPostgres } from './own-postgres.js';
import { type PostgresProxy, startPostgresProxy } from './postgres-proxy.js';

/** A fault of the database, and how it ends. */
export interface DatabaseFault {
  readonly name: string;
  /** Also in the short form of the table. */
  readonly isShort?: boolean;
  /** Why it cannot be made here; undefined where it can. */
  readonly cannot?: (world: FaultWorld) => string | undefined;
  /** What an asynchronous standby had not received is lost, so what was acknowledged may be. */
  readonly losesThePast?: boolean;
  /** Prepares what takes its time before there is load. */
  readonly prepare?: (world: FaultWorld) => Promise<void>;
  /** Breaks something under load. @returns what mends it */
  readonly begin: (world: FaultWorld, load: FaultLoad) => Promise<() => Promise<void> | void>;
}

/** Calls that every replica must have answered while the fault lasts. */
const CALLS_UNDER_FAULT = process.env['CHAOS'] === 'long' ? 6 : 3;
const ROLE = 'app';
/** Bounds a fault that holds up everything: longer than a statement may take. */
const LONGEST_FAULT_MS = 60_000;

/** Waits until each replica of the load has answered so many calls more. */
export async function waitForCalls(
  load: FaultLoad,
  calls: number,
  fits?: (job: Job) => boolean,
): Promise<void> {
  const before = load.count(fits);
  await eventually(
    () => load.count(fits),
    (now) => now.every((count, index) => count >= (before[index] ?? 0) + calls),
    { withinMs: LONGEST_FAULT_MS },
  );
}

const hold = (load: FaultLoad): Promise<void> => waitForCalls(load, CALLS_UNDER_FAULT);

/** A setting of the gateways' role, with which their next connections begin. */
async function alterRole(world: FaultWorld, change: string): Promise<void> {
  await world.postgres.run(`ALTER ROLE ${ROLE} ${change}`);
  await world.endConnections();
}

/** Takes the strongest lock on a table. @returns what frees it */
async function lockTable(world: FaultWorld, table: string): Promise<() => Promise<void>> {
  const url = new URL(world.postgres.url);
  url.pathname = `/${ROLE}`;
  const client = new Client({ connectionString: url.href });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return () => client.end();
}

async function listTables(world: FaultWorld): Promise<string[]> {
  const rows = await world.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Network faults of every replica at once. */
const onNetwork =
  (what: 'requests' | 'answers' | 'both') =>
  async (world: FaultWorld, load: FaultLoad): Promise<() => void> => {
    for (const { proxy } of world.replicas) proxy.swallow(what);
    await hold(load);
    return () => {
      for (const { proxy } of world.replicas) proxy.swallow('nothing');
    };
  };

/** One replica more, whose clock is wrong, serves beside the others. */
const withClock =
  (skewMs: number) =>
  async (world: FaultWorld, load: FaultLoad): Promise<() => Promise<void>> => {
    const skewed = await world.join({
      CLOCK_SKEW_MS: String(skewMs),
      NODE_OPTIONS: `--import ${join(import.meta.dirname, 'skewed-clock.mjs')}`,
      AUDIT_RETENTION_DAYS: '400',
    });
    load.join(skewed);
    await waitForCalls(load, CALLS_UNDER_FAULT, ({ told }) => told.kind === 'done');
    return async () => undefined;
  };

/** The primary is lost without a word, and a standby behind a proxy takes over. */
function failOver(isSynchronous: boolean): Pick<DatabaseFault, 'prepare' | 'begin'> {
  let replication: PostgresProxy;
  let standby: OwnPostgres;
  return {
    async prepare({ postgres: primary }) {
      replication = await startPostgresProxy(primary.url);
      standby = await primary.makeStandby(replication.url);
      await primary.waitForStandby();
      if (isSynchronous) await primary.alterSystem(`synchronous_standby_names = 'standby'`);
    },
    async begin(world, load) {
      const primary = world.postgres;
      // From here on the standby hears nothing of what is committed.
      replication.swallow('both');
      await hold(load);
      await primary.kill();
      return async () => {
        await standby.promote();
        for (const { proxy } of world.replicas) proxy.retarget(standby.tenantUrl);
        world.postgres = standby;
        await replication.close();
        await primary.close();
      };
    },
  };
}

/** Every fault of the table, in the order in which it is carried out. */
export const DATABASE_FAULTS: readonly DatabaseFault[] = [
  {
    name: 'stopped and started',
    async begin({ postgres }, load) {
      await postgres.stop();
      await hold(load);
      return () => postgres.start();
    },
  },
  {
    name: 'killed by SIGKILL and started',
    isShort: true,
    async begin({ postgres }, load) {
      await postgres.kill();
      await hold(load);
      return () => postgres.start();
    },
  },
  {
    name: 'paused by SIGSTOP',
    async begin({ postgres }, load) {
      await postgres.pause();
      await hold(load);
      return () => postgres.resume();
    },
  },
  {
    name: 'connections cut by TCP resets, again and again',
    isShort: true,
    async begin(world, load) {
      for (let round = 0; round < 5; round += 1) {
        for (const { proxy } of world.replicas) proxy.cut();
        await waitForCalls(load, 1);
      }
      return () => undefined;
    },
  },
  { name: 'half open: statements are lost', begin: onNetwork('requests') },
  { name: 'half open: answers are lost', begin: onNetwork('answers') },
  { name: 'both directions swallowed', begin: onNetwork('both') },
  {
    name: 'read-only',
    isShort: true,
    async begin(world, load) {
      await alterRole(world, 'SET default_transaction_read_only = on');
      await hold(load);
      return () => alterRole(world, 'RESET default_transaction_read_only');
    },
  },
  {
    name: 'too many connections',
    async begin(world, load) {
      await alterRole(world, 'CONNECTION LIMIT 1');
      await hold(load);
      return async () => {
        await world.postgres.run(`ALTER ROLE ${ROLE} CONNECTION LIMIT -1`);
      };
    },
  },
  {
    name: 'disk full',
    cannot: ({ postgres }) =>
      postgres.isSmallDisk ? undefined : 'this user may not mount a small tmpfs',
    async begin({ postgres }, load) {
      await postgres.fillDisk();
      await hold(load);
      return async () => {
        await postgres.emptyDisk();
        await postgres.revive();
      };
    },
  },
  {
    name: 'statement time-out (57014)',
    async begin(world, load) {
      const free = await lockTable(world, 'actions');
      // The gateways end their statements at the server; a call waits less than that.
      await waitForCalls(load, 2 * CALLS_UNDER_FAULT);
      return free;
    },
  },
  {
    name: 'lock time-out (55P03)',
    async begin(world, load) {
      await alterRole(world, `SET lock_timeout = '100ms'`);
      const tables = ['actions', 'idempotency_keys', 'queue_lines', 'accounts'];
      for (const table of tables) {
        const free = await lockTable(world, table);
        await waitForCalls(load, 3);
        await free();
      }
      return () => alterRole(world, 'RESET lock_timeout');
    },
  },
  {
    name: 'a lock on each table in turn',
    async begin(world, load) {
      for (const table of await listTables(world)) {
        const free = await lockTable(world, table);
        await waitForCalls(load, 1);
        await free();
      }
      return () => undefined;
    },
  },
  { name: 'a clock 10 minutes ahead', begin: withClock(600_000) },
  { name: 'a clock 10 minutes behind', begin: withClock(-600_000) },
  { name: 'a clock 430 days ahead', begin: withClock(430 * 86_400_000) },
  { name: 'failover to a synchronous standby', ...failOver(true) },
  {
    name: 'failover to a standby that lags behind',
    losesThePast: true,
    ...failOver(false),
  },
];
