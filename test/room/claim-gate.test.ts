// Real: PostgreSQL, and the log, the queue, the lease and the reconciliation of two replicas. Fake: the change
// of the server, which another answer of current_server() stands for, and the loss, which is written into the
// tables.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import { ClaimGate } from '../../src/cluster/claim-gate.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { ActionLog } from '../../src/journal/action-log.js';
import { OwnWork } from '../../src/journal/own-work.js';
import { ActionQueue, type WaitingEnvelope } from '../../src/queue/action-queue.js';
import { Reconciliation } from '../../src/queue/reconciliation.js';
import { Idempotency } from '../../src/safeguards/idempotency.js';
import { makeCaller } from '../support/callers.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  type SharedDatabase,
} from '../support/replicas.js';

const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const envelope: WaitingEnvelope = {
  raw: {},
  caller: { id: 'router', permissions: ['execute_actions'] },
  door: 'grpc',
  traceId: 'trace',
  receivedAt: new Date().toISOString(),
};
const CLOSED = {
  code: 'GATEWAY_UNAVAILABLE',
  message: expect.stringContaining('database server has changed'),
};

interface Replica {
  readonly lease: ReplicaLease;
  readonly log: ActionLog;
  readonly queue: ActionQueue;
  readonly reconciliation: Reconciliation;
}

let shared: SharedDatabase;
let database: Database;
let a: Replica;
let b: Replica;

async function join(): Promise<Replica> {
  const own = await shared.join();
  const lease = new ReplicaLease(own);
  await lease.onApplicationBootstrap();
  const work = new OwnWork();
  const log = new ActionLog(own, lease, work);
  const queue = new ActionQueue(own, vault, lease, work);
  const gate = new ClaimGate(own);
  const feed = new ChangeFeed(own);
  const reconciliation = new Reconciliation(own, lease, log, queue, work, gate, feed);
  return { lease, log, queue, reconciliation };
}

beforeEach(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  [a, b] = [await join(), await join()];
});

afterEach(async () => {
  await a?.lease.onApplicationShutdown();
  await b?.lease.onApplicationShutdown();
  await shared?.close();
});

const claim = (key: string) => ({ key, fingerprint: 'f', lifeSeconds: 3_600 });
const start = ({ log }: Replica, key: string, entry = describeEntry({ idempotency_key: key })) =>
  log.start(entry, claim(key)).then((begun) => ({ begun, entry }));
const succeed = async (replica: Replica, key: string): Promise<string> => {
  const { entry } = await start(replica, key);
  const ending = describeEnding(entry, {}, { answer: `sealed by ${entry.id}`, claim: claim(key) });
  await replica.log.finish(entry, ending);
  return entry.id;
};
const accept = async ({ queue }: Replica, key: string, line = 'line'): Promise<string> => {
  const entry = describeEntry({ idempotency_key: key });
  await queue.add({ entry, message: 'queued', claim: claim(key), line }, envelope);
  return entry.id;
};
/** From now on the database is another server. */
const changeServer = () =>
  database.query(
    `CREATE OR REPLACE FUNCTION current_server() RETURNS text LANGUAGE sql STABLE AS $$
       SELECT 'a standby' $$`,
  );
/** A failover to a standby that has not received anything of these tables. */
const failOver = async (): Promise<void> => {
  await database.query(
    'TRUNCATE actions, idempotency_keys, running_actions, queue_lines, queued_actions',
  );
  await changeServer();
};
const look = async (...replicas: Replica[]): Promise<boolean[]> => {
  const open: boolean[] = [];
  for (const { reconciliation } of replicas) open.push(await reconciliation.look());
  return open;
};
const statusOf = async (id: string): Promise<string | undefined> =>
  (await database.query<{ status: string }>('SELECT status FROM actions WHERE id = $1', [id]))[0]
    ?.status;
const holderOf = (key: string) =>
  database.query<{ action_id: string; answer: string | null }>(
    'SELECT action_id, answer FROM idempotency_keys WHERE key = $1',
    [key],
  );
/** Ids of the actions of the lines that a replica takes. */
const take = async ({ queue }: Replica): Promise<string[]> =>
  (await queue.take(5)).flatMap(({ actions }) => actions.map(({ id }) => id));

