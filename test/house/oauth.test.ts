// Real: the built gateway as a process, PostgreSQL, HTTP over sockets, redirects followed one by one
// by a client without cookies. Fake: Twitch, at the wire, and its person, who consents at once.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestAnswer } from '../support/gateway.js';
import { ALL_SCOPES, House, tokenOf } from '../support/two-doors.js';

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house?.close());

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
const JSON_ONLY = { accept: 'application/json' };

const open = async (url: string | URL, headers: Record<string, string> = HTML): Promise<Page> => {
  const reply = await fetch(url, { redirect: 'manual', headers });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
};

const ask = (body?: object, token = tokenOf('console')): Promise<RestAnswer> =>
  house.doors.rest('POST', '/api/v1/oauth/twitch/authorize', body, { token });

/** The address a caller gets for a person, with what the person does at the platform. */
async function askAddress(
  wish: object | undefined,
  atPlatform: Record<string, string> = {},
  token?: string,
): Promise<URL> {
  const { status, body } = await ask(wish, token);
  expect(status).toBe(200);
  expect(body['expires_in']).toBe(600);
  const url = new URL(String(body['authorization_url']));
  for (const [name, value] of Object.entries(atPlatform)) url.searchParams.set(name, value);
  return url;
}

const OTHER_GUILD = '800000000000000002';
const OTHER_CHANNEL = '700000000000000004';

/** Asks for an address that lets the bot into a server, and has the person say yes there. */
async function inviteBot(
  wish: object,
  atPlatform: Record<string, string> = { sandbox_guild: OTHER_GUILD },
): Promise<{ asked: URL; back: string }> {
  const path = '/api/v1/oauth/discord/authorize';
  const { status, body } = await house.doors.rest('POST', path, wish, {
    token: tokenOf('console'),
  });
  expect(status).toBe(200);
  const asked = new URL(String(body['authorization_url']));
  const url = new URL(asked);
  for (const [name, value] of Object.entries(atPlatform)) url.searchParams.set(name, value);
  const reply = await open(url);
  expect(reply.status).toBe(302);
  return { asked, back: reply.headers.get('location') ?? '' };
}

/** Goes to the platform, and gives the address it sends the person back to. */
async function goToPlatform(url: URL): Promise<string> {
  // A browser would be asked by a page.
  const { status, headers } = await open(url, {});
  expect(status).toBe(302);
  const back = headers.get('location') ?? '';
  expect(back.startsWith(`${localUrl()}/oauth/twitch/callback?`)).toBe(true);
  return back;
}

const localUrl = (): string => house.doors.gateway.restUrl.replace('127.0.0.1', 'localhost');

const scopesOf = (url: URL): string[] => (url.searchParams.get('scope') ?? '').split(' ');

/** What holds for every page of the gateway, whatever it says. */
function expectWholePage({ headers, text }: Page): void {
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).not.toMatch(/<script|<style| style=| on\w+=/i);
  expect(text).toContain('href="/docs/style.css"');
  expect(text).toContain('Sandbox.');
}

