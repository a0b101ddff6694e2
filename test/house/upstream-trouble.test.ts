// Real: the built gateway as processes, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, and its troubles, at the wire.
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { ALL_SCOPES, DOORS, House, tokenOf, TwoDoors } from '../support/two-doors.js';

const CHAT = { method: 'POST', path: '/chat/messages' };
const CHANNELS = { method: 'PATCH', path: '/channels' };

let house: House;
/** Another replica: same database, same sandbox. */
let replica: TwoDoors;
let channel = '';
let token = '';
let before = 0;
let keys = 0;

beforeAll(async () => {
  house = await House.open({ REQUEST_TIMEOUT: '2' });
  replica = await house.openAnother({});
});

afterAll(() => house?.close());

beforeEach(async () => {
  await house.sandbox.control('DELETE', '/sandbox/faults');
  ({ id: channel, token } = await house.addChannel());
  before = await house.sandbox.lastSeq();
});

const say = (more: object = {}): Record<string, unknown> => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: channel,
  parameters: { message: 'Hello, chat!' },
  ...more,
});
const retitle = (more: object = {}): Record<string, unknown> => ({
  ...say({ action_type: 'update_title', parameters: { title: 'New' } }),
  ...more,
});
const newKey = (): { idempotency_key: string } => ({ idempotency_key: `key-${(keys += 1)}` });

const announce = (): Record<string, unknown> =>
  say({ action_type: 'announcement', parameters: { message: 'Soon!' } });

/** Headers of an empty bucket that is full again after some seconds. */
const empty = (seconds: number): Record<string, string> => ({
  'ratelimit-limit': '800',
  'ratelimit-remaining': '0',
  'ratelimit-reset': String(Math.floor(Date.now() / 1_000) + seconds),
});

const SUCCEEDED = { success: true, status: 'SUCCEEDED', failure: null, replayed: false };

/** HTTP statuses of the Helix requests since the test began; null where none was answered. */
const statuses = async (): Promise<(number | null)[]> =>
  (await house.helixSince(before)).map(({ status }) => status);

/** Timers and stamps round to milliseconds, each in its own way. */
const ROUNDING_MS = 5;

/** When the Helix requests since the test began were answered, on the clock of the sandbox. */
const moments = async (): Promise<number[]> =>
  (await house.sandbox.requestsSince(before))
    .filter(({ path }) => path.startsWith('/twitch/helix'))
    .map(({ at }) => Date.parse(at));

const chatOf = async (id = channel): Promise<unknown[]> =>
  (await house.channel(id)).chat.map(({ text }) => text);

const refreshes = async (): Promise<number> =>
  (await house.oauthSince(before)).filter((request) => request === 'POST /token').length;

const addTokenFault = (fault: object, times = 1): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    fault,
    match: { path: '/twitch/oauth2/token' },
    times,
  });

