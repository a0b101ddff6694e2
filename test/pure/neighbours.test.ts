// Real: the platforms' readings, the upstream session, breakers, limits and the HTTP transport over sockets.
// Fake: the platforms, which answer one account well and another one badly.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Platform } from '../../src/actions/platform.js';
import type { Tokens } from '../../src/accounts/tokens.js';
import type { HeldCredential } from '../../src/accounts/held-credential.js';
import { Breakers } from '../../src/execution/breakers.js';
import { Renewals } from '../../src/execution/renewals.js';
import { UndiciTransport } from '../../src/execution/undici-transport.js';
import { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';
import type { Limits } from '../../src/safeguards/limits.js';
import { makeLimits } from '../support/limits.js';
import { makeCredential, sendAction, type Told } from '../support/upstream-session.js';

Logger.overrideLogger(false);

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

const answer =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_request, response) => {
    const isText = typeof body === 'string';
    const type = isText ? 'text/html' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(isText ? body : JSON.stringify(body));
  };

const hangUp: Answering = (request) => void request.socket.destroy();
const reason = (status: number, name: string, message = 'No'): Answering =>
  answer(status, { error: { code: status, message, errors: [{ reason: name }] } });

let server: Server;
let platforms: Readonly<Record<'twitch' | 'discord' | 'youtube', Platform>>;
const transport = new UndiciTransport({ proxies: undefined });
/** What account A is answered with, and how often somebody asked. */
let answerA: Answering;
let asked: string[] = [];

let breakers: Breakers;
let limits: Limits;
let renewals: Renewals;
/** What the renewals go by, in milliseconds. */
let clock = 1;
let refreshes = 0;

const ANSWERS_TO_B: readonly (readonly [path: RegExp, body: unknown])[] = [
  [/\/chat\/messages/, { data: [{ message_id: 'm1', is_sent: true }] }],
  [/\/streams\/markers/, { data: [{ id: '1', position_seconds: 1, created_at: 'now' }] }],
  [/\/channels\/\d+\/messages/, { id: '1300000000000000001' }],
  [/\/channels\/\d+\/webhooks/, { id: '1300000000000000001', token: 'secret' }],
  [/\/comments/, { id: 'c1' }],
  [/\/commentThreads/, { id: 'c1' }],
  [/\/upload/, { id: 'v1' }],
];

/** Headers of a bucket of Discord with room for all. */
const BUCKET = {
  'x-ratelimit-bucket': 'roomy',
  'x-ratelimit-limit': '1000',
  'x-ratelimit-remaining': '999',
  'x-ratelimit-reset-after': '1',
};

