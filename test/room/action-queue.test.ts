// Real: PostgreSQL, the queue, the log and the leases of several replicas. Fake: nothing.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import { ActionQueue, type HeldLine, type WaitingEnvelope } from '../../src/queue/action-queue.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { makeCaller } from '../support/callers.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  type SharedDatabase,
} from '../support/replicas.js';

const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);

let shared: SharedDatabase;
let replicas: Replica[];

interface Replica {
  readonly database: Database;
  readonly lease: ReplicaLease;
  readonly log: ActionLog;
  readonly queue: ActionQueue;
}

async function join(): Promise<Replica> {
  const database = await shared.join();
  const lease = new ReplicaLease(database);
  await lease.onApplicationBootstrap();
  return {
    database,
    lease,
    log: new ActionLog(database, lease),
    queue: new ActionQueue(database, vault, lease),
  };
}

beforeAll(async () => {
  shared = await createSharedDatabase();
  replicas = await Promise.all([join(), join(), join()]);
});

beforeEach(async () => {
  await first().database.change('TRUNCATE queue_lines, queued_actions, idempotency_keys');
});

afterAll(async () => {
  for (const { lease } of replicas ?? []) await lease.onApplicationShutdown();
  await shared?.close();
});

const first = (): Replica => replicas[0] as Replica;
const second = (): Replica => replicas[1] as Replica;

const wait = (message: string): WaitingEnvelope => ({
  raw: { platform: 'twitch', action_type: 'chat_message', parameters: { message } },
  caller: { id: 'router', permissions: ['execute_actions'] },
  door: 'grpc',
  traceId: 'trace',
  receivedAt: new Date().toISOString(),
});

/** Puts an action in a line. @returns its id */
async function add(
  line: string,
  { by = first(), message = 'hi', runAt = null as string | null } = {},
): Promise<string> {
  const entry = describeEntry({ run_at: runAt });
  expect(
    await by.queue.add({ entry, message: 'queued', claim: undefined, line }, wait(message)),
  ).toBe('queued');
  return entry.id;
}

const idsOf = (lines: readonly HeldLine[]): string[] =>
  lines.flatMap(({ actions }) => actions.map(({ id }) => id));

const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();

/** Makes what waits due a second ago. */
async function comeDue(
  table: 'queued_actions' | 'queue_lines',
  key: 'id' | 'line',
  value: string,
): Promise<void> {
  const sql = `UPDATE ${table} SET due_at = now() - interval '1 second' WHERE ${key} = $1`;
  expect(await first().database.change(sql, [value])).toBe(1);
}

async function readStatus(id: string): Promise<string | undefined> {
  return (await first().log.read(id))?.outcome.status;
}

async function finish({ queue, log }: Replica, id: string): Promise<void> {
  expect(await queue.begin(id, false)).toBe(true);
  const entry = describeEntry({ id });
  await log.finish(entry, describeEnding(entry));
}

