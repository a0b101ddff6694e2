import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { CHANGES } from '../../cluster/change-feed.js';
import { Database } from '../../database/database.js';
import { type BucketState, type Change, countsUntil, Ledger } from './ledger.js';

/** A stored bucket, for people. */
export interface StoredBucket {
  readonly bucket: string;
  readonly account: string;
  readonly state: BucketState;
}

interface StateRow {
  readonly bucket: string;
  readonly account_id: string;
  readonly state: BucketState | null;
}

/** By this word it is told that what was taken ahead of a row is called in. */
export const LIMIT_STATES = 'limit_states';
/** A replica that dies within a decision must not block the others. */
const LONGEST_IDLE = '3s';
const LONGEST_WAIT = '5s';
const MOST_LISTED = 1_000;

/** Buckets in PostgreSQL: locked, decided about and written back, in one short transaction. */
@Injectable()
export class LimitStates {
  constructor(private readonly database: Database) {}

  /**
   * Decides about rows that are locked meanwhile, at the time of the database. Two trips:
   * the first locks and reads, the second writes and commits.
   * @param decide may run more than once; what it throws is thrown on, and nothing is written then
   * @param isDurable whether what was decided must survive a crash of the database
   * @throws RowNotLoaded when a decision needs a row that was not asked for
   */
  async change<T>(
    rows: readonly string[],
    isDurable: boolean,
    decide: (ledger: Ledger) => T,
  ): Promise<T> {
    const names = [...new Set(rows)].toSorted();
    const end = await this.database.connect((client) => transact(client, names, isDurable, decide));
    if ('thrown' in end) throw end.thrown;
    return end.decided;
  }

  /** Looks at rows without changing anything. */
  async look<T>(rows: readonly string[], see: (ledger: Ledger) => T): Promise<T> {
    const found = await this.database.query<StateRow & { now: number }>(
      `SELECT asked.bucket, s.account_id, s.state, ${CLOCK} AS now
       FROM unnest($1::text[]) AS asked(bucket) LEFT JOIN limit_states s USING (bucket)`,
      [[...new Set(rows)]],
    );
    const states = found.map(({ bucket, state }) => [bucket, state ?? undefined] as const);
    return see(new Ledger(new Map(states), Math.floor(found[0]?.now ?? 0)));
  }

  /** Buckets by their names, of one platform or account where one is given. */
  async list(of: {
    readonly platform?: string;
    readonly account?: string;
  }): Promise<{ now: number; buckets: StoredBucket[] }> {
    const [{ now } = { now: 0 }] = await this.database.query<{ now: number }>(
      `SELECT ${CLOCK} AS now`,
    );
    const rows = await this.database.search<StateRow>(
      `SELECT bucket, account_id, state FROM limit_states
       WHERE state IS NOT NULL AND expires_at > now()
         AND ($1::text IS NULL OR split_part(bucket, ':', 1) = $1)
         AND ($2::text IS NULL OR account_id = $2)
       ORDER BY bucket LIMIT ${MOST_LISTED}`,
      [of.platform ?? null, of.account ?? null],
    );
    return {
      now: Math.floor(now),
      buckets: rows.flatMap(({ bucket, account_id, state }) =>
        state ? [{ bucket, account: account_id, state }] : [],
      ),
    };
  }
}

/** What a decision came to; what it threw is no fault of the connection. */
type Decided<T> = { readonly decided: T } | { readonly thrown: unknown };

async function transact<T>(
  client: pg.PoolClient,
  rows: readonly string[],
  isDurable: boolean,
  decide: (ledger: Ledger) => T,
): Promise<Decided<T>> {
  if (!prepared.has(client)) {
    await client.query(PREPARED);
    prepared.add(client);
  }
  let ledger: Ledger | undefined;
  while (ledger === undefined) ledger = await lock(client, rows, isDurable);
  let decided: T;
  try {
    decided = decide(ledger);
  } catch (error) {
    await client.query('ROLLBACK');
    return { thrown: error };
  }
  const { changes, calledIn, now } = ledger;
  await client.query(`${writeChanges(client, changes, now)}${tell(client, calledIn)}COMMIT`);
  return { decided };
}