/** A port of this machine that nobody listens on. */
async function findClosedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('tokens that are no longer good', () => {
  it.each(DOORS)('a 401 is met with one refresh and one repeat (%s)', async (door) => {
    await house.addFault({ kind: 'status', status: 401 }, CHAT);
    expect(await house.doors.execute(door, say())).toMatchObject(SUCCEEDED);
    expect(await statuses()).toEqual([401, 200]);
    expect(await refreshes()).toBe(1);
    expect(await chatOf()).toHaveLength(1);
  });

  it.each(DOORS)('a 401 again is believed (%s)', async (door) => {
    await house.addFault({ kind: 'status', status: 401 }, CHAT, 3);
    const outcome = await house.doors.execute(door, say());
    expect(outcome).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'REFUSED', platform_status: 401, retryable: false },
    });
    expect(await statuses()).toEqual([401, 401]);
    expect(await refreshes()).toBe(1);
  });

  it('twenty actions on two replicas meet a dead token: one refresh', async () => {
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: channel });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_empty, index) =>
        (index % 2 === 0 ? house.doors : replica).execute('grpc', {
          ...say(),
          action_type: 'marker',
          parameters: { description: String(index) },
        }),
      ),
    );
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    expect(await refreshes()).toBe(1);
    expect((await house.channel(channel)).markers).toHaveLength(20);
  });

  it('one that is about to end is renewed before it is used', async () => {
    await house.connect(channel, ALL_SCOPES, 120);
    before = await house.sandbox.lastSeq();
    expect(await house.doors.execute('grpc', say())).toMatchObject(SUCCEEDED);
    expect(await statuses()).toEqual([200]);
    expect(await house.oauthSince(before)).toEqual(['POST /token']);
    expect(await house.doors.execute('rest', say())).toMatchObject(SUCCEEDED);
    expect(await refreshes()).toBe(1);
    const { body } = await house.doors.rest('GET', `/api/v1/accounts/twitch/${channel}`);
    expect(body).toMatchObject({ state: 'connected', refreshed_at: expect.any(String) });
  });

  it('while the token server is away, a token that lives is used on', async () => {
    await house.connect(channel, ALL_SCOPES, 120);
    await addTokenFault({ kind: 'status', status: 500 });
    expect(await house.doors.execute('grpc', say())).toMatchObject(SUCCEEDED);
    const { body } = await house.doors.rest('GET', `/api/v1/accounts/twitch/${channel}`);
    expect(body).toMatchObject({ state: 'connected', refreshed_at: null });
  });

  it.each([
    ['answers 500', { kind: 'status', status: 500 }],
    ['answers 429', { kind: 'status', status: 429 }],
    ['answers 403', { kind: 'status', status: 403 }],
    ['answers with HTML', { kind: 'garbage' }],
    ['breaks off', { kind: 'reset', when: 'before' }],
  ])('while the token server %s, a dead token is nobody’s fault', async (_name, fault) => {
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: channel });
    await addTokenFault(fault, 4);
    const envelope = say(newKey());
    const outcome = await house.doors.execute('grpc', envelope);
    expect(outcome).toMatchObject({
      status: 'FAILED',
      failure: { code: 'PLATFORM_DOWN', retryable: true },
    });
    expect(outcome.error).toMatch(/did not renew the token/);
    await house.sandbox.control('DELETE', '/sandbox/faults');
    const { body } = await house.doors.rest('GET', `/api/v1/accounts/twitch/${channel}`);
    expect(body).toMatchObject({ state: 'connected' });
    // A refresh whose answer got lost has spent the refresh token; all the others can be repeated.
    const lost = JSON.stringify(fault).includes('garbage');
    const repeat = await house.doors.execute('grpc', envelope);
    expect(repeat.failure?.code ?? repeat.status).toBe(lost ? 'RECONNECT_ACCOUNT' : 'SUCCEEDED');
  });

  it('a revoked grant must be connected again, and callers are told', async () => {
    await house.sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: channel });
    const envelope = say(newKey());
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, envelope);
      expect(outcome).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'RECONNECT_ACCOUNT', retryable: false },
      });
      expect(outcome.error).toMatch(/no longer accepts the grant/);
    }
    // Twitch heard of it once; since then it is known.
    expect(await statuses()).toEqual([401]);
    expect(await refreshes()).toBe(1);
    const { body } = await house.doors.rest('GET', `/api/v1/accounts/twitch/${channel}`);
    expect(body).toMatchObject({
      state: 'reconnect',
      reason: expect.stringMatching(/revoked it or it ran out/),
    });
    await house.connect(channel);
    expect(await house.doors.execute('grpc', envelope)).toMatchObject(SUCCEEDED);
  });

  it('without a refresh token a 401 is final', async () => {
    const { access_token } = await house.grant(channel);
    await house.doors.rest('PUT', `/api/v1/accounts/twitch/${channel}`, { access_token });
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: channel });
    const outcome = await house.doors.execute('grpc', say());
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'RECONNECT_ACCOUNT' } });
    expect(await statuses()).toEqual([401]);
    expect(await refreshes()).toBe(0);
  });
});

