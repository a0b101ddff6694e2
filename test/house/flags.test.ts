// Real: three gateway processes on one PostgreSQL, both doors. Fake: Twitch and Discord, at the wire.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, type RestAnswer } from '../support/gateway.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { tokenOf, TwoDoors } from '../support/two-doors.js';

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let replicas: TwoDoors[];

const at = (index: number): TwoDoors => {
  const replica = replicas[index];
  if (!replica) throw new Error(`no replica ${index}`);
  return replica;
};

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  const env = { ...sandbox.env, DATABASE_URL: database.url, ENABLE_POLLS_ACTIONS: 'false' };
  replicas = await Promise.all([0, 1, 2].map(() => TwoDoors.open(env)));
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterEach(async () => {
  const { body } = await flag('GET', '');
  const set = (body['flags'] as unknown as { key: string; is_set: boolean }[]).filter(
    ({ is_set }) => is_set,
  );
  for (const { key } of set) await flag('DELETE', key);
  await eventually(
    () => Promise.all(replicas.map((_, index) => rehearse(index))),
    (statuses) => statuses.every((status) => status === 'PREPARED'),
  );
});

afterAll(async () => {
  await Promise.all((replicas ?? []).map((replica) => replica.close()));
  await sandbox?.close();
  await database?.drop();
});

const flag = (
  method: string,
  key: string,
  body?: object,
  { token, by = 0 }: { token?: string; by?: number } = {},
): Promise<RestAnswer> =>
  callRest(
    at(by).gateway,
    method,
    `/api/v1/flags${key && `/${encodeURIComponent(key)}`}`,
    body,
    token === undefined ? {} : { token },
  );

const turnOff = (key: string, by = 0): Promise<RestAnswer> =>
  flag('PUT', key, { enabled: false, reason: 'raid of bots' }, { by });

const SAY = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'hi' },
};

const rehearse = async (index: number, more: object = {}, token?: string): Promise<string> => {
  const outcome = await at(index).execute(
    'grpc',
    { ...SAY, dry_run: true, ...more },
    token === undefined ? {} : { token },
  );
  return outcome.failure?.code ?? outcome.status;
};

/**
 * Resolves when all replicas answer so. It is given up before the net below the notifications, which is
 * read every five seconds, can be what told them.
 */
async function waitForAll(fits: (status: string) => boolean, more: object = {}): Promise<void> {
  await eventually(
    () => Promise.all(replicas.map((_, index) => rehearse(index, more))),
    (statuses) => statuses.every(fits),
    { withinMs: 4_000 },
  );
}

const isOff = (status: string): boolean => status === 'ACTION_DISABLED';

