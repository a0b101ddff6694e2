// Real: PostgreSQL, the leases and the processes of this machine. Fake: the monotonic clock in one test.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActionLog } from '../../src/audit/action-log.js';
import { ReplicaLease } from '../../src/audit/replica-lease.js';
import type { Database } from '../../src/database/database.js';
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

beforeEach(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  leases = [];
});

afterEach(async () => {
  await Promise.all(leases.map((lease) => lease.onApplicationShutdown()));
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

  it('leaves neighbours that live, and whoever is on another host', async () => {
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
