// Real: built gateways as processes, PostgreSQL, both doors; in the first part both sides of the
// contract are gateways. Fake: Twitch, and in the others the credential service, at their wires.
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestCertificate, TestAuthority } from '../support/certificates.js';
import { FakeCredentialService } from '../support/credential-service.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, type RestAnswer, startGateway } from '../support/gateway.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { ALL_SCOPES, DOORS, House, tokenOf, TwoDoors } from '../support/two-doors.js';

const SERVING_KEY = 'serving-key-0123456789-0123456789-0123456789';
const INTERNAL = '/api/internal/plant/credentials';
/** A busy machine takes its time for that. */
const STARTS_GATEWAYS = { timeout: 180_000 };
const ACME = tokenOf('acme-bot', { owner: 'acme' });
const GLOBEX = tokenOf('globex-bot', { owner: 'globex' });

const say = (ref: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  credential_ref: ref,
  parameters: { message: 'hi' },
  ...more,
});

const failed = (code: string, more: object = {}): object => ({
  success: false,
  failure: { code, ...more },
});

let house: House;
let service: FakeCredentialService;
let before = 0;

beforeAll(async () => {
  service = await FakeCredentialService.start();
  house = await House.open({ ...service.env, LOG_LEVEL: 'trace' });
});

afterAll(async () => {
  await house?.close();
  await service?.close();
});

beforeEach(async () => {
  service.mood = undefined;
  service.hasUpsert = true;
  service.asked.length = 0;
  before = await house.sandbox.lastSeq();
});

let next = 0;
/** A channel whose grant the service alone holds. */
async function lend(
  customer = 'acme',
  scopes = ALL_SCOPES,
): Promise<{ id: string; ref: string; access_token: string; refresh_token: string }> {
  const id = await house.addUser();
  const { access_token, refresh_token } = await house.grant(id, scopes);
  const ref = `CRED-test-${(next += 1)}`;
  service.hold(customer, ref, {
    platform: 'twitch',
    posting_identity: '@somebody',
    access_token,
    refresh_token,
  });
  return { id, ref, access_token, refresh_token };
}

const expire = (id: string): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: id });

const act = (ref: string, more: object = {}, token = ACME): Promise<GrpcOutcome> =>
  house.doors.execute('grpc', say(ref, more), { token });

const chatOf = async (id: string): Promise<unknown[]> =>
  (await house.channel(id)).chat.map(({ message, text }) => message ?? text);

const countRefreshes = async (): Promise<number> =>
  (await house.oauthSince(before)).filter((call) => call === 'POST /token').length;

/** Twitch gives another refresh token with each renewal, so that an update alone is not enough. */
const told = (): unknown[] => service.askedFor('/upsert');

const sentSince = async (): Promise<number> =>
  (await house.helixSince(before)).filter(({ method }) => method !== 'GET').length;

async function runSql(sql: string, url = house.database.url): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const storeAccount = (id: string, body: object, token = ACME): Promise<RestAnswer> =>
  house.doors.rest('PUT', `/api/v1/accounts/twitch/${id}`, body, { token });

