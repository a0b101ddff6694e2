// Real: PostgreSQL, its notifications, the feed, the flags. Fake: the line to the database, which is cut.
import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Flags } from '../../src/safeguards/flags.js';
import { eventually } from '../support/eventually.js';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

const SAY = { platform: 'twitch', group: 'chat', type: 'chat_message' };
/** Far below the periodic reading, which must not be what makes a test pass. */
const SOON = { withinMs: 3_000 };

interface Replica {
  readonly flags: Flags;
  readonly feed: ChangeFeed;
}

let shared: SharedDatabase;
let database: Database;
let feeds: ChangeFeed[] = [];

async function joinReplica(own?: Database): Promise<Replica> {
  const at = own ?? (await shared.join());
  const feed = new ChangeFeed(at);
  feeds.push(feed);
  const flags = new Flags({ switches: new Map() } as unknown as Config, at, feed);
  flags.learn([SAY]);
  await flags.onModuleInit();
  return { flags, feed };
}

const setBehind = (key: string, enabled: boolean): Promise<number> =>
  database.change(
    `INSERT INTO flags (key, enabled, reason, changed_by) VALUES ($1, $2, 'behind', 'psql')
     ON CONFLICT (key) DO UPDATE SET enabled = excluded.enabled`,
    [key, enabled],
  );

const isOff = ({ flags }: Replica): boolean => !flags.isOn(SAY);

