// Real: a built gateway, PostgreSQL, both doors, its log on the output, in files and over a socket. Fake:
// Twitch, at the wire.
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeToken } from '../support/gateway.js';
import { House } from '../support/two-doors.js';

type Line = Record<string, unknown> & { readonly area?: string; readonly msg: string };

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const collected: Buffer[] = [];
const collector = createServer((socket) =>
  socket.on('data', (chunk) => collected.push(chunk)).on('error', () => undefined),
);
let folder: string;
let house: House;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-logs-'));
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  house = await House.open({
    LOG_DIR: folder,
    ENABLE_SYSLOG: 'true',
    SYSLOG_HOST: '127.0.0.1',
    SYSLOG_PORT: String((collector.address() as AddressInfo).port),
    SYSLOG_PROTOCOL: 'tcp',
  });
});

afterAll(async () => {
  collector.close();
  await house?.close();
  await rm(folder, { recursive: true, force: true });
});

const marker = (more: object = {}): object => ({
  platform: 'twitch',
  action_type: 'marker',
  account_id: '1001',
  request_id: 'request-7',
  parameters: {},
  ...more,
});

function readLines(): Line[] {
  const lines = house.doors.gateway.output().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
}

const ofArea = (area: string): Line[] => readLines().filter((line) => line.area === area);

const findQuoted = (): Line | undefined =>
  ofArea('audit').find((line) => String(line['request_id']).startsWith('a "quoted'));

it('has one line for a finished action, with its ids, its end and its time', async () => {
  const { action_id } = (
    await house.doors.rest('POST', '/api/v1/actions/execute', marker(), {
      headers: { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` },
    })
  ).body as unknown as { action_id: string };
  const lines = (): Line[] => ofArea('audit').filter((line) => line['action_id'] === action_id);
  await expect.poll(lines).toHaveLength(1);
  expect(lines()[0]).toMatchObject({
    level: 30,
    trace_id: TRACE_ID,
    request_id: 'request-7',
    caller: 'tester',
    door: 'rest',
    platform: 'twitch',
    action_type: 'marker',
    account_id: '1001',
    status: 'SUCCEEDED',
    attempts: 1,
    ms: expect.any(Number),
    platform_ms: expect.any(Number),
  });
});

it('writes the line of an action in the form of every other, whatever an envelope says', async () => {
  const request_id = `a "quoted\\"\nline Bearer k3jf8s9dk3jf8s9d`;
  await house.doors.grpc.execute(marker({ request_id }));
  await expect.poll(findQuoted).toBeDefined();
  expect(Object.keys(findQuoted() ?? {}).join()).toBe(
    'level,time,area,action_id,request_id,trace_id,caller,door,platform,action_type,account_id,actor_id,status,attempts,platform_ms,ms,context,msg',
  );
  expect(findQuoted()).toMatchObject({
    request_id: 'a "quoted\\"\nline Bearer [redacted]',
    context: 'Actions',
    msg: 'action finished',
  });
});

it('tells refused tokens from refused permissions, with the reason and without the token', async () => {
  const token = makeToken({ exp: 1 });
  await house.doors.rest('POST', '/api/v1/actions/execute', marker(), { token });
  await house.doors.grpc.execute(marker(), { token }).catch(() => undefined);
  await expect.poll(() => ofArea('authentication')).toHaveLength(2);
  for (const line of ofArea('authentication'))
    expect(line).toMatchObject({ level: 40, reason: expect.stringMatching(/expired/) });

  const narrow = makeToken({ permissions: [] });
  await house.doors.rest('GET', '/api/v1/accounts', undefined, { token: narrow });
  await house.doors.grpc.execute(marker(), { token: narrow });
  await expect.poll(() => ofArea('authorisation')).toHaveLength(2);
  const [door, action] = ofArea('authorisation');
  expect(door).toMatchObject({ reason: expect.stringMatching(/lacks the permission/) });
  expect(action).toMatchObject({ failure: 'NOT_ALLOWED', status: 'REFUSED', door: 'grpc' });
  expect(house.doors.gateway.output()).not.toContain(token);
  expect(house.doors.gateway.output()).not.toContain(narrow);
});

it('has the same lines in a file and at the syslog receiver, the last one included', async () => {
  const other = await house.openAnother({ LOG_DIR: folder, ENABLE_SYSLOG: 'false' });
  await other.execute('grpc', marker());
  await other.gateway.stop();
  const files = await readdir(folder);
  expect(files.filter((name) => /^gateway\.\d{4}-\d\d-\d\d\.\d+\.log$/.test(name))).toEqual(files);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  expect(texts.join('')).toContain('SIGTERM: stopping');
  expect(texts.join('')).toContain('"area":"audit"');
  await expect.poll(() => Buffer.concat(collected).toString()).toContain('"area":"audit"');
  expect(other.gateway.output()).toContain('SIGTERM: stopping');
});

it('leaves out the lines of actions where they are not wanted', async () => {
  const quiet = await house.openAnother({ LOG_ACTIONS: 'failed' });
  await quiet.execute('grpc', marker());
  await quiet.execute('grpc', marker({ parameters: { nonsense: 1 } }));
  await quiet.gateway.waitForLine(/INVALID_INPUT/);
  expect(quiet.gateway.output()).not.toContain('SUCCEEDED');
});
