// Real: gateway processes on one PostgreSQL through proxies that hold statements or go dead, kill -9.
// Fake: the three platforms, at the wire. CHAOS=long (npm run test:chaos) does more of the same.
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_CHANNEL } from '../../src/platforms/discord/simulation/seed.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { makePromise } from '../support/promise.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcOutcome, type GrpcRefusal } from '../support/grpc-client.js';
import {
  type HoldPoint,
  type PostgresProxy,
  startPostgresProxy,
} from '../support/postgres-proxy.js';
import { type SeenRequest, startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const isLong = process.env['CHAOS'] === 'long';
const LONG_MS = 600_000;

interface Replica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
  readonly proxy: PostgresProxy;
}

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let replicas: Replica[];
const opened: Replica[] = [];

async function open(env: Record<string, string> = {}): Promise<Replica> {
  const proxy = await startPostgresProxy(database.url);
  const gateway = await startGateway({
    ...sandbox.env,
    DATABASE_URL: proxy.url,
    CALLER_REQUESTS_PER_MINUTE: '0',
    ...env,
  });
  const replica = { gateway, grpc: new GrpcClient(gateway.grpcAddress), proxy };
  opened.push(replica);
  return replica;
}

const openVictim = (): Promise<Replica> => open({ QUEUE_WORKERS: '0' });

async function close(replica: Replica): Promise<void> {
  replica.grpc.close();
  await replica.gateway.stop('SIGKILL');
  await replica.proxy.close();
}

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
  await sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  // The first one migrates.
  replicas = [await open(), ...(await Promise.all([open(), open()]))];
});

beforeEach(() => sandbox.control('DELETE', '/sandbox/faults'));

afterAll(async () => {
  await Promise.all(opened.map(close));
  await sandbox?.close();
  await database?.drop();
});

async function query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** How many of the scheduled actions have succeeded. */
const DONE_SQL = `SELECT count(*)::int AS n FROM actions
  WHERE run_at IS NOT NULL AND status = 'SUCCEEDED' AND action_type = 'update_title'`;

const pick = (n: number): Replica => replicas[n % replicas.length] as Replica;

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

const settle = (call: Promise<GrpcOutcome>): Promise<GrpcOutcome | GrpcRefusal> =>
  call.catch((error: GrpcRefusal) => error);

/** Requests that a platform took and acted on, by the text they carry. */
async function countActed(text: string, by = 'POST'): Promise<number> {
  const seen = await sandbox.requestsSince(0);
  return seen.filter((request) => request.acted && request.method === by && carries(request, text))
    .length;
}

/** Whether a request says this, or is about it. */
const carries = ({ body, query: asked }: SeenRequest, text: string): boolean =>
  JSON.stringify([body, asked]).includes(`"${text}"`);

