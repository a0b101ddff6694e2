// Real: the built gateway as processes, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ALL_SCOPES, DOORS, House, tokenOf, type TwoDoors } from '../support/two-doors.js';

const ASKS = { platform: 'twitch', action_type: 'get_channel' };

let house: House;
/** A gateway that keeps a row of each read. */
let auditing: TwoDoors;
let before = 0;

beforeAll(async () => {
  house = await House.open();
  auditing = await house.openAnother({ AUDIT_READS: 'true' });
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

/** The reads of one path since the beginning of the test. */
async function seen(path: string): Promise<number> {
  return (await house.helixSince(before)).filter((request) => request.path === path).length;
}

interface Listed {
  readonly items: readonly object[];
  readonly next_page_token?: string;
}

function readResult(body: object): Listed {
  return (body as { result_data: Listed }).result_data;
}

async function countRows(actionId: string): Promise<number> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM actions WHERE id = $1', [actionId]);
    return found.rowCount ?? 0;
  } finally {
    await client.end();
  }
}

describe('a read', () => {
  it.each(DOORS)('is answered over %s, and leaves no row in the log', async (door) => {
    const { id } = await house.addChannel();
    const outcome = await house.doors.execute(door, { ...ASKS, account_id: id });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { id } });
    expect(await countRows(outcome.action_id)).toBe(0);
    const { status } = await house.doors.rest('GET', `/api/v1/actions/${outcome.action_id}`);
    expect(status).toBe(404);
  });

  it('leaves one row where AUDIT_READS is set, also where it failed', async () => {
    const { id } = await house.addChannel();
    const found = await auditing.execute('rest', { ...ASKS, account_id: id });
    expect(await countRows(found.action_id)).toBe(1);
    const missing = await auditing.execute('grpc', { ...ASKS, parameters: { user_id: '999999' } });
    expect(missing).toMatchObject({ success: false, failure: { code: 'NOT_FOUND' } });
    expect(await countRows(missing.action_id)).toBe(1);
  });

  it('is refused with a row where the caller may not act', async () => {
    const token = tokenOf('reader', { permissions: ['view_stats'] });
    const outcome = await house.doors.execute('grpc', { ...ASKS, account_id: '1001' }, { token });
    expect(outcome.failure?.code).toBe('NOT_ALLOWED');
    expect(await countRows(outcome.action_id)).toBe(1);
  });

  it('is one request for many who ask the same at the same time', async () => {
    const { id } = await house.addChannel();
    await house.addFault({ kind: 'delay', ms: 300 }, { path: '/channels' });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        house.doors.execute(index % 2 ? 'grpc' : 'rest', { ...ASKS, account_id: id }),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'SUCCEEDED'));
    expect(new Set(outcomes.map(({ action_id }) => action_id)).size).toBe(40);
    expect(await seen('/channels')).toBe(1);
  });

  it('is asked again by those who wait, where the first reader has no more time', async () => {
    const { id } = await house.addChannel();
    await house.addFault({ kind: 'delay', ms: 1_500 }, { path: '/channels' });
    const impatient = house.doors.execute('grpc', { ...ASKS, account_id: id }, { deadlineMs: 600 });
    const patient = house.doors.execute('rest', { ...ASKS, account_id: id });
    expect(await patient).toMatchObject({ status: 'SUCCEEDED' });
    const first = await impatient.catch((error: unknown) => error);
    expect(first).not.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('is answered from memory for a while, and not after a write of the same account', async () => {
    const { id } = await house.addChannel();
    const ask = () => house.doors.execute('grpc', { ...ASKS, account_id: id });
    await ask();
    await ask();
    expect(await seen('/channels')).toBe(1);
    await house.doors.execute('grpc', {
      platform: 'twitch',
      action_type: 'update_title',
      account_id: id,
      parameters: { title: 'Seen by the next read' },
    });
    expect((await ask()).result_data).toMatchObject({ title: 'Seen by the next read' });
  });

  it('is not shared by tenants', async () => {
    const { id } = await house.addChannel();
    const envelope = { ...ASKS, parameters: { user_id: id } };
    await house.doors.execute('grpc', envelope, { token: tokenOf('one', { owner: 'tenant-one' }) });
    await house.doors.execute('grpc', envelope, { token: tokenOf('two', { owner: 'tenant-two' }) });
    expect(await seen('/channels')).toBe(2);
  });

  it('ignores an idempotency key: the same key reads again', async () => {
    const { id } = await house.addChannel();
    const envelope = { ...ASKS, account_id: id, idempotency_key: `read-${id}` };
    await house.doors.execute('grpc', envelope);
    expect(await house.doors.execute('grpc', envelope)).toMatchObject({
      status: 'SUCCEEDED',
      replayed: false,
    });
  });

  it('is queued with a row where it is for later', async () => {
    const { id } = await house.addChannel();
    const outcome = await house.doors.execute('rest', { ...ASKS, account_id: id, run_async: true });
    expect(outcome.status).toBe('QUEUED');
    const read = async () => (await house.doors.readStatus('grpc', outcome.action_id)).status;
    await eventually(read, (status) => status === 'SUCCEEDED');
  });

  it('shows its request in a dry run, and asks nothing', async () => {
    const outcome = await house.doors.execute('rest', {
      ...ASKS,
      account_id: '1001',
      dry_run: true,
    });
    expect(outcome.prepared).toMatchObject({ method: 'GET', cost: 1 });
    expect(await house.helixSince(before)).toEqual([]);
  });
});

