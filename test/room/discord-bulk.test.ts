// Real: the actions in bulk and clone_channel, their session, the simulated Discord over HTTP. Fake: faults on the wire.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UndiciTransport } from '../../src/execution/undici-transport.js';
import { discordActions } from '../../src/platforms/discord/actions/index.js';
import type { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { aimDiscord, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeCredential, sendAction, type Told } from '../support/upstream-session.js';

const CHANNEL = '700000000000000015';
const GUILD = '800000000000000001';
const MEMBER = '200000000000000001';
const BULK = `/discord/api/v10/channels/${CHANNEL}/messages/bulk-delete`;
const BANS = `/discord/api/v10/guilds/${GUILD}/bulk-ban`;
const EPOCH = 1_420_070_400_000;
const DAY_MS = 86_400_000;

let sandbox: TestSandbox;
let discord: DiscordPlatform;
let token: string;
const transport = new UndiciTransport({});

beforeAll(async () => {
  sandbox = await startTestSandbox();
  discord = aimDiscord(sandbox);
  token = sandbox.env['DISCORD_BOT_TOKEN'] ?? '';
});

afterAll(() => sandbox?.close());

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/discord/world', { limits: false });
});

function run(type: string, parameters: object): Promise<Told> {
  const action = discordActions.find((one) => one.type === type);
  if (!action) throw new Error(`no action ${type}`);
  const road = { platform: discord, transport, leftMs: 60_000, timeoutMs: 10_000 };
  const credential = makeCredential('default', { accessToken: token });
  return sendAction(action, parameters, road, {}, credential);
}

const idAt = (at: number, n = 0): string => String((BigInt(at - EPOCH) << 22n) + BigInt(n));
const timeOf = (at: number): string => new Date(at).toISOString();

/** Messages of a moment, the oldest first. */
async function say(count: number, at: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_one, n) => idAt(at, n));
  for (const id of ids)
    await sandbox.control('POST', '/sandbox/discord/messages', {
      channel_id: CHANNEL,
      author_id: MEMBER,
      content: 'spam',
      id,
    });
  return ids;
}

interface World {
  readonly discord: {
    readonly channels: Record<string, { messages: readonly { id: string }[] }>;
    readonly guilds: Record<string, { bans: readonly { user_id: string }[] }>;
  };
}

const readWorld = async (): Promise<World['discord']> =>
  (await sandbox.control<World>('GET', '/sandbox/state')).discord;

const listLeft = async (): Promise<string[]> =>
  ((await readWorld()).channels[CHANNEL]?.messages ?? []).map(({ id }) => id);

