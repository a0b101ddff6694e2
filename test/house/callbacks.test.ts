// Real: a gateway process, PostgreSQL, the egress guard. Fake: Twitch, and the receiver of the callbacks,
// both at the wire.
import { createHmac, randomBytes } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type CloudEvent, HTTP } from 'cloudevents';
import { Client } from 'pg';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeEvent } from '../../src/execution/callback-event.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { DOORS, TwoDoors } from '../support/two-doors.js';

const SECRETS = [randomBytes(32), randomBytes(24)];

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly status: number;
}

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let doors: TwoDoors;
let callback_url: string;

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  callback_url = `${sandbox.url}/sandbox/callbacks`;
  doors = await TwoDoors.open({
    ...sandbox.env,
    DATABASE_URL: database.url,
    CALLBACK_SECRETS: SECRETS.map((secret) => `whsec_${secret.toString('base64')}`).join(','),
  });
});

beforeEach(async () => {
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/twitch/world', { limits: false });
});

afterAll(async () => {
  await doors?.close();
  await sandbox?.close();
  await database?.drop();
});

const say = (message: string, more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message },
  callback_url,
  ...more,
});

/** The callbacks about an action, as they came. */
async function listReceived(actionId: string): Promise<Received[]> {
  const { callbacks } = await sandbox.control<{ callbacks: Received[] }>(
    'GET',
    '/sandbox/callbacks',
  );
  return callbacks.filter(({ body }) => body.includes(actionId));
}

const received = (actionId: string, count = 1): Promise<Received[]> =>
  eventually(
    () => listReceived(actionId),
    (found) => found.length >= count,
  );

const answerWith = (status: number, times: number): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { method: 'POST', path: '/sandbox/callbacks' },
    times,
    fault: { kind: 'status', status },
  });

/** Lets every callback that waits for its next try have it now. */
async function hurry(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`UPDATE callbacks SET next_at = now() WHERE state = 'due'`);
  await client.end();
}

interface Report {
  readonly action_id: string;
  readonly state: string;
  readonly tries: number;
  readonly last_error: string;
}

async function list(query = '', token?: string): Promise<Report[]> {
  const { status, body } = await doors.rest('GET', `/api/v1/callbacks${query}`, undefined, {
    token,
  });
  expect(status).toBe(200);
  return (body as unknown as { callbacks: Report[] }).callbacks;
}

interface Webhooks {
  readonly webhooks: Readonly<
    Record<string, { post: { parameters: { name: string; schema: { pattern?: string } }[] } }>
  >;
}

/** Holds a callback against what the contract says that receivers get. */
async function expectContract(
  name: string,
  { headers, body }: Received,
  type = 'application/json',
): Promise<void> {
  const { body: contract } = await doors.rest('GET', '/openapi.json');
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema({ ...contract, $id: 'https://gateway.example/openapi.json' });
  const place = `https://gateway.example/openapi.json#/webhooks/${name}/post`;
  const content = { $ref: `${place}/requestBody/content/${type.replace('/', '~1')}/schema` };
  const validate = ajv.compile(content);
  expect(validate(JSON.parse(body)) ? [] : validate.errors).toEqual([]);
  expect(validate({ type: 'another' })).toBe(false);
  const { parameters } = (contract as unknown as Webhooks).webhooks[name]?.post ?? {};
  expect(parameters).toHaveLength(3);
  for (const { name: header, schema } of parameters ?? [])
    expect(headers[header]).toMatch(new RegExp(schema.pattern ?? '.'));
}

const find = async (actionId: string): Promise<Report | undefined> =>
  (await list('?limit=500')).find(({ action_id }) => action_id === actionId);

