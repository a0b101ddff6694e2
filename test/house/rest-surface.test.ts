// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { join } from 'node:path';
import {
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type GrpcObject,
  loadPackageDefinition,
  type ServiceError,
  status as grpcStatus,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeStruct, type ProtoStruct } from '../../src/doors/grpc/struct.js';
import { discordActions } from '../../src/platforms/discord/actions/index.js';
import { twitchActions } from '../../src/platforms/twitch/actions/index.js';
import { youtubeActions } from '../../src/platforms/youtube/actions/index.js';
import { type RestAnswer, SIGNING_KEY } from '../support/gateway.js';
import type { GrpcRefusal } from '../support/grpc-client.js';
import { ALL_SCOPES, DOORS, House, tokenOf } from '../support/two-doors.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let house: House;

beforeAll(async () => {
  house = await House.open({ JWT_EXPIRATION_SECONDS: '1234' });
});

afterAll(() => house?.close());

const call = (
  method: string,
  path: string,
  body?: unknown,
  options?: { token?: string | null; headers?: Record<string, string> },
): Promise<RestAnswer> => house.doors.rest(method, path, body, options);

const execute = (body: unknown, headers?: Record<string, string>): Promise<RestAnswer> =>
  call('POST', '/api/v1/actions/execute', body, headers && { headers });

const hello = (channel = '1001', more: object = {}): Record<string, unknown> => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: channel,
  parameters: { message: 'Hello, chat!' },
  ...more,
});

/** What matters of a refusal that a door writes itself. */
function readProblem({ status, headers, body }: RestAnswer): object {
  const type = (headers.get('content-type') ?? '').split(';')[0];
  return { status, type, nothingSent: headers.get('nothing-sent'), body };
}

/** A problem of RFC 9457, as each such refusal is; `error` is what older callers read. */
function problem(status: number, detail: RegExp): object {
  const text = expect.stringMatching(detail) as string;
  const title = expect.stringMatching(/./) as string;
  return {
    status,
    type: 'application/problem+json',
    nothingSent: '1',
    body: { type: 'about:blank', title, status, detail: text, error: text },
  };
}

const askToken = (body: unknown): Promise<RestAnswer> =>
  call('POST', '/api/v1/auth/token', body, { token: null });

/** A request as callers of the earlier Twitch service write it. */
const old = (more: object = {}): Record<string, unknown> => ({
  action_type: 'chat_message',
  broadcaster_id: '1001',
  parameters: { message: 'Hello, chat!' },
  request_id: 'r-1',
  ...more,
});

const sendBatch = (actions: unknown): Promise<RestAnswer> =>
  call('POST', '/api/v1/actions/batch', { actions });
const store = (body: unknown): Promise<RestAnswer> => call('POST', '/api/v1/tokens/store', body);
const revoke = (body: unknown): Promise<RestAnswer> => call('POST', '/api/v1/tokens/revoke', body);
const accountPath = (id: string): string => `/api/v1/accounts/twitch/${id}`;

async function connectWithout(scope: string): Promise<string> {
  const id = await house.addUser();
  await house.connect(
    id,
    ALL_SCOPES.filter((other) => other !== scope),
  );
  return id;
}

/** What a token says, its signature left aside. */
function readClaims(token: unknown): Record<string, unknown> {
  const [, claims = ''] = String(token).split('.');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
}

