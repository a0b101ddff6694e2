// Real: three gateway processes on one PostgreSQL, both doors. Fake: Twitch and Discord, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, makeToken, type RestAnswer, SIGNING_KEY } from '../support/gateway.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { DOORS, tokenOf, TwoDoors } from '../support/two-doors.js';

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let replicas: TwoDoors[];
let made = 0;

const at = (index: number): TwoDoors => {
  const replica = replicas[index];
  if (!replica) throw new Error(`no replica ${index}`);
  return replica;
};

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  const env = { ...sandbox.env, DATABASE_URL: database.url };
  replicas = await Promise.all([0, 1, 2].map(() => TwoDoors.open(env)));
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterAll(async () => {
  await Promise.all((replicas ?? []).map((replica) => replica.close()));
  await sandbox?.close();
  await database?.drop();
});

const ask = (
  method: string,
  path: string,
  body?: object,
  { token, by = 0 }: { token?: string | null; by?: number } = {},
): Promise<RestAnswer> =>
  callRest(at(by).gateway, method, `/api/v1${path}`, body, token === undefined ? {} : { token });

interface Made {
  readonly id: string;
  readonly key: string;
}

async function make(bounds: object = {}, token?: string): Promise<Made> {
  const id = `bot-${(made += 1)}`;
  const wish = { id, permissions: ['execute_actions'], ...bounds };
  const { status, body } = await ask('POST', '/callers', wish, { token });
  if (status !== 201) throw new Error(`POST callers: ${status} ${JSON.stringify(body)}`);
  return { id, key: body['api_key'] as unknown as string };
}

const askToken = (key: string, wish: object = {}, by = 0): Promise<RestAnswer> =>
  ask('POST', '/auth/token', { api_key: key, ...wish }, { token: null, by });

async function exchange(key: string, wish: object = {}, by = 0): Promise<string> {
  // The key may not have got there yet.
  const { body } = await eventually(
    () => askToken(key, wish, by),
    ({ status }) => status === 200,
  );
  return body['token'] as unknown as string;
}

const SAY = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'hi' },
  dry_run: true,
};

/** What a caller's action comes to at a replica: a code, a status, or the door's own no. */
async function attempt(token: string, more: object = {}, by = 0): Promise<string> {
  const { status, body } = await ask(
    'POST',
    '/actions/execute',
    { ...SAY, ...more },
    { token, by },
  );
  const failure = body['failure'] as unknown as { code: string } | undefined;
  return failure?.code ?? String(status === 200 ? body['status'] : status);
}

const attemptAll = (token: string, more: object = {}): Promise<string[]> =>
  Promise.all(replicas.map((_, by) => attempt(token, more, by)));

