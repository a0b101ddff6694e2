// Real: PostgreSQL and the housekeeping. Fake: nothing; time is written into the rows.
import type { DataSource } from 'typeorm';
import { v7 as makeId } from 'uuid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AccountMemory } from '../../src/accounts/account-memory.js';
import { Housekeeping } from '../../src/audit/housekeeping.js';
import { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { createDatabase } from '../support/database.js';

let fresh: { url: string; drop(): Promise<void> };
let dataSource: DataSource;
let database: Database;

beforeAll(async () => {
  fresh = await createDatabase();
  dataSource = await openDatabase({
    url: fresh.url,
    poolMax: 4,
    sandbox: true,
    log: () => undefined,
  });
  database = new Database(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await fresh?.drop();
});

it('sweeps what accounts no longer remember', async () => {
  const memory = new AccountMemory(database);
  const owner = { platform: 'youtube', accountId: 'UC1' };
  await memory.remember(owner, 'old', 'value', -1_000);
  await memory.remember(owner, 'kept', 'value', 60_000);
  await new Housekeeping(database).keep();
  expect(await database.query('SELECT name FROM account_memory')).toEqual([{ name: 'kept' }]);
});

it('sweeps keys past their time, however many, and leaves the others', async () => {
  await database.change(
    `INSERT INTO idempotency_keys (caller_id, key, fingerprint, action_id, expires_at)
     SELECT 'caller', 'old-' || n, 'f', $1::uuid, now() - interval '1 second' FROM generate_series(1, 12000) n
     UNION ALL SELECT 'caller', 'kept', 'f', $1::uuid, now() + interval '1 hour'`,
    [makeId()],
  );
  await new Housekeeping(database).keep();
  expect(await database.query('SELECT key FROM idempotency_keys')).toEqual([{ key: 'kept' }]);
});

it('makes the partitions of the coming months again when they are missing', async () => {
  const listPartitions = (): Promise<{ name: string }[]> =>
    database.query(
      `SELECT relname AS name FROM pg_class WHERE relname ~ '^actions_[0-9]{4}_[0-9]{2}$' ORDER BY 1`,
    );
  const before = await listPartitions();
  expect(before).toHaveLength(3);
  await database.change(`DROP TABLE ${before.at(-1)?.name}`);
  await new Housekeeping(database).keep();
  expect(await listPartitions()).toEqual(before);
});
