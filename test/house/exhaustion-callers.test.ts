// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EarlierGrpc } from '../support/earlier-grpc.js';
import { eventually } from '../support/eventually.js';
import { makeToken, type RestAnswer, SIGNING_KEY } from '../support/gateway.js';
import type { GrpcRefusal } from '../support/grpc-client.js';
import { House, tokenOf, type TwoDoors } from '../support/two-doors.js';

const MOST_FAILURES = 20;
const SERVING_KEY = 'k'.repeat(32);
const MEDIA_KEY = 'm'.repeat(32);
const METRICS_TOKEN = 't'.repeat(32);
const hello = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello!' },
  dry_run: true,
};
let house: House;
let strict: TwoDoors;

beforeAll(async () => {
  house = await House.open({ CALLER_REQUESTS_PER_MINUTE: '5' });
  strict = await house.openAnother({
    FAILED_LOGINS_PER_MINUTE: String(MOST_FAILURES),
    CALLER_REQUESTS_PER_MINUTE: '0',
    CREDENTIAL_SERVING_KEY: SERVING_KEY,
    METRICS_TOKEN,
    TRUSTED_PROXIES: '127.0.0.1',
    ENABLE_MEDIA: 'true',
    MEDIA_BACKEND: 'service',
    YOUTUBE_SERVICE_URL: 'http://127.0.0.1:9',
    MEDIA_API_KEY: MEDIA_KEY,
    PREDECESSOR_TRUST: JSON.stringify([
      { name: 'router', service_keys: ['s'.repeat(32)], accounts: ['1001'] },
    ]),
  });
});

afterAll(() => house?.close());

const times = (count: number, envelope: object): object[] =>
  Array.from({ length: count }, () => envelope);

interface Try {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

const json = (path: string, body: object): Try => ({ method: 'POST', path, body });
const get = (path: string, headers: Record<string, string>): Try => ({
  method: 'GET',
  path,
  headers,
});

/** Doors that compare a secret: a wrong try, the same with the right one, and what the right one is answered. */
const TRIES: readonly (readonly [string, Try, Try, number])[] = [
  [
    'a token',
    get('/api/v1/catalog', { authorization: 'Bearer wrong' }),
    get('/api/v1/catalog', { authorization: `Bearer ${makeToken()}` }),
    200,
  ],
  [
    'a root key',
    json('/api/v1/auth/token', { api_key: 'guess' }),
    json('/api/v1/auth/token', { api_key: SIGNING_KEY }),
    200,
  ],
  [
    'a key of a caller',
    json('/api/v1/auth/token', { api_key: 'agk_nobody_guess' }),
    json('/api/v1/auth/token', { api_key: SIGNING_KEY, service: 'x' }),
    200,
  ],
  [
    'a secret of the earlier Discord service',
    json('/api/v1/token', { client_id: 'a', client_secret: 'guess' }),
    json('/api/v1/token', { client_id: 'a', client_secret: SIGNING_KEY }),
    200,
  ],
  [
    'a secret of the earlier YouTube service',
    json('/api/v1/token/generate', { channel_id: 'UC1', secret: 'guess' }),
    json('/api/v1/token/generate', { channel_id: 'UC1', secret: SIGNING_KEY }),
    200,
  ],
  [
    'a service key',
    { ...json('/api/v1/send-message', {}), headers: { 'x-service-key': 'guess' } },
    { ...json('/api/v1/send-message', {}), headers: { 'x-service-key': 's'.repeat(32) } },
    400,
  ],
  [
    'the key that credentials are resolved with',
    {
      ...json('/api/internal/plant/credentials/resolve', {}),
      headers: { 'x-plant-internal-key': 'guess' },
    },
    {
      ...json('/api/internal/plant/credentials/resolve', {}),
      headers: { 'x-plant-internal-key': SERVING_KEY },
    },
    422,
  ],
  [
    'the token of the metrics',
    get('/metrics', { authorization: 'Bearer guess' }),
    get('/metrics', { authorization: `Bearer ${METRICS_TOKEN}` }),
    200,
  ],
  [
    'a key of media',
    get('/v1/media/youtube', { 'x-api-key': 'guess' }),
    get('/v1/media/youtube', { 'x-api-key': MEDIA_KEY }),
    200,
  ],
];

let lastAddress = 0;

function send({ method, path, body, headers }: Try, from: string): Promise<RestAnswer> {
  return strict.rest(method, path, body, {
    token: null,
    headers: { ...headers, 'x-forwarded-for': from },
  });
}

describe('wrong credentials', () => {
  it.each(TRIES)(
    'are limited by address, and keep no right one out: %s',
    async (_name, wrong, right, expected) => {
      const from = `203.0.113.${(lastAddress += 1)}`;
      const limited = await eventually(
        async () => {
          let answer = await send(wrong, from);
          for (let time = 0; time < MOST_FAILURES; time += 1) answer = await send(wrong, from);
          return answer;
        },
        ({ status }) => status === 429,
      );
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await send(right, from)).status).toBe(expected);
    },
  );

