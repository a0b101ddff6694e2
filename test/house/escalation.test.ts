// Real: a gateway process, PostgreSQL, both doors and those of the earlier services. Fake: Twitch, at the wire.
// Each test is what a caller would try to become another, or to get more than it was given.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken, type RestAnswer } from '../support/gateway.js';
import type { GrpcOutcome, GrpcRefusal } from '../support/grpc-client.js';
import { DOORS, House, tokenOf } from '../support/two-doors.js';

const TRUST_KEY = 'the-service-key-of-the-router-0123';
const ALL = ['execute_actions', 'manage_accounts', 'read_audit', 'manage_callers'];
const FAR = new Date(Date.now() + 3_600_000).toISOString();
const CHAT = '/chat/messages';

let house: House;
/** The channel of whoever runs the gateway. */
let channel: string;

beforeAll(async () => {
  house = await House.open({
    CALLER_REQUESTS_PER_MINUTE: '6000',
    PREDECESSOR_TRUST: JSON.stringify([
      { name: 'router', service_keys: [TRUST_KEY], accounts: ['*', '1001'], permissions: ALL_OLD },
    ]),
  });
  ({ id: channel } = await house.addChannel());
});

afterAll(() => house?.close());

beforeEach(() => house.sandbox.control('DELETE', '/sandbox/faults'));

const ALL_OLD = ['execute_actions', 'read_audit'];

const ask = (
  method: string,
  path: string,
  body?: unknown,
  token?: string,
  headers?: Record<string, string>,
): Promise<RestAnswer> =>
  house.doors.rest(method, `/api/v1${path}`, body, {
    ...(token !== undefined && { token }),
    ...(headers && { headers }),
  });

const say = (more: object = {}): Record<string, unknown> => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: channel,
  parameters: { message: 'hi' },
  ...more,
});

interface Made {
  readonly key: string;
  readonly identity: string;
}

async function makeCaller(id: string, more: object = {}, token?: string): Promise<Made> {
  const body = { id, permissions: ALL, ...more };
  const { status, body: made } = await ask('POST', '/callers', body, token);
  if (status !== 201) throw new Error(`${status}: ${JSON.stringify(made)}`);
  const { identity } = made['caller'] as unknown as { identity: string };
  return { key: made['api_key'] as unknown as string, identity };
}

/** A channel that is connected, and belongs to a tenant. */
async function addChannelOf(owner: string): Promise<string> {
  const id = await house.addUser();
  const { access_token, refresh_token, expires_in } = await house.grant(id);
  const tokens = { access_token, refresh_token, expires_in, owner };
  expect((await ask('PUT', `/accounts/twitch/${id}`, tokens)).status).toBe(200);
  return id;
}

/** An action that waits for an hour. @returns its id */
async function schedule(token: string, more: object = {}): Promise<string> {
  const outcome = await house.doors.execute('rest', say({ run_at: FAR, ...more }), { token });
  expect([outcome.status, outcome.error]).toEqual(['SCHEDULED', '']);
  return outcome.action_id;
}

const statusOf = async (id: string): Promise<string> =>
  (await house.doors.readStatus('rest', id)).status;

/** What every door says to who reads or cancels an action: the status, or the code of the refusal. */
async function tryAll(id: string, token: string): Promise<Record<string, unknown>> {
  const grpc = (method: string): Promise<unknown> =>
    house.doors.grpc.call(method, { action_id: id }, { token }).then(
      () => 'OK',
      ({ code }: GrpcRefusal) => code,
    );
  return {
    'REST read': (await ask('GET', `/actions/${id}`, undefined, token)).status,
    'REST cancel': (await ask('DELETE', `/actions/${id}`, undefined, token)).status,
    'REST replay': (await ask('POST', `/callbacks/${id}/replay`, undefined, token)).status,
    'gRPC read': await grpc('GetActionStatus'),
    'gRPC cancel': await grpc('CancelAction'),
  };
}

const OUT_OF_REACH = {
  'REST read': 404,
  'REST cancel': 404,
  'REST replay': 404,
  'gRPC read': 'NOT_FOUND',
  'gRPC cancel': 'NOT_FOUND',
};