const fail = (path: string, fault: object, times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', { match: { method: 'POST', path }, times, fault });

const daysAgo = (days: number): number => Date.now() + days * -DAY_MS;

async function countCalls(path: string): Promise<number> {
  return (await sandbox.requestsSince(0)).filter((one) => one.path === path).length;
}

describe('many messages', () => {
  it('beyond a hundred are deleted in several requests, and one alone by itself', async () => {
    const ids = await say(201, daysAgo(1));
    const calls = await countCalls(BULK);
    expect(
      await run('bulk_delete_messages', { channel_id: CHANNEL, message_ids: ids }),
    ).toMatchObject({
      status: 'SUCCEEDED',
      result: { deleted: 201 },
      attempts: 3,
    });
    expect((await countCalls(BULK)) - calls).toBe(2);
    expect(await listLeft()).toEqual([]);
  });

  it('are found by their time, page by page, to the millisecond', async () => {
    const now = Date.now();
    const [older, wanted, newer] = [
      await say(3, now - 3 * DAY_MS),
      await say(150, now - 2 * DAY_MS),
      await say(3, now - DAY_MS),
    ];
    expect(
      await run('bulk_delete_messages', {
        channel_id: CHANNEL,
        newer_than: timeOf(now - 2 * DAY_MS),
        older_than: timeOf(now - DAY_MS),
      }),
    ).toMatchObject({
      status: 'SUCCEEDED',
      result: { deleted: wanted.length, old_left: false, more_left: false },
    });
    expect((await listLeft()).toSorted()).toEqual([...older, ...newer].toSorted());
  });

  it('are deleted up to the limit, the newest first, and the rest is told', async () => {
    const ids = await say(5, daysAgo(1));
    expect(
      await run('bulk_delete_messages', {
        channel_id: CHANNEL,
        newer_than: timeOf(daysAgo(2)),
        limit: 3,
      }),
    ).toMatchObject({ result: { deleted: 3, more_left: true } });
    expect(await listLeft()).toEqual(ids.slice(0, 2));
  });

  it('that are older than 14 days are left and told, or deleted one by one where that is asked for', async () => {
    const now = Date.now();
    const old = await say(3, now - 15 * DAY_MS);
    await say(4, now - DAY_MS);
    const wanted = { channel_id: CHANNEL, older_than: timeOf(now) };
    expect(await run('bulk_delete_messages', wanted)).toMatchObject({
      status: 'SUCCEEDED',
      result: { deleted: 4, old_left: true },
    });
    expect(await listLeft()).toEqual(old);
    // What is gone already is no fault.
    const ids = [...old, idAt(now - 15 * DAY_MS, 99)];
    expect(
      await run('bulk_delete_messages', {
        channel_id: CHANNEL,
        message_ids: ids,
        include_old: true,
      }),
    ).toMatchObject({ status: 'SUCCEEDED', result: { deleted: 4 }, attempts: 4 });
    expect(await listLeft()).toEqual([]);
  });

  it('of which a request is refused, or in doubt, are told by their ids', async () => {
    const ids = await say(250, daysAgo(1));
    await fail(BULK, { kind: 'delay', ms: 0 });
    await fail(BULK, { kind: 'status', status: 403, body: { code: 50_013, message: 'No' } });
    await fail(BULK, { kind: 'reset', when: 'after' });
    const told = await run('bulk_delete_messages', { channel_id: CHANNEL, message_ids: ids });
    expect(told).toMatchObject({
      status: 'UNKNOWN',
      result: {
        deleted: 100,
        failed: [{ message_ids: ids.slice(100, 200) }],
        in_doubt: [{ message_ids: ids.slice(200) }],
        not_tried: [],
      },
    });
    expect(told.failure?.message).toMatch(
      /^A part of it is done: 100 of 250 messages are done; 100 failed: 100 messages from \d+: .*50 in doubt: /,
    );
  });

  it.each([
    [{}, /^parameters.message_ids: is missing/],
    [{ limit: 3, message_ids: ['1'] }, /must be left out where older_than/],
    [
      { newer_than: '2026-11-30T00:00:00Z', older_than: '2026-11-29T00:00:00Z' },
      /before older_than/,
    ],
    [{ message_ids: [idAt(daysAgo(15))] }, /holds 1 messages that are older.*include_old/],
    [{ message_ids: ['99999999999999999999'] }, /must hold ids of Discord/],
  ])('are refused with the field and the fix: %j', (parameters, message) => {
    const action = discordActions.find(({ type }) => type === 'bulk_delete_messages');
    const context = { actionId: 'a', account: { id: 'd' }, actor: { id: 'd' } };
    expect(() => action?.parse({ channel_id: CHANNEL, ...parameters }, context)).toThrow(message);
  });
});

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_one, n) => String(410_000_000_000_000_000n + BigInt(n)));

const listBans = async (): Promise<number> => (await readWorld()).guilds[GUILD]?.bans.length ?? 0;

