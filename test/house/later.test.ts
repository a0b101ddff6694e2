// Real: gateway processes on one PostgreSQL, both doors. Fake: Twitch and Discord, at the wire.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEMO_CHANNEL } from '../../src/platforms/discord/simulation/seed.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { callRest, makeToken } from '../support/gateway.js';
import { encodeEnvelope, type GrpcOutcome } from '../support/grpc-client.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { DOORS, type DoorName, TwoDoors } from '../support/two-doors.js';

// Several of these wait for leases and pauses of the gateway, which a busy machine makes longer.
vi.setConfig({ testTimeout: 120_000 });

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let doors: TwoDoors;
let opened: TwoDoors[] = [];

const open = async (env: Record<string, string> = {}): Promise<TwoDoors> => {
  const more = await TwoDoors.open({ ...sandbox.env, DATABASE_URL: database.url, ...env });
  opened.push(more);
  return more;
};

/** A gateway that outlives a test. */
const openDeduping = (): Promise<TwoDoors> =>
  TwoDoors.open({ ...sandbox.env, DATABASE_URL: database.url, DEDUPE_WINDOW_MS: '60000' });

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  doors = await open();
});

beforeEach(async () => {
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterEach(async () => {
  const [first, ...others] = opened;
  opened = first ? [first] : [];
  await Promise.all(others.map((other) => other.close()));
});

afterAll(async () => {
  await Promise.all(opened.map((other) => other.close()));
  await sandbox?.close();
  await database?.drop();
});

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  ...more,
});

const post = (content: string, more: object = {}): object => ({
  platform: 'discord',
  action_type: 'send_message',
  parameters: { channel_id: DEMO_CHANNEL, content },
  ...more,
});

/** A time some milliseconds from now, in the form of a door. */
const soon = (door: DoorName, ms: number): unknown => {
  const at = Date.now() + ms;
  const seconds = Math.floor(at / 1_000);
  return door === 'grpc'
    ? { seconds, nanos: (at % 1_000) * 1_000_000 }
    : new Date(at).toISOString();
};

/** What an action has become in the end. */
const ended = (actionId: string, by = doors): Promise<GrpcOutcome> =>
  eventually(
    () => by.readStatus('grpc', actionId),
    ({ status }) => !['QUEUED', 'SCHEDULED', 'RUNNING'].includes(status),
  );

/** The messages that got to a platform and were taken there, in order. */
async function listTaken(prefix: string): Promise<string[]> {
  const seen = await sandbox.requestsSince(0);
  return seen
    .filter(({ acted }) => acted)
    .flatMap(({ body }) => {
      const { message, content } = (body ?? {}) as { message?: string; content?: string };
      const text = message ?? content ?? '';
      return text.startsWith(prefix) ? [text] : [];
    });
}

const fault = (path: string, given: object, times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { method: 'POST', path },
    times,
    fault: given,
  });

const CHAT = '/twitch/helix/chat/messages';