describe('GET /api/v1/read', () => {
  it('takes the parameters from the address', async () => {
    const { id } = await house.addChannel();
    const path = `/api/v1/read/twitch/find_users?users=${id}&users=@demo_channel&request_id=r-1`;
    const { status, body } = await house.doors.rest('GET', path);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'SUCCEEDED', request_id: 'r-1' });
    const items = readResult(body).items as { id: string }[];
    expect(items.map((item) => item.id)).toEqual([id, '1001']);
  });

  it('reads one page, the next one, or all', async () => {
    const path = '/api/v1/read/twitch/search_categories?query=e';
    const page = await house.doors.rest('GET', `${path}&page_size=2`);
    const first = readResult(page.body);
    expect(first.items).toHaveLength(2);
    const next = await house.doors.rest(
      'GET',
      `${path}&page_size=2&page_token=${first.next_page_token}`,
    );
    const second = readResult(next.body);
    expect(second.items).toHaveLength(2);
    const all = await house.doors.rest('GET', `${path}&all=true`);
    const every = readResult(all.body);
    expect(every.items.slice(0, 4)).toEqual([...first.items, ...second.items]);
    expect(every.next_page_token).toBeUndefined();
  });

  it.each([
    ['find_users', 400, 'parameters.users'],
    ['find_users?users=1&colour=red', 400, 'parameters.colour'],
    ['get_channel', 400, 'parameters.user_id'],
    ['get_chanel?user_id=1', 404, 'Did you mean '],
    ['get_channel?user_id=@nobody_at_all', 400, 'parameters.user_id: names no user of Twitch'],
    ['get_channel?user_id=1001&actor_id=1002', 400, 'actor_id'],
  ])('refuses %s with %i and says why', async (rest, expected, words) => {
    const { status, body } = await house.doors.rest('GET', `/api/v1/read/twitch/${rest}`);
    expect([status, JSON.stringify(body)]).toEqual([expected, expect.stringContaining(words)]);
  });

  it('never writes', async () => {
    const path = '/api/v1/read/twitch/update_title?account_id=1001&title=Oops';
    const { status, body } = await house.doors.rest('GET', path);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('POST /api/v1/actions/execute');
    expect(await house.helixSince(before)).toEqual([]);
  });
});

/** A message that only the application may send. */
const inSourceOnly = (id: string) => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: id,
  parameters: { message: 'only here', for_source_only: true },
});

