import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { callHttp, no, SandboxCaller, type HelixRequest } from '../support/sandbox-caller.js';
import { announce, raid, role, say, whisper } from '../support/twitch-requests.js';

let caller: SandboxCaller;

beforeEach(async () => {
  caller = await SandboxCaller.open();
});

afterEach(() => caller.close());

const READ: HelixRequest = { method: 'GET', path: '/users' };

async function openGrant(fields: Record<string, unknown> = {}) {
  const { json } = await caller.control('POST', '/twitch/grants', {
    user_id: '1001',
    scopes: ['user:write:chat', 'channel:manage:polls'],
    ...fields,
  });
  return json;
}

const refresh = (token: unknown, fields: Record<string, string> = {}) =>
  caller.oauth('/token', {
    grant_type: 'refresh_token',
    refresh_token: String(token),
    ...fields,
  });

const validate = (token: unknown, scheme = 'OAuth') =>
  callHttp(`${caller.sandbox.twitch.authUrl}/validate`, {
    headers: { authorization: `${scheme} ${String(token)}` },
  });

async function authorize(fields: Record<string, string> = {}) {
  const query = new URLSearchParams({
    client_id: caller.sandbox.twitch.clientId,
    redirect_uri: 'http://127.0.0.1:9/callback?keep=1',
    response_type: 'code',
    scope: 'chat:read clips:edit',
    state: 's p&ace',
    ...fields,
  });
  const answer = await callHttp(`${caller.sandbox.twitch.authUrl}/authorize?${query.toString()}`);
  const location = answer.headers.get('location');
  return { answer, params: location === null ? undefined : new URL(location).searchParams };
}

describe('tokens', () => {
  it('validates a grant and says what it is worth', async () => {
    const grant = await openGrant({ expires_in: 60 });
    caller.advance(10_000);
    const { status, json } = await validate(grant['access_token']);
    expect(status).toBe(200);
    expect(json).toEqual({
      client_id: 'sandbox-twitch-client',
      login: 'demo_channel',
      scopes: ['user:write:chat', 'channel:manage:polls'],
      user_id: '1001',
      expires_in: 50,
    });
    expect((await validate(grant['access_token'], 'Bearer')).status).toBe(200);
    expect((await validate('nonsense')).json).toEqual({
      status: 401,
      message: 'invalid access token',
    });
  });

  it('changes the refresh token with every refresh', async () => {
    const first = await openGrant();
    const second = await refresh(first['refresh_token']);
    expect(second.json).toMatchObject({
      expires_in: 14_400,
      scope: ['user:write:chat', 'channel:manage:polls'],
      token_type: 'bearer',
    });
    expect((await refresh(first['refresh_token'])).json).toEqual({
      error: 'Bad Request',
      status: 400,
      message: 'Invalid refresh token',
    });
    expect((await refresh(second.json['refresh_token'])).status).toBe(200);
    expect((await validate(first['access_token'])).status).toBe(200);
  });

  it('lets a token expire by the clock and by order', async () => {
    const grant = await openGrant({ expires_in: 60 });
    const headers = { authorization: `Bearer ${String(grant['access_token'])}` };
    expect((await caller.helix({ ...READ, headers })).status).toBe(200);
    caller.advance(60_000);
    expect((await caller.helix({ ...READ, headers })).json).toEqual({
      error: 'Unauthorized',
      status: 401,
      message: 'Invalid OAuth token',
    });
    const { json } = await refresh(grant['refresh_token']);
    headers.authorization = `Bearer ${String(json['access_token'])}`;
    expect((await caller.helix({ ...READ, headers })).status).toBe(200);
    const expired = await caller.control('POST', '/twitch/expire', { user_id: '1001' });
    expect(expired.json).toEqual({ expired: 2 });
    expect((await caller.helix({ ...READ, headers })).status).toBe(401);
  });

  it('forgets a grant that is revoked', async () => {
    const grant = await openGrant();
    const revoked = await caller.control('POST', '/twitch/revoke-grant', { user_id: '1001' });
    expect(revoked.json).toEqual({ revoked: 1 });
    expect((await validate(grant['access_token'])).status).toBe(401);
    expect((await refresh(grant['refresh_token'])).status).toBe(400);
  });

  it('revokes one token', async () => {
    const token = String((await openGrant())['access_token']);
    expect((await caller.oauth('/revoke', { token })).status).toBe(200);
    expect((await caller.oauth('/revoke', { token })).json).toMatchObject({ status: 400 });
    expect((await caller.oauth('/revoke', { token, client_id: 'other' })).status).toBe(404);
  });

  it.each<[string, Record<string, string>, number, RegExp]>([
    ['no client', { client_id: '' }, 400, /missing client id/],
    ['another client', { client_id: 'other' }, 400, /invalid client/],
    ['no secret', { client_secret: '' }, 400, /missing client secret/],
    ['a wrong secret', { client_secret: 'guess' }, 403, /invalid client secret/],
    ['an unknown grant type', { grant_type: 'password' }, 400, /grant type/],
  ])('refuses a refresh with %s', async (_, fields, status, says) => {
    const grant = await openGrant();
    const answer = await refresh(grant['refresh_token'], fields);
    expect(answer.json).toMatchObject({ status, message: expect.stringMatching(says) });
    expect(answer.status).toBe(status);
    expect((await refresh(grant['refresh_token'])).status).toBe(200);
  });
});