describe('the token door', () => {
  it('gives a token that executes actions and nothing else', async () => {
    const { status, body } = await askToken({ api_key: SIGNING_KEY, service: 'router' });
    expect([status, body['expires_in']]).toEqual([200, 1234]);
    expect(Object.keys(body)).toEqual(['token', 'expires_in']);
    const claims = readClaims(body['token']);
    expect(claims).toEqual({
      sub: 'router',
      service: 'router',
      permissions: ['execute_actions'],
      iat: expect.any(Number),
      exp: Number(claims['iat']) + 1234,
    });
    const token = String(body['token']);
    const outcome = await house.doors.execute('grpc', hello('1001', { dry_run: true }), { token });
    expect(outcome.status).toBe('PREPARED');
    expect(readProblem(await call('GET', '/api/v1/accounts', undefined, { token }))).toEqual(
      problem(403, /manage_acc/),
    );
  });

  it('gives the permissions, the narrowing and the time that are asked for', async () => {
    const { status, body } = await askToken({
      api_key: SIGNING_KEY,
      service: 'hub',
      permissions: ['execute_actions', 'manage_accounts'],
      platforms: ['twitch'],
      accounts: ['1002'],
      expires_in: 60,
    });
    expect([status, body['expires_in']]).toEqual([200, 60]);
    const token = String(body['token']);
    expect(readClaims(token)).toMatchObject({
      permissions: ['execute_actions', 'manage_accounts'],
      platforms: ['twitch'],
      accounts: ['1002'],
    });
    const { body: listed } = await call('GET', '/api/v1/accounts', undefined, { token });
    expect(listed['accounts']).toMatchObject([{ account_id: '1002' }]);
    const outcome = await house.doors.execute('rest', hello(), { token });
    expect(outcome.failure?.code).toBe('NOT_ALLOWED');
  });

  it('calls a service without a name unknown', async () => {
    const { body } = await askToken({ api_key: SIGNING_KEY });
    expect(readClaims(body['token'])).toMatchObject({ sub: 'unknown', service: 'unknown' });
  });

  it.each(['wrong', SIGNING_KEY.slice(1), `${SIGNING_KEY}x`, ' '])(
    'gives nothing for a wrong key (%#)',
    async (api_key) => {
      expect(readProblem(await askToken({ api_key, service: 'router' }))).toEqual(
        problem(401, /^Invalid API key$/),
      );
    },
  );

  it('has one refusal for a wrong key and for none', async () => {
    expect(readProblem(await askToken(undefined))).toEqual(problem(401, /^Invalid API key$/));
    expect(readProblem(await askToken({}))).toEqual(problem(401, /^Invalid API key$/));
  });

  const wrong: readonly [object, RegExp][] = [
    [
      { api_key: SIGNING_KEY, permissions: ['rule_the_world'] },
      /permissions item 1 must be one of .*not "rule_the_world"/,
    ],
    [{ api_key: SIGNING_KEY, permissions: [5] }, /permissions item 1 must be text/],
    [{ api_key: SIGNING_KEY, expires_in: 0 }, /expires_in must be at least 1/],
    [{ api_key: SIGNING_KEY, expires_in: 99_999_999 }, /expires_in must be at most/],
    [{ api_key: SIGNING_KEY, service: '' }, /service must not be empty/],
    [{ api_key: SIGNING_KEY, sevice: 'router' }, /sevice is not known here.*"service"/],
  ];

  it.each(wrong)('names what is wrong: %#', async (body, says) => {
    expect(readProblem(await askToken(body))).toEqual(problem(400, says));
  });
});

describe("the earlier Twitch service's form", () => {
  it('succeeds with exactly its answer', async () => {
    const { status, body } = await execute(old({ timestamp: 1_700_000_000 }));
    expect(status).toBe(200);
    expect(body).toEqual({
      success: true,
      message: 'Action chat_message executed successfully',
      action_id: expect.stringMatching(UUID),
      result_data: { message_id: expect.any(String), message_sent: 'Hello, chat!' },
      error: '',
    });
  });

  const failing: readonly [string, object, RegExp][] = [
    ['a wrong parameter', { parameters: {} }, /^Action execution failed: Message is required$/],
    ['an unknown type', { action_type: 'poke' }, /^Unknown action type: poke/],
    ['an unknown broadcaster', { broadcaster_id: '4242' }, /^Action execution failed: .*4242/],
    [
      "the platform's no",
      { action_type: 'unban', parameters: { user_id: '2001' } },
      /^Action execution failed: Twitch API error: 400 - ./,
    ],
  ];

  it('takes a number for the broadcaster', async () => {
    const { body } = await execute(old({ broadcaster_id: 1001 }));
    expect(body).toMatchObject({ success: true, message: expect.stringMatching(/successfully$/) });
  });

  it.each(failing)('fails with 200 and its texts: %s', async (_name, change, error) => {
    const { status, body } = await execute(old(change));
    expect(status).toBe(200);
    expect(body).toEqual({
      success: false,
      message: 'Action execution failed',
      action_id: expect.stringMatching(UUID),
      result_data: {},
      error: expect.stringMatching(error),
    });
  });

  it.each([
    { broadcaster_id: '1001' },
    { broadcaster_id: '1001', action_type: '' },
    { broadcaster_id: '', action_type: 'ban' },
    { broadcaster_id: null, action_type: 'ban' },
  ])('needs both names: %j', async (body) => {
    expect(readProblem(await execute(body))).toEqual(
      problem(400, /^action_type and broadcaster_id are required$/),
    );
  });

  it('in a batch: each is answered in the form it came in', async () => {
    const { status, body } = await call('POST', '/api/v1/actions/batch', {
      actions: [old(), hello(), old({ action_type: 'poke' })],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_count: 3, success_count: 2, failure_count: 1 });
    const [first, second, third] = body['responses'] as unknown as Record<string, unknown>[];
    const members = ['success', 'message', 'action_id', 'result_data', 'error'];
    expect(Object.keys(first ?? {})).toEqual(members);
    expect(Object.keys(third ?? {})).toEqual(members);
    expect(second).toMatchObject({ status: 'SUCCEEDED', sandbox: true });
    expect(third).toMatchObject({
      success: false,
      error: expect.stringMatching(/^Unknown action/),
    });
  });

  it("batches' refusals have its texts", async () => {
    expect(readProblem(await sendBatch([]))).toEqual(problem(400, /^No actions provided$/));
    const tooMany = Array.from({ length: 101 }, () => old());
    expect(readProblem(await sendBatch(tooMany))).toEqual(
      problem(400, /^Batch size exceeds maximum of 100$/),
    );
  });
});