describe('an envelope with a credential_ref', () => {
  it.each(DOORS)('is carried out as the account behind it (%s)', async (door) => {
    const { id, ref } = await lend();
    const envelope = say(ref, { request_id: 'my request 7' });
    const outcome = await house.doors.execute(door, envelope, { token: ACME });
    expect(outcome).toMatchObject({ success: true, status: 'SUCCEEDED' });
    expect(await chatOf(id)).toHaveLength(1);
    expect(service.asked).toEqual([
      {
        path: '/resolve',
        correlationId: 'my request 7',
        body: { customer_id: 'acme', credential_ref: ref },
      },
    ]);
    const [row] = await runSql(
      `SELECT account_id, actor_id, owner, status FROM actions WHERE id = '${outcome.action_id}'`,
    );
    expect(row).toEqual({ account_id: id, actor_id: id, owner: 'acme', status: 'SUCCEEDED' });
    // No token of it is kept here.
    expect(
      await runSql(`SELECT access_token FROM resolved_credentials WHERE account_id = '${id}'`),
    ).toEqual([{ access_token: null }]);
  });

  it('asks for many at once a single time, and again after a few seconds', async () => {
    const { id, ref } = await lend();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => act(ref)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(10).fill('SUCCEEDED'));
    expect(service.asked).toHaveLength(1);
    service.revoke('acme', ref);
    await eventually(
      () => act(ref, { dry_run: true }),
      ({ failure }) => failure?.code === 'ACCOUNT_NOT_CONNECTED',
    );
    expect(await chatOf(id)).toHaveLength(10);
  });

  it('keeps the order of those that name the reference and those that name the account', async () => {
    const { id, ref, access_token } = await lend();
    const stored = await house.doors.rest(
      'PUT',
      `/api/v1/accounts/twitch/${id}`,
      { access_token },
      { token: ACME },
    );
    expect(stored.status).toBe(200);
    service.mood = { delayMs: 100, path: '/resolve' };
    const batch = Array.from({ length: 12 }, (_none, index) => ({
      ...say(ref, { parameters: { message: `${index}` } }),
    }));
    const { responses } = await house.doors.batch('grpc', batch, { token: ACME });
    expect(responses.map(({ status }) => status)).toEqual(Array(12).fill('SUCCEEDED'));
    expect(await chatOf(id)).toEqual(batch.map((_none, index) => `${index}`));
  });

  it('is in the hands of the customer that the credential of the caller names', async () => {
    const { id, ref } = await lend();
    expect(await act(ref, {}, GLOBEX)).toMatchObject(failed('ACCOUNT_NOT_CONNECTED'));
    expect(service.asked.map(({ body }) => body['customer_id'])).toEqual(['globex']);
    const nobody = await act(ref, {}, tokenOf('nobody'));
    expect(nobody).toMatchObject(failed('NOT_ALLOWED'));
    expect(nobody.error).toContain('"owner"');
    expect(service.asked).toHaveLength(1);
    // And what one customer resolved is not there for the other.
    expect((await act(ref)).status).toBe('SUCCEEDED');
    expect(await act(ref, {}, GLOBEX)).toMatchObject(failed('ACCOUNT_NOT_CONNECTED'));
    expect(await chatOf(id)).toHaveLength(1);
  });

  it('is refused to a caller that may not act for the account behind it', async () => {
    const { id, ref } = await lend();
    const narrow = tokenOf('narrow', { owner: 'acme', accounts: ['1001'] });
    expect(await act(ref, {}, narrow)).toMatchObject(failed('NOT_ALLOWED'));
    const wide = tokenOf('wide', { owner: 'acme', accounts: [id] });
    expect((await act(ref, {}, wide)).status).toBe('SUCCEEDED');
  });

  it('is refused beside an account_id, and for another platform', async () => {
    const { id, ref } = await lend();
    expect(await act(ref, { account_id: id })).toMatchObject(
      failed('INVALID_INPUT', { violations: [{ field: 'credential_ref' }] }),
    );
    const elsewhere = {
      platform: 'youtube',
      action_type: 'create_playlist',
      parameters: { title: 'x' },
    };
    expect(await act(ref, elsewhere)).toMatchObject(failed('ACCOUNT_NOT_CONNECTED'));
    expect(await sentSince()).toBe(0);
  });

  it('is refused for a scope that it lacks, before anything is sent', async () => {
    const { ref } = await lend('acme', ['user:read:chat']);
    expect(await act(ref)).toMatchObject(failed('MISSING_SCOPE'));
    expect(await sentSince()).toBe(0);
  });

  it('is shown by a dry run without a word to the platform', async () => {
    const { id, ref } = await lend();
    const unknown = await act(ref, { dry_run: true });
    expect(unknown).toMatchObject({ status: 'PREPARED' });
    expect(unknown.prepared?.body).toMatchObject({ broadcaster_id: `<account of ${ref}>` });
    expect(await house.sandbox.requestsSince(before)).toEqual([]);
    await act(ref);
    const known = await eventually(
      () => act(ref, { dry_run: true }),
      ({ prepared }) => prepared?.body['broadcaster_id'] === id,
    );
    expect(known.prepared?.missing_scopes).toEqual([]);
  });

  it('is carried out later with what is behind it then', async () => {
    const { id, ref } = await lend();
    const queued = await act(ref, {
      run_at: { seconds: Math.floor(Date.now() / 1_000) + 5, nanos: 0 },
    });
    expect(queued.status).toBe('SCHEDULED');
    const another = await house.grant(id);
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: id });
    const { access_token } = await house.grant(id);
    service.hold('acme', ref, { ...another, platform: 'twitch', access_token });
    const ended = await eventually(
      () => house.doors.readStatus('grpc', queued.action_id, { token: ACME }),
      ({ status }) => status !== 'SCHEDULED' && status !== 'RUNNING',
    );
    expect(ended.status).toBe('SUCCEEDED');
    expect(await chatOf(id)).toHaveLength(1);
    expect(await countRefreshes()).toBe(0);
    // One that is revoked meanwhile is not carried out.
    const lost = await act(ref, {
      run_at: { seconds: Math.floor(Date.now() / 1_000) + 5, nanos: 0 },
    });
    service.revoke('acme', ref);
    const refused = await eventually(
      () => house.doors.readStatus('grpc', lost.action_id, { token: ACME }),
      ({ status }) => status !== 'SCHEDULED' && status !== 'RUNNING',
    );
    expect(refused).toMatchObject(failed('ACCOUNT_NOT_CONNECTED'));
  });

  it('is the content of an idempotency key, and a repeat needs no service', async () => {
    const { id, ref } = await lend();
    const other = await lend();
    const first = await act(ref, { idempotency_key: `key ${ref}` });
    expect(first.status).toBe('SUCCEEDED');
    service.mood = { status: 500 };
    expect(await act(ref, { idempotency_key: `key ${ref}` })).toMatchObject({
      replayed: true,
      action_id: first.action_id,
    });
    service.mood = undefined;
    expect(await act(other.ref, { idempotency_key: `key ${ref}` })).toMatchObject(
      failed('KEY_REUSED'),
    );
    expect(await chatOf(id)).toHaveLength(1);
  });
});