beforeAll(async () => {
  server = createServer((request, response) => {
    const { url = '', headers, method } = request;
    const isOfB = (headers.authorization ?? '').endsWith('-B') || url.includes('/channels/2');
    asked.push(`${isOfB ? 'B' : 'A'} ${method} ${url}`);
    request.resume().on('end', () => {
      if (!isOfB) return answerA(request, response);
      if (method === 'POST' && url.startsWith('/upload/'))
        return response.writeHead(200, { location: '/upload/s?upload_id=1' }).end();
      const body = ANSWERS_TO_B.find(([path]) => path.test(url))?.[1];
      return answer(body === undefined ? 204 : 200, body ?? '', BUCKET)(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { apiUrl, authUrl: apiUrl, clientId: 'client', clientSecret: 'hidden' };
  platforms = {
    twitch: new TwitchPlatform(settings),
    discord: new DiscordPlatform({
      ...settings,
      botToken: 'bot-token',
      mostNoes: 10_000,
      version: '1',
      homepage: 'https://example.org',
    }),
    youtube: new YouTubePlatform({
      ...settings,
      tokenUrl: apiUrl,
      quota: { daily: 1_000_000, reserve: 0, perAccount: 0 },
    }),
  };
});

beforeEach(() => {
  breakers = new Breakers();
  limits = makeLimits();
  clock = 1;
  renewals = new Renewals(() => clock);
  asked = [];
  refreshes = 0;
  versions.clear();
});

afterAll(async () => {
  await transport.onApplicationShutdown();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** What the row of each account has: a renewed token is there for the next action. */
const versions = new Map<string, number>();

const tokens = {
  async refresh(_platform: Platform, stale: HeldCredential) {
    // A token that another request has renewed meanwhile is taken as it is.
    const known = versions.get(stale.accountId) ?? 1;
    if (known > stale.version) return { ...stale, version: known };
    refreshes += 1;
    versions.set(stale.accountId, stale.version + 1);
    return { ...stale, version: stale.version + 1 };
  },
  noteRefusal: () => undefined,
} as unknown as Tokens;

type Name = keyof typeof platforms;

type Wanted = readonly [type: string, parameters: object];

/** Two actions on two routes of each platform; what is named by a number is a channel of A or of B. */
const ACTIONS: Readonly<Record<Name, (who: 'A' | 'B') => readonly [Wanted, Wanted]>> = {
  twitch: () => [
    ['chat_message', { message: 'hi' }],
    ['marker', {}],
  ],
  discord: (who: 'A' | 'B') => {
    const channel_id = who === 'A' ? '100000000000000001' : '200000000000000001';
    return [
      ['send_message', { channel_id, content: 'hi' }],
      ['create_webhook', { channel_id, name: 'News' }],
    ];
  },
  youtube: () => [
    ['reply_to_comment', { parent_id: 'p', text: 'hi' }],
    ['post_comment', { video_id: 'v', text: 'hi' }],
  ],
};

async function send(
  name: Name,
  who: 'A' | 'B',
  type: string,
  parameters: object,
  more: { renewable?: boolean; maxRetries?: number; leftMs?: number; account?: string } = {},
): Promise<Told> {
  const platform = platforms[name];
  const action = platform.actions.find((one) => one.type === type);
  if (!action) throw new Error(`There is no ${type}`);
  const { renewable = true, maxRetries = 0, leftMs = 900 } = more;
  const accountId = more.account ?? `account-${who}`;
  const version = versions.get(accountId) ?? 1;
  const credential = makeCredential(accountId, {
    accessToken: `token-${who}`,
    renewable,
    version,
  });
  const road = { platform, transport, breakers, limits, renewals, tokens, maxRetries, leftMs };
  return sendAction(action, parameters, road, {}, credential);
}

const TROUBLES: readonly (readonly [what: string, platform: Name, answer: Answering])[] = [
  ['500', 'twitch', answer(500, {})],
  ['503', 'twitch', answer(503, { message: 'away' }, { 'retry-after': '1' })],
  ['a page with 502', 'twitch', answer(502, '<html>')],
  ['no answer', 'twitch', hangUp],
  ['401', 'twitch', answer(401, { status: 401, message: 'Missing scope' })],
  ['403', 'twitch', answer(403, { status: 403, message: 'The sender is banned' })],
  [
    '429',
    'twitch',
    answer(
      429,
      { status: 429, message: 'Slow' },
      {
        'ratelimit-limit': '800',
        'ratelimit-remaining': '0',
        'ratelimit-reset': '99999999999',
      },
    ),
  ],
  ['429 of a day', 'twitch', answer(429, { message: 'The daily limit has been exceeded.' })],
  ['500', 'discord', answer(500, {})],
  ['no answer', 'discord', hangUp],
  ['403', 'discord', answer(403, { code: 50_013, message: 'Missing Permissions' })],
  [
    '429 of a route',
    'discord',
    answer(429, { retry_after: 30, message: 'Slow' }, { 'x-ratelimit-scope': 'user' }),
  ],
  ['500', 'youtube', answer(500, {})],
  ['no answer', 'youtube', hangUp],
  ['401', 'youtube', reason(401, 'authError')],
  ['403 for pace', 'youtube', reason(403, 'userRateLimitExceeded')],
  ['429 for the day of a user', 'youtube', reason(429, 'userRateLimitExceeded', 'daily limit')],
  ['400 uploadLimitExceeded', 'youtube', reason(400, 'uploadLimitExceeded')],
];

describe('what one account or resource meets', () => {
  it.each(TROUBLES)('%s closes nothing of its neighbour (%s)', async (_what, name, trouble) => {
    answerA = trouble;
    // As often as any breaker needs, on several routes.
    for (let round = 0; round < 25; round += 1) {
      await Promise.all(
        ACTIONS[name]('A').map(([type, parameters]) =>
          send(name, 'A', type, parameters, { leftMs: 100 }),
        ),
      );
      if (round % 5 > 0) continue;
      for (const [type, parameters] of ACTIONS[name]('B')) {
        const told = await send(name, 'B', type, parameters);
        expect(`${type} ${told.status} ${told.failure?.message ?? ''}`).toBe(`${type} SUCCEEDED `);
      }
    }
    expect(refreshes).toBeLessThanOrEqual(2);
  });

  it('closes the same route of the same account, and no other route of it', async () => {
    answerA = (request, response) =>
      request.url?.includes('/streams/markers')
        ? answer(503, {})(request, response)
        : answer(200, { data: [{ message_id: 'm', is_sent: true }] })(request, response);
    for (let n = 0; n < 25; n += 1) await send('twitch', 'A', 'marker', {});
    const before = asked.length;
    expect(await send('twitch', 'A', 'marker', {})).toMatchObject({
      code: 'PLATFORM_DOWN',
      attempts: 0,
    });
    expect(asked).toHaveLength(before);
    expect((await send('twitch', 'A', 'chat_message', { message: 'hi' })).status).toBe('SUCCEEDED');
  });

  it('is that of the platform once several accounts fail on several routes and none succeeds', async () => {
    const way = { service: 'twitch', title: 'Twitch' };
    const fail = (resource: string, route: string) =>
      breakers.watch({ ...way, resource, route }, async () => ({
        kind: 'unanswered',
        reason: 'gone',
      }));
    for (let n = 0; n < 15; n += 1) await fail('one', 'POST /a');
    for (let n = 0; n < 15; n += 1) await fail('two', 'POST /b');
    const third = { ...way, resource: 'three', route: 'POST /c' };
    expect(() => breakers.requireClosed(third)).toThrow('Twitch is out of order');
  });
});

const BLOCKED = 'You are being blocked from accessing our API temporarily';
const BLOCKS: readonly (readonly [what: string, platform: Name, answer: Answering])[] = [
  ['429 with code 0', 'discord', answer(429, { code: 0, message: `${BLOCKED}.` })],
  [
    '429 that names a time',
    'discord',
    answer(429, { code: 0, message: BLOCKED, retry_after: 300 }),
  ],
  ['403 with code 0', 'discord', answer(403, { code: 0, message: BLOCKED })],
  ['403 without a code', 'discord', answer(403, { message: 'Forbidden' })],
  ['429 of another form', 'discord', answer(429, { error: 'rate limited' })],
  ['a page with 403', 'discord', answer(403, '<html>Access denied</html>')],
  ['a page with 429', 'discord', answer(429, '<html>', { 'retry-after': '600' })],
  ['error code 1015', 'discord', answer(429, 'error code: 1015')],
  ['1015 as JSON', 'discord', answer(429, { error_code: 1015, cloudflare_error: true })],
  ['a page with 403', 'twitch', answer(403, '<html>Access denied</html>')],
  ['error code 1015', 'twitch', answer(429, 'error code: 1015')],
  ['1015 as JSON', 'twitch', answer(429, { error_code: 1015, cloudflare_error: true })],
  ['a page with 403', 'youtube', answer(403, '<html>unusual traffic</html>')],
  ['a page with 429', 'youtube', answer(429, '<html>We are sorry…</html>')],
];

describe('a block of the address', () => {
  it.each(BLOCKS)('%s costs one request, and everything rests (%s)', async (_what, name, block) => {
    answerA = block;
    const [[type, parameters], [otherType, otherParameters]] = ACTIONS[name]('A');
    const first = await send(name, 'A', type, parameters, { maxRetries: 3, leftMs: 20_000 });
    expect(first).toMatchObject({ code: 'RATE_LIMITED', attempts: 1 });
    expect(first.failure?.details.retryAfterMs).toBeGreaterThanOrEqual(300_000);
    const others = [
      await send(name, 'A', otherType, otherParameters),
      ...(await Promise.all(ACTIONS[name]('B').map(([b, of]) => send(name, 'B', b, of)))),
    ];
    for (const told of others) {
      expect(told).toMatchObject({ code: 'RATE_LIMITED', attempts: 0 });
      expect(told.failure?.details.retryAfterMs).toBeGreaterThan(200_000);
    }
    expect(asked).toHaveLength(1);
  });
});

describe('a limit', () => {
  it('of Discord that is global by the body alone closes all of the bot', async () => {
    const bot = { account: 'default' };
    answerA = answer(429, { message: 'Slow', retry_after: 60, global: true });
    const [[type, parameters]] = ACTIONS.discord('A');
    expect(await send('discord', 'A', type, parameters, bot)).toMatchObject({
      code: 'RATE_LIMITED',
    });
    const [[typeOfB, ofB]] = ACTIONS.discord('B');
    expect(await send('discord', 'B', typeOfB, ofB, bot)).toMatchObject({
      code: 'RATE_LIMITED',
      attempts: 0,
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['of an account', reason(400, 'uploadLimitExceeded'), 'SUCCEEDED'],
    [
      'of the project',
      reason(429, 'rateLimitExceeded', "Quota exceeded for limit 'Video Uploads per day'"),
      'REFUSED',
    ],
    ['of the project', reason(403, 'quotaExceeded'), 'REFUSED'],
  ] as const)('%s costs one request and lasts until its reset', async (_whose, no, ofOthers) => {
    answerA = no;
    const title = { title: 'Speedrun' };
    const told = await send('youtube', 'A', 'upload_video', title, { maxRetries: 3 });
    expect(told).toMatchObject({ status: 'REFUSED', code: 'QUOTA_EXHAUSTED', attempts: 1 });
    expect(told.failure?.details.retryAfterMs).toBeGreaterThan(0);
    expect(await send('youtube', 'A', 'upload_video', title)).toMatchObject({
      code: 'QUOTA_EXHAUSTED',
      attempts: 0,
    });
    expect(asked).toHaveLength(1);
    expect((await send('youtube', 'B', 'upload_video', title)).status).toBe(ofOthers);
  });
});

const chat = (): Promise<Told> => send('twitch', 'A', 'chat_message', { message: 'hi' });

describe('a 401', () => {
  const INVALID = answer(401, {
    status: 401,
    error: 'Unauthorized',
    message: 'Invalid OAuth token',
  });
  const SENT = answer(200, { data: [{ message_id: 'm', is_sent: true }] });

  it.each([
    'The ID in broadcaster_id must match the user ID found in the token',
    'Missing scope: moderator:manage:banned_users',
  ])('that says %s is met with one renewal, ten times in turn', async (message) => {
    answerA = answer(401, { status: 401, error: 'Unauthorized', message });
    for (let n = 0; n < 10; n += 1) {
      const told = await send('twitch', 'A', 'ban', { user_id: '7' });
      expect(told).toMatchObject({ status: 'REFUSED', code: 'REFUSED' });
    }
    expect(refreshes).toBe(1);
  });

  it('of a token that ended again right after its renewal is met with another renewal', async () => {
    const answers = [INVALID, INVALID, SENT, INVALID, SENT];
    answerA = (request, response) => (answers.shift() ?? SENT)(request, response);
    expect(await chat()).toMatchObject({ status: 'SUCCEEDED' });
    expect(refreshes).toBe(2);
    // The route is not given up: the same token may end once more.
    expect(await chat()).toMatchObject({ status: 'SUCCEEDED' });
    expect(refreshes).toBe(3);
  });

  it('of a token that ended is met with a renewal where another 401 was not', async () => {
    answerA = answer(401, { status: 401, message: 'Missing scope: user:write:chat' });
    expect(await chat()).toMatchObject({ code: 'REFUSED' });
    expect(await chat()).toMatchObject({ code: 'REFUSED' });
    expect(refreshes).toBe(1);
    const answers = [INVALID, SENT];
    answerA = (request, response) => (answers.shift() ?? SENT)(request, response);
    expect(await chat()).toMatchObject({ status: 'SUCCEEDED' });
    expect(refreshes).toBe(2);
  });

  it('of every fresh token is met with two renewals, then with one after each wait', async () => {
    answerA = INVALID;
    let told = await chat();
    expect(told).toMatchObject({ code: 'PLATFORM_DOWN' });
    expect(told.failure?.message).toContain('Invalid OAuth token');
    for (let n = 0; n < 10; n += 1) told = await chat();
    expect(told).toMatchObject({ code: 'PLATFORM_DOWN' });
    expect(refreshes).toBe(2);
    const waitMs = told.failure?.details.retryAfterMs ?? 0;
    expect(waitMs).toBe(1_000);
    clock += waitMs;
    told = await chat();
    expect(refreshes).toBe(3);
    expect(told.failure?.details.retryAfterMs).toBe(2_000);
    // Once a token is accepted, the next one that ends is renewed at once.
    clock += 2_000;
    const answers = [INVALID, SENT, INVALID, SENT];
    answerA = (request, response) => (answers.shift() ?? SENT)(request, response);
    expect(await chat()).toMatchObject({ status: 'SUCCEEDED' });
    expect(await chat()).toMatchObject({ status: 'SUCCEEDED' });
    expect(refreshes).toBe(5);
  });

  it('that a renewal mends is mended every time', async () => {
    for (let n = 0; n < 3; n += 1) {
      let isFirst = true;
      answerA = (request, response) => {
        const given = isFirst
          ? answer(401, { status: 401, message: 'Invalid OAuth token' })
          : answer(200, { data: [{ message_id: 'm', is_sent: true }] });
        isFirst = false;
        return given(request, response);
      };
      expect((await send('twitch', 'A', 'chat_message', { message: 'hi' })).status).toBe(
        'SUCCEEDED',
      );
    }
    expect(refreshes).toBe(3);
  });
});
