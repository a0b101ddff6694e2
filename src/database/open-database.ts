import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type ClientBase } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { StartFault } from '../config/start-fault.js';
import { AccountRow } from './account-row.js';
import { FirstHouse1700000000000 } from './migrations/1700000000000-first-house.js';
import { AccountMemory1700000000001 } from './migrations/1700000000001-account-memory.js';
import { ConnectedAccounts1700000010000 } from './migrations/1700000010000-connected-accounts.js';
import { Later1700000030000 } from './migrations/1700000030000-later.js';
import { Callbacks1700000031000 } from './migrations/1700000031000-callbacks.js';
import { LimitStates1700000020000 } from './migrations/1700000020000-limit-states.js';
import { AuditEvents1700000040000 } from './migrations/1700000040000-audit-events.js';
import { UnfinishedRenewals1700000040001 } from './migrations/1700000040001-unfinished-renewals.js';
import { Flags1700000050000 } from './migrations/1700000050000-flags.js';
import { Callers1700000050010 } from './migrations/1700000050010-callers.js';
import { Owners1700000050020 } from './migrations/1700000050020-owners.js';
import { AuditSearch1700000050030 } from './migrations/1700000050030-audit-search.js';
import { AuditDepths1700000050080 } from './migrations/1700000050080-audit-depths.js';
import { CredentialReferences1700000060000 } from './migrations/1700000060000-credential-references.js';
import { AccountChanges1700000070000 } from './migrations/1700000070000-account-changes.js';
import { RunningActions1700000071000 } from './migrations/1700000071000-running-actions.js';
import { CallerIdentities1700000080000 } from './migrations/1700000080000-caller-identities.js';
import { MediaJobs1700000062000 } from './migrations/1700000062000-media-jobs.js';
import { StartRecords1700000081000 } from './migrations/1700000081000-start-records.js';
import { DATABASE_TIME, databaseClock } from '../config/database-clock.js';
import { SandboxRevocations1700000091000 } from './migrations/1700000091000-sandbox-revocations.js';
import { UnlistedStarts1700000100000 } from './migrations/1700000100000-unlisted-starts.js';
import { ListUnlisted1700000100001 } from './migrations/1700000100001-list-unlisted.js';
import { AddressRests1700000100003 } from './migrations/1700000100003-address-rests.js';
import { AccountRecords1700000115000 } from './migrations/1700000115000-account-records.js';
import { ClaimGates1700000110000 } from './migrations/1700000110000-claim-gates.js';
import { ActionChanges1700000121000 } from './migrations/1700000121000-action-changes.js';
import { ConnectLinks1700000133000 } from './migrations/1700000133000-connect-links.js';
import { CallerPolicies1700000140000 } from './migrations/1700000140000-caller-policies.js';
import { FlagVersions1700000132000 } from './migrations/1700000132000-flag-versions.js';
import { PausedLines1700000131000 } from './migrations/1700000131000-paused-lines.js';
import { KeptEnvelopes1700000130000 } from './migrations/1700000130000-kept-envelopes.js';
import { Sessions1700000120000 } from './migrations/1700000120000-sessions.js';
import { RefreshBackoff1700000100002 } from './migrations/1700000100002-refresh-backoff.js';
import { UnverifiedAccounts1700000090000 } from './migrations/1700000090000-unverified-accounts.js';
import { makePartitions } from './partitions.js';
import { describeConnectFault, describeDatabaseFault, isHopeless } from './open-fault.js';
import { PooledDataSource } from './pooled-data-source.js';
import { requireSession } from './require-session.js';

export interface DatabaseOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly sandbox: boolean;
  readonly log: (line: string) => void;
}

/** In the order of their time; what is here stays as it is, and newer ones are added. */
export const MIGRATIONS = [
  FirstHouse1700000000000,
  AccountMemory1700000000001,
  ConnectedAccounts1700000010000,
  LimitStates1700000020000,
  Later1700000030000,
  Callbacks1700000031000,
  AuditEvents1700000040000,
  UnfinishedRenewals1700000040001,
  Flags1700000050000,
  Callers1700000050010,
  Owners1700000050020,
  AuditSearch1700000050030,
  AuditDepths1700000050080,
  CredentialReferences1700000060000,
  MediaJobs1700000062000,
  AccountChanges1700000070000,
  RunningActions1700000071000,
  CallerIdentities1700000080000,
  StartRecords1700000081000,
  UnverifiedAccounts1700000090000,
  SandboxRevocations1700000091000,
  UnlistedStarts1700000100000,
  ListUnlisted1700000100001,
  RefreshBackoff1700000100002,
  AddressRests1700000100003,
  ClaimGates1700000110000,
  AccountRecords1700000115000,
  Sessions1700000120000,
  ActionChanges1700000121000,
  KeptEnvelopes1700000130000,
  PausedLines1700000131000,
  FlagVersions1700000132000,
  ConnectLinks1700000133000,
  CallerPolicies1700000140000,
] as const;