describe('a name', () => {
  it('that a service has gives a caller of it nothing that is of the service', async () => {
    const service = tokenOf('dashboard', { permissions: ['execute_actions'] });
    const waiting = await schedule(service);
    const admin = tokenOf('narrow-admin', { permissions: ALL, accounts: ['1001'] });
    const { key } = await makeCaller(
      'dashboard',
      { permissions: ['execute_actions'], accounts: ['1001'] },
      admin,
    );
    expect(await tryAll(waiting, key)).toEqual(OUT_OF_REACH);
    expect((await ask('GET', '/callbacks', undefined, key)).body['callbacks']).toEqual([]);
    expect(await statusOf(waiting)).toBe('SCHEDULED');
    // Nor does the service reach what the caller of its name does.
    const own = await house.doors.execute('grpc', say({ dry_run: true, account_id: '1001' }), {
      token: key,
    });
    expect(await tryAll(own.action_id, service)).toEqual(OUT_OF_REACH);
  });

  it.each(['media', 'router', 'operator', 'old-dashboard'])(
    'that another kind of caller has (%s) is a label alone',
    async (name) => {
      const { identity } = await makeCaller(name, { owner: 'acme' });
      expect(identity).toMatch(/^caller-[0-9a-f-]{36}$/);
    },
  );

  it('of a removed caller gives its successor nothing that was its own', async () => {
    const first = await makeCaller('worker', { permissions: ['execute_actions'] });
    const waiting = await schedule(first.key);
    const done = await house.doors.execute('rest', say({ idempotency_key: 'once' }), {
      token: first.key,
    });
    const cancelled = await schedule(first.key);
    await ask('DELETE', `/actions/${cancelled}`, undefined, first.key);
    expect((await ask('DELETE', '/callers/worker')).status).toBe(204);
    const second = await makeCaller('worker', { permissions: ['execute_actions'] });
    expect(await tryAll(waiting, second.key)).toEqual(OUT_OF_REACH);
    // Not even an answer that was kept for a key of the first.
    const again = await house.doors.execute('rest', say({ idempotency_key: 'once' }), {
      token: second.key,
    });
    expect([again.replayed, again.action_id === done.action_id]).toEqual([false, false]);
  });

  it('of an entry of PREDECESSOR_TRUST is not the service of that name', async () => {
    const body = { command: 'twitch.chat_message', entity_id: '1001', args: ['hi'] };
    const earlier = await ask('POST', '/execute', body, undefined, {
      'x-service-key': TRUST_KEY,
      'dry-run': 'true',
      authorization: '',
    });
    const id = earlier.headers.get('action-id') ?? '';
    expect((await ask('GET', `/actions/${id}`)).status).toBe(200);
    const service = tokenOf('router', { permissions: ['execute_actions'] });
    expect(await tryAll(id, service)).toEqual(OUT_OF_REACH);
  });

  it('is in two tenants two callers, each found by its own tenant', async () => {
    const ids = await Promise.all(
      ['acme', 'globex'].map(async (owner) => (await makeCaller('console', { owner })).identity),
    );
    expect(new Set(ids).size).toBe(2);
    const { status, body } = await ask('GET', '/callers/console');
    expect([status, body['detail']]).toEqual([409, expect.stringContaining(ids[1] ?? '')]);
    expect((await ask('GET', `/callers/${ids[0]}`)).body['owner']).toBe('acme');
    const ofGlobex = tokenOf('x', { owner: 'globex', permissions: ALL });
    expect((await ask('GET', '/callers/console', undefined, ofGlobex)).body['owner']).toBe(
      'globex',
    );
    expect((await ask('GET', `/callers/${ids[0]}`, undefined, ofGlobex)).status).toBe(404);
  });
});

const bot = (owner: string) => tokenOf('bot', { owner, permissions: ['execute_actions'] });

