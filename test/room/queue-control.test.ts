// Real: PostgreSQL, the queue, the log and the leases of two replicas. Fake: nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Callers } from '../../src/callers/callers.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { OwnWork } from '../../src/journal/own-work.js';
import { ActionQueue, type WaitingEnvelope } from '../../src/queue/action-queue.js';
import { QueueControl } from '../../src/queue/queue-control.js';
import { makeCaller, NO_KEY_CALLERS } from '../support/callers.js';
import { createSharedDatabase, describeEntry, type SharedDatabase } from '../support/replicas.js';

const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const admin = makeCaller({ permissions: new Set(['execute_actions', 'read_audit']) });

interface Replica {
  readonly database: Database;
  readonly lease: ReplicaLease;
  readonly work: OwnWork;
  readonly queue: ActionQueue;
  readonly control: QueueControl;
}

let shared: SharedDatabase;
let one: Replica;
let two: Replica;

async function join(): Promise<Replica> {
  const database = await shared.join();
  const lease = new ReplicaLease(database);
  await lease.onApplicationBootstrap();
  const work = new OwnWork();
  return {
    database,
    lease,
    work,
    queue: new ActionQueue(database, vault, lease, work),
    control: new QueueControl(database, vault, NO_KEY_CALLERS as Callers, work),
  };
}

beforeAll(async () => {
  shared = await createSharedDatabase();
  [one, two] = [await join(), await join()];
});

afterAll(async () => {
  for (const { lease } of [one, two]) await lease?.onApplicationShutdown();
  await shared?.close();
});

async function add(line: string, runAt: string | null = null): Promise<string> {
  const entry = describeEntry({ run_at: runAt });
  const envelope: WaitingEnvelope = {
    raw: { platform: 'twitch', action_type: 'chat_message', ...(runAt && { run_at: runAt }) },
    caller: { id: 'router', permissions: ['execute_actions'] },
    door: 'grpc',
    traceId: 'trace',
    receivedAt: new Date().toISOString(),
  };
  const added = await one.queue.add({ entry, message: '', claim: undefined, line }, envelope);
  expect(added).toBe('queued');
  return entry.id;
}

const hoursAhead = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString();

const setPaused = (line: string, paused: boolean, by = one): Promise<unknown> =>
  by.control.setPaused(line, { paused, reason: 'because' }, admin);

describe('a paused line', () => {
  it('is taken by no replica, and goes on where it stopped', async () => {
    const id = await add('chat');
    await setPaused('chat', true);
    expect(await one.queue.take(10)).toEqual([]);
    expect(await two.queue.take(10)).toEqual([]);
    expect((await one.queue.count()).late_ms).toBe(0);
    await setPaused('chat', false, two);
    const [held] = await two.queue.take(10);
    expect(held?.actions.map((action) => action.id)).toEqual([id]);
    expect(await two.queue.begin(id, false)).toBe(true);
  });

  it('begins nothing more at a replica that took it before', async () => {
    const id = await add('talk');
    const [held] = await two.queue.take(10);
    expect(held?.actions.map((action) => action.id)).toEqual([id]);
    await setPaused('talk', true);
    expect(await two.queue.begin(id, false)).toBe(false);
    await setPaused('talk', false);
    expect(await two.queue.begin(id, false)).toBe(true);
  });
});

describe('a scheduled action that is moved', () => {
  it('earlier is due at once, with its new time in its envelope', async () => {
    const id = await add('soon', hoursAhead(1));
    expect(await one.queue.take(10)).toEqual([]);
    const past = hoursAhead(-1);
    expect(await two.control.move(id, past, admin)).toBe(true);
    const [held] = await one.queue.take(10);
    expect(held?.actions).toMatchObject([{ id, raw: { run_at: past } }]);
  });

  it('later is begun by no replica that took it before', async () => {
    const id = await add('late', hoursAhead(-1));
    const [held] = await two.queue.take(10);
    expect(held?.actions.map((action) => action.id)).toEqual([id]);
    expect(await one.control.move(id, hoursAhead(2), admin)).toBe(true);
    expect(await two.queue.begin(id, false)).toBe(false);
    await two.queue.release({ line: 'late', hold: held?.hold ?? '', done: [], waitMs: 0 });
    expect(await two.queue.take(10)).toEqual([]);
  });

  it('is moved by one of two who move it at once, and not once it has begun', async () => {
    const id = await add('race', hoursAhead(-1));
    const moves = [1, 2, 3, 4].map((hours, index) =>
      (index % 2 === 0 ? one : two).control.move(id, hoursAhead(-hours), admin),
    );
    expect(await Promise.all(moves)).toContain(true);
    await one.queue.take(10);
    expect(await one.queue.begin(id, false)).toBe(true);
    expect(await two.control.move(id, hoursAhead(1), admin)).toBe(false);
  });

  it('is remembered with its new time where it was accepted', async () => {
    const id = await add('memory', hoursAhead(1));
    const runAt = hoursAhead(2);
    await one.control.move(id, runAt, admin);
    const kept = one.work.listAccepted().find(({ entry }) => entry.id === id);
    expect(kept?.entry.run_at).toBe(runAt);
    await one.database.change('DELETE FROM actions WHERE id = $1::uuid', [id]);
    await one.database.change('DELETE FROM queued_actions WHERE id = $1', [id]);
    await one.queue.restore();
    const [row] = await one.database.query<{ run_at: Date }>(
      'SELECT run_at FROM actions WHERE id = $1::uuid',
      [id],
    );
    expect(row?.run_at.toISOString()).toBe(runAt);
  });
});
