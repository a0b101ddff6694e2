// Real: the built gateway as processes, PostgreSQL, gRPC and HTTP over sockets. Fake: Discord, at the wire.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeStruct, type ProtoStruct } from '../../src/doors/grpc/struct.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import type { SeenRequest } from '../support/sandbox.js';
import { DOORS, type DoorName, House, type TwoDoors } from '../support/two-doors.js';

const API = '/discord/api/v10';
const CHANNEL = '700000000000000001';
const READ_ONLY = '700000000000000002';
const HIDDEN = '700000000000000003';
const GUILD = '800000000000000001';
const REGULAR = '600000000000000003';
const ADMIN_ROLE = '600000000000000001';
const ADMIN = '200000000000000008';
const OWNER = '200000000000000009';
const BOT = '100000000000000001';
const SEED_MESSAGE = '1300000000000000001';
const NOTHING = '1999999999999999999';
const SECRET = /\[redacted\]/;

interface Message {
  readonly id: string;
  readonly content: string;
  readonly embeds: readonly unknown[];
  readonly attachments: readonly unknown[];
  readonly reactions: Readonly<Record<string, readonly string[]>>;
  readonly webhook_id: string | null;
  readonly username: string;
  readonly reply_to: string | null;
  readonly edited: string | null;
}

interface Server {
  readonly members: Readonly<
    Record<string, { readonly roles: readonly string[]; readonly timed_out_until: string | null }>
  >;
  readonly bans: readonly Record<string, unknown>[];
  readonly audit: readonly Record<string, unknown>[];
}

interface DiscordState {
  readonly guilds: Readonly<Record<string, Server>>;
  readonly channels: Readonly<Record<string, { readonly messages: readonly Message[] }>>;
  readonly webhooks: readonly Record<string, unknown>[];
  readonly invalid_requests: number;
}

let house: House;
let ajv: Ajv2020;
let described: ReadonlyMap<string, { input: object; output: object }>;
let before = 0;
let nextId = 300_000;

