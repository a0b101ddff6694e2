// Real: gateway processes on one PostgreSQL, one of them through a proxy that delays statements; gRPC.
// Fake: Discord and Twitch, at the wire. A message of Discord is insured: Discord takes a repeat with its
// nonce for the same message, so another replica may find out what became of it.
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_CHANNEL } from '../../src/platforms/discord/simulation/seed.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcRefusal } from '../support/grpc-client.js';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

interface Replica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
}

/** The caller waits for longer than a request to the platform may take. */
const CALL = { deadlineMs: 60_000 };
/** A request without an answer ends after this long, and is not repeated by the replica that sent it. */
const IMPATIENT = { REQUEST_TIMEOUT: '10', REQUEST_BUDGET: '60', MAX_RETRIES: '0' };

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let proxy: PostgresProxy;
let sql: Client;
let replicas: Replica[] = [];

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  await sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  proxy = await startPostgresProxy(database.url);
  sql = new Client({ connectionString: database.url });
  await sql.connect();
});

afterEach(async () => {
  for (const { grpc } of replicas) grpc.close();
  await Promise.all(replicas.map(({ gateway }) => gateway.stop('SIGKILL')));
  replicas = [];
  await sandbox.control('DELETE', '/sandbox/faults');
});

afterAll(async () => {
  await sql?.end();
  await proxy?.close();
  await sandbox?.close();
  await database?.drop();
});

async function open(env: Record<string, string> = {}): Promise<Replica> {
  const gateway = await startGateway({ ...sandbox.env, DATABASE_URL: database.url, ...env });
  const replica = { gateway, grpc: new GrpcClient(gateway.grpcAddress) };
  replicas.push(replica);
  return replica;
}

const query = async <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await sql.query(text, values)).rows as Row[];

const post = (text: string): object => ({
  platform: 'discord',
  action_type: 'send_message',
  parameters: { channel_id: DEMO_CHANNEL, content: text },
  idempotency_key: text,
  request_id: `request of ${text}`,
});

const mark = (text: string): object => ({
  platform: 'twitch',
  action_type: 'marker',
  account_id: '1001',
  parameters: { description: text },
  idempotency_key: text,
  request_id: `request of ${text}`,
});

/** Requests to a platform that carry a text, answered or not. */
async function countSent(text: string): Promise<number> {
  const seen = await sandbox.requestsSince(0);
  return seen.filter(({ body }) => JSON.stringify(body ?? null).includes(`"${text}"`)).length;
}

/** Messages in the channel with a text. */
async function countMessages(text: string): Promise<number> {
  const { discord } = await sandbox.control<{
    discord: { channels: Record<string, { messages: { content: string }[] }> };
  }>('GET', '/sandbox/state');
  const messages = discord.channels[DEMO_CHANNEL]?.messages ?? [];
  return messages.filter(({ content }) => content === text).length;
}

/** The next message to the channel gets no answer, and is not carried out. */
const hangNextMessage = (): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { method: 'POST', path: `/discord/api/v10/channels/${DEMO_CHANNEL}/messages` },
    times: 1,
    fault: { kind: 'hang', when: 'before' },
  });

/** Resolves when the request that gets no answer has arrived. */
const waitForHanging = (): Promise<unknown> =>
  eventually(
    () => sandbox.control<{ faults: unknown[] }>('GET', '/sandbox/faults'),
    ({ faults }) => faults.length === 0,
  );

async function findRow(text: string): Promise<{ id: string; status: string }> {
  const [row] = await query<{ id: string; status: string }>(
    'SELECT id, status FROM actions WHERE idempotency_key = $1',
    [text],
  );
  if (!row) throw new Error(`no row of ${text}`);
  return row;
}

describe('a start that PostgreSQL may carry out although its replica gave it up', () => {
  it('is told as unknown where another replica may send the action, and as not sent elsewhere', async () => {
    const { grpc } = await open({ DATABASE_URL: proxy.url });
    const message = proxy.delayNext('request of late message');
    const told = await grpc.execute(post('late message'), CALL);
    expect(told).toMatchObject({
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN' },
      error: expect.stringContaining('while the action began'),
    });
    await (await message).deliver();
    const marker = proxy.delayNext('request of late marker');
    const refused = await grpc
      .execute(mark('late marker'), CALL)
      .catch((error: GrpcRefusal) => error);
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', nothingSent: true });
    await (await marker).deliver();
    // In truth neither was sent: the log says so in the end, and both keys are free.
    await eventually(
      () => grpc.readStatus(told.action_id),
      ({ status }) => status === 'FAILED',
    );
    expect([await countSent('late message'), await countSent('late marker')]).toEqual([0, 0]);
    for (const envelope of [post('late message'), mark('late marker')])
      expect(await grpc.execute(envelope, CALL)).toMatchObject({
        status: 'SUCCEEDED',
        replayed: false,
      });
    expect([await countSent('late message'), await countSent('late marker')]).toEqual([1, 1]);
  });
});

describe('a replica that was taken for dead while its request was under way', () => {
  it('answers with what another replica has found out', async () => {
    const first = await open(IMPATIENT);
    await hangNextMessage();
    const told = first.grpc.execute(post('taken over'), CALL);
    await waitForHanging();
    await open();
    // It stands still for longer than its lease, and goes on when the other one is done.
    first.gateway.process.kill('SIGSTOP');
    await eventually(
      () => findRow('taken over'),
      ({ status }) => status === 'SUCCEEDED',
    );
    first.gateway.process.kill('SIGCONT');
    const outcome = await told;
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await first.grpc.readStatus(outcome.action_id)).toMatchObject({
      status: 'SUCCEEDED',
      result_data: outcome.result_data,
    });
    expect(await countMessages('taken over')).toBe(1);
  });

  it('does not send it a second time beside itself', async () => {
    const only = await open(IMPATIENT);
    await hangNextMessage();
    const told = only.grpc.execute(post('beside itself'), CALL);
    await waitForHanging();
    await query('DELETE FROM replicas WHERE pid = $1', [only.gateway.process.pid]);
    const { id } = await eventually(
      () => findRow('beside itself'),
      ({ status }) => status === 'UNKNOWN',
    );
    // Its own queue comes upon the action, and waits for itself: each look puts the line off again.
    const looks = new Set<string>();
    await eventually(
      async () => {
        const [line] = await query<{ due: string }>(
          `SELECT due_at::text AS due FROM queue_lines WHERE line = $1`,
          [`insured/${id}`],
        );
        return looks.add(line?.due ?? 'gone');
      },
      ({ size }) => size >= 4,
    );
    expect(looks).not.toContain('gone');
    expect(await countSent('beside itself')).toBe(1);
    // Without an answer and without a repeat it stays in doubt.
    expect(await told).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    expect(await countSent('beside itself')).toBe(1);
    expect(await countMessages('beside itself')).toBe(0);
  });
});