describe('many bans', () => {
  beforeEach(async () => {
    for (const id of ids(450)) await sandbox.control('POST', '/sandbox/discord/members', { id });
  });

  it('beyond two hundred are made in several requests', async () => {
    const before = await listBans();
    const told = await run('bulk_ban', { guild_id: GUILD, user_ids: ids(450) });
    expect(told).toMatchObject({ status: 'SUCCEEDED', result: { failed: [] }, attempts: 3 });
    expect((told.result as { banned: string[] }).banned).toEqual(ids(450));
    expect((await listBans()) - before).toBe(450);
  });

  it('tell who is not banned, also where that is all of one request', async () => {
    await run('bulk_ban', { guild_id: GUILD, user_ids: ids(200) });
    const told = await run('bulk_ban', { guild_id: GUILD, user_ids: ids(201) });
    expect(told).toMatchObject({
      status: 'SUCCEEDED',
      result: { banned: ids(201).slice(200), failed: ids(200) },
    });
    expect(await run('bulk_ban', { guild_id: GUILD, user_ids: ids(3) })).toMatchObject({
      status: 'REFUSED',
      result: { banned: [], failed: ids(3) },
    });
  });

  it('tell which are in doubt', async () => {
    await fail(BANS, { kind: 'delay', ms: 0 });
    await fail(BANS, { kind: 'reset', when: 'after' });
    const told = await run('bulk_ban', { guild_id: GUILD, user_ids: ids(450) });
    const all = ids(450);
    expect(told).toMatchObject({
      status: 'UNKNOWN',
      result: {
        banned: [...all.slice(0, 200), ...all.slice(400)],
        failed: [],
        in_doubt: all.slice(200, 400),
        not_tried: [],
      },
    });
    expect(told.failure?.message).toContain('250 of 450 users are done; 200 in doubt: 200 users');
  });
});

async function show(id: string): Promise<Record<string, unknown>> {
  const url = `${sandbox.env['DISCORD_API_URL']}/channels/${id}`;
  const answer = await fetch(url, { headers: { authorization: `Bot ${token}` } });
  return (await answer.json()) as Record<string, unknown>;
}

/** The tags of a forum without their ids, which each channel has of its own. */
const tagsOf = ({ available_tags: tags = [] }: Record<string, unknown>): unknown =>
  (tags as Record<string, unknown>[]).map(({ name, moderated, emoji_id, emoji_name }) => [
    name,
    moderated,
    emoji_id,
    emoji_name,
  ]);

describe('a copy of a channel', () => {
  it.each(['700000000000000012', '700000000000000013', '700000000000000016', '700000000000000002'])(
    'of %s has its settings, permissions and tags',
    async (channel_id) => {
      const told = await run('clone_channel', { channel_id, name: 'copy' });
      expect(told).toMatchObject({ status: 'SUCCEEDED', result: { name: 'copy' } });
      const [original, copy] = [
        await show(channel_id),
        await show((told.result as { channel_id: string }).channel_id),
      ];
      const own = { id: '*', name: '*', available_tags: '*', last_message_id: '*' };
      expect({ ...copy, ...own }).toEqual({ ...original, ...own });
      expect(tagsOf(copy)).toEqual(tagsOf(original));
    },
  );

  it('is refused with the permissions that are needed, and where to grant them', async () => {
    await sandbox.control('POST', '/sandbox/discord/world', {
      role_permissions: { '600000000000000002': ['VIEW_CHANNEL'] },
    });
    const told = await run('clone_channel', { channel_id: '700000000000000016' });
    expect([told.code, told.failure?.message]).toEqual([
      'REFUSED',
      'Discord answered 403: Missing Permissions; what to do: clone_channel needs VIEW_CHANNEL, MANAGE_CHANNELS, MANAGE_ROLES: grant what is missing to the role of the bot, in the settings of the server (Roles) or of the channel (Permissions), and move that role above the roles and members that it is to change',
    ]);
  });

  it('of a thread or a private chat is refused, and nothing is made', async () => {
    const made = await run('create_thread', {
      channel_id: '700000000000000001',
      name: 'A thread',
      type: 11,
    });
    const channel_id = (made.result as { thread_id?: string }).thread_id;
    const before = await sandbox.lastSeq();
    const told = await run('clone_channel', { channel_id });
    expect([told.code, told.failure?.message]).toEqual([
      'INVALID_INPUT',
      'parameters.channel_id: must be a channel of a server: threads and private chats cannot be copied',
    ]);
    const seen = await sandbox.requestsSince(before);
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
  });
});