describe('limits of the platform', () => {
  it('a 429 is waited out when that fits', async () => {
    const headers = empty(2);
    await house.addFault({ kind: 'status', status: 429, headers }, CHAT);
    expect(await house.doors.execute('grpc', say())).toMatchObject(SUCCEEDED);
    const [, again = 0] = await moments();
    expect(again).toBeGreaterThanOrEqual(Number(headers['ratelimit-reset']) * 1_000);
    expect(await statuses()).toEqual([429, 200]);
  });

  it('a 429 is told when it does not fit, and the key stays free', async () => {
    await house.addFault({ kind: 'status', status: 429, headers: empty(30) }, CHAT);
    const envelope = say(newKey());
    const outcome = await house.doors.execute('grpc', envelope, { deadlineMs: 5_000 });
    expect(outcome).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'RATE_LIMITED', retryable: true, platform_status: 429 },
    });
    expect(outcome.failure?.retry_after_ms).toBeGreaterThan(25_000);
    expect(outcome.failure?.retry_after_ms).toBeLessThanOrEqual(30_000);
    expect(await statuses()).toEqual([429]);
    // Until then nothing more is sent, whoever asks.
    const early = await house.doors.execute('grpc', envelope, { deadlineMs: 5_000 });
    expect(early).toMatchObject({ failure: { code: 'RATE_LIMITED', platform_status: 0 } });
    expect(await statuses()).toEqual([429]);
    await house.forgetLimits();
    const repeat = await house.doors.execute('grpc', envelope);
    expect(repeat).toMatchObject(SUCCEEDED);
    expect(repeat.action_id).not.toBe(outcome.action_id);
  });

  it("an endpoint's own 429 without a time is waited out", async () => {
    const headers = { ...empty(60), 'ratelimit-remaining': '700' };
    await house.addFault({ kind: 'status', status: 429, headers }, CHAT, 2);
    const outcome = await house.doors.execute('grpc', say(), { deadlineMs: 1_500 });
    expect(outcome.failure).toMatchObject({ code: 'RATE_LIMITED', retry_after_ms: 2_000 });
    expect(await statuses()).toEqual([429]);
  });

  it('the true bucket of the simulated Twitch is waited out as well', async () => {
    const rate_limit = { limit: 800, remaining: 0, reset_ms: 1_200 };
    await house.setWorld({ user_id: channel, rate_limit });
    await house.setWorld({ limits: true });
    const outcome = await house.doors.execute('grpc', say());
    await house.setWorld({ limits: false });
    expect(outcome).toMatchObject(SUCCEEDED);
    expect(await statuses()).toEqual([429, 200]);
  });
});

describe('limits that the gateway keeps itself', () => {
  it('an announcement too soon is refused when the time is short, and waits when it is not', async () => {
    expect(await house.doors.execute('grpc', announce())).toMatchObject(SUCCEEDED);
    const refused = await house.doors.execute('grpc', announce(), { deadlineMs: 1_000 });
    expect(refused).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'RATE_LIMITED', retryable: true, platform_status: 0 },
    });
    expect(refused.failure?.retry_after_ms).toBeGreaterThan(0);
    expect(refused.failure?.retry_after_ms).toBeLessThanOrEqual(2_100);
    const rehearsed = await house.doors.execute('grpc', { ...announce(), dry_run: true });
    expect(rehearsed.prepared?.predicted_wait_ms).toBeGreaterThan(0);
    expect(await house.doors.execute('rest', announce())).toMatchObject(SUCCEEDED);
    const [first = 0, second = 0] = await moments();
    // Twitch takes one in two seconds; the first may have been answered a little after its token was taken.
    expect(second).toBeGreaterThanOrEqual(first + (refused.failure?.retry_after_ms ?? Infinity));
    expect(await statuses()).toEqual([204, 204]);
  });

  it('an actor speaks twenty times in half a minute', async () => {
    const envelope = say({ actor_id: '1002' });
    const outcomes = await Promise.all(
      Array.from({ length: 21 }, () =>
        house.doors.execute('grpc', envelope, { deadlineMs: 10_000 }),
      ),
    );
    const codes = outcomes.map(({ failure }) => failure?.code ?? 'none');
    expect(codes.filter((code) => code === 'none')).toHaveLength(20);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(1);
    expect(await chatOf()).toHaveLength(20);
  });
});