const fault = (match: object, given: object, times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', { match, times, fault: given });

/** Whether what a caller was told is what happened: done once, surely not done, or nobody knows. */
function agrees(told: GrpcOutcome | GrpcRefusal, acted: number): boolean {
  if (!('status' in told)) return told.nothingSent ? acted === 0 : acted <= 1;
  if (told.status === 'SUCCEEDED') return acted === 1;
  return told.status === 'UNKNOWN' ? acted <= 1 : acted === 0;
}

// What a gateway may be in the middle of when it dies; each is one action with a text of its own.
interface Effect {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  /** Another replica finds out what became of it. */
  readonly isClearedUp: boolean;
  readonly build: (text: string) => object;
  /** Makes what it works on. */
  readonly prepare?: (text: string) => Promise<unknown>;
}

const EFFECTS: readonly Effect[] = [
  {
    name: 'a create',
    method: 'POST',
    path: '/twitch/helix/chat/messages',
    isClearedUp: false,
    build: (text) => say(text),
  },
  {
    name: 'a create that the platform takes twice for once',
    method: 'POST',
    path: `/discord/api/v10/channels/${DEMO_CHANNEL}/messages`,
    isClearedUp: true,
    build: (content) => ({
      platform: 'discord',
      action_type: 'send_message',
      parameters: { channel_id: DEMO_CHANNEL, content },
    }),
  },
  {
    name: 'an update',
    method: 'PATCH',
    path: '/twitch/helix/channels',
    isClearedUp: false,
    build: (title) => ({
      platform: 'twitch',
      action_type: 'update_title',
      account_id: '1001',
      parameters: { title },
    }),
  },
  {
    name: 'a delete',
    method: 'DELETE',
    path: '/twitch/helix/moderation/bans',
    isClearedUp: false,
    build: (user_id) => ({
      platform: 'twitch',
      action_type: 'unban',
      account_id: '1001',
      parameters: { user_id },
    }),
    async prepare(id) {
      const users = [{ id, login: `banned_${id}` }];
      await sandbox.control('POST', '/sandbox/twitch/users', { users });
      const ban = { platform: 'twitch', action_type: 'ban', account_id: '1001' };
      await pick(0).grpc.execute({ ...ban, parameters: { user_id: id } });
    },
  },
];

// Between the claim and the answer there is no other place to die at.
interface Point {
  readonly name: string;
  readonly statement?: readonly [text: string, point: HoldPoint];
  readonly upstream?: 'before' | 'after';
  /** What the platform has of it when the gateway is dead. */
  readonly acted: 0 | 1;
  readonly leaves: 'nothing' | 'doubt' | 'the outcome';
}

const STARTED = "'RUNNING', 'Running'";
const FINISHED = 'UPDATE actions SET status = ended.status';

const POINTS: readonly Point[] = [
  {
    name: 'before its row is written',
    statement: [STARTED, 'before'],
    acted: 0,
    leaves: 'nothing',
  },
  { name: 'after its row is written', statement: [STARTED, 'after'], acted: 0, leaves: 'doubt' },
  { name: 'before the platform acts', upstream: 'before', acted: 0, leaves: 'doubt' },
  { name: 'after the platform has acted', upstream: 'after', acted: 1, leaves: 'doubt' },
  {
    name: 'before the outcome is written',
    statement: [FINISHED, 'before'],
    acted: 1,
    leaves: 'doubt',
  },
  {
    name: 'before the answer leaves',
    statement: [FINISHED, 'after'],
    acted: 1,
    leaves: 'the outcome',
  },
];

/** Each point with each effect; in the short form each point with one of the first two, in turn. */
const CASES = POINTS.flatMap((point, nth) =>
  (isLong ? EFFECTS : EFFECTS.slice(nth % 2, (nth % 2) + 1)).map((effect) => ({ point, effect })),
);

describe('a gateway that is killed', () => {
  const dead: { point: Point; effect: Effect; text: string; actionId?: string }[] = [];

  /** The fault that waits for the next victim must not be met by a replica that clears up after an earlier one. */
  async function beClearedUp(last: (typeof dead)[number] | undefined): Promise<void> {
    if (!last?.actionId || !last.effect.isClearedUp) return;
    const { actionId } = last;
    await eventually(
      () => pick(0).grpc.readStatus(actionId),
      ({ status }) => status === 'SUCCEEDED',
    );
  }

  it(
    'dies at every point and with every effect',
    async () => {
      let next = openVictim();
      for (const [index, { point, effect }] of CASES.entries()) {
        const victim = await next;
        // A gateway that starts on this machine settles what those had begun that are dead by then. In the
        // short form it starts during the case before: two in a row have different effects.
        if (isLong) await beClearedUp(dead.at(-1));
        else {
          await beClearedUp(dead.at(-2));
          if (index + 1 < CASES.length) next = openVictim();
        }
        // A number, so that it can be the id of somebody as well.
        const text = String(880_000 + index);
        await effect.prepare?.(text);
        const envelope = { ...effect.build(text), idempotency_key: text, request_id: text };
        const { method, path } = effect;
        if (point.upstream) await fault({ method, path }, { kind: 'hang', when: point.upstream });
        const held = point.statement && victim.proxy.holdNext(...point.statement);
        const call = settle(victim.grpc.execute(envelope));
        if (held) await held;
        else
          await eventually(
            () => countAsked(text, method),
            (count) => count === 1,
          );
        await victim.gateway.stop('SIGKILL');
        expect(await call).toMatchObject({ code: 'UNAVAILABLE', nothingSent: false });
        expect(await countActed(text, method)).toBe(point.acted);
        const [row] = await query<{ id: string }>('SELECT id FROM actions WHERE request_id = $1', [
          text,
        ]);
        dead.push({ point, effect, text, ...(row && { actionId: row.id }) });
        await close(victim);
        if (isLong && index + 1 < CASES.length) next = openVictim();
      }
    },
    LONG_MS,
  );

  const numbered = CASES.map(({ point, effect }, index) => ({
    index,
    when: point.name,
    what: effect.name,
    leaves: point.leaves,
  }));

  it.each(numbered.filter(({ leaves }) => leaves === 'nothing'))(
    '$when: $what has not happened, and its key is free',
    async ({ index }) => {
      const { effect, text, actionId } = dead[index]!;
      expect(actionId).toBeUndefined();
      const again = await pick(index).grpc.execute({
        ...effect.build(text),
        idempotency_key: text,
      });
      expect(again).toMatchObject({ status: 'SUCCEEDED', replayed: false });
      expect(await countActed(text, effect.method)).toBe(1);
    },
    60_000,
  );

  it.each(numbered.filter(({ leaves }) => leaves !== 'nothing'))(
    '$when: $what is never done twice, and never told wrong',
    async ({ index }) => {
      const { point, effect, text, actionId } = dead[index]!;
      const { grpc } = pick(index);
      const envelope = { ...effect.build(text), idempotency_key: text };
      const expected =
        point.leaves === 'the outcome' || effect.isClearedUp ? 'SUCCEEDED' : 'UNKNOWN';
      const final = await eventually(
        () => grpc.readStatus(actionId ?? ''),
        ({ status }) => status === expected,
      );
      expect(final.success).toBe(expected === 'SUCCEEDED');
      expect(await grpc.execute(envelope)).toMatchObject({
        status: expected,
        replayed: true,
        action_id: actionId,
      });
      expect(await countEffects(effect, text)).toBe(effect.isClearedUp ? 1 : point.acted);
    },
    60_000,
  );
});

/** Requests that came to a platform, whether or not it acted. */
async function countAsked(text: string, by: string): Promise<number> {
  const seen = await sandbox.requestsSince(0);
  return seen.filter((request) => request.method === by && carries(request, text)).length;
}

/** What is there in the end: a message that is sent twice with one nonce is there once. */
async function countEffects(effect: Effect, text: string): Promise<number> {
  if (!effect.isClearedUp) return countActed(text, effect.method);
  const { discord } = await sandbox.control<{
    discord: { channels: Record<string, { messages: { content: string }[] }> };
  }>('GET', '/sandbox/state');
  const { messages } = discord.channels[DEMO_CHANNEL] ?? { messages: [] };
  return messages.filter(({ content }) => content === text).length;
}

describe('a thousand duplicates', () => {
  it('at three replicas are one request, and every answer says the same', async () => {
    const envelope = say('a thousand times', { idempotency_key: 'a thousand times' });
    const outcomes = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => pick(n).grpc.execute(envelope)),
    );
    const done = outcomes.filter(({ status }) => status === 'SUCCEEDED');
    const rest = outcomes.filter(({ status }) => status !== 'SUCCEEDED');
    expect(new Set(rest.map(({ failure }) => failure?.code))).toEqual(
      new Set(rest.length > 0 ? ['IN_PROGRESS'] : []),
    );
    const answers = new Set(
      done.map((outcome) => JSON.stringify({ ...outcome, replayed: undefined })),
    );
    expect(answers.size).toBe(1);
    expect(done.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await countActed('a thousand times')).toBe(1);
    const again = await Promise.all(replicas.map(({ grpc }) => grpc.execute(envelope)));
    expect(again.map(({ status, replayed }) => [status, replayed])).toEqual(
      replicas.map(() => ['SUCCEEDED', true]),
    );
  });
});

