// Real: PostgreSQL, the rounds and their transactions, several replicas with pools of their own.
// Fake: the platform, of which nothing is asked.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  DailyLimit,
  LearnedLimit,
  Limit,
  LimitNews,
  WindowLimit,
} from '../../src/actions/limit.js';
import { Housekeeping } from '../../src/journal/housekeeping.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import type { Database } from '../../src/database/database.js';
import { LimitStates } from '../../src/safeguards/buckets/limit-states.js';
import { widen } from '../../src/safeguards/buckets/window.js';
import { Limits, type PayerTime, type Spending } from '../../src/safeguards/limits.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

// Waits take no time here: what matters is what was reserved. The feed beats as it always does.
vi.mock(import('node:timers/promises'), async (original) => {
  const timers = await original();
  const wait: typeof timers.setTimeout = async (ms, value, options) =>
    options?.signal ? timers.setTimeout(ms, value, options) : (value as never);
  return { ...timers, setTimeout: wait as never };
});

let shared: SharedDatabase;
const databases: Database[] = [];
const feeds: ChangeFeed[] = [];
let replicas: Limits[] = [];

beforeAll(async () => {
  shared = await createSharedDatabase();
  for (let n = 0; n < 3; n += 1) databases.push(await shared.join());
  for (const database of databases) feeds.push(new ChangeFeed(database));
  for (const feed of feeds) await feed.follow('nothing', async () => undefined);
});

beforeEach(async () => {
  await databases[0]?.change('TRUNCATE limit_states');
  replicas = databases.map(
    (database, n) => new Limits(new LimitStates(database), feeds[n] as ChangeFeed),
  );
});

afterEach(() => {
  vi.restoreAllMocks();
});

afterAll(async () => {
  await Promise.all(feeds.map((feed) => feed.onApplicationShutdown()));
  await shared?.close();
});

/** The time of somebody who never gives up; what is waited for is not waited out. */
class Patience implements PayerTime {
  constructor(private readonly ms = 1e9) {}

  leftMs(): number {
    return this.ms;
  }

  race<T>(work: Promise<T>): Promise<T> {
    return work;
  }
}

const pay = (
  limits: readonly Limit[],
  replica: Limits | undefined,
  priority: 'NORMAL' | 'HIGH' = 'NORMAL',
  time: PayerTime = new Patience(),
): Promise<Spending> =>
  replica?.pay({ limits, priority, time }) ?? Promise.reject(new Error('no such replica'));

const window = (more: Partial<WindowLimit> = {}): WindowLimit => ({
  kind: 'window',
  bucket: 'twitch:chat:1:1',
  tokens: 20,
  windowMs: 1_000,
  ...more,
});

const day = (more: Partial<DailyLimit> = {}): DailyLimit => ({
  kind: 'daily',
  bucket: 'youtube:units:p',
  units: 1_000,
  reserve: 0,
  cost: 50,
  countToReset: () => 3_600_000,
  ...more,
});

const channel = (id: string): LearnedLimit => ({
  kind: 'learned',
  bucket: `discord:bot:${id}:send`,
  account: 'bot',
  assumed: { tokens: 1, windowMs: 1_000 },
  route: { name: 'discord:route:send', of: `discord:bot:${id}` },
});

/** When a spending may be used, on the clock of the database. */
function readMoment({ tickets: [ticket] }: Spending): number {
  const { at = Number.NaN } = (ticket?.mark ?? {}) as { at?: number };
  return at;
}

/** Resolves when the connection of each feed was asked that often whether it lives; once in 400 ms. */
const waitForBeats = async (times: number): Promise<void> => {
  const beats = new Map<unknown, Set<unknown>>();
  await expect
    .poll(
      async () => {
        const rows = await databases[0]?.query<{ pid: number; query_start: Date }>(
          `SELECT pid, query_start FROM pg_stat_activity
           WHERE application_name = 'action-gateway changes' AND datname = current_database()`,
        );
        for (const { pid, query_start } of rows ?? []) {
          const seen = beats.get(pid) ?? new Set();
          beats.set(pid, seen.add(query_start.getTime()));
        }
        return [...beats.values()].filter((seen) => seen.size > times).length;
      },
      { interval: 50 },
    )
    .toBe(feeds.length);
};