  it('are limited on every gRPC service', async () => {
    const from = { 'x-forwarded-for': '203.0.113.200' };
    const own = (): Promise<string> =>
      strict.grpc.execute(hello, { token: 'wrong', metadata: from }).then(
        ({ status }) => status,
        ({ code }: GrpcRefusal) => code,
      );
    await eventually(
      async () => {
        let answer = await own();
        for (let time = 0; time < MOST_FAILURES; time += 1) answer = await own();
        return answer;
      },
      (code) => code === 'RESOURCE_EXHAUSTED',
    );
    for (const [name, rpc] of [
      ['discord_action.DiscordAction', 'SendMessage'],
      ['youtube_action.YouTubeAction', 'SendLiveChatMessage'],
    ] as const) {
      const earlier = new EarlierGrpc(strict.gateway.grpcAddress, name);
      const refused = earlier.call(rpc, {}, { ...from, authorization: 'Bearer wrong' });
      await expect(refused).rejects.toThrow(/RESOURCE_EXHAUSTED/);
      earlier.close();
    }
    const right = await strict.grpc.execute(hello, { metadata: from });
    expect(right.status).toBe('PREPARED');
  });

  it('have few lines in the log', async () => {
    const before = strict.gateway.output().match(/"msg":"refused"/g)?.length ?? 0;
    const wrong = get('/api/v1/catalog', { authorization: 'Bearer wrong' });
    for (let time = 0; time < 500; time += 1) await send(wrong, '203.0.113.250');
    const lines = (strict.gateway.output().match(/"msg":"refused"/g)?.length ?? 0) - before;
    // A minute may end in the middle of it.
    expect(lines).toBeLessThanOrEqual(2 * 20);
  });
});

const countRows = (caller: string): Promise<number> =>
  countBy('SELECT count(*) FROM actions WHERE caller_id = $1', caller);

/** The number that a query of one parameter answers. */
async function countBy(query: string, parameter: string): Promise<number> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  const { rows } = await client
    .query<{ count: string }>(query, [parameter])
    .finally(() => client.end());
  return Number(rows[0]?.count);
}

const ask = (): Promise<RestAnswer> =>
  house.doors.rest(
    'POST',
    '/api/v1/auth/token',
    { api_key: SIGNING_KEY, service: 'busy' },
    { token: null },
  );

describe('a caller with five requests a minute', () => {
  /** Two minutes may be touched. */
  const MOST = 10;
  const invalid = { platform: 'twitch', action_type: 'no_such_action' };

  it('leaves no more rows than that, by invalid envelopes and batches', async () => {
    const token = tokenOf('flooder');
    for (let time = 0; time < 10; time += 1) {
      await house.doors.batch('grpc', times(50, invalid), { token });
      await house.doors.batch('rest', times(50, invalid), { token });
      await house.doors.grpc.execute(invalid, { token });
    }
    expect(await countRows('flooder')).toBeLessThanOrEqual(MOST);
  });

  it.each([
    ['a search', 'GET', '/api/v1/audit', undefined],
    ['a list', 'GET', '/api/v1/catalog', undefined],
    ['figures', 'GET', '/api/v1/stats', undefined],
    ['a route that is not there', 'GET', '/api/v1/nothing', undefined],
    ['a body that is no JSON', 'POST', '/api/v1/actions/execute', '{'],
    ['a batch that is too large', 'POST', '/api/v1/actions/batch', { actions: times(101, {}) }],
    ['a batch that is no list', 'POST', '/api/v1/actions/batch', { actions: 'x' }],
    ['a request without a permission', 'GET', '/api/v1/callers', undefined],
  ] as const)('is told to wait, whatever it asks for: %s', async (name, method, path, body) => {
    const permissions = ['execute_actions', 'read_audit'];
    const token = tokenOf(`asks for ${name}`, { permissions });
    const statuses: number[] = [];
    let last: RestAnswer | undefined;
    for (let time = 0; time < 3 * MOST; time += 1) {
      last = await house.doors.rest(method, path, body, { token });
      statuses.push(last.status);
    }
    const passed = statuses.filter((status) => status !== 429).length;
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThanOrEqual(MOST);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(last?.headers.get('nothing-sent')).toBe('1');
    expect(last?.headers.get('ratelimit-policy')).toBe('"caller";q=5;w=60');
    expect(last?.headers.get('ratelimit')).toMatch(/^"caller";r=0;t=\d+$/);
  });

  it('is told with each answer what is left, and which outcome is a replay', async () => {
    const envelope = { ...hello, dry_run: false };
    const token = tokenOf('told');
    const headers = { 'idempotency-key': 'told-1' };
    const [first, second] = [
      await house.doors.rest('POST', '/api/v1/actions/execute', envelope, { token, headers }),
      await house.doors.rest('POST', '/api/v1/actions/execute', envelope, { token, headers }),
    ];
    expect(first.body).toMatchObject({ success: true, replayed: false });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.body).toMatchObject({ success: true, replayed: true });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    for (const { headers: told } of [first, second]) {
      expect(told.get('ratelimit-policy')).toBe('"caller";q=5;w=60');
      expect(told.get('ratelimit')).toMatch(/^"caller";r=[34];t=\d+$/);
    }
    const unlimited = await strict.rest('GET', '/api/v1/catalog', undefined, { token });
    expect(unlimited.headers.get('ratelimit-policy')).toBeNull();
  });

  it('has as many tokens as it needs, which are counted apart; beyond it, the latest again', async () => {
    const statuses = new Set<number>();
    const firstMinute = Math.floor(Date.now() / 60_000);
    for (let time = 0; time < 130; time += 1) statuses.add((await ask()).status);
    const minutes = Math.floor(Date.now() / 60_000) - firstMinute + 1;
    expect([...statuses]).toEqual([200]);
    const made = await countBy(
      "SELECT count(*) FROM audit_events WHERE kind = 'token.issued' AND caller_id = $1",
      'busy',
    );
    expect(made).toBeGreaterThanOrEqual(60);
    // Sixty in each minute of the clock, of which a busy machine may need several.
    expect(made).toBeLessThanOrEqual(60 * minutes);
  });
});
