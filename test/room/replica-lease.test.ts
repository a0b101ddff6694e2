// Real: PostgreSQL, the leases and the processes of this machine. Fake: the monotonic clock in one test.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import { ENTRY_COLUMNS } from '../../src/journal/action-statements.js';
import { Housekeeping } from '../../src/journal/housekeeping.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { ListUnlisted1700000100001 } from '../../src/database/migrations/1700000100001-list-unlisted.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  type SharedDatabase,
  makeLease,
} from '../support/replicas.js';

let shared: SharedDatabase;
let database: Database;
let leases: ReplicaLease[];
let oldSessions: Client[];

beforeEach(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  leases = [];
  oldSessions = [];
});

afterEach(async () => {
  await Promise.all(leases.map((lease) => lease.onApplicationShutdown()));
  await Promise.all(oldSessions.map((session) => session.end()));
  await shared.close();
});

/** One more replica, alive. */
async function live(): Promise<ReplicaLease> {
  const lease = new ReplicaLease(database);
  leases.push(lease);
  await lease.onApplicationBootstrap();
  return lease;
}

/** Begins an action in the name of a replica. */
async function begin(replica: ReplicaLease): Promise<string> {
  const entry = describeEntry();
  await new ActionLog(database, replica).start(entry, undefined);
  return entry.id;
}

async function statusOf(id: string): Promise<string | undefined> {
  const [row] = await database.query<{ status: string }>(
    'SELECT status FROM actions WHERE id = $1',
    [id],
  );
  return row?.status;
}

const listReplicas = async (): Promise<string[]> =>
  (await database.query<{ id: string }>('SELECT id FROM replicas ORDER BY started_at')).map(
    ({ id }) => id,
  );

/** A row for a replica that this test plays. */
async function pretend(host: string, pid: number, secondsLeft: number): Promise<ReplicaLease> {
  const id = randomUUID();
  await database.change(
    `INSERT INTO replicas (id, host, pid, lease_until)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4))`,
    [id, host, pid, secondsLeft],
  );
  return { id, ids: [id] } as unknown as ReplicaLease;
}

/** The name this machine has among replicas. */
async function nameHere(): Promise<string> {
  const lease = await live();
  const [row] = await database.query<{ host: string }>('SELECT host FROM replicas WHERE id = $1', [
    lease.id,
  ]);
  return row?.host ?? '';
}

