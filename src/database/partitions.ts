import type { DataSource } from 'typeorm';

/** Lowest UUIDv7 of a moment: its first 48 bits are Unix milliseconds. */
export function lowestIdAt(moment: Date): string {
  const hex = moment.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

/** Any constant of ours will do, as long as every version of the gateway takes the same. */
const PARTITION_LOCK = 7_215_034_912;

/**
 * Makes the partitions of the action log for this month and the next two.
 * Safe to run from any number of replicas at once, and while they write.
 */
export async function makePartitions(dataSource: DataSource, now = new Date()): Promise<void> {
  for (let ahead = 0; ahead < 3; ahead += 1) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1));
    const name = `actions_${from.toISOString().slice(0, 7).replace('-', '_')}`;
    await makePartition(dataSource, name, lowestIdAt(from), lowestIdAt(to));
  }
}

async function makePartition(
  dataSource: DataSource,
  name: string,
  from: string,
  to: string,
): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const found: unknown[] = await manager.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [
      name,
    ]);
    if (found.length > 0) return;
    // Rows that came before their partition lie in the rest, beside which PostgreSQL makes none: they
    // move, and no row is written meanwhile.
    await manager.query(`
      LOCK TABLE actions IN SHARE ROW EXCLUSIVE MODE;
      CREATE TABLE ${name} (LIKE actions INCLUDING ALL) WITH (fillfactor = 50);
      WITH late AS (DELETE FROM actions_rest WHERE id >= '${from}' AND id < '${to}' RETURNING *)
      INSERT INTO ${name} SELECT * FROM late;
      ALTER TABLE actions ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}');
    `);
  });
}

/** Rows of `row` that are not over: they wait, run, or have a callback that is still to be told. */
const IS_NOT_OVER = `(row.status IN ('QUEUED', 'SCHEDULED', 'RUNNING') OR EXISTS (
  SELECT 1 FROM callbacks WHERE callbacks.action_id = row.id::text
    AND callbacks.state IN ('waiting', 'due')))`;
const ROWS_AT_A_TIME = 10_000;

/**
 * Forgets actions that were received before a moment: partitions that are wholly older are dropped, and
 * the rest is swept. What is not over stays, and keeps its partition. Of several months that are due, the
 * oldest alone is dropped.
 * @param isEarly a month was dropped a short while ago: none is dropped now
 * @returns the names of what was dropped, and how many months were due
 */
export async function forgetActions(
  dataSource: DataSource,
  before: Date,
  isEarly = false,
): Promise<{ readonly dropped: string[]; readonly due: number }> {
  const partitions: { name: string }[] = await dataSource.query(
    `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = 'actions'::regclass AND relname ~ '^actions_[0-9]{4}_[0-9]{2}$' ORDER BY 1`,
  );
  const dropped: string[] = [];
  const due = partitions.filter(({ name }) => findEnd(name) <= before);
  if (!isEarly)
    for (const { name } of due) {
      if (dropped.length > 0) break;
      if (await dropPartition(dataSource, name)) dropped.push(name);
    }
  for (;;) {
    const swept: [unknown[], number] = await dataSource.query(
      `DELETE FROM actions_rest WHERE ctid IN (
         SELECT row.ctid FROM actions_rest row WHERE row.received_at < $1 AND NOT ${IS_NOT_OVER}
         LIMIT ${ROWS_AT_A_TIME} FOR UPDATE OF row SKIP LOCKED)`,
      [before],
    );
    if (swept[1] < ROWS_AT_A_TIME) return { dropped, due: due.length };
  }
}

/** The first moment after the month of a partition. */
function findEnd(name: string): Date {
  const [, year, month] = /_(\d{4})_(\d{2})$/.exec(name) ?? [];
  return new Date(Date.UTC(Number(year), Number(month), 1));
}

/** @returns false where something of it is not over, or the table is too busy now */
async function dropPartition(dataSource: DataSource, name: string): Promise<boolean> {
  return dataSource.transaction(async (manager) => {
    const isNeeded = async (): Promise<boolean> => {
      const found: unknown[] = await manager.query(
        `SELECT 1 FROM ${name} row WHERE ${IS_NOT_OVER} LIMIT 1`,
      );
      return found.length > 0;
    };
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const known: unknown[] = await manager.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [
      name,
    ]);
    // Looked at once before the lock, since a whole month is long to look through.
    if (known.length === 0 || (await isNeeded())) return false;
    // Writers must not wait long behind a lock that itself waits.
    await manager.query(
      "SET LOCAL lock_timeout = '2s'; LOCK TABLE actions IN ACCESS EXCLUSIVE MODE",
    );
    const open: unknown[] = await manager.query(
      `SELECT 1 FROM (
         SELECT id FROM running_actions UNION ALL SELECT id::uuid FROM queued_actions
       ) open JOIN ${name} USING (id) LIMIT 1`,
    );
    if (open.length > 0) return false;
    await manager.query(`DROP TABLE ${name}`);
    return true;
  });
}