describe('tokens/store and tokens/revoke', () => {
  it('connect and forget a channel', async () => {
    const id = await house.addUser();
    const { access_token, refresh_token } = await house.grant(id);
    const stored = await store({ broadcaster_id: id, access_token, refresh_token, scopes: ['x'] });
    expect([stored.status, stored.body]).toEqual([
      200,
      { success: true, message: 'Token stored successfully' },
    ]);
    const shown = await call('GET', `/api/v1/accounts/twitch/${id}`);
    // Twitch was asked what was granted, and its answer counts.
    expect(new Set(shown.body['scopes'])).toEqual(new Set(ALL_SCOPES));
    expect((await house.doors.execute('rest', hello(id))).status).toBe('SUCCEEDED');

    for (let time = 0; time < 2; time += 1) {
      const revoked = await revoke({ broadcaster_id: id });
      expect([revoked.status, revoked.body]).toEqual([
        200,
        { success: true, message: 'Token revoked successfully' },
      ]);
    }
    const after = await house.doors.execute('rest', hello(id));
    expect(after.failure?.code).toBe('ACCOUNT_NOT_CONNECTED');
  });

  it('name what is missing', async () => {
    expect(readProblem(await store({}))).toEqual(
      problem(400, /^broadcaster_id, access_token, and refresh_token are required$/),
    );
    expect(readProblem(await revoke({}))).toEqual(problem(400, /^broadcaster_id is required$/));
  });
});

