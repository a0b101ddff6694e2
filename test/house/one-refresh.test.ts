// Real: three gateway processes on one PostgreSQL, gRPC, kill -9. Fake: Twitch, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, type GatewayProcess, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcOutcome } from '../support/grpc-client.js';
import { waitUntilRunning } from '../support/metrics.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const REPLICAS = 3;
const CALLERS = 200;
const CHANNEL = '61001';
const LEASE_MS = 20_000;

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let replicas: { gateway: GatewayProcess; grpc: GrpcClient }[];

const join = async (): Promise<{ gateway: GatewayProcess; grpc: GrpcClient }> => {
  const gateway = await startGateway({ ...sandbox.env, DATABASE_URL: database.url });
  return { gateway, grpc: new GrpcClient(gateway.grpcAddress) };
};

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  replicas = await Promise.all(Array.from({ length: REPLICAS }, join));
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
  await sandbox.control('POST', '/sandbox/twitch/users', {
    users: [{ id: CHANNEL, login: 'busy', live: true }],
  });
});

afterAll(async () => {
  for (const { grpc } of replicas ?? []) grpc.close();
  await Promise.all((replicas ?? []).map(({ gateway }) => gateway.stop('SIGKILL')));
  await sandbox?.close();
  await database?.drop();
});

/** Connects the channel with a token that has ended when this resolves. */
beforeEach(async () => {
  await sandbox.control('DELETE', '/sandbox/faults');
  const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
    'POST',
    '/sandbox/twitch/grants',
    { user_id: CHANNEL, scopes: ['channel:manage:broadcast'] },
  );
  const [first] = replicas;
  if (!first) throw new Error('no replica');
  const stored = await callRest(first.gateway, 'PUT', `/api/v1/accounts/twitch/${CHANNEL}`, {
    access_token: grant.access_token,
    refresh_token: grant.refresh_token,
  });
  if (stored.status !== 200) throw new Error(`PUT account: ${stored.status}`);
  await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: CHANNEL });
  // Hundreds of calls are more than a minute's points.
  await runSql('DELETE FROM limit_states WHERE strpos(bucket, $1) > 0');
  await runSql(
    "UPDATE accounts SET expires_at = now() - interval '1 second' WHERE account_id = $1",
  );
  // The points of one test are spent for all replicas, and there are 800 in a minute.
  await runSql("DELETE FROM limit_states WHERE bucket LIKE '%:' || $1");
});

async function runSql(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql, [CHANNEL]);
  await client.end();
  return rows;
}

const mark = (grpc: GrpcClient): Promise<GrpcOutcome> =>
  grpc.execute({ platform: 'twitch', action_type: 'marker', account_id: CHANNEL, parameters: {} });

const markOften = (grpc: GrpcClient): Promise<GrpcOutcome>[] =>
  Array.from({ length: CALLERS }, () => mark(grpc));

async function countRefreshes(since: number): Promise<number> {
  const seen = await sandbox.requestsSince(since);
  return seen.filter(({ path }) => path === '/twitch/oauth2/token').length;
}

const statusesOf = (outcomes: readonly GrpcOutcome[]): string[] => [
  ...new Set(outcomes.map(({ status, error }) => `${status} ${error}`.trim())),
];

describe('a dead token that three replicas meet with two hundred callers each', () => {
  it('is renewed by one call, and every caller is served', async () => {
    const before = await sandbox.lastSeq();
    const outcomes = await Promise.all(replicas.flatMap(({ grpc }) => markOften(grpc)));
    expect(outcomes).toHaveLength(REPLICAS * CALLERS);
    expect(statusesOf(outcomes)).toEqual(['SUCCEEDED']);
    const markers = outcomes.map(({ result_data }) => result_data['marker_id']);
    expect(new Set(markers).size).toBe(REPLICAS * CALLERS);
    expect(await countRefreshes(before)).toBe(1);
  });

  it(
    'is renewed by one more call at most when the one that renews it is killed',
    { timeout: 180_000 },
    async () => {
      const before = await sandbox.lastSeq();
      // Longer than the lease: the platform has not acted yet when the next one asks.
      await sandbox.control('POST', '/sandbox/faults', {
        match: { path: '/twitch/oauth2/token' },
        times: 1,
        fault: { kind: 'delay', ms: LEASE_MS + 8_000 },
      });
      const [holder, ...others] = replicas;
      if (!holder) throw new Error('no replica');
      const lost = mark(holder.grpc).catch((refusal: unknown) => refusal);
      await taken();
      const cut = Promise.allSettled(markOften(holder.grpc));
      const served = Promise.all(others.flatMap(({ grpc }) => markOften(grpc)));
      await waitUntilRunning(holder.gateway, CALLERS + 1);
      await holder.gateway.stop('SIGKILL');
      const outcomes = await served;

      expect(statusesOf(outcomes)).toEqual(['SUCCEEDED']);
      expect(outcomes).toHaveLength(2 * CALLERS);
      // They were served before the platform has answered the call of the one that was killed: it is
      // still held back, and is not in the sandbox's log yet.
      expect(await countRefreshes(before)).toBe(1);
      await Promise.all([lost, cut]);
      expect(await runSql('SELECT reconnect_reason FROM accounts WHERE account_id = $1')).toEqual([
        { reconnect_reason: null },
      ]);
    },
  );
});

/** Resolves when the token server has the request, and holds its answer back. */
async function taken(): Promise<void> {
  await eventually(
    () => sandbox.control<{ faults: unknown[] }>('GET', '/sandbox/faults'),
    ({ faults }) => faults.length === 0,
  );
}
