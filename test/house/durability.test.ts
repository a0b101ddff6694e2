// Real: gateway processes, a PostgreSQL of this file's own that is stopped and started, both doors.
// Fake: Twitch, at the wire.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded-postgres.js';
import { eventually as keepLooking } from '../support/eventually.js';
import { callRest, type GatewayProcess, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcOutcome, type GrpcRefusal } from '../support/grpc-client.js';
import { waitUntilRunning } from '../support/metrics.js';
import { startPingRelay } from '../support/ping-relay.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { thinkTime } from '../support/think-time.js';

/** The same before and after a restart, and below the ports that systems hand out by themselves. */
const POSTGRES_PORT = 20_000 + (process.pid % 12_000);

let sandbox: TestSandbox;
let dataDir: string;
let postgres: EmbeddedPostgres;
let gateways: GatewayProcess[];
let clients: GrpcClient[];
/** Serves the tests that neither kill it nor stop it. */
let steady: Opened;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-durability-'));
  await chmod(dataDir, 0o755);
  [sandbox, postgres] = await Promise.all([
    startTestSandbox(),
    startEmbeddedPostgres({ dataDir, port: POSTGRES_PORT }),
  ]);
  steady = await start();
});

beforeEach(async () => {
  gateways = [];
  clients = [];
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterEach(async () => {
  for (const client of clients) client.close();
  await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')));
});

afterAll(async () => {
  steady?.grpc.close();
  await steady?.gateway.stop('SIGKILL');
  await postgres?.stop();
  await sandbox?.close();
  await rm(dataDir, { recursive: true, force: true });
});

interface Opened {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
}

async function start(): Promise<Opened> {
  const gateway = await startGateway({ ...sandbox.env, DATABASE_URL: postgres.url });
  return { gateway, grpc: new GrpcClient(gateway.grpcAddress) };
}

/** A gateway of one test. */
async function open(): Promise<Opened> {
  const opened = await start();
  gateways.push(opened.gateway);
  clients.push(opened.grpc);
  return opened;
}

/** The gateway that all tests share, when it serves again after what they did to the database. */
async function useSteady(): Promise<Opened> {
  await eventually(async () => {
    const keyed = retitle('in service', { idempotency_key: `in service ${randomUUID()}` });
    const answer = await steady.grpc.execute(keyed).catch(() => undefined);
    return answer?.status === 'SUCCEEDED' ? true : undefined;
  }, 'service');
  return steady;
}

async function query<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Looks again until something is there; a test fails loudly when it never comes. */
/** A call that was under way when the database went away may take its whole time. */
const PATIENCE = { withinMs: 60_000 };

async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const found = await keepLooking(look, (seen) => seen !== undefined, PATIENCE).catch(
    (cause: unknown) => {
      throw new Error(`never came: ${what}`, { cause });
    },
  );
  return found as T;
}

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

const retitle = (title: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'update_title',
  account_id: '1001',
  parameters: { title },
  ...more,
});

const hang = (times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { method: 'POST', path: '/twitch/helix/chat/messages' },
    times,
    fault: { kind: 'hang' },
  });

const delay = (ms: number): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { method: 'POST', path: '/twitch/helix/chat/messages' },
    times: 1,
    fault: { kind: 'delay', ms },
  });

/** Resolves when the ordered fault has been taken: the request is there, and its answer is held back. */
async function arrived(): Promise<void> {
  await eventually(async () => {
    const { faults } = await sandbox.control<{ faults: unknown[] }>('GET', '/sandbox/faults');
    return faults.length === 0 ? true : undefined;
  }, 'the request');
}

/** The upstream requests that carried this message. */
async function countSent(message: string): Promise<number> {
  const seen = await sandbox.requestsSince(0);
  return seen.filter(({ body }) => (body as { message?: string } | null)?.message === message)
    .length;
}