describe('accounts', () => {
  it('are stored, shown, listed and removed, and no answer holds a secret', async () => {
    const id = await house.addUser();
    const grant = await house.grant(id, ['user:write:chat', 'clips:edit']);
    const { access_token, refresh_token } = grant;
    const stored = await call('PUT', accountPath(id), {
      access_token,
      refresh_token,
      expires_in: 5,
    });
    expect(stored.status).toBe(200);
    expect(stored.body).toEqual({
      platform: 'twitch',
      owner: '',
      account_id: id,
      login: `user_${id}`,
      scopes: ['user:write:chat', 'clips:edit'],
      scopes_verified: true,
      source: 'stored',
      state: 'connected',
      reason: '',
      renewable: true,
      client_id: null,
      credential_ref: null,
      expires_at: expect.stringMatching(TIME),
      refreshed_at: null,
      validated_at: expect.stringMatching(TIME),
      created_at: expect.stringMatching(TIME),
      updated_at: expect.stringMatching(TIME),
      missing: expect.arrayContaining([
        {
          action_type: 'raid',
          scopes: ['channel:manage:raids'],
          reason: 'it has not granted channel:manage:raids',
        },
      ]),
    });
    const missing = stored.body['missing'] as unknown as { action_type: string }[];
    expect(missing.map(({ action_type }) => action_type)).not.toContain('chat_message');
    // Twitch said when it ends, and knows better than the caller.
    const left = Date.parse(String(stored.body['expires_at'])) - Date.now();
    expect(left).toBeGreaterThan(3_600_000);

    const shown = await call('GET', accountPath(id));
    const known = { ...stored.body, connected_by: 'tester' };
    expect([shown.status, shown.body]).toEqual([200, known]);
    const listed = await call('GET', '/api/v1/accounts?platform=twitch');
    expect(listed.status).toBe(200);
    const accounts = listed.body['accounts'] as unknown as { account_id: string }[];
    const ids = accounts.map(({ account_id }) => account_id);
    expect(ids).toEqual(ids.toSorted());
    expect(ids).toEqual(expect.arrayContaining(['1001', '1002', id]));
    expect(accounts).toContainEqual(known);
    for (const answer of [stored, shown, listed]) {
      const text = JSON.stringify(answer.body);
      for (const secret of [access_token, refresh_token]) expect(text).not.toContain(secret);
    }

    const removed = await call('DELETE', accountPath(id));
    expect([removed.status, removed.body]).toEqual([204, {}]);
    expect(removed.headers.get('grant-at-platform')).toBe('ended');
    expect(readProblem(await call('GET', accountPath(id)))).toEqual(
      problem(404, /No twitch account/),
    );
    expect(readProblem(await call('DELETE', accountPath(id)))).toEqual(
      problem(404, /No twitch account/),
    );
  });

  it('take no token that belongs to another', async () => {
    const [id, other] = await Promise.all([house.addUser(), house.addUser()]);
    const grant = await house.grant(other);
    const { access_token } = grant;
    const answer = await call('PUT', accountPath(id), { access_token });
    expect(readProblem(answer)).toEqual(
      problem(400, new RegExp(`access_token.*belongs to Twitch account ${other}`)),
    );
    expect(JSON.stringify(answer.body)).not.toContain(access_token);
    expect(readProblem(await call('GET', accountPath(id)))).toEqual(
      problem(404, /No twitch account/),
    );
    const earlierForm = await call('POST', '/api/v1/tokens/store', {
      broadcaster_id: id,
      access_token,
      refresh_token: grant.refresh_token,
    });
    expect(readProblem(earlierForm)).toEqual(
      problem(400, /access_token.*belongs to Twitch account/),
    );
  });

  it('take no dead token that nothing can renew, but a dead one with a refresh token', async () => {
    const id = await house.addUser();
    const { refresh_token } = await house.grant(id);
    const dead = await call('PUT', accountPath(id), { access_token: 'sandboxdead' });
    expect(readProblem(dead)).toEqual(problem(400, /access_token.*Twitch does not accept it/));
    const renewable = await call('PUT', accountPath(id), {
      access_token: 'sandboxdead',
      refresh_token,
      scopes: [...ALL_SCOPES],
    });
    expect(renewable.status).toBe(200);
    expect((await house.doors.execute('rest', hello(id))).status).toBe('SUCCEEDED');
  });

  it('name what is wrong', async () => {
    expect(readProblem(await call('PUT', accountPath('1001'), {}))).toEqual(
      problem(400, /access_token is missing/),
    );
    expect(readProblem(await call('PUT', accountPath('10%2001'), { access_token: 'x' }))).toEqual(
      problem(400, /account_id/),
    );
    const elsewhere = await call('PUT', '/api/v1/accounts/twich/1', { access_token: 'x' });
    expect(readProblem(elsewhere)).toEqual(
      problem(404, /Unknown platform: twich\. Did you mean "twitch"\?/),
    );
  });
});

describe('the catalogue', () => {
  const declared = [
    ...discordActions.map(({ type }) => `discord.${type}`),
    ...twitchActions.map(({ type }) => `twitch.${type}`),
    ...youtubeActions.map(({ type }) => `youtube.${type}`),
  ];

  it('is the same on both doors', async () => {
    const rest = await call('GET', '/api/v1/catalog');
    const grpc = (await house.doors.grpc.call('ListActions', {})) as { actions: ProtoAction[] };
    expect(rest.status).toBe(200);
    const listed = rest.body['actions'] as unknown as { platform: string; action_type: string }[];
    expect(
      listed.map(({ platform, action_type }) => `${platform}.${action_type}`).toSorted(),
    ).toEqual(declared.toSorted());
    expect(grpc.actions.map(decodeAction)).toEqual(rest.body['actions']);
  });

  it('is told by platform and by action', async () => {
    const platform = await call('GET', '/api/v1/catalog/twitch');
    expect(platform.body['actions']).toHaveLength(twitchActions.length);
    const one = await call('GET', '/api/v1/catalog/twitch/timeout');
    expect(one.body['actions']).toMatchObject([
      {
        platform: 'twitch',
        action_type: 'timeout',
        group: 'moderation',
        effect: 'update',
        takes_actor: true,
        repeatable: false,
        enabled: true,
        scopes: ['moderator:manage:banned_users'],
        docs_url: 'https://dev.twitch.tv/docs/api/reference/#ban-user',
        input_schema: {
          type: 'object',
          required: ['user_id'],
          additionalProperties: false,
          properties: { duration: { type: 'integer', minimum: 1, maximum: 1_209_600 } },
        },
      },
    ]);
    const grpc = (await house.doors.grpc.call('ListActions', {
      platform: 'twitch',
      action_type: 'timeout',
    })) as { actions: ProtoAction[] };
    expect(grpc.actions.map(decodeAction)).toEqual(one.body['actions']);
  });

  it('names what is near to an unknown name', async () => {
    const unknown = await call('GET', '/api/v1/catalog/twitch/chat_mesage');
    expect(readProblem(unknown)).toEqual(problem(404, /Did you mean "chat_message"\?/));
    expect(readProblem(await call('GET', '/api/v1/catalog/myspace'))).toEqual(
      problem(404, /Unknown platform/),
    );
    const refusal = (await house.doors.grpc
      .call('ListActions', { platform: 'myspace' })
      .catch((error: unknown) => error)) as GrpcRefusal;
    expect(refusal).toMatchObject({ code: 'NOT_FOUND', nothingSent: true });
  });

  it('is for callers alone', async () => {
    const answer = await call('GET', '/api/v1/catalog', undefined, { token: null });
    expect(readProblem(answer)).toEqual(problem(401, /Authorization/));
  });
});

