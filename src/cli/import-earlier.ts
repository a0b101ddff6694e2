import 'reflect-metadata';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import {
  type ForeignRow,
  importTokens,
  noteImport,
  readForeignToken,
  readTime,
  type Run,
  TOKEN_TABLES,
} from '../accounts/token-import.js';
import { HISTORY_TABLE, importHistory } from '../journal/history-import.js';
import { findDatabaseUrlFault } from '../config/database-url.js';
import { CommandError, runOnDatabase } from './command.js';
import { importCredentials } from './import-credentials.js';
import { ImportReport } from './import-report.js';
import { type ForeignToken, ImportedAccounts } from './imported-accounts.js';
import { requireKeys } from '../database/key-canaries.js';
import { Vault } from '../database/vault.js';
import { readCatalogue } from './generated-files.js';
import { SEALED_COLUMNS } from '../sealed-columns.js';
import { readOptions } from '../start/read-options.js';

const USAGE = `Takes over what earlier services kept: tokens of YouTube and Twitch, the history of Discord, credentials.

  npm run import -- --from postgresql://user:password@host:5432/database [--dry-run]
  npm run import -- --credentials cp_platform_credentials.jsonl [--dry-run]

  --from URL          their database; it is only read
  --credentials FILE  the file of the credential service, with CP_PLATFORM_CREDENTIALS_SECRET in the environment
  --dry-run           say what would be taken over and what will work, and take nothing
  --skip-check        do not ask the platforms about what is taken over
  --renew             renew access tokens that are over; the earlier service can no longer use its copy then
`;
const ROWS_AT_A_TIME = 500;
const ASKED_AT_A_TIME = 4;
/** As a shell tells of a program that Ctrl+C has ended. */
const STOPPED = 130;

/** What is done with the rows of a table. */
interface Taking {
  readonly table: string;
  /** Takes one row: why it was left out, or undefined when it was taken. */
  take(run: Run, row: ForeignRow): Promise<string | undefined>;
  /** Notes how many rows were taken, in their transaction. */
  note?(run: Run, count: number): Promise<void>;
}

interface Count {
  found: number;
  imported: number;
  readonly skipped: Map<string, number>;
}

