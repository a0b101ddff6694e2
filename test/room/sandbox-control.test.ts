import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { makePromise } from '../support/promise.js';
import { callHttp, SandboxCaller, type HelixRequest } from '../support/sandbox-caller.js';

let caller: SandboxCaller;

beforeEach(async () => {
  caller = await SandboxCaller.open();
});

afterEach(() => caller.close());

const SAY: HelixRequest = {
  as: '1002',
  method: 'POST',
  path: '/chat/messages',
  body: { broadcaster_id: '1001', sender_id: '1002', message: '<b>hi</b>' },
};

/** How many messages the channel holds beyond the seeded ones. */
async function countSaid(): Promise<number> {
  return (await caller.channel())['chat']!.length - 6;
}

const orderFault = (fault: unknown, more: Record<string, unknown> = {}) =>
  caller.control('POST', '/faults', { match: { path: '/twitch/helix' }, times: 1, fault, ...more });

describe('requests', () => {
  it('records what was asked and answered, without secrets', async () => {
    const { json } = await caller.helix({ ...SAY, query: { page: '1' } });
    const [request, ...more] = await caller.requests();
    expect(more).toEqual([]);
    expect(request).toMatchObject({
      seq: 1,
      at: '2026-11-20T12:00:00.000Z',
      method: 'POST',
      path: '/twitch/helix/chat/messages',
      query: { page: '1' },
      headers: { authorization: 'Bearer ***', 'client-id': 'sandbox-twitch-client' },
      token: true,
      who: 'demo_bot',
      body: SAY.body,
      status: 200,
      answer: json,
      fault: null,
      acted: true,
    });
    await caller.oauth('/token', { grant_type: 'refresh_token', refresh_token: 'very-secret' });
    const recorded = JSON.stringify(await caller.requests(1));
    expect(recorded).toContain('refresh_token=***');
    expect(recorded).not.toContain('very-secret');
    expect(recorded).not.toContain(caller.sandbox.twitch.clientSecret);
  });

  it('keeps the last ten thousand', async () => {
    await caller.change({ limits: false });
    const url = `${caller.sandbox.twitch.apiUrl}/users`;
    for (let n = 0; n < 10_050; n += 50) {
      await Promise.all(Array.from({ length: 50 }, () => callHttp(url)));
    }
    const requests = await caller.requests();
    expect(requests).toHaveLength(10_000);
    expect(requests[0]).toMatchObject({ seq: 51 });
    expect(await caller.requests(10_049)).toMatchObject([{ seq: 10_050 }]);
  });

  it('shows a page on which nothing of the chat is markup', async () => {
    await caller.helix(SAY);
    const { headers, text } = await caller.control('GET', '');
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toContain('&lt;b&gt;hi&lt;/b&gt;');
    expect(text).not.toContain('<b>hi</b>');
    expect(text).toContain('POST /twitch/helix/chat/messages');
    expect(text).not.toMatch(/(src|href)="https?:/);
  });
});

describe('faults', () => {
  it('answers a status before acting, as often as ordered', async () => {
    await orderFault(
      { kind: 'status', status: 503, body: { error: 'x' }, headers: { 'Retry-After': '1' } },
      { match: { method: 'post', path: 'chat/(messages|announcements)$' }, times: 2 },
    );
    expect((await caller.helix({ method: 'GET', path: '/users' })).status).toBe(200);
    for (let n = 0; n < 2; n += 1) {
      const { status, headers, json } = await caller.helix(SAY);
      expect([status, headers.get('retry-after'), json]).toEqual([503, '1', { error: 'x' }]);
    }
    expect((await caller.helix(SAY)).status).toBe(200);
    expect(await countSaid()).toBe(1);
    expect((await caller.requests()).at(-2)).toMatchObject({ fault: 'status', acted: false });
  });

  it('delays, then acts', async () => {
    const ms = 123_456;
    await orderFault({ kind: 'delay', ms });
    const real = globalThis.setTimeout;
    const { promise: held, resolve: hold } = makePromise<() => void>();
    const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
      work: () => void,
      forMs?: number,
    ) => {
      if (forMs === ms) hold(work);
      return real(work, forMs);
    }) as never);
    const answer = caller.helix(SAY);
    const act = await held;
    timers.mockRestore();
    expect(await countSaid()).toBe(0);
    act();
    expect((await answer).status).toBe(200);
    expect(await countSaid()).toBe(1);
  });

  it('acts and never answers', async () => {
    await orderFault({ kind: 'hang' });
    const token = await caller.token('1002');
    const answer = fetch(`${caller.sandbox.twitch.apiUrl}/chat/messages`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'client-id': caller.sandbox.twitch.clientId,
        'content-type': 'application/json',
      },
      body: JSON.stringify(SAY.body),
      signal: AbortSignal.timeout(200),
    });
    await expect(answer).rejects.toThrow(/timeout/);
    expect(await countSaid()).toBe(1);
    expect(await caller.requests()).toMatchObject([{ fault: 'hang', status: null, acted: true }]);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ])('cuts the connection %s acting', async (when, said) => {
    await orderFault({ kind: 'reset', when });
    await expect(caller.helix(SAY)).rejects.toThrow('fetch failed');
    expect(await countSaid()).toBe(said);
    expect((await caller.helix(SAY)).status).toBe(200);
  });

  it('cuts the body after half of it', async () => {
    await orderFault({ kind: 'cut-body' });
    await expect(caller.helix(SAY)).rejects.toThrow('terminated');
    expect(await countSaid()).toBe(1);
  });

  it('answers garbage after acting', async () => {
    await orderFault({ kind: 'garbage' });
    const { status, headers, json } = await caller.helix(SAY);
    expect([status, json]).toEqual([200, undefined]);
    expect(headers.get('content-type')).toContain('text/html');
    expect(await countSaid()).toBe(1);
  });

  it('hits OAuth too, and can be called off', async () => {
    await orderFault(
      { kind: 'status', status: 500 },
      { match: { path: '/twitch/oauth2/token' }, times: 9 },
    );
    const refresh = () => caller.oauth('/token', { grant_type: 'client_credentials' });
    expect((await refresh()).status).toBe(500);
    expect((await caller.control('GET', '/faults')).json['faults']).toMatchObject([{ times: 8 }]);
    await caller.control('DELETE', '/faults');
    expect((await refresh()).status).toBe(200);
  });

  it.each([
    { fault: { kind: 'explode' } },
    { fault: { kind: 'status', status: 99 } },
    { fault: { kind: 'delay' } },
    { fault: { kind: 'reset' } },
    { fault: { kind: 'hang' }, times: 0 },
    { fault: { kind: 'hang' }, match: { path: '(' } },
    { fault: { kind: 'status', status: 200, headers: { x: 'a\r\nb: c' } } },
  ])('refuses the order %o', async (order) => {
    const { status, json } = await caller.control('POST', '/faults', order);
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: 'Bad Request', message: expect.any(String) });
  });
});