describe('connecting in the browser', () => {
  it('leads from a caller over the platform to a page that says what was granted', async () => {
    const id = await house.addUser();
    const url = await askAddress(
      { account_id: id, actions: ['chat_message', 'raid'] },
      { sandbox_user: id },
    );
    expect(scopesOf(url)).toEqual(['channel:manage:raids', 'user:write:chat']);
    const page = await open(await goToPlatform(url));
    expect(page.status).toBe(200);
    expectWholePage(page);
    expect(page.text).toContain(`user_${id} is connected`);
    expect(page.text).toContain('<code>user:write:chat</code>');
    // What it was not asked for, it cannot do.
    expect(page.text.replaceAll(/\s+/g, ' ')).toContain(
      '<td><code>poll_create</code></td> <td>it has not granted channel:manage:polls</td>',
    );
    expect(page.text).not.toContain('<code>chat_message</code>');

    const outcome = await house.doors.execute('grpc', {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: id,
      parameters: { message: 'Hello!' },
    });
    expect(outcome.status).toBe('SUCCEEDED');
  });

  it('asks for all scopes, for those of a group, or for those of actions', async () => {
    expect(scopesOf(await askAddress(undefined))).toEqual([...ALL_SCOPES].sort());
    expect(scopesOf(await askAddress({ group: 'raids' }))).toEqual(['channel:manage:raids']);
    expect(scopesOf(await askAddress({ actions: 'clip,raid' }))).toEqual([
      'channel:manage:raids',
      'clips:edit',
    ]);
  });

  it('redirects clients that send credentials themselves', async () => {
    const url = `${house.doors.gateway.restUrl}/oauth/twitch/authorize?actions=raid&account_id=1001`;
    const headers = { authorization: `Bearer ${tokenOf('console')}` };
    const reply = await open(url, headers);
    expect(reply.status).toBe(302);
    const location = new URL(reply.headers.get('location') ?? '');
    expect(location.pathname).toBe('/twitch/oauth2/authorize');
    // The demo account has granted everything, and goes on having it.
    expect(scopesOf(location)).toEqual([...ALL_SCOPES].sort());
    const asJson = await open(url, { ...headers, ...JSON_ONLY });
    expect([asJson.status, Object.keys(JSON.parse(asJson.text) as object)]).toEqual([
      200,
      ['authorization_url', 'expires_in'],
    ]);
    expect((await open(url)).status).toBe(401);
  });

  it('answers JSON to who asks for it, and no answer holds a token', async () => {
    const id = await house.addUser();
    const back = await goToPlatform(
      await askAddress(
        { actions: ['chat_message', 'announcement', 'whisper'] },
        { sandbox_user: id, scope: 'user:write:chat' },
      ),
    );
    const reply = await open(back, JSON_ONLY);
    const body = JSON.parse(reply.text) as Record<string, unknown>;
    expect(body).toMatchObject({
      success: true,
      reconnected: false,
      refused_scopes: ['moderator:manage:announcements', 'user:manage:whispers'],
      account: { account_id: id, scopes: ['user:write:chat'], state: 'connected' },
      sandbox: true,
    });
    expect(reply.text).not.toMatch(/sandbox[0-9a-f]{20}/);
    const again = await goToPlatform(
      await askAddress({ account_id: id, actions: ['raid'] }, { sandbox_user: id }),
    );
    const page = await open(again);
    expect(page.text).toContain('connected again; its history goes on');
    expect(page.text).not.toMatch(/sandbox[0-9a-f]{20}/);
    const shown = await house.doors.rest('GET', `/api/v1/accounts/twitch/${id}`);
    expect([...(shown.body['scopes'] as unknown as string[])].sort()).toEqual([
      'channel:manage:raids',
      'user:write:chat',
    ]);
  });

  it('says on the page which scope was refused, and what cannot be done without it', async () => {
    const id = await house.addUser();
    const url = await askAddress(
      { actions: ['chat_message', 'raid'] },
      { sandbox_user: id, scope: 'user:write:chat' },
    );
    const { status, text } = await open(await goToPlatform(url));
    expect(status).toBe(200);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Asked for and not granted: <code>channel:manage:raids</code>.',
    );
    expect(text).toContain('<code>raid</code>');
  });
});

