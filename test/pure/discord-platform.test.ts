// Real: what Discord's answers are taken for, and whose credentials are used. Fake: nothing.
import { describe, expect, it } from 'vitest';
import type { PlatformAnswer, Refusal } from '../../src/actions/wire.js';
import { listPermissions, sumPermissions } from '../../src/platforms/discord/permissions.js';
import { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';

const SETTINGS = {
  apiUrl: 'https://discord.com/api/v10',
  authUrl: 'https://discord.com/oauth2',
  clientId: '42',
  clientSecret: 'hush',
  botToken: 'bot-token',
  version: '1.2.3',
  mostNoes: 5_000,
  homepage: 'https://gateway.example',
};
const platform = new DiscordPlatform(SETTINGS);

const needs = (type: string): { type: string; permissions: readonly string[] } => {
  const action = platform.actions.find((one) => one.type === type);
  if (!action) throw new Error(`no action ${type}`);
  return action;
};

const advise = (platformCode: string, type: string): string | undefined =>
  platform.adviseOn({ code: 'REFUSED', message: '', happened: 'no', platformCode }, needs(type));

describe('a refusal is told with what to do about it', () => {
  it.each([
    [
      '50013',
      'kick_user',
      /^kick_user needs KICK_MEMBERS: grant .* settings of the server .*move that role above/,
    ],
    [
      '50013',
      'pin_message',
      /^pin_message needs .*PIN_MESSAGES.*settings of .* the channel \(Permissions\)$/,
    ],
    ['50001', 'send_message', /does not see the channel: .*VIEW_CHANNEL/],
    ['60003', 'ban_user', /two-factor/],
    ['50034', 'bulk_delete_messages', /older than 14 days/],
    ['40005', 'send_message', /files are larger/],
  ])('%s of %s', (code, type, advice) => {
    expect(advise(code, type)).toMatch(advice);
  });

  it('and not where the refusal says enough, or the action needs nothing', () => {
    expect(advise('10003', 'send_message')).toBeUndefined();
    expect(advise('50013', 'respond_interaction')).toBeUndefined();
  });
});

const read = (
  status: number,
  body: unknown = {},
  headers: PlatformAnswer['headers'] = {},
): Refusal => platform.readRefusal({ status, body, headers });

describe('letting the bot into a server', () => {
  it('is asked for with the permissions of the actions as one number, and with no more', () => {
    const permissions = platform.inviting.completePermissions(['MODERATE_MEMBERS', 'BAN_MEMBERS']);
    const url = new URL(
      platform.inviting.buildConsentUrl({
        state: 's',
        redirectUri: 'https://gateway.example/oauth/discord/callback',
        permissions,
      }),
    );
    expect(url.origin + url.pathname).toBe('https://discord.com/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: '42',
      redirect_uri: 'https://gateway.example/oauth/discord/callback',
      scope: 'bot identify',
      permissions: String(2 ** 40 + 2 ** 10 + 2 ** 2),
      state: 's',
    });
  });

  it('exchanges and revokes where Discord has published it, as the application', () => {
    const exchange = platform.inviting.buildExchange({ code: 'c', redirectUri: 'r' });
    expect(exchange).toMatchObject({ method: 'POST', url: 'https://discord.com/api/oauth2/token' });
    expect(Object.fromEntries(exchange.body as URLSearchParams)).toEqual({
      client_id: '42',
      client_secret: 'hush',
      grant_type: 'authorization_code',
      code: 'c',
      redirect_uri: 'r',
    });
    expect(platform.inviting.buildRevocation('t').url).toBe(
      'https://discord.com/api/oauth2/token/revoke',
    );
  });

  it('knows a bit for every permission that an action names', () => {
    for (const { type, permissions } of platform.actions)
      for (const name of permissions) expect([type, sumPermissions([name])]).not.toContain('0');
    const names = platform.actions.flatMap((action) => action.permissions);
    expect(listPermissions(sumPermissions(names)).sort()).toEqual([...new Set(names)].sort());
    expect(listPermissions('8')).toContain('BAN_MEMBERS');
    expect(listPermissions('x')).toEqual([]);
  });

  it('introduces itself in the form of Discord', () => {
    expect(platform.userAgent).toBe('DiscordBot (https://gateway.example, 1.2.3)');
  });
});