describe('three replicas at one window', () => {
  it('never reserve more than its tokens in any window, and no time in between is lost', async () => {
    const spent = await Promise.all(
      Array.from({ length: 1_000 }, (_item, n) => pay([window()], replicas[n % 3])),
    );
    const moments = spent.map(readMoment).toSorted((a, b) => a - b);
    const width = widen(1_000);
    const tooNear = moments.filter(
      (moment, index) => (moments[index + 20] ?? Infinity) < moment + width,
    );
    expect(tooNear).toEqual([]);
    const last = moments.at(-1) ?? 0;
    expect(last - (moments[0] ?? 0)).toBeLessThan(51 * width);
  });

  it('reserve in the order of arrival at each of them', async () => {
    const spent = await Promise.all(
      Array.from({ length: 300 }, (_item, n) => pay([window()], replicas[n % 3])),
    );
    for (const replica of [0, 1, 2]) {
      const moments = spent.filter((_item, n) => n % 3 === replica).map(readMoment);
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    }
  });

  it('give back what another one may take', async () => {
    const [one, two] = replicas;
    const limit = window({ tokens: 1, windowMs: 60_000 });
    const spending = await pay([limit], one);
    expect(await two?.predictWait([limit], 'NORMAL')).toBeGreaterThan(0);
    one?.giveBack(spending);
    await expect.poll(() => two?.predictWait([limit], 'NORMAL')).toBe(0);
  });

  it('are not misled by a clock of one of them that is minutes off', async () => {
    const limit = window({ tokens: 1, windowMs: 60_000 });
    await pay([limit], replicas[0]);
    const real = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(real + 600_000);
    try {
      const waitMs = await replicas[1]?.predictWait([limit], 'NORMAL');
      expect(waitMs).toBeGreaterThan(50_000);
      await expect(pay([limit], replicas[1], 'NORMAL', new Patience(1_000))).rejects.toMatchObject({
        code: 'RATE_LIMITED',
      });
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('refuse what does not fit the time, and take nothing for it', async () => {
    const limit = window({ tokens: 1, windowMs: 60_000 });
    await pay([limit], replicas[0]);
    const wide = window({ bucket: 'twitch:wide', tokens: 1 });
    const late = pay([wide, limit], replicas[1], 'NORMAL', new Patience(10));
    await expect(late).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(await replicas[2]?.predictWait([wide], 'NORMAL')).toBe(0);
  });
});

const shares = async (): Promise<unknown> =>
  (await replicas[2]?.list({}))?.buckets.map(({ used, shares: of }) => ({ used, of }));

describe('a daily ledger', () => {
  it('tells what each account has spent of a shared day, at whichever replica', async () => {
    // An account may have any name, also one that every object knows.
    const payers = ['a', 'b', 'b', 'constructor', '__proto__'];
    const paid = await Promise.all(
      payers.map((payer, n) => pay([day({ payer })], replicas[n % 3])),
    );
    expect(await shares()).toEqual([
      {
        used: 250,
        of: Object.fromEntries([
          ['a', 50],
          ['b', 100],
          ['constructor', 50],
          ['__proto__', 50],
        ]),
      },
    ]);
    for (const spending of paid.slice(0, 2)) replicas[0]?.giveBack(spending);
    await expect.poll(shares).toEqual([
      {
        used: 150,
        of: Object.fromEntries([
          ['b', 50],
          ['constructor', 50],
          ['__proto__', 50],
        ]),
      },
    ]);
  });

  it('counts accounts beyond the most that it keeps apart together', async () => {
    for (let n = 0; n < 203; n += 1)
      await pay([day({ units: 1_000, cost: 1, payer: `UC${n}` })], replicas[n % 3]);
    await pay([day({ units: 1_000, cost: 4, payer: 'UC0' })], replicas[0]);
    const [bucket] = (await replicas[1]?.list({}))?.buckets ?? [];
    expect(bucket?.used).toBe(207);
    expect(Object.keys(bucket?.shares ?? {})).toHaveLength(201);
    expect(bucket?.shares).toMatchObject({ '': 3, UC0: 5, UC199: 1 });
  });

  it('is not over-committed by a race for its last units', async () => {
    const asked = await Promise.allSettled(
      Array.from({ length: 300 }, (_item, n) => pay([day()], replicas[n % 3])),
    );
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const refusals = asked.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    for (const reason of refusals) expect(reason).toMatchObject({ code: 'QUOTA_EXHAUSTED' });
  });

  it('is committed so that a crash of the database forgets nothing of it', async () => {
    const [database] = databases;
    const said: string[] = [];
    const connect = vi.spyOn(database as Database, 'connect').mockImplementation(async (work) => {
      connect.mockRestore();
      return (database as Database).connect((client) => {
        const query = vi.spyOn(client, 'query');
        return work(client).finally(() =>
          said.push(...query.mock.calls.map(([text]) => String(text))),
        );
      });
    });
    await pay([day()], replicas[0]);
    expect(said.join('\n')).toContain('synchronous_commit = on');
  });
});

const standing = (limit: Limit, remaining: number): LimitNews => ({
  bucket: limit.bucket,
  kind: 'standing',
  tokens: 5,
  remaining,
  resetAfterMs: 60_000,
  name: 'hash',
});

describe('a learned bucket', () => {
  it('that one replica has learned holds for all, also for new resources', async () => {
    const first = await pay([channel('7')], replicas[0]);
    replicas[0]?.learn(first, [standing(channel('7'), 4)]);
    const open = async (): Promise<number> => {
      const waits = [1, 2].map(() => replicas[2]?.predictWait([channel('8')], 'NORMAL'));
      return Math.max(...(await Promise.all(waits)).map((wait) => wait ?? 0));
    };
    await expect.poll(open).toBe(0);
    const taken = await Promise.allSettled(
      Array.from({ length: 10 }, (_item, n) =>
        pay([channel('9')], replicas[n % 3], 'NORMAL', new Patience(1_000)),
      ),
    );
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('that is closed is closed for all', async () => {
    const first = await pay([channel('7')], replicas[0]);
    replicas[0]?.learn(first, [{ bucket: channel('7').bucket, kind: 'closed', forMs: 30_000 }]);
    await expect
      .poll(() => replicas[1]?.predictWait([channel('7')], 'NORMAL'))
      .toBeGreaterThan(20_000);
  });
});

describe('what a replica takes ahead', () => {
  const points: LearnedLimit = {
    kind: 'learned',
    bucket: 'twitch:helix:client:1',
    account: '1',
    assumed: { tokens: 100, windowMs: 60_000 },
  };
  const told = (tokens: number, remaining: number): LimitNews => ({
    bucket: points.bucket,
    kind: 'standing',
    tokens,
    remaining,
    resetAfterMs: 60_000,
  });
  const readUsed = async (): Promise<number | undefined> =>
    (await replicas[2]?.list({}))?.buckets.find(({ bucket }) => bucket === points.bucket)?.used;
  /** Somebody has told how large the bucket is, and that it lasts. */
  const begin = async (tokens: number): Promise<void> => {
    const first = await pay([points], replicas[0]);
    replicas[0]?.learn(first, [told(tokens, tokens - 1)]);
    await expect
      .poll(async () => (await replicas[2]?.list({}))?.buckets[0]?.limit, { interval: 5 })
      .toBe(tokens);
  };

  it('spares most rounds, and whatever is not used goes back', async () => {
    await begin(10_000);
    const rounds = vi.spyOn(LimitStates.prototype, 'change');
    for (let n = 0; n < 300; n += 1) await pay([points], replicas[0]);
    expect(rounds.mock.calls.length).toBeLessThan(150);
    await replicas[0]?.onApplicationShutdown();
    await expect.poll(readUsed).toBe(301);
  });

  it('never adds up to more than there is, on all replicas together', async () => {
    await begin(120);
    const asked: Promise<Spending>[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      for (const replica of replicas)
        for (let n = 0; n < 4; n += 1)
          asked.push(pay([points], replica, 'NORMAL', new Patience(1_000)));
      await Promise.allSettled(asked);
    }
    const ends = await Promise.allSettled(asked);
    const passed = ends.filter(({ status }) => status === 'fulfilled').length;
    expect(passed).toBeLessThanOrEqual(119);
    // Only what the others hold at hand is missing.
    expect(passed).toBeGreaterThan(90);
    for (const replica of replicas) await replica.onApplicationShutdown();
    await expect.poll(readUsed).toBe(passed + 1);
  });

  it('is forgotten when the platform closes the bucket', async () => {
    await begin(10_000);
    for (let n = 0; n < 20; n += 1) await pay([points], replicas[0]);
    const last = await pay([points], replicas[0]);
    replicas[0]?.learn(last, [{ bucket: points.bucket, kind: 'closed', forMs: 30_000 }]);
    await expect(pay([points], replicas[0], 'NORMAL', new Patience(1_000))).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
  });

  it('can be used while the database is away, and nothing more', async () => {
    await begin(10_000);
    for (let n = 0; n < 20; n += 1) await pay([points], replicas[0]);
    const atHand = ((await readUsed()) ?? 0) - 21;
    expect(atHand).toBeGreaterThan(0);
    const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    vi.spyOn(databases[0] as Database, 'connect').mockImplementation(() =>
      (databases[0] as Database).reach(() => Promise.reject(away)),
    );
    let passed = 0;
    const ask = async (): Promise<void> => {
      for (;;) {
        await pay([points], replicas[0]);
        passed += 1;
      }
    };
    await expect(ask()).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(passed).toBe(atHand);
  });
});

describe('what a replica has taken ahead for as long as a window goes on', () => {
  const points: LearnedLimit = {
    kind: 'learned',
    bucket: 'twitch:helix:client:2',
    account: '2',
    assumed: { tokens: 100, windowMs: 60_000 },
  };
  const readUsed = async (): Promise<number | undefined> =>
    (await replicas[2]?.list({}))?.buckets.find(({ bucket }) => bucket === points.bucket)?.used;
  const tryOnce = (replica: Limits | undefined): Promise<boolean> =>
    pay([points], replica, 'NORMAL', new Patience(1_000)).then(
      () => true,
      () => false,
    );
  const countPaid = async (replica: Limits | undefined, times: number): Promise<number> => {
    let paid = 0;
    while (paid < times && (await tryOnce(replica))) paid += 1;
    return paid;
  };
  /** Two replicas that ask, of which each has something at hand. @returns how much they have spent */
  const begin = async (tokens: number, times: number): Promise<number> => {
    await expect.poll(() => feeds.every(({ isCurrent }) => isCurrent)).toBe(true);
    const first = await pay([points], replicas[0]);
    const news = { bucket: points.bucket, kind: 'standing', tokens, resetAfterMs: 60_000 } as const;
    replicas[0]?.learn(first, [{ ...news, remaining: tokens - 1 }]);
    await expect.poll(readUsed, { interval: 5 }).toBeGreaterThan(1);
    let spent = 1;
    for (const replica of replicas.slice(0, 2)) spent += await countPaid(replica, times);
    expect(await readUsed()).toBeGreaterThan(spent);
    return spent;
  };

  it('is there with the first answer, so that the next requests need no round', async () => {
    await begin(800, 0);
    expect(await readUsed()).toBe(9);
    const rounds = vi.spyOn(LimitStates.prototype, 'change');
    expect(await countPaid(replicas[0], 8)).toBe(8);
    expect(rounds).not.toHaveBeenCalled();
  });

  it('is taken in the round of another request, where there is one', async () => {
    await expect.poll(() => feeds[0]?.isCurrent).toBe(true);
    const first = await pay([points], replicas[0]);
    const news = { bucket: points.bucket, kind: 'standing', tokens: 800 } as const;
    const rounds = vi.spyOn(LimitStates.prototype, 'change');
    // The moment in which nobody comes is never over.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    replicas[0]?.learn(first, [{ ...news, remaining: 799, resetAfterMs: 60_000 }]);
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    await pay([window()], replicas[0]).finally(() => vi.useRealTimers());
    expect(await countPaid(replicas[0], 8)).toBe(8);
    expect(rounds).toHaveBeenCalledOnce();
  });

  it('goes to another one that needs it', async () => {
    let spent = await begin(320, 3);
    // What is called in comes back within moments, and all of it.
    await expect.poll(async () => (spent += await countPaid(replicas[2], 1_000))).toBe(320);
    expect(await countPaid(replicas[2], 1_000)).toBe(0);
  });

  it('is not spent once another one has learned that the bucket is closed', async () => {
    const spent = await begin(100_000, 200);
    const last = await pay([points], replicas[0]);
    const atHand = ((await readUsed()) ?? 0) - spent - 1;
    replicas[0]?.learn(last, [{ bucket: points.bucket, kind: 'closed', forMs: 30_000 }]);
    let late = 0;
    await expect
      .poll(
        async () => {
          const isOpen = await tryOnce(replicas[1]);
          late += Number(isOpen);
          return isOpen;
        },
        { interval: 5 },
      )
      .toBe(false);
    expect(late).toBeLessThan(atHand / 4);
  });

  it('goes back when it can no longer be told that it is called in', async () => {
    const spent = await begin(100_000, 20);
    // Longer than what is taken ahead lasts where no window is known: its end is the cut, and not its age.
    await waitForBeats(3);
    await databases[0]?.change(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'action-gateway changes' AND datname = current_database()`,
    );
    await expect.poll(readUsed).toBe(spent);
    // And is taken again by those who are told again.
    await expect.poll(() => feeds[1]?.isCurrent).toBe(true);
    expect(await tryOnce(replicas[1])).toBe(true);
    await expect.poll(readUsed).toBeGreaterThan(spent + 1);
  });
});

describe('trouble', () => {
  it('in the middle of a transaction leaves nothing taken', async () => {
    const limit = window({ tokens: 1, windowMs: 60_000 });
    const [database, , other] = databases;
    const connect = vi.spyOn(database as Database, 'connect').mockImplementation((work) => {
      connect.mockRestore();
      return (database as Database).connect(async (client) => {
        client.on('error', () => undefined);
        const query = client.query.bind(client) as (text: string) => Promise<never>;
        vi.spyOn(client, 'query').mockImplementation((async (text: string) => {
          // The server ends the connection as it would that of a process that is killed right now.
          if (/COMMIT/.test(text)) {
            const { processID } = client as unknown as { processID: number };
            await other?.query('SELECT pg_terminate_backend($1::int)', [processID]);
          }
          return query(text);
        }) as never);
        return work(client);
      });
    });
    await expect(pay([limit], replicas[0])).rejects.toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
    expect(await replicas[2]?.predictWait([limit], 'NORMAL')).toBe(0);
  });

  it('without a database is told as such, and what was learned meanwhile is not lost', async () => {
    const spending = await pay([channel('7')], replicas[0]);
    const away = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const connect = vi
      .spyOn(databases[0] as Database, 'connect')
      .mockImplementation(() => (databases[0] as Database).reach(() => Promise.reject(away)));
    await expect(pay([window()], replicas[0])).rejects.toMatchObject({
      code: 'GATEWAY_UNAVAILABLE',
    });
    replicas[0]?.learn(spending, [{ bucket: channel('7').bucket, kind: 'closed', forMs: 30_000 }]);
    connect.mockRestore();
    await expect
      .poll(() => replicas[1]?.predictWait([channel('7')], 'NORMAL'))
      .toBeGreaterThan(20_000);
  });

  it('with one request of a round is no trouble of the others', async () => {
    const asked = [
      pay([day({ cost: 5_000 })], replicas[0]),
      pay([window()], replicas[0]),
      pay([day({ cost: 5_000 })], replicas[0]),
    ];
    const ends = await Promise.allSettled(asked);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  });
});

it('lists what is counted, by platform and by account', async () => {
  await pay(
    [window({ account: '1' }), window({ bucket: 'twitch:raid:2', account: '2' })],
    replicas[0],
  );
  await pay([day()], replicas[1]);
  const all = await replicas[2]?.list({});
  expect(all?.buckets.map(({ bucket }) => bucket)).toEqual([
    'twitch:chat:1:1',
    'twitch:raid:2',
    'youtube:units:p',
  ]);
  const some = await replicas[2]?.list({ platform: 'twitch', account: '2' });
  expect(some?.buckets).toMatchObject([
    { bucket: 'twitch:raid:2', kind: 'window', account: '2', limit: 20, used: 1, left: 19 },
  ]);
});

it('is swept when it says nothing any more, and not before', async () => {
  await pay([day()], replicas[0]);
  await pay([window({ windowMs: 86_400_000 })], replicas[0]);
  await pay([window({ bucket: 'twitch:short', windowMs: 1 })], replicas[0]);
  const [database] = databases;
  const list = (): Promise<{ bucket: string }[]> =>
    (database as Database).query('SELECT bucket FROM limit_states ORDER BY bucket');
  await expect
    .poll(async () => {
      await new Housekeeping(database as Database, { AUDIT_RETENTION_DAYS: 0 }).keep();
      return (await list()).map(({ bucket }) => bucket);
    })
    .toEqual(['twitch:chat:1:1', 'youtube:units:p']);
});