describe('a caller with a key of its own', () => {
  it('gets tokens in its own name at every replica, and its actions are its own', async () => {
    const { id, key } = await make();
    expect(key).toMatch(/^agk_caller-[0-9a-f-]{36}_[A-Za-z0-9_-]{43}$/);
    const { body } = await ask('GET', `/callers/${id}`);
    expect(body).toEqual({
      id,
      identity: /^agk_(.*?)_/.exec(key)?.[1],
      owner: '',
      permissions: ['execute_actions'],
      platforms: null,
      accounts: null,
      actions: null,
      requests_per_minute: null,
      policy: null,
      expires_at: null,
      created_by: 'tester',
      created_at: expect.any(String) as string,
      updated_at: expect.any(String) as string,
      last_used_at: null,
      former_key_until: null,
    });
    for (const by of [0, 1, 2]) {
      // What it calls itself is not asked.
      const token = await exchange(key, { service: 'tester' }, by);
      const outcome = await at(by).execute('grpc', SAY, { token });
      expect(outcome.status).toBe('PREPARED');
      expect((await ask('GET', `/actions/${outcome.action_id}`, undefined, { token })).status).toBe(
        200,
      );
      const other = tokenOf('somebody', { permissions: ['execute_actions'] });
      const path = `/actions/${outcome.action_id}`;
      expect((await ask('GET', path, undefined, { token: other })).status).toBe(404);
    }
  });

  it('is refused with a wrong key, at every replica', async () => {
    const { id, key } = await make();
    const wrong = [
      `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
      key.replace(/^agk_[^_]+/, 'agk_nobody'),
      key.replace(/^agk_[^_]+/, `agk_${id}`),
      `agk_${id}_`,
      key.toUpperCase(),
      id,
      'agk_',
    ];
    for (const guess of wrong) {
      const { status, body } = await askToken(guess);
      expect([status, body['detail']]).toEqual([401, 'Invalid API key']);
    }
  });

  it('has no key that can be read again', async () => {
    const { id, key } = await make();
    const secret = key.slice(-43);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client
      .query("SELECT c.*, e.* FROM callers c, audit_events e WHERE e.subject LIKE 'caller/%'")
      .finally(() => client.end());
    const shown = [
      JSON.stringify(rows),
      JSON.stringify((await ask('GET', '/callers')).body),
      JSON.stringify((await ask('GET', `/callers/${id}/history`)).body),
      ...replicas.map(({ gateway }) => gateway.output()),
    ];
    for (const text of shown) expect(text).not.toContain(secret);
  });

  it('is refused what its bounds leave out, at both doors', async () => {
    const { key } = await make({
      permissions: ['execute_actions', 'read_audit'],
      platforms: ['twitch'],
      accounts: ['1001'],
      actions: ['twitch.chat', 'discord.send_message'],
    });
    const token = await exchange(key);
    const tries: readonly [object, string][] = [
      [{}, 'PREPARED'],
      [{ action_type: 'marker', parameters: {} }, 'NOT_ALLOWED'],
      [{ account_id: '1002' }, 'NOT_ALLOWED'],
      [{ actor_id: '1002' }, 'NOT_ALLOWED'],
      [
        {
          platform: 'discord',
          action_type: 'send_message',
          parameters: { channel_id: '700000000000000001', content: 'x' },
        },
        'NOT_ALLOWED',
      ],
    ];
    for (const door of DOORS) {
      for (const [more, expected] of tries) {
        const { account_id, ...rest } = { ...SAY, ...more } as Record<string, unknown>;
        const envelope = 'platform' in more ? rest : { ...rest, account_id };
        const outcome = await at(1).execute(door, envelope, { token });
        expect(outcome.failure?.code ?? outcome.status).toBe(expected);
      }
    }
    // And reads what others did within them.
    const done = await at(0).execute('rest', { ...SAY, dry_run: true });
    const outside = await at(0).execute('rest', {
      ...SAY,
      action_type: 'marker',
      parameters: {},
    });
    const read = async (id: string): Promise<number> =>
      (await ask('GET', `/actions/${id}`, undefined, { token })).status;
    expect([await read(done.action_id), await read(outside.action_id)]).toEqual([200, 404]);
  });

  it('narrows its tokens, and never widens them', async () => {
    const { key } = await make({ actions: ['twitch.chat'], accounts: ['1001'] });
    const narrow = await exchange(key, { actions: ['twitch.announcement'] });
    expect(await attempt(narrow)).toBe('NOT_ALLOWED');
    const wide = await exchange(key, { actions: ['twitch'], accounts: ['1001', '1002'] });
    expect(await attempt(wide)).toBe('PREPARED');
    expect(await attempt(wide, { account_id: '1002' })).toBe('NOT_ALLOWED');
    expect(await attempt(wide, { action_type: 'marker', parameters: {} })).toBe('NOT_ALLOWED');
    const { status, body } = await askToken(key, { permissions: ['read_audit'] });
    expect([status, body['detail']]).toEqual([403, expect.stringMatching(/read_audit/)]);
  });

  it('has a budget of its own', async () => {
    const { key } = await make({ requests_per_minute: 3 });
    const token = await exchange(key);
    const outcomes: string[] = [];
    // A minute may end in between, and then there are three more.
    for (let time = 0; time < 8; time += 1) outcomes.push(await attempt(token, {}, time % 3));
    expect(outcomes).toContain('RATE_LIMITED');
    expect(outcomes.filter((outcome) => outcome === 'PREPARED').length).toBeLessThanOrEqual(6);
  });

  it('ends when its time is over, and its tokens with it', async () => {
    const { key } = await make({ expires_at: new Date(Date.now() + 3_000).toISOString() });
    const { body } = await askToken(key);
    expect(body['expires_in']).toBeLessThanOrEqual(3);
    const token = body['token'] as unknown as string;
    expect(await attempt(token)).toBe('PREPARED');
    await eventually(
      () => attempt(token),
      (found) => found === '401',
    );
    const { status } = await eventually(
      () => askToken(key),
      (answer) => answer.status === 401,
      { everyMs: 500 },
    );
    expect(status).toBe(401);
  });
});

describe('what an admin changes', () => {
  it('holds for tokens that were given out before, at every replica', async () => {
    const { id, key } = await make();
    const token = await exchange(key);
    await eventually(
      () => attemptAll(token),
      (all) => all.every((found) => found === 'PREPARED'),
    );
    const changed = await ask('PUT', `/callers/${id}`, {
      permissions: ['execute_actions'],
      actions: ['twitch.polls'],
    });
    expect([changed.status, changed.body['actions']]).toEqual([200, ['twitch.polls']]);
    expect(await attempt(token)).toBe('NOT_ALLOWED');
    const found = await eventually(
      () => attemptAll(token),
      (all) => all.every((one) => one === 'NOT_ALLOWED'),
      { withinMs: 4_000 },
    );
    expect(found).toEqual(['NOT_ALLOWED', 'NOT_ALLOWED', 'NOT_ALLOWED']);
  });

  it('a caller that is revoked is out, also by tokens it has, and so is what of it waits', async () => {
    const { id, key } = await make();
    const token = await exchange(key);
    const waiting = await at(0).execute(
      'rest',
      { ...SAY, dry_run: false, run_at: new Date(Date.now() + 2_500).toISOString() },
      { token },
    );
    expect(waiting.status).toBe('SCHEDULED');
    const before = await sandbox.lastSeq();
    expect((await ask('DELETE', `/callers/${id}`)).status).toBe(204);
    expect(await attempt(token)).toBe('401');
    const all = await eventually(
      () => attemptAll(token),
      (found) => found.every((one) => one === '401'),
      { withinMs: 4_000 },
    );
    expect(all).toEqual(['401', '401', '401']);
    await expect(at(1).execute('grpc', SAY, { token })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect((await askToken(key)).status).toBe(401);
    const ended = await eventually(
      () => at(0).readStatus('rest', waiting.action_id),
      ({ status }) => status === 'REFUSED',
    );
    expect(ended.failure?.code).toBe('NOT_ALLOWED');
    expect(
      (await sandbox.requestsSince(before)).filter(({ path }) => path.endsWith('/chat/messages')),
    ).toEqual([]);
    // A new one of its name is another: tokens of the first stay out.
    const again = await ask('POST', '/callers', { id, permissions: ['execute_actions'] });
    expect(again.status).toBe(201);
    expect(await attempt(token)).toBe('401');
    expect((await askToken(key)).status).toBe(401);
    // Nor is the history of the first the history of the second.
    expect((await ask('GET', `/callers/${id}/history`)).body['entries']).toMatchObject([
      { kind: 'caller.created', caller_id: 'tester' },
    ]);
  });

  it('a rotation leaves the key before in force for its grace, and no longer', async () => {
    const { id, key } = await make();
    const rotated = await ask('POST', `/callers/${id}/rotate`, { grace_seconds: 3 });
    const next = rotated.body['api_key'] as unknown as string;
    expect(next).not.toBe(key);
    const token = await exchange(key);
    for (const by of [0, 1, 2]) await exchange(next, {}, by);
    // The token door counts guesses, so it is asked now and then.
    await eventually(
      () => askToken(key, {}, 2),
      ({ status }) => status === 401,
      { everyMs: 1_000 },
    );
    expect((await askToken(next)).status).toBe(200);
    // Tokens that were made in time go on.
    expect(await attempt(token)).toBe('PREPARED');
  });

  it('a rotation without grace ends the key before and every token', async () => {
    const { id, key } = await make();
    const token = await exchange(key);
    const { body } = await ask('POST', `/callers/${id}/rotate`, { grace_seconds: 0 });
    const next = body['api_key'] as unknown as string;
    expect((await askToken(key)).status).toBe(401);
    const all = await eventually(
      () => attemptAll(token),
      (found) => found.every((one) => one === '401'),
      { withinMs: 4_000 },
    );
    expect(all).toEqual(['401', '401', '401']);
    expect(await attempt(await exchange(next))).toBe('PREPARED');
  });

  it('a rotation without a body takes a day', async () => {
    const { id } = await make();
    const { body } = await ask('POST', `/callers/${id}/rotate`);
    const { former_key_until: until } = body['caller'] as unknown as { former_key_until: string };
    expect(Math.abs(Date.parse(until) - Date.now() - 86_400_000)).toBeLessThan(60_000);
  });

  it('no epoch that a caller writes itself gets it in', async () => {
    const { id } = await make();
    for (const epoch of [0, 2, '1', null, [1]]) {
      const token = makeToken({ sub: id, epoch });
      expect(await attempt(token)).toBe('401');
    }
    // Whoever signs with the root key needs no record, as before.
    expect(await attempt(makeToken({ sub: id }))).toBe('PREPARED');
    expect(await attempt(makeToken({ sub: 'free text', actions: ['twitch.polls'] }))).toBe(
      'NOT_ALLOWED',
    );
    const { body } = await askToken(SIGNING_KEY, { service: 'router' });
    expect(await attempt(body['token'] as unknown as string)).toBe('PREPARED');
  });
});

describe('who may give keys', () => {
  it('needs manage_callers', async () => {
    const { id } = await make();
    const token = tokenOf('admin', { permissions: ['manage_accounts', 'manage_flags'] });
    for (const [method, path] of [
      ['GET', '/callers'],
      ['POST', '/callers'],
      ['GET', `/callers/${id}`],
      ['PUT', `/callers/${id}`],
      ['DELETE', `/callers/${id}`],
      ['POST', `/callers/${id}/rotate`],
      ['GET', `/callers/${id}/history`],
    ] as const)
      expect((await ask(method, path, undefined, { token })).status).toBe(403);
  });

  it('gives no more than it has', async () => {
    const lesser = await make({
      permissions: ['execute_actions', 'manage_callers'],
      actions: ['twitch.chat'],
      accounts: ['1001'],
      requests_per_minute: 100,
    });
    const token = await exchange(lesser.key);
    const fits = { accounts: ['1001'], actions: ['twitch.chat_message'], requests_per_minute: 100 };
    const tries: readonly [object, RegExp][] = [
      [{ ...fits, permissions: ['read_audit'] }, /the permission read_audit/],
      [{ ...fits, accounts: undefined }, /all accounts/],
      [{ ...fits, accounts: ['1002'] }, /accounts 1002/],
      [{ ...fits, actions: ['twitch'] }, /actions twitch\./],
      [{ ...fits, actions: undefined }, /all actions/],
      [{ ...fits, requests_per_minute: 101 }, /more than 100 requests/],
      [{ ...fits, requests_per_minute: undefined }, /more than 100 requests/],
    ];
    for (const [bounds, message] of tries) {
      const wish = { id: 'greedy', permissions: ['execute_actions'], ...bounds };
      const { status, body } = await ask('POST', '/callers', wish, { token });
      expect([status, body['detail']]).toEqual([403, expect.stringMatching(message)]);
    }
    const child = await make(fits, token);
    expect(await attempt(await exchange(child.key))).toBe('PREPARED');
    const widened = await ask(
      'PUT',
      `/callers/${child.id}`,
      { permissions: ['read_audit'] },
      {
        token,
      },
    );
    expect(widened.status).toBe(403);
    // Whoever may do more is not there for it: its key would be a way to more.
    const greater = await make({ permissions: ['read_audit'] });
    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
      ['GET', '/history'],
    ] as const) {
      const body = method === 'PUT' ? { permissions: ['execute_actions'], ...fits } : undefined;
      const answer = await ask(method, `/callers/${greater.id}${path}`, body, { token });
      expect(answer.status).toBe(404);
    }
    const listed = (await ask('GET', '/callers', undefined, { token })).body['callers'];
    const ids = (listed as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(child.id);
    expect(ids).not.toContain(greater.id);
  });

  it.each([
    [{ id: 'Bad Name' }, /id must be small letters/],
    [{ id: 'x_y' }, /id must be small letters/],
    [{ permissions: ['everything'] }, /permissions item 1 must be one of/],
    [{ actions: ['twitch.chta'] }, /Did you mean "twitch\.chat"/],
    [{ platforms: ['twich'] }, /Did you mean "twitch"/],
    [{ expires_at: '2020-01-01T00:00:00Z' }, /lies in the past/],
    [{ expires_at: 'tomorrow' }, /expires_at must be a time/],
    [{ expires_at: '2030-99-01T00:00:00Z' }, /in no calendar/],
    [{ accounts: [] }, /accounts must have at least 1/],
    [{ requests_per_minute: 0 }, /at least 1/],
    [{ owner_of: 'x' }, /is not known here/],
  ])('is told what is wrong with %j', async (bad, message) => {
    const wish = { id: 'fine', permissions: ['execute_actions'], ...bad };
    const { status, body } = await ask('POST', '/callers', wish);
    expect([status, body['detail']]).toEqual([400, expect.stringMatching(message)]);
  });

  it('gives a name once', async () => {
    const { id } = await make();
    const again = await ask('POST', '/callers', { id, permissions: ['execute_actions'] });
    expect([again.status, again.body['detail']]).toEqual([409, expect.stringMatching(/already/)]);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/rotate'],
    ] as const)
      expect((await ask(method, `/callers/nobody${path}`)).status).toBe(404);
  });
});