/** Any constant of ours will do, as long as every version of the gateway takes the same. */
const MIGRATION_LOCK = 7_215_034_911;
const WAIT_FOR_DATABASE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 3_000;
const APPLICATION = 'action-gateway';
const CONNECTION = {
  // A server that hangs must not hold callers beyond their time.
  query_timeout: 10_000,
  keepAlive: true,
};
/**
 * A statement ends at the server before it is given up here: nothing is committed after its caller was
 * told. Set by a statement, since poolers refuse it as a parameter of the connection.
 */
const END_STATEMENTS = 'SET statement_timeout = 9000';
/** Replicas of this release list what they begin; for others a trigger of the log does it. */
const LIST_RUNNING = 'SET action_gateway.lists_running = on';
const SESSION = `${END_STATEMENTS}; ${LIST_RUNNING}`;
/** Connections for prepared statements; they stay, since each has to plan them. */
const PREPARED = { max: 4, idleTimeoutMillis: 0 };
/** A plan that is made once must not go through a table from end to end because that was empty then. */
const PLAN_ONCE = 'SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off';

/**
 * Connects, migrates and checks the stamp. One replica migrates while others wait at an advisory lock.
 * @throws StartFault when the database stays away or is of the wrong kind.
 */
export async function openDatabase(options: DatabaseOptions): Promise<PooledDataSource> {
  const { url, poolMax } = options;
  const reportEnd = (error: Error): void =>
    options.log(`a database connection ended: ${error.message}`);
  const source: DataSourceOptions = {
    type: 'postgres',
    url,
    entities: [AccountRow],
    migrations: [...MIGRATIONS],
    migrationsTransactionMode: 'each',
    applicationName: APPLICATION,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    extra: {
      ...CONNECTION,
      max: poolMax,
      onConnect: (client: ClientBase) => client.query(SESSION),
    },
    poolErrorHandler: reportEnd,
  };
  const prepared = {
    ...CONNECTION,
    ...PREPARED,
    connectionString: url,
    application_name: APPLICATION,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    onConnect: (client: ClientBase) => client.query(`${PLAN_ONCE}; ${SESSION}`),
  };
  const dataSource = new PooledDataSource(source, prepared, reportEnd);
  const lock = await connectPatiently(options);
  try {
    await requireSession(url);
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.initialize();
    await readClock(dataSource);
    await migrate(source);
    await checkStamp(dataSource, options.sandbox ? 'sandbox' : 'real');
    await makePartitions(dataSource, new Date(databaseClock.now()));
    return dataSource;
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw describeDatabaseFault(error);
  } finally {
    await lock.end();
  }
}

async function readClock(dataSource: DataSource): Promise<void> {
  const askedAt = performance.now();
  const [row] = await dataSource.query<{ time: number }[]>(`SELECT ${DATABASE_TIME} AS time`);
  if (row) databaseClock.adjust(row.time, askedAt);
}

/** Migrations may take as long as they need: an index of a long log takes minutes. */
async function migrate(source: DataSourceOptions): Promise<void> {
  const migrating = new DataSource({ ...source, extra: { max: 1 } } as DataSourceOptions);
  await migrating.initialize();
  try {
    await migrating.runMigrations();
  } finally {
    await migrating.destroy();
  }
}

/** At a first start of everything at once, the gateway may be faster than its database. */
async function connectPatiently({ url, log }: DatabaseOptions): Promise<Client> {
  const giveUpAt = Date.now() + WAIT_FOR_DATABASE_MS;
  for (let attempt = 1; ; attempt += 1) {
    const client = openClient(url);
    client.on('error', (error) => log(`a database connection ended: ${error.message}`));
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const reason = (error as Error).message || String((error as NodeJS.ErrnoException).code);
      if (isHopeless(error) || Date.now() > giveUpAt) {
        throw describeConnectFault(error, reason);
      }
      log(`waiting for PostgreSQL (attempt ${attempt}): ${reason}`);
      await sleep(Math.min(2_000, 100 * 2 ** attempt));
    }
  }
}

/** @throws StartFault for certificates named in the URL that cannot be used */
function openClient(url: string): Client {
  try {
    return new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  } catch (error) {
    throw describeConnectFault(error, (error as Error).message);
  }
}

/** A database belongs to the sandbox or to the real platforms for as long as it lives. */
async function checkStamp(dataSource: DataSource, kind: 'real' | 'sandbox'): Promise<void> {
  await dataSource.query('INSERT INTO stamp (kind) VALUES ($1) ON CONFLICT DO NOTHING', [kind]);
  const [stamp] = await dataSource.query<{ kind: string }[]>('SELECT kind FROM stamp');
  if (stamp?.kind === kind) return;
  throw new StartFault(
    kind === 'sandbox'
      ? 'This database belongs to the real platforms and must not meet the sandbox. Set SANDBOX=false, or use another DATABASE_URL or DATA_DIR'
      : 'This database belongs to the sandbox and must not meet the real platforms. Set SANDBOX=true, or use another DATABASE_URL or DATA_DIR',
  );
}
