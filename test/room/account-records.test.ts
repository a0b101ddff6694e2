// Real: PostgreSQL, the vault and the records of accounts. Fake: a database that is away.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountRecords } from '../../src/accounts/account-records.js';
import { SEALED_ACCOUNTS } from '../../src/accounts/sealed-columns.js';
import { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import { rotateColumn } from '../../src/database/key-rotation.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { PooledDataSource } from '../../src/database/pooled-data-source.js';
import { Vault } from '../../src/database/vault.js';
import { createDatabase } from '../support/database.js';

const OLD = { id: 'old', key: randomBytes(32) };
const NEW = { id: 'new', key: randomBytes(32) };
const OWNER = { platform: 'discord', accountId: 'default' };
const NAME = 'lockdown:800000000000000001';

let fresh: { url: string; drop(): Promise<void> };
let dataSource: PooledDataSource;
let database: Database;
let records: AccountRecords;

beforeAll(async () => {
  fresh = await createDatabase();
  dataSource = await openDatabase({
    url: fresh.url,
    poolMax: 4,
    sandbox: true,
    log: () => undefined,
  });
  database = new Database(dataSource);
  records = new AccountRecords(database, new Vault([OLD]));
});

afterAll(async () => {
  await dataSource?.destroy();
  await fresh?.drop();
});

beforeEach(() => database.change('TRUNCATE account_records'));

const read = (owner = OWNER, by = records): Promise<string | undefined> =>
  by.change(owner, NAME, (now) => now);

describe('the records of accounts', () => {
  it('are written, changed, read and deleted', async () => {
    expect(await read()).toBeUndefined();
    expect(await records.change(OWNER, NAME, () => 'one')).toBe('one');
    expect(await records.change(OWNER, NAME, (now) => `${now} two`)).toBe('one two');
    expect(await read()).toBe('one two');
    expect(await records.change(OWNER, NAME, () => undefined)).toBeUndefined();
    expect(await read()).toBeUndefined();
  });

  it('belong to one account of one platform', async () => {
    await records.change(OWNER, NAME, () => 'one');
    expect(await read({ ...OWNER, accountId: 'other' })).toBeUndefined();
    expect(await read({ ...OWNER, platform: 'twitch' })).toBeUndefined();
  });

  it('are encrypted, bound to their place, and rotated with the keys', async () => {
    await records.change(OWNER, NAME, () => 'the permissions of #staff');
    const [row] = await database.query<{ value: string }>('SELECT value FROM account_records');
    expect(row?.value).toMatch(/^v1\.old\./);
    expect(row?.value).not.toContain(Buffer.from('#staff').toString('base64url'));
    const sealed = SEALED_ACCOUNTS.find(({ table }) => table === 'account_records');
    if (!sealed) throw new Error('the records are not rotated');
    const rotated = await rotateColumn(database, new Vault([NEW, OLD]), sealed, () => undefined);
    expect(rotated).toMatchObject({ rotated: 1, unreadable: 0, left: 0 });
    const onlyNew = new AccountRecords(database, new Vault([NEW]));
    expect(await read(OWNER, onlyNew)).toBe('the permissions of #staff');
    await database.change(`UPDATE account_records SET account_id = 'other'`);
    await expect(read({ ...OWNER, accountId: 'other' }, onlyNew)).rejects.toThrow(/authenticate/);
  });

  it('lose no change where several are made at once', async () => {
    const names = Array.from({ length: 8 }, (_one, n) => `c${n}`);
    await Promise.all(
      names.map((name) =>
        records.change(OWNER, NAME, (now) =>
          JSON.stringify([...(JSON.parse(now ?? '[]') as string[]), name]),
        ),
      ),
    );
    const kept = JSON.parse((await read()) ?? '[]') as string[];
    expect(kept.toSorted()).toEqual(names);
  });

  it('fail an action that cannot keep what it must not lose', async () => {
    const away = {
      query: () => Promise.reject(new DatabaseAway({ code: 'ECONNREFUSED' })),
    } as unknown as Database;
    await expect(read(OWNER, new AccountRecords(away, new Vault([OLD])))).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    let rounds = 0;
    const busy = {
      query: async () => [],
      change: async () => {
        rounds += 1;
        return 0;
      },
    } as unknown as Database;
    const contended = new AccountRecords(busy, new Vault([OLD]));
    await expect(contended.change(OWNER, NAME, () => 'mine')).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    expect(rounds).toBe(20);
  });
});