describe('a flag that is switched off', () => {
  it('is obeyed by all replicas, and the door it came through is the first', async () => {
    const { status, body } = await turnOff('twitch.chat', 1);
    expect([status, body]).toEqual([
      200,
      {
        key: 'twitch.chat',
        enabled: false,
        default: true,
        is_set: true,
        reason: 'raid of bots',
        changed_by: 'tester',
        changed_at: expect.any(String) as string,
        version: expect.any(Number) as number,
      },
    ]);
    expect(await rehearse(1)).toBe('ACTION_DISABLED');
    await waitForAll(isOff);
    const refused = await at(2).execute('rest', SAY);
    expect(refused).toMatchObject({
      status: 'REFUSED',
      error: 'twitch.chat_message is switched off by the flag twitch.chat: raid of bots',
      failure: { code: 'ACTION_DISABLED', retryable: false },
    });
    const described = await at(2).rest('GET', '/api/v1/catalog/twitch/chat_message');
    expect(described.body['actions']).toMatchObject([{ enabled: false }]);
    // Others of the platform go on.
    expect(await rehearse(2, { action_type: 'marker', parameters: {} })).toBe('PREPARED');
  });

  it('for one account or one caller leaves all others on', async () => {
    await turnOff('twitch@account:1002');
    await waitForAll(isOff, { account_id: '1002' });
    expect(await rehearse(2)).toBe('PREPARED');
    // Also where it acts in the channel of another.
    expect(await rehearse(2, { actor_id: '1002' })).toBe('ACTION_DISABLED');
    await turnOff('twitch.chat_message@caller:flood/er');
    const flooder = tokenOf('flood/er');
    await eventually(() => rehearse(2, {}, flooder), isOff);
    expect(await rehearse(2)).toBe('PREPARED');
  });

  it('holds back what waits when its turn comes', async () => {
    const queued = await at(0).execute('rest', {
      ...SAY,
      run_at: new Date(Date.now() + 2_000).toISOString(),
    });
    expect(queued.status).toBe('SCHEDULED');
    const before = await sandbox.lastSeq();
    await turnOff('twitch.chat_message');
    const ended = await eventually(
      () => at(1).readStatus('grpc', queued.action_id),
      ({ status }) => status !== 'SCHEDULED' && status !== 'RUNNING',
    );
    expect(ended).toMatchObject({ status: 'REFUSED', failure: { code: 'ACTION_DISABLED' } });
    const sent = await sandbox.requestsSince(before);
    expect(sent.filter(({ path }) => path.endsWith('/chat/messages'))).toEqual([]);
  });

  it('goes back to its default when it is deleted, at all replicas', async () => {
    await turnOff('twitch');
    await waitForAll(isOff);
    const { status, body } = await flag('DELETE', 'twitch', undefined, { by: 2 });
    expect([status, body]).toMatchObject([200, { enabled: true, is_set: false, reason: '' }]);
    await waitForAll((found) => found === 'PREPARED');
    // A default may be off, and be switched on.
    const poll = { action_type: 'poll_end', parameters: { poll_id: 'p', status: 'ARCHIVED' } };
    expect(await rehearse(0, poll)).toBe('ACTION_DISABLED');
    expect((await flag('GET', 'twitch.polls')).body).toMatchObject({
      enabled: false,
      default: false,
      is_set: false,
    });
    await flag('PUT', 'twitch.polls', { enabled: true, reason: 'polls are paid for' });
    await waitForAll((found) => found === 'PREPARED', poll);
  });

  it('survives a restart', async () => {
    await turnOff('twitch.chat');
    const later = await TwoDoors.open({ ...sandbox.env, DATABASE_URL: database.url });
    replicas.push(later);
    try {
      // Its first action, before any notification.
      expect(await rehearse(3)).toBe('ACTION_DISABLED');
    } finally {
      replicas.pop();
      await later.close();
    }
  });

  it('never stands before the doors of admins', async () => {
    for (const platform of ['twitch', 'discord', 'youtube']) await turnOff(platform);
    for (const caller of ['tester', 'admin']) await turnOff(`twitch@caller:${caller}`);
    await waitForAll(isOff);
    for (const path of ['/api/v1/flags', '/api/v1/accounts', '/api/v1/catalog', '/api/v1/stats'])
      expect((await at(1).rest('GET', path)).status).toBe(200);
    expect((await flag('DELETE', 'twitch')).status).toBe(200);
  });
});