describe('a waiting action', () => {
  it('is in the log at once, and its envelope is not readable in the database', async () => {
    const id = await add('chat', { message: 'a secret plan' });
    expect(await readStatus(id)).toBe('QUEUED');
    const [row] = await first().database.query<{ envelope: string }>(
      'SELECT envelope FROM queued_actions WHERE id = $1',
      [id],
    );
    expect(row?.envelope).toMatch(/^v1\.k1\./);
    expect(row?.envelope).not.toContain('plan');
    const [line] = await second().queue.take(10);
    expect(line?.actions).toEqual([
      {
        ...wait('a secret plan'),
        id,
        status: 'QUEUED',
        startedAgoMs: undefined,
        receivedAt: expect.any(String) as string,
      },
    ]);
  });

  it('claims its key, and who comes second gets nothing', async () => {
    const claim = { key: 'k', fingerprint: 'f', lifeSeconds: 60 };
    const entries = [
      describeEntry({ idempotency_key: 'k' }),
      describeEntry({ idempotency_key: 'k' }),
    ];
    const added = await Promise.all(
      entries.map((entry, index) =>
        (replicas[index] as Replica).queue.add(
          { entry, message: 'queued', claim, line: 'chat' },
          wait('x'),
        ),
      ),
    );
    expect(added.toSorted()).toEqual(['key taken', 'queued']);
    expect(idsOf(await first().queue.take(10))).toHaveLength(1);
  });

  it('that is scheduled is not taken before its time', async () => {
    const later = await add('chat', { runAt: inAnHour() });
    expect(await readStatus(later)).toBe('SCHEDULED');
    expect(await first().queue.take(10)).toEqual([]);
    const sooner = await add('chat', { runAt: inAnHour() });
    expect(await first().queue.take(10)).toEqual([]);
    await comeDue('queued_actions', 'id', sooner);
    await comeDue('queue_lines', 'line', 'chat');
    expect(idsOf(await first().queue.take(10))).toEqual([sooner]);
  });

  it('can be cancelled as long as it has not begun, and only once', async () => {
    const [waiting, begun] = [await add('a'), await add('b')];
    expect(await second().queue.begin(begun, false)).toBe(true);
    expect(await first().queue.cancel(begun, makeCaller())).toBe(false);
    const cancelled = await Promise.all(
      replicas.map(({ queue }) => queue.cancel(waiting, makeCaller())),
    );
    expect(cancelled.filter(Boolean)).toHaveLength(1);
    expect(await readStatus(waiting)).toBe('CANCELLED');
    expect(await first().queue.begin(waiting, false)).toBe(false);
    expect(await first().queue.count()).toMatchObject({ waiting: 1, lines: 1 });
  });

  it('frees its key when it is cancelled', async () => {
    const claim = { key: 'free me', fingerprint: 'f', lifeSeconds: 60 };
    const entry = describeEntry({ idempotency_key: claim.key });
    await first().queue.add({ entry, message: 'queued', claim, line: 'chat' }, wait('x'));
    expect(await first().queue.cancel(entry.id, makeCaller())).toBe(true);
    expect(await first().database.query('SELECT 1 FROM idempotency_keys')).toEqual([]);
  });
});

