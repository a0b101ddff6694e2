// Real: PostgreSQL and the housekeeping. Fake: nothing; time is written into the rows.
import { Logger } from '@nestjs/common';
import { v7 as makeId } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountMemory } from '../../src/accounts/account-memory.js';
import { Housekeeping } from '../../src/journal/housekeeping.js';
import { Database } from '../../src/database/database.js';
import { lowestIdAt } from '../../src/database/partitions.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { PooledDataSource } from '../../src/database/pooled-data-source.js';
import { createDatabase } from '../support/database.js';

// What these tests do on purpose is no news.
Logger.overrideLogger(false);

let fresh: { url: string; drop(): Promise<void> };
let dataSource: PooledDataSource;
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
  await new Housekeeping(database, { AUDIT_RETENTION_DAYS: 0 }).keep();
  expect(await database.query('SELECT name FROM account_memory')).toEqual([{ name: 'kept' }]);
});

it('sweeps keys past their time, however many, and leaves the others', async () => {
  await database.change(
    `INSERT INTO idempotency_keys (caller_id, key, fingerprint, action_id, expires_at)
     SELECT 'caller', 'old-' || n, 'f', $1::uuid, now() - interval '1 second' FROM generate_series(1, 12000) n
     UNION ALL SELECT 'caller', 'kept', 'f', $1::uuid, now() + interval '1 hour'`,
    [makeId()],
  );
  await new Housekeeping(database, { AUDIT_RETENTION_DAYS: 0 }).keep();
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
  await new Housekeeping(database, { AUDIT_RETENTION_DAYS: 0 }).keep();
  expect(await listPartitions()).toEqual(before);
});

const name = 'actions_2020_03';
const at = (text: string): Date => new Date(text);

const exists = async (): Promise<boolean> => {
  const rows = await database.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [name]);
  return rows.length > 0;
};
const countOf = async (account: string): Promise<number> => {
  const rows = await database.query('SELECT 1 FROM actions WHERE account_id = $1', [account]);
  return rows.length;
};
const insert = (account: string, received: Date, status: string, n = 1): Promise<number> =>
  database.change(
    `INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, caller_id,
       door, sandbox, received_at)
     SELECT (left($1, 24) || lpad(to_hex((random() * 1e14)::bigint), 12, '0'))::uuid, 'twitch', 'ban',
       $2, $2, 'create', $3, 'c', 'rest', true, $4 FROM generate_series(1, $5::int)`,
    [lowestIdAt(received), account, status, received, n],
  );
const keep = (days: number): Promise<void> =>
  new Housekeeping(database, { AUDIT_RETENTION_DAYS: days }).keep();

describe('the retention of the log', () => {
  beforeEach(async () => {
    await database.change('TRUNCATE actions, callbacks');
    await database.change(
      `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF actions
       FOR VALUES FROM ('${lowestIdAt(at('2020-03-01T00:00:00Z'))}')
       TO ('${lowestIdAt(at('2020-04-01T00:00:00Z'))}')`,
    );
  });

  it('drops what is wholly older and sweeps the rest, and leaves what is newer', async () => {
    await insert('old', at('2020-03-15T00:00:00Z'), 'SUCCEEDED', 50);
    // Of a month without a partition, such as a history that was taken over.
    await insert('older', at('2019-05-15T00:00:00Z'), 'SUCCEEDED', 11_000);
    await insert('new', new Date(), 'SUCCEEDED', 5);
    await keep(400);
    expect(await exists()).toBe(false);
    expect([await countOf('old'), await countOf('older'), await countOf('new')]).toEqual([0, 0, 5]);
  });

  it('drops one month a day, so that a wrong clock takes no log at once', async () => {
    await database.change(
      `CREATE TABLE IF NOT EXISTS actions_2020_04 PARTITION OF actions
       FOR VALUES FROM ('${lowestIdAt(at('2020-04-01T00:00:00Z'))}')
       TO ('${lowestIdAt(at('2020-05-01T00:00:00Z'))}')`,
    );
    await insert('old', at('2020-03-15T00:00:00Z'), 'SUCCEEDED');
    await insert('less old', at('2020-04-15T00:00:00Z'), 'SUCCEEDED');
    const housekeeping = new Housekeeping(database, { AUDIT_RETENTION_DAYS: 400 });
    await housekeeping.keep();
    await housekeeping.keep();
    expect([await countOf('old'), await countOf('less old')]).toEqual([0, 1]);
  });

  it('keeps all for ever with 0, and a month until its last day is old enough', async () => {
    await insert('old', at('2020-03-15T00:00:00Z'), 'SUCCEEDED');
    await keep(0);
    expect(await exists()).toBe(true);
    const sinceEnd = (Date.now() - at('2020-04-01T00:00:00Z').getTime()) / 86_400_000;
    await keep(Math.ceil(sinceEnd));
    expect([await exists(), await countOf('old')]).toEqual([true, 1]);
    await keep(Math.floor(sinceEnd));
    expect(await exists()).toBe(false);
  });

  it.each(['QUEUED', 'SCHEDULED', 'RUNNING'])(
    'keeps a month in which something is %s',
    async (status) => {
      await insert('old', at('2020-03-15T00:00:00Z'), 'SUCCEEDED');
      await insert('waits', at('2020-03-16T00:00:00Z'), status);
      await insert('waits', at('2019-05-16T00:00:00Z'), status);
      await keep(400);
      expect([await exists(), await countOf('old'), await countOf('waits')]).toEqual([true, 1, 2]);
      await database.change("UPDATE actions SET status = 'SUCCEEDED'");
      await keep(400);
      expect([await exists(), await countOf('waits')]).toEqual([false, 0]);
    },
  );

  it('keeps what a callback is still to be told of', async () => {
    await insert('told', at('2020-03-16T00:00:00Z'), 'SUCCEEDED');
    await insert('told', at('2019-05-16T00:00:00Z'), 'SUCCEEDED');
    await database.change(
      `INSERT INTO callbacks (action_id, caller_id, url, state, next_at)
       SELECT id::text, 'c', 'u', 'due', now() FROM actions`,
    );
    await keep(400);
    expect([await exists(), await countOf('told')]).toEqual([true, 2]);
    await database.change("UPDATE callbacks SET state = 'delivered'");
    await keep(400);
    expect([await exists(), await countOf('told')]).toEqual([false, 0]);
  });

  it('does not hold up writers', async () => {
    await insert('old', at('2020-03-15T00:00:00Z'), 'SUCCEEDED');
    // Somebody reads for long, so that the lock cannot be had.
    await database.connect(async (client) => {
      await client.query('BEGIN');
      await client.query('SELECT count(*) FROM actions');
      await keep(400);
      expect(await exists()).toBe(true);
      await client.query('COMMIT');
    });
    await keep(400);
    expect(await exists()).toBe(false);
  });
});
