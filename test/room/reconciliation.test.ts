// Real: PostgreSQL, the log, the queue and what compares them; statements that arrive late, by a proxy at
// the wire. Fake: the loss of a failover, which is written into the tables.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ActionLog } from '../../src/journal/action-log.js';
import { ActionQueue, type WaitingEnvelope } from '../../src/queue/action-queue.js';
import { OwnWork } from '../../src/journal/own-work.js';
import { Reconciliation } from '../../src/queue/reconciliation.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import { ClaimGate } from '../../src/cluster/claim-gate.js';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { Vault } from '../../src/database/vault.js';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.js';
import {
  createSharedDatabase,
  describeEnding,
  describeEntry,
  type SharedDatabase,
} from '../support/replicas.js';

const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const GIVEN_UP = { status: 'FAILED', success: false, error: 'nothing was sent' } as const;

let shared: SharedDatabase;
let proxy: PostgresProxy;
/** As others see it. */
let database: Database;
/** As the replica reaches it, through the proxy. */
let own: Database;
let lease: ReplicaLease;
let work: OwnWork;
let log: ActionLog;
let queue: ActionQueue;
let reconciliation: Reconciliation;

beforeEach(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  proxy = await startPostgresProxy(shared.url);
  const options = { url: proxy.url, poolMax: 4, sandbox: true, log: () => undefined };
  own = new Database(await openDatabase(options));
  lease = new ReplicaLease(database);
  await lease.onApplicationBootstrap();
  work = new OwnWork();
  log = new ActionLog(own, lease, work);
  queue = new ActionQueue(own, vault, lease, work);
  const gate = new ClaimGate(own);
  reconciliation = new Reconciliation(own, lease, log, queue, work, gate, new ChangeFeed(own));
});

afterEach(async () => {
  await lease?.onApplicationShutdown();
  await own?.dataSource.destroy();
  await proxy?.close();
  await shared?.close();
});

const claim = (key: string) => ({ key, fingerprint: 'f', lifeSeconds: 3_600 });

async function statusOf(id: string): Promise<string | undefined> {
  const [row] = await database.query<{ status: string }>(
    'SELECT status FROM actions WHERE id = $1',
    [id],
  );
  return row?.status;
}

async function ownerOf(key: string): Promise<{ action_id: string; answer: string | null }[]> {
  return database.query('SELECT action_id, answer FROM idempotency_keys WHERE key = $1', [key]);
}

const countRunning = async (): Promise<number> =>
  (await database.query('SELECT id FROM running_actions')).length;

/** Lines, and who works on them. */
const lines = () => database.query('SELECT line, replica_id FROM queue_lines');

const finishSome = async (count: number) => {
  const entries = Array.from({ length: count }, (_none, n) =>
    describeEntry({ idempotency_key: `key ${n}` }),
  );
  for (const entry of entries) {
    const key = claim(entry.idempotency_key ?? '');
    await log.start(entry, key);
    await log.finish(entry, describeEnding(entry, {}, { answer: 'sealed', claim: key }));
  }
  return entries;
};
const readState = () =>
  database.query(
    `SELECT actions.id, status, result, attempts, answer, expires_at > now() AS is_kept
     FROM actions LEFT JOIN idempotency_keys ON action_id = actions.id ORDER BY actions.id`,
  );

/** What is found at two looks is settled. */
async function lookTwice(): Promise<void> {
  await reconciliation.look();
  await reconciliation.look();
}