describe('an account with a credential_ref', () => {
  it('is stored without tokens, and acts like any other', async () => {
    const { id, ref } = await lend();
    const stored = await storeAccount(id, { credential_ref: ref });
    expect([stored.status, stored.body]).toMatchObject([
      200,
      { account_id: id, owner: 'acme', credential_ref: ref, renewable: true, missing: [] },
    ]);
    expect(await runSql(`SELECT access_token FROM accounts WHERE account_id = '${id}'`)).toEqual([
      { access_token: null },
    ]);
    const envelope = say('', { credential_ref: '', account_id: id });
    expect((await house.doors.execute('rest', envelope, { token: ACME })).status).toBe('SUCCEEDED');
    await expire(id);
    expect((await house.doors.execute('rest', envelope, { token: ACME })).status).toBe('SUCCEEDED');
    expect(told()).toHaveLength(1);
    // Tokens in its place make it one of ours, and it can be forgotten as any other.
    const { access_token, refresh_token } = await house.grant(id);
    expect((await storeAccount(id, { access_token, refresh_token })).body).toMatchObject({
      credential_ref: null,
    });
    await storeAccount(id, { credential_ref: ref });
    const removed = await house.doors.rest('DELETE', `/api/v1/accounts/twitch/${id}`, undefined, {
      token: ACME,
    });
    expect([removed.status, removed.headers.get('grant-at-platform')]).toEqual([204, 'none']);
  });

  it('is refused where the credential belongs to another account, or to none', async () => {
    const { id, ref } = await lend();
    const other = await lend();
    const wrong = await storeAccount(other.id, { credential_ref: ref });
    expect([wrong.status, String(wrong.body['error'])]).toEqual([
      400,
      expect.stringContaining(`account ${id}`),
    ]);
    expect((await storeAccount(id, { credential_ref: 'CRED-none' })).status).toBe(409);
    expect((await storeAccount(id, { credential_ref: ref, access_token: 'x' })).status).toBe(400);
    expect((await storeAccount(id, {})).status).toBe(400);
    const ownerless = await storeAccount(id, { credential_ref: ref }, tokenOf('operator'));
    expect([ownerless.status, String(ownerless.body['error'])]).toEqual([
      400,
      expect.stringContaining('owner'),
    ]);
    expect((await storeAccount(id, { credential_ref: ref }, GLOBEX)).status).toBe(409);
  });
});

