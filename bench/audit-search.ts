import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ActionFilter, ActionSearch, buildSearch } from '#gateway/journal/action-search.js';
import { Caller } from '#gateway/callers/caller.js';
import type { CallerNames } from '#gateway/callers/callers.js';
import { Database } from '#gateway/database/database.js';
import { startEmbeddedPostgres } from '#gateway/database/embedded-postgres.js';
import { openDatabase } from '#gateway/database/open-database.js';
import { DAYS, fillAuditLog } from './audit-rows.js';

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
const OPERATOR = new Caller({
  kind: 'service',
  id: 'bench',
  permissions: new Set(['read_audit']),
});
/** The rows of the bench are of callers that say their own names. */
const NAMES: CallerNames = {
  nameOf: (identity) => identity,
  identityOf: (id) => id,
  listIdsNamed: () => [],
};
const TENANT = new Caller({ ...OPERATOR, owner: 'tenant-3' });
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
  if (await isEmpty(database)) {
    const seconds = ((await fillAuditLog(database, rows)) / 1_000).toFixed(0);
    process.stdout.write(`${rows} rows of ${DAYS} days, made in ${seconds} s\n`);
  }
  const search = new ActionSearch(database, NAMES);
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
      const { text, values } = buildSearch(caller, filter, {
        limit: 101,
        asked: filter.caller_id === undefined ? undefined : { ids: [filter.caller_id] },
      });
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