describe('a gateway that is killed', () => {
  it('between the started row and the outcome leaves UNKNOWN, for the status and for the key', async () => {
    const first = await open();
    await hang();
    const key = { idempotency_key: 'killed-in-the-middle', request_id: 'killed' };
    const cut = first.grpc.execute(say('cut off', key)).catch((error: GrpcRefusal) => error);
    await eventually(
      async () => ((await countSent('cut off')) > 0 ? true : undefined),
      'the request',
    );
    const [row] = await query<{ id: string; status: string }>(
      `SELECT id, status FROM actions WHERE request_id = 'killed'`,
    );
    expect(row?.status).toBe('RUNNING');
    await first.gateway.stop('SIGKILL');
    expect(await cut).toMatchObject({ code: 'UNAVAILABLE', nothingSent: false });

    const second = await open();
    const actionId = row?.id ?? '';
    expect(await second.grpc.readStatus(actionId)).toMatchObject({
      status: 'UNKNOWN',
      success: false,
      failure: { code: 'OUTCOME_UNKNOWN', retryable: false },
    });
    const rest = await callRest(second.gateway, 'GET', `/api/v1/actions/${actionId}`);
    expect(rest.body['status']).toBe('UNKNOWN');
    expect(await second.grpc.execute(say('cut off', key))).toMatchObject({
      status: 'UNKNOWN',
      replayed: true,
      action_id: actionId,
    });
    expect(await countSent('cut off')).toBe(1);
  });

  it('is noticed by a living replica, without a restart', async () => {
    const dying = await open();
    const living = await useSteady();
    await hang();
    const cut = dying.grpc
      .execute(say('noticed', { request_id: 'noticed' }))
      .catch((error: GrpcRefusal) => error);
    await eventually(
      async () => ((await countSent('noticed')) > 0 ? true : undefined),
      'the request',
    );
    const [row] = await query<{ id: string }>(
      `SELECT id FROM actions WHERE request_id = 'noticed'`,
    );
    await dying.gateway.stop('SIGKILL');
    await cut;
    const found = await eventually(async () => {
      const outcome = await living.grpc.readStatus(row?.id ?? '');
      return outcome.status === 'RUNNING' ? undefined : outcome;
    }, 'the reaper');
    expect(found.status).toBe('UNKNOWN');
  });
});