describe('a token that is over', () => {
  it('is renewed once, and the service is told', async () => {
    const { id, ref, access_token } = await lend();
    await act(ref);
    await expire(id);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => act(ref)));
    expect(outcomes.map(({ status }) => status)).toEqual(Array(20).fill('SUCCEEDED'));
    expect(await countRefreshes()).toBe(1);
    const held = service.find('acme', ref);
    expect(held?.access_token).not.toBe(access_token);
    expect(told()).toHaveLength(1);
    expect(await chatOf(id)).toHaveLength(21);
  });

  it('is renewed before its account is known', async () => {
    const { id, ref } = await lend();
    await expire(id);
    expect((await act(ref)).status).toBe('SUCCEEDED');
    expect(await countRefreshes()).toBe(1);
  });

  it('is taken from the service where another client has renewed it', async () => {
    const { id, ref } = await lend();
    await act(ref);
    await expire(id);
    const fresh = await house.grant(id);
    service.hold('acme', ref, { ...fresh, platform: 'twitch' });
    expect((await act(ref)).status).toBe('SUCCEEDED');
    expect(await countRefreshes()).toBe(0);
  });

  it('without a refresh token is asked for once more, and then rests', async () => {
    const { id, ref, access_token } = await lend();
    service.hold('acme', ref, { platform: 'twitch', access_token });
    await act(ref);
    await expire(id);
    service.asked.length = 0;
    expect(await act(ref)).toMatchObject(failed('RECONNECT_ACCOUNT'));
    expect(service.asked.length).toBeGreaterThan(0);
    const sent = (await house.helixSince(before)).length;
    expect(await act(ref)).toMatchObject(failed('RECONNECT_ACCOUNT'));
    expect((await house.helixSince(before)).length).toBe(sent);
    // A fresh one is taken as soon as it is there.
    const { access_token: fresh } = await house.grant(id);
    service.hold('acme', ref, { platform: 'twitch', access_token: fresh });
    await eventually(
      () => act(ref),
      ({ status }) => status === 'SUCCEEDED',
    );
  });

  it('is used although the service was not told, which is told later', async () => {
    const { id, ref, access_token } = await lend();
    await act(ref);
    await expire(id);
    service.mood = { status: 500, path: '/upsert' };
    expect((await act(ref)).status).toBe('SUCCEEDED');
    expect(service.find('acme', ref)?.access_token).toBe(access_token);
    service.mood = undefined;
    await eventually(
      async () => {
        await act(ref, { dry_run: true });
        return service.find('acme', ref)?.access_token;
      },
      (held) => held !== access_token,
    );
    expect((await act(ref)).status).toBe('SUCCEEDED');
    expect(await countRefreshes()).toBe(1);
  });

  it.each([true, false])(
    'is renewed again with the refresh token that came last (a service with upsert: %s)',
    async (hasUpsert) => {
      service.hasUpsert = hasUpsert;
      const { id, ref, access_token, refresh_token } = await lend();
      for (const times of [1, 2, 3]) {
        await expire(id);
        expect([times, (await act(ref)).status]).toEqual([times, 'SUCCEEDED']);
      }
      expect(await countRefreshes()).toBe(3);
      const held = service.find('acme', ref);
      expect(held?.access_token).not.toBe(access_token);
      expect(held?.refresh_token === refresh_token).toBe(!hasUpsert);
    },
  );

  it('is renewed once by all replicas together', STARTS_GATEWAYS, async () => {
    const another = await house.openAnother(service.env);
    const third = await house.openAnother(service.env);
    const { id, ref } = await lend();
    await act(ref);
    await expire(id);
    // Long enough for all of them to meet the dead token.
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { path: '/twitch/oauth2/token' },
      times: 1,
      fault: { kind: 'delay', ms: 2_000 },
    });
    const mark = { ...say(ref), action_type: 'marker', parameters: {} };
    const outcomes = await Promise.all(
      [house.doors, another, third].flatMap((replica) =>
        Array.from({ length: 30 }, () => replica.execute('grpc', mark, { token: ACME })),
      ),
    );
    expect([...new Set(outcomes.map(({ status, error }) => `${status} ${error}`))]).toEqual([
      'SUCCEEDED ',
    ]);
    expect(await countRefreshes()).toBe(1);
    expect((await house.channel(id)).markers).toHaveLength(90);
  });

  it('whose grant is dead is not tried again and again', async () => {
    const { id, ref } = await lend();
    await act(ref);
    await house.sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: id });
    expect(await act(ref)).toMatchObject(failed('RECONNECT_ACCOUNT'));
    expect(await act(ref)).toMatchObject(failed('RECONNECT_ACCOUNT'));
    expect(await countRefreshes()).toBe(1);
  });
});