describe('authorisation', () => {
  it('consents, and changes the code for tokens once', async () => {
    const { answer, params } = await authorize({ sandbox_user: '1002' });
    expect(answer.status).toBe(302);
    expect(params?.get('state')).toBe('s p&ace');
    expect(params?.get('keep')).toBe('1');
    const exchange = () =>
      caller.oauth('/token', {
        grant_type: 'authorization_code',
        code: params?.get('code') ?? '',
        redirect_uri: 'http://127.0.0.1:9/callback?keep=1',
      });
    const { status, json } = await exchange();
    expect(status).toBe(200);
    expect(json).toMatchObject({ scope: ['chat:read', 'clips:edit'] });
    expect((await validate(json['access_token'])).json).toMatchObject({ login: 'demo_bot' });
    expect((await exchange()).status).toBe(400);
  });

  it('refuses a code for another address', async () => {
    const { params } = await authorize();
    const { status } = await caller.oauth('/token', {
      grant_type: 'authorization_code',
      code: params?.get('code') ?? '',
      redirect_uri: 'http://127.0.0.1:9/elsewhere',
    });
    expect(status).toBe(400);
  });

  it.each<[string, Record<string, string>, string]>([
    ['the person says no', { sandbox_deny: '1' }, 'access_denied'],
    ['a scope is unknown', { scope: 'everything' }, 'invalid_scope'],
    ['no code is asked for', { response_type: 'magic' }, 'unsupported_response_type'],
  ])('sends the person back with an error when %s', async (_, fields, error) => {
    const { answer, params } = await authorize(fields);
    expect(answer.status).toBe(302);
    expect(params?.get('error')).toBe(error);
    expect(params?.get('state')).toBe('s p&ace');
    expect(params?.has('code')).toBe(false);
  });

  it.each<Record<string, string>>([
    { client_id: 'other' },
    { redirect_uri: 'javascript:alert(1)' },
  ])('sends nobody anywhere for %o', async (fields) => {
    const { answer } = await authorize(fields);
    expect(answer.status).toBe(400);
    expect(answer.headers.has('location')).toBe(false);
  });
});

