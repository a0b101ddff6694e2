import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartFault } from '../config/start-fault.js';

/** As server_version_num has it. */
const OLDEST_VERSION = 140_000;
const PROBE_CHANNEL = 'gateway_start_probe';
const ANSWER_WITHIN_MS = 10_000;
const POOLER =
  'a pooler in transaction mode is in the way, and the gateway needs sessions (prepared statements, advisory locks, LISTEN): name PostgreSQL itself, or a pooler in session mode';

/**
 * Sees that a database can be what the gateway needs: PostgreSQL of a version that has what it uses, that
 * can be written to, by a role that may make tables, in sessions that last.
 * @throws StartFault naming DATABASE_URL, and what to change
 */
export async function requireSession(url: string): Promise<void> {
  const [session, other] = [openClient(url), openClient(url)];
  try {
    await session.connect();
    await other.connect();
    await requireServer(session);
    await requireSameSession(session, other);
    await requireNotifications(session, other);
  } catch (error) {
    throw describeSessionFault(error);
  } finally {
    await Promise.all([session, other].map((client) => client.end().catch(() => undefined)));
  }
}

function openClient(connectionString: string): Client {
  const client = new Client({
    connectionString,
    application_name: 'action-gateway start',
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  client.on('error', () => undefined);
  return client;
}

/** What is wrong with a server, by its own words; undefined when nothing is. */
export function findServerFault(server: {
  readonly version: number;
  readonly read_only: boolean;
  readonly schema: string | null;
  readonly may_create: boolean | null;
}): string | undefined {
  if (server.version < OLDEST_VERSION)
    return `this is PostgreSQL ${Math.floor(server.version / 10_000)}, and the gateway needs ${OLDEST_VERSION / 10_000} or newer: upgrade it, or name another server`;
  if (server.read_only)
    return 'the database can only be read (a standby, or default_transaction_read_only): name the primary';
  if (server.schema === null)
    return 'no schema of the search_path exists: create one for the role, or set its search_path';
  if (server.may_create !== true)
    return `the role may not make tables in the schema "${server.schema}": run GRANT CREATE ON SCHEMA "${server.schema}" TO that role, or name the owner of the database`;
  return undefined;
}

async function requireServer(client: Client): Promise<void> {
  const { rows } = await client.query<Parameters<typeof findServerFault>[0]>(`
    SELECT current_setting('server_version_num')::int AS version,
      (pg_is_in_recovery() OR current_setting('transaction_read_only')::bool) AS read_only,
      current_schema() AS schema,
      has_schema_privilege(current_schema(), 'CREATE') AS may_create`);
  const [server] = rows;
  const fault = server && findServerFault(server);
  if (fault !== undefined) throw new StartFault(`DATABASE_URL: ${fault}`);
}

/**
 * Uses one connection while another is in a transaction. A pooler in transaction mode hands the session's
 * server connection to the other, and the session continues on a second one, which does not have its state.
 */
async function requireSameSession(session: Client, other: Client): Promise<void> {
  const readProcess = async (): Promise<number | undefined> =>
    (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
  const before = await readProcess();
  const prepared = { name: 'gateway_start_probe', text: 'SELECT 1' };
  await session.query(prepared);
  await session.query("SELECT set_config('application_name', 'action-gateway probe', false)");
  await other.query('BEGIN');
  try {
    await other.query('SELECT 1');
    const after = await readProcess();
    await session.query(prepared);
    const { rows } = await session.query<{ name: string }>(
      "SELECT current_setting('application_name') AS name",
    );
    if (after !== before || rows[0]?.name !== 'action-gateway probe')
      throw new StartFault(`DATABASE_URL: ${POOLER}`);
  } finally {
    await other.query('COMMIT');
  }
}

async function requireNotifications(session: Client, other: Client): Promise<void> {
  await session.query(`LISTEN ${PROBE_CHANNEL}`);
  const told = once(session, 'notification');
  // A connection that ends meanwhile is told by its query.
  told.catch(() => undefined);
  await other.query(`NOTIFY ${PROBE_CHANNEL}`);
  const overdue = new AbortController();
  const isTold = await Promise.race([
    told.then(() => true),
    sleep(ANSWER_WITHIN_MS, false, { signal: overdue.signal }).catch(() => false),
  ]);
  overdue.abort();
  if (!isTold) throw new StartFault(`DATABASE_URL: notifications do not arrive: ${POOLER}`);
}

/** What poolers say where they do not offer what a session has; any other fault as it is. */
function describeSessionFault(error: unknown): unknown {
  if (error instanceof StartFault) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const isPooler =
    // Of a prepared statement that another session has, or that this one has lost.
    code === '26000' ||
    code === '42P05' ||
    /pool(er|ing)|pgbouncer|Query read timeout/i.test(message);
  return isPooler
    ? new StartFault(`DATABASE_URL: ${POOLER} (${message})`, { cause: error })
    : error;
}
