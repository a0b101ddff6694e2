// Real: the built gateway as processes, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { makeToken } from '../support/gateway.js';
import { readMetric, waitUntilStill } from '../support/metrics.js';
import { openRawStream } from '../support/raw-grpc.js';
import { ALL_SCOPES, type DoorName, DOORS, House, tokenOf } from '../support/two-doors.js';

let house: House;
let postgres: Client;

beforeAll(async () => {
  house = await House.open();
  postgres = new Client({ connectionString: house.database.url });
  await postgres.connect();
});

afterAll(async () => {
  await postgres?.end();
  await house?.close();
});

interface Expected {
  readonly status: string;
  readonly code: string | null;
}

interface Planned {
  readonly envelope: Record<string, unknown>;
  readonly expected: Expected;
}

const SUCCEEDED: Expected = { status: 'SUCCEEDED', code: null };
const refused = (code: string): Expected => ({ status: 'REFUSED', code });

/** A word that stands in every message and must stand nowhere in the log. */
const PRIVATE = 'pssst';

const say = (channel: string, text: string, more: object = {}): Record<string, unknown> => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: channel,
  parameters: { message: `${PRIVATE} ${text}` },
  ...more,
});

/** A hundred envelopes, good and bad ones in turn, each with what must become of it. */
function planMixed(door: DoorName, channel: string, narrow: string, viewer: string): Planned[] {
  const kinds: ((index: number) => Planned)[] = [
    (index) => ({ envelope: say(channel, String(index)), expected: SUCCEEDED }),
    (index) => ({
      envelope: say(channel, String(index), { actor_id: '4242' }),
      expected: refused('ACCOUNT_NOT_CONNECTED'),
    }),
    (index) => ({
      envelope: {
        ...say(channel, ''),
        parameters: { message: `${PRIVATE}${index} `.repeat(200) },
      },
      expected: refused('INVALID_INPUT'),
    }),
    (index) => ({
      envelope: {
        platform: 'twitch',
        action_type: 'update_title',
        account_id: channel,
        parameters: { title: `Title ${index}` },
        idempotency_key: `${door}-${index}`,
        priority: 'HIGH',
      },
      expected: SUCCEEDED,
    }),
    (index) => ({
      envelope: say(channel, String(index), { action_type: 'chat_mesage' }),
      expected: refused('UNKNOWN_ACTION'),
    }),
    (index) => ({
      envelope: say(narrow, String(index)),
      expected: refused('MISSING_SCOPE'),
    }),
    () => ({
      envelope: {
        platform: 'twitch',
        action_type: 'unban',
        account_id: channel,
        parameters: { user_id: viewer },
      },
      expected: refused('REFUSED'),
    }),
    (index) => ({
      envelope: say(channel, String(index), { dry_run: true }),
      expected: { status: 'PREPARED', code: null },
    }),
    () => ({ envelope: {}, expected: refused('INVALID_INPUT') }),
    (index) => ({
      envelope: say(channel, String(index), { credential_ref: 'vault/1' }),
      expected: refused('UNSUPPORTED'),
    }),
  ];
  return Array.from({ length: 100 }, (_empty, index) => {
    const planned = kinds[index % kinds.length]!(index);
    return { ...planned, envelope: { ...planned.envelope, request_id: `${door}-${index}` } };
  });
}

interface LogRow {
  readonly id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly caller_id: string;
  readonly door: string;
  readonly status: string;
  readonly code: string | null;
  readonly request_id: string;
  readonly idempotency_key: string | null;
  readonly priority: string;
  readonly sandbox: boolean;
  readonly attempts: number;
  readonly started: boolean;
  readonly finished: boolean;
  readonly parameters: Record<string, unknown>;
  readonly whole: string;
}