describe('one sub in two tenants', () => {
  it.each(DOORS)(
    'is two callers, whose keys have nothing to do with each other (%s)',
    async (door) => {
      const channels = new Map<string, string>();
      for (const owner of ['acme', 'globex']) {
        const id = await addChannelOf(owner);
        channels.set(owner, id);
      }
      const key = `same-${door}`;
      const act = (owner: string, message = 'hi'): Promise<GrpcOutcome> =>
        house.doors.execute(
          door,
          say({ account_id: channels.get(owner), idempotency_key: key, parameters: { message } }),
          { token: bot(owner) },
        );
      const first = await act('acme');
      // Other content than the first tenant's is no reuse of its key.
      const second = await act('globex', 'something else');
      expect([first.error, second.error]).toEqual(['', '']);
      expect([first.status, second.status, second.replayed]).toEqual([
        'SUCCEEDED',
        'SUCCEEDED',
        false,
      ]);
      const repeats = [await act('acme'), await act('globex', 'something else')];
      expect(repeats.map(({ replayed, action_id }) => [replayed, action_id])).toEqual([
        [true, first.action_id],
        [true, second.action_id],
      ]);
      expect(await tryAll(first.action_id, bot('globex'))).toEqual(OUT_OF_REACH);
    },
  );

  it('and in none is three callers', async () => {
    const token = tokenOf('bot', { permissions: ['execute_actions'] });
    const { action_id } = await house.doors.execute('rest', say({ dry_run: true }), {
      token: bot('acme'),
    });
    expect(await tryAll(action_id, token)).toEqual(OUT_OF_REACH);
  });
});

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

describe('rights', () => {
  it('do not outlast the caller that gives them', async () => {
    const { key, identity } = await makeCaller('brief', { expires_at: inSeconds(60) });
    const tries = [
      ['POST', '/callers', { id: 'eternal', permissions: ['execute_actions'] }],
      [
        'POST',
        '/callers',
        { id: 'longer', permissions: ['execute_actions'], expires_at: inSeconds(120) },
      ],
      ['PUT', '/callers/brief', { permissions: ALL }],
      ['PUT', `/callers/${identity}`, { permissions: ALL, expires_at: inSeconds(59) }],
    ] as const;
    const exchanged = await ask('POST', '/auth/token', { api_key: key, expires_in: 86_400 });
    expect(Number(exchanged.body['expires_in'])).toBeLessThanOrEqual(60);
    for (const token of [key, exchanged.body['token'] as unknown as string])
      for (const [method, path, body] of tries)
        expect([path, (await ask(method, path, body, token)).status]).toEqual([path, 403]);
    const within = { id: 'shorter', permissions: ['execute_actions'], expires_at: inSeconds(30) };
    expect((await ask('POST', '/callers', within, key)).status).toBe(201);
    expect((await ask('GET', '/callers/brief')).body['expires_at']).not.toBeNull();
  });

  it('do not outlast a token that was cut short', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const brief = makeToken({ sub: 'ops', iat: now, exp: now + 60 });
    const wish = { id: 'of-a-brief-token', permissions: ['execute_actions'] };
    const refused = await ask('POST', '/callers', wish, brief);
    expect([refused.status, refused.body['detail']]).toEqual([
      403,
      expect.stringMatching(/set expires_at/),
    ]);
    const ends = { ...wish, expires_at: inSeconds(30) };
    expect((await ask('POST', '/callers', ends, brief)).status).toBe(201);
  });

  it('hold no higher rate than that of who gives them', async () => {
    const { key } = await makeCaller('slow', { requests_per_minute: 500 });
    const { key: usual } = await makeCaller('usual');
    const give = async (token: string, requests_per_minute?: number): Promise<number> => {
      const id = `rate-${Math.random().toString(36).slice(2)}`;
      const body = { id, permissions: ['execute_actions'], requests_per_minute };
      return (await ask('POST', '/callers', body, token)).status;
    };
    expect([await give(key, 501), await give(key), await give(key, 500)]).toEqual([403, 403, 201]);
    expect([await give(usual, 10_000_000), await give(usual)]).toEqual([403, 201]);
    const own = { permissions: ALL, requests_per_minute: 10_000_000 };
    expect((await ask('PUT', '/callers/slow', own, key)).status).toBe(403);
    // Whoever runs the gateway may.
    expect(await give(makeToken(), 10_000_000)).toBe(201);
  });

  it('are no greater in any other dimension', async () => {
    const bounds = { accounts: ['1001'], platforms: ['twitch'], actions: ['twitch.chat'] };
    const { key } = await makeCaller('bounded', {
      ...bounds,
      owner: 'acme',
      permissions: ['execute_actions', 'manage_callers'],
    });
    const wider: object[] = [
      { permissions: ['execute_actions', 'read_audit'] },
      { accounts: ['1001', '1002'] },
      { accounts: undefined },
      { platforms: ['twitch', 'discord'] },
      { platforms: undefined },
      { actions: ['twitch'] },
      { actions: undefined },
      { owner: 'globex' },
      { owner: '' },
    ];
    const body = { ...bounds, permissions: ['execute_actions'] };
    for (const [index, more] of wider.entries()) {
      const { status } = await ask('POST', '/callers', { ...body, id: `w-${index}`, ...more }, key);
      expect([more, status === 403 || status === 400]).toEqual([more, true]);
    }
    expect((await ask('POST', '/callers', { ...body, id: 'w-same' }, key)).status).toBe(201);
  });

  it('of a caller with more are neither changed nor taken by one with less', async () => {
    const { key: strong } = await makeCaller('strong', { requests_per_minute: 5_000 });
    const { key: weak } = await makeCaller('weak', { requests_per_minute: 100 });
    const narrow = await ask('POST', '/auth/token', { api_key: strong, accounts: ['1001'] });
    const narrowed = narrow.body['token'] as unknown as string;
    for (const [token, name] of [
      [weak, 'strong'],
      // A token that is narrowed gets no key of the whole caller, though it is its own.
      [narrowed, 'strong'],
    ] as const) {
      const tries = [
        await ask('PUT', `/callers/${name}`, { permissions: ['execute_actions'] }, token),
        await ask('POST', `/callers/${name}/rotate`, {}, token),
        await ask('DELETE', `/callers/${name}`, undefined, token),
      ];
      expect(tries.map(({ status }) => status)).toEqual([403, 403, 403]);
    }
    expect((await ask('GET', '/callers', undefined, strong)).status).toBe(200);
  });
});