describe('a callback', () => {
  it.each(DOORS)(
    'tells what became of a queued action, signed with every secret (%s)',
    async (door) => {
      const { action_id } = await doors.execute(
        door,
        say(`told over ${door}`, { run_async: true }),
      );
      const [told] = await received(action_id);
      const { headers, body } = told as Received;
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'webhook-id': `${action_id}.SUCCEEDED`,
      });
      await expectContract('action.finished', told as Received);
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']?.split(' ')).toEqual(
        SECRETS.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`),
      );
      expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(60);
      expect(JSON.parse(body)).toEqual({
        type: 'action.finished',
        timestamp: expect.any(String) as string,
        data: expect.objectContaining({ action_id, status: 'SUCCEEDED', success: true }) as object,
      });
      await eventually(
        () => find(action_id),
        (report) => report?.state === 'delivered',
      );
    },
  );

  it('tells it of an action that was answered at once, too, and of one that failed', async () => {
    const done = await doors.execute('grpc', say('at once'));
    expect(done.status).toBe('SUCCEEDED');
    await received(done.action_id);
    await sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'POST', path: '/twitch/helix/chat/messages' },
      times: 1,
      fault: { kind: 'reset', when: 'after' },
    });
    const doubtful = await doors.execute('grpc', say('in doubt'));
    const [told] = await received(doubtful.action_id);
    expect(told?.headers['webhook-id']).toBe(`${doubtful.action_id}.UNKNOWN`);
  });

  it('tells it of one that was cancelled', async () => {
    const { action_id } = await doors.execute('rest', {
      ...say('never', { run_at: new Date(Date.now() + 3_600_000).toISOString() }),
    });
    await doors.rest('DELETE', `/api/v1/actions/${action_id}`);
    const [told] = await received(action_id);
    expect(told?.headers['webhook-id']).toBe(`${action_id}.CANCELLED`);
  });

  it('is tried again with the same id until it is taken', async () => {
    await answerWith(500, 2);
    const { action_id } = await doors.execute('grpc', say('again', { run_async: true }));
    await received(action_id, 1);
    await eventually(
      () => find(action_id),
      (report) => report?.last_error === 'It answered 500',
    );
    expect(await find(action_id)).toMatchObject({ state: 'due', tries: 1 });
    await hurry();
    await received(action_id, 2);
    await eventually(
      () => find(action_id),
      (report) => report?.tries === 2 && report.last_error !== '',
    );
    await hurry();
    const told = await received(action_id, 3);
    expect(told.map(({ status }) => status)).toEqual([500, 500, 204]);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await eventually(
      () => find(action_id),
      (report) => report?.state === 'delivered',
    );
  });

  it('that is refused for good is dead, is listed, and can be replayed', async () => {
    await answerWith(410, 1);
    const { action_id } = await doors.execute('grpc', say('dead', { run_async: true }));
    await eventually(
      () => find(action_id),
      (report) => report?.state === 'dead',
    );
    expect(await list('?state=dead')).toMatchObject([
      { action_id, tries: 1, last_error: 'It answered 410: it wants no more' },
    ]);
    const replay = await doors.rest('POST', `/api/v1/callbacks/${action_id}/replay`);
    expect([replay.status, replay.body]).toEqual([202, { action_id, state: 'due' }]);
    const told = await received(action_id, 2);
    expect(told.map(({ status }) => status)).toEqual([410, 204]);
  });

  it('that fails for hours is dead in the end', async () => {
    await answerWith(503, 10);
    const { action_id } = await doors.execute('grpc', say('for hours', { run_async: true }));
    for (let tries = 1; tries <= 10; tries += 1) {
      await received(action_id, tries);
      await eventually(
        () => find(action_id),
        (report) => report?.tries === tries && report.last_error !== '',
      );
      await hurry();
    }
    expect(await find(action_id)).toMatchObject({ state: 'dead', tries: 10 });
  });
});

describe('an event of CloudEvents', () => {
  it('is what the library of CloudEvents reads, signed like any callback', async () => {
    const events = await TwoDoors.open({
      ...sandbox.env,
      DATABASE_URL: database.url,
      CALLBACK_SECRETS: `whsec_${(SECRETS[0] as Buffer).toString('base64')}`,
      CALLBACK_FORMAT: 'cloudevents',
      PUBLIC_URL: 'https://gateway.example',
      QUEUE_WORKERS: '0',
    });
    try {
      const test = await events.rest('POST', '/api/v1/callbacks/test', { callback_url });
      expect(test.body).toMatchObject({ delivered: true });
      const [told] = await received('"type":"test"');
      await expectContract('test', told as Received, 'application/cloudevents+json');
      const { headers, body } = told as Received;
      expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
      const event = HTTP.toEvent({ headers, body }) as CloudEvent<object>;
      expect(event.validate()).toBe(true);
      expect(event).toMatchObject({
        id: headers['webhook-id'],
        type: 'test',
        source: 'https://gateway.example',
        data: {},
      });
      expect(() =>
        new Webhook((SECRETS[0] as Buffer).toString('base64')).verify(body, headers),
      ).not.toThrow();
    } finally {
      await events.close();
    }
  });

  it('has the action as its subject, and its outcome as its data', () => {
    const sentAt = new Date();
    const data = { action_id: 'a1', status: 'SUCCEEDED' };
    const { body, contentType } = writeEvent(
      { id: 'a1.SUCCEEDED', type: 'action.finished', subject: 'a1', sentAt, data },
      'cloudevents',
      'https://gateway.example',
    );
    const event = HTTP.toEvent({ headers: { 'content-type': contentType }, body });
    expect(event).toMatchObject({
      specversion: '1.0',
      id: 'a1.SUCCEEDED',
      type: 'action.finished',
      subject: 'a1',
      time: sentAt.toISOString(),
      data,
    });
  });
});

describe('the list', () => {
  it('is one’s own, in pages', async () => {
    const token = makeToken({ sub: 'pager', permissions: ['execute_actions'] });
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three'])
      ids.push((await doors.execute('grpc', say(text), { token })).action_id);
    const first = await doors.rest('GET', '/api/v1/callbacks?limit=2', undefined, { token });
    const page = first.body as unknown as { callbacks: Report[]; next_cursor: string };
    expect(page.callbacks.map(({ action_id }) => action_id)).toEqual(ids.slice(0, 2));
    const rest = await list(`?limit=2&cursor=${page.next_cursor}`, token);
    expect(rest.map(({ action_id }) => action_id)).toEqual(ids.slice(2));
    const stranger = makeToken({ sub: 'stranger', permissions: ['execute_actions'] });
    expect(await list('', stranger)).toEqual([]);
    const stolen = await doors.rest('POST', `/api/v1/callbacks/${ids[0]}/replay`, undefined, {
      token: stranger,
    });
    expect(stolen.status).toBe(404);
  });

  it('shows no address, since it may hold a secret', async () => {
    const secret = `${callback_url}?token=very-secret`;
    const { action_id } = await doors.execute('grpc', say('x', { callback_url: secret }));
    await received(action_id);
    expect(JSON.stringify(await list('?limit=500'))).not.toContain('very-secret');
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query(
      'SELECT a::text AS a, c::text AS c FROM actions a, callbacks c',
    );
    await client.end();
    expect(JSON.stringify(rows)).not.toContain('very-secret');
  });

  it.each([
    ['?state=lost', 400],
    ['?limit=0', 400],
    ['?limit=many', 400],
    ['?colour=red', 400],
  ])('refuses what it does not know: %s', async (query, status) => {
    expect((await doors.rest('GET', `/api/v1/callbacks${query}`)).status).toBe(status);
  });
});

describe('an address', () => {
  it.each(DOORS)('that leads inside is refused, and nothing is sent (%s)', async (door) => {
    for (const url of [
      'https://127.0.0.1:1/x',
      'http://127.0.0.2/x',
      'https://10.0.0.1/x',
      'ftp://example.org',
      'x',
    ]) {
      const outcome = await doors.execute(door, say('nowhere', { callback_url: url }));
      expect(outcome).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'INVALID_INPUT', violations: [{ field: 'callback_url' }] },
      });
    }
  });
});