beforeAll(async () => {
  house = await House.open();
  await setWorld({ limits: false });
  ajv = new Ajv2020({ strict: true });
  const { actions } = (await house.doors.grpc.call('ListActions', { platform: 'discord' })) as {
    actions: { action_type: string; input_schema: ProtoStruct; output_schema: ProtoStruct }[];
  };
  described = new Map(
    actions.map(({ action_type, input_schema, output_schema }) => [
      action_type,
      { input: decodeStruct(input_schema), output: decodeStruct(output_schema) },
    ]),
  );
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

const setWorld = (changes: object): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/discord/world', changes);

async function readState(): Promise<DiscordState> {
  return (await house.sandbox.control<{ discord: DiscordState }>('GET', '/sandbox/state')).discord;
}

async function readServer(): Promise<Server> {
  return (await readState()).guilds[GUILD]!;
}

async function readMessages(channel = CHANNEL): Promise<readonly Message[]> {
  return (await readState()).channels[channel]!.messages;
}

/** Somebody says something. */
async function say(author_id: string, content = 'hello'): Promise<string> {
  const body = { channel_id: CHANNEL, author_id, content };
  return (await house.sandbox.control<{ id: string }>('POST', '/sandbox/discord/messages', body))
    .id;
}

async function addMember(roles: readonly string[] = []): Promise<string> {
  const id = String((nextId += 1));
  await house.sandbox.control('POST', '/sandbox/discord/members', { id, roles });
  return id;
}

const envelopeOf = (action_type: string, parameters: object, more: object = {}): object => ({
  platform: 'discord',
  action_type,
  parameters,
  ...more,
});

const run = (
  door: DoorName,
  type: string,
  parameters: object,
  more: object = {},
  doors: TwoDoors = house.doors,
): Promise<GrpcOutcome> => doors.execute(door, envelopeOf(type, parameters, more));

/** Calls of the simulated Discord since the test began. */
async function listCalls(): Promise<SeenRequest[]> {
  return (await house.sandbox.requestsSince(before)).filter(({ path }) => path.startsWith(API));
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly reason?: string;
}

/** What every test compares: the words of a request, without what the wire adds. */
const showCall = ({ method, path, query, body, headers }: SeenRequest): Call => ({
  method,
  path: path.slice(API.length),
  query,
  body: body ?? {},
  ...(headers['x-audit-log-reason'] && {
    reason: decodeURIComponent(headers['x-audit-log-reason']),
  }),
});

interface Shown {
  readonly method: string;
  readonly url: string;
  readonly body: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  readonly files?: readonly { name: string; size: number }[];
}

/** A dry run's request in the same words. */
function showPrepared({ method, url, body, headers, files }: Shown): Call {
  const { pathname, searchParams } = new URL(url);
  const reason = headers?.['x-audit-log-reason'];
  const form = files?.length
    ? {
        payload_json: body,
        ...Object.fromEntries(
          files.map(({ name, size }, index) => [
            `files[${index}]`,
            { filename: name, type: 'application/octet-stream', size },
          ]),
        ),
      }
    : body;
  return {
    method,
    path: pathname.slice(API.length),
    query: Object.fromEntries(searchParams),
    body: form,
    ...(reason && { reason: decodeURIComponent(reason) }),
  };
}

/** The one thing that differs between a dry run and its action, and the moments a timeout ends. */
function forgetMoments(call: Call): unknown {
  return JSON.parse(
    JSON.stringify(call)
      .replaceAll(/"nonce":"[\w-]{22}"/g, '"nonce":"*"')
      .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"*"'),
  );
}

interface Scene {
  readonly user: string;
  readonly message: string;
  readonly webhook: { readonly id: string; readonly token: string };
}

interface Scenario {
  readonly type: string;
  readonly name?: string;
  readonly prepare?: (scene: Scene) => Promise<Partial<Scene>>;
  readonly parameters: (scene: Scene) => Record<string, unknown>;
  readonly call: (scene: Scene) => Call;
  readonly result: Record<string, unknown>;
  readonly effect: (scene: Scene, result: Record<string, unknown>) => Promise<void>;
}

const QUIET = { allowed_mentions: { parse: [] } };
const ONCE = { nonce: expect.stringMatching(/^[\w-]{22}$/), enforce_nonce: true };
const EMBED = {
  title: 'Live',
  color: '#5865F2',
  footer_text: 'soon',
  thumbnail_url: 'https://a.test/t.png',
  fields: [{ name: 'Game', value: 'Chess', inline: true }],
};
const WRITTEN_EMBED = {
  title: 'Live',
  color: 0x58_65_f2,
  footer: { text: 'soon' },
  thumbnail: { url: 'https://a.test/t.png' },
  fields: [{ name: 'Game', value: 'Chess', inline: true }],
};
const IDS = { message_id: expect.stringMatching(/^\d+$/), message_sent: true };
const member = ({ user }: Scene) => ({ guild_id: GUILD, user_id: user });
const pathOf = ({ user }: Scene): string => `/guilds/${GUILD}/members/${user}`;

async function expectMessage(id: unknown, expected: object): Promise<void> {
  const message = (await readMessages()).find((candidate) => candidate.id === id);
  expect(message).toMatchObject(expected);
}

async function sendOwn(): Promise<Partial<Scene>> {
  const { result_data } = await run('grpc', 'send_message', {
    channel_id: CHANNEL,
    content: 'old',
  });
  return { message: String(result_data['message_id']) };
}

async function openWebhook(): Promise<Partial<Scene>> {
  const { result_data } = await run('grpc', 'create_webhook', {
    channel_id: CHANNEL,
    name: 'Hook',
  });
  return {
    webhook: {
      id: String(result_data['webhook_id']),
      token: String(result_data['webhook_token']),
    },
  };
}

async function expectRoles(user: string, roles: readonly string[]): Promise<void> {
  expect((await readServer()).members[user]?.roles).toEqual(roles);
}

async function expectAudit(action: string, target_id: string, reason: string): Promise<void> {
  expect((await readServer()).audit.at(-1)).toMatchObject({ action, by: BOT, target_id, reason });
}

const scenarios: readonly Scenario[] = [
  {
    type: 'send_message',
    parameters: () => ({ channel_id: CHANNEL, content: 'Hello 👋 @everyone', embeds: [EMBED] }),
    call: () => ({
      method: 'POST',
      path: `/channels/${CHANNEL}/messages`,
      body: { content: 'Hello 👋 @everyone', embeds: [WRITTEN_EMBED], ...QUIET, ...ONCE },
    }),
    result: IDS,
    effect: (_scene, { message_id }) =>
      expectMessage(message_id, {
        content: 'Hello 👋 @everyone',
        embeds: [WRITTEN_EMBED],
        ...QUIET,
      }),
  },
  {
    type: 'send_message',
    name: 'with a reply and a file',
    parameters: ({ message }) => ({
      channel_id: CHANNEL,
      content: 'See',
      reply_to_message_id: message,
      files: [{ name: 'ä.bin', data: Buffer.from([0, 255, 13, 10, 45, 45]).toString('base64') }],
    }),
    call: ({ message }) => ({
      method: 'POST',
      path: `/channels/${CHANNEL}/messages`,
      body: {
        payload_json: {
          content: 'See',
          ...QUIET,
          message_reference: { message_id: message },
          ...ONCE,
          attachments: [{ id: 0, filename: 'ä.bin' }],
        },
        'files[0]': { filename: 'ä.bin', type: 'application/octet-stream', size: 6 },
      },
    }),
    result: IDS,
    effect: ({ message }, { message_id }) =>
      expectMessage(message_id, {
        reply_to: message,
        attachments: [{ id: '0', filename: 'ä.bin', size: 6 }],
      }),
  },
  {
    type: 'send_embed',
    parameters: () => ({ channel_id: CHANNEL, embed: EMBED }),
    call: () => ({
      method: 'POST',
      path: `/channels/${CHANNEL}/messages`,
      body: { embeds: [WRITTEN_EMBED], ...QUIET, ...ONCE },
    }),
    result: IDS,
    effect: (_scene, { message_id }) =>
      expectMessage(message_id, { content: '', embeds: [WRITTEN_EMBED] }),
  },
  {
    type: 'edit_message',
    prepare: sendOwn,
    parameters: ({ message }) => ({ channel_id: CHANNEL, message_id: message, content: 'new' }),
    call: ({ message }) => ({
      method: 'PATCH',
      path: `/channels/${CHANNEL}/messages/${message}`,
      body: { content: 'new', ...QUIET },
    }),
    result: { message_id: expect.any(String), message_edited: true },
    effect: ({ message }) =>
      expectMessage(message, { content: 'new', edited: expect.stringMatching(/Z$/) }),
  },
  {
    type: 'delete_message',
    parameters: ({ message }) => ({ channel_id: CHANNEL, message_id: message, reason: 'Späm' }),
    call: ({ message }) => ({
      method: 'DELETE',
      path: `/channels/${CHANNEL}/messages/${message}`,
      reason: 'Späm',
    }),
    result: { message_deleted: true },
    effect: async ({ message }) => {
      expect((await readMessages()).map(({ id }) => id)).not.toContain(message);
      await expectAudit('message_delete', message, 'Späm');
    },
  },
  {
    type: 'add_reaction',
    parameters: ({ message }) => ({ channel_id: CHANNEL, message_id: message, emoji: '👍' }),
    call: ({ message }) => ({
      method: 'PUT',
      path: `/channels/${CHANNEL}/messages/${message}/reactions/%F0%9F%91%8D/@me`,
    }),
    result: { reaction_added: true },
    effect: ({ message }) => expectMessage(message, { reactions: { '👍': [BOT] } }),
  },
  {
    type: 'add_reaction',
    name: 'with an emoji of the server',
    parameters: ({ message }) => ({
      channel_id: CHANNEL,
      message_id: message,
      emoji: '<:party:500000000000000001>',
    }),
    call: ({ message }) => ({
      method: 'PUT',
      path: `/channels/${CHANNEL}/messages/${message}/reactions/party%3A500000000000000001/@me`,
    }),
    result: { reaction_added: true },
    effect: ({ message }) =>
      expectMessage(message, { reactions: { 'party:500000000000000001': [BOT] } }),
  },
  {
    type: 'create_webhook',
    parameters: ({ user }) => ({ channel_id: CHANNEL, name: `News ${user}`, reason: 'Wanted' }),
    call: ({ user }) => ({
      method: 'POST',
      path: `/channels/${CHANNEL}/webhooks`,
      body: { name: `News ${user}` },
      reason: 'Wanted',
    }),
    result: {
      webhook_id: expect.stringMatching(/^\d+$/),
      webhook_token: expect.stringMatching(/^[\w-]{68}$/),
      webhook_url: expect.stringMatching(/^https:\/\/discord\.com\/api\/webhooks\/\d+\/[\w-]{68}$/),
    },
    effect: async ({ user }, { webhook_id }) => {
      expect((await readState()).webhooks).toContainEqual({
        id: webhook_id,
        channel_id: CHANNEL,
        name: `News ${user}`,
      });
      await expectAudit('webhook_create', String(webhook_id), 'Wanted');
    },
  },
  {
    type: 'send_webhook',
    prepare: openWebhook,
    parameters: ({ webhook: { id, token } }) => ({
      webhook_url: `https://discord.com/api/webhooks/${id}/${token}`,
      content: 'From afar',
      username: 'Herald',
    }),
    call: ({ webhook: { id, token } }) => ({
      method: 'POST',
      path: `/webhooks/${id}/${token}`,
      query: { wait: 'true' },
      body: { content: 'From afar', ...QUIET, username: 'Herald' },
    }),
    result: IDS,
    effect: ({ webhook: { id } }, { message_id }) =>
      expectMessage(message_id, { webhook_id: id, username: 'Herald', content: 'From afar' }),
  },
  ...(['add_role', 'manage_role'] as const).map((type): Scenario => ({
    type,
    parameters: (scene) => ({ ...member(scene), role_id: REGULAR, reason: 'Earned' }),
    call: (scene) => ({
      method: 'PUT',
      path: `${pathOf(scene)}/roles/${REGULAR}`,
      reason: 'Earned',
    }),
    result: type === 'add_role' ? { role_added: true } : { action: 'add' },
    effect: async ({ user }) => {
      await expectRoles(user, [REGULAR]);
      await expectAudit('member_role_update', user, 'Earned');
    },
  })),
  ...(['remove_role', 'manage_role'] as const).map((type): Scenario => ({
    type,
    name: 'to take a role',
    prepare: async () => ({ user: await addMember([REGULAR]) }),
    parameters: (scene) => ({
      ...member(scene),
      role_id: REGULAR,
      ...(type === 'manage_role' && { action: 'remove' }),
    }),
    call: (scene) => ({ method: 'DELETE', path: `${pathOf(scene)}/roles/${REGULAR}` }),
    result: type === 'remove_role' ? { role_removed: true } : { action: 'remove' },
    effect: async ({ user }) => {
      await expectRoles(user, []);
    },
  })),
  {
    type: 'kick_user',
    parameters: (scene) => ({ ...member(scene), reason: 'Rude' }),
    call: (scene) => ({ method: 'DELETE', path: pathOf(scene), reason: 'Rude' }),
    result: { user_kicked: true },
    effect: async ({ user }) => {
      expect((await readServer()).members).not.toHaveProperty(user);
      await expectAudit('member_kick', user, 'Rude');
    },
  },
  {
    type: 'ban_user',
    parameters: (scene) => ({ ...member(scene), reason: 'Spam', delete_message_days: 1 }),
    call: ({ user }) => ({
      method: 'PUT',
      path: `/guilds/${GUILD}/bans/${user}`,
      body: { delete_message_seconds: 86_400 },
      reason: 'Spam',
    }),
    result: { user_banned: true },
    effect: async ({ user, message }) => {
      expect((await readServer()).bans).toContainEqual({
        user_id: user,
        reason: 'Spam',
        delete_message_seconds: 86_400,
      });
      expect((await readMessages()).map(({ id }) => id)).not.toContain(message);
    },
  },
  {
    type: 'timeout_user',
    parameters: (scene) => ({ ...member(scene), duration_seconds: 600, reason: 'Caps' }),
    call: (scene) => ({
      method: 'PATCH',
      path: pathOf(scene),
      body: { communication_disabled_until: expect.stringMatching(/Z$/) },
      reason: 'Caps',
    }),
    result: { user_timed_out: true, timed_out_until: expect.stringMatching(/Z$/) },
    effect: async ({ user }) => {
      const end = Date.parse((await readServer()).members[user]?.timed_out_until ?? '');
      expect(Math.abs(end - Date.now() - 600_000)).toBeLessThan(10_000);
    },
  },
  {
    type: 'timeout_user',
    name: 'to end it',
    prepare: async (scene) => {
      await run('grpc', 'timeout_user', { ...member(scene), duration_seconds: 600 });
      return {};
    },
    parameters: (scene) => ({ ...member(scene), clear: true }),
    call: (scene) => ({
      method: 'PATCH',
      path: pathOf(scene),
      body: { communication_disabled_until: null },
    }),
    result: { user_timed_out: false },
    effect: async ({ user }) => {
      expect((await readServer()).members[user]?.timed_out_until).toBeNull();
    },
  },
];

async function setScene({ prepare }: Scenario): Promise<Scene> {
  const user = await addMember();
  const scene = { user, message: await say(user), webhook: { id: '', token: '' } };
  return { ...scene, ...(await prepare?.(scene)) };
}

function findSchemaFaults(schema: object, value: unknown): unknown[] {
  const validate = ajv.compile(schema);
  validate(value);
  return validate.errors ?? [];
}

const asCall = (call: Call): Call => ({ query: {}, body: {}, ...call });

describe('the actions on Discord', () => {
  const runs = scenarios.flatMap((scenario) =>
    DOORS.map((door) => Object.assign({ door, title: scenario.name ?? '' }, scenario)),
  );

  it.each(runs)('$type $title over $door: rehearsed, then done', async (scenario) => {
    const { type, door } = scenario;
    const scene = await setScene(scenario);
    const parameters = scenario.parameters(scene);
    const schemas = described.get(type)!;
    expect(findSchemaFaults(schemas.input, parameters)).toEqual([]);
    before = await house.sandbox.lastSeq();

    const rehearsed = await run(door, type, parameters, { dry_run: true });
    expect(rehearsed).toMatchObject({ status: 'PREPARED', prepared: { reads: [], cost: 1 } });
    expect(await house.sandbox.lastSeq()).toBe(before);

    const done = await run(door, type, parameters);
    expect(done).toMatchObject({ status: 'SUCCEEDED', error: '', failure: null, sandbox: true });
    expect(done.result_data).toEqual(scenario.result);
    expect(findSchemaFaults(schemas.output, done.result_data)).toEqual([]);

    const calls = await listCalls();
    expect(calls.map(showCall)).toEqual([asCall(scenario.call(scene))]);
    const [call] = calls;
    const isOpen = type === 'send_webhook';
    expect(call?.headers['authorization']).toBe(isOpen ? undefined : 'Bot ***');
    expect(call?.headers['user-agent']).toMatch(/^DiscordBot \(\S+, \d+\.\d+\.\d+\)$/);

    const shown = JSON.stringify(rehearsed.prepared);
    const { token } = scene.webhook;
    expect(shown).not.toContain(token || 'a secret of none');
    const prepared = JSON.parse(
      shown.replace(SECRET, token).replace('%5Bredacted%5D', token),
    ) as Shown;
    expect(forgetMoments(showPrepared(prepared))).toEqual(forgetMoments(showCall(call!)));
    await scenario.effect(scene, done.result_data);
  });

  it('leave no secret of a webhook in the log', async () => {
    const created = await run('rest', 'create_webhook', { channel_id: CHANNEL, name: 'Secret' });
    const token = String(created.result_data['webhook_token']);
    const sent = await run('grpc', 'send_webhook', {
      webhook_id: created.result_data['webhook_id'],
      webhook_token: token,
      content: 'm',
    });
    for (const { action_id } of [created, sent]) {
      const kept = JSON.stringify(await house.doors.readStatus('rest', action_id));
      expect(kept).toContain(action_id);
      expect(kept).not.toContain(token);
    }
    expect(house.doors.gateway.output()).not.toContain(token);
  });

  it('give the secret of a webhook back to a repeat with the same key', async () => {
    const more = { idempotency_key: `hook-${Date.now()}` };
    const parameters = { channel_id: CHANNEL, name: 'Once' };
    const first = await run('grpc', 'create_webhook', parameters, more);
    const again = await run('rest', 'create_webhook', parameters, more);
    expect(again).toMatchObject({ replayed: true, result_data: first.result_data });
    expect(await listCalls()).toHaveLength(1);
  });

  it('send a file that is fetched from an address', async () => {
    const url = new URL('/sandbox/files/sample.txt', house.sandbox.url).href;
    const parameters = { channel_id: CHANNEL, files: [{ url, description: 'A sample' }] };
    const rehearsed = await run('grpc', 'send_message', parameters, { dry_run: true });
    expect(rehearsed.prepared).toMatchObject({
      reads: [{ method: 'GET', url }],
      cost: 1,
      files: [{ name: 'sample.txt', size: -1 }],
    });
    const done = await run('rest', 'send_message', parameters);
    expect(done.status).toBe('SUCCEEDED');
    await expectMessage(done.result_data['message_id'], {
      attachments: [{ id: '0', filename: 'sample.txt', size: 22 }],
    });
  });
});

describe('refusals of the gateway: nothing is sent', () => {
  const wrong: readonly [string, Record<string, unknown>, RegExp][] = [
    ['send_message', { channel_id: '../users/@me', content: 'm' }, /channel_id: must be an id/],
    ['send_message', { channel_id: CHANNEL, content: 'x'.repeat(2_001) }, /at most 2000/],
    ['send_message', { channel_id: CHANNEL, embeds: [{ title: 'x'.repeat(257) }] }, /at most 256/],
    ['send_message', { channel_id: CHANNEL }, /is missing/],
    [
      'send_webhook',
      { webhook_url: 'https://discord.com.evil.test/api/webhooks/1/x', content: 'm' },
      /of Discord itself/,
    ],
    [
      'send_webhook',
      { webhook_url: 'http://127.0.0.1/api/webhooks/1/x', content: 'm' },
      /of Discord itself/,
    ],
    [
      'manage_role',
      { guild_id: GUILD, user_id: OWNER, role_id: REGULAR, action: 'ad' },
      /one of add, remove/,
    ],
    [
      'ban_user',
      { guild_id: GUILD, user_id: OWNER, delete_message_seconds: 604_801 },
      /at most 604800/,
    ],
    ['timeout_user', { guild_id: GUILD, user_id: OWNER, duration_seconds: 0 }, /clear: true/],
    ['add_reaction', { channel_id: CHANNEL, message_id: '1', emoji: ':x:' }, /must be an emoji/],
    [
      'send_message',
      { channel_id: CHANNEL, files: [{ url: 'https://169.254.169.254/' }] },
      /only addresses below/,
    ],
    [
      'send_message',
      { channel_id: CHANNEL, files: [{ url: 'https://example.org/a.png' }] },
      /only addresses below/,
    ],
  ];

  it.each(wrong)('%s %o', async (type, parameters, message) => {
    for (const door of DOORS) {
      expect(await run(door, type, parameters)).toMatchObject({
        status: 'REFUSED',
        failure: { code: 'INVALID_INPUT' },
        error: expect.stringMatching(message),
      });
    }
    expect(await listCalls()).toEqual([]);
  });

  it('names what is missing for a bot that was not stored', async () => {
    const parameters = { channel_id: CHANNEL, content: 'm' };
    const outcome = await run('rest', 'send_message', parameters, { account_id: '424242' });
    expect(outcome).toMatchObject({
      failure: { code: 'ACCOUNT_NOT_CONNECTED' },
      error: expect.stringContaining('PUT /api/v1/accounts/discord/424242'),
    });
    const asActor = await run('grpc', 'send_message', parameters, { actor_id: '424242' });
    expect(asActor).toMatchObject({ failure: { code: 'INVALID_INPUT' } });
    expect(await listCalls()).toEqual([]);
  });
});

describe('refusals of Discord', () => {
  const cases: readonly [string, Record<string, unknown>, object][] = [
    [
      'send_message',
      { channel_id: READ_ONLY, content: 'm' },
      { code: 'REFUSED', platform_code: '50013', platform_status: 403 },
    ],
    [
      'send_message',
      { channel_id: HIDDEN, content: 'm' },
      { code: 'REFUSED', platform_code: '50001', platform_status: 403 },
    ],
    [
      'send_message',
      { channel_id: NOTHING, content: 'm' },
      { code: 'NOT_FOUND', platform_code: '10003', platform_status: 404 },
    ],
    [
      'delete_message',
      { channel_id: CHANNEL, message_id: NOTHING },
      { code: 'NOT_FOUND', platform_code: '10008' },
    ],
    [
      'edit_message',
      { channel_id: CHANNEL, message_id: SEED_MESSAGE, content: 'm' },
      { code: 'REFUSED', platform_code: '50005' },
    ],
    [
      'add_reaction',
      { channel_id: CHANNEL, message_id: SEED_MESSAGE, emoji: 'none:1' },
      { code: 'NOT_FOUND', platform_code: '10014' },
    ],
    [
      'send_webhook',
      { webhook_id: '1', webhook_token: 'x', content: 'm' },
      { code: 'NOT_FOUND', platform_code: '10015' },
    ],
    [
      'add_role',
      { guild_id: GUILD, user_id: ADMIN, role_id: ADMIN_ROLE },
      { code: 'REFUSED', platform_code: '50013' },
    ],
    [
      'add_role',
      { guild_id: GUILD, user_id: ADMIN, role_id: NOTHING },
      { code: 'NOT_FOUND', platform_code: '10011' },
    ],
    ['kick_user', { guild_id: GUILD, user_id: OWNER }, { code: 'REFUSED', platform_code: '50013' }],
    [
      'kick_user',
      { guild_id: GUILD, user_id: NOTHING },
      { code: 'NOT_FOUND', platform_code: '10013' },
    ],
    [
      'kick_user',
      { guild_id: NOTHING, user_id: OWNER },
      { code: 'NOT_FOUND', platform_code: '10004' },
    ],
    ['ban_user', { guild_id: GUILD, user_id: ADMIN }, { code: 'REFUSED', platform_code: '50013' }],
    [
      'timeout_user',
      { guild_id: GUILD, user_id: ADMIN, duration_seconds: 60 },
      { code: 'REFUSED', platform_code: '50013' },
    ],
  ];

  it.each(cases)('%s %o: %o', async (type, parameters, failure) => {
    for (const door of DOORS) {
      const outcome = await run(door, type, parameters);
      expect(outcome).toMatchObject({ status: 'REFUSED', failure });
    }
    expect(await listCalls()).toHaveLength(2);
  });

  it("a webhook's wrong token is no fault of the bot, which goes on", async () => {
    const { webhook } = await openWebhook();
    const parameters = { webhook_id: webhook?.id, webhook_token: 'wrong', content: 'm' };
    expect(await run('grpc', 'send_webhook', parameters)).toMatchObject({
      failure: { code: 'REFUSED', platform_code: '50027', platform_status: 401 },
    });
    const message = await run('grpc', 'send_message', {
      channel_id: CHANNEL,
      content: 'still here',
    });
    expect(message.status).toBe('SUCCEEDED');
  });

  it('faults of fields come in one line', async () => {
    const errors = { embeds: { 0: { title: { _errors: [{ code: 'X', message: 'Too long.' }] } } } };
    const body = { code: 50_035, message: 'Invalid Form Body', errors };
    await addFault({ kind: 'status', status: 400, body });
    const outcome = await run('rest', 'send_message', { channel_id: CHANNEL, content: 'm' });
    expect(outcome.error).toBe(
      'Discord answered 400: Invalid Form Body — embeds[0].title: Too long.',
    );
  });
});

const addFault = (fault: object, times = 1): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', { fault, times, match: { path: API } });

describe('when the wire fails', () => {
  it.each(DOORS)('a message whose answer was lost is there once, over %s', async (door) => {
    const content = `once over ${door}`;
    await addFault({ kind: 'reset', when: 'after' });
    const outcome = await run(door, 'send_message', { channel_id: CHANNEL, content });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: IDS });
    const there = (await readMessages()).filter((message) => message.content === content);
    expect(there.map(({ id }) => id)).toEqual([outcome.result_data['message_id']]);
    const nonces = (await listCalls()).map(({ body }) => (body as { nonce: string }).nonce);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(1);
  });

  it('the same with files', async () => {
    const files = [{ name: 'a.txt', data: 'aGVsbG8=' }];
    await addFault({ kind: 'cut-body' });
    const outcome = await run('grpc', 'send_message', { channel_id: CHANNEL, content: 'f', files });
    expect(outcome.status).toBe('SUCCEEDED');
    expect((await readMessages()).filter(({ content }) => content === 'f')).toHaveLength(1);
  });

  it('two actions of the same content are two messages', async () => {
    for (let count = 0; count < 2; count += 1)
      await run('grpc', 'send_message', { channel_id: CHANNEL, content: 'twice' });
    expect((await readMessages()).filter(({ content }) => content === 'twice')).toHaveLength(2);
  });

  it('a message that seems to have been deleted before is deleted', async () => {
    const message_id = await say(OWNER);
    await addFault({ kind: 'reset', when: 'after' });
    const outcome = await run('rest', 'delete_message', { channel_id: CHANNEL, message_id });
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { message_deleted: true } });
    expect((await listCalls()).map(({ status }) => status)).toEqual([null, 404]);
  });

  it.each([
    ['kick_user', async () => ({ guild_id: GUILD, user_id: await addMember() })],
    ['create_webhook', async () => ({ channel_id: CHANNEL, name: 'Perhaps' })],
    [
      'send_webhook',
      async () => {
        const { webhook } = await openWebhook();
        return { webhook_id: webhook?.id, webhook_token: webhook?.token, content: 'perhaps' };
      },
    ],
  ])('%s in doubt stays in doubt, and is not sent again', async (type, prepare) => {
    const parameters = await prepare();
    before = await house.sandbox.lastSeq();
    await addFault({ kind: 'reset', when: 'after' });
    expect(await run('grpc', type, parameters)).toMatchObject({
      status: 'UNKNOWN',
      failure: { code: 'OUTCOME_UNKNOWN' },
    });
    expect(await listCalls()).toHaveLength(1);
  });

  it('a 429 is waited out, by the fraction of a second that Discord names', async () => {
    const body = { message: 'Slow', retry_after: 0.2, global: false };
    await addFault({ kind: 'status', status: 429, body });
    const outcome = await run('rest', 'send_message', { channel_id: CHANNEL, content: 'waited' });
    expect(outcome.status).toBe('SUCCEEDED');
    const calls = await listCalls();
    expect(calls).toHaveLength(2);
    const [first = 0, second = 0] = calls.map(({ at }) => Date.parse(at));
    expect(second).toBeGreaterThanOrEqual(first + 195);
  });

  it('a long 429 is told at once', async () => {
    const body = { message: 'Slow', retry_after: 3_600.5, global: true };
    await addFault({
      kind: 'status',
      status: 429,
      body,
      headers: { 'x-ratelimit-scope': 'global' },
    });
    expect(await run('grpc', 'send_message', { channel_id: CHANNEL, content: 'm' })).toMatchObject({
      failure: { code: 'RATE_LIMITED', retryable: true, retry_after_ms: 3_600_500 },
      error: 'Discord answered 429: Slow (limit: global)',
    });
    expect(await listCalls()).toHaveLength(1);
    // The next one is told without asking Discord.
    expect(await run('grpc', 'send_message', { channel_id: CHANNEL, content: 'm' })).toMatchObject({
      failure: { code: 'RATE_LIMITED', retryable: true, platform_status: 0 },
    });
    expect(await listCalls()).toHaveLength(1);
  });

  it('a full bucket of the sandbox is waited out, and never run into', async () => {
    await house.forgetLimits();
    await setWorld({ limits: true });
    try {
      const outcomes = await Promise.all(
        Array.from({ length: 7 }, (_none, index) =>
          run('grpc', 'send_message', { channel_id: CHANNEL, content: `bucket ${index}` }),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(Array(7).fill('SUCCEEDED'));
      expect((await listCalls()).map(({ status }) => status)).toEqual(Array(7).fill(200));
    } finally {
      await setWorld({ limits: false });
      await house.forgetLimits();
    }
  });
});