async function readRows(callerId: string): Promise<LogRow[]> {
  const { rows } = await postgres.query<LogRow>(
    `SELECT id, platform, action_type, account_id, actor_id, caller_id, door, status,
       failure->>'code' AS code, request_id, idempotency_key, priority, sandbox, attempts,
       started_at IS NOT NULL AS started, finished_at IS NOT NULL AS finished, parameters,
       actions::text AS whole
     FROM actions WHERE caller_id = $1`,
    [callerId],
  );
  return rows;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

describe('a batch of a hundred', () => {
  it.each(DOORS)('good and bad ones: answers in order, a row for each (%s)', async (door) => {
    const { id: channel } = await house.addChannel();
    const [narrow, viewer] = await Promise.all([house.addUser(), house.addUser()]);
    await house.connect(
      narrow,
      ALL_SCOPES.filter((scope) => scope !== 'user:write:chat'),
    );
    const planned = planMixed(door, channel, narrow, viewer);
    const caller = `batch-${door}`;
    const answer = await house.doors.batch(
      door,
      planned.map(({ envelope }) => envelope),
      { token: tokenOf(caller) },
    );

    const good = planned.filter(({ expected }) => expected.code === null).length;
    expect(answer).toMatchObject({
      total_count: 100,
      success_count: good,
      failure_count: 100 - good,
    });
    expect(
      answer.responses.map(({ request_id, status, success, failure }) => ({
        request_id,
        success,
        status,
        code: failure?.code ?? null,
      })),
    ).toEqual(
      planned.map(({ envelope, expected }) => ({
        request_id: envelope['request_id'],
        success: expected.code === null,
        ...expected,
      })),
    );

    const rows = new Map((await readRows(caller)).map((row) => [row.id, row]));
    expect(rows.size).toBe(100);
    for (const [index, { envelope, expected }] of planned.entries()) {
      const row = rows.get(answer.responses[index]!.action_id);
      // UNSUPPORTED and what came before it never reached the platform.
      const reached = expected.status === 'SUCCEEDED' || expected.code === 'REFUSED';
      expect(row).toMatchObject({
        platform: textOf(envelope['platform']),
        action_type: textOf(envelope['action_type']),
        account_id: textOf(envelope['account_id']),
        actor_id: textOf(envelope['actor_id'] ?? envelope['account_id']),
        caller_id: caller,
        door,
        ...expected,
        request_id: envelope['request_id'],
        idempotency_key: envelope['idempotency_key'] ?? null,
        priority: envelope['priority'] ?? 'NORMAL',
        sandbox: true,
        attempts: reached ? 1 : 0,
        started: reached,
        finished: true,
      });
      expect(row?.whole).not.toContain(PRIVATE);
    }

    const parametersOf = (index: number): unknown =>
      rows.get(answer.responses[index]!.action_id)?.parameters;
    expect(parametersOf(0)).toEqual({ message: '[redacted, 7 characters]' });
    expect(parametersOf(3)).toEqual({ title: 'Title 3' });
    expect(parametersOf(6)).toEqual({ user_id: viewer });
    // Of what nobody declared, nobody knows whether it is private.
    expect(parametersOf(4)).toEqual({});

    // What was said is said once, in the order of the batch, and nothing else is.
    const { chat, title } = await house.channel(channel);
    expect(chat.map(({ text }) => text)).toEqual(
      Array.from({ length: 10 }, (_empty, index) => `${PRIVATE} ${index * 10}`),
    );
    expect(title).toBe('Title 93');
  });

  it.each(DOORS)('of one chat, in order although one is slow (%s)', async (door) => {
    const { id: channel } = await house.addChannel();
    await house.addFault({ kind: 'delay', ms: 300 }, { path: '/chat/messages' });
    const texts = Array.from({ length: 100 }, (_empty, index) => String(index));
    const { success_count, responses } = await house.doors.batch(
      door,
      texts.map((text) => say(channel, text)),
    );
    expect(success_count).toBe(100);
    const { chat } = await house.channel(channel);
    expect(chat.map(({ text }) => text)).toEqual(texts.map((text) => `${PRIVATE} ${text}`));
    expect(responses.map(({ result_data }) => result_data['message_id'])).toEqual(
      chat.map(({ id }) => id),
    );
  });

  it.each(DOORS)('one slow chat does not hold up another (%s)', async (door) => {
    const [one, other] = await Promise.all([house.addChannel(), house.addChannel()]);
    await house.addFault({ kind: 'delay', ms: 1_000 }, { path: '/chat/messages' });
    const since = await house.sandbox.lastSeq();
    const { success_count } = await house.doors.batch(door, [say(one.id, 'a'), say(other.id, 'b')]);
    expect(success_count).toBe(2);
    // The sandbox logs a request when it answers it: the one that came first is overtaken.
    const seen = await house.helixSince(since);
    expect(seen.map(({ fault }) => fault)).toEqual([null, 'delay']);
  });

  it.each(DOORS)('the same key twice in one batch is carried out once (%s)', async (door) => {
    const { id: channel } = await house.addChannel();
    const envelope = say(channel, 'once', { idempotency_key: `twice-${door}` });
    const { responses } = await house.doors.batch(door, [envelope, envelope]);
    const [first, second] = responses;
    expect(first).toMatchObject({ status: 'SUCCEEDED', replayed: false });
    expect(second).toEqual({ ...first, replayed: true });
    expect((await house.channel(channel)).chat).toHaveLength(1);
  });
});

describe('StreamExecute', () => {
  it('answers 200 envelopes as they finish, pairs them and keeps each chat in order', async () => {
    const channels = await Promise.all(Array.from({ length: 4 }, () => house.addChannel()));
    const outcomes: GrpcOutcome[] = [];
    const stream = house.doors.grpc.stream((outcome) => outcomes.push(outcome));
    // One message is slow: other chats overtake it, its own chat waits.
    await house.addFault({ kind: 'delay', ms: 700 }, { path: '/chat/messages' });
    for (let index = 0; index < 200; index += 1) {
      const text = String(index);
      stream.send(say(channels[index % 4]!.id, text, { request_id: text }));
    }
    stream.finish();
    expect(await stream.ended).toBeUndefined();

    expect(outcomes).toHaveLength(200);
    expect(outcomes.every(({ status }) => status === 'SUCCEEDED')).toBe(true);
    const order = outcomes.map(({ request_id }) => Number(request_id));
    expect(new Set(order).size).toBe(200);
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    const said = new Map<unknown, string>();
    for (const [place, { id }] of channels.entries()) {
      const { chat } = await house.channel(id);
      expect(chat.map(({ text }) => text)).toEqual(
        Array.from({ length: 50 }, (_empty, index) => `${PRIVATE} ${index * 4 + place}`),
      );
      for (const { id: message, text } of chat) said.set(message, String(text));
    }
    for (const { request_id, result_data } of outcomes) {
      expect(said.get(result_data['message_id'])).toBe(`${PRIVATE} ${request_id}`);
    }
  });

  it('survives bad envelopes', async () => {
    const { id: channel } = await house.addChannel();
    const outcomes = new Map<string, GrpcOutcome>();
    const stream = house.doors.grpc.stream((outcome) => outcomes.set(outcome.request_id, outcome));
    stream.send({});
    stream.send({ request_id: 'platform', platform: 'myspace', action_type: 'poke' });
    stream.send(say(channel, 'x'.repeat(500), { request_id: 'long' }));
    stream.send(say('4242', 'hi', { request_id: 'stranger' }));
    stream.send(say(channel, 'good', { request_id: 'good' }));
    stream.finish();
    expect(await stream.ended).toBeUndefined();
    const codes = [...outcomes].map(([id, { failure }]) => [id, failure?.code ?? 'none']);
    expect(Object.fromEntries(codes)).toEqual({
      '': 'INVALID_INPUT',
      platform: 'UNKNOWN_ACTION',
      long: 'INVALID_INPUT',
      stranger: 'ACCOUNT_NOT_CONNECTED',
      good: 'none',
    });
  });

  it('loses no answer of a slow reader', async () => {
    const total = 2_000;
    const stream = openRawStream(house.doors.gateway.grpcAddress);
    // Nobody reads yet: the window of the stream fills up, and the gateway has to wait.
    for (let index = 0; index < total; index += 1) {
      stream.write(say('1001', 'x', { request_id: String(index), dry_run: true }));
    }
    stream.end();
    await waitUntilStill(() => readMetric(house.doors.gateway, 'gateway_actions_total'));
    const ids = await stream.readAll();
    expect(ids).toHaveLength(total);
    expect(new Set(ids).size).toBe(total);
    // Meanwhile it served others, and afterwards it does.
    const outcome = await house.doors.execute('grpc', say('1001', 'x', { dry_run: true }));
    expect(outcome.status).toBe('PREPARED');
  });

  it('cancelled by the client: what has not left never leaves', async () => {
    const { id: channel } = await house.addChannel();
    const caller = 'canceller';
    const since = await house.sandbox.lastSeq();
    await house.addFault({ kind: 'delay', ms: 1_000 }, { path: '/chat/messages' });
    const stream = house.doors.grpc.stream(() => undefined, { token: tokenOf(caller) });
    for (const text of ['leaves', 'waits for its turn', 'as well']) {
      stream.send(say(channel, text, { request_id: text }));
    }
    const isRunning = async (): Promise<boolean> =>
      (await readRows(caller)).some(({ status }) => status === 'RUNNING');
    await expect.poll(isRunning).toBe(true);
    stream.cancel();
    expect(await stream.ended).toMatchObject({ code: 'CANCELLED' });
    await expect
      .poll(async () =>
        (await readRows(caller)).map(({ status, request_id }) => [request_id, status]).toSorted(),
      )
      .toEqual([
        ['as well', 'CANCELLED'],
        ['leaves', 'SUCCEEDED'],
        ['waits for its turn', 'CANCELLED'],
      ]);
    expect(await house.helixSince(since)).toHaveLength(1);
  });

  it.each([
    ['no token', null],
    ['a wrong token', 'nonsense'],
    ['an expired token', makeToken({ exp: 1 })],
  ])('with %s there is no stream, and the gateway goes on serving', async (_name, token) => {
    const stream = house.doors.grpc.stream(() => undefined, { token });
    stream.send(say('1001', 'hi'));
    expect(await stream.ended).toMatchObject({ code: 'UNAUTHENTICATED', nothingSent: true });
    const outcome = await house.doors.execute('grpc', say('1001', 'x', { dry_run: true }));
    expect(outcome.status).toBe('PREPARED');
  });

  it('ends at a message that is too large; what came before it is carried out', async () => {
    const { id: channel } = await house.addChannel();
    const outcomes: GrpcOutcome[] = [];
    const stream = house.doors.grpc.stream((outcome) => outcomes.push(outcome));
    stream.send(say(channel, 'before', { request_id: 'before' }));
    await expect.poll(() => outcomes.length).toBe(1);
    stream.send(say(channel, 'x'.repeat(5_000_000)));
    expect(await stream.ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(outcomes).toMatchObject([{ request_id: 'before', status: 'SUCCEEDED' }]);
    expect((await house.channel(channel)).chat).toHaveLength(1);
    const outcome = await house.doors.execute('grpc', say('1001', 'x', { dry_run: true }));
    expect(outcome.status).toBe('PREPARED');
  });

  it('on SIGTERM ends with UNAVAILABLE, after all that was read is answered', async () => {
    const doors = await house.openAnother({});
    const { id: channel } = await house.addChannel();
    const outcomes: GrpcOutcome[] = [];
    const stream = doors.grpc.stream((outcome) => outcomes.push(outcome));
    await house.addFault({ kind: 'delay', ms: 1_000 }, { path: '/chat/messages' });
    for (const text of ['one', 'two', 'three']) {
      stream.send(say(channel, text, { request_id: text }));
    }
    await expect
      .poll(async () => (await readRows('tester')).some(({ status }) => status === 'RUNNING'))
      .toBe(true);
    // A stream that broke off earlier must not hold up the end.
    const broken = doors.grpc.stream(() => undefined);
    broken.send(say(channel, 'x'.repeat(5_000_000)));
    await broken.ended;
    const stopped = doors.gateway.stop('SIGTERM');
    // Comes too late: it must be answered nowhere and happen nowhere, or both.
    await doors.gateway.waitForLine(/SIGTERM: stopping/);
    stream.send(say(channel, 'late', { request_id: 'late' }));
    expect(await stream.ended).toMatchObject({ code: 'UNAVAILABLE', nothingSent: true });
    expect(await stopped).toBe(0);
    // It ended by itself, and not because its grace was over.
    expect(doors.gateway.output()).not.toMatch(/cutting the connections that are still open/);

    // Answered as done is what was said, in whatever order the answers came.
    const { chat } = await house.channel(channel);
    const said = chat.map(({ text }) => text);
    expect(said.slice(0, 3)).toEqual(['one', 'two', 'three'].map((text) => `${PRIVATE} ${text}`));
    const done = outcomes.filter(({ status }) => status === 'SUCCEEDED');
    const answered = done.map(({ request_id }) => `${PRIVATE} ${request_id}`);
    expect(answered.toSorted()).toEqual(said.toSorted());
  });
});
