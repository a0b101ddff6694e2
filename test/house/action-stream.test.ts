// Real: two gateway processes with their sandbox on one PostgreSQL, SSE and gRPC over sockets.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../support/browser-session.js';
import { createDatabase } from '../support/database.js';
import { EventStream, type ServerEvent } from '../support/event-stream.js';
import { eventually } from '../support/eventually.js';
import { callRest, type GatewayProcess, makeToken, startGateway } from '../support/gateway.js';
import { GrpcClient, type WatchedEvent } from '../support/grpc-client.js';

const PATH = '/api/v1/actions/stream';
const ENV = { SANDBOX: 'true', CALLER_REQUESTS_PER_MINUTE: '100000' };

let database: Awaited<ReturnType<typeof createDatabase>>;
let sql: Client;
let one: GatewayProcess;
let other: GatewayProcess;

beforeAll(async () => {
  database = await createDatabase();
  one = await startGateway({ ...ENV, DATABASE_URL: database.url });
  other = await startGateway({ ...ENV, DATABASE_URL: database.url });
  sql = new Client({ connectionString: database.url });
  await sql.connect();
});

afterAll(async () => {
  await sql?.end();
  await Promise.all([one?.stop(), other?.stop()]);
  await database?.drop();
});

interface Opened {
  readonly at?: GatewayProcess;
  readonly token?: string;
  readonly query?: string;
  readonly lastEventId?: string;
}

const open = ({ at = one, token = makeToken(), query = '', lastEventId }: Opened = {}) =>
  EventStream.open(at.restUrl + PATH + query, { authorization: `Bearer ${token}` }, lastEventId);

/** Carries out an action. @returns its id */
async function act(more: object = {}, at = one, token?: string): Promise<string> {
  const envelope = {
    platform: 'twitch',
    action_type: 'chat_message',
    account_id: '1001',
    parameters: { message: 'hi' },
    ...more,
  };
  const options = token === undefined ? {} : { token };
  const { body } = await callRest(at, 'POST', '/api/v1/actions/execute', envelope, options);
  return body['action_id'] as unknown as string;
}

const isEnd =
  (id: string, status = 'SUCCEEDED') =>
  ({ data }: ServerEvent): boolean =>
    (data['action_id'] as unknown) === id && (data['status'] as unknown) === status;

const idOf = ({ data }: ServerEvent): unknown => data['action_id'];

/** $1 the beginning of ids, $2 an account, $3 how many rows. */
const INSERT_ROWS = `
  INSERT INTO actions (id, platform, action_type, account_id, actor_id, effect, status, caller_id, door,
    sandbox, received_at)
  SELECT ($1::text || to_char(n, 'FM000000000000'))::uuid, 'twitch', 'chat_message', $2::text, $2::text, 'create',
    'SUCCEEDED', 'tester', 'rest', true, now() FROM generate_series(0, $3::int - 1) n`;

const beginId = (number: number): string =>
  `${Date.now()
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-')}-7${String(number).padStart(3, '0')}-8000-`;

