// Real: gateway processes on one PostgreSQL, kill -9, gRPC. Fake: Discord, at the wire, with 200 channels.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_GUILD, SANDBOX_BOT } from '../../src/platforms/discord/simulation/seed.js';
import { createDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { type GatewayProcess, startGateway } from '../support/gateway.js';
import { GrpcClient, type GrpcOutcome } from '../support/grpc-client.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const MANY = 200;
/** Where the number does not matter: 50 requests in a second is all that Discord allows. */
const FEW = 20;
const REGULAR = '600000000000000003';
const SUBSCRIBER = '600000000000000004';
/** What is set for @everyone or a role in every third channel. */
const SET = [
  { id: DEMO_GUILD, type: 0, allow: 2_048, deny: 1 << 6 },
  { id: REGULAR, type: 0, allow: 1_024, deny: 8_192 },
] as const;
const PATIENCE_MS = 120_000;

interface Replica {
  readonly gateway: GatewayProcess;
  readonly grpc: GrpcClient;
}

let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };
let steady: Replica;
let ids: string[];
const opened: Replica[] = [];

async function open(env: Record<string, string> = {}): Promise<Replica> {
  const gateway = await startGateway({ ...sandbox.env, DATABASE_URL: database.url, ...env });
  const replica = { gateway, grpc: new GrpcClient(gateway.grpcAddress) };
  opened.push(replica);
  return replica;
}

beforeAll(async () => {
  [sandbox, database] = await Promise.all([startTestSandbox(), createDatabase()]);
  steady = await open();
});

afterAll(async () => {
  for (const { gateway, grpc } of opened) {
    grpc.close();
    await gateway.stop('SIGKILL');
  }
  await sandbox?.close();
  await database?.drop();
});

/** Discord as its API shows it, without the gateway. */
async function ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${sandbox.env['DISCORD_API_URL']}${path}`, {
    method,
    headers: {
      authorization: `Bot ${SANDBOX_BOT.token}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

interface Overwrite {
  readonly id: string;
  readonly deny: string;
}

interface Channel {
  readonly id: string;
  readonly permission_overwrites: readonly Overwrite[];
}

const listChannels = async (): Promise<readonly Channel[]> =>
  (await ask<Channel[]>('GET', `/guilds/${DEMO_GUILD}/channels`)).filter(({ id }) =>
    ids.includes(id),
  );

/** The overwrites of every channel as bytes. Discord promises no order among those of a channel. */
async function readBytes(): Promise<string> {
  const channels = await listChannels();
  return JSON.stringify(
    channels.map(({ id, permission_overwrites }) => [
      id,
      permission_overwrites.toSorted((one, other) => one.id.localeCompare(other.id)),
    ]),
  );
}

const SEND = 1n << 11n;

async function countLocked(): Promise<number> {
  return (await listChannels()).filter(({ permission_overwrites }) =>
    permission_overwrites.some(({ id, deny }) => id === DEMO_GUILD && (BigInt(deny) & SEND) !== 0n),
  ).length;
}

async function query<Row>(sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

const run = (
  { grpc }: Replica,
  type: string,
  parameters: object = {},
  more: object = {},
): Promise<GrpcOutcome> =>
  grpc.execute(
    {
      platform: 'discord',
      action_type: type,
      parameters: { guild_id: DEMO_GUILD, ...parameters },
      ...more,
    },
    { deadlineMs: PATIENCE_MS },
  );

const lock = (replica: Replica, more: object = {}): Promise<GrpcOutcome> =>
  run(replica, 'lockdown', { channel_ids: ids, role_ids: [SUBSCRIBER] }, more);

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/discord/world', { limits: false });
});

async function addChannels(count: number): Promise<void> {
  ids = Array.from({ length: count }, (_one, n) => String(720_000_000_000_000_000n + BigInt(n)));
  for (const [n, id] of ids.entries()) {
    await sandbox.control('POST', '/sandbox/discord/channels', { id, name: `room-${n}` });
    if (n % 3 > 0) continue;
    for (const { id: role, ...body } of SET)
      await ask('PUT', `/channels/${id}/permissions/${role}`, body);
  }
}

/** Starts a lockdown in a gateway of its own, and kills that one after a while as it writes to a channel. */
async function killIn(
  type: 'lockdown' | 'unlock',
  method: string,
  nth: number,
  when: 'before' | 'after',
  until: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const victim = await open({ QUEUE_WORKERS: '0' });
  const path = `/discord/api/v10/channels/${ids[nth]}/permissions/${DEMO_GUILD}`;
  const before = await sandbox.lastSeq();
  await sandbox.control('POST', '/sandbox/faults', {
    match: { method, path },
    times: 1,
    fault: { kind: 'hang', when },
  });
  const call = (type === 'lockdown' ? lock(victim) : run(victim, type)).catch(
    (error: unknown) => error,
  );
  await eventually(
    () => sandbox.requestsSince(before),
    (seen) => seen.some((one) => one.method === method && one.path === path),
  );
  await until();
  await victim.gateway.stop('SIGKILL');
  expect(await call).toMatchObject({ code: 'UNAVAILABLE' });
  await sandbox.control('DELETE', '/sandbox/faults');
}

const allUnlocked = (): object => ({
  status: 'SUCCEEDED',
  result_data: { unlocked: true, channels: ids.length },
});