interface ProtoAction {
  readonly input_schema: ProtoStruct;
  readonly output_schema: ProtoStruct;
  readonly example: { readonly input: ProtoStruct; readonly output: ProtoStruct };
  readonly choices: Readonly<Record<string, { readonly search: string }>>;
}

function decodeAction(action: ProtoAction): object {
  const { input_schema, output_schema, example, choices, ...plain } = action;
  return {
    ...plain,
    choices: Object.fromEntries(
      Object.entries(choices).map(([name, { search, ...from }]) => [
        name,
        search ? { ...from, search } : from,
      ]),
    ),
    input_schema: decodeStruct(input_schema),
    output_schema: decodeStruct(output_schema),
    example: { input: decodeStruct(example.input), output: decodeStruct(example.output) },
  };
}

describe('actions by their id', () => {
  it('are read as they were answered, and nothing is left to cancel', async () => {
    const { body: done } = await execute(hello('1001', { request_id: 'r-9' }));
    const path = `/api/v1/actions/${done['action_id']}`;
    const read = await call('GET', path);
    const { action, ...outcome } = read.body;
    expect([read.status, outcome]).toEqual([200, done]);
    expect(action).toMatchObject({ platform: 'twitch', account_id: '1001', attempts: 1 });
    const cancelled = await call('DELETE', path);
    expect(cancelled.status).toBe(200);
    expect(cancelled.body).toEqual({
      ...done,
      message: 'Only queued or scheduled actions can be cancelled; this one is SUCCEEDED',
    });
    const overGrpc = (await house.doors.grpc.call('CancelAction', {
      action_id: done['action_id'],
    })) as { status: string; message: string };
    expect(overGrpc).toMatchObject({ status: 'SUCCEEDED', message: cancelled.body['message'] });
    expect(
      (await call('GET', `${path.toUpperCase().replace('/API/V1/ACTIONS', '/api/v1/actions')}`))
        .status,
    ).toBe(200);
  });

  it('are read with their failure', async () => {
    const { body: refused } = await execute(hello('4242'));
    const { status, body } = await call('GET', `/api/v1/actions/${refused['action_id']}`);
    const { action, ...outcome } = body;
    expect(status).toBe(200);
    expect({ ...refused, ...outcome }).toEqual(refused);
    expect(action).toMatchObject({ what_to_do: expect.stringMatching(/^Connect the account/) });
    expect(body).toMatchObject({ status: 'REFUSED', failure: refused['failure'] });
  });
});

const listLimits = (query = '', token?: string): Promise<RestAnswer> =>
  call('GET', `/api/v1/limits${query}`, undefined, token === undefined ? undefined : { token });
const bucketsOf = ({ body }: RestAnswer): string[] =>
  (body['limits'] as unknown as { bucket: string }[]).map(({ bucket }) => bucket);