describe('a platform in trouble', () => {
  it(
    'is asked once for every create, whatever it answers, and no outcome is told wrong',
    async () => {
      const rounds = isLong ? 40 : 8;
      const kinds: readonly object[] = [
        { kind: 'status', status: 500 },
        { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
        { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
        { kind: 'reset', when: 'before' },
        { kind: 'reset', when: 'after' },
        { kind: 'cut-body' },
        { kind: 'garbage' },
        { kind: 'delay', ms: 700 },
      ];
      const path = '/twitch/helix/chat/messages';
      const told: [string, GrpcOutcome | GrpcRefusal][] = [];
      for (let round = 0; round < rounds; round += 1) {
        await fault({ path }, kinds[round % kinds.length] ?? {}, 2);
        const texts = Array.from({ length: 6 }, (_, n) => `trouble ${round}-${n}`);
        const outcomes = await Promise.all(
          texts.map((text, n) =>
            settle(pick(n).grpc.execute(say(text, { idempotency_key: text }))),
          ),
        );
        for (const [n, text] of texts.entries())
          told.push([text, outcomes[n] as GrpcOutcome | GrpcRefusal]);
      }
      const wrong: unknown[] = [];
      for (const [text, outcome] of told)
        if (!agrees(outcome, await countActed(text))) wrong.push([text, outcome]);
      expect(wrong).toEqual([]);
      expect(told.some(([, outcome]) => 'status' in outcome && outcome.status === 'UNKNOWN')).toBe(
        true,
      );
    },
    LONG_MS,
  );
});

// sick-database.test.ts has a short form of this.
describe.runIf(isLong)('clocks that are wrong by minutes', () => {
  it('change nothing: keys, leases and lines go by the clock of the database', async () => {
    const preload = `--import ${join(import.meta.dirname, '../support/skewed-clock.mjs')}`;
    const skewed = await Promise.all(
      ['600000', '-600000'].map((CLOCK_SKEW_MS) => open({ NODE_OPTIONS: preload, CLOCK_SKEW_MS })),
    );
    const everyone = [...skewed, pick(0)];
    // Issued before all of these clocks, and good after all of them.
    const token = makeToken({ iat: Math.floor(Date.now() / 1_000) - 1_200 });
    const envelope = say('what time is it', { idempotency_key: 'clock' });
    for (const [n, { grpc }] of everyone.entries())
      expect(await grpc.execute(envelope, { token })).toMatchObject({
        status: 'SUCCEEDED',
        replayed: n > 0,
      });
    const queued = await Promise.all(
      everyone.map(({ grpc }, n) =>
        grpc.execute(say(`clock ${n}`, { run_async: true }), { token }),
      ),
    );
    for (const { action_id } of queued) {
      const { status } = await eventually(
        () => pick(1).grpc.readStatus(action_id),
        ({ status: now }) => !['QUEUED', 'RUNNING'].includes(now),
      );
      expect(status).toBe('SUCCEEDED');
    }
    // Nobody is taken for dead because its clock is.
    const readLeases = (): Promise<{ id: string; lease_until: Date }[]> =>
      query('SELECT id, lease_until FROM replicas WHERE lease_until > now()');
    const before = new Map((await readLeases()).map(({ id, lease_until }) => [id, lease_until]));
    const countRenewed = async (): Promise<number> =>
      (await readLeases()).filter(
        ({ id, lease_until }) => lease_until > (before.get(id) ?? lease_until),
      ).length;
    await eventually(countRenewed, (renewed) => renewed >= before.size);
    const [{ count } = { count: 0 }] = await query<{ count: number }>(
      'SELECT count(*)::int AS count FROM replicas WHERE lease_until > now()',
    );
    expect(count).toBeGreaterThanOrEqual(everyone.length);
    for (const replica of skewed) await close(replica);
  });
});

// Beside the scheduled actions, which go to other accounts: most of it is waiting for time-outs.
describe.concurrent('a line to PostgreSQL that is dead without a word', () => {
  it('costs one replica its service, and no caller the truth', async () => {
    const victim = await open();
    const outcomes: [string, GrpcOutcome | GrpcRefusal][] = [];
    const texts = Array.from({ length: 30 }, (_, n) => `half open ${n}`);
    const { promise: someEnded, resolve: noteSomeEnded } = makePromise();
    const call = async (text: string): Promise<void> => {
      outcomes.push([
        text,
        await settle(
          victim.grpc.execute(say(text, { idempotency_key: text }), { deadlineMs: 5_000 }),
        ),
      ]);
      if (outcomes.length === 3) noteSomeEnded();
    };
    // One after the other in their line: some have ended when the line dies, and one is under way.
    const early = texts.slice(0, 15).map(call);
    await someEnded;
    victim.proxy.setDead(true);
    await Promise.all([...early, ...texts.slice(15).map(call)]);
    victim.proxy.setDead(false);
    const wrong: unknown[] = [];
    for (const [text, outcome] of outcomes)
      if (!agrees(outcome, await countActed(text))) wrong.push([text, outcome]);
    expect(wrong).toEqual([]);
    // Its own connections die of their time-outs; then it serves again.
    const back = await eventually(
      () => settle(victim.grpc.execute(say('alive again'))),
      (outcome) => 'status' in outcome && outcome.status === 'SUCCEEDED',
    );
    expect(back).toMatchObject({ status: 'SUCCEEDED' });
    for (const text of texts) {
      // What the dead line holds up is still under way for the victim.
      const again = await eventually(
        () => pick(0).grpc.execute(say(text, { idempotency_key: text })),
        ({ failure }) => failure?.code !== 'IN_PROGRESS',
      );
      if (!agrees(again, await countActed(text))) wrong.push([text, again]);
    }
    expect(wrong).toEqual([]);
    await close(victim);
  });
});

describe.concurrent('scheduled actions', () => {
  it(
    'all run, and none twice, though a replica dies among them',
    async () => {
      const [count, spreadMs, accounts] = isLong ? [10_000, 60_000, 40] : [300, 1_500, 6];
      const ids = Array.from({ length: accounts }, (_, n) => String(70_000 + n));
      await sandbox.control('POST', '/sandbox/twitch/users', {
        users: ids.map((id) => ({ id, login: `scheduled_${id}`, live: true })),
      });
      for (const id of ids) {
        const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
          'POST',
          '/sandbox/twitch/grants',
          { user_id: id, scopes: ['channel:manage:broadcast'] },
        );
        const { access_token, refresh_token } = grant;
        const stored = await callRest(pick(0).gateway, 'PUT', `/api/v1/accounts/twitch/${id}`, {
          access_token,
          refresh_token,
        });
        expect(stored.status).toBe(200);
      }
      const victim = await open();
      const startAt = Date.now() + (isLong ? 30_000 : 3_000);
      const envelopes = Array.from({ length: count }, (_, n) => {
        const at = startAt + Math.floor((n * spreadMs) / count);
        return {
          platform: 'twitch',
          action_type: 'update_title',
          account_id: ids[n % accounts],
          parameters: { title: `scheduled ${n}` },
          run_at: { seconds: Math.floor(at / 1_000), nanos: (at % 1_000) * 1_000_000 },
        };
      });
      for (let from = 0; from < count; from += 100) {
        const answer = await pick(from / 100).grpc.batch(envelopes.slice(from, from + 100));
        expect(answer.success_count).toBe(answer.total_count);
      }
      await eventually(
        () => query<{ n: number }>(DONE_SQL),
        ([{ n } = { n: 0 }]) => n >= count / 2,
        { withinMs: 120_000 },
      );
      await victim.gateway.stop('SIGKILL');
      // One that starts on this machine settles at once what the dead one had begun; without it, its lease ends.
      if (!isLong) await open();
      const rows = await eventually(
        () =>
          query<{ status: string; count: number }>(
            `SELECT status, count(*)::int AS count FROM actions
             WHERE run_at IS NOT NULL AND parameters->>'title' IS NOT NULL GROUP BY status`,
          ),
        (found) => found.every(({ status }) => ['SUCCEEDED', 'UNKNOWN'].includes(status)),
      );
      const byStatus = Object.fromEntries(rows.map(({ status, count: n }) => [status, n]));
      expect((byStatus['SUCCEEDED'] ?? 0) + (byStatus['UNKNOWN'] ?? 0)).toBe(count);
      const seen = await sandbox.requestsSince(0);
      const titles = seen
        .filter(({ acted, method }) => acted && method === 'PATCH')
        .map(({ body }) => (body as { title: string }).title)
        .filter((title) => title.startsWith('scheduled '));
      expect(titles.length).toBe(new Set(titles).size);
      expect(titles.length).toBeGreaterThanOrEqual(byStatus['SUCCEEDED'] ?? 0);
      const [late] = await query<{ median: number; worst: number }>(
        `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - run_at))::float8 AS median,
           max(extract(epoch FROM started_at - run_at))::float8 AS worst
         FROM actions WHERE run_at IS NOT NULL AND started_at IS NOT NULL`,
      );
      process.stdout.write(
        `scheduled: ${count} actions, ${JSON.stringify(byStatus)}, late by ${late?.median.toFixed(3)} s in the middle, ${late?.worst.toFixed(1)} s at most\n`,
      );
      await close(victim);
    },
    LONG_MS,
  );
});