describe('letting a bot into a server', () => {
  const hello = {
    platform: 'discord',
    action_type: 'send_message',
    parameters: { channel_id: OTHER_CHANNEL, content: 'Hello!' },
  };

  it('leads from a caller over Discord to a server where the bot may act, and not before', async () => {
    await house.sandbox.control('POST', '/sandbox/reset', { keep_grants: true });
    expect((await house.doors.execute('grpc', hello)).status).toBe('REFUSED');
    const before = await house.sandbox.lastSeq();
    const { asked, back } = await inviteBot({ actions: ['send_message'] });
    expect([asked.searchParams.get('scope'), asked.searchParams.get('permissions')]).toEqual([
      'bot identify',
      // What any form of the message may need: in channels and threads, with files, polls and speech.
      String([10, 11, 12, 14, 15, 16, 38, 49].reduce((sum, bit) => sum + (1n << BigInt(bit)), 0n)),
    ]);
    const page = await open(back);
    expect(page.status).toBe(200);
    expectWholePage(page);
    expect(page.text).toContain('<h1>demo_bot is now in Other server</h1>');
    expect(page.text).toContain('<code>SEND_MESSAGES</code>');
    expect(page.text).not.toMatch(/sandbox[0-9a-f]{20}/);
    expect((await house.doors.execute('grpc', hello)).status).toBe('SUCCEEDED');

    // The token of the person was asked with once, and given back.
    const seen = (await house.sandbox.requestsSince(before)).map(({ method, path }) =>
      [method, path.replace('/discord', '')].join(' '),
    );
    expect(seen).toEqual(
      expect.arrayContaining([
        'POST /api/oauth2/token',
        'GET /api/v10/oauth2/@me',
        'POST /api/oauth2/token/revoke',
      ]),
    );
    const { discord } = await house.sandbox.control<{ discord: Record<string, unknown> }>(
      'GET',
      '/sandbox/state',
    );
    expect(discord['tokens_of_persons']).toBe(0);

    const told = await house.doors.rest('GET', '/api/v1/accounts/discord/default/history');
    expect((told.body['entries'] as unknown as object[])[0]).toMatchObject({
      kind: 'account.connected',
      caller_id: 'console',
      caller_identity: 'console',
      details: {
        guild_id: OTHER_GUILD,
        guild_name: 'Other server',
        permissions: expect.arrayContaining(['SEND_MESSAGES', 'VIEW_CHANNEL']) as string[],
        refused_permissions: [],
        authorized_by: { id: '200000000000000009', name: 'owner' },
      },
    });
  });

  it('answers JSON, and says what was not granted', async () => {
    const { back } = await inviteBot(
      { group: 'moderation' },
      { sandbox_guild: OTHER_GUILD, sandbox_permissions: String(1 << 10) },
    );
    const reply = await open(back, JSON_ONLY);
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      200,
      {
        success: true,
        account_id: 'default',
        bot: { id: '100000000000000001', name: 'demo_bot' },
        guild: { id: OTHER_GUILD, name: 'Other server' },
        permissions: ['VIEW_CHANNEL'],
        refused_permissions: [
          'BAN_MEMBERS',
          'CREATE_PRIVATE_THREADS',
          'CREATE_PUBLIC_THREADS',
          'DEAFEN_MEMBERS',
          'KICK_MEMBERS',
          'MANAGE_GUILD',
          'MANAGE_NICKNAMES',
          'MANAGE_ROLES',
          'MODERATE_MEMBERS',
          'MOVE_MEMBERS',
          'MUTE_MEMBERS',
          'SEND_MESSAGES',
          'SEND_MESSAGES_IN_THREADS',
          'SPEAK',
        ],
        sandbox: true,
      },
    ]);
    const again = await open(back, JSON_ONLY);
    expect([again.status, (JSON.parse(again.text) as { code: string }).code]).toEqual([
      409,
      'STATE_USED',
    ]);
  });

  it('shows a person which servers there are, and takes a no', async () => {
    const path = '/api/v1/oauth/discord/authorize';
    const { body } = await house.doors.rest('POST', path, {});
    const page = await open(String(body['authorization_url']));
    expect(page.text).toContain('Other server');
    const { back } = await inviteBot({}, { sandbox_deny: '1' });
    const denied = await open(back);
    expect([denied.status, denied.text]).toEqual([403, expect.stringContaining('You said no')]);
    expectWholePage(denied);
  });

  it('takes no answer of another platform', async () => {
    const { back } = await inviteBot({});
    const wrong = await open(back.replace('/oauth/discord/', '/oauth/twitch/'), JSON_ONLY);
    expect((JSON.parse(wrong.text) as { code: string }).code).toBe('STATE_OF_ANOTHER_PLATFORM');
    expect((await open(back)).status).toBe(200);
  });

  it('is for who may touch the bot', async () => {
    const path = '/api/v1/oauth/discord/authorize';
    for (const claims of [{ accounts: ['42'] }, { platforms: ['twitch'] }]) {
      const token = tokenOf('narrow', claims);
      expect((await house.doors.rest('POST', path, {}, { token })).status).toBe(403);
    }
    const unknown = await house.doors.rest('POST', path, { account_id: '42' });
    expect([unknown.status, unknown.body['error']]).toEqual([
      409,
      expect.stringMatching(/Discord account 42 is not connected/),
    ]);
  });
});

const callback = (query: Record<string, string>, platform = 'twitch'): string =>
  `${house.doors.gateway.restUrl}/oauth/${platform}/callback?${new URLSearchParams(query)}`;