describe('limits', () => {
  it('tell what is left, of one platform or account where one is named', async () => {
    await execute(hello());
    const { status, body } = await listLimits('?platform=twitch&account=1001');
    expect(status).toBe(200);
    expect(body).toEqual({
      limits: expect.arrayContaining([
        {
          bucket: 'twitch:chat:1001:1001',
          platform: 'twitch',
          account_id: '1001',
          kind: 'window',
          limit: 100,
          used: expect.any(Number),
          left: expect.any(Number),
          reset_in_ms: expect.any(Number),
          reset_at: expect.stringMatching(TIME),
        },
        expect.objectContaining({ kind: 'learned', limit: 800 }),
      ]),
      timestamp: expect.stringMatching(TIME),
    });
    expect(bucketsOf(await listLimits('?account=4711'))).toEqual([]);
    expect(bucketsOf(await listLimits('?platform=gateway'))).toContain('gateway:caller:tester');
    expect(readProblem(await listLimits('?platform=a&platform=b'))).toEqual(
      problem(400, /platform/),
    );
  });

  it('are for those who act and those who look, as far as their token reaches', async () => {
    await execute(hello());
    const narrow = tokenOf('viewer', {
      permissions: ['read_audit'],
      platforms: ['twitch'],
      accounts: ['1002'],
    });
    expect(bucketsOf(await listLimits('', narrow))).not.toContain('twitch:chat:1001:1001');
    const other = tokenOf('viewer', { permissions: ['execute_actions'], platforms: ['discord'] });
    expect(bucketsOf(await listLimits('?platform=twitch', other))).toEqual([]);
    const neither = tokenOf('viewer', { permissions: ['manage_accounts'] });
    expect(readProblem(await listLimits('', neither))).toEqual(problem(403, /read_audit/));
  });
});

describe('stats and health', () => {
  it('stats count what was done', async () => {
    await execute(hello());
    const { status, body } = await call('GET', '/api/v1/stats');
    expect(status).toBe(200);
    const { restUrl, grpcAddress } = house.doors.gateway;
    expect(body).toEqual({
      module: 'action_gateway',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stats: {
        registered_broadcasters: expect.any(Number),
        grpc_port: Number(grpcAddress.split(':')[1]),
        rest_port: Number(new URL(restUrl).port),
        running: 0,
        waiting: 0,
        queue: { waiting: 0, lines: 0, working: 0, late_ms: 0 },
        last_24_hours: expect.objectContaining({
          SUCCEEDED: expect.any(Number),
          REFUSED: expect.any(Number),
        }),
      },
      timestamp: expect.stringMatching(TIME),
      sandbox: true,
    });
    const denied = await call('GET', '/api/v1/stats', undefined, { token: null });
    expect(readProblem(denied)).toEqual(problem(401, /Authorization/));
  });

  it('health is for everybody', async () => {
    const health = await call('GET', '/health', undefined, { token: null });
    expect([health.status, health.body]).toMatchObject([
      200,
      { status: 'healthy', module: 'action_gateway', database: 'connected', sandbox: true },
    ]);
    for (const path of ['/health/live', '/health/ready']) {
      const probe = await call('GET', path, undefined, { token: null });
      expect([probe.status, probe.body['status']]).toEqual([200, 'ok']);
    }
  });
});

