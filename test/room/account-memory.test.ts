// Real: PostgreSQL and the memory of accounts. Fake: a database that is away.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountMemory } from '../../src/accounts/account-memory.js';
import { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { PooledDataSource } from '../../src/database/pooled-data-source.js';
import { createDatabase } from '../support/database.js';

let fresh: { url: string; drop(): Promise<void> };
let dataSource: PooledDataSource;
let memory: AccountMemory;
const OWNER = { platform: 'youtube', accountId: 'UC1' };

beforeAll(async () => {
  fresh = await createDatabase();
  dataSource = await openDatabase({
    url: fresh.url,
    poolMax: 4,
    sandbox: true,
    log: () => undefined,
  });
  memory = new AccountMemory(new Database(dataSource));
});

afterAll(async () => {
  await dataSource?.destroy();
  await fresh?.drop();
});

describe('the memory of accounts', () => {
  it('keeps one value under a name, the latest', async () => {
    expect(await memory.recall(OWNER, 'ban')).toBeUndefined();
    await memory.remember(OWNER, 'ban', 'one', 60_000);
    await memory.remember(OWNER, 'ban', 'two', 60_000);
    expect(await memory.recall(OWNER, 'ban')).toBe('two');
    await memory.forget(OWNER, 'ban');
    expect(await memory.recall(OWNER, 'ban')).toBeUndefined();
  });

  it('belongs to one account of one platform', async () => {
    await memory.remember(OWNER, 'chat', 'value', 60_000);
    expect(await memory.recall({ ...OWNER, accountId: 'UC2' }, 'chat')).toBeUndefined();
    expect(await memory.recall({ ...OWNER, platform: 'twitch' }, 'chat')).toBeUndefined();
  });

  it('ends when its time is over', async () => {
    await memory.remember(OWNER, 'short', 'value', -1);
    expect(await memory.recall(OWNER, 'short')).toBeUndefined();
  });

  it('fails an action that needs it, and none that only keeps something', async () => {
    const away = new AccountMemory({
      query: () => Promise.reject(new DatabaseAway({ code: 'ECONNREFUSED' })),
      change: () => Promise.reject(new DatabaseAway({ code: 'ECONNREFUSED' })),
    } as unknown as Database);
    await expect(away.recall(OWNER, 'x')).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await expect(away.remember(OWNER, 'x', 'y', 1)).resolves.toBeUndefined();
    await expect(away.forget(OWNER, 'x')).resolves.toBeUndefined();
  });
});
