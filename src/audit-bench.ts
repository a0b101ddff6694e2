import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ActionFilter, ActionSearch, buildSearch } from './audit/action-search.js';
import { Database } from './database/database.js';
import { startEmbeddedPostgres } from './database/embedded-postgres.js';
import { lowestIdAt } from './database/partitions.js';
import { openDatabase } from './database/open-database.js';

const USAGE = `Measures the search of the audit log on a log made up for it, in a database of its own.

  npm run audit:bench -- [--rows 1000000] [--url postgresql://…] [--explain]

  --url      an empty database to fill, or one that was filled before; left out, an embedded one that
             is gone at the end
  --explain  show the plan of each search
`;

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    url: { type: 'string' },
    explain: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
if (options.help || !Number.isInteger(rows) || rows < 1) {
  process.stdout.write(USAGE);
  process.exit(options.help ? 0 : 2);
}

const TIMES = 40;
/** A search that is slow needs no forty times to show it. */
const LONGEST_MS = 10_000;
const ROWS_AT_A_TIME = 100_000;
const DAYS = 60;
const OPERATOR = { id: 'bench', permissions: new Set(['read_audit']) };
const TENANT = { ...OPERATOR, owner: 'tenant-3' };
const day = (ago: number): Date => new Date(Date.now() - ago * 86_400_000);

const SEARCHES: readonly (readonly [string, ActionFilter, typeof OPERATOR])[] = [
  ['the newest', {}, OPERATOR],
  ['an account', { account_id: '77' }, OPERATOR],
  [
    'an account, type and status',
    { account_id: '77', action_type: 'ban', status: 'REFUSED' },
    OPERATOR,
  ],
  ['a caller', { caller_id: 'caller-5' }, OPERATOR],
  ['a day of a month ago', { from: day(31), to: day(30) }, OPERATOR],
  ['a status', { status: 'UNKNOWN' }, OPERATOR],
  ['a failure code', { failure_code: 'RATE_LIMITED' }, OPERATOR],
  ['a failure code that nothing has', { failure_code: 'KEY_REUSED' }, OPERATOR],
  ['a text in errors', { text: 'TOO MANY' }, OPERATOR],
  ['a text that few have', { text: 'ODD about' }, OPERATOR],
  ['a text that is in none', { text: 'no such words' }, OPERATOR],
  ['a request', { request_id: 'request-4711' }, OPERATOR],
  ['an actor in an account', { account_id: '77', actor_id: '9' }, OPERATOR],
  ['an actor', { actor_id: '9' }, OPERATOR],
  ['an actor that nobody is', { actor_id: 'nobody' }, OPERATOR],
  ['a platform', { platform: 'youtube' }, OPERATOR],
  ['a platform that nobody uses', { platform: 'nowhere' }, OPERATOR],
  ['an effect that nothing had', { effect: 'delete' }, OPERATOR],
  ['a tenant', {}, TENANT],
  ['a platform of a tenant', { platform: 'discord' }, TENANT],
];

const folder = await mkdtemp(join(tmpdir(), 'audit-bench-'));
const own =
  options.url === undefined ? await startEmbeddedPostgres({ dataDir: folder }) : undefined;