describe('a lease', () => {
  it('is held from the start to the end, and its row goes with it', async () => {
    const lease = new ReplicaLease(database);
    expect(lease.isHeld()).toBe(false);
    await lease.onApplicationBootstrap();
    expect(lease.isHeld()).toBe(true);
    expect(await listReplicas()).toEqual([lease.id]);
    await lease.onApplicationShutdown();
    expect(lease.isHeld()).toBe(false);
    expect(await listReplicas()).toEqual([]);
  });

  it('is renewed while its replica lives', async () => {
    const lease = await live();
    const readEnd = async (): Promise<number> => {
      const [row] = await database.query<{ lease_until: Date }>(
        'SELECT lease_until FROM replicas WHERE id = $1',
        [lease.id],
      );
      return row?.lease_until.getTime() ?? 0;
    };
    const first = await readEnd();
    await expect.poll(readEnd).toBeGreaterThan(first);
    expect(lease.isHeld()).toBe(true);
  });

  it('is trusted for a shorter time than the database keeps it', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const lease = await live();
      const [row] = await database.query<{ seconds: number }>(
        `SELECT extract(epoch FROM lease_until - now())::float AS seconds FROM replicas WHERE id = $1`,
        [lease.id],
      );
      const seconds = row?.seconds ?? 0;
      expect(seconds).toBeGreaterThan(5);
      vi.advanceTimersByTime((seconds - 3) * 1_000);
      expect(lease.isHeld()).toBe(true);
      vi.advanceTimersByTime(2_000);
      expect(lease.isHeld()).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('that was lost is never revived: its actions are unknown, and its replica starts a new life', async () => {
    const lease = await live();
    const lost = lease.id;
    const action = await begin(lease);
    await database.change('UPDATE replicas SET lease_until = now() WHERE id = $1', [lost]);
    await expect.poll(() => lease.id).not.toBe(lost);
    await expect.poll(() => statusOf(action)).toBe('UNKNOWN');
    expect(lease.isHeld()).toBe(true);
    expect(await listReplicas()).toEqual([lease.id]);
    const next = await begin(lease);
    await lease.reap();
    expect(await statusOf(next)).toBe('RUNNING');
  });
});

describe('the reaper', () => {
  it('turns what a dead replica began into UNKNOWN, and leaves what a live one began', async () => {
    const lease = await live();
    const dead = await pretend('another host', 1, -1);
    const alive = await pretend('another host', 2, 60);
    const actions = await Promise.all([
      begin(dead),
      begin(alive),
      begin(lease),
      begin(makeLease()),
    ]);
    expect(await lease.reap()).toBe(2);
    expect(await Promise.all(actions.map(statusOf))).toEqual([
      'UNKNOWN',
      'RUNNING',
      'RUNNING',
      'UNKNOWN',
    ]);
    expect(await lease.reap()).toBe(0);
    expect(await listReplicas()).toHaveLength(2);
  });

  it('says what is known, and lets the truth come after it', async () => {
    const lease = await live();
    const entry = describeEntry();
    const log = new ActionLog(database, await pretend('another host', 1, -1));
    await log.start(entry, undefined);
    await lease.reap();
    expect((await log.read(entry.id))?.outcome).toMatchObject({
      status: 'UNKNOWN',
      success: false,
      failure: { code: 'OUTCOME_UNKNOWN', retryable: false },
      error: expect.stringContaining('may or may not have happened') as string,
    });
    await log.finish(entry, describeEnding(entry));
    await lease.reap();
    expect(await statusOf(entry.id)).toBe('SUCCEEDED');
  });

  it('leaves alone what has ended', async () => {
    const lease = await live();
    const entry = describeEntry();
    const log = new ActionLog(database, await pretend('another host', 1, -1));
    await log.start(entry, undefined);
    await log.finish(entry, describeEnding(entry, { status: 'REFUSED' }));
    expect(await lease.reap()).toBe(0);
    expect(await statusOf(entry.id)).toBe('REFUSED');
  });

  it('is no trouble for replicas that reap at once', async () => {
    const replicas = await Promise.all([live(), live(), live()]);
    const dead = await pretend('another host', 1, -1);
    await Promise.all(Array.from({ length: 50 }, () => begin(dead)));
    const counts = await Promise.all(replicas.map((lease) => lease.reap()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(50);
  });
});

/** A session of a replica of an older release, which knows nothing of the list of running actions. */
async function openOldSession(): Promise<Client> {
  const client = new Client({ connectionString: shared.url });
  await client.connect();
  oldSessions.push(client);
  return client;
}

/** Begins an action as releases before the list did. */
async function beginAsBefore(old: Client, replica: { id: string }): Promise<string> {
  const entry = describeEntry({ idempotency_key: randomUUID() });
  await old.query(
    `WITH entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1)),
     claimed AS (
       INSERT INTO idempotency_keys (caller_id, key, fingerprint, action_id, expires_at)
       SELECT caller_id, idempotency_key, 'f', id, now() + interval '1 day' FROM entry
     )
     INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
     SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', $2, now() FROM entry`,
    [JSON.stringify([entry]), replica.id],
  );
  return entry.id;
}

const listRunning = async (): Promise<string[]> =>
  (await database.query<{ id: string }>('SELECT id FROM running_actions ORDER BY id')).map(
    ({ id }) => id,
  );

describe('replicas of an older release beside this one', () => {
  it('own what they begin: it is settled when they die, and not while they live', async () => {
    const lease = await live();
    const dead = await pretend('another host', 1, -1);
    const alive = await pretend('another host', 2, 60);
    const old = await openOldSession();
    const cutOff = await beginAsBefore(old, dead);
    const living = await beginAsBefore(old, alive);
    expect(await lease.reap()).toBe(1);
    expect([await statusOf(cutOff), await statusOf(living)]).toEqual(['UNKNOWN', 'RUNNING']);
    const [key] = await database.query<{ status: string }>(
      `SELECT status FROM idempotency_keys JOIN actions ON actions.id = action_id
       WHERE action_id = $1`,
      [cutOff],
    );
    expect(key).toEqual({ status: 'UNKNOWN' });
    await database.change('DELETE FROM replicas WHERE id = $1', [alive.id]);
    expect(await lease.reap()).toBe(1);
    expect(await listRunning()).toEqual([]);
  });

  it('own what they take from a line, and die with it', async () => {
    const lease = await live();
    const dead = await pretend('another host', 1, -1);
    const old = await openOldSession();
    const id = await beginAsBefore(old, dead);
    await database.change(
      `UPDATE actions SET status = 'QUEUED', replica_id = NULL, started_at = NULL WHERE id = $1`,
      [id],
    );
    await database.change('DELETE FROM running_actions');
    await database.change(
      `INSERT INTO queue_lines (line, due_at, pending, replica_id, hold)
       VALUES ('line', 'infinity', 1, $1, $1)`,
      [dead.id],
    );
    await old.query(
      `UPDATE actions SET status = 'RUNNING', message = 'Running', replica_id = $2,
         started_at = COALESCE(started_at, now()) WHERE id = $1 AND status IN ('QUEUED', 'SCHEDULED')`,
      [id, dead.id],
    );
    expect(await lease.reap()).toBe(1);
    expect(await statusOf(id)).toBe('UNKNOWN');
    expect(await database.query('SELECT replica_id, hold FROM queue_lines')).toEqual([
      { replica_id: null, hold: null },
    ]);
  });

  it('leave nothing in the list that has ended', async () => {
    const lease = await live();
    const alive = await pretend('another host', 2, 60);
    const old = await openOldSession();
    const [ended, running] = [await beginAsBefore(old, alive), await beginAsBefore(old, alive)];
    await old.query(`UPDATE actions SET status = 'SUCCEEDED' WHERE id = $1`, [ended]);
    expect(await listRunning()).toEqual([ended, running].toSorted());
    await new Housekeeping(database, { AUDIT_RETENTION_DAYS: 0 }).keep();
    expect(await listRunning()).toEqual([running]);
    expect(await lease.reap()).toBe(0);
  });

  it('are settled also where they began an action before anything listed it', async () => {
    const lease = await live();
    const dead = await pretend('another host', 1, -1);
    const old = await openOldSession();
    await database.change('ALTER TABLE actions DISABLE TRIGGER actions_started');
    const id = await beginAsBefore(old, dead);
    expect(await lease.reap()).toBe(0);
    const runner = database.dataSource.createQueryRunner();
    await new ListUnlisted1700000100001().up(runner).finally(() => runner.release());
    expect(await lease.reap()).toBe(1);
    expect(await statusOf(id)).toBe('UNKNOWN');
  });
});

describe('a start after a crash', () => {
  it('waits for no lease of a process that is gone from this host', async () => {
    const host = await nameHere();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const dead = await pretend(host, child.pid ?? 0, 60);
    const action = await begin(dead);
    await live();
    expect(await statusOf(action)).toBe('UNKNOWN');
    expect(await listReplicas()).not.toContain(dead.id);
  });

  it('takes a lease under our own process number for that of a process before us', async () => {
    const before = await pretend(await nameHere(), process.pid, 60);
    await live();
    expect(await listReplicas()).not.toContain(before.id);
  });

  it('leaves living neighbours, and replicas on other hosts', async () => {
    const host = await nameHere();
    const neighbour = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      await once(neighbour, 'spawn');
      const here = await pretend(host, neighbour.pid ?? 0, 60);
      const elsewhere = await pretend('another host', 4_194_303, 60);
      const second = await live();
      const replicas = await listReplicas();
      expect(replicas).toEqual(expect.arrayContaining([here.id, elsewhere.id, second.id]));
      // The first replica of this very process lives as well.
      expect(replicas).toHaveLength(4);
    } finally {
      neighbour.kill();
    }
  });
});