const { values: options } = readOptions(
  {
    options: {
      from: { type: 'string' },
      credentials: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      'skip-check': { type: 'boolean', default: false },
      renew: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  },
  USAGE,
);
const { from, credentials, 'dry-run': isDryRun, renew: mayRenew } = options;
if (options.help || (from === undefined && credentials === undefined)) {
  process.stdout.write(USAGE);
  process.exit(options.help ? 0 : 2);
}

const report = new ImportReport();
const say = (line: string): void => report.say(line);

await runOnDatabase(async (dataSource, config) => {
  const vault = new Vault(config.encryptionKeys);
  // Nothing must be encrypted with a key that the gateways do not have.
  await requireKeys(dataSource, vault, SEALED_COLUMNS);
  const accounts = await ImportedAccounts.open(config, dataSource, vault);
  if (from !== undefined) await importDatabase(from, dataSource, vault, accounts);
  if (credentials !== undefined && !report.isStopped)
    await importCredentials(credentials, accounts, report, { isDryRun, mayRenew });
  if (isDryRun) say('This was a dry run: nothing was taken over.');
  if (!report.isStopped) return;
  say('It was stopped: what was taken over stays. Start it again to go on.');
  process.exitCode = STOPPED;
});

async function importDatabase(
  url: string,
  dataSource: DataSource,
  vault: Vault,
  accounts: ImportedAccounts,
): Promise<void> {
  const catalogue = await readCatalogue();
  const platforms = new Set(catalogue.map(({ platform }) => platform));
  const bot = catalogue.find(({ platform }) => platform === 'discord')?.default_account ?? '';
  const source = await openSource(url);
  const taken: TakenAccount[] = [];
  try {
    for (const table of TOKEN_TABLES) {
      await importTable(source, dataSource, {
        table: table.name,
        async take(run, row) {
          if (!platforms.has(table.platform))
            return `this gateway has no platform ${table.platform}`;
          const reason = await importTokens(run, vault, table, row);
          const token = reason === undefined ? readForeignToken(table, row) : undefined;
          if (token) taken.push({ platform: table.platform, token });
          return reason;
        },
        note: (run, count) => noteImport(run, table, count),
      });
    }
    await importTable(source, dataSource, {
      table: HISTORY_TABLE,
      take: (run, row) =>
        importHistory(run, row, { account: bot, at: readTime(row['created_at']) }),
    });
  } finally {
    await source.end();
  }
  if (!options['skip-check']) await checkAccounts(taken, accounts);
}

interface TakenAccount {
  readonly platform: string;
  readonly token: ForeignToken;
}

/** Asks the platforms about what was taken over, several at a time, and tells what will work. */
async function checkAccounts(
  taken: readonly TakenAccount[],
  accounts: ImportedAccounts,
): Promise<void> {
  const queue = taken.entries();
  let asked = 0;
  const work = async (): Promise<void> => {
    for (const [, { platform: name, token }] of queue) {
      if (report.isStopped) return;
      const platform = accounts.find(name);
      if (!platform) continue;
      const { accountId } = token;
      const told = isDryRun
        ? await accounts.rehearse(platform, token)
        : await accounts.check(platform, accountId, mayRenew);
      say(`${name} ${accountId}: ${told}`);
      asked += 1;
      report.noteProgress(`asked about ${asked} of ${taken.length} accounts`);
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, work));
}

/** The other database in one read-only transaction: what is seen is of one moment, and stays as it is. */
async function openSource(url: string): Promise<Client> {
  const fault = findDatabaseUrlFault(url);
  if (fault !== undefined) throw new CommandError(`The database given with --from ${fault}`);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    // Times of day without a zone are read as they stand.
    await client.query("SET LOCAL TIME ZONE 'UTC'");
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    // The address holds a password, so it is not repeated.
    throw new CommandError(
      `The database given with --from cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Takes a table over in portions, each in a transaction of its own, and prints what came of it. */
async function importTable(source: Client, target: DataSource, taking: Taking): Promise<void> {
  const { table } = taking;
  const exists = await source.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [table]);
  if (exists.rows.length === 0) {
    say(`${table}: there is no such table`);
    return;
  }
  const count: Count = { found: 0, imported: 0, skipped: new Map() };
  const counted = await source.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  const total = counted.rows[0]?.count ?? '0';
  let after: unknown = null;
  while (!report.isStopped) {
    // As JSON, since the columns differ between versions of the earlier services.
    const { rows } = await source.query<{ id: string; row: ForeignRow }>(
      `SELECT t.id::text AS id, to_jsonb(t) AS row FROM ${table} t
       WHERE $1::bigint IS NULL OR t.id > $1::bigint ORDER BY t.id LIMIT ${ROWS_AT_A_TIME}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) break;
    after = last.id;
    await importPortion(
      target,
      rows.map(({ row }) => row),
      taking,
      count,
    );
    report.noteProgress(`${table}: ${count.found} of ${total} rows`);
  }
  const taken = isDryRun ? 'would be imported' : 'imported';
  const skipped = [...count.skipped].map(([reason, times]) => `; skipped ${times}: ${reason}`);
  say(`${table}: found ${count.found}, ${taken} ${count.imported}${skipped.join('')}`);
}

async function importPortion(
  target: DataSource,
  rows: readonly ForeignRow[],
  { take, note }: Taking,
  count: Count,
): Promise<void> {
  const runner = target.createQueryRunner();
  const run: Run = async (text, values) => runner.query(text, [...values]);
  const before = count.imported;
  await runner.startTransaction();
  try {
    for (const row of rows) {
      const reason = await take(run, row);
      count.found += 1;
      if (reason === undefined) count.imported += 1;
      else count.skipped.set(reason, (count.skipped.get(reason) ?? 0) + 1);
    }
    if (count.imported > before) await note?.(run, count.imported - before);
    await (isDryRun ? runner.rollbackTransaction() : runner.commitTransaction());
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