describe('what is done with actions of others', () => {
  const reader = tokenOf('reader', { permissions: ['read_audit'] });

  it('is by read_audit alone to be read, and neither cancelled nor delivered again', async () => {
    const waiting = await schedule(tokenOf('worker-1', { permissions: ['execute_actions'] }));
    expect(await tryAll(waiting, reader)).toEqual({
      'REST read': 200,
      'REST cancel': 403,
      'REST replay': 403,
      'gRPC read': 'OK',
      'gRPC cancel': 'PERMISSION_DENIED',
    });
    expect(await statusOf(waiting)).toBe('SCHEDULED');
    const operator = tokenOf('operator', { permissions: ['read_audit', 'execute_actions'] });
    expect((await ask('DELETE', `/actions/${waiting}`, undefined, operator)).status).toBe(200);
    expect(await statusOf(waiting)).toBe('CANCELLED');
  });

  it('is nothing by a token without permissions, of its own caller too', async () => {
    const waiting = await schedule(tokenOf('worker-2', { permissions: ['execute_actions'] }));
    const bare = tokenOf('worker-2', { permissions: [] });
    expect(await tryAll(waiting, bare)).toEqual({
      'REST read': 200,
      'REST cancel': 403,
      'REST replay': 403,
      'gRPC read': 'OK',
      'gRPC cancel': 'PERMISSION_DENIED',
    });
    expect(await statusOf(waiting)).toBe('SCHEDULED');
  });

  it.each([
    ['accounts', { accounts: ['1001'] }],
    ['platforms', { platforms: ['discord'] }],
    ['actions', { actions: ['twitch.ban'] }],
  ])('stays within what the token is narrowed to: %s', async (_what, narrowing) => {
    const sub = 'worker-3';
    const waiting = await schedule(tokenOf(sub, { permissions: ALL }));
    const batch = await house.doors.rest('POST', '/api/v1/actions/batch', { actions: [say()] });
    for (const who of [sub, 'another']) {
      const narrowed = tokenOf(who, { permissions: ALL, ...narrowing });
      expect(await tryAll(waiting, narrowed)).toEqual(OUT_OF_REACH);
      const path = `/batches/${String(batch.body['batch_id'])}`;
      expect((await ask('GET', path, undefined, narrowed)).status).toBe(404);
      const search = await ask('GET', `/audit?account_id=${channel}`, undefined, narrowed);
      expect(search.body['entries']).toEqual([]);
      const lines = await ask(
        'GET',
        `/audit/export?format=jsonl&account_id=${channel}`,
        undefined,
        narrowed,
      );
      expect(JSON.stringify(lines.body)).not.toContain(waiting);
    }
    expect(await statusOf(waiting)).toBe('SCHEDULED');
  });
});