describe('what every Helix call needs', () => {
  it.each<[string, Partial<HelixRequest>, number, RegExp?]>([
    ['no known token', { headers: { authorization: 'Bearer guess' } }, 401, /Invalid OAuth token/],
    ['a token of another scheme', { headers: { authorization: 'OAuth x' } }, 401],
    ['another client', { headers: { 'client-id': 'other' } }, 401, /do not match/],
    ['an unknown path', { path: '/nothing' }, 501, /does not simulate GET/],
    ['an unknown method', { method: 'DELETE' }, 501, /does not simulate DELETE/],
    ['a body that is no JSON', { method: 'POST', path: '/polls', body: '{"title":' }, 400, /JSON/],
    ['a body that is a list', { method: 'POST', path: '/polls', body: '[]' }, 400, /object/],
    [
      'a body that is a form',
      {
        method: 'POST',
        path: '/polls',
        body: 'title=x',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      415,
    ],
    ['a body of 2 MB', { method: 'POST', path: '/polls', body: 'x'.repeat(2 ** 21) }, 413],
  ])('refuses %s', async (_, request, status, says) => {
    expect(await caller.askHelix({ ...READ, ...request })).toEqual(no(status, says));
  });
});

describe('limits', () => {
  it('counts the points of a user down and fills them up again', async () => {
    const { headers } = await caller.helix(READ);
    expect(headers.get('ratelimit-limit')).toBe('800');
    expect(headers.get('ratelimit-remaining')).toBe('799');
    const reset = Number(headers.get('ratelimit-reset')) * 1_000;
    expect(reset).toBe(Date.UTC(2026, 10, 20, 12, 1));

    await caller.change({ user_id: '1001', rate_limit: { limit: 100, remaining: 1 } });
    expect((await caller.helix(READ)).status).toBe(200);
    const refused = await caller.helix(READ);
    expect(refused.status).toBe(429);
    expect(refused.json).toMatchObject({ error: 'Too Many Requests', status: 429 });
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    expect((await caller.helix({ ...READ, as: '1002' })).status).toBe(200);
    caller.advance(60_000);
    expect((await caller.helix(READ)).headers.get('ratelimit-remaining')).toBe('99');
  });

  it.each<[string, number, number, () => HelixRequest]>([
    ['a viewer, 20 messages in 30 s', 20, 30_000, () => say({}, '2001')],
    ['a moderator, 100 messages in 30 s', 100, 30_000, () => say()],
    ['an announcement in 2 s', 1, 2_000, () => announce()],
    ['3 whispers in 1 s', 3, 1_000, () => whisper('2001')],
    ['10 raids in 10 min', 10, 600_000, () => raid()],
    ['10 new moderators in 10 s', 10, 10_000, () => role('POST', 'moderation/moderators', '2001')],
    [
      '10 old moderators in 10 s',
      10,
      10_000,
      () => role('DELETE', 'moderation/moderators', '2001'),
    ],
    ['10 new VIPs in 10 s', 10, 10_000, () => role('POST', 'channels/vips', '2001')],
    ['10 old VIPs in 10 s', 10, 10_000, () => role('DELETE', 'channels/vips', '2001')],
  ])('allows %s and no more', async (_, max, period, request) => {
    for (let n = 0; n < max; n += 1) expect((await caller.helix(request())).status).not.toBe(429);
    const refused = await caller.helix(request());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('ratelimit-remaining'))).toBeGreaterThan(0);
    caller.advance(period - 1);
    expect((await caller.helix(request())).status).toBe(429);
    caller.advance(1);
    expect((await caller.helix(request())).status).not.toBe(429);
  });

  it('allows 40 recipients of whispers a day, and 100 whispers a minute', async () => {
    const ids = Array.from({ length: 41 }, (_, index) => String(5_000 + index));
    await caller.control('POST', '/twitch/users', {
      users: ids.map((id) => ({ id, login: `crowd_${id}` })),
    });
    const statuses: number[] = [];
    for (const id of ids) {
      statuses.push((await caller.helix(whisper(id))).status);
      caller.advance(500);
    }
    expect(statuses).toEqual([...Array<number>(40).fill(204), 429]);
    const again: number[] = [];
    for (let n = 0; n < 61; n += 1) {
      again.push((await caller.helix(whisper('5000'))).status);
      caller.advance(334);
    }
    // The first forty are still within the minute.
    expect(again.filter((status) => status === 204)).toHaveLength(60);
    caller.advance(86_400_000);
    expect((await caller.helix(whisper('5040'))).status).toBe(204);
  });

  it('can be switched off', async () => {
    await caller.change({ limits: false });
    for (let n = 0; n < 25; n += 1) {
      const { status, headers } = await caller.helix(say({}, '2001'));
      expect(status).toBe(200);
      expect(headers.get('ratelimit-remaining')).toBe('800');
    }
  });
});
