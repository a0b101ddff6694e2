// Real: how the gateway reads YouTube's answers, counts its day and builds Google's OAuth requests.
// Nothing is fake.
import { anything, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlatformAdapter } from '../../src/actions/platform.js';
import type { PlatformAnswer, Refusal } from '../../src/actions/wire.js';
import { GoogleOAuth } from '../../src/platforms/youtube/google-oauth.js';
import { countToQuotaReset } from '../../src/platforms/youtube/quota.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';

const SETTINGS = {
  apiUrl: 'https://api.example',
  authUrl: 'https://accounts.example/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.example/token',
  clientId: 'client',
  clientSecret: 'hidden',
  quota: { daily: 10_000, reserve: 500, perAccount: 0 },
};
const youtube = new YouTubePlatform(SETTINGS);
const HOUR = 3_600_000;
/** Four in the morning in California. */
const NOW = Date.UTC(2026, 10, 20, 12);

const answer = (
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): PlatformAnswer => ({ status, headers, body });

const error = (status: number, reason: string, headers?: Record<string, string>): PlatformAnswer =>
  answer(
    status,
    {
      error: {
        code: status,
        message: `It is <a href="/x">${reason}</a>.`,
        errors: [{ message: reason, domain: 'youtube', reason }],
      },
    },
    headers,
  );