describe('a platform that is out of order', () => {
  it('503 with Retry-After is repeated when it says', async () => {
    await house.addFault({ kind: 'status', status: 503, headers: { 'retry-after': '1' } }, CHAT);
    expect(await house.doors.execute('rest', say())).toMatchObject(SUCCEEDED);
    const [first = 0, second = 0] = await moments();
    expect(second).toBeGreaterThanOrEqual(first + 1_000 - ROUNDING_MS);
    expect(await statuses()).toEqual([503, 200]);
    expect(await chatOf()).toHaveLength(1);
  });

  it.each(DOORS)('503 for too long is PLATFORM_DOWN, and the key stays free (%s)', async (door) => {
    const headers = { 'retry-after': '0' };
    await house.addFault({ kind: 'status', status: 503, headers }, CHAT, 4);
    const envelope = say(newKey());
    const outcome = await house.doors.execute(door, envelope);
    expect(outcome).toMatchObject({
      status: 'FAILED',
      failure: { code: 'PLATFORM_DOWN', retryable: true, platform_status: 503 },
    });
    expect(await statuses()).toEqual([503, 503, 503, 503]);
    expect(await house.doors.execute(door, envelope)).toMatchObject(SUCCEEDED);
  });

  const unclear: readonly [string, object, boolean, string][] = [
    ['500', { kind: 'status', status: 500 }, false, 'OUTCOME_UNKNOWN'],
    [
      '502 with HTML',
      { kind: 'status', status: 502, body: '<h1>Bad</h1>' },
      false,
      'OUTCOME_UNKNOWN',
    ],
    ['503 that promises nothing', { kind: 'status', status: 503 }, false, 'OUTCOME_UNKNOWN'],
    ['a reset before it acted', { kind: 'reset', when: 'before' }, false, 'OUTCOME_UNKNOWN'],
    ['a reset after it acted', { kind: 'reset', when: 'after' }, true, 'OUTCOME_UNKNOWN'],
    ['a cut body', { kind: 'cut-body' }, true, 'OUTCOME_UNKNOWN'],
    ['HTML instead of JSON', { kind: 'garbage' }, true, 'UNREADABLE_ANSWER'],
    [
      'JSON of another form',
      { kind: 'status', status: 200, body: { ok: true } },
      false,
      'UNREADABLE_ANSWER',
    ],
    [
      'an empty list',
      { kind: 'status', status: 200, body: { data: [] } },
      false,
      'UNREADABLE_ANSWER',
    ],
    ['nothing in 200', { kind: 'status', status: 200, body: '' }, false, 'UNREADABLE_ANSWER'],
  ];

  describe.each(unclear)('a message that meets %s', (_name, fault, acted, code) => {
    it.each(DOORS)('is UNKNOWN, sent once, and replayed (%s)', async (door) => {
      await house.addFault(fault as Record<string, unknown>, CHAT);
      const envelope = say(newKey());
      const outcome = await house.doors.execute(door, envelope);
      expect(outcome).toMatchObject({
        success: false,
        status: 'UNKNOWN',
        message: 'Outcome unknown',
        failure: { code, retryable: false },
        replayed: false,
      });
      const repeat = await house.doors.execute(door, { ...envelope, request_id: 'again' });
      expect(repeat).toEqual({ ...outcome, replayed: true, request_id: 'again' });
      expect(await statuses()).toHaveLength(1);
      expect(await chatOf()).toHaveLength(acted ? 1 : 0);
      expect(await house.doors.readStatus(door, outcome.action_id)).toMatchObject({
        status: 'UNKNOWN',
        failure: { code },
      });
    });
  });

  const passing: readonly [string, object][] = [
    ['500', { kind: 'status', status: 500 }],
    ['503 that promises nothing', { kind: 'status', status: 503 }],
    ['a reset before it acted', { kind: 'reset', when: 'before' }],
    ['a reset after it acted', { kind: 'reset', when: 'after' }],
    ['a cut body', { kind: 'cut-body' }],
  ];

  it.each(passing)(
    'a title, which may be set twice, is repeated after %s',
    async (_name, fault) => {
      await house.addFault(fault as Record<string, unknown>, CHANNELS);
      expect(await house.doors.execute('grpc', retitle())).toMatchObject(SUCCEEDED);
      expect(await statuses()).toHaveLength(2);
      expect((await house.channel(channel)).title).toBe('New');
    },
  );

  it('a title that meets 500 all the time is UNKNOWN', async () => {
    await house.addFault({ kind: 'status', status: 500 }, CHANNELS, 4);
    expect(await house.doors.execute('grpc', retitle())).toMatchObject({
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN', platform_status: 500 },
    });
    expect(await statuses()).toEqual([500, 500, 500, 500]);
  });

  it('a no after an attempt in doubt proves nothing', async () => {
    await house.addFault({ kind: 'status', status: 500 }, CHANNELS);
    await house.addFault({ kind: 'status', status: 400 }, CHANNELS);
    const outcome = await house.doors.execute('grpc', retitle());
    expect(outcome).toMatchObject({
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN', platform_status: 400 },
    });
    expect(outcome.error).toMatch(/an earlier attempt had no clear answer/);
  });

  it('reads are repeated, and a write behind them is sent once', async () => {
    await house.addFault({ kind: 'status', status: 500 }, { path: '/games' });
    await house.addFault({ kind: 'reset', when: 'after' }, { path: '/games' });
    const outcome = await house.doors.execute('grpc', {
      ...say(),
      action_type: 'update_game',
      parameters: { game_name: 'Minecraft' },
    });
    expect(outcome).toMatchObject(SUCCEEDED);
    expect(await statuses()).toEqual([500, null, 200, 204]);
  });

  it('a read that fails for good means that nothing happened', async () => {
    await house.addFault({ kind: 'status', status: 500 }, { path: '/games' }, 4);
    const outcome = await house.doors.execute('grpc', {
      ...say(),
      action_type: 'update_game',
      parameters: { game_name: 'Minecraft' },
    });
    expect(outcome).toMatchObject({ status: 'FAILED', failure: { code: 'PLATFORM_DOWN' } });
    expect((await house.channel(channel)).game_id).toBe('');
  });

  it('a look for a clip that fails is followed by another', async () => {
    await house.addFault({ kind: 'status', status: 404 }, { method: 'GET', path: '/clips' });
    const outcome = await house.doors.execute('grpc', {
      ...say(),
      action_type: 'clip',
      parameters: {},
    });
    expect(outcome).toMatchObject(SUCCEEDED);
    expect(await statuses()).toEqual([202, 404, 200]);
  });

  it('a redirect is not followed: it would carry the token away', async () => {
    const headers = { location: `${house.sandbox.env['TWITCH_API_URL']}/users` };
    await house.addFault({ kind: 'status', status: 302, headers }, CHAT);
    const outcome = await house.doors.execute('grpc', say());
    expect(outcome.success).toBe(false);
    expect(await statuses()).toEqual([302]);
  });

  it('a token that the platform quotes back is in no answer and no log', async () => {
    const message = `what is ${token}?`;
    const body = { error: 'Bad Request', status: 400, message };
    await house.addFault({ kind: 'status', status: 400, body }, CHAT);
    const outcome = await house.doors.execute('rest', say());
    expect(outcome.error).toBe('Twitch answered 400: what is [redacted]?');
    const read = await house.doors.readStatus('grpc', outcome.action_id);
    expect(JSON.stringify(read)).not.toContain(token);
    expect(house.doors.gateway.output()).not.toContain(token);
  });
});

