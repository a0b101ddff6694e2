// Real: how the gateway reads Twitch's answers and builds its OAuth requests. Nothing is fake.
import { describe, expect, it } from 'vitest';
import { isPlatformAdapter } from '../../src/actions/platform.js';
import type { PlatformAnswer, Refusal } from '../../src/actions/wire.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';

const twitch = new TwitchPlatform({
  apiUrl: 'https://api.example/helix',
  authUrl: 'https://id.example/oauth2',
  clientId: 'client',
  clientSecret: 'hidden',
});
const NOW = 1_800_000_000_000;

const answer = (
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): PlatformAnswer => ({ status, headers, body });

describe('connecting a Twitch account', () => {
  const odd = new TwitchPlatform({
    apiUrl: 'https://api.example/helix',
    authUrl: 'https://id.example/oauth2',
    clientId: 'client&',
    clientSecret: 'secret=',
  });
  const { connecting } = odd.oauth;
  if (!connecting) throw new Error('Twitch accounts are connected in the browser');

  it('asks anew, also people who agreed before, and without PKCE', () => {
    expect([connecting.usesPkce, connecting.identityScopes]).toEqual([false, []]);
    const url = new URL(
      connecting.buildConsentUrl({
        state: 's+/=',
        redirectUri: 'https://gateway.example/oauth/twitch/callback?a=b',
        scopes: ['user:write:chat', 'clips:edit'],
      }),
    );
    expect(url.origin + url.pathname).toBe('https://id.example/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client&',
      redirect_uri: 'https://gateway.example/oauth/twitch/callback?a=b',
      scope: 'user:write:chat clips:edit',
      state: 's+/=',
      force_verify: 'true',
    });
  });

  it('exchanges the code, and gives grants back, by forms that hold what they are given', () => {
    const exchange = connecting.buildExchange({ code: 'c&=', redirectUri: 'https://back' });
    expect([exchange.method, exchange.url]).toEqual(['POST', 'https://id.example/oauth2/token']);
    expect(Object.fromEntries(exchange.body as URLSearchParams)).toEqual({
      client_id: 'client&',
      client_secret: 'secret=',
      grant_type: 'authorization_code',
      code: 'c&=',
      redirect_uri: 'https://back',
    });
    const end = connecting.buildRevocation('t&');
    expect([end.method, end.url]).toEqual(['POST', 'https://id.example/oauth2/revoke']);
    expect(Object.fromEntries(end.body as URLSearchParams)).toEqual({
      client_id: 'client&',
      token: 't&',
    });
  });

  it('acts, renews and ends as the client that an account brings along', () => {
    const own = { id: 'own', secret: 'own-secret' };
    const credential = { accountId: '1', accessToken: 'a', scopes: [], clientId: own.id };
    expect(odd.authorize(credential)).toMatchObject({ 'client-id': 'own' });
    const { body } = odd.oauth.buildRefresh('r', own);
    expect(Object.fromEntries(body as URLSearchParams)).toMatchObject({
      client_id: 'own',
      client_secret: 'own-secret',
    });
    const end = connecting.buildRevocation('t', own).body as URLSearchParams;
    expect(end.get('client_id')).toBe('own');
  });

  it('learns whose a token is from /validate, and nothing from anything else', () => {
    const request = connecting.buildIdentification('a');
    expect(request).toMatchObject({
      method: 'GET',
      url: 'https://id.example/oauth2/validate',
      headers: { authorization: 'OAuth a' },
    });
    const read = (status: number, body: unknown) =>
      connecting.readIdentification({ status, headers: {}, body });
    expect(read(200, { user_id: '1', login: 'l', scopes: ['s'], expires_in: 5 })).toEqual({
      accountId: '1',
      login: 'l',
      scopes: ['s'],
      expiresIn: 5,
    });
    // An app token has no user.
    expect(read(200, { client_id: 'c' })).toBe('unclear');
    expect(read(401, { status: 401, message: 'invalid access token' })).toBe('invalid');
    expect(read(401, '<html>')).toBe('unclear');
    expect(read(500, 'x')).toBe('unclear');
  });
});

