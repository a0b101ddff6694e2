// Real: PostgreSQL and the action log. Fake: the lease of the replica, and now and then an absence of the database.
import { randomUUID } from 'node:crypto';
import { v7 as makeId } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import type { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import { eventually } from '../support/eventually.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  makeLease,
  type SharedDatabase,
} from '../support/replicas.js';

const LEASE = makeLease();

let shared: SharedDatabase;
let database: Database;
let log: ActionLog;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  log = new ActionLog(database, LEASE);
});

afterAll(() => shared.close());

interface Row {
  readonly status: string;
  readonly [column: string]: unknown;
}

async function findRow(id: string): Promise<Row | undefined> {
  const [row] = await database.query<Row>('SELECT * FROM actions WHERE id = $1', [id]);
  return row;
}

async function findKey(key: string) {
  const [row] = await database.query<{
    action_id: string;
    answer: string | null;
    caller_id: string;
  }>('SELECT * FROM idempotency_keys WHERE key = $1', [key]);
  return row;
}

const compareIds = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

const claim = (key: string, lifeSeconds = 3_600) => ({ key, fingerprint: 'f', lifeSeconds });

/** Starts an action for each key, in this order. @returns the keys and what came of them */
const startAll = (by: ActionLog, keys: readonly string[]) =>
  Promise.all(
    keys.map(async (key) => {
      const begun = await by.start(describeEntry({ idempotency_key: key }), claim(key));
      return [key, begun] as const;
    }),
  );

/** An entry that carries a key of its own. */
const describeKeyed = (caller_id = 'router') =>
  describeEntry({ idempotency_key: randomUUID(), caller_id });

/** Rows of the log that were written anew, and those of them whose new version no index knows of. */
async function countUpdates(): Promise<{ all: number; beside: number }> {
  // A connection that has nothing to do tells only after a while what it has done.
  const { prepared } = database.dataSource;
  await Promise.all(
    Array.from({ length: prepared.totalCount }, () =>
      prepared.query('SELECT pg_stat_force_next_flush()'),
    ),
  );
  const [row] = await database.query<{ all: number; beside: number }>(
    `SELECT sum(n_tup_upd)::int AS all, sum(n_tup_hot_upd)::int AS beside
     FROM pg_stat_user_tables WHERE relname LIKE 'actions\\_%'`,
  );
  return row ?? { all: 0, beside: 0 };
}

describe('the end of a success', () => {
  it('is written beside its beginning, and touches no index', async () => {
    const before = await countUpdates();
    const entries = Array.from({ length: 200 }, () => describeEntry());
    await Promise.all(entries.map((entry) => log.start(entry, undefined)));
    await Promise.all(entries.map((entry) => log.finish(entry, describeEnding(entry))));
    const after = await eventually(countUpdates, ({ all }) => all >= before.all + 200);
    // All but those at the end of a page that is full.
    expect(after.beside - before.beside).toBeGreaterThan(150);
  });

  it('takes it out of what runs', async () => {
    const entry = describeEntry();
    const listRunning = (): Promise<object[]> =>
      database.query('SELECT 1 FROM running_actions WHERE id = $1', [entry.id]);
    await log.start(entry, undefined);
    expect(await listRunning()).toHaveLength(1);
    await log.finish(entry, describeEnding(entry));
    expect(await listRunning()).toHaveLength(0);
  });
});