describe('a platform that does not answer', () => {
  it('the caller is answered in time, and the end is told later', async () => {
    await house.addFault({ kind: 'hang' }, CHAT);
    const envelope = say(newKey());
    // The client itself would give up at its deadline, and have no outcome.
    const outcome = await house.doors.execute('grpc', envelope, { deadlineMs: 1_200 });
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    expect(outcome.error).toMatch(/the action goes on/);
    const running = await house.doors.readStatus('rest', outcome.action_id);
    expect(running).toMatchObject({ status: 'RUNNING', success: false });
    const repeat = await house.doors.execute('grpc', envelope);
    expect(repeat.failure).toMatchObject({ code: 'IN_PROGRESS', retry_after_ms: 1_000 });
    await expect
      .poll(async () => (await house.doors.readStatus('grpc', outcome.action_id)).status)
      .toBe('UNKNOWN');
    const replay = await house.doors.execute('rest', envelope);
    expect(replay).toMatchObject({ status: 'UNKNOWN', replayed: true });
    expect(await statuses()).toEqual([null]);
  });

  it('a slow yes is still recorded as one, and replayed', async () => {
    await house.addFault({ kind: 'delay', ms: 1_000 }, CHAT);
    const envelope = say(newKey());
    const outcome = await house.doors.execute('grpc', envelope, { deadlineMs: 800 });
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    await expect
      .poll(async () => (await house.doors.readStatus('grpc', outcome.action_id)).status)
      .toBe('SUCCEEDED');
    expect(await house.doors.execute('grpc', envelope)).toMatchObject({
      status: 'SUCCEEDED',
      replayed: true,
      action_id: outcome.action_id,
    });
    expect(await chatOf()).toHaveLength(1);
  });

  it('REST waits as long as one request may take, and no longer', async () => {
    await house.addFault({ kind: 'delay', ms: 1_500 }, CHAT);
    expect(await house.doors.execute('rest', say())).toMatchObject(SUCCEEDED);
    await house.addFault({ kind: 'hang' }, CHAT);
    const outcome = await house.doors.execute('rest', say());
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
  });
});

