// Real: two gateway processes on one PostgreSQL, HTTP over sockets, and one gateway behind an https address.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserSession, signIn } from '../support/browser-session.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import {
  callRest,
  type GatewayProcess,
  makeToken,
  type RestAnswer,
  SIGNING_KEY,
  startGateway,
} from '../support/gateway.js';

const ENV = { SANDBOX: 'true', CALLER_REQUESTS_PER_MINUTE: '100000' };
/** What is promised of every replica. Milliseconds, and a little for the questions of the test. */
const SOON = { withinMs: 4_000 };

let database: Awaited<ReturnType<typeof createDatabase>>;
let sql: Client;
let one: GatewayProcess;
let other: GatewayProcess;

beforeAll(async () => {
  database = await createDatabase();
  const env = { ...ENV, DATABASE_URL: database.url };
  one = await startGateway(env);
  other = await startGateway(env);
  sql = new Client({ connectionString: database.url });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await Promise.all([one?.stop(), other?.stop()]);
  await database?.drop();
});

let count = 0;

async function makeCaller(more: object = {}): Promise<{ id: string; key: string }> {
  count += 1;
  const id = `person-${count}`;
  const body = { id, permissions: ['execute_actions', 'read_audit'], ...more };
  const made = await callRest(one, 'POST', '/api/v1/callers', body);
  expect(made.status).toBe(201);
  return { id, key: made.body['api_key'] as unknown as string };
}

const say = (more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'hi' },
  dry_run: true,
  ...more,
});

const ELSEWHERE = {
  platform: 'discord',
  action_type: 'send_message',
  account_id: '700000000000000001',
  parameters: { channel_id: '700000000000000001', content: 'hi' },
};

const execute = (session: BrowserSession, options?: object, more?: object): Promise<RestAnswer> =>
  session.ask('POST', '/api/v1/actions/execute', say(more), options);

const isIn = async (session: BrowserSession, at = one): Promise<number> =>
  (await session.ask('GET', '/api/v1/audit', undefined, { at })).status;

/** As if no session had been used for so long; each replica has to read it again. */
const leaveUnused = (minutes: number): Promise<unknown> =>
  sql.query(
    'UPDATE sessions SET seen_at = now() - make_interval(mins => $1), expires_at = expires_at',
    [minutes],
  );

/** A sign-in is a use, which is written after its answer. */
const untilSignInIsWritten = (): Promise<unknown> =>
  eventually(
    () =>
      sql.query(
        'SELECT seen_at > created_at AS is_written FROM sessions ORDER BY created_at DESC LIMIT 1',
      ),
    ({ rows }) => rows[0]?.is_written === true,
  );