describe('readRefusal', () => {
  const cases: readonly [name: string, answer: PlatformAnswer, refusal: Partial<Refusal>][] = [
    [
      'quotaExceeded',
      error(403, 'quotaExceeded'),
      { code: 'QUOTA_EXHAUSTED', retryAfterMs: 20 * HOUR },
    ],
    [
      'dailyLimitExceeded',
      error(403, 'dailyLimitExceeded'),
      { code: 'QUOTA_EXHAUSTED', retryAfterMs: 20 * HOUR },
    ],
    ['rateLimitExceeded', error(403, 'rateLimitExceeded'), { code: 'RATE_LIMITED' }],
    ['userRateLimitExceeded', error(403, 'userRateLimitExceeded'), { code: 'RATE_LIMITED' }],
    [
      'userRequestsExceedRateLimit, with a wait',
      error(429, 'userRequestsExceedRateLimit', { 'retry-after': '7' }),
      { code: 'RATE_LIMITED', retryAfterMs: 7_000 },
    ],
    ['429 without a word', answer(429), { code: 'RATE_LIMITED', happened: 'no' }],
    ['401 authError', error(401, 'authError'), { code: 'RECONNECT_ACCOUNT', happened: 'no' }],
    ['401 without a word', answer(401), { code: 'RECONNECT_ACCOUNT' }],
    ['401 of somebody without a channel', error(401, 'youtubeSignupRequired'), { code: 'REFUSED' }],
    ...[
      'insufficientPermissions',
      'insufficientLivePermissions',
      'liveStreamingNotEnabled',
      'forbidden',
      'liveChatDisabled',
      'liveChatEnded',
      'commentsDisabled',
      'redundantTransition',
    ].map((reason): [string, PlatformAnswer, Partial<Refusal>] => [
      `403 ${reason}`,
      error(403, reason),
      { code: 'REFUSED', happened: 'no', platformCode: reason },
    ]),
    ['400', error(400, 'commentTextRequired'), { code: 'REFUSED' }],
    [
      '404',
      error(404, 'liveChatNotFound'),
      { code: 'NOT_FOUND', platformCode: 'liveChatNotFound' },
    ],
    ['404 without a word', answer(404), { code: 'NOT_FOUND' }],
    ['400 of something unknown', error(400, 'videoNotFound'), { code: 'NOT_FOUND' }],
    [
      '409 of a playlist in a hurry',
      error(409, 'SERVICE_UNAVAILABLE'),
      { code: 'PLATFORM_DOWN', happened: 'no' },
    ],
    ['409', error(409, 'videoAlreadyInPlaylist'), { code: 'REFUSED' }],
    ['500', error(500, 'backendError'), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    [
      '400 that is an inner fault',
      error(400, 'internalError'),
      { code: 'PLATFORM_DOWN', happened: 'maybe' },
    ],
    ['503', answer(503), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    [
      '503 with a wait',
      answer(503, '<html>', { 'retry-after': '3' }),
      { code: 'PLATFORM_DOWN', happened: 'no', retryAfterMs: 3_000 },
    ],
    [
      '500 with a wait, which promises nothing',
      answer(500, '', { 'retry-after': '3' }),
      { happened: 'maybe' },
    ],
    [
      'a status in the place of a reason',
      answer(403, { error: { status: 'PERMISSION_DENIED', message: 'No' } }),
      { code: 'REFUSED', platformCode: 'PERMISSION_DENIED', message: 'YouTube answered 403: No' },
    ],
  ];
  it.each(cases)('%s', (_name, given, expected) => {
    expect(youtube.readRefusal(given, NOW)).toMatchObject(expected);
  });

  it('takes the markup out of what Google says', () => {
    expect(youtube.readRefusal(error(403, 'forbidden'), NOW).message).toBe(
      'YouTube answered 403: It is forbidden.',
    );
  });

  it('leaves the wait to chance where Google names none', () => {
    expect(youtube.readRefusal(error(403, 'rateLimitExceeded'), NOW)).not.toHaveProperty(
      'retryAfterMs',
    );
  });

  it('reads whatever comes', () => {
    assert(
      property(integer({ min: 300, max: 599 }), anything(), (status, body) => {
        expect(youtube.readRefusal(answer(status, body), NOW).message).toContain(String(status));
        expect(
          youtube.readRefusal(answer(status, { error: { errors: [body], message: body } }), NOW)
            .code,
        ).toEqual(expect.any(String));
      }),
    );
  });
});

describe('the quota’s day', () => {
  it.each([
    // In winter midnight is at 8 in UTC, in summer at 7.
    ['2026-01-15T12:00:00Z', 20],
    ['2026-07-15T12:00:00Z', 19],
    ['2026-01-15T07:59:59.999Z', 1 / HOUR],
    ['2026-01-15T08:00:00Z', 24],
    // Clocks go forward on 8 March 2026: the day has 23 hours.
    ['2026-03-08T07:59:00Z', 1 / 60],
    ['2026-03-08T08:00:00Z', 23],
    ['2026-03-08T09:59:59Z', 21 + 1 / 3600],
    ['2026-03-08T10:00:00Z', 21],
    ['2026-03-09T06:00:00Z', 1],
    // And back on 1 November 2026: the day has 25 hours, one of them twice.
    ['2026-11-01T06:59:00Z', 1 / 60],
    ['2026-11-01T07:00:00Z', 25],
    ['2026-11-01T08:30:00Z', 23.5],
    ['2026-11-01T09:30:00Z', 22.5],
    ['2026-11-02T07:00:00Z', 1],
    ['2026-12-31T23:00:00Z', 9],
    ['2028-02-29T08:00:00Z', 24],
  ])('at %s has %d hours left', (at, hours) => {
    expect(countToQuotaReset(Date.parse(at))).toBe(Math.round(hours * HOUR));
  });

  it('ends at the next midnight of a Pacific clock, whenever it is', () => {
    const clock = new Intl.DateTimeFormat('sv-SE', {
      timeZone: 'America/Los_Angeles',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    assert(
      property(integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }), (now) => {
        const left = countToQuotaReset(now);
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(25 * HOUR);
        expect(clock.format(now + left)).toMatch(/ 00:00:00$/);
        // The moment before is still today, so that no midnight was passed over.
        expect(clock.format(now + left - 1).slice(0, 10)).toBe(clock.format(now).slice(0, 10));
      }),
      { numRuns: 500 },
    );
  });
});

describe('OAuth', () => {
  const { oauth } = youtube;
  const { connecting } = oauth;
  if (!connecting) throw new Error('YouTube accounts can be connected');

  it('renews by a form', () => {
    const { method, url, body } = oauth.buildRefresh('1//refresh');
    expect([method, url, String(body)]).toEqual([
      'POST',
      'https://oauth2.example/token',
      'client_id=client&client_secret=hidden&grant_type=refresh_token&refresh_token=1%2F%2Frefresh',
    ]);
  });

  it('renews as the client that a grant was given to', () => {
    const { body } = new GoogleOAuth(SETTINGS).buildRefresh('r', { id: 'other', secret: 'own' });
    expect(String(body)).toBe(
      'client_id=other&client_secret=own&grant_type=refresh_token&refresh_token=r',
    );
  });

  it.each([
    [
      'no new refresh token',
      { access_token: 'a', expires_in: 3599, scope: 'x y' },
      { accessToken: 'a', refreshToken: undefined, expiresIn: 3599, scopes: ['x', 'y'] },
    ],
    [
      'a new one all the same',
      { access_token: 'a', refresh_token: 'r' },
      { accessToken: 'a', refreshToken: 'r', expiresIn: undefined, scopes: undefined },
    ],
  ])('reads a grant with %s', (_name, body, grant) => {
    expect(oauth.readRefresh(answer(200, body))).toEqual(grant);
  });

  it.each([
    [400, { error: 'invalid_grant' }, 'dead'],
    [401, { error: 'invalid_client' }, 'unclear'],
    [400, { error: 'invalid_request' }, 'unclear'],
    [400, { error: 'unauthorized_client' }, 'unclear'],
    [500, { error: 'invalid_grant' }, 'unclear'],
    [400, 'invalid_grant', 'unclear'],
    [200, {}, 'unclear'],
    [200, { access_token: '' }, 'unclear'],
    [503, undefined, 'unclear'],
  ])('%d %j is %s', (status, body, expected) => {
    expect(oauth.readRefresh(answer(status, body))).toBe(expected);
  });

  it('asks for consent with all that a refresh token takes', () => {
    const url = new URL(
      connecting.buildConsentUrl({
        state: 's&t',
        redirectUri: 'https://gateway.example/oauth/youtube/callback',
        scopes: ['one', 'two'],
        codeChallenge: 'challenge',
      }),
    );
    expect(url.origin + url.pathname).toBe('https://accounts.example/o/oauth2/v2/auth');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'client',
      redirect_uri: 'https://gateway.example/oauth/youtube/callback',
      response_type: 'code',
      scope: 'one two',
      state: 's&t',
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
    });
  });

  it('exchanges, revokes and asks whose a token is', () => {
    const exchange = connecting.buildExchange({
      code: '4/code',
      redirectUri: 'https://gateway.example/cb',
      codeVerifier: 'verifier',
    });
    expect(exchange.url).toBe('https://oauth2.example/token');
    expect(Object.fromEntries(exchange.body as URLSearchParams)).toEqual({
      client_id: 'client',
      client_secret: 'hidden',
      grant_type: 'authorization_code',
      code: '4/code',
      redirect_uri: 'https://gateway.example/cb',
      code_verifier: 'verifier',
    });
    const revocation = connecting.buildRevocation('t');
    expect([revocation.url, String(revocation.body)]).toEqual([
      'https://oauth2.example/revoke',
      'token=t',
    ]);
    expect(connecting.buildIdentification('t')).toEqual({
      method: 'GET',
      url: 'https://api.example/youtube/v3/channels?part=snippet&mine=true',
      headers: { authorization: 'Bearer t' },
    });
  });

  it.each([
    [
      200,
      { items: [{ id: 'UC1', snippet: { title: 'Demo' } }] },
      { accountId: 'UC1', login: 'Demo', scopes: [], expiresIn: undefined },
    ],
    [
      200,
      { items: [{ id: 'UC1' }] },
      { accountId: 'UC1', login: '', scopes: [], expiresIn: undefined },
    ],
    [200, { items: [] }, 'unclear'],
    [200, {}, 'unclear'],
    [200, { kind: 'youtube#channelListResponse' }, 'no account'],
    [200, { kind: 'youtube#channelListResponse', items: [] }, 'no account'],
    [401, { error: { code: 401 } }, 'invalid'],
    [401, '<html>', 'unclear'],
    [500, 'html', 'unclear'],
  ])('reads an identity of %d %j', (status, body, expected) => {
    expect(connecting.readIdentification(answer(status, body))).toEqual(expected);
  });
});

describe('the platform', () => {
  it('is found by its mark, and signs with the token alone', () => {
    expect(isPlatformAdapter(YouTubePlatform)).toBe(true);
    expect(youtube.authorize({ accountId: 'UC1', accessToken: 't', scopes: [] })).toEqual({
      authorization: 'Bearer t',
    });
  });

  it('says what is missing for acting at all', () => {
    const bare = new YouTubePlatform({
      apiUrl: 'https://api.example',
      authUrl: 'https://a.example',
      tokenUrl: 'https://t.example/token',
      clientId: '',
      clientSecret: '',
      quota: { daily: 10_000, reserve: 500, perAccount: 0 },
    });
    expect(bare.ownCredential()).toEqual({
      missing: ['YOUTUBE_CLIENT_ID', 'YOUTUBE_CLIENT_SECRET'],
    });
    expect(youtube.ownCredential()).toBeUndefined();
  });
});
