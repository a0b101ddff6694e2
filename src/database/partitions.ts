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
    // move, and nobody writes meanwhile.
    await manager.query(`
      LOCK TABLE actions IN SHARE ROW EXCLUSIVE MODE;
      CREATE TABLE ${name} (LIKE actions INCLUDING ALL);
      WITH late AS (DELETE FROM actions_rest WHERE id >= '${from}' AND id < '${to}' RETURNING *)
      INSERT INTO ${name} SELECT * FROM late;
      ALTER TABLE actions ATTACH PARTITION ${name} FOR VALUES FROM ('${from}') TO ('${to}');
    `);
  });
}