const dataSource = await openDatabase({
  url: options.url ?? own?.url ?? '',
  poolMax: 4,
  sandbox: true,
  log: () => undefined,
});
try {
  const database = new Database(dataSource);
  if (await isEmpty(database)) await fill(database);
  const search = new ActionSearch(database);
  for (const [name, filter, caller] of SEARCHES) {
    const times: number[] = [];
    const began = performance.now();
    for (let time = 0; time < TIMES && performance.now() - began < LONGEST_MS; time += 1) {
      const since = performance.now();
      await search.find(caller, filter, { limit: 101 });
      times.push(performance.now() - since);
    }
    times.sort((one, other) => one - other);
    const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
    process.stdout.write(`${name.padEnd(36)} p50 ${at(0.5)} ms  p95 ${at(0.95)} ms\n`);
    if (options.explain) {
      const { text, values } = buildSearch(caller, filter, { limit: 101 });
      const plan = await database.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) ${text}`,
        values,
      );
      for (const line of plan) process.stdout.write(`    ${line['QUERY PLAN']}\n`);
    }
  }
} finally {
  await dataSource.destroy();
  await own?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function isEmpty(database: Database): Promise<boolean> {
  const found = await database.query('SELECT 1 FROM actions LIMIT 1');
  return found.length === 0;
}

/** Rows of two months, a twentieth of which failed. Indexes are made at the end, in a tenth of the time. */
async function fill(database: Database): Promise<void> {
  const since = performance.now();
  // Of the months before this one there are no partitions yet.
  for (let ago = 1; ago <= 2; ago += 1) await makePartitionOf(database, ago);
  const indexes = await dropIndexes(database);
  for (let done = 0; done < rows; done += ROWS_AT_A_TIME) {
    await database.connect((client) =>
      client.query({
        text: `INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, message,
           error, failure, parameters, result, caller_id, owner, door, request_id, attempts, sandbox,
           received_at, started_at, finished_at)
         SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' ||
             substr(md5(n::text), 1, 3) || 'a' || substr(md5(n::text), 4, 15))::uuid,
           (ARRAY['twitch', 'youtube', 'discord'])[1 + n % 3],
           (ARRAY['chat_message', 'ban', 'timeout', 'send_message', 'update_title'])[1 + n % 5],
           (n % 1000)::text, (n % 50)::text, 'create', status, 'Action', error, failure,
           '{"message":"[redacted, 12 characters]"}', '{"message_id":"m"}', 'caller-' || n % 20,
           CASE WHEN n % 2 = 0 THEN 'tenant-' || n % 10 ELSE '' END, 'grpc', 'request-' || n, 1, true,
           at, at, at
         FROM (
           SELECT n, now() - (n::float8 / $2) * $3 * interval '1 day' AS at,
             CASE WHEN n % 20 > 0 THEN 'SUCCEEDED' WHEN n % 2000 = 0 THEN 'UNKNOWN' ELSE 'REFUSED' END AS status,
             CASE WHEN n % 20 > 0 THEN ''
               WHEN n % 60 = 0 THEN 'Too many messages'
               WHEN n % 100000 = 20 THEN 'Something odd about number ' || n ELSE 'No such user' END AS error,
             CASE WHEN n % 20 > 0 THEN NULL WHEN n % 60 = 0
               THEN '{"code":"RATE_LIMITED","retryable":true}'::json
               ELSE '{"code":"REFUSED","retryable":false}'::json END AS failure
           FROM generate_series($1::bigint, $1::bigint + $4::bigint - 1) n
         ) made`,
        values: [done, rows, DAYS, Math.min(ROWS_AT_A_TIME, rows - done)],
        query_timeout: 600_000,
      } as object as { text: string; values: unknown[] }),
    );
  }
  for (const statement of [...indexes, 'VACUUM ANALYZE actions']) {
    await database.connect(async (client) => {
      await client.query("SET maintenance_work_mem = '512MB'");
      await client.query({ text: statement, query_timeout: 3_600_000 } as { text: string });
    });
  }
  const seconds = ((performance.now() - since) / 1_000).toFixed(0);
  process.stdout.write(`${rows} rows of ${DAYS} days, made in ${seconds} s\n`);
}

/** Drops all indexes of the log but its key. @returns the statements that make them again */
async function dropIndexes(database: Database): Promise<string[]> {
  const found = await database.query<{ name: string; definition: string }>(
    `SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index
     WHERE indrelid = 'actions'::regclass AND NOT indisprimary`,
  );
  for (const { name } of found) await database.change(`DROP INDEX ${name}`);
  return found.map(({ definition }) => definition.replace(' ON ONLY ', ' ON '));
}

async function makePartitionOf(database: Database, ago: number): Promise<void> {
  const now = new Date();
  const month = (more: number): Date =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago + more, 1));
  const name = `actions_${month(0).toISOString().slice(0, 7).replace('-', '_')}`;
  await database.change(
    `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF actions
     FOR VALUES FROM ('${lowestIdAt(month(0))}') TO ('${lowestIdAt(month(1))}')`,
  );
}
