// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcOutcome, type GrpcRefusal } from '../support/grpc-client.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let gateway: GatewayProcess;
let grpc: GrpcClient;

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  gateway = await startGateway({ ...sandbox.env, DATABASE_URL: database.url });
  grpc = new GrpcClient(gateway.grpcAddress);
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterAll(async () => {
  grpc?.close();
  await gateway?.stop();
  await sandbox?.close();
  await database?.drop();
});

const hello = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello, chat!' },
};

describe('who may come in', () => {
  const now = Math.floor(Date.now() / 1_000);
  const wrongTokens: readonly [string, string | null, RegExp][] = [
    ['none', null, /Missing or invalid Authorization header/],
    ['not a JWT', 'nonsense', /jwt malformed/],
    ['another key', makeToken({}, { key: 'x'.repeat(64) }), /invalid signature/],
    ['alg none', makeToken({}, { algorithm: 'none' }), /jwt signature is required|invalid/],
    ['HS512', makeToken({}, { algorithm: 'HS512' }), /invalid algorithm/],
    ['expired', makeToken({ exp: now - 1 }), /jwt expired/],
    ['not yet valid', makeToken({ nbf: now + 600 }), /jwt not active/],
    ['without an end', makeToken({ exp: undefined }), /never expires/],
    ['nobody', makeToken({ sub: undefined }), /names no caller/],
    [
      'permissions as text',
      makeToken({ permissions: 'execute_actions' }),
      /"permissions" must be a list/,
    ],
    [
      'a narrowing claim of a wrong form',
      makeToken({ accounts: '1001' }),
      /"accounts" must be a list/,
    ],
  ];

  it.each(wrongTokens)('refuses a token: %s', async (_name, token, reason) => {
    const before = await sandbox.lastSeq();
    const refusal = await grpc.execute(hello, { token }).catch((error: GrpcRefusal) => error);
    expect(refusal).toMatchObject({ code: 'UNAUTHENTICATED', nothingSent: true });
    expect((refusal as GrpcRefusal).details).toMatch(reason);
    const rest = await callRest(gateway, 'POST', '/api/v1/actions/execute', hello, { token });
    expect(rest.status).toBe(401);
    expect(rest.headers.get('nothing-sent')).toBe('1');
    expect(rest.body['detail']).toMatch(reason);
    expect(await sandbox.requestsSince(before)).toEqual([]);
  });

  it('says what is wrong with a token of 20 kB', async () => {
    const token = makeToken({ padding: 'x'.repeat(20_000) });
    await expect(grpc.execute(hello, { token })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      details: expect.stringMatching(/more than 8192 are not read/),
      nothingSent: true,
    });
  });

  it('refuses a token of 100 kB on both doors and goes on serving', async () => {
    const token = makeToken({ padding: 'x'.repeat(100_000) });
    await expect(grpc.execute(hello, { token })).rejects.toMatchObject({
      code: expect.stringMatching(/./),
    });
    const rest = await callRest(gateway, 'POST', '/api/v1/actions/execute', hello, { token });
    expect(rest.status).toBe(431);
    expect(await grpc.execute(hello)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

/** An answer of REST, but for its time, its length and what is left of the caller's budget. */
async function ask(
  method: string,
  path: string,
  body: unknown,
  options: Parameters<typeof callRest>[4],
): Promise<object> {
  const { status, headers, body: said } = await callRest(gateway, method, path, body, options);
  const { date, 'content-length': length, ratelimit, ...same } = Object.fromEntries(headers);
  expect([date, length]).toEqual([expect.any(String), expect.any(String)]);
  return { status, headers: same, isCounted: ratelimit !== undefined, body: said };
}

describe('the routes that carry actions', () => {
  const json = JSON.stringify(hello);
  const refused: readonly [string, number, unknown, Parameters<typeof callRest>[4]][] = [
    ['no token', 401, hello, { token: null }],
    ['a wrong token', 401, hello, { token: 'nonsense' }],
    ['a token too long', 401, hello, { token: 'x'.repeat(9_000) }],
    ['no token, and a large body', 401, 'x'.repeat(100_000), { token: null }],
    ['cut JSON', 400, json.slice(1), {}],
    ['no UTF-8', 400, Uint8Array.of(0x22, 0xff, 0x22), {}],
    ['another type', 415, json, { headers: { 'content-type': 'text/plain' } }],
    ['a type that is none', 415, json, { headers: { 'content-type': ',' } }],
    ['a body too large', 413, 'x'.repeat(5_000_000), {}],
  ];

  // Nest's pipeline stands before the route of callers, and not before those of actions.
  it.each(refused)('refuse like every other: %s', async (_name, status, body, options) => {
    const other = await ask('POST', '/api/v1/callers', body, options);
    expect(other).toMatchObject({ status, headers: { 'nothing-sent': '1' } });
    for (const path of ['/api/v1/actions/execute', '/api/v1/actions/batch'])
      expect(await ask('POST', path, body, options)).toEqual(other);
  });

  it('answer with the headers of every other', async () => {
    const rehearsal = { ...hello, dry_run: true };
    const other = await ask('GET', '/api/v1/catalog', undefined, {});
    for (const [path, body] of [
      ['/api/v1/actions/execute', rehearsal],
      ['/api/v1/actions/batch', { actions: [rehearsal] }],
    ] as const)
      expect(await ask('POST', path, body, {})).toEqual({ ...other, body: expect.anything() });
  });
});

describe('a stream', () => {
  it('lives longer than the budget of one call, and each envelope has a budget of its own', async () => {
    const hasty = await startGateway({
      ...sandbox.env,
      DATABASE_URL: database.url,
      REQUEST_BUDGET: '1',
    });
    const client = new GrpcClient(hasty.grpcAddress);
    const outcomes: GrpcOutcome[] = [];
    const stream = client.stream((outcome) => outcomes.push(outcome));
    const send = async (request_id: string): Promise<void> => {
      stream.send({ ...hello, request_id });
      await expect.poll(() => outcomes.at(-1)?.request_id).toBe(request_id);
    };
    await send('before');
    // A call that began after the stream has used up its budget.
    await sandbox.control('POST', '/sandbox/faults', { fault: { kind: 'hang' }, times: 1 });
    const path = '/api/v1/actions/execute';
    const { body } = await callRest(hasty, 'POST', path, {
      ...hello,
      action_type: 'marker',
      parameters: {},
    });
    expect(body).toMatchObject({ status: 'UNKNOWN' });
    await send('after');
    stream.finish();
    expect(await stream.ended).toBeUndefined();
    expect(outcomes.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    client.close();
    await hasty.stop();
  });
});

describe('a batch of a hundred', () => {
  it('leaves no warning in the log', async () => {
    const { success_count } = await grpc.batch(
      Array.from({ length: 100 }, () => ({ ...hello, dry_run: true })),
    );
    expect(success_count).toBe(100);
    expect(gateway.output()).not.toMatch(/warning/i);
  });
});