describe('a service that', () => {
  const noes: readonly [string, object, string, boolean][] = [
    ['does not know the name', { status: 404 }, 'ACCOUNT_NOT_CONNECTED', false],
    ['does not accept our key', { status: 403 }, 'INTERNAL', false],
    ['fails', { status: 500 }, 'PLATFORM_DOWN', true],
    ['finds our request wrong', { status: 422 }, 'PLATFORM_DOWN', true],
    ['answers with a page', { status: 200, text: '<html>' }, 'PLATFORM_DOWN', true],
    ['answers with a list', { status: 200, text: '[]' }, 'PLATFORM_DOWN', true],
    [
      'gives an empty token',
      { status: 200, text: '{"platform":"twitch","access_token":""}' },
      'PLATFORM_DOWN',
      true,
    ],
    [
      'gives a token as a number',
      { status: 200, text: '{"platform":"twitch","access_token":5}' },
      'PLATFORM_DOWN',
      true,
    ],
    [
      'leads elsewhere',
      { status: 302, headers: { location: '/elsewhere' } },
      'PLATFORM_DOWN',
      true,
    ],
  ];

  it.each(noes)(
    '%s is told in the outcome, with nothing sent',
    async (_what, mood, code, retryable) => {
      const { ref } = await lend();
      service.mood = mood;
      const outcome = await act(ref);
      expect(outcome).toMatchObject(failed(code, { retryable }));
      expect(outcome.error).toMatch(
        code === 'INTERNAL' ? /CREDENTIAL_SERVICE_KEY/ : /^The credential service .{10,}/,
      );
      expect(await house.sandbox.requestsSince(before)).toEqual([]);
      // A failure is not kept.
      service.mood = undefined;
      expect((await act(ref)).status).toBe('SUCCEEDED');
    },
  );

  it('says when to ask again is repeated so', async () => {
    const { ref } = await lend();
    service.mood = { status: 503, headers: { 'retry-after': '7' } };
    expect(await act(ref)).toMatchObject(failed('PLATFORM_DOWN', { retry_after_ms: 7_000 }));
  });

  it('is slow costs no more than the time of the call', async () => {
    const { ref } = await lend();
    service.mood = { delayMs: 4_000 };
    const outcome = await house.doors.execute('grpc', say(ref), { token: ACME, deadlineMs: 1_500 });
    expect(outcome).toMatchObject(failed('DEADLINE_TOO_SHORT'));
    expect(await sentSince()).toBe(0);
  });

  it('is out of order is left alone after a while, and found again', STARTS_GATEWAYS, async () => {
    // A gateway of its own: the others go on.
    const own = await FakeCredentialService.start();
    const doors = await house.openAnother({ ...own.env, CREDENTIAL_SERVICE_TIMEOUT: '1' });
    const { id, access_token } = await lend();
    own.mood = { status: 503 };
    const ask = (ref: string): Promise<GrpcOutcome> =>
      doors.execute('grpc', say(ref), { token: ACME });
    await eventually(
      async () => Promise.all(Array.from({ length: 25 }, (_none, index) => ask(`CRED-${index}`))),
      (outcomes) => outcomes.some(({ error }) => error.includes('out of order')),
    );
    const asked = own.asked.length;
    expect(await ask('CRED-x')).toMatchObject(failed('PLATFORM_DOWN', { retryable: true }));
    expect(own.asked).toHaveLength(asked);
    own.mood = undefined;
    own.hold('acme', 'CRED-x', { platform: 'twitch', access_token });
    await eventually(
      () => ask('CRED-x'),
      ({ status }) => status === 'SUCCEEDED',
    );
    expect(await chatOf(id)).toHaveLength(1);
    await own.close();
    expect(await ask('CRED-y')).toMatchObject(failed('PLATFORM_DOWN'));
  });
});

const withCertificate = ({ ca }: TestAuthority, own: TestCertificate): Record<string, string> => ({
  CREDENTIAL_SERVICE_TLS_CA: ca.certFile,
  CREDENTIAL_SERVICE_TLS_CERT: own.certFile,
  CREDENTIAL_SERVICE_TLS_KEY: own.keyFile,
});

const startHalf = (env: Record<string, string>): Promise<unknown> =>
  startGateway({
    ...house.sandbox.env,
    DATABASE_URL: house.database.url,
    CREDENTIAL_SERVICE_URL: 'https://127.0.0.1:1',
    CREDENTIAL_SERVICE_KEY: 'x',
    ...env,
  });