describe('readRefusal', () => {
  const page = '<!doctype html><h1>Error 1015</h1>';
  it.each<[string, Refusal, Partial<Refusal>]>([
    [
      'a 429 by its body, in milliseconds',
      read(429, { message: 'Slow', retry_after: 0.3571, global: false }, { 'retry-after': '1' }),
      { code: 'RATE_LIMITED', retryAfterMs: 358, happened: 'no' },
    ],
    [
      'a 429 by what is left of its bucket',
      read(429, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '2.5' }),
      { code: 'RATE_LIMITED', retryAfterMs: 2_500 },
    ],
    ['a 429 by Retry-After', read(429, {}, { 'retry-after': '65' }), { retryAfterMs: 65_000 }],
    ['a 429 that says nothing', read(429), { code: 'RATE_LIMITED', retryAfterMs: 1_000 }],
    [
      'its scope',
      read(429, { message: 'Slow', retry_after: 1 }, { 'x-ratelimit-scope': 'shared' }),
      { message: 'Discord answered 429: Slow (limit: shared)' },
    ],
    [
      'a lock-out by Cloudflare',
      read(429, page, { 'retry-after': '540' }),
      { code: 'RATE_LIMITED', retryAfterMs: 540_000, message: 'Discord answered 429' },
    ],
    ['the same without a word', read(429, page), { retryAfterMs: 600_000 }],
    ['the same as 403', read(403, page), { code: 'RATE_LIMITED', retryAfterMs: 600_000 }],
    [
      'slow mode',
      read(400, { code: 20_016, message: 'Slowmode', retry_after: 7 }),
      { code: 'RATE_LIMITED', retryAfterMs: 7_000, platformCode: '20016' },
    ],
    [
      'private messages opened too fast, never fast',
      read(400, { code: 40_003, message: 'Too fast' }),
      { code: 'RATE_LIMITED', retryAfterMs: 60_000 },
    ],
    ['20028', read(429, { code: 20_028, retry_after: 3 }), { retryAfterMs: 3_000 }],
    [
      'a worthless token',
      read(401, { code: 0, message: '401: Unauthorized' }),
      { code: 'RECONNECT_ACCOUNT', happened: 'no' },
    ],
    ['50014', read(400, { code: 50_014 }), { code: 'RECONNECT_ACCOUNT', platformCode: '50014' }],
    ["a webhook's wrong token", read(401, { code: 50_027 }), { code: 'REFUSED' }],
    ...[50_001, 50_013, 50_007].map((code): [string, Refusal, Partial<Refusal>] => [
      `${code}`,
      read(403, { code, message: 'No' }),
      { code: 'REFUSED', platformCode: String(code), message: 'Discord answered 403: No' },
    ]),
    ...[10_003, 10_004, 10_007, 10_008, 10_011, 10_013, 10_015].map(
      (code): [string, Refusal, Partial<Refusal>] => [
        `${code}`,
        read(404, { code }),
        { code: 'NOT_FOUND', platformCode: String(code), happened: 'no' },
      ],
    ),
    ['an unknown emoji, which comes as 400', read(400, { code: 10_014 }), { code: 'NOT_FOUND' }],
    ['an unknown path', read(404, { code: 0 }), { code: 'NOT_FOUND' }],
    [
      '30010',
      read(400, { code: 30_010, message: 'Many' }),
      { code: 'REFUSED', platformCode: '30010' },
    ],
    ['a fault', read(500, {}), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    ['a page of a gateway', read(502, page), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    [
      'a pause that is asked for',
      read(503, {}, { 'retry-after': '2' }),
      { code: 'PLATFORM_DOWN', happened: 'no', retryAfterMs: 2_000 },
    ],
    ['130000', read(400, { code: 130_000 }), { code: 'PLATFORM_DOWN', happened: 'maybe' }],
    ['nothing at all', read(400, undefined), { code: 'REFUSED', message: 'Discord answered 400' }],
  ])('reads %s', (_name, refusal, expected) => {
    expect(refusal).toMatchObject(expected);
  });

  it('tells faults of fields in one line', () => {
    const tooLong = { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Too long.' }] };
    const refusal = read(400, {
      code: 50_035,
      message: 'Invalid Form Body',
      errors: {
        content: tooLong,
        embeds: { 0: { title: tooLong, fields: { 2: { name: tooLong } } } },
      },
    });
    expect(refusal).toMatchObject({ code: 'REFUSED', platformCode: '50035' });
    expect(refusal.message).toBe(
      'Discord answered 400: Invalid Form Body — content: Too long.; embeds[0].title: Too long.; embeds[0].fields[2].name: Too long.',
    );
  });

  it('is not led astray by a body of another form', () => {
    let deep: unknown = { _errors: [{ message: 'x' }] };
    for (let level = 0; level < 1_000; level += 1) deep = { a: deep };
    for (const errors of [deep, 'text', [], { _errors: 'text' }, { _errors: [null] }])
      expect(read(400, { code: 50_035, message: 'No', errors }).message).toBe(
        'Discord answered 400: No',
      );
    expect(read(400, { code: 'x', message: 1 }).message).toBe('Discord answered 400');
    expect(read(429, { retry_after: 'soon' }).retryAfterMs).toBe(1_000);
    expect(read(429, { retry_after: -1 }).retryAfterMs).toBe(1_000);
  });
});

describe('the bots', () => {
  it('are the one of the configuration, and those that are stored', () => {
    expect(platform.defaultAccount).toBe('default');
    expect(platform.ownCredential('default')).toMatchObject({ accessToken: 'bot-token' });
    expect(platform.ownCredential('100')).toBeUndefined();
  });

  it('say what is missing', () => {
    const bare = new DiscordPlatform({ ...SETTINGS, botToken: '' });
    expect(bare.ownCredential('default')).toEqual({ missing: ['DISCORD_BOT_TOKEN'] });
    expect(bare.ownCredential('100')).toBeUndefined();
  });

  it('sign as bots, introduce themselves, and share fifty requests a second', () => {
    const credential = { accountId: 'default', accessToken: 'bot-token', scopes: [] };
    expect(platform.authorize(credential)).toEqual({ authorization: 'Bot bot-token' });
    expect(platform.userAgent).toMatch(/^DiscordBot \(\S+, 1\.2\.3\)$/);
    const limits = platform.limitRequest({ method: 'GET', path: '/x' }, credential, 1, 0);
    expect(limits).toContainEqual({
      kind: 'window',
      bucket: 'discord:global:default',
      account: 'default',
      tokens: 50,
      windowMs: 1_000,
    });
  });
});