describe('a line', () => {
  it('keeps the order of arrival', async () => {
    const added = await Promise.all(Array.from({ length: 50 }, () => add('chat')));
    const [line] = await second().queue.take(1);
    expect(line?.actions.map(({ id }) => id)).toEqual(added);
  });

  it('belongs to one replica at a time', async () => {
    const lines = Array.from({ length: 30 }, (_, n) => `line ${n}`);
    await Promise.all(lines.map((line) => add(line)));
    const taken = await Promise.all(replicas.map(({ queue }) => queue.take(30)));
    expect(taken.flatMap((held) => held.map(({ line }) => line)).toSorted()).toEqual(
      lines.toSorted(),
    );
    await add('line 0');
    expect(await first().queue.take(10)).toEqual([]);
  });

  it('goes on with what came while a replica worked on it', async () => {
    const a = await add('chat');
    const [held] = await first().queue.take(1);
    const b = await add('chat', { by: second() });
    await finish(first(), a);
    await first().queue.release({ line: 'chat', hold: held?.hold ?? '', done: [a], waitMs: 0 });
    expect(idsOf(await second().queue.take(1))).toEqual([b]);
  });

  it('waits when it is told to, also for those who come meanwhile', async () => {
    const a = await add('chat');
    const [held] = await first().queue.take(1);
    await first().queue.release({ line: 'chat', hold: held?.hold ?? '', done: [], waitMs: 60_000 });
    const b = await add('chat');
    expect(await second().queue.take(1)).toEqual([]);
    await comeDue('queue_lines', 'line', 'chat');
    expect(idsOf(await second().queue.take(1))).toEqual([a, b]);
  });

  it('is gone when it is empty, whatever happens at the same time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const a = await add('busy');
      const [held] = await first().queue.take(1);
      await finish(first(), a);
      const release = first().queue.release({
        line: 'busy',
        hold: held?.hold ?? '',
        done: [a],
        waitMs: 0,
      });
      const [b] = await Promise.all([add('busy', { by: second() }), release]);
      const [next] = await second().queue.take(1);
      expect(idsOf(next ? [next] : [])).toEqual([b]);
      await finish(second(), b);
      await second().queue.release({ line: 'busy', hold: next?.hold ?? '', done: [b], waitMs: 0 });
      expect(await first().database.query('SELECT * FROM queue_lines')).toEqual([]);
    }
  });

  it('is not left by the replica that had it before', async () => {
    const a = await add('chat');
    const [old] = await first().queue.take(1);
    await first().queue.release({ line: 'chat', hold: old?.hold ?? '', done: [], waitMs: 0 });
    const [current] = await second().queue.take(1);
    await first().queue.release({ line: 'chat', hold: old?.hold ?? '', done: [a], waitMs: 0 });
    expect(await first().queue.take(1)).toEqual([]);
    await second().queue.release({ line: 'chat', hold: current?.hold ?? '', done: [], waitMs: 0 });
    expect(idsOf(await first().queue.take(1))).toEqual([a]);
  });

  it('of a dead replica goes on elsewhere, after what was under way is settled', async () => {
    const dying = await join();
    const [begun, untouched] = [await add('chat'), await add('chat')];
    expect(idsOf(await dying.queue.take(1))).toEqual([begun, untouched]);
    expect(await dying.queue.begin(begun, false)).toBe(true);
    await dying.lease.onApplicationShutdown();
    await first().lease.reap();
    const [held] = await first().queue.take(1);
    expect(held?.actions.map(({ id, status }) => [id, status])).toEqual([
      [begun, 'UNKNOWN'],
      [untouched, 'QUEUED'],
    ]);
    expect(held?.actions[0]?.startedAgoMs).toBeGreaterThanOrEqual(0);
  });
});

describe('figures', () => {
  it('tell what waits, in how many lines, and how late it is', async () => {
    await Promise.all([add('a'), add('a'), add('b'), add('c', { runAt: inAnHour() })]);
    await comeDue('queue_lines', 'line', 'a');
    const figures = await first().queue.count();
    expect(figures).toMatchObject({ waiting: 4, lines: 3, working: 0 });
    expect(figures.late_ms).toBeGreaterThanOrEqual(1_000);
    await first().queue.take(10);
    expect(await first().queue.count()).toMatchObject({ waiting: 4, working: 2, late_ms: 0 });
  });
});

describe('an action that is put back', () => {
  it('waits again only where its own replica had begun it', async () => {
    const id = await add('put back');
    expect(await first().queue.begin(id, false)).toBe(true);
    await second().queue.putBack(id, false);
    expect(await readStatus(id)).toBe('RUNNING');
    await first().queue.putBack(id, false);
    expect(await readStatus(id)).toBe('QUEUED');
    expect(await second().queue.begin(id, false)).toBe(true);
  });

  it('is in doubt again where it was in doubt, with the time of its first beginning', async () => {
    const id = await add('doubtful');
    const readStart = async (): Promise<unknown> => {
      const sql = 'SELECT started_at, status FROM actions WHERE id = $1';
      return (await first().database.query(sql, [id]))[0];
    };
    expect(await first().queue.begin(id, false)).toBe(true);
    await first().database.change('DELETE FROM running_actions WHERE id = $1', [id]);
    await first().database.change("UPDATE actions SET status = 'UNKNOWN' WHERE id = $1", [id]);
    const before = await readStart();
    // Whoever took the line before it came into doubt must not begin it.
    expect(await second().queue.begin(id, false)).toBe(false);
    expect(await second().queue.begin(id, true)).toBe(true);
    await second().queue.putBack(id, true);
    expect(await readStart()).toEqual(before);
  });
});