async function storeBot(): Promise<{ id: string; token: string }> {
  const id = String((nextId += 1));
  const bot = await house.sandbox.control<{ id: string; token: string }>(
    'POST',
    '/sandbox/discord/bots',
    { id },
  );
  const path = `/api/v1/accounts/discord/${id}`;
  const { status } = await house.doors.rest('PUT', path, { access_token: bot.token });
  if (status !== 200) throw new Error(`PUT account: ${status}`);
  return bot;
}

const putBot = (id: string, body: object) =>
  house.doors.rest('PUT', `/api/v1/accounts/discord/${id}`, body);

describe('several bots', () => {
  it('act each with a token of its own', async () => {
    const { id } = await storeBot();
    before = await house.sandbox.lastSeq();
    for (const door of DOORS) {
      const parameters = { channel_id: CHANNEL, content: 'from another' };
      const outcome = await run(door, 'send_message', parameters, { account_id: id });
      expect(outcome.status).toBe('SUCCEEDED');
    }
    expect((await listCalls()).map(({ who }) => who)).toEqual([`bot_${id}`, `bot_${id}`]);
  });

  it('rest once Discord no longer takes their token, and act again with a new one', async () => {
    const { id, token } = await storeBot();
    const parameters = { channel_id: CHANNEL, content: 'm' };
    await house.sandbox.control('POST', '/sandbox/discord/reset-token', { id });
    before = await house.sandbox.lastSeq();
    for (let count = 0; count < 3; count += 1) {
      const outcome = await run('grpc', 'send_message', parameters, { account_id: id });
      expect(outcome).toMatchObject({ failure: { code: 'RECONNECT_ACCOUNT' } });
      expect(JSON.stringify(outcome)).not.toContain(token);
    }
    expect(await listCalls()).toHaveLength(1);
    const other = await storeBot();
    await house.doors.rest('PUT', `/api/v1/accounts/discord/${id}`, { access_token: other.token });
    const outcome = await run('grpc', 'send_message', parameters, { account_id: id });
    expect(outcome.status).toBe('SUCCEEDED');
  });

  it('cannot be stored in place of the one of the configuration, nor with what Discord has not', async () => {
    const own = await putBot('default', { access_token: 'x' });
    expect([own.status, JSON.stringify(own.body)]).toEqual([
      400,
      expect.stringContaining('part of the configuration'),
    ]);
    const renewable = await putBot('424243', { access_token: 'x', refresh_token: 'y' });
    expect([renewable.status, JSON.stringify(renewable.body)]).toEqual([
      400,
      expect.stringContaining('never renewed'),
    ]);
  });
});
