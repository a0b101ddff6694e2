import type { Database } from '#gateway/database/database.js';
import { lowestIdAt } from '#gateway/database/partitions.js';

const ROWS_AT_A_TIME = 100_000;
/** How far back the rows go. */
export const DAYS = 60;

/**
 * Fills the log with rows of two months, a twentieth of which failed. Indexes are made at the end, in a tenth
 * of the time.
 * @returns the milliseconds it took
 */
export async function fillAuditLog(database: Database, rows: number): Promise<number> {
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
  return performance.now() - since;
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