describe('a platform that cannot be reached', () => {
  it('is PLATFORM_DOWN on both doors, may be tried again, and keeps no key', async () => {
    const [port, database] = await Promise.all([findClosedPort(), createDatabase()]);
    // Not the sandbox: a database of its own, stamped real.
    const doors = await TwoDoors.open({
      DATABASE_URL: database.url,
      SANDBOX: 'false',
      TWITCH_CLIENT_ID: 'client',
      TWITCH_CLIENT_SECRET: 'secret',
      TWITCH_API_URL: `http://127.0.0.1:${port}/helix`,
      TWITCH_AUTH_URL: `http://127.0.0.1:${port}/oauth2`,
    });
    try {
      const stored = await doors.rest('PUT', '/api/v1/accounts/twitch/1001', {
        access_token: 'token-nobody-checked',
        refresh_token: 'refresh',
        expires_in: 3_600,
        scopes: [...ALL_SCOPES],
        login: 'somebody',
      });
      // Twitch cannot be asked, so the caller is believed.
      expect([stored.status, stored.body]).toMatchObject([
        200,
        { login: 'somebody', validated_at: null, state: 'unverified' },
      ]);
      for (const door of DOORS) {
        const envelope = { ...say(newKey()), account_id: '1001' };
        const ids = new Set<string>();
        for (let time = 0; time < 2; time += 1) {
          const outcome = await doors.execute(door, envelope);
          expect(outcome).toMatchObject({
            status: 'FAILED',
            failure: { code: 'PLATFORM_DOWN', retryable: true, platform_status: 0 },
            replayed: false,
            sandbox: false,
          });
          expect(outcome.error).toMatch(/cannot be reached \(ECONNREFUSED\)/);
          ids.add(outcome.action_id);
        }
        expect(ids.size).toBe(2);
      }
    } finally {
      await doors.close();
      await database.drop();
    }
  });
});