describe.each(['without a key', 'with a key'])('a start that was given up, %s', (kind) => {
  const key = kind === 'with a key' ? 'the key' : undefined;
  const describeStart = () => describeEntry({ idempotency_key: key ?? null });
  const start = (entry: ReturnType<typeof describeStart>, by = log) =>
    by.start(entry, key === undefined ? undefined : claim(key));
  const listOwners = async () => (await ownerOf(key ?? '')).map(({ action_id }) => action_id);
  const giveUp = (entry: ReturnType<typeof describeStart>) =>
    log.finish(
      entry,
      describeEnding(entry, GIVEN_UP, {
        isUnsure: true,
        ...(key !== undefined && { answer: null, claim: claim(key) }),
      }),
    );

  it('is never committed once its end is recorded, though it arrives after that', async () => {
    const entry = describeStart();
    const late = proxy.delayNext(entry.id);
    expect(await start(entry)).toBe('perhaps');
    await giveUp(entry);
    expect(await statusOf(entry.id)).toBe('FAILED');
    await (await late).deliver();
    expect(await statusOf(entry.id)).toBe('FAILED');
    expect(await countRunning()).toBe(0);
    expect(await listOwners()).toEqual([]);
  });

  it('is ended when it arrives before its end is recorded', async () => {
    const entry = describeStart();
    const late = proxy.delayNext(entry.id);
    expect(await start(entry)).toBe('perhaps');
    await (await late).deliver();
    expect(await statusOf(entry.id)).toBe('RUNNING');
    await giveUp(entry);
    expect(await statusOf(entry.id)).toBe('FAILED');
    expect(await countRunning()).toBe(0);
    expect(await listOwners()).toEqual([]);
  });

  it('takes nothing from a repeat that came first', async () => {
    const entry = describeStart();
    const late = proxy.delayNext(entry.id);
    expect(await start(entry)).toBe('perhaps');
    const repeat = describeStart();
    expect(await start(repeat)).toBe('started');
    await (await late).deliver();
    await giveUp(entry);
    expect([await statusOf(entry.id), await statusOf(repeat.id)]).toEqual(['FAILED', 'RUNNING']);
    expect(await listOwners()).toEqual(key === undefined ? [] : [repeat.id]);
  });
});

describe('what runs in the name of this replica', () => {
  const envelope: WaitingEnvelope = {
    raw: {},
    caller: { id: 'router', permissions: ['execute_actions'] },
    door: 'grpc',
    traceId: 'trace',
    receivedAt: new Date().toISOString(),
  };
  const lineUp = async (): Promise<string> => {
    const entry = describeEntry();
    await queue.add({ entry, message: 'queued', claim: undefined, line: 'line' }, envelope);
    return entry.id;
  };

  it('is left alone while it works on it', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    await lineUp();
    const [held] = await queue.take(5);
    await queue.begin(held?.actions[0]?.id ?? '', false);
    await lookTwice();
    await lookTwice();
    expect(await statusOf(entry.id)).toBe('RUNNING');
    expect(await statusOf(held?.actions[0]?.id ?? '')).toBe('RUNNING');
    expect(await lines()).toEqual([{ line: 'line', replica_id: lease.id }]);
  });

  it('waits again where its begin was given up and arrived later', async () => {
    const id = await lineUp();
    await queue.take(5);
    const late = proxy.delayNext(id);
    await expect(queue.begin(id, false)).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await queue.putBack(id, false);
    await (await late).deliver();
    expect(await statusOf(id)).toBe('RUNNING');
    await lookTwice();
    expect(await statusOf(id)).toBe('QUEUED');
    expect(await countRunning()).toBe(0);
  });

  it('is in doubt again where it was before, since when it left first', async () => {
    const entry = describeEntry();
    await log.start(entry, undefined);
    await log.finish(entry, describeEnding(entry, { status: 'UNKNOWN' }));
    const since = await database.query('SELECT started_at FROM actions');
    expect(await queue.begin(entry.id, true)).toBe(true);
    await queue.putBack(entry.id, true);
    expect(await statusOf(entry.id)).toBe('UNKNOWN');
    expect(await database.query('SELECT started_at FROM actions')).toEqual(since);
  });

  it('leaves lines whose taking was given up and arrived later', async () => {
    await lineUp();
    const late = proxy.delayNext('UPDATE queue_lines SET replica_id');
    await expect(queue.take(5)).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    await (await late).deliver();
    expect(await lines()).toEqual([{ line: 'line', replica_id: lease.id }]);
    await lookTwice();
    expect(await lines()).toEqual([{ line: 'line', replica_id: null }]);
    expect(await queue.take(5)).toHaveLength(1);
  });

  it('leaves a line on which the work broke off, and says that its action is unknown', async () => {
    const id = await lineUp();
    const [held] = await queue.take(5);
    if (!held) throw new Error('nothing was taken');
    await queue.begin(id, false);
    queue.abandon(held);
    await lookTwice();
    expect(await statusOf(id)).toBe('UNKNOWN');
    expect(await lines()).toEqual([{ line: 'line', replica_id: null }]);
  });

  it('does not wait again by a statement that arrives after it began anew', async () => {
    const id = await lineUp();
    const [held] = await queue.take(5);
    await queue.begin(id, false);
    for (const table of ['actions', 'running_actions'])
      await database.change(`UPDATE ${table} SET replica_id = $2 WHERE id = $1`, [
        id,
        randomUUID(),
      ]);
    await queue.putBack(id, false);
    expect(await statusOf(id)).toBe('RUNNING');
    expect(held?.actions).toHaveLength(1);
  });
});