describe('a service that asks for a certificate', () => {
  let trusted: TestAuthority;
  let foreign: TestAuthority;
  let ours: TestCertificate;
  let strangers: TestCertificate;
  let guarded: FakeCredentialService;
  const opened: TwoDoors[] = [];

  beforeAll(async () => {
    trusted = await TestAuthority.make();
    foreign = await TestAuthority.make('foreign');
    ours = await trusted.sign('gateway');
    strangers = await foreign.sign('stranger');
    const { cert, key } = await trusted.sign('service');
    guarded = await FakeCredentialService.start({
      cert,
      key,
      ca: trusted.ca.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((doors) => doors.close()));
  });

  afterAll(async () => {
    await guarded?.close();
    await trusted?.remove();
    await foreign?.remove();
  });

  async function ask(env: Record<string, string>): Promise<GrpcOutcome> {
    const { id, access_token } = await lend();
    guarded.hold('acme', `CRED-${id}`, { platform: 'twitch', access_token });
    const doors = await TwoDoors.open({
      ...house.sandbox.env,
      DATABASE_URL: house.database.url,
      ...guarded.env,
      CREDENTIAL_SERVICE_URL: `https://127.0.0.1:${guarded.port}`,
      ...env,
    });
    opened.push(doors);
    return doors.execute('grpc', say(`CRED-${id}`), { token: ACME });
  }

  it('is asked with ours', STARTS_GATEWAYS, async () => {
    expect((await ask(withCertificate(trusted, ours))).status).toBe('SUCCEEDED');
  });

  it('refuses a stranger’s, and none', STARTS_GATEWAYS, async () => {
    expect(await ask(withCertificate(trusted, strangers))).toMatchObject(failed('PLATFORM_DOWN'));
    expect(await ask({ CREDENTIAL_SERVICE_TLS_CA: trusted.ca.certFile })).toMatchObject(
      failed('PLATFORM_DOWN'),
    );
    expect(guarded.askedFor('/resolve')).toHaveLength(1);
  });

  it('is not asked when its own is not the one we trust', STARTS_GATEWAYS, async () => {
    const asked = guarded.asked.length;
    expect(await ask(withCertificate(foreign, ours))).toMatchObject(failed('PLATFORM_DOWN'));
    expect(guarded.asked).toHaveLength(asked);
  });

  it('cannot be set up by halves', STARTS_GATEWAYS, async () => {
    await expect(startHalf({ CREDENTIAL_SERVICE_TLS_CERT: ours.certFile })).rejects.toThrow(
      /belong together/,
    );
    await expect(startHalf({ CREDENTIAL_SERVICE_TLS_CA: '/none' })).rejects.toThrow(
      /CREDENTIAL_SERVICE_TLS_CA cannot be read/,
    );
    await expect(startHalf({ CREDENTIAL_SERVICE_KEY: '' })).rejects.toThrow(
      /CREDENTIAL_SERVICE_KEY is missing/,
    );
    await expect(
      startHalf({
        CREDENTIAL_SERVICE_TLS_CERT: ours.certFile,
        CREDENTIAL_SERVICE_TLS_KEY: strangers.keyFile,
      }),
    ).rejects.toThrow(/fit together/);
  });
});

describe('a gateway that resolves from a gateway', () => {
  let serving: TwoDoors;
  let asking: TwoDoors;
  let database: { url: string; drop(): Promise<void> };

  beforeAll(async () => {
    database = await createDatabase();
    serving = await TwoDoors.open({
      ...house.sandbox.env,
      DATABASE_URL: database.url,
      CREDENTIAL_SERVING_KEY: SERVING_KEY,
    });
    asking = await house.openAnother({
      CREDENTIAL_SERVICE_URL: serving.gateway.restUrl,
      CREDENTIAL_SERVICE_KEY: SERVING_KEY,
    });
  });

  afterAll(async () => {
    await serving?.close();
    await database?.drop();
  });

  const internal = (
    path: string,
    body: unknown,
    key: string | undefined = SERVING_KEY,
  ): Promise<RestAnswer> =>
    callRest(serving.gateway, 'POST', `${INTERNAL}${path}`, body, {
      token: null,
      headers: key === undefined ? {} : { 'x-plant-internal-key': key },
    });

  const put = (body: object, token = ACME): Promise<RestAnswer> =>
    serving.rest('PUT', '/api/cp/platform-credentials', body, { token });

  async function connect(): Promise<{ id: string; ref: string; access_token: string }> {
    const id = await house.addUser();
    const { access_token, refresh_token } = await house.grant(id);
    const { status, body } = await put({
      platform: 'twitch',
      posting_identity: '@acme',
      access_token,
      refresh_token,
      credential_ref: null,
    });
    if (status !== 200) throw new Error(JSON.stringify(body));
    return { id, ref: body['credential_ref'] as unknown as string, access_token };
  }

  it('acts with what the other holds, and brings back what it renewed', async () => {
    const { id, ref, access_token } = await connect();
    expect(ref).toMatch(/^CRED-[\w-]{16}$/);
    const first = await asking.execute('grpc', say(ref), { token: ACME });
    expect(first.status).toBe('SUCCEEDED');
    await expire(id);
    const second = await asking.execute('grpc', say(ref), { token: ACME });
    expect(second.status).toBe('SUCCEEDED');
    expect(await chatOf(id)).toHaveLength(2);
    expect(await countRefreshes()).toBe(1);
    const resolved = await internal('/resolve', { customer_id: 'acme', credential_ref: ref });
    expect(resolved.body['access_token']).not.toBe(access_token);
    // The one that serves acts with it as well, and nobody renews it again.
    const own = await serving.execute('grpc', say('', { account_id: id, credential_ref: '' }), {
      token: ACME,
    });
    expect(own.status).toBe('SUCCEEDED');
    expect(await countRefreshes()).toBe(1);
    expect(await asking.execute('grpc', say(ref), { token: GLOBEX })).toMatchObject(
      failed('ACCOUNT_NOT_CONNECTED'),
    );
    await serving.rest('DELETE', `/api/v1/accounts/twitch/${id}`, undefined, { token: ACME });
    await eventually(
      () => asking.execute('grpc', say(ref), { token: ACME }),
      ({ failure }) => failure?.code === 'ACCOUNT_NOT_CONNECTED',
    );
  });

  it('updates the access token alone where the refresh token stays', async () => {
    const channel = `UCcredentials${(next += 1)}`;
    const control = <Answer>(path: string, body: object): Promise<Answer> =>
      house.sandbox.control('POST', `/sandbox/youtube/${path}`, body);
    await control('channels', { id: channel, title: 'Lent', live: false });
    const scopes = ['https://www.googleapis.com/auth/youtube.force-ssl'];
    const grant = await control<{ access_token: string; refresh_token: string }>('grants', {
      channel_id: channel,
      scopes,
    });
    const { access_token, refresh_token } = grant;
    const stored = await put({ platform: 'youtube', access_token, refresh_token });
    const ref = stored.body['credential_ref'] as unknown as string;
    const create = {
      platform: 'youtube',
      action_type: 'create_playlist',
      credential_ref: ref,
      parameters: { title: 'By reference' },
    };
    expect((await asking.execute('rest', create, { token: ACME })).status).toBe('SUCCEEDED');
    await control('expire', { channel_id: channel });
    expect((await asking.execute('rest', create, { token: ACME })).status).toBe('SUCCEEDED');
    const { body } = await internal('/resolve', { customer_id: 'acme', credential_ref: ref });
    expect(body).toMatchObject({ posting_identity: null, refresh_token });
    expect(body['access_token']).not.toBe(access_token);
    // What it holds by now is what it acts with itself.
    const own = { ...create, credential_ref: '', account_id: channel };
    expect((await serving.execute('rest', own, { token: ACME })).status).toBe('SUCCEEDED');
    const renewals = (await house.sandbox.requestsSince(before)).filter(({ path }) =>
      path.endsWith('/oauth2/token'),
    );
    expect(renewals).toHaveLength(1);
  });

  it('answers in the words of the contract', async () => {
    const { id, ref, access_token } = await connect();
    const name = { customer_id: 'acme', credential_ref: ref };
    const resolved = await internal('/resolve', name);
    expect([resolved.status, resolved.body]).toEqual([
      200,
      {
        ...name,
        platform: 'twitch',
        posting_identity: '@acme',
        access_token,
        refresh_token: expect.any(String),
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    const { access_token: fresh } = await house.grant(id);
    const updated = await internal('/update-token', { ...name, new_access_token: fresh });
    expect([updated.status, updated.body]).toEqual([
      200,
      { status: 'success', message: 'Access token updated' },
    ]);
    const again = await internal('/resolve', name);
    expect(again.body).toMatchObject({
      access_token: fresh,
      refresh_token: resolved.body['refresh_token'],
    });
    const upserted = await internal('/upsert', {
      ...name,
      platform: 'twitch',
      access_token,
      refresh_token: null,
      posting_identity: null,
      metadata: { from: 'test' },
      beyond_the_contract: 1,
    });
    expect([upserted.status, upserted.body]).toEqual([
      200,
      {
        ...name,
        platform: 'twitch',
        posting_identity: null,
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    ]);
    const listed = await serving.rest(
      'GET',
      '/api/cp/platform-credentials?platform=twitch&limit=1',
      undefined,
      { token: ACME },
    );
    expect(listed.body).toMatchObject([{ credential_ref: ref, metadata: { from: 'test' } }]);
    expect(JSON.stringify(listed.body)).not.toContain(access_token);
  });

  it('gives the same account the same name, and another when it is asked to', async () => {
    const { id, ref } = await connect();
    const { access_token } = await house.grant(id);
    const again = await put({ platform: 'twitch', access_token });
    expect(again.body['credential_ref']).toBe(ref);
    const named = await put({ platform: 'twitch', access_token, credential_ref: 'cred-own' });
    expect(named.body['credential_ref']).toBe('cred-own');
  });

  it('knows nothing of another customer’s', async () => {
    const { id, ref } = await connect();
    const foreign = { customer_id: 'globex', credential_ref: ref };
    const unknown = await internal('/resolve', { customer_id: 'globex', credential_ref: 'CRED-0' });
    for (const [path, more] of [
      ['/resolve', {}],
      ['/update-token', { new_access_token: 'x' }],
    ] as const) {
      const { status, body } = await internal(path, { ...foreign, ...more });
      expect([status, String(body['detail']).replace(ref, 'CRED-0')]).toEqual([
        404,
        unknown.body['detail'],
      ]);
    }
    const { access_token } = await house.grant(id);
    // The account belongs to acme, whatever name is tried for it.
    expect(
      (await put({ platform: 'twitch', access_token, credential_ref: ref }, GLOBEX)).status,
    ).toBe(403);
    const mine = await serving.rest('GET', '/api/cp/platform-credentials', undefined, {
      token: GLOBEX,
    });
    expect(mine.body).toEqual([]);
    expect((await internal('/resolve', { customer_id: 'acme', credential_ref: ref })).status).toBe(
      200,
    );
  });

  it('gives a stranger nothing', async () => {
    const { ref } = await connect();
    const name = { customer_id: 'acme', credential_ref: ref };
    const wrong = await internal('/resolve', name, 'wrong');
    expect([wrong.status, wrong.body['detail']]).toEqual([
      403,
      'Forbidden: Invalid internal API key',
    ]);
    const missing = await callRest(serving.gateway, 'POST', `${INTERNAL}/resolve`, name);
    expect([missing.status, missing.body]).toEqual([
      422,
      {
        detail: [
          {
            type: 'missing',
            loc: ['header', 'x-plant-internal-key'],
            msg: 'Field required',
            input: null,
          },
        ],
      },
    ]);
    const half = await internal('/resolve', { credential_ref: ref });
    expect([half.status, half.body['detail']]).toMatchObject([
      422,
      [{ type: 'missing', loc: ['body', 'customer_id'] }],
    ]);
    expect((await internal('/resolve', { ...name, customer_id: '' })).status).toBe(422);
    // A gateway without the key serves nobody, whatever is sent.
    const off = await house.doors.rest('POST', `${INTERNAL}/resolve`, name, {
      headers: { 'x-plant-internal-key': SERVING_KEY },
    });
    expect(off.status).toBe(404);
    expect((await put({ platform: 'twitch', access_token: 'x' }, tokenOf('operator'))).status).toBe(
      403,
    );
    const weak = tokenOf('weak', { owner: 'acme', permissions: ['execute_actions'] });
    expect((await put({ platform: 'twitch', access_token: 'x' }, weak)).status).toBe(403);
  });

  it('takes no token that is another account’s, or worthless', async () => {
    const { ref } = await connect();
    const other = await connect();
    const name = { customer_id: 'acme', credential_ref: ref };
    for (const token of [other.access_token, 'worthless-token']) {
      const { status, body } = await internal('/update-token', {
        ...name,
        new_access_token: token,
      });
      expect([status, JSON.stringify(body)]).toEqual([422, expect.not.stringContaining(token)]);
    }
    expect(
      (await internal('/upsert', { ...name, platform: 'none', access_token: 'x' })).status,
    ).toBe(422);
  });
});

it('no token that was resolved stands in a log, a row or an answer', async () => {
  const { id, ref, access_token, refresh_token } = await lend();
  const answers: unknown[] = [await act(ref)];
  await expire(id);
  answers.push(await act(ref), await act(ref, { dry_run: true }));
  service.mood = {
    status: 500,
    text: JSON.stringify({ detail: `${access_token} ${service.key}` }),
  };
  answers.push(await act(`${ref}-none`));
  service.mood = undefined;
  const renewed = service.find('acme', ref)?.access_token ?? '';
  expect(renewed).not.toBe(access_token);
  const tables = ['actions', 'audit_events', 'resolved_credentials', 'accounts', 'queued_actions'];
  const known = await runSql(
    `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname = ANY('{${tables.join(',')}}')`,
  );
  expect(known.length).toBeGreaterThan(3);
  const places = [JSON.stringify(answers), house.doors.gateway.output()];
  for (const { relname } of known)
    places.push(JSON.stringify(await runSql(`SELECT t::text FROM ${String(relname)} t`)));
  for (const secret of [access_token, refresh_token, renewed, service.key])
    for (const place of places) expect(place.includes(secret)).toBe(false);
});