describe('a database that goes away', () => {
  it('gives UNAVAILABLE with nothing sent, and is served again without a restart', async () => {
    const replicas = [await useSteady(), ...(await Promise.all([open(), open()]))];
    const [{ gateway }] = replicas as [Awaited<ReturnType<typeof open>>];
    const answers: (GrpcOutcome | GrpcRefusal)[] = [];
    const load = { isOn: true };
    let said = 0;
    const refused = Array.from({ length: 9 }, () => 0);
    const callers = refused.map(async (_none, n) => {
      while (load.isOn) {
        said += 1;
        const request_id = `load-${said}`;
        const answer = await replicas[n % replicas.length]!.grpc.execute(
          retitle(request_id, { request_id }),
        ).catch((error: GrpcRefusal) => error);
        answers.push(answer);
        if ('code' in answer && answer.code === 'UNAVAILABLE') refused[n]! += 1;
        await thinkTime();
      }
    });
    /** Resolves when every caller was refused so many times more. */
    const refuseAll = async (times: number): Promise<void> => {
      const before = [...refused];
      await eventually(
        async () => (refused.every((count, n) => count >= before[n]! + times) ? true : undefined),
        'a refusal of every caller',
      );
    };
    await eventually(async () => (answers.length > 5 ? true : undefined), 'some answers');
    await postgres.stop();
    const seqWhenAway = await sandbox.lastSeq();
    // What was on its way when the database stopped may still arrive; what a caller asks later may not.
    await refuseAll(1);
    const afterOutage = await sandbox.lastSeq();
    const refusedRest = await callRest(gateway, 'POST', '/api/v1/actions/execute', say('away'));
    expect(refusedRest.status).toBe(503);
    expect(refusedRest.headers.get('nothing-sent')).toBe('1');
    await refuseAll(1);
    expect(await sandbox.lastSeq()).toBe(afterOutage);
    expect(afterOutage - seqWhenAway).toBeLessThanOrEqual(9);

    postgres = await startEmbeddedPostgres({ dataDir, port: POSTGRES_PORT });
    await Promise.all(
      replicas.map((replica) =>
        eventually(async () => {
          const answer = await replica.grpc.execute(retitle('back again')).catch(() => undefined);
          return answer?.status === 'SUCCEEDED' ? answer : undefined;
        }, 'service'),
      ),
    );
    load.isOn = false;
    await Promise.all(callers);

    const refusals = answers.filter((answer): answer is GrpcRefusal => 'code' in answer);
    const others = refusals.filter(
      ({ code, nothingSent }) => code !== 'UNAVAILABLE' || !nothingSent,
    );
    expect(others).toEqual([]);
    // No acknowledged outcome is missing: every success a caller was told of stands in the log.
    const told = answers.filter(
      (answer): answer is GrpcOutcome => 'action_id' in answer && answer.success,
    );
    const rows = await query<{ id: string }>(`SELECT id FROM actions WHERE status = 'SUCCEEDED'`);
    const known = new Set(rows.map(({ id }) => id));
    expect(told.filter(({ action_id }) => !known.has(action_id))).toEqual([]);
    // Nothing stays begun for ever: what was cut off has become final or unknown.
    await eventually(async () => {
      const [{ count }] = (await query<{ count: string }>(
        `SELECT count(*) FROM actions WHERE status = 'RUNNING'`,
      )) as [{ count: string }];
      return count === '0' ? true : undefined;
    }, 'an end of everything begun');
  });

  it('does not unready the replica, and says so in its health', async () => {
    const { gateway } = await useSteady();
    await postgres.stop();
    try {
      const ready = await callRest(gateway, 'GET', '/health/ready', undefined, { token: null });
      expect(ready.status).toBe(200);
      expect(ready.body).toMatchObject({ details: { database: { away: expect.any(String) } } });
      const health = await callRest(gateway, 'GET', '/health', undefined, { token: null });
      expect(health).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
    } finally {
      postgres = await startEmbeddedPostgres({ dataDir, port: POSTGRES_PORT });
    }
  });

  it('while an answer is on its way: the outcome is recorded when it is back', async () => {
    const { grpc } = await useSteady();
    await delay(1_500);
    const sent = grpc.execute(say('recorded late', { request_id: 'late' }), { deadlineMs: 4_000 });
    await arrived();
    await postgres.stop();
    const outcome = await sent;
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    postgres = await startEmbeddedPostgres({ dataDir, port: POSTGRES_PORT });
    const final = await eventually(async () => {
      const found = await grpc.readStatus(outcome.action_id).catch(() => undefined);
      return found?.status === 'SUCCEEDED' ? found : undefined;
    }, 'the outcome');
    expect(final.result_data).toMatchObject({ message_sent: true });
  });
});

