// Real: what requests count against, and what answers say of it. Fake: nothing.
import { describe, expect, it } from 'vitest';
import type { LearnedLimit, Limit, LimitNews } from '../../src/actions/limit.js';
import type { PlatformAnswer, PlatformRequest } from '../../src/actions/wire.js';
import { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';

const NOW = Date.UTC(2026, 10, 20, 12);

const discord = new DiscordPlatform({
  apiUrl: 'https://discord.example/api/v10',
  authUrl: 'https://discord.example/oauth2',
  clientId: 'client',
  clientSecret: 'hidden',
  homepage: 'https://gateway.example',
  botToken: 'bot-token',
  version: '1',
  mostNoes: 5_000,
});
const twitch = new TwitchPlatform({
  apiUrl: 'https://api.example/helix',
  authUrl: 'https://id.example',
  clientId: 'client',
  clientSecret: 'hidden',
});
const youtube = new YouTubePlatform({
  apiUrl: 'https://api.example',
  authUrl: 'https://accounts.example/auth',
  tokenUrl: 'https://oauth2.example/token',
  clientId: 'project',
  clientSecret: 'hidden',
  quota: { daily: 10_000, reserve: 500, perAccount: 2_000 },
});

const answer = (
  status: number,
  headers: Record<string, string> = {},
  body: unknown = {},
): PlatformAnswer => ({ status, headers, body });

/** An id of a message that is so many milliseconds old. */
const idOfAge = (ms: number): string => String((BigInt(NOW - ms) - 1_420_070_400_000n) << 22n);

const limitsOf = (
  method: PlatformRequest['method'],
  path: string,
  more: Partial<PlatformRequest> = {},
): readonly Limit[] =>
  discord.limitRequest({ method, path, ...more }, { accountId: 'bot' }, 1, NOW);

describe('Discord', () => {
  function routeOf(
    method: PlatformRequest['method'],
    path: string,
  ): Required<LearnedLimit>['route'] {
    const learned = limitsOf(method, path).find(({ kind }) => kind === 'learned') as LearnedLimit;
    if (!learned.route) throw new Error('It has no route');
    return learned.route;
  }

  it.each([
    ['POST', '/channels/7/messages', 'POST /channels/:id/messages', 'discord:bot:channels.7'],
    [
      'PATCH',
      '/channels/7/messages/9',
      'PATCH /channels/:id/messages/:id',
      'discord:bot:channels.7',
    ],
    ['POST', '/channels/7/webhooks', 'POST /channels/:id/webhooks', 'discord:bot:channels.7'],
    [
      'PUT',
      '/guilds/8/members/5/roles/6',
      'PUT /guilds/:id/members/:id/roles/:id',
      'discord:bot:guilds.8',
    ],
    ['PUT', '/guilds/8/bans/5', 'PUT /guilds/:id/bans/:id', 'discord:bot:guilds.8'],
  ] as const)('%s %s is of one route and one resource', (method, path, name, of) => {
    expect(routeOf(method, path)).toEqual({ name: `discord:route:${name}`, of });
  });

  it('counts every emoji of a channel together, and taking one away with it', () => {
    const added = routeOf('PUT', '/channels/7/messages/9/reactions/%F0%9F%91%8D/@me');
    expect(routeOf('DELETE', '/channels/7/messages/1/reactions/a%3A1/@me')).toEqual(added);
    expect(routeOf('PUT', '/channels/8/messages/9/reactions/x/@me')).not.toEqual(added);
  });

  it('counts the deletion of young and of old messages apart', () => {
    const names = [5_000, 60_000, 15 * 86_400_000].map(
      (age) => routeOf('DELETE', `/channels/7/messages/${idOfAge(age)}`).name,
    );
    expect(new Set(names).size).toBe(3);
    const edited = routeOf('PATCH', `/channels/7/messages/${idOfAge(5_000)}`).name;
    expect(edited).toBe(routeOf('PATCH', `/channels/7/messages/${idOfAge(60_000)}`).name);
  });

  it('counts a webhook for itself, and shows nothing of its token', () => {
    const path = '/webhooks/55/s3cret-token';
    const limits = limitsOf('POST', path, { withoutCredentials: true });
    expect(JSON.stringify(limits)).not.toContain('s3cret');
    expect(limits.map(({ bucket }) => bucket)).toContain('discord:global:address');
    const other = limitsOf('POST', '/webhooks/55/another', { withoutCredentials: true });
    expect(other[0]?.bucket).not.toBe(limits[0]?.bucket);
    expect(limits[0]).toMatchObject({ route: { name: 'discord:route:POST /webhooks/:id/:token' } });
  });

  const LIMITS = limitsOf('POST', '/channels/7/messages');
  const [{ bucket: ROUTE }, { bucket: GLOBAL }, { bucket: NOES }] = LIMITS as [Limit, Limit, Limit];
  const HEADERS = {
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': '3',
    'x-ratelimit-reset-after': '4.2501',
    'x-ratelimit-bucket': 'abc',
  };
  const STANDING = {
    bucket: ROUTE,
    kind: 'standing',
    tokens: 5,
    remaining: 3,
    resetAfterMs: 4_251,
    name: 'abc',
  };
  const SILENT = { bucket: ROUTE, kind: 'silent' };
  const NO = { bucket: NOES, kind: 'no' };

  const news: readonly [name: string, answer: PlatformAnswer, news: readonly object[]][] = [
    ['a yes', answer(200, HEADERS), [STANDING]],
    ['a yes without a word', answer(204), [SILENT]],
    ['nonsense', answer(200, { ...HEADERS, 'x-ratelimit-limit': 'many' }), [SILENT]],
    ['a 404', answer(404, HEADERS), [STANDING]],
    ['a 403', answer(403, HEADERS, { code: 50_013 }), [STANDING, NO]],
    ['a 401', answer(401, {}, { message: '401' }), [SILENT, NO]],
    [
      'a 429 of the bot',
      answer(429, { ...HEADERS, 'x-ratelimit-scope': 'user' }, { retry_after: 1.5 }),
      [STANDING, { bucket: ROUTE, kind: 'closed', forMs: 1_500 }, NO],
    ],
    [
      'a 429 for what others did',
      answer(429, { ...HEADERS, 'x-ratelimit-scope': 'shared', 'retry-after': '2' }),
      [STANDING, { bucket: ROUTE, kind: 'paused', forMs: 2_000 }],
    ],
    [
      'a 429 of everything',
      answer(429, { 'x-ratelimit-scope': 'global' }, { retry_after: 0.3, global: true }),
      [SILENT, { bucket: GLOBAL, kind: 'closed', forMs: 300 }, NO],
    ],
    [
      'a page of Cloudflare',
      answer(429, { 'retry-after': '600' }, '<html>'),
      [
        SILENT,
        { bucket: ROUTE, kind: 'closed', forMs: 600_000 },
        NO,
        { bucket: NOES, kind: 'closed', forMs: 600_000 },
      ],
    ],
  ];
  it.each(news)('%s is told as it is', (_name, given, told) => {
    expect(discord.readLimits(given, LIMITS)).toEqual(told);
  });
});

describe('Twitch', () => {
  const [limit] = twitch.limitRequest({ method: 'GET', path: '/x' }, { accountId: '1' }, 1) as [
    LearnedLimit,
  ];
  const { bucket } = limit;
  const DATE = 'Fri, 20 Nov 2026 12:00:00 GMT';
  const headers = (remaining: string, afterSeconds: number): Record<string, string> => ({
    date: DATE,
    'ratelimit-limit': '800',
    'ratelimit-remaining': remaining,
    'ratelimit-reset': String(NOW / 1_000 + afterSeconds),
  });
  const read = (given: PlatformAnswer): LimitNews[] => twitch.readLimits(given, [limit]);
  const standing = (remaining: number, resetAfterMs: number): object => ({
    bucket,
    kind: 'standing',
    tokens: 800,
    remaining,
    resetAfterMs,
  });

  it('tells its points by its own clock, for ours may be wrong', () => {
    expect(read(answer(200, headers('799', 42)))).toEqual([standing(799, 42_000)]);
    expect(read(answer(200, headers('799', -5)))).toEqual([standing(799, 0)]);
    expect(read(answer(200, headers('799', 9_999)))).toEqual([standing(799, 60_000)]);
    expect(read(answer(200, { ...headers('799', 1), date: '' }))).toEqual([
      { bucket, kind: 'silent' },
    ]);
  });

  it('closes with its last point, and not for a 429 of an endpoint', () => {
    expect(read(answer(429, headers('0', 7)))).toEqual([
      standing(0, 7_000),
      { bucket, kind: 'closed', forMs: 7_000 },
    ]);
    expect(read(answer(429, headers('700', 7)))).toEqual([standing(700, 7_000)]);
  });

  it('takes as many points as an action costs', () => {
    const request = { method: 'GET', path: '/x' } as const;
    expect(twitch.limitRequest(request, { accountId: '1' }, 5)).toMatchObject([{ cost: 5 }]);
  });
});

const unitsOf = (path: string, clientId?: string): readonly Limit[] =>
  youtube.limitRequest({ method: 'POST', path }, { accountId: 'UC1', clientId }, 50);

const quotaInfo = (metadata: object): object => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'RATE_LIMIT_EXCEEDED',
  domain: 'googleapis.com',
  metadata,
});
const violation = (quotaId: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ subject: 'project:1', description: 'No more', quotaId }],
});
const exhausted = (more: object): object => ({ status: 'RESOURCE_EXHAUSTED', ...more });
const told = (reason: string, message = ''): object => ({ message, errors: [{ reason }] });