describe('after the database server has changed', () => {
  it('a repeat at a replica that does not know the key waits for the replica that does', async () => {
    const done = await succeed(a, 'k');
    await failOver();
    await expect(start(b, 'k')).rejects.toMatchObject(CLOSED);
    expect(await look(b)).toEqual([false]);
    await expect(start(b, 'k')).rejects.toMatchObject(CLOSED);
    expect(await look(a)).toEqual([true]);
    expect((await start(b, 'k')).begun).toBe('key taken');
    expect(await holderOf('k')).toEqual([{ action_id: done, answer: `sealed by ${done}` }]);
  });

  it('an action under way has its row and its key again before any key is claimed', async () => {
    const { entry } = await start(a, 'k');
    await failOver();
    await look(a, b);
    expect(await statusOf(entry.id)).toBe('RUNNING');
    expect((await start(b, 'k')).begun).toBe('key taken');
    const ending = describeEnding(entry, {}, { answer: 'sealed', claim: claim('k') });
    expect(await a.log.finish(entry, ending)).toBe(true);
    expect(await holderOf('k')).toEqual([{ action_id: entry.id, answer: 'sealed' }]);
    expect(await database.query('SELECT 1 FROM running_actions')).toEqual([]);
  });

  it.each([
    ['the one that freed it', 'the one that claimed it next'],
    ['the one that claimed it next', 'the one that freed it'],
  ])('a key belongs to the action that claimed it last: %s restores first', async (first) => {
    const { entry } = await start(a, 'k');
    const failed = { status: 'FAILED', success: false } as const;
    await a.log.finish(entry, describeEnding(entry, failed, { answer: null, claim: claim('k') }));
    const done = await succeed(b, 'k');
    await failOver();
    // The standby has the first action as it was while it ran.
    await database.change(
      `INSERT INTO idempotency_keys (caller_id, key, fingerprint, action_id, expires_at)
       VALUES ('router', 'k', 'f', $1, now() + interval '1 hour')`,
      [entry.id],
    );
    await (first === 'the one that freed it' ? look(a, b) : look(b, a));
    expect(await holderOf('k')).toEqual([{ action_id: done, answer: `sealed by ${done}` }]);
    expect([await statusOf(entry.id), await statusOf(done)]).toEqual(['FAILED', 'SUCCEEDED']);
  });

  it('no line is taken and no waiting action begins', async () => {
    const id = await accept(a, 'k');
    const other = await accept(a, 'k2', 'line 2');
    expect((await take(b)).sort()).toEqual([id, other].sort());
    expect(await b.queue.begin(id, false)).toBe(true);
    await changeServer();
    await expect(b.queue.begin(other, false)).rejects.toMatchObject(CLOSED);
    await expect(accept(a, 'k3', 'line 3')).rejects.toMatchObject(CLOSED);
    expect(await take(a)).toEqual([]);
  });

  it('what was accepted for later waits again, with its key', async () => {
    const id = await accept(a, 'k');
    await failOver();
    await look(b, a);
    expect(await statusOf(id)).toBe('QUEUED');
    expect((await start(b, 'k')).begun).toBe('key taken');
    expect(await take(b)).toEqual([id]);
  });

  it.each([
    ['accepted', 'carries out'],
    ['carries out', 'accepted'],
  ])(
    'what a replica carries out is taken by no other: that which %s it restores first',
    async (first) => {
      const id = await accept(a, 'k');
      expect(await take(b)).toEqual([id]);
      expect(await b.queue.begin(id, false)).toBe(true);
      await failOver();
      await (first === 'accepted' ? look(a, b) : look(b, a));
      expect(await statusOf(id)).toBe('RUNNING');
      expect(await take(a)).toEqual([]);
      await b.queue.putBack(id, false);
      expect(await statusOf(id)).toBe('QUEUED');
    },
  );

  it('what ended after it had waited does not wait again', async () => {
    const id = await accept(a, 'k');
    const [held] = await b.queue.take(5);
    await b.queue.begin(id, false);
    const entry = describeEntry({ id, idempotency_key: 'k' });
    const done = { answer: 'sealed', claim: claim('k'), hasWaited: true };
    await b.log.finish(entry, describeEnding(entry, {}, done));
    await b.queue.release({ line: 'line', hold: held?.hold ?? '', done: [id], waitMs: 0 });
    await failOver();
    await look(a, b);
    expect(await statusOf(id)).toBe('SUCCEEDED');
    for (const taken of await take(a)) expect(await a.queue.begin(taken, false)).toBe(false);
  });

  it('what was cancelled stays cancelled', async () => {
    const id = await accept(a, 'k');
    expect(await a.queue.cancel(id, makeCaller())).toBe(true);
    await database.change(`UPDATE actions SET status = 'QUEUED' WHERE id = $1`, [id]);
    await changeServer();
    await look(a, b);
    expect(await statusOf(id)).toBe('CANCELLED');
  });

  it('no action is settled as ownerless before its replica has answered', async () => {
    const { entry } = await start(a, 'k');
    await changeServer();
    // The standby had not received the lease.
    await database.change('DELETE FROM replicas WHERE id = $1', [a.lease.id]);
    expect(await b.lease.reap()).toBe(0);
    expect(await statusOf(entry.id)).toBe('RUNNING');
  });

  it('a replica that does not answer is waited for as long as a lease lives, and no longer', async () => {
    await succeed(a, 'k');
    await failOver();
    expect(await look(b)).toEqual([false]);
    await database.change(`UPDATE claim_gates SET closed_at = now() - interval '9 seconds'`);
    expect(await look(b)).toEqual([false]);
    await database.change(`UPDATE claim_gates SET closed_at = now() - interval '11 seconds'`);
    expect(await look(b)).toEqual([true]);
    expect((await start(b, 'k')).begun).toBe('started');
  });

  it('a replica whose process is gone from this host is not waited for', async () => {
    await failOver();
    expect(await look(b)).toEqual([false]);
    await database.change('UPDATE replicas SET pid = 2147483646 WHERE id = $1', [a.lease.id]);
    await b.lease.reap();
    expect(await look(b)).toEqual([true]);
  });

  it('a replica that starts then, or takes a new lease, does not open the gate for others', async () => {
    await succeed(a, 'k');
    await failOver();
    const late = await join();
    try {
      expect(await look(b, late)).toEqual([false, false]);
      expect(await look(a)).toEqual([true]);
    } finally {
      await late.lease.onApplicationShutdown();
    }
  });

  it('a batch claims no key', async () => {
    const idempotency = new Idempotency(database, vault);
    const batch = { batchId: describeEntry().id, lifeSeconds: 60 };
    const caller = { id: 'router', identity: 'router', owner: undefined };
    await changeServer();
    await expect(idempotency.claimBatch(caller, 'k', [{}], batch)).rejects.toMatchObject(CLOSED);
    await look(a, b);
    expect(await idempotency.claimBatch(caller, 'k', [{}], batch)).toMatchObject({
      batchId: batch.batchId,
    });
  });

  it('an action without a key begins at once', async () => {
    await changeServer();
    expect(await b.log.start(describeEntry(), undefined)).toBe('started');
  });
});
