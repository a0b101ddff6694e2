// Real: two gateway processes on one PostgreSQL, HTTP over sockets. Fake: Twitch, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { RestAnswer } from '../support/gateway.js';
import { House, tokenOf, type TwoDoors } from '../support/two-doors.js';

let house: House;
let another: TwoDoors;

beforeAll(async () => {
  house = await House.open();
  another = await house.openAnother({});
});

afterAll(() => house?.close());

const rest = (
  method: string,
  path: string,
  body?: unknown,
  token?: string,
  by = house.doors,
): Promise<RestAnswer> =>
  by.rest(method, `/api/v1${path}`, body, token === undefined ? {} : { token });

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

const say = (more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'hello' },
  ...more,
});

const execute = async (more: object = {}, token?: string): Promise<string> =>
  (await house.doors.execute('rest', say(more), { token })).action_id;

const statusOf = async (id: string): Promise<string> =>
  (await house.doors.readStatus('rest', id)).status;

interface Line {
  readonly line: string;
  readonly waiting: number;
  readonly next_at: string | null;
  readonly paused: boolean;
}

const listLines = async (token?: string, query = ''): Promise<Line[]> => {
  const { status, body } = await rest('GET', `/queue/lines${query}`, undefined, token);
  expect(status).toBe(200);
  return body['lines'] as unknown as Line[];
};

const setLine = (line: string, body: object, token?: string): Promise<RestAnswer> =>
  rest('PUT', `/queue/lines/${encodeURIComponent(line)}`, body, token);

const listEvents = async (kind: string): Promise<Record<string, unknown>[]> => {
  const { body } = await rest('GET', `/audit/events?kind=${kind}`);
  return body['entries'] as unknown as Record<string, unknown>[];
};

describe('moving a scheduled action', () => {
  it('gives it another time, and says who did', async () => {
    const id = await execute({ run_at: inHours(1) });
    const run_at = inHours(2);
    const { status, body } = await rest('PATCH', `/actions/${id}`, { run_at });
    expect([status, body['status']]).toEqual([200, 'SCHEDULED']);
    const read = await rest('GET', `/actions/${id}`);
    expect(read.body['action']).toMatchObject({ run_at });
    expect(await listEvents('action.moved')).toMatchObject([
      { caller_id: 'tester', subject: `action/${id}`, details: { to: run_at } },
    ]);
  });

  it('to a time that comes carries it out', async () => {
    const id = await execute({ run_at: inHours(1) });
    const soon = new Date(Date.now() + 1_500).toISOString();
    expect((await rest('PATCH', `/actions/${id}`, { run_at: soon })).status).toBe(200);
    await eventually(
      () => statusOf(id),
      (status) => status === 'SUCCEEDED',
    );
  });

  it('is refused once it is over, for a time that is gone, and for what is not one’s own', async () => {
    const done = await execute();
    const over = await rest('PATCH', `/actions/${done}`, { run_at: inHours(1) });
    expect([over.status, over.body['error']]).toEqual([
      409,
      `Only a scheduled action can be moved; action ${done} is SUCCEEDED`,
    ]);
    const id = await execute({ run_at: inHours(1) });
    for (const [run_at, says] of [
      [inHours(-1), /run_at: lies in the past/],
      [inHours(24 * 400), /run_at: lies more than a year ahead/],
      ['tomorrow', /run_at must be an RFC 3339 time/],
    ] as const) {
      const { status, body } = await rest('PATCH', `/actions/${id}`, { run_at });
      expect([status, body['error']]).toEqual([400, expect.stringMatching(says)]);
    }
    const body = { run_at: inHours(2) };
    const stranger = tokenOf('stranger', { owner: 'globex' });
    expect((await rest('PATCH', `/actions/${id}`, body, stranger)).status).toBe(404);
    const reader = tokenOf('reader', { permissions: ['read_audit'] });
    expect((await rest('PATCH', `/actions/${id}`, body, reader)).status).toBe(403);
  });
});