describe('start', () => {
  it('commits the whole row before it answers, in the partition of its month', async () => {
    const entry = describeEntry({ parameters: { list: ['a'], text: 'ä 𝄞 \\ "' } });
    expect(await log.start(entry, undefined)).toBe('started');
    expect(await findRow(entry.id)).toMatchObject({
      ...entry,
      received_at: new Date(entry.received_at),
      status: 'RUNNING',
      replica_id: LEASE.id,
      started_at: expect.any(Date) as Date,
      finished_at: null,
      attempts: 0,
    });
    const month = new Date().toISOString().slice(0, 7).replace('-', '_');
    expect(
      await database.query(`SELECT id FROM actions_${month} WHERE id = $1`, [entry.id]),
    ).toHaveLength(1);
  });

  it('writes a thousand at once in a few statements', async () => {
    const spy = vi.spyOn(database, 'run');
    const entries = Array.from({ length: 1_000 }, () => describeEntry());
    const started = await Promise.all(entries.map((entry) => log.start(entry, undefined)));
    const statements = spy.mock.calls.length;
    spy.mockRestore();
    expect(new Set(started)).toEqual(new Set(['started']));
    expect(statements).toBeGreaterThan(0);
    expect(statements).toBeLessThan(10);
    const [row] = await database.query<{ count: string }>(
      'SELECT count(*) FROM actions WHERE id = ANY($1)',
      [entries.map(({ id }) => id)],
    );
    expect(Number(row?.count)).toBe(1_000);
  });

  it.each([
    ['ECONNRESET', { status: 'fulfilled', value: 'perhaps' }],
    ['ECONNREFUSED', { status: 'rejected', reason: { code: 'GATEWAY_UNAVAILABLE' } }],
  ])('says what it knows when the database goes away (%s)', async (code, result) => {
    const spy = vi.spyOn(database, 'run').mockRejectedValue(new DatabaseAway({ code }));
    const [settled] = await Promise.allSettled([log.start(describeEntry(), undefined)]);
    spy.mockRestore();
    expect(settled).toMatchObject(result);
  });

  it('fails for a bad row alone', async () => {
    const bad = describeEntry({ received_at: 'no time' });
    const good = [describeEntry(), describeEntry()];
    const results = await Promise.allSettled(
      [good[0], bad, good[1]].map((entry) => log.start(entry ?? bad, undefined)),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await findRow(bad.id)).toBeUndefined();
  });
});

/** Starts that many actions. */
async function startSome(count: number) {
  const entries = Array.from({ length: count }, () => describeEntry());
  await Promise.all(entries.map((entry) => log.start(entry, undefined)));
  return entries;
}

