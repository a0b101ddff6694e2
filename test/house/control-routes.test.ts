// Real: two gateway processes on one PostgreSQL, HTTP over sockets, the egress guard. Fake: Twitch, and the
// receiver of callbacks, at the wire.
import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { RestAnswer } from '../support/gateway.js';
import { DOORS, House, tokenOf, type TwoDoors } from '../support/two-doors.js';

const SECRET = randomBytes(32);

let house: House;
let another: TwoDoors;

beforeAll(async () => {
  house = await House.open({ CALLBACK_SECRETS: `whsec_${SECRET.toString('base64')}` });
  another = await house.openAnother({});
});

afterAll(() => house?.close());

const rest = (method: string, path: string, body?: unknown, token?: string): Promise<RestAnswer> =>
  house.doors.rest(method, `/api/v1${path}`, body, token === undefined ? {} : { token });

const say = { platform: 'twitch', action_type: 'chat_message', account_id: '1001' };
const hello = { ...say, parameters: { message: 'hello' } };

const make = async (id: string, more: object = {}): Promise<{ key: string }> => {
  const bounds = { permissions: ['execute_actions'], platforms: ['twitch'], ...more };
  const { status, body } = await rest('POST', '/callers', { id, ...bounds });
  expect(status).toBe(201);
  return { key: String(body['api_key']) };
};

const sendTest = (callback_url: string, token?: string): Promise<RestAnswer> =>
  rest('POST', '/callbacks/test', { callback_url }, token);