describe('a line', () => {
  it('that is paused waits at every replica until it goes on', async () => {
    const first = await execute({ run_at: inHours(1), account_id: '1002' });
    const found = (await listLines()).find(({ line }) => line.includes('1002')) as Line;
    expect(found).toMatchObject({ waiting: 1, paused: false });
    const paused = await setLine(found.line, { paused: true, reason: 'calm down' });
    expect([paused.status, paused.body]).toMatchObject([
      200,
      { line: found.line, paused: true, reason: 'calm down', paused_by: 'tester' },
    ]);
    const id = await execute({ run_async: true, account_id: '1002' });
    const other = await execute({ run_async: true, account_id: '1001' });
    await eventually(
      () => statusOf(other),
      (status) => status === 'SUCCEEDED',
    );
    expect(await statusOf(id)).toBe('QUEUED');
    expect((await listLines()).find(({ line }) => line === found.line)).toMatchObject({
      waiting: 2,
      paused: true,
    });
    const body = { paused: false };
    const path = `/queue/lines/${encodeURIComponent(found.line)}`;
    expect((await rest('PUT', path, body, undefined, another)).status).toBe(200);
    await eventually(
      () => statusOf(id),
      (status) => status === 'SUCCEEDED',
    );
    expect(await statusOf(first)).toBe('SCHEDULED');
    expect(await listEvents('line.paused')).toMatchObject([
      { caller_id: 'tester', subject: `line/${found.line}`, reason: 'calm down' },
    ]);
    expect(await listEvents('line.resumed')).toMatchObject([{ subject: `line/${found.line}` }]);
  });

  it('of another tenant is not seen and not paused', async () => {
    await execute({ run_at: inHours(1), account_id: '1002' });
    const token = tokenOf('stranger', { owner: 'globex' });
    expect(await listLines(token)).toEqual([]);
    const { line } = (await listLines()).find((one) => one.line.includes('1002')) as Line;
    expect((await setLine(line, { paused: true }, token)).status).toBe(404);
    const narrowed = tokenOf('narrow', { accounts: ['1001'] });
    expect((await listLines(narrowed)).some((one) => one.line === line)).toBe(false);
    expect((await setLine(line, { paused: true }, narrowed)).status).toBe(404);
  });

  it('with actions of others is paused by none who does not reach them all', async () => {
    await execute({ run_at: inHours(1), account_id: '1002' });
    const own = tokenOf('own', { permissions: ['execute_actions'] });
    await execute({ run_at: inHours(1), account_id: '1002' }, own);
    const { line, waiting } = (await listLines(own)).find((one) =>
      one.line.includes('1002'),
    ) as Line;
    expect(waiting).toBe(1);
    expect((await setLine(line, { paused: true }, own)).status).toBe(403);
    expect((await setLine('no such line', { paused: true })).status).toBe(404);
  });

  it('is listed page by page', async () => {
    await execute({ run_at: inHours(1), account_id: '1001' });
    const all = await listLines();
    expect(all.length).toBeGreaterThan(1);
    const page = await rest('GET', '/queue/lines?limit=1');
    const cursor = encodeURIComponent(String(page.body['next_cursor']));
    expect([
      ...(page.body['lines'] as unknown as Line[]),
      ...(await listLines(undefined, `?cursor=${cursor}`)),
    ]).toEqual(all);
  });
});

describe('batches', () => {
  it('are listed with their progress, the latest first, as far as one reaches', async () => {
    const send = async (count: number, token?: string): Promise<string> => {
      const actions = Array.from({ length: count }, () => say());
      const { body } = await rest('POST', '/actions/batch', { actions }, token);
      return String(body['batch_id']);
    };
    const [one, two] = [await send(1), await send(2)];
    const own = tokenOf('own', { permissions: ['execute_actions'] });
    const three = await send(3, own);
    const { status, body } = await rest('GET', '/batches?limit=2');
    expect([status, body['batches']]).toMatchObject([
      200,
      [
        { batch_id: three, total: 3, finished: 3, progress: 1, by_status: { SUCCEEDED: 3 } },
        { batch_id: two, total: 2, created_at: expect.stringMatching(/Z$/) as string },
      ],
    ]);
    const next = await rest('GET', `/batches?limit=2&cursor=${String(body['next_cursor'])}`);
    expect(next.body).toMatchObject({ batches: [{ batch_id: one }], next_cursor: '' });
    const mine = await rest('GET', '/batches', undefined, own);
    expect(mine.body['batches']).toMatchObject([{ batch_id: three }]);
    expect((await rest('GET', '/batches?cursor=x')).status).toBe(400);
  });
});

describe('replicas', () => {
  it('are listed to those who see the whole gateway', async () => {
    const { status, body } = await rest('GET', '/replicas');
    const replicas = body['replicas'] as unknown as Record<string, unknown>[];
    expect(status).toBe(200);
    expect(replicas).toHaveLength(2);
    const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
    for (const replica of replicas)
      expect(replica).toMatchObject({ version: '0.1.0', seen_at: time, started_at: time });
    expect(replicas.filter(({ is_this }) => is_this)).toHaveLength(1);
    const narrowed = tokenOf('narrow', { owner: 'globex' });
    expect((await rest('GET', '/replicas', undefined, narrowed)).status).toBe(403);
  });
});