describe("the gateway's own token", () => {
  it('is got once, and again when Twitch no longer accepts it', async () => {
    const doors = await house.openAnother({});
    const { id } = await house.addChannel();
    const ask = (n: number) =>
      doors.execute('grpc', { ...ASKS, account_id: id, parameters: { user_id: String(1000 + n) } });
    const first = await Promise.all([ask(1), ask(2), ask(3), ask(4)]);
    expect(first.map(({ status }) => status)).toEqual(first.map(() => 'SUCCEEDED'));
    const exchanges = async () =>
      (await house.oauthSince(before)).filter((line) => line === 'POST /token').length;
    expect(await exchanges()).toBe(1);
    await house.addFault({ kind: 'status', status: 401, body: INVALID }, { path: '/channels' });
    const again = await doors.execute('grpc', { ...ASKS, parameters: { user_id: id } });
    expect(again.status).toBe('SUCCEEDED');
    expect(await exchanges()).toBe(2);
  });

  it('speaks for an account that consented, where only the application may', async () => {
    const id = await house.addUser();
    await house.connect(id, [...ALL_SCOPES, 'user:bot', 'channel:bot']);
    const outcome = await house.doors.execute('grpc', inSourceOnly(id));
    expect(outcome.error).toBe('');
    expect((await house.helixSince(before)).at(-1)).toMatchObject({
      path: '/chat/messages',
      who: 'app',
      body: { sender_id: id, for_source_only: true },
    });
  });

  it('speaks for no account that did not consent, and for none of another tenant', async () => {
    const { id } = await house.addChannel();
    const lacking = await house.doors.execute('grpc', inSourceOnly(id));
    expect(lacking).toMatchObject({ failure: { code: 'MISSING_SCOPE' } });
    expect(lacking.error).toContain('user:bot');
    const token = tokenOf('stranger', { owner: 'tenant-three' });
    const stranger = await house.doors.execute('rest', inSourceOnly(id), { token });
    expect(stranger).toMatchObject({ failure: { code: 'ACCOUNT_NOT_CONNECTED' } });
    expect(await seen('/chat/messages')).toBe(0);
  });

  it.each(['list_eventsub', 'list_conduits', 'delete_conduit'])(
    'does %s for operators alone, since it concerns every tenant',
    async (action_type) => {
      const parameters = action_type === 'delete_conduit' ? { conduit_id: 'x' } : {};
      const envelope = { platform: 'twitch', action_type, parameters };
      const token = tokenOf('tenant', { owner: 'tenant-three' });
      const outcome = await house.doors.execute('grpc', envelope, { token });
      expect(outcome).toMatchObject({ failure: { code: 'NOT_ALLOWED' } });
      expect(await house.helixSince(before)).toEqual([]);
    },
  );

  it('is not asked for by a dry run', async () => {
    const doors = await house.openAnother({});
    await doors.execute('grpc', { ...ASKS, account_id: '1001', dry_run: true });
    expect(await house.oauthSince(before)).toEqual([]);
  });
});

const INVALID = { error: 'Unauthorized', status: 401, message: 'Invalid OAuth token' };

/** The envelope of a ban of the user who is named. */
const ban = (user: object, more: object = {}) => ({
  platform: 'twitch',
  action_type: 'ban',
  account_id: '1001',
  parameters: { ...user, reason: 'a test' },
  ...more,
});

describe('a name in place of an id', () => {
  it.each(DOORS)('is found before the write, over %s', async (door) => {
    const viewer = await house.addUser();
    await house.connect('1001');
    const outcome = await house.doors.execute(door, ban({ user: `@USER_${viewer}` }));
    expect(outcome.status).toBe('SUCCEEDED');
    const sent = (await house.helixSince(before)).at(-1);
    expect(sent).toMatchObject({ path: '/moderation/bans', body: { data: { user_id: viewer } } });
  });

  it('is found once, and remembered', async () => {
    const viewer = await house.addUser();
    await house.connect('1001');
    await house.doors.execute('grpc', ban({ user_id: `@user_${viewer}` }));
    await house.doors.execute('grpc', {
      ...ban({}),
      action_type: 'unban',
      parameters: { user_id: `@user_${viewer}` },
    });
    expect(await seen('/users')).toBe(1);
  });

  it('is shown by a dry run, which asks nothing', async () => {
    await house.connect('1001');
    before = await house.sandbox.lastSeq();
    const outcome = await house.doors.execute(
      'rest',
      ban({ user: '@viewer_one' }, { dry_run: true }),
    );
    expect(outcome.prepared).toMatchObject({
      reads: [{ method: 'GET', url: expect.stringContaining('/users?login=viewer_one') }],
      body: { data: { user_id: '<id of @viewer_one>' } },
      cost: 2,
    });
    expect(await house.helixSince(before)).toEqual([]);
  });

  it.each([
    [{ user: '@nobody_at_all' }, 'parameters.user_id: names no user of Twitch'],
    [{ user: '@viewer_one', user_id: '2001' }, 'says the same as user_id: send one of the two'],
    [{ user_id: 'no such login' }, 'must be an id of digits, or a login such as'],
  ])('is refused as %j with the field, and nothing is written', async (user, words) => {
    await house.connect('1001');
    const outcome = await house.doors.execute('grpc', ban(user));
    expect(outcome.failure?.code).toBe('INVALID_INPUT');
    expect(`${outcome.error} ${JSON.stringify(outcome.failure)}`).toContain(words);
    expect(await seen('/moderation/bans')).toBe(0);
  });
});