describe('the keys of flags', () => {
  it.each([
    ['twitch.chta', /no flag "twitch\.chta"\. Did you mean "twitch\.chat"\?/],
    ['twich', /Did you mean "twitch"\?/],
    ['twitch.chat_messages@account:1', /Did you mean "twitch\.chat_message"\?/],
    ['mastodon.toot', /A key is \* for everything/],
    ['Twitch Chat', /no key of a flag/],
    ['twitch@owner:x', /no key of a flag/],
  ])('%s is refused with what was meant', async (key, message) => {
    for (const answer of [await turnOff(key), await flag('GET', key), await flag('DELETE', key)])
      expect([answer.status, answer.body['detail']]).toEqual([400, expect.stringMatching(message)]);
  });

  it('take nothing but enabled and why', async () => {
    const answer = await flag('PUT', 'twitch', { enabled: 'perhaps' });
    expect(answer.status).toBe(400);
    expect(answer.body['detail']).toMatch(/enabled must be true or false.*reason is missing/);
  });

  it('are listed, every one', async () => {
    const { body } = await flag('GET', '');
    const keys = (body['flags'] as unknown as { key: string }[]).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['twitch', 'discord.messages', 'youtube.chat']));
    const { body: catalogue } = await at(0).rest('GET', '/api/v1/catalog');
    const actions = catalogue['actions'] as unknown as { platform: string; action_type: string }[];
    expect(keys).toEqual(
      expect.arrayContaining(
        actions.map(({ platform, action_type }) => `${platform}.${action_type}`),
      ),
    );
  });
});

describe('who may switch', () => {
  it('needs manage_flags', async () => {
    const token = tokenOf('bot', { permissions: ['execute_actions', 'read_audit'] });
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? { enabled: false, reason: 'x' } : undefined;
      expect((await flag(method, 'twitch', body, { token })).status).toBe(403);
    }
    expect((await flag('GET', '', undefined, { token })).status).toBe(403);
  });

  it('reaches no farther than the token', async () => {
    const permissions = ['manage_flags'];
    const ofPlatform = tokenOf('narrow', { permissions, platforms: ['discord'] });
    const off = { enabled: false, reason: 'x' };
    expect((await flag('PUT', 'twitch.chat', off, { token: ofPlatform })).status).toBe(403);
    expect((await flag('GET', 'twitch.chat', undefined, { token: ofPlatform })).status).toBe(403);
    const listed = (await flag('GET', '', undefined, { token: ofPlatform })).body['flags'];
    const platforms = (listed as unknown as { key: string }[]).map(
      ({ key }) => key.split(/[.@]/)[0],
    );
    expect([...new Set(platforms)]).toEqual(['discord']);
    const ofAccount = tokenOf('narrow', { permissions, accounts: ['1002'] });
    for (const key of ['twitch', 'twitch@account:1001', 'twitch@caller:other'])
      expect((await flag('PUT', key, off, { token: ofAccount })).status).toBe(403);
    expect((await flag('PUT', 'twitch@account:1002', off, { token: ofAccount })).status).toBe(200);
  });
});

describe('the history of a flag', () => {
  it('tells who switched it when and why, the newest first, in parts', async () => {
    const key = 'twitch.raids';
    for (const [enabled, reason] of [
      [false, 'first'],
      [true, 'second'],
      [false, 'third'],
    ] as const)
      await flag('PUT', key, { enabled, reason }, { token: tokenOf(`admin ${reason}`) });
    await callRest(at(0).gateway, 'DELETE', `/api/v1/flags/${key}?reason=fourth`);
    const path = `${key}/history`;
    const read = async (query: string): Promise<RestAnswer> =>
      callRest(at(1).gateway, 'GET', `/api/v1/flags/${path}${query}`);
    const first = await read('?limit=3');
    const entries = first.body['entries'] as unknown as { reason: string; details: object }[];
    expect(entries).toMatchObject([
      { kind: 'flag.changed', caller_id: 'tester', reason: 'fourth', details: { enabled: true } },
      { caller_id: 'admin third', reason: 'third', details: { enabled: false } },
      { caller_id: 'admin second', reason: 'second', details: { enabled: true } },
    ]);
    const rest = await read(`?limit=3&before=${String(first.body['next_cursor'])}`);
    expect(rest.body).toMatchObject({ entries: [{ reason: 'first' }], next_cursor: null });
    const foreign = await callRest(
      at(1).gateway,
      'GET',
      `/api/v1/flags/twitch.chat/history?before=${String(first.body['next_cursor'])}`,
    );
    expect(foreign.status).toBe(400);
  });
});