describe('readRefusal', () => {
  const cases: readonly [name: string, answer: PlatformAnswer, refusal: Partial<Refusal>][] = [
    ['400', answer(400), { code: 'REFUSED', happened: 'no' }],
    ['401', answer(401), { code: 'REFUSED', happened: 'no' }],
    ['403', answer(403), { code: 'REFUSED', happened: 'no' }],
    ['404', answer(404), { code: 'NOT_FOUND', happened: 'no' }],
    ['409', answer(409), { code: 'REFUSED', happened: 'no' }],
    ['422', answer(422), { code: 'REFUSED', happened: 'no' }],
    ['425', answer(425), { code: 'REFUSED', happened: 'no' }],
    ['a redirect', answer(302), { code: 'REFUSED', happened: 'no' }],
    ['500', answer(500), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    ['502', answer(502), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    ['504', answer(504), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    ['503 without a promise', answer(503), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    [
      '503 with a wait',
      answer(503, undefined, { 'retry-after': '3' }),
      { code: 'PLATFORM_DOWN', happened: 'no', retryAfterMs: 3_000 },
    ],
    [
      '503 with a date, which promises no wait that can be counted',
      answer(503, undefined, { 'retry-after': 'Fri, 20 Nov 2026 10:00:00 GMT' }),
      { code: 'PLATFORM_DOWN', happened: 'maybe' },
    ],
    [
      '503 with an empty wait',
      answer(503, undefined, { 'retry-after': '' }),
      { code: 'PLATFORM_DOWN', happened: 'maybe' },
    ],
    [
      '503 with a wait below zero',
      answer(503, undefined, { 'retry-after': '-1' }),
      { code: 'PLATFORM_DOWN', happened: 'maybe' },
    ],
    ['429 without any word', answer(429), { code: 'RATE_LIMITED', retryAfterMs: 2_000 }],
    [
      '429 of the empty bucket',
      answer(429, undefined, {
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(NOW / 1_000 + 12),
      }),
      { code: 'RATE_LIMITED', happened: 'no', retryAfterMs: 12_000 },
    ],
    [
      '429 of an endpoint, whose bucket is not empty',
      answer(429, undefined, {
        'ratelimit-remaining': '799',
        'ratelimit-reset': String(NOW / 1_000 + 59),
      }),
      { code: 'RATE_LIMITED', retryAfterMs: 2_000 },
    ],
    [
      '429 whose reset has passed',
      answer(429, undefined, {
        'ratelimit-remaining': '0',
        'ratelimit-reset': String(NOW / 1_000 - 5),
      }),
      { code: 'RATE_LIMITED', retryAfterMs: 0 },
    ],
    [
      '429 whose reset is further away than any bucket of Twitch',
      answer(429, undefined, { 'ratelimit-remaining': '0', 'ratelimit-reset': '99999999999' }),
      { code: 'RATE_LIMITED', retryAfterMs: 60_000 },
    ],
    [
      '429 with nonsense for a reset',
      answer(429, undefined, { 'ratelimit-remaining': '0', 'ratelimit-reset': 'soon' }),
      { code: 'RATE_LIMITED', retryAfterMs: 2_000 },
    ],
    [
      '429 with a wait of its own',
      answer(429, undefined, { 'retry-after': '7', 'ratelimit-remaining': '0' }),
      { code: 'RATE_LIMITED', retryAfterMs: 7_000 },
    ],
  ];

  it.each(cases)('reads %s', (_name, given, refusal) => {
    expect(twitch.readRefusal(given, NOW)).toMatchObject(refusal);
  });

  it('gives no wait where the platform gives none', () => {
    expect(twitch.readRefusal(answer(503), NOW)).not.toHaveProperty('retryAfterMs');
    expect(twitch.readRefusal(answer(400), NOW)).not.toHaveProperty('retryAfterMs');
  });

  it("repeats Twitch's own words", () => {
    const body = { error: 'Bad Request', status: 400, message: 'The user is already banned.' };
    expect(twitch.readRefusal(answer(400, body), NOW)).toMatchObject({
      message: 'Twitch answered 400: The user is already banned.',
      platformCode: 'Bad Request',
    });
  });

  it.each([
    ['a page', '<h1>Bad gateway</h1>', 'Twitch answered 502'],
    ['nothing', undefined, 'Twitch answered 502'],
    ['a list', ['no'], 'Twitch answered 502'],
    ['words of another kind', { error: 7, message: { a: 1 } }, 'Twitch answered 502'],
    ['an error alone', { error: 'Bad Gateway' }, 'Twitch answered 502: Bad Gateway'],
  ])('makes do with %s', (_name, body, message) => {
    expect(twitch.readRefusal(answer(502, body), NOW).message).toBe(message);
  });
});

describe('the tokens of Twitch', () => {
  const { oauth } = twitch;
  const grant = {
    access_token: 'a',
    refresh_token: 'r',
    expires_in: 14_000,
    scope: ['s:1', 's:2'],
  };

  it('asks for a refresh with a form', () => {
    const { method, url, headers, body } = oauth.buildRefresh('r&=');
    expect({ method, url, headers }).toEqual({
      method: 'POST',
      url: 'https://id.example/oauth2/token',
      headers: {},
    });
    expect(String(body)).toBe(
      'client_id=client&client_secret=hidden&grant_type=refresh_token&refresh_token=r%26%3D',
    );
  });

  it('reads a grant', () => {
    expect(oauth.readRefresh(answer(200, grant))).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      expiresIn: 14_000,
      scopes: ['s:1', 's:2'],
    });
    expect(oauth.readRefresh(answer(200, { access_token: 'a' }))).toEqual({
      accessToken: 'a',
      refreshToken: undefined,
      expiresIn: undefined,
      scopes: undefined,
    });
  });

  it.each([
    [
      '400, the refresh token',
      answer(400, { status: 400, message: 'Invalid refresh token' }),
      'dead',
    ],
    ['401', answer(401, { status: 401, message: 'Unauthorized' }), 'dead'],
    ['400 without words', answer(400), 'unclear'],
    ['400 of a proxy', answer(400, '<html>'), 'unclear'],
    ['401 of something else', answer(401, { message: 'Unauthorized' }), 'unclear'],
    ['a wrong client id', answer(400, { status: 400, message: 'invalid client' }), 'unclear'],
    ['a missing client id', answer(400, { status: 400, message: 'missing client id' }), 'unclear'],
    ['a wrong client secret', answer(403, { message: 'invalid client secret' }), 'unclear'],
    ['429', answer(429), 'unclear'],
    ['500', answer(500), 'unclear'],
    ['503', answer(503), 'unclear'],
    ['200 without a token', answer(200, { ok: true }), 'unclear'],
    ['200 of a proxy', answer(200, '<html>'), 'unclear'],
    ['204', answer(204), 'unclear'],
  ])('reads %s as a grant that is not renewed', (_name, given, reading) => {
    expect(oauth.readRefresh(given)).toBe(reading);
  });

  it('validates with the scheme that Twitch wants', () => {
    expect(oauth.buildValidation?.('token')).toEqual({
      method: 'GET',
      url: 'https://id.example/oauth2/validate',
      headers: { authorization: 'OAuth token' },
    });
    expect(oauth.validateEveryMs).toBe(3_600_000);
  });

  it('reads whose a token is', () => {
    const body = { user_id: '1001', login: 'demo', scopes: ['s:1'], expires_in: 60 };
    expect(oauth.readValidation?.(answer(200, body))).toEqual({
      accountId: '1001',
      login: 'demo',
      scopes: ['s:1'],
      expiresIn: 60,
    });
  });

  it.each([
    ['401', answer(401, { status: 401, message: 'invalid access token' }), 'invalid'],
    ['401 of a proxy', answer(401, '<html>'), 'unclear'],
    ['500', answer(500), 'unclear'],
    ['a page', answer(200, '<html>'), 'unclear'],
    ['an app token, which is of no user', answer(200, { client_id: 'c', scopes: [] }), 'unclear'],
  ])('reads %s as no answer to whose it is', (_name, given, reading) => {
    expect(oauth.readValidation?.(given)).toBe(reading);
  });
});

describe('TwitchPlatform', () => {
  it('is found by its mark', () => {
    expect(isPlatformAdapter(TwitchPlatform)).toBe(true);
    expect(isPlatformAdapter(class {})).toBe(false);
    expect(isPlatformAdapter(undefined)).toBe(false);
  });

  it('signs with the token and the client it was issued to', () => {
    const credential = { accountId: '1001', accessToken: 'token', scopes: [] };
    expect(twitch.authorize(credential)).toEqual({
      authorization: 'Bearer token',
      'client-id': 'client',
    });
  });

  it('counts every request against the bucket of the acting user', () => {
    const request = { method: 'GET', path: '/x' } as const;
    const limit = {
      kind: 'learned',
      bucket: 'twitch:helix:client:1002',
      account: '1002',
      assumed: { tokens: 800, windowMs: 60_000 },
    };
    expect(twitch.limitRequest(request, { accountId: '1002' }, 1)).toEqual([limit]);
    const own = twitch.limitRequest(request, { accountId: '1002', clientId: 'own' }, 1);
    expect(own).toEqual([{ ...limit, bucket: 'twitch:helix:own:1002' }]);
  });
});
