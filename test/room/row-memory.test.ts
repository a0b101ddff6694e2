// Real: PostgreSQL, its triggers and notifications, two replicas. Fake: the line to the database, which is
// cut or swallows everything.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { RowMemory } from '../../src/cluster/row-memory.js';
import { eventually } from '../support/eventually.js';
import { startPostgresProxy } from '../support/postgres-proxy.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

const SOON = { withinMs: 3_000 };

let shared: SharedDatabase;
let database: Database;
let closers: (() => Promise<unknown>)[] = [];

/** A replica that keeps the access tokens of accounts, and counts how often it reads the table. */
class Replica {
  reads = 0;
  readonly memory: RowMemory<string>;

  constructor(
    private readonly own: Database,
    readonly feed: ChangeFeed,
    mostKept?: number,
  ) {
    this.memory = new RowMemory(feed, 'accounts', mostKept);
  }

  /** @param line the database as the feed reaches it, where that is not the way of the readings */
  static async join({ line = database, mostKept = 100 } = {}): Promise<Replica> {
    const feed = new ChangeFeed(line);
    closers.push(() => feed.onApplicationShutdown());
    const replica = new Replica(database, feed, mostKept);
    await feed.follow('flags', async () => undefined);
    await eventually(() => feed.isCurrent, Boolean);
    return replica;
  }

  token(id: string): Promise<string> {
    return this.memory.recall(`twitch/${id}`, async () => {
      this.reads += 1;
      const [row] = await this.own.query<{ access_token: string }>(
        `SELECT access_token FROM accounts WHERE platform = 'twitch' AND account_id = $1`,
        [id],
      );
      if (!row) throw new Error('no such account');
      return row.access_token;
    });
  }

  /** The same without a reading. */
  peek(id: string): string | undefined {
    return this.memory.peek(`twitch/${id}`);
  }
}

const store = (id: string, token: string): Promise<number> =>
  database.change(
    `INSERT INTO accounts (platform, account_id, access_token) VALUES ('twitch', $1, $2)
     ON CONFLICT (platform, account_id) DO UPDATE SET access_token = excluded.access_token`,
    [id, token],
  );

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
});

beforeEach(async () => {
  await database.change('DELETE FROM accounts');
  await store('1', 'first');
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  closers = [];
});

afterAll(() => shared.close());

describe('a row', () => {
  it('is read once, however many ask and however often', async () => {
    const replica = await Replica.join();
    const asked = Array.from({ length: 50 }, () => replica.token('1'));
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['first']));
    expect(await replica.token('1')).toBe('first');
    expect(replica.reads).toBe(1);
  });

  it('is read anew by every replica once it has changed, and no other is', async () => {
    await store('2', 'other');
    const replicas = [await Replica.join(), await Replica.join()];
    for (const replica of replicas) {
      await replica.token('1');
      await replica.token('2');
    }
    await store('1', 'second');
    for (const replica of replicas) {
      await eventually(
        () => replica.token('1'),
        (token) => token === 'second',
        SOON,
      );
      await replica.token('2');
      expect(replica.reads).toBe(3);
    }
  });

  it('is at hand at once when it was read, until it is changed', async () => {
    const replica = await Replica.join();
    const reading = replica.token('1');
    expect(replica.peek('1')).toBeUndefined();
    await reading;
    expect(replica.peek('1')).toBe('first');
    await store('1', 'second');
    await eventually(
      () => replica.peek('1'),
      (token) => token === undefined,
      SOON,
    );
    await replica.token('1');
    expect(replica.peek('1')).toBe('second');
    expect(replica.reads).toBe(2);
  });

  it('that is gone is gone everywhere', async () => {
    const replica = await Replica.join();
    await replica.token('1');
    await database.change(`DELETE FROM accounts WHERE account_id = '1'`);
    const gone = (): Promise<string> => replica.token('1').catch(() => 'gone');
    await eventually(gone, (token) => token === 'gone', SOON);
    expect(await gone()).toBe('gone');
  });

  it('is forgotten with all others when the table is emptied', async () => {
    const replica = await Replica.join();
    await replica.token('1');
    await database.change('TRUNCATE accounts');
    const gone = (): Promise<string> => replica.token('1').catch(() => 'gone');
    await eventually(gone, (token) => token === 'gone', SOON);
    expect(await gone()).toBe('gone');
  });

  it('that could not be read is asked for again', async () => {
    const replica = await Replica.join();
    await expect(replica.token('9')).rejects.toThrow('no such account');
    await store('9', 'late');
    expect(await replica.token('9')).toBe('late');
  });

  it('that changes while it is read is not kept as it was', async () => {
    const replica = await Replica.join();
    let answer!: (token: string) => void;
    const slow = replica.memory.recall(
      'twitch/1',
      () => new Promise<string>((resolve) => (answer = resolve)),
    );
    replica.memory.forget('twitch/1');
    answer('of before');
    expect(await slow).toBe('of before');
    expect(replica.peek('1')).toBeUndefined();
    expect(await replica.token('1')).toBe('first');
  });

  it('is the oldest to go when there are too many', async () => {
    await store('2', 'other');
    await store('3', 'third');
    const replica = await Replica.join({ mostKept: 2 });
    for (const id of ['1', '2', '3', '3', '2']) await replica.token(id);
    expect(replica.reads).toBe(3);
    await replica.token('1');
    expect(replica.reads).toBe(4);
  });
});

describe('a replica that is told nothing', () => {
  it('reads every time before its line is there', async () => {
    const feed = new ChangeFeed(database);
    const replica = new Replica(database, feed);
    await replica.token('1');
    await replica.token('1');
    expect(replica.reads).toBe(2);
  });

  it('never answers with what may have changed, when its line was cut', async () => {
    const replica = await Replica.join();
    await replica.token('1');
    await database.change(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'action-gateway changes' AND datname = current_database()`,
    );
    await store('1', 'while it was cut');
    await eventually(
      () => replica.token('1'),
      (token) => token === 'while it was cut',
      {
        withinMs: 1_500,
      },
    );
    await eventually(() => replica.feed.isCurrent, Boolean, SOON);
    expect(await replica.token('1')).toBe('while it was cut');
  });

  it('reads again within a second when its line swallows everything', async () => {
    const proxy = await startPostgresProxy(shared.url);
    const dataSource = await openDatabase({
      url: proxy.url,
      poolMax: 3,
      sandbox: true,
      log: () => undefined,
    });
    closers.push(async () => {
      await dataSource.destroy();
      await proxy.close();
    });
    const replica = await Replica.join({ line: new Database(dataSource) });
    await replica.token('1');
    proxy.setDead(true);
    await store('1', 'untold');
    await eventually(
      () => replica.token('1'),
      (token) => token === 'untold',
      { withinMs: 1_500 },
    );
    expect(replica.feed.isCurrent).toBe(false);
    expect(replica.peek('1')).toBeUndefined();
  });
});