describe('a line', () => {
  it('of one tenant holds no action of another, in the same channel', async () => {
    const actors = new Map<string, string>();
    for (const owner of ['acme', 'globex']) {
      const id = await addChannelOf(owner);
      actors.set(owner, id);
    }
    const enqueue = async (owner: string): Promise<string> => {
      const token = tokenOf('bot', { owner, permissions: ['execute_actions'] });
      const outcome = await house.doors.execute(
        'rest',
        say({ run_async: true, actor_id: actors.get(owner) }),
        { token },
      );
      expect(outcome.status).toBe('QUEUED');
      return outcome.action_id;
    };
    const before = await house.sandbox.lastSeq();
    await house.addFault(
      { kind: 'status', status: 503, headers: { 'retry-after': '40' } },
      { path: CHAT },
    );
    const held = await enqueue('acme');
    // Only once Twitch has told the first to wait is it in the way.
    await eventually(
      () => house.helixSince(before),
      (seen) => seen.some(({ path, status }) => path.startsWith(CHAT) && status === 503),
    );
    const free = await enqueue('globex');
    await eventually(
      () => statusOf(free),
      (status) => status === 'SUCCEEDED',
      { withinMs: 10_000 },
    );
    expect(await statusOf(held)).toBe('QUEUED');
  });
});

const address = async (token: string): Promise<string> => {
  const { status, body } = await ask('POST', '/oauth/twitch/authorize', {}, token);
  expect(status).toBe(200);
  const reply = await fetch(String(body['authorization_url']), { redirect: 'manual' });
  return reply.headers.get('location') ?? '';
};
const finish = async (back: string): Promise<[number, unknown]> => {
  const reply = await fetch(back, { headers: { accept: 'application/json' } });
  return [reply.status, ((await reply.json()) as { code?: unknown }).code];
};

describe('a consent that was asked for before', () => {
  it('connects nothing for a caller that was revoked', async () => {
    const { key, identity } = await makeCaller('connecting');
    const back = await address(key);
    await ask('DELETE', `/callers/${identity}`);
    expect(await finish(back)).toEqual([403, 'CALLER_GONE']);
  });

  it('connects nothing for a caller whose key was changed at once', async () => {
    const { key, identity } = await makeCaller('rotated');
    const back = await address(key);
    await ask('POST', `/callers/${identity}/rotate`, { grace_seconds: 0 });
    expect(await finish(back)).toEqual([403, 'CALLER_GONE']);
  });

  it('connects nothing for a caller that may not connect any more', async () => {
    const { key, identity } = await makeCaller('demoted');
    const back = await address(key);
    await ask('PUT', `/callers/${identity}`, { permissions: ['execute_actions'] });
    expect(await finish(back)).toEqual([403, 'CALLER_GONE']);
  });

  it('connects nothing out of the reach that the caller has by now', async () => {
    const { key, identity } = await makeCaller('narrowed');
    const back = await address(key);
    await ask('PUT', `/callers/${identity}`, { permissions: ALL, accounts: ['7'] });
    expect(await finish(back)).toEqual([403, 'ACCOUNT_OUT_OF_REACH']);
    const platforms = await makeCaller('elsewhere');
    const other = await address(platforms.key);
    const bounds = { permissions: ALL, platforms: ['discord'] };
    await ask('PUT', `/callers/${platforms.identity}`, bounds);
    expect(await finish(other)).toEqual([403, 'ACCOUNT_OUT_OF_REACH']);
  });

  it('connects nothing for a caller whose time is over', async () => {
    const { key, identity } = await makeCaller('ending');
    const back = await address(key);
    const client = new Client({ connectionString: house.database.url });
    await client.connect();
    await client.query(`UPDATE callers SET expires_at = now() - interval '1 s' WHERE id = $1`, [
      identity,
    ]);
    await client.end();
    await eventually(
      async () => (await ask('GET', '/catalog', undefined, key)).status,
      (status) => status === 401,
    );
    expect(await finish(back)).toEqual([403, 'CALLER_GONE']);
  });

  it('connects for a caller that is as it was', async () => {
    const { key } = await makeCaller('steady');
    expect((await finish(await address(key)))[0]).toBe(200);
  });

  it('lets no bot into a server for a caller that was revoked', async () => {
    const { key, identity } = await makeCaller('inviting');
    const { status, body } = await ask('POST', '/oauth/discord/authorize', {}, key);
    expect(status).toBe(200);
    const url = new URL(String(body['authorization_url']));
    url.searchParams.set('sandbox_guild', '800000000000000002');
    const reply = await fetch(url, { redirect: 'manual' });
    await ask('DELETE', `/callers/${identity}`);
    expect(await finish(reply.headers.get('location') ?? '')).toEqual([403, 'CALLER_GONE']);
  });
});