const cutListeners = (): Promise<number> =>
  database.change(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'action-gateway changes' AND datname = current_database()`,
  );

const countListeners = async (): Promise<number> => {
  const rows = await database.query(
    `SELECT 1 FROM pg_stat_activity
     WHERE application_name = 'action-gateway changes' AND datname = current_database()
       AND query <> '' AND state = 'idle'`,
  );
  return rows.length;
};

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
});

beforeEach(async () => {
  await database.change('DELETE FROM flags');
});

afterEach(async () => {
  await Promise.all(feeds.splice(0).map((feed) => feed.onApplicationShutdown()));
});

afterAll(() => shared.close());

describe('a change', () => {
  it('is known at once where it was made, and is told to all others', async () => {
    const [first, second, third] = [
      await joinReplica(),
      await joinReplica(),
      await joinReplica(),
    ] as const;
    await eventually(countListeners, (count) => count === 3);
    await first.flags.set('twitch.chat', { enabled: false, reason: 'raid' }, 'admin');
    expect(isOff(first)).toBe(true);
    await eventually(() => [second, third].every(isOff), Boolean, SOON);
    expect(second.flags.report('twitch.chat')).toEqual({
      key: 'twitch.chat',
      enabled: false,
      default: true,
      is_set: true,
      reason: 'raid',
      changed_by: 'admin',
      changed_at: expect.any(String) as string,
      version: expect.any(Number) as number,
    });
    expect(await third.flags.unset('twitch.chat', 'over', 'admin')).toBe(true);
    await eventually(
      () => [first, second].some(isOff),
      (off) => !off,
      SOON,
    );
    expect(await third.flags.unset('twitch.chat', 'again', 'admin')).toBe(false);
  });

  it('is told also when the table is changed by hand', async () => {
    const replica = await joinReplica();
    await eventually(countListeners, (count) => count === 1);
    await setBehind('twitch', false);
    expect(await eventually(() => isOff(replica), Boolean, SOON)).toBe(true);
  });

  it('that was made while the connection was lost is read when it is back', async () => {
    const replica = await joinReplica();
    await eventually(countListeners, (count) => count === 1);
    // In one statement, so that nobody can listen in between.
    await database.change(
      `WITH cut AS (
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'action-gateway changes' AND datname = current_database()
       )
       INSERT INTO flags (key, enabled, reason, changed_by)
       SELECT 'twitch', false, count(*)::text, 'psql' FROM cut`,
    );
    await eventually(() => isOff(replica), Boolean, SOON);
    await eventually(countListeners, (count) => count === 1);
    // And goes on being told.
    await setBehind('twitch', true);
    const told = eventually(
      () => isOff(replica),
      (off) => !off,
      SOON,
    );
    expect(await told).toBe(false);
  });

  it('is told however often the connection is cut', async () => {
    const replica = await joinReplica();
    for (let time = 0; time < 5; time += 1) {
      await cutListeners();
      await setBehind('twitch', time % 2 === 1);
      const isOffNow = time % 2 === 0;
      const told = eventually(
        () => isOff(replica),
        (off) => off === isOffNow,
        { withinMs: 10_000 },
      );
      expect(await told).toBe(isOffNow);
    }
  });

  it('of many at once is known in the end as it is', async () => {
    const replicas = await Promise.all([joinReplica(), joinReplica()]);
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        replicas[index % 2]?.flags.set(
          'twitch.chat',
          { enabled: index % 3 === 0, reason: `change ${index}` },
          'admin',
        ),
      ),
    );
    const [row] = await database.query<{ reason: string }>('SELECT reason FROM flags');
    const known = await eventually(
      () => replicas.map(({ flags }) => flags.report('twitch.chat').reason),
      (reasons) => reasons.every((reason) => reason === row?.reason),
      SOON,
    );
    expect(known).toEqual([row?.reason, row?.reason]);
  });
});

describe('a database that is away', () => {
  let proxy: PostgresProxy;
  let behind: Database;

  beforeAll(async () => {
    proxy = await startPostgresProxy(shared.url);
    const options = { url: proxy.url, poolMax: 3, sandbox: true, log: () => undefined };
    behind = new Database(await openDatabase(options));
  });

  afterAll(async () => {
    proxy.setDead(true);
    await proxy.close();
    await behind.dataSource.destroy().catch(() => undefined);
  });

  it('leaves the last known flags in force, and what changed meanwhile is read after', async () => {
    const replica = await joinReplica(behind);
    await setBehind('twitch.chat', false);
    await eventually(() => isOff(replica), Boolean);
    proxy.setDead(true);
    await setBehind('twitch.chat', true);
    // A beat, a reading and a try to connect have failed.
    const warned = vi.spyOn(Logger.prototype, 'warn');
    const count = (says: string): number =>
      warned.mock.calls.filter(([text]) => String(text).includes(says)).length;
    void replica.feed.refresh('flags');
    await eventually(
      () => [count('the last known holds'), count('changes are not told')],
      ([readings = 0, tries = 0]) => readings > 0 && tries > 1,
    );
    warned.mockRestore();
    expect(isOff(replica)).toBe(true);
    proxy.setDead(false);
    await eventually(
      () => isOff(replica),
      (off) => !off,
    );
  });
});

describe('the history of a flag', () => {
  it('is written in the statement that changes it', async () => {
    const { flags } = await joinReplica();
    const key = `twitch@caller:${randomBytes(4).toString('hex')}`;
    await flags.set(key, { enabled: false, reason: 'flood' }, 'admin');
    await flags.set(key, { enabled: true, reason: 'over' }, 'other admin');
    await flags.unset(key, 'tidy', 'admin');
    // Nothing was there to be changed, and so nothing was.
    await flags.unset(key, 'tidy', 'admin');
    const rows = await database.query(
      `SELECT kind, caller_id, reason, details FROM audit_events WHERE subject = $1
       ORDER BY happened_at`,
      [key],
    );
    expect(rows).toEqual([
      {
        kind: 'flag.changed',
        caller_id: 'admin',
        reason: 'flood',
        details: { enabled: false },
      },
      {
        kind: 'flag.changed',
        caller_id: 'other admin',
        reason: 'over',
        details: { enabled: true },
      },
      {
        kind: 'flag.changed',
        caller_id: 'admin',
        reason: 'tidy',
        details: { enabled: true, to_default: true },
      },
    ]);
  });

  it('and the flag are not there without each other', async () => {
    const { flags } = await joinReplica();
    await database.change(
      "ALTER TABLE audit_events ADD CONSTRAINT no_more CHECK (kind <> 'flag.changed') NOT VALID",
    );
    try {
      const change = flags.set('twitch.chat', { enabled: false, reason: 'raid' }, 'admin');
      await expect(change).rejects.toThrow(/no_more/);
    } finally {
      await database.change('ALTER TABLE audit_events DROP CONSTRAINT no_more');
    }
    expect(await database.query('SELECT 1 FROM flags')).toEqual([]);
    expect(flags.isOn(SAY)).toBe(true);
  });
});