describe('time', () => {
  it('answers before the deadline, and records what happened after it', async () => {
    const { grpc } = await useSteady();
    await delay(1_500);
    const outcome = await grpc.execute(say('slow', { idempotency_key: 'slow' }), {
      deadlineMs: 1_000,
    });
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    const final = await eventually(async () => {
      const found = await grpc.readStatus(outcome.action_id);
      return found.status === 'SUCCEEDED' ? found : undefined;
    }, 'the end');
    expect(final.action_id).toBe(outcome.action_id);
    // The key now answers with what is true.
    expect(await grpc.execute(say('slow', { idempotency_key: 'slow' }))).toMatchObject({
      status: 'SUCCEEDED',
      replayed: true,
    });
    expect(await countSent('slow')).toBe(1);
  });

  it('refuses a deadline that is too short to begin, with nothing sent', async () => {
    const { grpc } = await useSteady();
    await grpc.execute(say('warm'));
    await expect(grpc.execute(say('too short'), { deadlineMs: 200 })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    // One that comes later, in the same line, arrives.
    expect(await grpc.execute(say('long enough'))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await countSent('too short')).toBe(0);
  });

  it('a call cancelled while it waits never leaves', async () => {
    const { gateway, grpc } = await useSteady();
    await delay(2_000);
    const first = grpc.execute(say('first in line'));
    await arrived();
    const cancel = new AbortController();
    const second = grpc
      .execute(say('second in line', { request_id: 'second' }), { signal: cancel.signal })
      .catch((error: GrpcRefusal) => error);
    await waitUntilRunning(gateway, 2);
    cancel.abort();
    expect(await second).toMatchObject({ code: 'CANCELLED' });
    expect(await first).toMatchObject({ status: 'SUCCEEDED' });
    const row = await eventually(async () => {
      const rows = await query<{ status: string }>(
        `SELECT status FROM actions WHERE request_id = 'second'`,
      );
      return rows[0];
    }, 'the row');
    expect(row.status).toBe('CANCELLED');
    expect(await countSent('second in line')).toBe(0);
  });

  it('a call cancelled after it left is recorded all the same', async () => {
    const { grpc } = await useSteady();
    await delay(800);
    const cancel = new AbortController();
    const sent = grpc
      .execute(say('left already', { request_id: 'left' }), { signal: cancel.signal })
      .catch((error: GrpcRefusal) => error);
    await arrived();
    cancel.abort();
    expect(await sent).toMatchObject({ code: 'CANCELLED' });
    const row = await eventually(async () => {
      const rows = await query<{ status: string }>(
        `SELECT status FROM actions WHERE request_id = 'left' AND status <> 'RUNNING'`,
      );
      return rows[0];
    }, 'the outcome');
    expect(row.status).toBe('SUCCEEDED');
  });

  it('a REST client that goes away cancels what has not left', async () => {
    const { gateway } = await useSteady();
    await delay(2_000);
    const first = callRest(gateway, 'POST', '/api/v1/actions/execute', say('rest first'));
    await arrived();
    const gone = new AbortController();
    const second = callRest(
      gateway,
      'POST',
      '/api/v1/actions/execute',
      say('rest second', { request_id: 'rest-gone' }),
      {
        signal: gone.signal,
      },
    ).catch((error: Error) => error.name);
    await waitUntilRunning(gateway, 2);
    gone.abort();
    expect(await second).toBe('AbortError');
    await first;
    await eventually(async () => {
      const rows = await query<{ status: string }>(
        `SELECT status FROM actions WHERE request_id = 'rest-gone'`,
      );
      return rows[0]?.status === 'CANCELLED' ? true : undefined;
    }, 'the cancelled row');
    expect(await countSent('rest second')).toBe(0);
  });

  it('tolerates keepalive pings on an idle connection', async () => {
    const { gateway } = await useSteady();
    const relay = await startPingRelay(gateway.grpcAddress);
    const client = new GrpcClient(relay.address, {
      'grpc.keepalive_time_ms': 100,
      'grpc.keepalive_timeout_ms': 1_000,
      'grpc.keepalive_permit_without_calls': 1,
    });
    clients.push(client);
    await client.execute(say('before the pings'));
    const { pings } = relay;
    await eventually(async () => (relay.pings >= pings + 15 ? true : undefined), 'the pings');
    expect(await client.execute(say('after the pings'))).toMatchObject({ status: 'SUCCEEDED' });
    expect(relay.goAways).toBe(0);
    client.close();
    await relay.close();
  });
});

describe('stopping', () => {
  it('finishes what has left, refuses what has not, and ends by itself', async () => {
    const { gateway, grpc } = await open();
    await delay(1_000);
    const sent = grpc.execute(say('being sent'));
    await arrived();
    const ended = gateway.stop('SIGTERM');
    await gateway.waitForLine(/stopping/);
    const late = await grpc.execute(say('too late')).catch((error: GrpcRefusal) => error);
    expect(late).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await sent).toMatchObject({ status: 'SUCCEEDED' });
    expect(await ended).toBe(0);
    expect(await countSent('too late')).toBe(0);
    const ofIts = [gateway.process.pid];
    expect(await query('SELECT 1 FROM replicas WHERE pid = $1', ofIts)).toEqual([]);
  });
});