describe('idempotency keys', () => {
  it.each(DOORS)('a repeat is the stored answer, on either door (%s)', async (door) => {
    const envelope = say({ ...newKey(), request_id: 'first' });
    const first = await house.doors.execute(door, envelope);
    expect(first).toMatchObject(SUCCEEDED);
    for (const other of DOORS) {
      const repeat = await replica.execute(other, { ...envelope, request_id: 'second' });
      expect(repeat).toEqual({ ...first, replayed: true, request_id: 'second' });
    }
    expect(await chatOf()).toHaveLength(1);
  });

  it('the same content in another order of names is the same', async () => {
    const poll = { title: 'Toss?', choices: ['a', 'b'], duration: 60 };
    const envelope = say({ ...newKey(), action_type: 'poll_create', parameters: poll });
    expect(await house.doors.execute('grpc', envelope)).toMatchObject(SUCCEEDED);
    const parameters = Object.fromEntries(Object.entries(poll).toReversed());
    const repeat = await house.doors.execute('rest', { ...envelope, parameters });
    expect(repeat).toMatchObject({ status: 'SUCCEEDED', replayed: true });
  });

  it('a platform’s no is kept: it is the answer to this request', async () => {
    const envelope = say({ ...newKey(), action_type: 'unban', parameters: { user_id: '2001' } });
    const first = await house.doors.execute('grpc', envelope);
    expect(first.failure?.code).toBe('REFUSED');
    const repeat = await house.doors.execute('grpc', envelope);
    expect(repeat).toEqual({ ...first, replayed: true });
    expect(await statuses()).toEqual([400]);
  });

  const others: readonly [string, object][] = [
    ['other parameters', { parameters: { message: 'Something else' } }],
    ['another account', { account_id: '1001' }],
    ['another actor', { actor_id: '1002' }],
    ['another action', { action_type: 'announcement' }],
  ];

  it.each(others)('the key with %s is refused', async (_name, change) => {
    const envelope = say(newKey());
    expect(await house.doors.execute('grpc', envelope)).toMatchObject(SUCCEEDED);
    for (const door of DOORS) {
      expect(await house.doors.execute(door, { ...envelope, ...change })).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'KEY_REUSED', retryable: false },
        result_data: {},
        replayed: false,
      });
    }
    expect(await statuses()).toHaveLength(1);
  });

  it("another caller's key is another key", async () => {
    const envelope = say(newKey());
    const outcomes = [
      await house.doors.execute('grpc', envelope, { token: tokenOf('one') }),
      await house.doors.execute('grpc', envelope, { token: tokenOf('two') }),
    ];
    expect(outcomes).toMatchObject([SUCCEEDED, SUCCEEDED]);
    expect(await chatOf()).toHaveLength(2);
  });

  it('a rehearsal takes no key', async () => {
    const envelope = say(newKey());
    await house.doors.execute('grpc', { ...envelope, dry_run: true });
    expect(await house.doors.execute('grpc', envelope)).toMatchObject(SUCCEEDED);
    const rehearsed = await house.doors.execute('grpc', { ...envelope, dry_run: true });
    expect(rehearsed).toMatchObject({ status: 'PREPARED', replayed: false });
  });

  const free: readonly [string, object][] = [
    ['a wrong field', { parameters: {} }],
    ['an unknown action', { action_type: 'poke' }],
    ['an account nobody connected', { account_id: '4242' }],
    ['an actor without the scope', { actor_id: '4243' }],
  ];

  it.each(free)('after %s the key is free', async (_name, change) => {
    const envelope = say(newKey());
    const refused = await house.doors.execute('grpc', { ...envelope, ...change });
    expect(refused.status).toBe('REFUSED');
    expect(await house.doors.execute('grpc', envelope)).toMatchObject(SUCCEEDED);
  });

  it('twenty duplicates at once on two replicas are one request, and spend one token', async () => {
    const envelope = say({ ...newKey(), actor_id: '1002' });
    const ask = (index: number): Promise<GrpcOutcome> =>
      (index % 2 === 0 ? house.doors : replica).execute(
        index % 3 === 0 ? 'rest' : 'grpc',
        envelope,
      );
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_empty, index) => ask(index)));
    const first = outcomes.filter(({ success, replayed }) => success && !replayed);
    expect(first).toHaveLength(1);
    for (const outcome of outcomes) {
      const isAnswer = outcome.action_id === first[0]?.action_id && outcome.success;
      expect(isAnswer || outcome.failure?.code === 'IN_PROGRESS').toBe(true);
    }
    expect(await statuses()).toEqual([200]);
    expect(await chatOf()).toHaveLength(1);
    for (const doors of [house.doors, replica]) {
      const replay = await doors.execute('grpc', envelope);
      expect(replay).toMatchObject({ success: true, replayed: true });
      // Twenty in half a minute: had every duplicate kept its token, the next would have to wait.
      const next = await doors.execute('grpc', { ...say({ actor_id: '1002' }), dry_run: true });
      expect(next.prepared?.predicted_wait_ms).toBe(0);
    }
  });
});