describe('an address that cannot be finished', () => {
  const cases: readonly [
    what: string,
    make: () => Promise<string>,
    status: number,
    code: string,
    says: RegExp,
  ][] = [
    ['without a state', async () => callback({ code: 'c' }), 400, 'STATE_MISSING', /no state/],
    [
      'with a state that was made up',
      async () => callback({ code: 'c', state: 'x'.repeat(43) }),
      400,
      'STATE_UNKNOWN',
      /did not ask the question/,
    ],
    [
      'with two states',
      async () => `${callback({ code: 'c', state: 'a' })}&state=b`,
      400,
      'STATE_MISSING',
      /no state/,
    ],
    [
      'of a platform that is none',
      async () => callback({ code: 'c', state: 'a' }, 'twich'),
      404,
      'UNKNOWN_ACTION',
      /Did you mean/,
    ],
    [
      'of a platform of bots, with a state that was made up',
      async () => callback({ code: 'c', state: 'a' }, 'discord'),
      400,
      'STATE_UNKNOWN',
      /did not ask the question/,
    ],
    [
      'that was opened before',
      async () => {
        const back = await goToPlatform(await askAddress(undefined));
        await open(back);
        return back;
      },
      409,
      'STATE_USED',
      /taken already/,
    ],
    [
      'that took too long',
      async () => {
        const back = await goToPlatform(await askAddress(undefined));
        await runSql('UPDATE oauth_states SET expires_at = now() WHERE used_at IS NULL');
        return back;
      },
      410,
      'STATE_EXPIRED',
      /10 minutes/,
    ],
    [
      'to which the person said no',
      async () => goToPlatform(await askAddress(undefined, { sandbox_deny: '1' })),
      403,
      'ACCESS_DENIED',
      /You said no/,
    ],
    [
      'for which the platform did not ask',
      async () => goToPlatform(await askAddress(undefined, { scope: 'made:up' })),
      502,
      'CONSENT_FAILED',
      /invalid_scope/,
    ],
    [
      'whose code is none',
      async () => (await goToPlatform(await askAddress(undefined))).replace(/code=\w+/, 'code=x'),
      400,
      'CODE_REFUSED',
      /its own code/,
    ],
    [
      'while the platform is away',
      async () => {
        const back = await goToPlatform(await askAddress(undefined));
        await breakOAuth('token');
        return back;
      },
      503,
      'PLATFORM_DOWN',
      /nothing was stored/,
    ],
    [
      'as another account than the one expected',
      async () => {
        const id = await house.addUser();
        return goToPlatform(await askAddress({ account_id: '1002' }, { sandbox_user: id }));
      },
      409,
      'ACCOUNT_DIFFERS',
      /account 1002 was to be connected/,
    ],
    [
      'as an account that the caller may not touch',
      async () => {
        const id = await house.addUser();
        const token = tokenOf('narrow', { accounts: ['1002'] });
        return goToPlatform(await askAddress(undefined, { sandbox_user: id }, token));
      },
      403,
      'ACCOUNT_OUT_OF_REACH',
      /may not connect/,
    ],
  ];

  it.each(cases)('%s says so on a page', async (_what, make, status, _code, says) => {
    const page = await open(await make());
    expect(page.status).toBe(status);
    expectWholePage(page);
    expect(page.text).toContain('Not connected');
    expect(page.text).toMatch(says);
  });

  it.each(cases)('%s says so in JSON', async (_what, make, status, code, says) => {
    const reply = await open(await make(), JSON_ONLY);
    expect([reply.status, reply.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(JSON.parse(reply.text)).toEqual({
      type: 'about:blank',
      title: expect.stringMatching(/./),
      status,
      detail: expect.stringMatching(says),
      error: expect.stringMatching(says),
      success: false,
      code,
      what_to_do: expect.stringMatching(/./),
    });
  });

  it('is not to be finished with the credentials of another caller', async () => {
    const back = await goToPlatform(await askAddress(undefined));
    const as = (sub: string) => ({ ...JSON_ONLY, authorization: `Bearer ${tokenOf(sub)}` });
    const other = await open(back, as('somebody-else'));
    expect([other.status, (JSON.parse(other.text) as { code: string }).code]).toEqual([
      403,
      'STATE_OF_ANOTHER_CALLER',
    ]);
    expect((await open(back, { ...JSON_ONLY, authorization: 'Bearer x' })).status).toBe(401);
    expect((await open(back, as('console'))).status).toBe(200);
  });

  it('gives back a grant that was not taken up', async () => {
    const id = await house.addUser();
    const url = await askAddress({ account_id: '1002' }, { sandbox_user: id });
    const back = await goToPlatform(url);
    const before = await house.sandbox.lastSeq();
    await open(back);
    const calls = await house.oauthSince(before);
    expect(calls.slice(0, 3)).toEqual(['POST /token', 'GET /validate', 'POST /revoke']);
    expect((await house.doors.rest('GET', `/api/v1/accounts/twitch/${id}`)).status).toBe(404);
  });
});

describe('who may ask', () => {
  it.each([
    ['without the permission', { permissions: ['execute_actions'] }, {}],
    ['with a token for other platforms', { platforms: ['discord'] }, {}],
    ['with a token for other accounts', { accounts: ['7'] }, { account_id: '8' }],
  ])('is nobody %s', async (_who, claims, body) => {
    expect((await ask(body, tokenOf('narrow', claims))).status).toBe(403);
  });

  it.each([
    [{ actions: ['chat_mesage'] }, 404, /chat_message/],
    [{ group: 'chats' }, 400, /group must be one of .*\bchat, /],
    [{ group: 'constructor' }, 400, /group must be one of/],
    [{ group: 'chat', actions: ['raid'] }, 400, /name one of them/],
    [{ account_id: '../1' }, 400, /account_id must be/],
    [{ actions: [] }, 400, /at least 1/],
    [{ scopes: ['x'] }, 400, /scopes/],
  ])('is told what is wrong with %j', async (body, status, says) => {
    const reply = await ask(body);
    expect([reply.status, reply.body['error']]).toEqual([status, expect.stringMatching(says)]);
  });
});

describe('an OAuth client of its own', () => {
  it('is shown without its secret, and gone when the account is connected in the browser', async () => {
    const id = await house.addUser();
    const { access_token, refresh_token } = await house.grant(id, ['clips:edit']);
    const path = `/api/v1/accounts/twitch/${id}`;
    const tokens = { access_token, refresh_token };
    const client = { client_id: 'their-client', client_secret: 'their-secret' };
    const stored = await house.doors.rest('PUT', path, { ...tokens, ...client });
    expect([stored.status, stored.body['client_id']]).toEqual([200, 'their-client']);
    expect(JSON.stringify(stored.body)).not.toContain('their-secret');
    await open(await goToPlatform(await askAddress({ account_id: id }, { sandbox_user: id })));
    const shown = await house.doors.rest('GET', path);
    expect(shown.body).toMatchObject({
      client_id: null,
      created_at: stored.body['created_at'],
      missing: [],
    });
  });

  it.each([{ client_id: 'x' }, { client_secret: 'x' }])('is whole, and not %j', async (half) => {
    const path = '/api/v1/accounts/twitch/1';
    const { status, body } = await house.doors.rest('PUT', path, { access_token: 'a', ...half });
    expect([status, body['error']]).toEqual([400, expect.stringMatching(/belong together/)]);
  });
});

describe('a grant', () => {
  it.each(['DELETE', 'POST'])('ends at the platform too, by %s', async (method) => {
    const { id, token } = await house.addChannel();
    const before = await house.sandbox.lastSeq();
    const reply =
      method === 'DELETE'
        ? await house.doors.rest('DELETE', `/api/v1/accounts/twitch/${id}`)
        : await house.doors.rest('POST', '/api/v1/tokens/revoke', { broadcaster_id: id });
    expect(reply.status).toBe(method === 'DELETE' ? 204 : 200);
    expect(await house.oauthSince(before)).toEqual(['POST /revoke', 'POST /revoke']);
    await expect(house.askTwitch(token, 'GET', '/users')).rejects.toThrow(/401/);
  });

  it('that cannot be ended keeps no row alive', async () => {
    const { id } = await house.addChannel();
    await breakOAuth('revoke', 2);
    const reply = await house.doors.rest('DELETE', `/api/v1/accounts/twitch/${id}`);
    expect([reply.status, reply.headers.get('grant-at-platform')]).toEqual([204, 'unclear']);
    expect((await house.doors.rest('GET', `/api/v1/accounts/twitch/${id}`)).status).toBe(404);
    await house.doors.gateway.waitForLine(/is forgotten; whether Twitch ended its grant/);
  });
});

const tellHistory = (id: string, query = '', token?: string): Promise<RestAnswer> =>
  house.doors.rest('GET', `/api/v1/accounts/twitch/${id}/history${query}`, undefined, { token });

/** Connected, handed over, dead, connected again, removed: each by somebody else. */
async function liveThrough(): Promise<string> {
  const id = await house.addUser();
  const scope = { sandbox_user: id, scope: 'user:write:chat' };
  await open(
    await goToPlatform(
      await askAddress(
        { account_id: id, actions: ['chat_message', 'announcement', 'whisper'] },
        scope,
      ),
    ),
  );
  const { access_token, refresh_token } = await house.grant(id, ['clips:edit']);
  const tokens = { access_token, refresh_token };
  const path = `/api/v1/accounts/twitch/${id}`;
  await house.doors.rest('PUT', path, tokens, { token: tokenOf('admin') });
  await house.sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: id });
  for (const parameters of [{}, {}])
    await house.doors.execute('rest', {
      platform: 'twitch',
      action_type: 'clip',
      account_id: id,
      parameters,
    });
  await open(await goToPlatform(await askAddress({ account_id: id }, { sandbox_user: id })));
  const forget = { broadcaster_id: id };
  await house.doors.rest('POST', '/api/v1/tokens/revoke', forget, { token: tokenOf('old-bot') });
  return id;
}