describe('what begins and what ends at the same time', () => {
  it('is one statement', async () => {
    const begun = await startSome(20);
    const spy = vi.spyOn(database, 'run');
    const entries = Array.from({ length: 20 }, () => describeEntry());
    await Promise.all([
      ...entries.map((entry) => log.start(entry, undefined)),
      ...begun.map((entry) => log.finish(entry, describeEnding(entry))),
    ]);
    const statements = spy.mock.calls.length;
    spy.mockRestore();
    expect(statements).toBe(1);
    for (const { id } of entries) expect(await findRow(id)).toMatchObject({ status: 'RUNNING' });
    for (const { id } of begun) expect(await findRow(id)).toMatchObject({ status: 'SUCCEEDED' });
    const running = await database.query<{ id: string }>(
      'SELECT id FROM running_actions WHERE id = ANY($1) ORDER BY id',
      [[...entries, ...begun].map(({ id }) => id)],
    );
    expect(running).toEqual(entries.map(({ id }) => ({ id })).toSorted(compareIds));
  });

  it('fails for what is bad alone', async () => {
    const begun = await startSome(3);
    const [good, bad] = [describeEntry(), describeEntry({ received_at: 'no time' })];
    const results = await Promise.allSettled([
      log.start(good, undefined),
      log.start(bad, undefined),
      ...begun.map((entry, n) =>
        log.finish(entry, describeEnding(entry, {}, { attempts: n === 1 ? 1_000_000 : 1 })),
      ),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await findRow(good.id)).toMatchObject({ status: 'RUNNING' });
    expect(await findRow(bad.id)).toBeUndefined();
    const ended = await Promise.all(begun.map(({ id }) => findRow(id)));
    // What cannot be written as it is does not run for ever.
    expect(ended.map((row) => row?.status)).toEqual(['SUCCEEDED', 'UNKNOWN', 'SUCCEEDED']);
    expect(
      await database.query('SELECT id FROM running_actions WHERE id = ANY($1)', [
        begun.map(({ id }) => id),
      ]),
    ).toEqual([]);
  });

  it('is not known of a beginning, and tried again for an ending, when the answer is lost', async () => {
    const [begun] = await startSome(1);
    if (!begun) throw new Error('nothing was begun');
    const entry = describeEntry();
    const run = database.run.bind(database);
    const spy = vi.spyOn(database, 'run').mockImplementationOnce(async (statement, values) => {
      await run(statement, values);
      throw new DatabaseAway({ code: 'ECONNRESET' });
    });
    const starting = log.start(entry, undefined);
    const finishing = log.finish(begun, describeEnding(begun));
    expect(await starting).toBe('perhaps');
    await finishing;
    expect(spy).toHaveBeenCalledTimes(2);
    spy.mockRestore();
    expect(await findRow(begun.id)).toMatchObject({ status: 'SUCCEEDED' });
    await log.finish(entry, describeEnding(entry, { status: 'FAILED', error: 'nothing was sent' }));
    expect(await findRow(entry.id)).toMatchObject({ status: 'FAILED' });
  });

  it('is found by its ids, also by a plan that was made while the tables were empty', async () => {
    const other = await createSharedDatabase();
    try {
      const empty = await other.join();
      const entry = describeEntry();
      await new ActionLog(empty, LEASE).start(entry, undefined);
      const { rows } = await empty.dataSource.prepared.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN EXECUTE "write plain" ('[]', '${LEASE.id}', '[]', '{${entry.id}}', '${entry.id}', '${entry.id}')`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(/Index Cond: \(id = ANY \(\$4\)\)/);
      expect(plan).not.toContain('Seq Scan');
      // The months that are not asked for are not looked at.
      expect(plan).toMatch(/Subplans Removed: [1-9]/);
    } finally {
      await other.close();
    }
  });
});

describe('a key', () => {
  it('is won by one of many, and the others leave no row', async () => {
    const logs = [
      log,
      new ActionLog(await shared.join(), LEASE),
      new ActionLog(await shared.join(), LEASE),
    ];
    const key = randomUUID();
    const entries = Array.from({ length: 60 }, () => describeEntry({ idempotency_key: key }));
    const started = await Promise.all(
      entries.map((entry, n) => logs[n % 3]?.start(entry, claim(key))),
    );
    const winners = entries.filter((_entry, n) => started[n] === 'started');
    expect(winners).toHaveLength(1);
    expect(await findKey(key)).toMatchObject({ action_id: winners[0]?.id, answer: null });
    const rows = await database.query('SELECT id FROM actions WHERE idempotency_key = $1', [key]);
    expect(rows).toEqual([{ id: winners[0]?.id }]);
  });

  it('goes to the first of those that come together', async () => {
    const key = randomUUID();
    const entries = Array.from({ length: 20 }, () => describeEntry({ idempotency_key: key }));
    const spy = vi.spyOn(database, 'query');
    const started = await Promise.all(entries.map((entry) => log.start(entry, claim(key))));
    const statements = spy.mock.calls.length;
    spy.mockRestore();
    expect(started.indexOf('started')).toBe(0);
    // One statement: a batch that wants one key twice is no poisoned batch.
    expect(statements).toBe(1);
  });

  it('does not hold back those who come together with it', async () => {
    const key = randomUUID();
    await log.start(describeEntry({ idempotency_key: key }), claim(key));
    const other = describeKeyed();
    const started = await Promise.all([
      log.start(describeEntry({ idempotency_key: key }), claim(key)),
      log.start(other, claim(other.idempotency_key ?? '')),
      log.start(describeEntry(), undefined),
    ]);
    expect(started).toEqual(['key taken', 'started', 'started']);
  });

  it('is never waited for crosswise by two replicas', async () => {
    const other = new ActionLog(await shared.join(), LEASE);
    const keys = Array.from({ length: 200 }, () => randomUUID());
    const [here, there] = await Promise.all([
      startAll(log, keys),
      startAll(other, keys.toReversed()),
    ]);
    const winsThere = new Map(there);
    for (const [key, begun] of here)
      expect([begun, winsThere.get(key)].sort()).toEqual(['key taken', 'started']);
  });

  it('is of its caller alone', async () => {
    const key = randomUUID();
    const started = await Promise.all(
      ['a', 'b'].map((caller_id) =>
        log.start(describeEntry({ idempotency_key: key, caller_id }), claim(key)),
      ),
    );
    expect(started).toEqual(['started', 'started']);
  });

  it('is free again once it has expired, whether or not it was swept', async () => {
    const key = randomUUID();
    const first = describeEntry({ idempotency_key: key });
    await log.start(first, claim(key));
    await log.finish(first, describeEnding(first, {}, { answer: 'sealed' }));
    await database.change(
      `UPDATE idempotency_keys SET expires_at = now() - interval '1 second' WHERE key = $1`,
      [key],
    );
    const second = describeEntry({ idempotency_key: key });
    expect(await log.start(second, claim(key))).toBe('started');
    expect(await findKey(key)).toMatchObject({ action_id: second.id, answer: null });
    expect(await log.start(describeEntry({ idempotency_key: key }), claim(key))).toBe('key taken');
  });

  it('keeps the answer of the action that holds it', async () => {
    const entry = describeKeyed();
    const key = entry.idempotency_key ?? '';
    await log.start(entry, claim(key));
    await log.finish(entry, describeEnding(entry, {}, { answer: 'sealed' }));
    expect(await findKey(key)).toMatchObject({ answer: 'sealed', action_id: entry.id });
  });

  it('is freed by an action that sent nothing', async () => {
    const entry = describeKeyed();
    const key = entry.idempotency_key ?? '';
    await log.start(entry, claim(key));
    await log.finish(entry, describeEnding(entry, { status: 'FAILED' }, { answer: null }));
    expect(await findKey(key)).toBeUndefined();
    expect(await findRow(entry.id)).toMatchObject({ status: 'FAILED' });
  });

  it('is touched by no action but the one that holds it', async () => {
    const [entry, late] = [describeKeyed(), describeKeyed()];
    const key = entry.idempotency_key ?? '';
    await log.start(entry, claim(key));
    await log.start(late, undefined);
    const impostor = { ...late, idempotency_key: key };
    await log.finish(impostor, describeEnding(late, {}, { answer: null }));
    await log.finish(impostor, describeEnding(late, {}, { answer: 'forged' }));
    await log.finish({ ...entry, caller_id: 'other' }, describeEnding(late, {}, { answer: null }));
    expect(await findKey(key)).toMatchObject({ action_id: entry.id, answer: null });
  });
});

describe('finish', () => {
  it('commits the outcome before it answers', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    const failure = { code: 'REFUSED', retryable: false, platform_status: 403 } as const;
    await log.finish(
      entry,
      describeEnding(
        entry,
        { success: false, status: 'REFUSED', error: 'no', message: 'failed', failure },
        { redactedResult: {}, attempts: 2 },
      ),
    );
    expect(await findRow(entry.id)).toMatchObject({
      status: 'REFUSED',
      error: 'no',
      message: 'failed',
      failure,
      attempts: 2,
      result: {},
      finished_at: expect.any(Date) as Date,
    });
  });

  it('turns what is unknown into what is true', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    await log.finish(entry, describeEnding(entry, { status: 'UNKNOWN', error: 'no answer' }));
    await log.finish(entry, describeEnding(entry));
    expect(await findRow(entry.id)).toMatchObject({ status: 'SUCCEEDED', error: '' });
  });

  it.each(['SUCCEEDED', 'REFUSED', 'FAILED', 'CANCELLED'] as const)(
    'never changes what ended as %s',
    async (status) => {
      const entry = describeEntry();
      await log.start(entry, undefined);
      await log.finish(entry, describeEnding(entry, { status, error: 'first' }));
      for (const later of ['UNKNOWN', 'SUCCEEDED', 'FAILED'] as const)
        await log.finish(entry, describeEnding(entry, { status: later, error: 'later' }));
      expect(await findRow(entry.id)).toMatchObject({ status, error: 'first' });
    },
  );

  it('that is final for the row is final for its key as well', async () => {
    const held = { key: 'final', fingerprint: 'f', lifeSeconds: 60 };
    const entry = describeEntry({ idempotency_key: held.key });
    await log.start(entry, held);
    await log.finish(entry, describeEnding(entry, { status: 'SUCCEEDED' }, { answer: 'first' }));
    for (const answer of ['later', null])
      await log.finish(entry, describeEnding(entry, { status: 'UNKNOWN' }, { answer }));
    const keys = await database.query('SELECT answer FROM idempotency_keys WHERE key = $1', [
      held.key,
    ]);
    expect(keys).toEqual([{ answer: 'first' }]);
    expect(await findRow(entry.id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('in doubt gives way to what is true, and so does the answer of its key', async () => {
    const held = { key: 'doubt', fingerprint: 'f', lifeSeconds: 60 };
    const entry = describeEntry({ idempotency_key: held.key });
    await log.start(entry, held);
    await log.finish(entry, describeEnding(entry, { status: 'UNKNOWN' }, { answer: 'doubt' }));
    await log.finish(entry, describeEnding(entry, { status: 'SUCCEEDED' }, { answer: 'true' }));
    const keys = await database.query('SELECT answer FROM idempotency_keys WHERE key = $1', [
      held.key,
    ]);
    expect(keys).toEqual([{ answer: 'true' }]);
  });

  it('goes on trying while the database is away', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    const away = new DatabaseAway({ code: 'ECONNREFUSED' });
    const spy = vi.spyOn(database, 'run').mockRejectedValue(away);
    let isDone = false;
    const finishing = log.finish(entry, describeEnding(entry)).then(() => {
      isDone = true;
      return isDone;
    });
    await expect.poll(() => spy.mock.calls.length).toBeGreaterThan(2);
    expect(isDone).toBe(false);
    spy.mockRestore();
    expect(await finishing).toBe(true);
    expect(await findRow(entry.id)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('says so when an outcome can never be written', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    await expect(
      log.finish(entry, describeEnding(entry, {}, { attempts: 1_000_000 })),
    ).rejects.toThrow(/out of range/);
  });
});

describe('refuse', () => {
  it('commits the row of what never began', async () => {
    const entry = describeEntry();
    const ending = describeEnding(
      entry,
      { success: false, status: 'REFUSED', error: 'message: is missing' },
      { attempts: 0 },
    );
    await log.refuse(entry, ending);
    expect(await findRow(entry.id)).toMatchObject({
      status: 'REFUSED',
      error: 'message: is missing',
      started_at: null,
      replica_id: null,
      finished_at: expect.any(Date) as Date,
    });
  });

  it('keeps a row of text that PostgreSQL does not take, wherever it stands', async () => {
    const nasty = 'a\u0000b \uD834 c \uDD1E \\u0000 \\ud834 𝄞 "\n\u001f';
    const clean = 'a\uFFFDb \uFFFD c \uFFFD \\u0000 \\ud834 𝄞 "\n\u001f';
    const entry = describeEntry({
      platform: nasty,
      request_id: nasty,
      parameters: { text: nasty, list: [nasty], [nasty]: { [nasty]: nasty } },
    });
    await log.refuse(entry, describeEnding(entry, { error: nasty, status: 'REFUSED' }));
    expect(await findRow(entry.id)).toMatchObject({
      platform: clean,
      request_id: clean,
      error: clean,
      parameters: { text: clean, list: [clean], [clean]: { [clean]: clean } },
    });
  });
});

describe('read', () => {
  it('gives an action as its log has it, and whose it is', async () => {
    const entry = describeEntry({ caller_id: 'somebody' });
    await log.start(entry, undefined);
    expect(await log.read(entry.id)).toEqual({
      callerId: 'somebody',
      owner: '',
      platform: 'twitch',
      actionType: 'chat_message',
      accountId: '1001',
      actorId: '1002',
      receivedAt: Date.parse(entry.received_at),
      outcome: {
        success: false,
        message: 'Running',
        action_id: entry.id,
        result_data: {},
        error: '',
        status: 'RUNNING',
        replayed: false,
        request_id: 'request 1',
        sandbox: true,
      },
    });
    const ending = describeEnding(entry);
    await log.finish(entry, ending);
    expect((await log.read(entry.id))?.outcome).toEqual(ending.outcome);
    expect(await log.read(makeId())).toBeUndefined();
  });

  it('counts by status', async () => {
    const before = await log.countSince(new Date(0));
    const entry = describeEntry();
    await log.start(entry, undefined);
    const after = await log.countSince(new Date(0));
    expect(after['RUNNING']).toBe((before['RUNNING'] ?? 0) + 1);
    expect(await log.countSince(new Date(Date.now() + 60_000))).toEqual({});
  });
});

describe('an action that another replica has taken over', () => {
  it('does not end as unsent by the first one, whose success still counts', async () => {
    const entry = describeKeyed();
    const key = entry.idempotency_key ?? '';
    await log.start(entry, claim(key), 'sealed');
    const other = makeLease();
    await database.change('UPDATE actions SET replica_id = $2 WHERE id = $1', [entry.id, other.id]);
    const sql = 'UPDATE running_actions SET replica_id = $2 WHERE id = $1';
    await database.change(sql, [entry.id, other.id]);
    const unsent = describeEnding(
      entry,
      { success: false, status: 'FAILED' },
      { answer: null, isUnsent: true },
    );
    expect(await log.finish(entry, unsent)).toBe(false);
    expect(await findRow(entry.id)).toMatchObject({ status: 'RUNNING', replica_id: other.id });
    expect(await findKey(key)).toMatchObject({ action_id: entry.id, answer: null });
    const running = 'SELECT replica_id FROM running_actions WHERE id = $1';
    expect(await database.query(running, [entry.id])).toEqual([{ replica_id: other.id }]);
    expect(await new ActionLog(database, other).finish(entry, unsent)).toBe(true);
    expect(await log.finish(entry, describeEnding(entry, {}, { answer: 'late' }))).toBe(false);
    expect(await findRow(entry.id)).toMatchObject({ status: 'FAILED' });
  });
});