/**
 * What every round asks, planned once for each connection: planning took longer than the rest. A plan is
 * kept for the table as it was when the plan was made, so it never goes through all of it.
 */
const PREPARED = `
  PREPARE lock_limits (text[]) AS
    SELECT bucket, state FROM limit_states WHERE bucket = ANY($1) ORDER BY bucket FOR UPDATE;
  PREPARE write_limits (json) AS
    UPDATE limit_states s SET kind = c.kind, state = c.state, expires_at = c.expires_at,
      account_id = CASE WHEN c.account_id = '' THEN s.account_id ELSE c.account_id END
    FROM json_to_recordset($1) AS c
      (bucket text, kind text, account_id text, state json, expires_at timestamptz)
    WHERE s.bucket = c.bucket;`;
/** Connections on which these are prepared. */
const prepared = new WeakSet<pg.PoolClient>();

const CLOCK = '(extract(epoch FROM clock_timestamp()) * 1000)::float8';

/**
 * Locks rows in the order of their names, so that two replicas never wait for each other, and reads
 * the clock behind the locks, so that it never goes back from one decision to the next.
 * @returns undefined, with the transaction ended, when rows were not there; now they should be
 */
async function lock(
  client: pg.PoolClient,
  rows: readonly string[],
  isDurable: boolean,
): Promise<Ledger | undefined> {
  const names = `ARRAY[${rows.map((row) => quote(client, row)).join(',')}]::text[]`;
  const results = (await client.query(`
    BEGIN;
    SET LOCAL synchronous_commit = ${isDurable ? 'on' : 'off'};
    SET LOCAL idle_in_transaction_session_timeout = '${LONGEST_IDLE}';
    SET LOCAL lock_timeout = '${LONGEST_WAIT}';
    SET LOCAL plan_cache_mode = force_generic_plan;
    SET LOCAL enable_seqscan = off;
    EXECUTE lock_limits (${names});
    SELECT ${CLOCK} AS now;
  `)) as unknown as pg.QueryResult[];
  const found = (results.at(-2)?.rows ?? []) as Pick<StateRow, 'bucket' | 'state'>[];
  const [{ now } = { now: 0 }] = (results.at(-1)?.rows ?? []) as { now: number }[];
  if (found.length < rows.length) {
    // The locks go first: rows are made, as they are locked, in the order of their names.
    await client.query(`
      ROLLBACK;
      INSERT INTO limit_states (bucket) SELECT name FROM unnest(${names}) AS name
        ORDER BY name COLLATE "C" ON CONFLICT DO NOTHING;
    `);
    return undefined;
  }
  const states = found.map(({ bucket, state }) => [bucket, state ?? undefined] as const);
  return new Ledger(new Map(states), Math.floor(now));
}

function writeChanges(client: pg.PoolClient, changes: readonly Change[], now: number): string {
  if (changes.length === 0) return '';
  const rows = changes.map(({ row, state, account }) => ({
    bucket: row,
    kind: state.kind,
    account_id: account,
    state,
    expires_at: new Date(countsUntil(state, now)).toISOString(),
  }));
  return `EXECUTE write_limits (${quote(client, JSON.stringify(rows))});`;
}

/** Tells every replica, with the commit, to give back what it has taken ahead of some rows. */
function tell(client: pg.PoolClient, rows: readonly string[]): string {
  return rows
    .map((row) => `SELECT pg_notify('${CHANGES}', ${quote(client, `${LIMIT_STATES}:${row}`)});`)
    .join('');
}

/** A literal; the driver escapes letter by letter, which is for texts that need it. */
function quote(client: pg.PoolClient, text: string): string {
  return text.includes("'") || text.includes('\\') ? client.escapeLiteral(text) : `'${text}'`;
}
