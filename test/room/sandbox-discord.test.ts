// Real: the simulated Discord over HTTP. Fake: the clock, which stands still until it is moved.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, callHttp, type Json, SandboxCaller } from '../support/sandbox-caller.js';

const CHANNEL = '700000000000000001';
const READ_ONLY = '700000000000000002';
const HIDDEN = '700000000000000003';
const GUILD = '800000000000000001';
const MEMBER = '200000000000000001';
const REGULAR = '600000000000000003';
const BOT_ROLE = '600000000000000002';
const ADMIN = '200000000000000008';
const OWNER = '200000000000000009';
const STRANGER = '200000000000000007';
const NOBODY = '299999999999999999';
const MESSAGE = '1300000000000000001';
const MESSAGES = `/channels/${CHANNEL}/messages`;
const MEMBERS = `/guilds/${GUILD}/members`;

let caller: SandboxCaller;

beforeAll(async () => {
  caller = await SandboxCaller.open();
});

afterAll(() => caller?.close());

beforeEach(() => caller.control('POST', '/reset', {}));

interface Request {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Calls the simulated Discord as the demo bot, or as told. */
function call(line: string, { token, body, headers }: Request = {}): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ');
  const { apiUrl, botToken } = caller.sandbox.discord;
  const isForm = body instanceof FormData;
  return callHttp(apiUrl + path, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bot ${token ?? botToken}` }),
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
  });
}

const say = (body: object, request: Request = {}): Promise<Answer> =>
  call(`POST ${MESSAGES}`, { body, ...request });

async function readState(): Promise<Json> {
  return (await caller.control('GET', '/state')).json['discord']!;
}

async function readMessages(): Promise<readonly Json[]> {
  return (await readState())['channels']![CHANNEL]!['messages']!;
}

/** Status and code of a no. */
async function no(line: string, request: Request = {}): Promise<[status: number, code: unknown]> {
  const { status, json } = await call(line, request);
  return [status, json?.['code']];
}

async function openWebhook(): Promise<{ id: string; token: string }> {
  const { json } = await call(`POST /channels/${CHANNEL}/webhooks`, { body: { name: 'News' } });
  return json as unknown as { id: string; token: string };
}

const react = (emoji: string): string =>
  `PUT ${MESSAGES}/${MESSAGE}/reactions/${encodeURIComponent(emoji)}/@me`;

/** A list of the same thing, many times. */
const many = (count: number, thing: object): object[] =>
  Array.from({ length: count }, () => structuredClone(thing));

/** Sets the permissions of the bot's role. */
const permit = (...permissions: string[]): Promise<Answer> =>
  caller.control('POST', '/discord/world', { role_permissions: { [BOT_ROLE]: permissions } });

describe('who may call', () => {
  it('is a bot with its token', async () => {
    expect((await call('GET /users/@me')).json).toMatchObject({ username: 'demo_bot', bot: true });
    expect(await no('GET /users/@me', { token: 'wrong' })).toEqual([401, 0]);
    expect(await no('GET /users/@me', { token: null })).toEqual([401, 0]);
    const { botToken } = caller.sandbox.discord;
    const authorization = `Bearer ${botToken}`;
    expect(await no('GET /users/@me', { headers: { authorization } })).toEqual([401, 0]);
    expect(await no('GET /nowhere')).toEqual([501, 0]);
  });

  it('is another bot, until its token is reset', async () => {
    const { json } = await caller.control('POST', '/discord/bots', { id: '42' });
    const token = String(json['token']);
    expect((await call('GET /users/@me', { token })).json['id']).toBe('42');
    expect((await caller.control('POST', '/discord/bots', { id: '42' })).status).toBe(400);
    await caller.control('POST', '/discord/reset-token', { id: '42' });
    expect(await no('GET /users/@me', { token })).toEqual([401, 0]);
  });
});

describe('letting the bot in', () => {
  const OTHER = '800000000000000002';
  const LOUNGE = '700000000000000004';
  const REDIRECT = 'http://localhost/callback';

  /** Goes to the page, and gives where it sends the person. */
  async function authorize(more: Record<string, string>): Promise<URL> {
    const { authUrl, clientId } = caller.sandbox.discord;
    const query = {
      client_id: clientId,
      redirect_uri: REDIRECT,
      response_type: 'code',
      state: 's',
    };
    const asked = { ...query, scope: 'bot identify', permissions: '2048', ...more };
    const reply = await callHttp(`${authUrl}/authorize?${new URLSearchParams(asked).toString()}`);
    return new URL(reply.headers.get('location') ?? `about:${reply.status}`);
  }

  const exchange = (fields: Record<string, string>): Promise<Answer> => {
    const { apiUrl, clientId, clientSecret } = caller.sandbox.discord;
    return callHttp(`${apiUrl.replace('/v10', '')}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: 'authorization_code',
        redirect_uri: REDIRECT,
        ...fields,
      }),
    });
  };

  it('gives it access and the permissions that were granted, and none before', async () => {
    const post = `POST /channels/${LOUNGE}/messages`;
    expect(await no(post, { body: { content: 'hi' } })).toEqual([403, 50_001]);
    const back = await authorize({ sandbox_guild: OTHER });
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      state: 's',
      guild_id: OTHER,
      permissions: '2048',
    });
    expect((await call(post, { body: { content: 'hi' } })).status).toBe(200);
    expect(await no(`POST /channels/${LOUNGE}/webhooks`, { body: { name: 'x' } })).toEqual([
      403, 50_013,
    ]);
    const { json } = await call(`GET /guilds/${OTHER}`);
    expect(json['roles']).toContainEqual(
      expect.objectContaining({ permissions: '2048', managed: true }) as object,
    );
    await authorize({ sandbox_guild: OTHER, sandbox_permissions: '0' });
    expect(await no(post, { body: { content: 'hi' } })).toEqual([403, 50_013]);
  });

  it('gives a code that is good once, and a token until it is revoked', async () => {
    const code = (await authorize({ sandbox_guild: OTHER })).searchParams.get('code') ?? '';
    expect((await exchange({ code, client_secret: 'x' })).status).toBe(401);
    const first = await exchange({ code });
    expect(first.json).toMatchObject({ scope: 'bot identify', guild: { id: OTHER } });
    expect((await exchange({ code })).json).toMatchObject({ error: 'invalid_grant' });
    const token = String(first.json['access_token']);
    const authorization = { authorization: `Bearer ${token}` };
    const asked = await call('GET /oauth2/@me', { token: null, headers: authorization });
    expect(asked.json).toMatchObject({ user: { id: OWNER }, scopes: ['bot', 'identify'] });
    const { apiUrl, clientId, clientSecret } = caller.sandbox.discord;
    await callHttp(`${apiUrl}/oauth2/token/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, token }),
    });
    expect(await no('GET /oauth2/@me', { token: null, headers: authorization })).toEqual([401, 0]);
  });

  it('is for who may, to addresses that are some, and takes a no', async () => {
    expect((await authorize({ sandbox_guild: OTHER, sandbox_user: MEMBER })).href).toBe(
      'about:403',
    );
    expect((await authorize({ redirect_uri: 'javascript:alert(1)' })).href).toBe('about:400');
    expect((await authorize({ client_id: '1' })).href).toBe('about:400');
    expect((await authorize({ sandbox_deny: '1' })).searchParams.get('error')).toBe(
      'access_denied',
    );
    expect((await authorize({ scope: 'bot email' })).searchParams.get('error')).toBe(
      'invalid_scope',
    );
    expect((await authorize({})).href).toBe('about:200');
  });

  it('knows servers that were added', async () => {
    const added = { id: '81', channel_id: '71', name: 'New' };
    expect((await caller.control('POST', '/discord/guilds', added)).status).toBe(200);
    expect((await caller.control('POST', '/discord/guilds', added)).status).toBe(400);
    await authorize({ sandbox_guild: '81' });
    expect((await call('POST /channels/71/messages', { body: { content: 'hi' } })).status).toBe(
      200,
    );
  });
});

describe('messages', () => {
  it('are kept, and shown without a secret', async () => {
    const { status, json } = await say({ content: 'hi', embeds: [{ title: 't' }] });
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: expect.stringMatching(/^\d{18,19}$/), content: 'hi' });
    expect((await readMessages()).at(-1)).toMatchObject({
      id: json['id'],
      author_id: expect.any(String),
    });
    const page = await caller.control('GET', '');
    expect(page.text).toContain('#general');
    expect(JSON.stringify(await readState())).not.toContain(caller.sandbox.discord.botToken);
  });

  it('with an enforced nonce are sent once within some minutes', async () => {
    const body = { content: 'hi', nonce: 'n1', enforce_nonce: true };
    const first = await say(body);
    expect((await say(body)).json['id']).toBe(first.json['id']);
    expect((await say({ ...body, enforce_nonce: false })).json['id']).not.toBe(first.json['id']);
    expect((await say({ ...body, nonce: 'n2' })).json['id']).not.toBe(first.json['id']);
    caller.advance(301_000);
    expect((await say(body)).json['id']).not.toBe(first.json['id']);
    expect(await no(`POST ${MESSAGES}`, { body: { ...body, nonce: 'x'.repeat(26) } })).toEqual([
      400, 50_035,
    ]);
  });

  it('come as forms with files, which are kept by name and size', async () => {
    const form = new FormData();
    form.append('payload_json', JSON.stringify({ content: 'ü' }));
    form.append('files[0]', new Blob([new Uint8Array([13, 10, 255, 0, 45, 45])]), 'ä.bin');
    form.append('files[1]', new Blob(['']), 'empty.txt');
    const { json } = await call(`POST ${MESSAGES}`, { body: form });
    expect(json).toMatchObject({
      content: 'ü',
      attachments: [
        { filename: 'ä.bin', size: 6 },
        { filename: 'empty.txt', size: 0 },
      ],
    });
    const seen = (await caller.requests()).at(-1)!;
    expect(seen['body']).toMatchObject({ payload_json: { content: 'ü' }, 'files[0]': { size: 6 } });
  });

  it('may be longer than those of other platforms', async () => {
    const form = new FormData();
    form.append('files[0]', new Blob([new Uint8Array(3_000_000)]), 'big.bin');
    expect((await call(`POST ${MESSAGES}`, { body: form })).status).toBe(200);
    const larger = new FormData();
    larger.append('files[0]', new Blob([new Uint8Array(10_485_761)]), 'bigger.bin');
    expect(await no(`POST ${MESSAGES}`, { body: larger })).toEqual([413, 40_005]);
  });

  it('are refused where they break a published limit, field by field', async () => {
    const title = 'x'.repeat(257);
    const { json } = await say({ embeds: [{ title: 't' }, { title }] });
    expect(json).toEqual({
      code: 50_035,
      message: 'Invalid Form Body',
      errors: {
        embeds: {
          1: {
            title: {
              _errors: [
                { code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 256 or fewer in length.' },
              ],
            },
          },
        },
      },
    });
    await caller.control('POST', '/discord/world', { limits: false });
    const field = { name: 'n', value: 'v' };
    for (const body of [
      { content: 'x'.repeat(2_001) },
      { embeds: many(11, { title: 't' }) },
      { embeds: [{ description: 'x'.repeat(4_097) }] },
      { embeds: [{ footer: { text: 'x'.repeat(2_049) } }] },
      { embeds: [{ author: { name: 'x'.repeat(257) } }] },
      { embeds: [{ fields: many(26, field) }] },
      { embeds: [{ fields: [{ ...field, value: 'x'.repeat(1_025) }] }] },
      { embeds: [{ description: 'x'.repeat(4_000) }, { description: 'x'.repeat(2_001) }] },
      { embeds: [{ title: 't', color: '#FF5733' }] },
      { content: 'm', message_reference: { message_id: '1' } },
    ])
      expect(await no(`POST ${MESSAGES}`, { body })).toEqual([400, 50_035]);
    expect(await no(`POST ${MESSAGES}`, { body: {} })).toEqual([400, 50_006]);
  });

  it('need access and permissions', async () => {
    const body = { content: 'm' };
    expect(await no(`POST /channels/${READ_ONLY}/messages`, { body })).toEqual([403, 50_013]);
    expect(await no(`POST /channels/${HIDDEN}/messages`, { body })).toEqual([403, 50_001]);
    expect(await no('POST /channels/1/messages', { body })).toEqual([404, 10_003]);
    await permit('VIEW_CHANNEL', 'SEND_MESSAGES');
    expect(await no(`POST ${MESSAGES}`, { body: { embeds: [{ title: 't' }] } })).toEqual([
      403, 50_013,
    ]);
    expect(await no(`DELETE ${MESSAGES}/${MESSAGE}`)).toEqual([403, 50_013]);
  });

  it('are changed by their author alone, and gone when deleted', async () => {
    const { json } = await say({ content: 'old' });
    const path = `${MESSAGES}/${String(json['id'])}`;
    expect((await call(`PATCH ${path}`, { body: { content: 'new' } })).json).toMatchObject({
      content: 'new',
      edited_timestamp: expect.stringMatching(/Z$/),
    });
    expect(await no(`PATCH ${MESSAGES}/${MESSAGE}`, { body: { content: 'x' } })).toEqual([
      403, 50_005,
    ]);
    const headers = { 'x-audit-log-reason': encodeURIComponent('Späm') };
    expect((await call(`DELETE ${path}`, { headers })).status).toBe(204);
    expect(await no(`DELETE ${path}`)).toEqual([404, 10_008]);
    const audit = (await readState())['guilds']![GUILD]!['audit']!;
    expect(audit.at(-1)).toMatchObject({ action: 'message_delete', reason: 'Späm' });
  });

  it('take reactions', async () => {
    await caller.control('POST', '/discord/world', { limits: false });
    expect((await call(react('👍'))).status).toBe(204);
    expect((await call(react('👍'))).status).toBe(204);
    expect((await call(react('party:500000000000000001'))).status).toBe(204);
    expect(await no(react('party:1'))).toEqual([400, 10_014]);
    expect(await no(react('word'))).toEqual([400, 10_014]);
    for (let code = 0; code < 18; code += 1)
      await call(react(String.fromCodePoint(0x1f600 + code)));
    expect(await no(react('🎉'))).toEqual([400, 30_010]);
    expect((await readMessages())[0]!['reactions']!['👍']).toHaveLength(1);
  });
});

describe('webhooks', () => {
  it('write to their channel for every holder of their secret', async () => {
    const { id, token } = await openWebhook();
    const body = { content: 'hi', username: 'Herald' };
    const path = `/webhooks/${id}/${token}`;
    expect((await call(`POST ${path}`, { token: null, body })).status).toBe(204);
    const { status, json } = await call(`POST ${path}?wait=true`, { token: null, body });
    expect([status, json['webhook_id']]).toEqual([200, id]);
    expect((await readMessages()).at(-1)).toMatchObject({ username: 'Herald', webhook_id: id });
    expect(await no(`POST /webhooks/${id}/wrong`, { token: null, body })).toEqual([401, 50_027]);
    expect(await no(`POST /webhooks/1/${token}`, { token: null, body })).toEqual([404, 10_015]);
    expect(JSON.stringify(await readState())).not.toContain(token);
  });

  it('have names, permissions and a number', async () => {
    const path = `POST /channels/${CHANNEL}/webhooks`;
    await caller.control('POST', '/discord/world', { limits: false });
    for (const name of ['', 'x'.repeat(81), 'Clyde', 'my discord'])
      expect(await no(path, { body: { name } })).toEqual([400, 50_035]);
    expect(await no(`POST /channels/${READ_ONLY}/webhooks`, { body: { name: 'n' } })).toEqual([
      403, 50_013,
    ]);
    for (let count = 0; count < 15; count += 1) await openWebhook();
    expect(await no(path, { body: { name: 'n' } })).toEqual([400, 30_007]);
  });
});

describe('members', () => {
  const headers = { 'x-audit-log-reason': 'Why' };

  it('get roles and lose them, below the role of the bot', async () => {
    const role = `${MEMBERS}/${MEMBER}/roles/${REGULAR}`;
    for (const line of [`PUT ${role}`, `PUT ${role}`])
      expect((await call(line, { headers })).status).toBe(204);
    const roles = async () => (await readState())['guilds']![GUILD]!['members']![MEMBER]!['roles'];
    expect(await roles()).toEqual([REGULAR]);
    for (const line of [`DELETE ${role}`, `DELETE ${role}`]) await call(line);
    expect(await roles()).toEqual([]);
    expect(await no(`PUT ${MEMBERS}/${MEMBER}/roles/${BOT_ROLE}`)).toEqual([403, 50_013]);
    expect(await no(`PUT ${MEMBERS}/${MEMBER}/roles/1`)).toEqual([404, 10_011]);
    expect(await no(`PUT ${MEMBERS}/${STRANGER}/roles/${REGULAR}`)).toEqual([404, 10_007]);
    expect(await no(`PUT ${MEMBERS}/${NOBODY}/roles/${REGULAR}`)).toEqual([404, 10_013]);
    expect(await no(`PUT /guilds/1/members/${MEMBER}/roles/${REGULAR}`)).toEqual([404, 10_004]);
  });

  it('are kicked, banned and silenced, unless they stand above the bot', async () => {
    await caller.control('POST', '/discord/world', { limits: false });
    for (const high of [ADMIN, OWNER]) {
      const until = new Date(Date.now() + 60_000).toISOString();
      const body = { communication_disabled_until: until };
      expect(await no(`DELETE ${MEMBERS}/${high}`)).toEqual([403, 50_013]);
      expect(await no(`PUT /guilds/${GUILD}/bans/${high}`)).toEqual([403, 50_013]);
      expect(await no(`PATCH ${MEMBERS}/${high}`, { body })).toEqual([403, 50_013]);
    }
    expect((await call(`DELETE ${MEMBERS}/${MEMBER}`, { headers })).status).toBe(204);
    expect(await no(`DELETE ${MEMBERS}/${MEMBER}`)).toEqual([404, 10_007]);
    const body = { delete_message_seconds: 3_600 };
    const ban = { body, headers };
    expect((await call(`PUT /guilds/${GUILD}/bans/${STRANGER}`, ban)).status).toBe(204);
    expect(
      await no(`PUT /guilds/${GUILD}/bans/${STRANGER}`, {
        body: { delete_message_seconds: 604_801 },
      }),
    ).toEqual([400, 50_035]);
    const guild = (await readState())['guilds']![GUILD]!;
    const bans = guild['bans'] as unknown as readonly { user_id: string }[];
    expect(bans.filter(({ user_id }) => user_id === STRANGER)).toEqual([
      { user_id: STRANGER, reason: 'Why', delete_message_seconds: 3_600 },
    ]);
    await permit();
    expect(await no(`DELETE ${MEMBERS}/${MEMBER}`)).toEqual([403, 50_013]);
  });

  it('are silenced for 28 days at most', async () => {
    const path = `PATCH ${MEMBERS}/${MEMBER}`;
    const now = Date.parse(String((await caller.control('GET', '/state')).json['now']));
    const until = (ms: number): object => ({
      communication_disabled_until: new Date(now + ms).toISOString(),
    });
    const day = 86_400_000;
    expect((await call(path, { body: until(28 * day) })).status).toBe(200);
    expect(await no(path, { body: until(28 * day + 1_000) })).toEqual([400, 50_035]);
    expect(await no(path, { body: { communication_disabled_until: 'soon' } })).toEqual([
      400, 50_035,
    ]);
    const { json } = await call(path, { body: { communication_disabled_until: null } });
    expect(json['communication_disabled_until']).toBeNull();
  });
});

describe('limits', () => {
  it('are buckets of a route and its channel, which say so in headers and refill', async () => {
    const first = await say({ content: '1' });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset-after': '5.000',
      'x-ratelimit-bucket': expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (let count = 0; count < 4; count += 1) await say({ content: 'm' });
    caller.advance(1_500);
    const over = await say({ content: 'm' });
    expect(over.status).toBe(429);
    expect(over.json).toEqual({
      message: 'You are being rate limited.',
      retry_after: 3.5,
      global: false,
    });
    expect(Object.fromEntries(over.headers)).toMatchObject({
      'retry-after': '4',
      'x-ratelimit-scope': 'user',
      'x-ratelimit-remaining': '0',
    });
    const elsewhere = { body: { content: 'm' } };
    expect((await no(`POST /channels/${READ_ONLY}/messages`, elsewhere))[0]).toBe(403);
    caller.advance(3_500);
    expect((await say({ content: 'm' })).status).toBe(200);
  });

  it('hold for a bot as a whole', async () => {
    const answers: Answer[] = [];
    for (let count = 0; count < 51; count += 1) {
      // Another channel each time, so that no bucket of a channel is the one that fills.
      answers.push(await call(`POST /channels/${count + 1}/messages`, { body: { content: 'm' } }));
    }
    expect(answers.map(({ status }) => status)).toEqual([...Array(50).fill(404), 429]);
    const last = answers.at(-1)!;
    expect(last.json).toMatchObject({ global: true, retry_after: 1 });
    expect(last.headers.get('x-ratelimit-scope')).toBe('global');
    expect(last.headers.get('x-ratelimit-global')).toBe('true');
  });

  it('lock out clients that send too many invalid requests', async () => {
    await caller.control('POST', '/discord/world', { invalid_max: 3 });
    for (let count = 0; count < 3; count += 1) await call('GET /users/@me', { token: 'wrong' });
    expect((await readState())['invalid_requests']).toBe(3);
    const { status, headers, text } = await call('GET /users/@me');
    expect([status, headers.get('retry-after')]).toEqual([429, '600']);
    expect(text).toContain('<!doctype html>');
    caller.advance(600_001);
    expect((await call('GET /users/@me')).status).toBe(200);
  });
});

describe('the control calls', () => {
  it('refuse what they do not know, by name', async () => {
    for (const [path, body] of [
      ['/world', { limit: false }],
      ['/world', { limits: 'no' }],
      ['/members', { id: 'x' }],
      ['/messages', { channel_id: '1', author_id: OWNER }],
      ['/messages', { channel_id: CHANNEL, author_id: '1' }],
    ] as const)
      expect((await caller.control('POST', `/discord${path}`, body)).status).toBe(400);
    expect((await caller.control('POST', '/discord/nowhere', {})).status).toBe(404);
  });

  it('give a file to fetch', async () => {
    expect((await caller.control('GET', '/files/sample.txt')).text).toContain('file');
  });
});