const send = async (
  door: (typeof DOORS)[number],
  actions: readonly object[],
  key: string,
  token = makeToken(),
): Promise<{ outcomes: readonly GrpcOutcome[]; batch_id: unknown } | string> => {
  if (door === 'rest') {
    const { status, body } = await ask('POST', '/actions/batch', { actions }, token, {
      'idempotency-key': key,
    });
    if (status !== 200) return status === 422 ? 'KEY_REUSED' : String(status);
    const { responses, batch_id } = body;
    return { outcomes: responses as unknown as GrpcOutcome[], batch_id };
  }
  return house.doors.grpc.batch(actions, { token, metadata: { 'idempotency-key': key } }).then(
    ({ responses, ...rest }) => ({
      outcomes: responses,
      batch_id: (rest as { batch_id?: unknown }).batch_id,
    }),
    ({ details }: GrpcRefusal) => (/used for another batch/.test(details) ? 'KEY_REUSED' : details),
  );
};

const countChats = async (since: number): Promise<number> =>
  (await house.helixSince(since)).filter(({ path }) => path.startsWith(CHAT)).length;

describe('a key for a whole batch', () => {
  it.each(DOORS)('is carried out once, however often it is sent (%s)', async (door) => {
    const actions = [say(), say(), say({ parameters: { message: 'other' } })];
    const before = await house.sandbox.lastSeq();
    const first = await send(door, actions, `batch-${door}`);
    const again = await send(door, actions, `batch-${door}`);
    expect(await countChats(before)).toBe(3);
    if (typeof first === 'string' || typeof again === 'string') throw new Error(String(again));
    expect(first.outcomes.map(({ status, replayed }) => [status, replayed])).toEqual(
      actions.map(() => ['SUCCEEDED', false]),
    );
    expect(again.outcomes.map(({ action_id, replayed }) => [action_id, replayed])).toEqual(
      first.outcomes.map(({ action_id }) => [action_id, true]),
    );
    expect(again.batch_id).toBe(first.batch_id);
  });

  it.each(DOORS)('is for one batch alone (%s)', async (door) => {
    const key = `one-${door}`;
    await send(door, [say()], key);
    const before = await house.sandbox.lastSeq();
    for (const other of [
      [say({ parameters: { message: 'other' } })],
      [say(), say()],
      [say({ account_id: '1001' })],
    ])
      expect(await send(door, other, key)).toBe('KEY_REUSED');
    expect(await countChats(before)).toBe(0);
  });

  it('is the same at both doors, and another for another caller', async () => {
    const first = await send('rest', [say()], 'both');
    const again = await send('grpc', [say()], 'both');
    if (typeof first === 'string' || typeof again === 'string') throw new Error(String(again));
    expect(again.outcomes[0]).toMatchObject({
      replayed: true,
      action_id: first.outcomes[0]?.action_id,
    });
    const other = await send('rest', [say()], 'both', tokenOf('another'));
    if (typeof other === 'string') throw new Error(other);
    expect(other.outcomes[0]?.replayed).toBe(false);
  });

  it('is told of each action under way, and carries out none of them twice', async () => {
    await house.addFault({ kind: 'delay', ms: 1_500 }, { path: CHAT });
    const before = await house.sandbox.lastSeq();
    const first = send('rest', [say()], 'busy');
    await eventually(
      async () => {
        const found = await ask('GET', '/audit?status=RUNNING&action_type=chat_message');
        return found.body['entries'] as unknown as unknown[];
      },
      (running) => running.length > 0,
    );
    const again = await send('rest', [say()], 'busy');
    if (typeof again === 'string') throw new Error(again);
    expect(again.outcomes[0]?.failure?.code).toBe('IN_PROGRESS');
    const ended = await first;
    if (typeof ended === 'string') throw new Error(ended);
    expect(ended.outcomes[0]?.status).toBe('SUCCEEDED');
    expect(await countChats(before)).toBe(1);
  });

  it('is refused where it would change nothing', async () => {
    const headers = { 'idempotency-key': 'k' };
    const body = { id: 'keyed', permissions: ['execute_actions'] };
    const made = await ask('POST', '/callers', body, undefined, headers);
    expect([made.status, made.body['detail']]).toEqual([
      400,
      expect.stringMatching(/^Idempotency-Key is not supported on this route/),
    ]);
    const stream = house.doors.grpc.stream(() => undefined, { metadata: headers });
    expect(await stream.ended).toMatchObject({ code: 'INVALID_ARGUMENT', nothingSent: true });
    const long = await send('rest', [say()], 'k'.repeat(256));
    expect(long).toBe('400');
  });
});