/** The code of the link that a start printed. */
const readCode = async (gateway: GatewayProcess): Promise<string> => {
  const line = await gateway.waitForLine(/\/console\/#code=/);
  return /#code=([\w-]+)/.exec(line)?.[1] ?? '';
};

const endsEverywhere = (session: BrowserSession): Promise<unknown> =>
  eventually(
    () => Promise.all([isIn(session), isIn(session, other)]),
    (statuses) => statuses.every((status) => status === 401),
    SOON,
  );

describe('a person signs in', () => {
  it('with the key of a caller, and is that caller on every route and replica', async () => {
    const { id, key } = await makeCaller({ platforms: ['twitch'] });
    const session = await signIn(one, { key });
    const header = session.answer.headers.get('set-cookie') ?? '';
    expect(header).toMatch(
      /^action_gateway_session=[\w.-]+; .*Path=\/; .*HttpOnly; SameSite=Strict$/,
    );
    expect(header).not.toContain('Secure');
    expect(session.answer.body).toMatchObject({
      caller: { id, kind: 'key', permissions: ['execute_actions', 'read_audit'] },
      csrf_token: expect.stringMatching(/^[\w-]{43}$/) as string,
      idle_seconds: 3_600,
    });
    for (const at of [one, other]) {
      const { status, body } = await execute(session, { at });
      expect([status, body['status']]).toEqual([200, 'PREPARED']);
      // Its bounds hold.
      expect((await execute(session, { at }, ELSEWHERE)).status).toBe(403);
      expect((await session.ask('GET', '/api/v1/flags', undefined, { at })).status).toBe(403);
    }
    const shown = await session.ask('GET', '/api/v1/session', undefined, { at: other });
    expect(shown.body['csrf_token']).toBe(session.csrfToken);
  });

  it('with a token, whose bounds and end the session keeps', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 120;
    const key = makeToken({ sub: 'dashboard', permissions: ['read_audit'], exp });
    const session = await signIn(one, { key });
    const { caller, expires_at } = session.answer.body as unknown as {
      caller: object;
      expires_at: string;
    };
    expect(caller).toMatchObject({
      id: 'dashboard',
      permissions: ['read_audit'],
      expires_at: new Date(exp * 1_000).toISOString(),
    });
    expect(Date.parse(expires_at)).toBe(exp * 1_000);
    expect((await execute(session)).body['failure']).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  it('with a root key, as the operator', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    expect(session.answer.body).toMatchObject({ caller: { id: 'console', kind: 'service' } });
    expect((await session.ask('GET', '/api/v1/callers')).status).toBe(200);
  });

  it.each([
    ['a wrong key', { key: 'agk_nobody_0123456789012345678901234567890123456789012' }, 401],
    ['a wrong token', { key: makeToken({}, { key: 'x'.repeat(64) }) }, 401],
    ['a wrong code', { code: 'x'.repeat(43) }, 401],
    ['nothing', {}, 400],
    ['both', { key: 'a', code: 'b' }, 400],
  ])('not with %s', async (_name, credential, status) => {
    const answer = await callRest(one, 'POST', '/api/v1/session', credential, { token: null });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it('and stands in the history with who it is and what it signed in with', async () => {
    const { id, key } = await makeCaller();
    const session = await signIn(other, { key });
    expect((await session.ask('DELETE', '/api/v1/session')).status).toBe(204);
    const { body } = await callRest(one, 'GET', `/api/v1/audit/events?caller_id=${id}`);
    const events = body['entries'] as unknown as { kind: string; details: object }[];
    expect(events.map(({ kind, details }) => [kind, details])).toEqual([
      ['session.ended', {}],
      ['session.opened', { by: 'key' }],
    ]);
  });

  it('over TLS alone where the public address is https', async () => {
    const env = { ...ENV, DATABASE_URL: database.url, PUBLIC_URL: 'https://gateway.example' };
    const secure = await startGateway(env);
    try {
      const session = await signIn(secure, { key: SIGNING_KEY });
      expect(session.answer.headers.get('set-cookie')).toMatch(
        /^__Host-action_gateway_session=.*Path=\/; .*HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(await isIn(session, secure)).toBe(200);
    } finally {
      await secure.stop();
    }
  });
});

describe('a change by cookie', () => {
  it.each([
    ['without a CSRF token', null],
    ['with a wrong one', 'x'.repeat(43)],
    ['with an empty one', ''],
  ])('is refused %s', async (_name, csrfToken) => {
    const session = await signIn(one, { key: SIGNING_KEY });
    const flag = { enabled: false, reason: 'forged' };
    const refused = [
      await execute(session, { csrfToken }),
      await session.ask('PUT', '/api/v1/flags/twitch.raids', flag, { csrfToken }),
      await session.ask('DELETE', '/api/v1/session', undefined, { csrfToken }),
    ];
    for (const { status, body } of refused) {
      expect(status).toBe(403);
      expect(body['error']).toMatch(/X-CSRF-Token .* GET \/api\/v1\/session/);
    }
    const { body } = await session.ask('GET', '/api/v1/flags/twitch.raids', undefined, {
      csrfToken,
    });
    expect(body).toMatchObject({ is_set: false });
  });

  it('is refused with the CSRF token of another session', async () => {
    const [mine, theirs] = [
      await signIn(one, { key: SIGNING_KEY }),
      await signIn(one, { key: SIGNING_KEY }),
    ];
    expect((await execute(mine, { csrfToken: theirs.csrfToken })).status).toBe(403);
  });

  it('may be large', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    const more = { parameters: { message: 'x'.repeat(100_000) } };
    const { status, body } = await execute(session, {}, more);
    expect([status, body['failure']]).toMatchObject([400, { code: 'INVALID_INPUT' }]);
    const stranger = { ...session, cookie: 'action_gateway_session=x.y' };
    const refused = await callRest(one, 'POST', '/api/v1/actions/execute', say(more), {
      token: null,
      headers: { cookie: stranger.cookie },
    });
    expect(refused.status).toBe(401);
  });
});

describe('a session ends on every replica', () => {
  it('when its person signs out', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    expect(await isIn(session, other)).toBe(200);
    const left = await session.ask('DELETE', '/api/v1/session');
    expect(left.headers.get('set-cookie')).toMatch(/^action_gateway_session=; .*1970/);
    expect(await isIn(session)).toBe(401);
    await endsEverywhere(session);
  });

  it.each([
    ['is revoked', (id: string) => callRest(other, 'DELETE', `/api/v1/callers/${id}`)],
    [
      'gets another key without a grace',
      (id: string) => callRest(other, 'POST', `/api/v1/callers/${id}/rotate`, { grace_seconds: 0 }),
    ],
  ])('when its caller %s', async (_name, change) => {
    const { id, key } = await makeCaller();
    const session = await signIn(one, { key });
    expect([await isIn(session), await isIn(session, other)]).toEqual([200, 200]);
    expect((await change(id)).status).toBeLessThan(300);
    await endsEverywhere(session);
  });

  it('when the grace of the key that it was begun with is over', async () => {
    const { id, key } = await makeCaller();
    const session = await signIn(one, { key });
    await callRest(other, 'POST', `/api/v1/callers/${id}/rotate`, { grace_seconds: 3_600 });
    expect(await isIn(session)).toBe(200);
    await sql.query(`UPDATE callers SET former_key_until = now() WHERE name = $1`, [id]);
    await endsEverywhere(session);
  });

  it('when its time is over', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    expect([await isIn(session), await isIn(session, other)]).toEqual([200, 200]);
    await sql.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`);
    await endsEverywhere(session);
  });

  it('when it was not used for its idle time, and not before', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    await leaveUnused(59);
    expect(await isIn(session, other)).toBe(200);
    const unused = await signIn(one, { key: SIGNING_KEY });
    await untilSignInIsWritten();
    await leaveUnused(61);
    // The replica that was used a moment ago knows so.
    expect(await isIn(session, other)).toBe(200);
    expect(await isIn(unused, other)).toBe(401);
  });

  it('and no row tells the secret of its cookie', async () => {
    const session = await signIn(one, { key: SIGNING_KEY });
    const { rows } = await sql.query('SELECT * FROM sessions');
    const [secret = ''] = (session.cookie.split('=')[1] ?? '').split('.');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(session.csrfToken);
  });
});

describe('a code of a one-time link', () => {
  it('signs in once, within its time', async () => {
    const code = await readCode(one);
    const [first, second] = await Promise.allSettled([
      signIn(one, { code }),
      signIn(other, { code }),
    ]);
    expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    const late = await readCode(other);
    await sql.query('UPDATE sign_in_codes SET expires_at = now()');
    await expect(signIn(other, { code: late })).rejects.toThrow(/401 .*older than ten minutes/);
  });
});

describe('wrong sign-ins', () => {
  it('are limited, and right ones go on', async () => {
    const env = { ...ENV, DATABASE_URL: database.url, FAILED_LOGINS_PER_MINUTE: '5' };
    const strict = await startGateway(env);
    try {
      const knock = async (): Promise<number> =>
        (await callRest(strict, 'POST', '/api/v1/session', { key: 'guess' }, { token: null }))
          .status;
      await eventually(knock, (status) => status === 429);
      expect(await isIn(await signIn(strict, { key: SIGNING_KEY }), strict)).toBe(200);
    } finally {
      await strict.stop();
    }
  });
});