describe('a flag', () => {
  const path = '/flags/twitch.raids';

  it('has another version after each change, and none while it is not set', async () => {
    expect((await rest('GET', path)).body).toMatchObject({ version: 0, is_set: false });
    const first = await rest('PUT', path, { enabled: false, reason: 'one', if_version: 0 });
    const version = Number(first.body['version']);
    expect([first.status, version > 0]).toEqual([200, true]);
    const second = await rest('PUT', path, { enabled: true, reason: 'two', if_version: version });
    expect(second.status).toBe(200);
    expect(Number(second.body['version'])).toBeGreaterThan(version);
  });

  it('that has moved on is not overwritten, and tells who moved it', async () => {
    const { body: seen } = await rest('GET', path);
    const bob = tokenOf('bob');
    await rest('PUT', path, { enabled: false, reason: 'by bob' }, bob);
    const late = await rest('PUT', path, {
      enabled: true,
      reason: 'late',
      if_version: seen['version'],
    });
    expect([late.status, late.body['error']]).toEqual([
      409,
      expect.stringMatching(/bob switched it off at \d{4}-.*: by bob/),
    ]);
    expect((await rest('GET', path)).body).toMatchObject({ enabled: false, reason: 'by bob' });
    const gone = await rest('DELETE', `${path}?if_version=${String(seen['version'])}`);
    expect(gone.status).toBe(409);
    const fresh = await rest('PUT', path, { enabled: true, reason: 'new', if_version: 0 });
    expect(fresh.status).toBe(409);
  });

  it('is switched by one of two who saw the same', async () => {
    const { body } = await rest('GET', path);
    const switchIt = (reason: string): Promise<RestAnswer> =>
      rest('PUT', path, { enabled: false, reason, if_version: body['version'] });
    const answers = await Promise.all(['a', 'b', 'c'].map(switchIt));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  it('* switches every action off, at every replica, and reads too', async () => {
    const off = await rest('PUT', '/flags/*', { enabled: false, reason: 'stop it all' });
    expect([off.status, off.body]).toMatchObject([200, { key: '*', enabled: false }]);
    for (const door of DOORS) {
      expect(await house.doors.execute(door, hello)).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'ACTION_DISABLED' },
        error: expect.stringMatching(/switched off by the flag \*: stop it all/) as string,
      });
    }
    await eventually(
      () => another.execute('rest', hello),
      ({ failure }) => failure?.code === 'ACTION_DISABLED',
    );
    const { body: catalogue } = await rest('GET', '/catalog?view=summary');
    const actions = catalogue['actions'] as unknown as { enabled: boolean }[];
    expect(actions.some(({ enabled }) => enabled)).toBe(false);
    await rest('PUT', '/flags/*', { enabled: true, reason: 'go on' });
    expect(await house.doors.execute('rest', hello)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('* is switched by none who reach a part of the gateway alone', async () => {
    for (const bounds of [{ platforms: ['twitch'] }, { accounts: ['1001'] }, { owner: 'acme' }]) {
      const body = { enabled: false, reason: 'mine' };
      const { status } = await rest('PUT', '/flags/*', body, tokenOf('narrow', bounds));
      expect([bounds, status]).toEqual([bounds, 403]);
    }
    const { status } = await rest('PUT', '/flags/*.chat', { enabled: false, reason: 'x' });
    expect(status).toBe(400);
  });

  it('* is no action that a caller could be bound to', async () => {
    const body = { id: 'all', permissions: ['execute_actions'], actions: ['*'] };
    expect((await rest('POST', '/callers', body)).status).toBe(400);
  });
});

describe('PATCH of a caller', () => {
  it('changes what it names, leaves the rest, and ends a bound with null', async () => {
    await make('patched', { requests_per_minute: 50 });
    const { status, body } = await rest('PATCH', '/callers/patched', {
      accounts: ['1001'],
      requests_per_minute: null,
    });
    expect([status, body]).toMatchObject([
      200,
      {
        permissions: ['execute_actions'],
        platforms: ['twitch'],
        accounts: ['1001'],
        requests_per_minute: null,
      },
    ]);
    const wider = await rest('PATCH', '/callers/patched', { platforms: null });
    expect(wider.body).toMatchObject({ platforms: null, accounts: ['1001'] });
    const history = await rest('GET', '/callers/patched/history');
    const entries = history.body['entries'] as unknown as object[];
    expect(entries[0]).toMatchObject({ kind: 'caller.changed', caller_id: 'tester' });
  });

  it('gives nobody more than the asker has, and nobody changes itself', async () => {
    await make('small');
    const { key } = await make('helper', {
      permissions: ['execute_actions', 'manage_callers'],
    });
    const patch = (id: string, body: object): Promise<RestAnswer> =>
      rest('PATCH', `/callers/${id}`, body, key);
    expect((await patch('small', { accounts: ['1001'] })).status).toBe(200);
    for (const more of [{ platforms: null }, { permissions: ['read_audit'] }])
      expect([more, (await patch('small', more)).status]).toEqual([more, 403]);
    expect((await patch('helper', { permissions: ['execute_actions'] })).status).toBe(403);
    await make('bigger', { platforms: undefined });
    expect((await patch('bigger', { accounts: ['1001'] })).status).toBe(404);
    expect((await patch('nobody', {})).status).toBe(404);
  });

  it('of a tenant stays within the tenant', async () => {
    await make('foreign', { owner: 'globex' });
    const token = tokenOf('admin', { owner: 'acme' });
    expect((await rest('PATCH', '/callers/foreign', {}, token)).status).toBe(404);
  });

  it('names what is wrong', async () => {
    await make('wrong');
    for (const [body, says] of [
      [{ platforms: ['twich'] }, /there is no "twich".*twitch/],
      [{ expires_at: '2001-01-01T00:00:00Z' }, /expires_at lies in the past/],
      [{ requests_per_minute: 0 }, /requests_per_minute/],
    ] as const) {
      const answer = await rest('PATCH', '/callers/wrong', body);
      expect([answer.status, answer.body['error']]).toEqual([400, expect.stringMatching(says)]);
    }
  });
});

describe('a test delivery', () => {
  it('is signed as callbacks are, told, and written down without its address', async () => {
    const { status, body } = await sendTest(`${house.sandbox.url}/sandbox/callbacks?secret=abc`);
    expect([status, body]).toEqual([200, { delivered: true, status: 204, error: '' }]);
    const { callbacks } = await house.sandbox.control<{
      callbacks: { headers: Record<string, string>; body: string }[];
    }>('GET', '/sandbox/callbacks');
    const told = callbacks.find((one) => one.body.includes('"type":"test"'));
    const { headers = {}, body: text = '' } = told ?? {};
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
    expect(headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`,
    );
    const events = await rest('GET', '/audit/events?kind=callback.tested');
    expect(events.body['entries']).toMatchObject([
      { caller_id: 'tester', details: { delivered: true, status: 204 } },
    ]);
    expect(JSON.stringify(events.body)).not.toContain('abc');
  });

  it('that is refused says how', async () => {
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'POST', path: '/sandbox/callbacks' },
      times: 1,
      fault: { kind: 'status', status: 503 },
    });
    const { body } = await sendTest(`${house.sandbox.url}/sandbox/callbacks`);
    expect(body).toEqual({ delivered: false, status: 503, error: 'It answered 503' });
  });

  it('goes to no address inside, and to none without the permission', async () => {
    for (const url of ['https://10.0.0.1/x', 'http://example.com/x', 'ftp://example.com', 'x']) {
      const { status, body } = await sendTest(url);
      expect([url, status]).toEqual([url, 400]);
      expect(body['error']).toMatch(/^callback_url: /);
    }
    const token = tokenOf('reader', { permissions: ['read_audit'] });
    expect((await sendTest('https://example.com', token)).status).toBe(403);
  });

  it('is limited', async () => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => sendTest('x')));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
  });
});
