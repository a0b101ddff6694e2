// Real: PostgreSQL, the jobs and the leases of several replicas. Fake: nothing.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ReplicaLease } from '../../src/cluster/replica-lease.js';
import type { Database } from '../../src/database/database.js';
import { rotateColumn } from '../../src/database/key-rotation.js';
import { Vault } from '../../src/database/vault.js';
import { type ClaimedJob, MediaJobs, type NewJob } from '../../src/media/media-jobs.js';
import { SEALED_WEBHOOKS } from '../../src/media/contract/sealed-columns.js';
import { createSharedDatabase, loseNextAnswer, type SharedDatabase } from '../support/replicas.js';

const vault = new Vault([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const URL = 'https://www.youtube.com/watch?v=x';
const HOOK = 'https://hooks.example/secret';

interface Replica {
  readonly database: Database;
  readonly lease: ReplicaLease;
  readonly jobs: MediaJobs;
}

let shared: SharedDatabase;
let one: Replica;
let two: Replica;

async function join(most = 0): Promise<Replica> {
  const database = await shared.join();
  const lease = new ReplicaLease(database);
  await lease.onApplicationBootstrap();
  const jobs = new MediaJobs(database, vault, lease, { MAX_QUEUE_LENGTH: most });
  return { database, lease, jobs };
}

beforeAll(async () => {
  shared = await createSharedDatabase();
  [one, two] = await Promise.all([join(), join()]);
});

beforeEach(async () => {
  await one.database.change('TRUNCATE media_jobs');
});

afterAll(async () => {
  for (const { lease } of [one, two]) await lease.onApplicationShutdown();
  await shared?.close();
});

const make = (more: Partial<NewJob> = {}): NewJob => ({
  id: randomUUID(),
  callerId: 'router',
  url: URL,
  ...more,
});

describe('jobs of media', () => {
  it('are taken once, in order, and read alike everywhere', async () => {
    const jobs = Array.from({ length: 6 }, () => make({ clientId: 'mine' }));
    for (const job of jobs) expect(await one.jobs.enqueue(job)).toBe(true);
    const [first, second] = await Promise.all([one.jobs.claim(3), two.jobs.claim(3)]);
    const taken = [...first, ...second].map(({ id }) => id);
    expect(taken.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
    expect(await two.jobs.claim(3)).toEqual([]);
    const [held] = first;
    if (!held) throw new Error('nothing was taken');
    expect(await two.jobs.find(held.id, 'router')).toMatchObject({ state: 'running' });
    expect(await one.jobs.finish(held, 200, { text: 'a\u0000b\ud800' })).toBe(true);
    expect(await two.jobs.find(held.id, 'router')).toMatchObject({
      state: 'done',
      code: 200,
      clientId: 'mine',
      answer: { text: 'a\ufffdb\ufffd' },
    });
    expect(await one.jobs.finish(held, 500, {})).toBe(false);
    expect(await two.jobs.find(held.id, 'somebody')).toBeUndefined();
  });

  it('find no more places than there are, however many come at once', async () => {
    const tight = await join(3);
    try {
      const came = await Promise.all(
        Array.from({ length: 10 }, () => tight.jobs.enqueue(make({ webhookUrl: HOOK }))),
      );
      expect(came.filter(Boolean)).toHaveLength(3);
      expect(await one.jobs.countQueued()).toBe(3);
    } finally {
      await tight.lease.onApplicationShutdown();
    }
  });

  it('of a dead replica are taken up again, thrice at most, and never by the dead', async () => {
    await one.jobs.enqueue(make({ webhookUrl: HOOK }));
    for (const tries of [1, 2, 3]) {
      const doomed = await join();
      const [held] = await doomed.jobs.claim(1);
      expect(held).toMatchObject({ tries });
      await one.jobs.reap();
      expect(await two.jobs.claim(1)).toEqual([]);
      await doomed.lease.onApplicationShutdown();
      await one.jobs.reap();
      // It comes to life again, and has nothing to say any more.
      expect(await doomed.jobs.finish(held as ClaimedJob, 200, {})).toBe(false);
    }
    expect(await one.jobs.claim(1)).toEqual([]);
    const [[due], [again]] = [await one.jobs.claimWebhooks(5), await two.jobs.claimWebhooks(5)];
    expect(due).toMatchObject({ url: HOOK, tries: 1 });
    expect(again).toBeUndefined();
    const { state, code } = (await one.jobs.find(due?.id ?? '')) ?? {};
    expect({ state, code }).toEqual({ state: 'done', code: 500 });
  });

  it('that were taken by a statement whose answer was lost are taken again', async () => {
    await one.jobs.enqueue(make());
    loseNextAnswer(one.database);
    await expect(one.jobs.claim(1)).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    // Another job is under way, and stays with its replica, however long it takes.
    await two.jobs.enqueue(make());
    const [known] = await one.jobs.claim(1);
    await one.jobs.reap();
    expect(await two.jobs.claim(2)).toEqual([]);
    await one.database.change("UPDATE media_jobs SET started_at = now() - interval '1 minute'");
    await two.jobs.reap();
    expect(await two.jobs.claim(2)).toEqual([]);
    await one.jobs.reap();
    const [again, ...more] = await two.jobs.claim(2);
    expect(again).toMatchObject({ tries: 2 });
    expect(again?.id).not.toBe(known?.id);
    expect(more).toEqual([]);
    // What is over for its replica, and could not be written down, is freed as well.
    if (known) one.jobs.release(known);
    await one.jobs.reap();
    expect(await two.jobs.claim(2)).toMatchObject([{ id: known?.id, tries: 2 }]);
  });

  it('that a caller waited for end with their replica', async () => {
    const doomed = await join();
    const job = make();
    const held = await doomed.jobs.begin(job);
    await one.jobs.reap();
    expect(await one.jobs.find(job.id)).toMatchObject({ state: 'running' });
    await doomed.lease.onApplicationShutdown();
    await one.jobs.reap();
    expect(await one.jobs.find(job.id)).toMatchObject({ state: 'done', code: 500 });
    expect(await doomed.jobs.finish(held, 200, {})).toBe(false);
    expect(await one.jobs.list('router', 60)).toEqual({ [job.id]: 'done' });
  });

  it('are put back by a replica that stops, as if never taken', async () => {
    await one.jobs.enqueue(make());
    const [held] = await one.jobs.claim(1);
    if (!held) throw new Error('nothing was taken');
    await one.jobs.requeue(held);
    expect(await two.jobs.claim(1)).toMatchObject([{ id: held.id, tries: 1 }]);
  });

  it('keep the address of their webhook encrypted, also with another key', async () => {
    const job = make({ webhookUrl: HOOK });
    await one.jobs.enqueue(job);
    const read = async (): Promise<string> => {
      const [row] = await one.database.query<{ webhook_url: string }>(
        'SELECT webhook_url FROM media_jobs',
      );
      return row?.webhook_url ?? '';
    };
    expect(await read()).not.toContain('hooks.example');
    const next = { id: 'k2', key: Buffer.alloc(32, 8) };
    const both = new Vault([next, { id: 'k1', key: Buffer.alloc(32, 7) }]);
    const count = await rotateColumn(one.database, both, SEALED_WEBHOOKS, () => undefined);
    expect(count).toMatchObject({ rotated: 1, left: 0 });
    const place = SEALED_WEBHOOKS.locate({ id: job.id });
    expect(new Vault([next]).decrypt(await read(), place)).toBe(HOOK);
  });
});