describe('YouTube', () => {
  it('counts units of the project, and of the account where that is wanted', () => {
    expect(unitsOf('/youtube/v3/comments')).toMatchObject([
      {
        kind: 'daily',
        bucket: 'youtube:units:project',
        payer: 'UC1',
        units: 10_000,
        reserve: 500,
        cost: 50,
      },
      { kind: 'daily', bucket: 'youtube:account:UC1', account: 'UC1', units: 2_000, cost: 50 },
    ]);
    expect(unitsOf('/youtube/v3/comments', 'own')[0]?.bucket).toBe('youtube:units:own');
  });

  it.each([
    ['/upload/youtube/v3/videos', 'youtube:uploads:project'],
    ['/youtube/v3/search', 'youtube:searches:project'],
  ])('counts calls of %s apart, a hundred a day', (path, name) => {
    const counted = { units: 100, reserve: 0, cost: 1 };
    const [project, account, ...others] = unitsOf(path);
    expect(project).toMatchObject({ bucket: name, ...counted });
    expect(account).toMatchObject({ account: expect.any(String), ...counted });
    expect(others).toEqual([]);
  });

  it.each([
    [429, 'rateLimitExceeded', "Quota exceeded, limit 'Video Uploads per day'", 'project'],
    [403, 'dailyLimitExceeded', '', 'project'],
    [400, 'uploadLimitExceeded', '', 'account'],
    [429, 'userRateLimitExceeded', 'The daily limit is reached', 'account'],
    [429, 'rateLimitExceeded', "limit 'Queries per minute'", undefined],
    [403, 'userRateLimitExceeded', 'Too fast', undefined],
  ])(
    'an upload that meets %d %s %s has spent the day of the %s',
    (status, reason, message, whose) => {
      const limits = unitsOf('/upload/youtube/v3/videos');
      const met = answer(status, {}, { error: { message, errors: [{ reason }] } });
      const spent = youtube.readLimits(met, limits).map(({ bucket }) => bucket);
      const [ofProject, ofAccount] = limits.map(({ bucket }) => bucket);
      expect(spent).toEqual(
        whose === undefined ? [] : [whose === 'project' ? ofProject : ofAccount],
      );
      const refusal = youtube.readRefusal(met, Date.UTC(2026, 10, 20, 12));
      expect(refusal.code).toBe(whose === undefined ? 'RATE_LIMITED' : 'QUOTA_EXHAUSTED');
      // Until midnight in Pacific time; a 429 that names no time is waited for a minute.
      const unspentMs = status === 429 ? 60_000 : undefined;
      expect(refusal.retryAfterMs).toBe(whose === undefined ? unspentMs : 20 * 3_600_000);
    },
  );

  it.each<[status: number, error: object, whose: 'project' | 'account' | undefined]>([
    [403, told('quotaExceeded'), 'project'],
    [429, told('quotaExceeded'), 'project'],
    [402, told('quotaExceeded402'), 'project'],
    [403, told('dailyLimitExceeded'), 'project'],
    [403, told('dailyLimitExceededUnreg'), 'project'],
    [402, told('dailyLimitExceeded402'), 'project'],
    [403, told('DAILY_LIMIT_EXCEEDED'), 'project'],
    [403, { errors: [{ reason: 'rateLimitExceeded' }, { reason: 'quotaExceeded' }] }, 'project'],
    [403, told('rateLimitExceeded', 'Daily Limit Exceeded.'), 'project'],
    [429, told('rateLimitExceeded', "limit 'Queries per day' of service"), 'project'],
    [429, told('rateLimitExceeded', "limit 'Queries Per Day' of service"), 'project'],
    [429, exhausted({ message: "limit 'Search Queries per day'" }), 'project'],
    [
      429,
      exhausted({ details: [quotaInfo({ quota_limit: 'defaultPerDayPerProject' })] }),
      'project',
    ],
    [429, exhausted({ details: [quotaInfo({ quota_unit: '1/d/{project}' })] }), 'project'],
    [429, exhausted({ details: [quotaInfo({ quota_limit: 'CLIENT_PROJECT-1d' })] }), 'project'],
    [429, exhausted({ details: [violation('QueriesPerDayPerProject')] }), 'project'],
    [429, { details: [quotaInfo({ quota_limit: 'queries_per_day' })] }, 'project'],
    [403, told('userDailyLimitExceeded'), 'account'],
    [403, told('userRateLimitExceeded', "limit 'Queries per day'"), 'account'],
    [429, told('rateLimitExceeded', "limit 'Queries per day per user'"), 'account'],
    [429, exhausted({ details: [quotaInfo({ quota_unit: '1/d/{project}/{user}' })] }), 'account'],
    [429, exhausted({ details: [violation('QueriesPerDayPerUser')] }), 'account'],
    [429, exhausted({}), undefined],
    [429, exhausted({ message: "limit 'Queries per minute'" }), undefined],
    [
      429,
      exhausted({ details: [quotaInfo({ quota_limit: 'defaultPerMinutePerProject' })] }),
      undefined,
    ],
    [429, exhausted({ details: [quotaInfo({ quota_unit: '1/min/{project}' })] }), undefined],
    [403, told('rateLimitExceeded', 'Too many messages, wait'), undefined],
    [403, told('userRequestsExceedRateLimit', 'Slow down'), undefined],
  ])('%d %j is the day of %s that is spent', (status, error, whose) => {
    const limits = unitsOf('/youtube/v3/comments');
    const met = answer(status, {}, { error });
    expect(youtube.readLimits(met, limits).map(({ bucket }) => bucket)).toEqual(
      { project: ['youtube:units:project'], account: ['youtube:account:UC1'], none: [] }[
        whose ?? 'none'
      ],
    );
    const { code, retryAfterMs } = youtube.readRefusal(met, Date.UTC(2026, 10, 20, 12));
    expect(code).toBe(whose === undefined ? 'RATE_LIMITED' : 'QUOTA_EXHAUSTED');
    // Twenty hours until midnight in California; a 429 that names no time is waited for a minute.
    const unspentMs = status === 429 ? 60_000 : undefined;
    expect(retryAfterMs).toBe(whose === undefined ? unspentMs : 20 * 3_600_000);
  });

  it('has spent the quota of the project when YouTube says so', () => {
    const limits = unitsOf('/youtube/v3/comments');
    const spent = answer(403, {}, { error: { errors: [{ reason: 'quotaExceeded' }] } });
    expect(youtube.readLimits(spent, limits)).toEqual([
      { bucket: 'youtube:units:project', kind: 'spent' },
    ]);
    expect(youtube.readLimits(answer(403), limits)).toEqual([]);
    expect(youtube.readLimits(answer(200), limits)).toEqual([]);
  });
});