describe('a lockdown', () => {
  it(
    'locks and is undone to the byte',
    async () => {
      await addChannels(FEW);
      const before = await readBytes();
      expect(await lock(steady)).toMatchObject({
        status: 'SUCCEEDED',
        result_data: { locked: true, channels: ids.length },
      });
      expect(await countLocked()).toBe(ids.length);
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
      expect(await readBytes()).toBe(before);
      expect(await query('SELECT name FROM account_records')).toEqual([]);
    },
    PATIENCE_MS,
  );

  it.each([
    ['before', MANY],
    ['after', FEW],
  ] as const)(
    'whose gateway is killed %s Discord acts, in the middle of %i channels, is undone to the byte',
    async (when, count) => {
      await addChannels(count);
      const before = await readBytes();
      await killIn('lockdown', 'PUT', count / 2, when);
      expect(await countLocked()).toBe(when === 'before' ? count / 2 : count / 2 + 1);
      const [record] = await query<{ value: string }>('SELECT value FROM account_records');
      expect(record?.value).toMatch(/^v1\./);
      expect(record?.value).not.toContain(ids[0]);
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
      expect(await readBytes()).toBe(before);
      expect(await query('SELECT name FROM account_records')).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'goes on with a repeat after it was killed, and so does its end',
    async () => {
      await addChannels(FEW);
      const before = await readBytes();
      await killIn('lockdown', 'PUT', 6, 'after');
      const seq = await sandbox.lastSeq();
      expect(await lock(steady)).toMatchObject({
        status: 'SUCCEEDED',
        result_data: { locked: true },
      });
      expect(await countLocked()).toBe(ids.length);
      const again = (await sandbox.requestsSince(seq)).filter(({ method }) => method === 'PUT');
      // What the first one had locked is not written again: two roles in each of the others, one in the last.
      expect(again).toHaveLength(2 * (FEW - 7) + 1);
      // For every third channel something was set for @everyone, which is put back.
      await killIn('unlock', 'PUT', 9, 'after');
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
      expect(await readBytes()).toBe(before);
    },
    PATIENCE_MS,
  );

  it(
    'tells how far it is while it runs, and keeps what is known when its gateway is killed',
    async () => {
      await addChannels(FEW);
      const read = async (status: string): Promise<GrpcOutcome | undefined> => {
        const [latest] = await query<{ id: string }>(
          "SELECT id FROM actions WHERE action_type = 'lockdown' ORDER BY id DESC LIMIT 1",
        );
        const outcome = latest && (await steady.grpc.readStatus(latest.id));
        return outcome?.status === status ? outcome : undefined;
      };
      // Channels 0 to 5 are locked for both roles, and channel 6 is on its way.
      const message = 'Running: 12 of 40 parts are tried';
      const known = { locked: false, channels: FEW };
      await killIn('lockdown', 'PUT', 6, 'after', () =>
        eventually(
          () => read('RUNNING'),
          (seen) => seen?.message === message,
        ).then((seen) => expect(seen?.result_data).toMatchObject(known)),
      );
      const end = await eventually(
        () => read('UNKNOWN'),
        (seen) => seen !== undefined,
      );
      expect(end).toMatchObject({ failure: { code: 'OUTCOME_UNKNOWN' }, result_data: known });
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
    },
    PATIENCE_MS,
  );

  it(
    'tells which channels failed and which are in doubt, and is undone to the byte all the same',
    async () => {
      await addChannels(FEW);
      const before = await readBytes();
      const path = (nth: number): string => `/discord/api/v10/channels/${ids[nth]}/permissions/`;
      const refuse = { code: 50_013, message: 'Missing Permissions' };
      for (const [nth, fault] of [
        [3, { kind: 'status', status: 403, body: refuse }],
        [5, { kind: 'reset', when: 'after' }],
      ] as const)
        await sandbox.control('POST', '/sandbox/faults', {
          match: { method: 'PUT', path: `${path(nth)}${DEMO_GUILD}` },
          times: 10,
          fault,
        });
      const outcome = await lock(steady);
      expect(outcome).toMatchObject({
        status: 'UNKNOWN',
        failure: { code: 'OUTCOME_UNKNOWN' },
        result_data: {
          locked: false,
          channels: ids.length,
          failed: [{ channel_id: ids[3], channel_name: 'room-3', role_id: DEMO_GUILD }],
          in_doubt: [{ channel_id: ids[5], channel_name: 'room-5', role_id: DEMO_GUILD }],
          not_tried: [],
        },
      });
      expect(outcome.error).toMatch(
        /^A part of it is done: 38 of 40 permissions are done; 1 failed: #room-3 .*Missing Permissions.*; 1 in doubt: #room-5 /,
      );
      await sandbox.control('DELETE', '/sandbox/faults');
      // The reset connection had let Discord act.
      expect(await countLocked()).toBe(ids.length - 1);
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
      expect(await readBytes()).toBe(before);
    },
    PATIENCE_MS,
  );

  it(
    'is answered in time where the caller does not wait for it, and goes on',
    async () => {
      await addChannels(FEW);
      const last = `/discord/api/v10/channels/${ids.at(-1)}/permissions/${DEMO_GUILD}`;
      await sandbox.control('POST', '/sandbox/faults', {
        match: { method: 'PUT', path: last },
        times: 1,
        fault: { kind: 'delay', ms: 4_000 },
      });
      const told = await steady.grpc.execute(
        {
          platform: 'discord',
          action_type: 'lockdown',
          parameters: { guild_id: DEMO_GUILD, channel_ids: ids },
        },
        { deadlineMs: 3_000 },
      );
      expect(told).toMatchObject({
        status: 'UNKNOWN',
        result_data: { locked: false, channels: ids.length },
      });
      const end = await eventually(
        () => steady.grpc.readStatus(told.action_id),
        ({ status }) => status === 'SUCCEEDED',
      );
      expect(end.result_data).toMatchObject({ locked: true, channels: ids.length });
      expect(await run(steady, 'unlock')).toMatchObject(allUnlocked());
    },
    PATIENCE_MS,
  );
});