describe('the failure table', () => {
  const cases: readonly [string, number, () => Promise<RestAnswer>][] = [
    ['UNKNOWN_ACTION', 404, () => execute(hello('1001', { action_type: 'poke' }))],
    ['INVALID_INPUT', 400, () => execute(hello('1001', { parameters: {} }))],
    [
      'NOT_ALLOWED',
      403,
      () =>
        call('POST', '/api/v1/actions/execute', hello(), {
          token: tokenOf('nobody', { permissions: [] }),
        }),
    ],
    ['ACCOUNT_NOT_CONNECTED', 409, () => execute(hello('4242'))],
    ['MISSING_SCOPE', 403, async () => execute(hello(await connectWithout('user:write:chat')))],
    [
      'RECONNECT_ACCOUNT',
      409,
      async () => {
        const { id } = await house.addChannel();
        await house.sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: id });
        return execute(hello(id));
      },
    ],
    [
      'KEY_REUSED',
      422,
      async () => {
        await execute(hello('1001', { idempotency_key: 'reused' }));
        return execute(hello('1001', { idempotency_key: 'reused', parameters: { message: 'm' } }));
      },
    ],
    [
      'REFUSED',
      422,
      () => execute(hello('1001', { action_type: 'unban', parameters: { user_id: '2001' } })),
    ],
    [
      'NOT_FOUND',
      404,
      () =>
        execute(hello('1001', { action_type: 'delete_message', parameters: { message_id: 'x' } })),
    ],
    [
      'PLATFORM_DOWN',
      502,
      async () => {
        await house.addFault(
          { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
          {},
          4,
        );
        return execute(hello());
      },
    ],
    [
      'OUTCOME_UNKNOWN',
      504,
      async () => {
        await house.addFault({ kind: 'status', status: 500 });
        return execute(hello());
      },
    ],
    [
      'UNREADABLE_ANSWER',
      502,
      async () => {
        await house.addFault({ kind: 'garbage' });
        return execute(hello());
      },
    ],
    ['UNSUPPORTED', 501, () => execute(hello('1001', { credential_ref: 'vault/1' }))],
  ];

  it.each(cases)('%s is answered with %i and says what it means', async (code, http, provoke) => {
    const { status, headers, body } = await provoke();
    expect([status, body['failure']]).toMatchObject([http, { code }]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body).toMatchObject({
      success: false,
      action_id: expect.stringMatching(UUID),
      type: `/docs#${code}`,
      title: expect.stringMatching(/\.$/),
      detail: body['error'],
      error: expect.stringMatching(/./),
    });
  });

  it('IN_PROGRESS is answered with 409 and when to ask again', async () => {
    const { id } = await house.addChannel();
    await house.addFault({ kind: 'delay', ms: 800 }, { path: '/chat/messages' });
    const since = await house.sandbox.lastSeq();
    const key = { 'idempotency-key': 'in-progress' };
    const first = execute(hello(id), key);
    // It has left when its fault is taken.
    await expect
      .poll(() => house.sandbox.control('GET', '/sandbox/faults'))
      .toEqual({ faults: [] });
    const second = await execute(hello(id), key);
    expect([second.status, second.body['failure']]).toMatchObject([
      409,
      { code: 'IN_PROGRESS', retryable: true, retry_after_ms: 1_000 },
    ]);
    expect(second.headers.get('retry-after')).toBe('1');
    const { status, body } = await first;
    expect([status, body['status']]).toEqual([200, 'SUCCEEDED']);
    const third = await execute(hello(id), key);
    expect([third.status, third.body]).toEqual([200, { ...body, replayed: true }]);
    expect(await house.helixSince(since)).toHaveLength(1);
  });

  it('RATE_LIMITED is answered with 429 and when to come again', async () => {
    const { id } = await house.addChannel();
    const raid = hello(id, { action_type: 'raid', parameters: { to_broadcaster_id: '4242' } });
    for (let time = 0; time < 10; time += 1) {
      expect((await execute(raid)).body['failure']).toMatchObject({ code: 'NOT_FOUND' });
    }
    const since = await house.sandbox.lastSeq();
    const { status, headers, body } = await execute(raid);
    expect([status, body['failure']]).toMatchObject([429, { code: 'RATE_LIMITED' }]);
    const failure = body['failure'] as unknown as { retryable: boolean; retry_after_ms: number };
    expect(failure.retryable).toBe(true);
    expect(failure.retry_after_ms).toBeGreaterThan(500_000);
    expect(failure.retry_after_ms).toBeLessThanOrEqual(600_500);
    expect(headers.get('retry-after')).toBe(String(Math.ceil(failure.retry_after_ms / 1_000)));
    expect(await house.helixSince(since)).toEqual([]);
    // The dry run sees it coming.
    const rehearsed = await house.doors.execute('rest', { ...raid, dry_run: true });
    expect(rehearsed.prepared?.predicted_wait_ms).toBeGreaterThan(500_000);
  });
});

const askRoot = (accept: string): Promise<Response> =>
  fetch(`${house.doors.gateway.restUrl}/`, { headers: { accept }, redirect: 'manual' });

describe('the root', () => {
  it('names the addresses to a program, and sends a browser to the console', async () => {
    const told = await askRoot('application/json');
    const addresses = (await told.json()) as Record<string, string>;
    expect(addresses).toMatchObject({ service: 'action-gateway', docs: '/docs' });
    for (const name of ['console', 'docs', 'openapi', 'health']) {
      const found = await fetch(`${house.doors.gateway.restUrl}${addresses[name]}`);
      expect(found.status).toBe(200);
    }
    const sent = await askRoot('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/console/']);
  });

  it('has no icon, and says so without an error', async () => {
    const { status } = await fetch(`${house.doors.gateway.restUrl}/favicon.ico`);
    expect(status).toBe(204);
  });
});

describe('unknown routes', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/api/v1/nothing'],
    ['GET', '/api/v2/catalog'],
    ['GET', '/api/v1/actions/execute/more'],
    ['GET', '/%2e%2e/etc/passwd'],
  ])('%s %s is a 404 of the usual form', async (method, path) => {
    const answer = await call(method, path);
    expect(readProblem(answer)).toEqual(problem(404, /./));
    // Left out for those alone who still send a body.
    expect(answer.headers.get('connection')).toBe('keep-alive');
  });

  it('a method that a path does not take is a 405 that names those it takes', async () => {
    const answer = await call('PUT', '/api/v1/actions/execute');
    expect(readProblem(answer)).toEqual(problem(405, /use DELETE, GET, HEAD, PATCH, POST/));
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH, POST');
    const batches = await call('POST', '/api/v1/batches/01920000-0000-7000-8000-000000000001');
    expect(batches.headers.get('allow')).toBe('GET, HEAD');
  });
});