describe('the world', () => {
  it('starts with the people of the demo', async () => {
    const { json } = await caller.control('GET', '/state');
    const { users, channels } = json['twitch']!;
    expect(users!.slice(0, 4).map(({ id, login }) => `${id} ${login}`)).toEqual([
      '1001 demo_channel',
      '1002 demo_bot',
      '1003 raid_friend',
      '1004 offline_channel',
    ]);
    expect(channels!['1001']).toMatchObject({
      live: true,
      moderators: ['1002'],
      vips: ['2003'],
      bans: [{ user_id: '2006', end: null }],
    });
    expect(channels!['1004']).toMatchObject({ live: false });
  });

  it.each([
    { nonsense: true },
    { live: true },
    { user_id: '9999', live: true },
    { user_id: '1001', live: 'yes' },
    { user_id: '1001', rate_limit: { remaining: -1 } },
  ])('refuses the change %o', async (change) => {
    expect((await caller.control('POST', '/twitch/world', change)).status).toBe(400);
  });

  it('goes live and offline', async () => {
    const clip: HelixRequest = {
      method: 'POST',
      path: '/clips',
      query: { broadcaster_id: '1004' },
    };
    expect((await caller.helix(clip)).status).toBe(404);
    await caller.change({ user_id: '1004', live: true });
    expect((await caller.helix(clip)).status).toBe(202);
    await caller.change({ user_id: '1004', live: false });
    expect((await caller.helix(clip)).status).toBe(404);
  });

  it('moves its clock', async () => {
    const { json } = await caller.control('POST', '/clock', { advance_ms: 3_600_000 });
    expect(json).toEqual({ now: '2026-11-20T13:00:00.000Z' });
  });

  it('resets everything, or all but the grants', async () => {
    const before = await caller.token('1002');
    await caller.helix(SAY);
    await orderFault({ kind: 'hang' }, { times: 5 });
    await caller.control('POST', '/reset', { keep_grants: true });
    expect(await countSaid()).toBe(0);
    expect(await caller.requests()).toEqual([]);
    expect((await caller.helix(SAY)).status).toBe(200);
    expect(await caller.requests()).toMatchObject([{ seq: 2 }]);
    await caller.control('POST', '/reset');
    expect(await caller.token('1002')).toBe(before);
    expect((await caller.helix(SAY)).status).toBe(401);
  });

  it('adds people, but no person twice', async () => {
    const add = (users: unknown) => caller.control('POST', '/twitch/users', { users });
    expect((await add([{ id: '5001', login: 'new_one', live: true }])).json).toEqual({ added: 1 });
    expect((await add([{ id: '5002', login: 'new_one' }])).status).toBe(400);
    expect((await add([{ id: '5001', login: 'newer_one' }])).status).toBe(400);
    expect(await caller.channel('5001')).toMatchObject({ login: 'new_one', live: true });
  });

  it.each([
    ['an unknown user', { user_id: '9999', scopes: [] }],
    ['an unknown scope', { user_id: '1001', scopes: ['everything'] }],
  ])('opens no grant for %s', async (_, body) => {
    expect((await caller.control('POST', '/twitch/grants', body)).status).toBe(400);
  });
});

describe('the door', () => {
  it('says of a call that is not simulated that it is not', async () => {
    const { url } = caller.sandbox;
    for (const path of ['/twitch', '/twitch/', '/youtube/v3', '/sandboxed']) {
      const answer = await callHttp(`${url}${path}`);
      expect({ path, ...answer }).toMatchObject({ path, status: 501 });
      expect(JSON.stringify(answer)).toContain(`does not simulate GET ${path}`);
    }
    expect((await callHttp(`${url}/sandbox/nothing`)).status).toBe(404);
  });

  it('leads from its root to its page', async () => {
    const answer = await fetch(`${caller.sandbox.url}/`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/sandbox']);
  });

  it('takes orders as JSON only, so that a page elsewhere cannot give any', async () => {
    const { status } = await callHttp(`${caller.sandbox.url}/sandbox/twitch/world`, {
      method: 'POST',
      body: '{"limits":false}',
    });
    expect(status).toBe(415);
  });

  it('runs as a process of its own until it is told to stop', async () => {
    const child = spawn(process.execPath, ['dist/cli/sandbox.js'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
    expect(ready).toBe(true);
    expect((await callHttp(`${url}/sandbox/state`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