describe('a failover that loses what was acknowledged', () => {
  it('is noticed, and what is in memory is written again with its keys', async () => {
    const entries = await finishSome(3);
    const before = await readState();
    const lost = entries.slice(1).map(({ id }) => id);
    await database.change('DELETE FROM actions WHERE id = ANY($1)', [lost]);
    await database.change('DELETE FROM idempotency_keys WHERE action_id = ANY($1)', [lost]);
    let told = 0;
    reconciliation.onLostPast(async () => void (told += 1));
    await reconciliation.look();
    expect(await readState()).toEqual(before);
    await reconciliation.look();
    expect(told).toBe(1);
  });

  it('ends again what runs once more after it', async () => {
    const [entry] = await finishSome(1);
    const before = await readState();
    await database.change(`UPDATE actions SET status = 'RUNNING', result = NULL, attempts = 0`);
    await database.change('UPDATE idempotency_keys SET answer = NULL');
    await database.change('INSERT INTO running_actions VALUES ($1, $2)', [entry?.id, lease.id]);
    await reconciliation.look();
    expect(await readState()).toEqual(before);
    expect(await countRunning()).toBe(0);
  });

  it('loses no outcome of what was under way: its row and its key are made again', async () => {
    const entry = describeEntry({ idempotency_key: 'under way' });
    const key = claim('under way');
    await log.start(entry, key);
    await database.change('DELETE FROM actions WHERE id = $1', [entry.id]);
    await database.change('DELETE FROM running_actions');
    await database.change('DELETE FROM idempotency_keys');
    const ending = describeEnding(entry, {}, { answer: 'sealed', claim: key });
    expect(await log.finish(entry, ending)).toBe(true);
    expect(await statusOf(entry.id)).toBe('SUCCEEDED');
    expect(await ownerOf('under way')).toEqual([{ action_id: entry.id, answer: 'sealed' }]);
  });

  it('overwrites nothing that is final, and takes no key from another action', async () => {
    const [changed, lost] = await finishSome(2);
    const other = randomUUID();
    await database.change(`UPDATE actions SET status = 'REFUSED' WHERE id = $1`, [changed?.id]);
    await database.change('DELETE FROM actions WHERE id = $1', [lost?.id]);
    await database.change('UPDATE idempotency_keys SET action_id = $2 WHERE action_id = $1', [
      lost?.id,
      other,
    ]);
    await reconciliation.look();
    expect([await statusOf(changed?.id ?? ''), await statusOf(lost?.id ?? '')]).toEqual([
      'REFUSED',
      'SUCCEEDED',
    ]);
    expect(await ownerOf('key 1')).toEqual([{ action_id: other, answer: 'sealed' }]);
  });

  it('is not seen where nothing was lost', async () => {
    await finishSome(3);
    const entry = describeEntry();
    await log.start(entry, undefined);
    await log.finish(entry, describeEnding(entry, { status: 'UNKNOWN' }));
    // What is unknown may begin once more at another replica.
    await database.change(`UPDATE actions SET status = 'RUNNING' WHERE id = $1`, [entry.id]);
    await reconciliation.look();
    expect(await statusOf(entry.id)).toBe('RUNNING');
  });
});