interface GenericClient {
  close(): void;
  Check(
    request: object,
    done: (error: ServiceError | null, answer: { status: string }) => void,
  ): void;
  Watch(request: object): ClientReadableStream<{ status: string }>;
  ServerReflectionInfo(): ClientDuplexStream<object, Record<string, unknown>>;
}

const ROOT = join(import.meta.dirname, '../..');

function openClient(
  file: string,
  path: readonly string[],
  includeDirs: string[] = [],
): GenericClient {
  const definition = loadSync(file, {
    keepCase: true,
    enums: String,
    defaults: true,
    oneofs: true,
    includeDirs,
  });
  const found = path.reduce<GrpcObject>(
    (inner, name) => inner[name] as GrpcObject,
    loadPackageDefinition(definition),
  );
  const Client = found as unknown as new (...args: unknown[]) => GenericClient;
  return new Client(house.doors.gateway.grpcAddress, credentials.createInsecure());
}

/** Asks the reflection service one thing, in one of its versions. */
async function reflect(
  version: 'v1' | 'v1alpha',
  request: object,
): Promise<Record<string, unknown>> {
  const client = openClient(
    join(
      ROOT,
      `node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`,
    ),
    ['grpc', 'reflection', version, 'ServerReflection'],
  );
  const stream = client.ServerReflectionInfo();
  try {
    return await new Promise((resolve, reject) => {
      stream.on('data', resolve).on('error', reject);
      stream.write(request);
    });
  } finally {
    stream.end();
    client.close();
  }
}

const check = (service: string): Promise<string> => {
  const client = openClient(healthProto, ['grpc', 'health', 'v1', 'Health']);
  return new Promise<string>((resolve) => {
    client.Check({ service }, (error, answer) => {
      client.close();
      resolve(error ? (grpcStatus[error.code] ?? '') : answer.status);
    });
  });
};

describe('what generic gRPC tools find', () => {
  it.each(['v1', 'v1alpha'] as const)(
    'reflection %s lists our service and health',
    async (version) => {
      const { list_services_response } = await reflect(version, { list_services: '' });
      const { service } = list_services_response as { service: { name: string }[] };
      expect(service.map(({ name }) => name).toSorted()).toEqual([
        'action_gateway.v1.ActionGateway',
        'discord_action.DiscordAction',
        'grpc.health.v1.Health',
        'twitch_action.TwitchActionService',
        'youtube_action.YouTubeAction',
      ]);
    },
  );

  it.each(['action_gateway.v1.ActionGateway', 'grpc.health.v1.Health', 'google.protobuf.Struct'])(
    'reflection describes %s',
    async (symbol) => {
      const answer = await reflect('v1', { file_containing_symbol: symbol });
      const described = answer['file_descriptor_response'] as {
        file_descriptor_proto: Buffer[];
      };
      expect(described?.file_descriptor_proto.length).toBeGreaterThan(0);
      const text = Buffer.concat(described.file_descriptor_proto).toString('latin1');
      expect(text).toContain(symbol.split('.').at(-1));
    },
  );

  it('health says SERVING, and NOT_FOUND of an unknown service', async () => {
    expect(await check('')).toBe('SERVING');
    expect(await check('action_gateway.v1.ActionGateway')).toBe('SERVING');
    expect(await check('action_gateway.v2.ActionGateway')).toBe('NOT_FOUND');
  });

  it('health can be watched', async () => {
    const client = openClient(healthProto, ['grpc', 'health', 'v1', 'Health']);
    const watch = client.Watch({ service: '' });
    const first = await new Promise<{ status: string }>((resolve, reject) => {
      watch.on('data', resolve).on('error', reject);
    });
    expect(first.status).toBe('SERVING');
    watch
      .removeAllListeners('error')
      .on('error', () => undefined)
      .cancel();
    client.close();
  });
});

describe('who asks too often for tokens', () => {
  it('is told to wait, and every other route goes on', async () => {
    let answer = await askToken({ api_key: 'guess' });
    for (let time = 0; time < 700 && answer.status === 401; time += 1)
      answer = await askToken({ api_key: 'guess' });
    expect(readProblem(answer)).toEqual(problem(429, /More than 300 wrong credentials/));
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await askToken({ api_key: SIGNING_KEY })).status).toBe(200);
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, hello('1001', { dry_run: true }));
      expect(outcome.status).toBe('PREPARED');
    }
  });
});