const now = (): number => Math.floor(Date.now() / 1_000);
const sign = (claims: string, header = '{"alg":"HS256","typ":"JWT"}'): string =>
  makeToken({}, { raw: { claims, header } });
const enter = async (token: string): Promise<unknown[]> => [
  (await ask('GET', '/catalog', undefined, token)).status,
  await house.doors.grpc.call('ListActions', {}, { token }).then(
    () => 'OK',
    ({ code }: GrpcRefusal) => code,
  ),
  // At the door of an earlier service.
  (await ask('POST', '/tokens/store', {}, token)).status,
];
const claims = (more: string): string =>
  `{"sub":"bot","permissions":["manage_accounts"],"iat":${now()},${more}}`;

describe('a token', () => {
  it.each([
    ['an unknown critical extension', claims(`"exp":${4e9}`), '{"alg":"HS256","crit":["x"],"x":1}'],
    ['an empty list of critical extensions', claims(`"exp":${4e9}`), '{"alg":"HS256","crit":[]}'],
    ['an end that is infinite', claims('"exp":1e999')],
    ['an end in milliseconds', claims(`"exp":${Date.now() + 60_000}`)],
    ['an end that is negative', claims('"exp":-1')],
    ['an end that is a text', claims('"exp":"4000000000"')],
    ['a beginning ahead', claims(`"exp":${4e9},"nbf":${3e9}`)],
    ['a beginning that is infinite', claims(`"exp":${4e9},"nbf":1e999`)],
    ['a beginning that is a text', claims(`"exp":${4e9},"nbf":"0"`)],
    ['a signing ahead', `{"sub":"bot","permissions":[],"exp":${4e9},"iat":${3e9}}`],
    ['another algorithm', claims(`"exp":${4e9}`), '{"alg":"none"}'],
  ])('with %s is refused at every door', async (_what, body, header?: string) => {
    expect(await enter(sign(body, header))).toEqual([401, 'UNAUTHENTICATED', 401]);
  });

  it('of a clock that is a few seconds ahead is taken', async () => {
    const ahead = now() + 10;
    const token = makeToken({ sub: 'bot', iat: ahead, nbf: ahead, permissions: ALL });
    expect((await enter(token)).slice(0, 2)).toEqual([200, 'OK']);
  });

  it('may be the key of a caller itself, within its bounds, at every door', async () => {
    const bounds = { permissions: ['execute_actions'], accounts: [channel] };
    const { key, identity } = await makeCaller('keyed-bot', bounds);
    for (const door of DOORS) {
      const outcome = await house.doors.execute(door, say({ dry_run: true }), { token: key });
      expect(outcome.status).toBe('PREPARED');
      const beyond = await house.doors.execute(door, say({ account_id: '1001' }), { token: key });
      expect(beyond.failure?.code).toBe('NOT_ALLOWED');
    }
    const outcomes: GrpcOutcome[] = [];
    const stream = house.doors.grpc.stream((outcome) => outcomes.push(outcome), { token: key });
    stream.send(say({ dry_run: true }));
    await eventually(
      () => outcomes.length,
      (count) => count === 1,
    );
    // A caller that is revoked is out of a stream that is open, too.
    await ask('DELETE', `/callers/${identity}`);
    stream.send(say({ dry_run: true }));
    expect(await stream.ended).toMatchObject({ code: 'UNAUTHENTICATED', nothingSent: true });
    expect(outcomes).toHaveLength(1);
    const wrong = await ask('GET', '/catalog', undefined, key);
    expect([wrong.status, wrong.body['detail']]).toEqual([
      401,
      expect.stringMatching(/^Invalid API key/),
    ]);
  });
});