describe('a stream', () => {
  it('tells what happens at another replica, and nothing of before', async () => {
    const before = await act();
    const stream = await open();
    expect([stream.status, stream.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    expect(await stream.next()).toMatchObject({ event: 'ready' });
    const id = await act({ request_id: 'r-1' }, other);
    const told = await stream.until(isEnd(id));
    expect(told.map(idOf)).not.toContain(before);
    const { event, data } = told.at(-1) as ServerEvent;
    expect(event).toBe('action');
    expect(data).toMatchObject({
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      request_id: 'r-1',
      caller_id: 'tester',
      door: 'rest',
      attempts: 1,
      received_at: expect.any(String) as string,
      finished_at: expect.any(String) as string,
    });
    expect(data).not.toHaveProperty('parameters');
    stream.close();
  });

  it('tells each state of an action that waits', async () => {
    const stream = await open();
    const far = new Date(Date.now() + 3_600_000).toISOString();
    const id = await act({ run_at: far });
    await stream.until(isEnd(id, 'SCHEDULED'));
    await callRest(other, 'DELETE', `/api/v1/actions/${id}`);
    const told = await stream.until(isEnd(id, 'CANCELLED'));
    expect(told.map(idOf)).toContain(id);
    stream.close();
  });

  it('has what fits its filters alone, and no reads', async () => {
    const stream = await open({
      query: '?platform=twitch&account_id=1002&status=SUCCEEDED,FAILED',
    });
    await act({ action_type: 'get_channel', parameters: {}, account_id: '1002' });
    await act({ account_id: '1001' });
    const id = await act({ account_id: '1002' });
    const [first] = await stream.take(1);
    expect(first && isEnd(id)(first)).toBe(true);
    stream.close();
  });

  it('has what its caller reaches alone', async () => {
    const claims = { permissions: ['execute_actions'] };
    const [mine, theirs] = [
      makeToken({ sub: 'mine', ...claims }),
      makeToken({ sub: 'theirs', ...claims }),
    ];
    const stream = await open({ token: mine });
    await act({}, one, theirs);
    const id = await act({}, other, mine);
    for (const event of await stream.until(isEnd(id)))
      expect([undefined, 'mine']).toContain(event.data['caller_id']);
    stream.close();
  });

  it.each(['abc', '1', '1-x', '0-0', '1-00000000-0000-0000-0000-00000000000g'])(
    'refuses "%s" as a last event',
    async (lastEventId) => {
      const refused = await callRest(one, 'GET', PATH, undefined, {
        headers: { 'last-event-id': lastEventId },
      });
      expect([refused.status, refused.body['error']]).toMatchObject([
        400,
        expect.stringMatching(/last event id/),
      ]);
    },
  );

  it('answers HEAD', async () => {
    const answer = await fetch(one.restUrl + PATH, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${makeToken()}` },
    });
    expect(answer.status).toBe(200);
  });
});

describe('after a cut', () => {
  it('goes on at another replica and after a restart, with nothing left out and nothing twice', async () => {
    const third = await startGateway({ ...ENV, DATABASE_URL: database.url });
    const stream = await open({ at: third, query: '?account_id=1003&status=SUCCEEDED' });
    const first = await act({ account_id: '1003' });
    const [event] = await stream.take(1);
    expect(event && idOf(event)).toBe(first);
    stream.close();
    await third.stop();
    const missed: string[] = [];
    for (let count = 0; count < 5; count += 1)
      missed.push(await act({ account_id: '1003' }, count % 2 === 0 ? one : other));
    const fourth = await startGateway({ ...ENV, DATABASE_URL: database.url });
    const again = await open({
      at: fourth,
      query: '?account_id=1003&status=SUCCEEDED',
      lastEventId: stream.lastId,
    });
    expect((await again.take(5)).map(idOf)).toEqual(missed);
    const next = await act({ account_id: '1003' });
    const [last] = await again.take(1);
    expect(last && idOf(last)).toBe(next);
    again.close();
    await fourth.stop();
  });

  it('says so when its last event is of another database', async () => {
    const stream = await open({
      lastEventId: '999999999999-00000000-0000-0000-0000-000000000000',
    });
    expect(await stream.next()).toMatchObject({ event: 'reset' });
    const id = await act();
    await stream.until(isEnd(id));
    stream.close();
  });
});

describe('a change that commits late', () => {
  it('is told, in its order, although a later one was committed before', async () => {
    const stream = await open({ query: '?account_id=1004' });
    await stream.next();
    const late = new Client({ connectionString: database.url });
    await late.connect();
    const [first, second, third] = [beginId(1), beginId(2), beginId(3)];
    await late.query('BEGIN');
    await late.query(INSERT_ROWS, [first, '1004', 1]);
    await sql.query(INSERT_ROWS, [second, '1004', 1]);
    await sql.query(INSERT_ROWS, [third, '1004', 1]);
    const position = stream.lastId;
    // The others are not told before it: who has read them would never look for it.
    const seen: unknown[] = [];
    const reading = stream.take(3).then((events) => events.map(idOf));
    void reading.then((ids) => seen.push(...ids));
    await act({ account_id: '1001' });
    const told = [...seen, stream.lastId];
    await late.query('COMMIT');
    await late.end();
    expect(told).toEqual([position]);
    expect(await reading).toEqual([first, second, third].map((id) => `${id}000000000000`));
    stream.close();
  });
});

describe('a reader that is slow', () => {
  it('gets all in the end, and costs no memory meanwhile', async () => {
    const stream = await open({ query: '?account_id=1005' });
    await stream.next();
    const many = 6_000;
    await sql.query(INSERT_ROWS, [beginId(5), '1005', many]);
    // Nothing is read before the gateway has met the end of what a reader may leave unread.
    await act();
    const fast = await open({ query: '?account_id=1001' });
    const id = await act();
    await fast.until(isEnd(id));
    const told = await stream.take(many);
    expect(new Set(told.map(idOf)).size).toBe(many);
    expect(told.map(idOf)).toEqual(told.map(idOf).toSorted());
    stream.close();
    fast.close();
  });
});

const makeKey = async (id: string): Promise<string> => {
  const body = { id, permissions: ['read_audit'] };
  return (await callRest(one, 'POST', '/api/v1/callers', body)).body[
    'api_key'
  ] as unknown as string;
};

describe('a stream ends soon after the right of its reader', () => {
  it('when its caller is revoked, at both doors', async () => {
    const key = await makeKey('reader');
    const stream = await open({ token: key });
    const grpc = new GrpcClient(one.grpcAddress);
    const events: WatchedEvent[] = [];
    const watch = grpc.watch({}, (event) => events.push(event), { token: key });
    await eventually(
      () => events.length,
      (count) => count > 0,
    );
    expect((await callRest(other, 'DELETE', '/api/v1/callers/reader')).status).toBe(204);
    const told = await stream.until(({ event }) => event === 'end');
    expect(told.at(-1)?.data['error']).toMatch(/Invalid API key/);
    expect(await stream.next()).toBeUndefined();
    expect(await watch.ended).toMatchObject({ code: 'UNAUTHENTICATED', nothingSent: true });
    grpc.close();
  });

  it('when its session is ended', async () => {
    const session = await signIn(one, { key: await makeKey('watcher') });
    const stream = await EventStream.open(other.restUrl + PATH, { cookie: session.cookie });
    expect(await stream.next()).toMatchObject({ event: 'ready' });
    await session.ask('DELETE', '/api/v1/session');
    const told = await stream.until(({ event }) => event === 'end');
    expect(told.at(-1)?.data['error']).toMatch(/session has ended/);
  });
});

describe('WatchActions', () => {
  it('tells the same, and goes on after an event of the other door', async () => {
    const grpc = new GrpcClient(other.grpcAddress);
    const stream = await open({ query: '?account_id=1001' });
    const { id: lastEventId } = (await stream.next()) ?? { id: '' };
    const missed = await act();
    await stream.until(isEnd(missed));
    const events: WatchedEvent[] = [];
    const request = { last_event_id: lastEventId, account_id: '1001', status: ['SUCCEEDED'] };
    const watch = grpc.watch(request, (event) => events.push(event));
    const next = await act();
    await eventually(
      () => events.filter(({ kind }) => kind === 'ACTION').map(({ action }) => action?.action_id),
      (ids) => ids.includes(missed) && ids.includes(next),
    );
    expect(events[0]).toMatchObject({ kind: 'READY', action: null });
    expect(events[1]).toMatchObject({
      kind: 'ACTION',
      action: {
        action_id: missed,
        status: 'SUCCEEDED',
        batch_id: '',
        failure: null,
        finished_at: { seconds: expect.any(Number) as number },
      },
    });
    watch.cancel();
    expect(await watch.ended).toMatchObject({ code: 'CANCELLED' });
    stream.close();
    grpc.close();
  });

  it('refuses a last event that is none', async () => {
    const grpc = new GrpcClient(one.grpcAddress);
    const watch = grpc.watch({ last_event_id: 'x' }, () => undefined);
    expect(await watch.ended).toMatchObject({ code: 'INVALID_ARGUMENT', nothingSent: true });
    grpc.close();
  });
});

describe('a gateway that stops', () => {
  it('ends its streams at once, with their last event', async () => {
    const third = await startGateway({ ...ENV, DATABASE_URL: database.url });
    const stream = await open({ at: third });
    await stream.next();
    const stopped = third.stop();
    expect(await stream.until(({ event }) => event === 'end')).toMatchObject([
      { data: { error: 'The gateway is stopping' }, id: stream.lastId },
    ]);
    expect(await stopped).toBe(0);
  });
});