describe('the history of an account', () => {
  it('tells who did what, and stays when it is connected again and when it is removed', async () => {
    const id = await liveThrough();
    const { status, body } = await tellHistory(id);
    expect(status).toBe(200);
    const entries = body['entries'] as unknown as Record<string, unknown>[];
    expect(entries.map(({ kind, caller_id }) => [kind, caller_id])).toEqual([
      ['account.revoked', 'old-bot'],
      ['account.removed', 'old-bot'],
      ['account.connected', 'console'],
      ['account.reconnect_needed', ''],
      ['account.stored', 'admin'],
      ['account.connected', 'console'],
    ]);
    expect(entries[3]?.['reason']).toMatch(/^Twitch no longer accepts the grant/);
    expect(entries[5]).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      happened_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      kind: 'account.connected',
      caller_id: 'console',
      caller_identity: 'console',
      reason: '',
      details: {
        login: `user_${id}`,
        proven: true,
        reconnected: false,
        scopes: ['user:write:chat'],
        refused_scopes: ['moderator:manage:announcements', 'user:manage:whispers'],
      },
    });
    expect(body['next_cursor']).toBeNull();

    const parts: unknown[] = [];
    let before = '';
    do {
      const part = await tellHistory(id, `?limit=4${before}`);
      parts.push(...(part.body['entries'] as unknown as unknown[]));
      before = part.body['next_cursor'] ? `&before=${String(part.body['next_cursor'])}` : '';
    } while (before !== '');
    expect(parts).toEqual(entries);
  });

  it('is for who manages accounts or reads the log, within their reach', async () => {
    const { id } = await house.addChannel();
    const statusFor = async (claims: Record<string, unknown>): Promise<number> =>
      (await tellHistory(id, '', tokenOf('reader', claims))).status;
    expect(await statusFor({ permissions: ['read_audit'] })).toBe(200);
    expect(await statusFor({ permissions: ['manage_accounts'] })).toBe(200);
    expect(await statusFor({ permissions: ['execute_actions'] })).toBe(403);
    expect(await statusFor({ accounts: ['1'] })).toBe(403);
    expect(await statusFor({ platforms: ['discord'] })).toBe(403);
  });

  it.each([
    ['?limit=0', 400, /limit/],
    ['?limit=201', 400, /limit/],
    ['?before=yesterday', 400, /next_cursor/],
    ['?before=01a1f892-13e1-70d1-b82d-4af2c28ee3c2', 400, /no cursor of this history/],
    ['?page=2', 400, /page/],
  ])('says what is wrong with %s', async (query, status, says) => {
    const reply = await tellHistory('1001', query);
    expect([reply.status, reply.body['error']]).toEqual([status, expect.stringMatching(says)]);
  });

  it('is not there for an unknown account', async () => {
    expect((await tellHistory('424242')).status).toBe(404);
    expect((await tellHistory('%00')).status).toBe(400);
  });
});

const breakOAuth = (path: string, times = 1): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { path: `/twitch/oauth2/${path}` },
    times,
    fault: { kind: 'status', status: 503 },
  });

async function runSql(sql: string): Promise<void> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