describe('run_async', () => {
  it.each(DOORS)('is answered QUEUED at once, and carried out (%s)', async (door) => {
    const text = `async over ${door}`;
    const queued = await doors.execute(door, say(text, { run_async: true, request_id: 'r1' }));
    expect(queued).toMatchObject({
      success: true,
      status: 'QUEUED',
      message: 'Action chat_message queued',
      request_id: 'r1',
      failure: null,
      replayed: false,
    });
    expect(await ended(queued.action_id)).toMatchObject({
      success: true,
      status: 'SUCCEEDED',
      request_id: 'r1',
      result_data: { message_id: expect.any(String) as string },
    });
    expect(await listTaken(text)).toEqual([text]);
  });

  it('is refused at once for what could never be carried out', async () => {
    const cases: readonly [object, string][] = [
      [say('', { run_async: true }), 'INVALID_INPUT'],
      [say('x', { run_async: true, account_id: '987654' }), 'ACCOUNT_NOT_CONNECTED'],
      [say('x', { run_async: true, action_type: 'chat_massage' }), 'UNKNOWN_ACTION'],
    ];
    for (const [envelope, code] of cases)
      expect(await doors.execute('grpc', envelope)).toMatchObject({ failure: { code } });
  });

  it('keeps the order of arrival in a chat, whatever the platform needs for each', async () => {
    await fault(CHAT, { kind: 'delay', ms: 300 });
    const texts = Array.from({ length: 20 }, (_, n) => `in order ${String(n).padStart(2, '0')}`);
    const { responses } = await doors.batch(
      'rest',
      texts.map((text) => say(text, { run_async: true })),
    );
    for (const { action_id } of responses) await ended(action_id);
    expect(await listTaken('in order')).toEqual(texts);
  });

  it('waits until a platform that is down is back, without a second effect', async () => {
    await fault(CHAT, { kind: 'status', status: 503, headers: { 'retry-after': '0' } }, 5);
    const queued = await doors.execute('grpc', say('patient', { run_async: true }));
    expect(await ended(queued.action_id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await listTaken('patient')).toEqual(['patient']);
  });

  it('waits for the window of a limit instead of failing', async () => {
    const texts = ['limited 1', 'limited 2', 'limited 3'];
    const { responses } = await doors.batch(
      'grpc',
      texts.map((message) => ({
        platform: 'twitch',
        action_type: 'announcement',
        account_id: '1001',
        parameters: { message },
        run_async: true,
      })),
    );
    for (const { action_id } of responses)
      expect(await ended(action_id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await listTaken('limited')).toEqual(texts);
  });

  it('is not tried again when it may have happened', async () => {
    await fault(CHAT, { kind: 'reset', when: 'after' });
    const queued = await doors.execute('grpc', say('in doubt', { run_async: true }));
    expect(await ended(queued.action_id)).toMatchObject({
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN' },
    });
    expect(await listTaken('in doubt')).toEqual(['in doubt']);
  });

  it('answers a repeat with its key: queued, then what came of it', async () => {
    await fault(CHAT, { kind: 'delay', ms: 500 });
    const blocker = await doors.execute('grpc', say('first in line', { run_async: true }));
    const keyed = say('second in line', { run_async: true, idempotency_key: 'queued-key' });
    const first = await doors.execute('grpc', keyed);
    const again = await doors.execute('rest', keyed);
    expect(again).toEqual({ ...first, replayed: true });
    await ended(blocker.action_id);
    const final = await ended(first.action_id);
    expect(await doors.execute('grpc', keyed)).toMatchObject({
      status: 'SUCCEEDED',
      replayed: true,
      action_id: first.action_id,
      result_data: final.result_data,
    });
    expect(
      await doors.execute('grpc', say('other', { idempotency_key: 'queued-key' })),
    ).toMatchObject({ failure: { code: 'KEY_REUSED' } });
    expect(await listTaken('second in line')).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('answers what fits the deadline, hands over the rest, and shows its progress', async () => {
    await fault(CHAT, { kind: 'delay', ms: 3_500 });
    const slow = Array.from({ length: 3 }, (_, n) => say(`handed over ${n}`, { run_async: true }));
    const quick = post('handed over quick', { run_async: true });
    const answer = (await doors.grpc.call(
      'BatchExecute',
      { actions: [...slow, quick].map(encodeEnvelope) },
      { deadlineMs: 2_000 },
    )) as { responses: { status: string; action_id: string }[]; batch_id: string };
    expect(answer).toMatchObject({ total_count: 4, success_count: 4, failure_count: 0 });
    expect(answer.responses.map(({ status }) => status)).toEqual([
      'QUEUED',
      'QUEUED',
      'QUEUED',
      'SUCCEEDED',
    ]);
    const path = `/api/v1/batches/${answer.batch_id}`;
    expect((await doors.rest('GET', path)).body).toMatchObject({
      batch_id: answer.batch_id,
      total: 4,
      finished: 1,
      progress: 0.25,
      by_status: { SUCCEEDED: 1 },
    });
    for (const { action_id } of answer.responses) await ended(action_id);
    expect((await doors.rest('GET', path)).body).toMatchObject({ finished: 4, progress: 1 });
    const stranger = makeToken({ sub: 'stranger', permissions: ['execute_actions'] });
    expect((await doors.rest('GET', path, undefined, { token: stranger })).status).toBe(404);
    expect((await doors.rest('GET', '/api/v1/batches/none')).status).toBe(400);
  });

  it('without a deadline is answered as soon as all is queued', async () => {
    await fault(CHAT, { kind: 'delay', ms: 2_000 });
    const { responses } = await doors.batch('rest', [say('not waited for', { run_async: true })]);
    expect(responses).toMatchObject([{ status: 'QUEUED' }]);
    await ended(responses[0]?.action_id ?? '');
  });

  it('shows in the statistics what waits', async () => {
    const { action_id } = await doors.execute(
      'grpc',
      say('far', { run_at: soon('grpc', 3_600_000) }),
    );
    const { body } = await doors.rest('GET', '/api/v1/stats');
    const { waiting, lines } = (body as unknown as { stats: { queue: Record<string, number> } })
      .stats.queue;
    expect(waiting).toBeGreaterThanOrEqual(1);
    expect(lines).toBeGreaterThanOrEqual(1);
    await doors.grpc.call('CancelAction', { action_id });
  });
});

describe('run_at', () => {
  it.each(DOORS)('is answered SCHEDULED, and carried out in its time (%s)', async (door) => {
    const text = `later over ${door}`;
    const scheduled = await doors.execute(door, say(text, { run_at: soon(door, 1_500) }));
    expect(scheduled).toMatchObject({
      success: true,
      status: 'SCHEDULED',
      message: 'Action chat_message scheduled',
    });
    expect(await doors.readStatus(door, scheduled.action_id)).toMatchObject({
      status: 'SCHEDULED',
      success: true,
    });
    expect(await listTaken(text)).toEqual([]);
    expect(await ended(scheduled.action_id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await listTaken(text)).toEqual([text]);
  });

  it('does not hold back later requests', async () => {
    const later = await doors.execute('grpc', say('an hour', { run_at: soon('grpc', 3_600_000) }));
    const now = await doors.execute('grpc', say('right now', { run_async: true }));
    expect(await ended(now.action_id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await doors.readStatus('grpc', later.action_id)).toMatchObject({ status: 'SCHEDULED' });
  });
});

describe('a cancelled action', () => {
  it.each(DOORS)('is never carried out, and frees its key (%s)', async (door) => {
    const text = `cancelled over ${door}`;
    const keyed = say(text, { run_at: soon(door, 1_000), idempotency_key: `cancel-${door}` });
    const { action_id } = await doors.execute(door, keyed);
    const cancelled =
      door === 'grpc'
        ? await doors.grpc.call('CancelAction', { action_id })
        : (await doors.rest('DELETE', `/api/v1/actions/${action_id}`)).body;
    expect(cancelled).toMatchObject({ status: 'CANCELLED', success: false });
    const again = await doors.grpc.call('CancelAction', { action_id });
    expect(again).toMatchObject({
      status: 'CANCELLED',
      message: 'Action cancelled',
    });
    // One of the same line whose time comes later is carried out.
    const later = await doors.execute(door, say(`after ${door}`, { run_at: soon(door, 1_500) }));
    expect(await ended(later.action_id)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await listTaken(text)).toEqual([]);
    const free = await doors.execute(door, say(text, { idempotency_key: `cancel-${door}` }));
    expect(free).toMatchObject({ status: 'SUCCEEDED', replayed: false });
  });

  it("is its own caller's alone, and of those who may read everything", async () => {
    const { action_id } = await doors.execute(
      'grpc',
      say('mine', { run_at: soon('grpc', 3_600_000) }),
    );
    const token = makeToken({ sub: 'stranger', permissions: ['execute_actions'] });
    const refused = doors.grpc.call('CancelAction', { action_id }, { token });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await doors.readStatus('grpc', action_id)).toMatchObject({ status: 'SCHEDULED' });
  });
});

describe('a replica that dies', () => {
  it('leaves its waiting actions to others; what was under way is in doubt and done once', async () => {
    const dying = await open();
    const first = await dying.execute('rest', say('takes lines', { run_async: true }));
    expect(await ended(first.action_id)).toMatchObject({ status: 'SUCCEEDED' });
    await fault(CHAT, { kind: 'hang' });
    const texts = ['dying 1', 'dying 2', 'dying 3'];
    // The line is taken by the one that is asked; the others look only now and then.
    const { responses } = await dying.batch(
      'rest',
      texts.map((text) => say(text, { run_async: true })),
    );
    await eventually(
      () => listTaken('dying'),
      (taken) => taken.length > 0,
    );
    const running = await dying.readStatus('grpc', responses[0]?.action_id ?? '');
    expect(running.status).toBe('RUNNING');
    await Promise.all(opened.slice(1).map(({ gateway }) => gateway.stop('SIGKILL')));
    const outcomes = await Promise.all(responses.map(({ action_id }) => ended(action_id)));
    expect(outcomes.slice(1).map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(['UNKNOWN', 'SUCCEEDED']).toContain(outcomes[0]?.status);
    expect(await listTaken('dying')).toEqual(texts);
  });

  it('leaves a message in doubt that others clear up by its nonce', async () => {
    const dying = await open();
    await fault(`/discord/api/v10/channels/${DEMO_CHANNEL}/messages`, { kind: 'hang' });
    const cut = dying
      .execute('grpc', post('said once', { idempotency_key: 'nonce' }))
      .catch((error: unknown) => error);
    await eventually(
      () => listTaken('said once'),
      (taken) => taken.length === 1,
    );
    await dying.gateway.stop('SIGKILL');
    expect(await cut).toMatchObject({ code: 'UNAVAILABLE', nothingSent: false });
    const resolved = await eventually(
      () => doors.execute('grpc', post('said once', { idempotency_key: 'nonce' })),
      ({ status }) => status === 'SUCCEEDED',
    );
    expect(resolved).toMatchObject({ replayed: true, status: 'SUCCEEDED' });
    const { discord } = await sandbox.control<{
      discord: { channels: Record<string, { messages: { content: string }[] }> };
    }>('GET', '/sandbox/state');
    const said = discord.channels[DEMO_CHANNEL]?.messages.filter(
      ({ content }) => content === 'said once',
    );
    expect(said).toHaveLength(1);
  });
});

describe('a repeat without a key', () => {
  let joining: TwoDoors;
  let other: TwoDoors;

  beforeAll(async () => {
    [joining, other] = await Promise.all([openDeduping(), openDeduping()]);
    // The first requests of a gateway take longer.
    for (const by of [joining, other]) await by.execute('grpc', say('warm'));
  });

  afterAll(() => Promise.all([joining?.close(), other?.close()]));

  it('joins the identical request that is running, and is carried out anew after it', async () => {
    await fault(CHAT, { kind: 'delay', ms: 800 });
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((request_id) => joining.execute('grpc', say('joined', { request_id }))),
    );
    expect(new Set(outcomes.map(({ action_id }) => action_id)).size).toBe(1);
    expect(outcomes.map(({ request_id }) => request_id)).toEqual(['a', 'b', 'c']);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await listTaken('joined')).toEqual(['joined']);
    const anew = await joining.execute('grpc', say('joined'));
    expect(anew).toMatchObject({ status: 'SUCCEEDED', replayed: false });
    expect(await listTaken('joined')).toEqual(['joined', 'joined']);
  });

  it('joins it at another replica as well', async () => {
    // Longer than it takes until all four are under way.
    await fault(CHAT, { kind: 'delay', ms: 3_000 });
    const outcomes = await Promise.all(
      [joining, other, joining, other].map((by) => by.execute('grpc', say('joined afar'))),
    );
    expect(new Set(outcomes.map(({ action_id }) => action_id)).size).toBe(1);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('SUCCEEDED'));
    expect(await listTaken('joined afar')).toEqual(['joined afar']);
  });

  it('gets the answer that the first caller was cut off from', async () => {
    await fault(CHAT, { kind: 'delay', ms: 1_500 });
    const late = await joining.execute('grpc', say('cut off'), { deadlineMs: 1_000 });
    expect(late).toMatchObject({ failure: { code: 'OUTCOME_UNKNOWN' } });
    const again = await joining.execute('grpc', say('cut off'));
    expect(again).toMatchObject({ status: 'SUCCEEDED', replayed: true, action_id: late.action_id });
    expect(await listTaken('cut off')).toEqual(['cut off']);
  });

  it('is another request where nothing else is asked for', async () => {
    await doors.execute('grpc', say('twice'));
    await doors.execute('grpc', say('twice'));
    expect(await listTaken('twice')).toEqual(['twice', 'twice']);
  });
});

it('a gateway that stops leaves what waits to the next one', async () => {
  const stopping = await open();
  const { action_id } = await stopping.execute(
    'grpc',
    say('after the restart', { run_at: soon('grpc', 2_000) }),
  );
  expect(await stopping.gateway.stop()).toBe(0);
  expect(await ended(action_id)).toMatchObject({ status: 'SUCCEEDED' });
  expect((await callRest(doors.gateway, 'GET', `/api/v1/actions/${action_id}`)).status).toBe(200);
});
