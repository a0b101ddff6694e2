// Real: the built gateway as processes, PostgreSQL, HTTP over sockets, requests made from the earlier
// services' tables of routes. Fake: the platforms and Google's OAuth, at the wire.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EarlierGrpc } from '../support/earlier-grpc.js';
import { askEarlier, type EarlierAsking, type EarlierReply } from '../support/earlier-rest.js';
import {
  CHANNEL,
  EarlierScenes,
  GUILD,
  ROLE,
  type YouTubeScene,
} from '../support/earlier-scenes.js';
import { eventually } from '../support/eventually.js';
import { makeToken, SIGNING_KEY, startInVain } from '../support/gateway.js';
import { startPostgresProxy } from '../support/postgres-proxy.js';
import { House } from '../support/two-doors.js';

const HUB_KEY = 'service-key-of-the-hub-0123456789';
const WITHIN = '127.0.0.9';
const BESIDE = '127.0.1.9';
const VIEWER = 'UCsandboxViewer000000001';
const DEMO = 'UCsandboxDemoChannel0001';
const OLD_REDIRECT = 'http://youtube-action.example:8073/oauth/callback';
const TRUST = [
  { name: 'workflow', networks: ['127.0.0.9/32'], accounts: ['1001', 'default', DEMO] },
  { name: 'hub', service_keys: [HUB_KEY], accounts: ['1001', 'default', DEMO] },
  {
    name: 'admin',
    networks: ['127.0.0.10/32'],
    accounts: ['1001'],
    permissions: ['manage_accounts'],
  },
];

let house: House;
let scenes: EarlierScenes;
let url: string;
let before = 0;

beforeAll(async () => {
  house = await House.open({
    PREDECESSOR_TRUST: JSON.stringify(TRUST),
    YOUTUBE_API_QUOTA_DAILY_LIMIT: '10000000',
    YOUTUBE_REDIRECT_URI: OLD_REDIRECT,
  });
  await house.sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  scenes = new EarlierScenes(house);
  url = house.doors.gateway.restUrl;
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

const bearer = (claims: Record<string, unknown> = {}): Record<string, string> => ({
  authorization: `Bearer ${makeToken(claims)}`,
});

const ask = (
  method: string,
  path: string,
  body?: unknown,
  { headers = bearer(), from }: EarlierAsking = {},
): Promise<EarlierReply> => askEarlier(`${url}${path}`, method, body, { headers, from });

const show = ({ status, body }: EarlierReply): unknown[] => [status, body];

async function sendOwn(): Promise<string> {
  const { body } = await ask('POST', '/api/v1/message', { channel_id: CHANNEL, content: 'mine' });
  return body['message_id'] as unknown as string;
}

async function makeWebhook(): Promise<object> {
  const { body } = await ask('POST', '/api/v1/webhook', { channel_id: CHANNEL });
  return {
    webhook_url: body['webhook_url'],
    content: 'hello',
    embeds: [{ title: 'x', color: 'FF5733' }],
  };
}

describe('the earlier Discord service', () => {
  const ID = expect.stringMatching(/^\d+$/) as unknown;
  const rows: readonly [
    route: string,
    request: () => Promise<[path: string, body?: object]>,
    call: RegExp,
    more?: object,
  ][] = [
    [
      'POST message',
      async () => [
        '/message',
        {
          channel_id: CHANNEL,
          content: 'hi',
          embed: { title: 'x', color: '#FF5733', thumbnail_url: 'https://example.com/x.png' },
        },
      ],
      /^POST \/channels\/\d+\/messages$/,
      { message_id: ID },
    ],
    [
      'POST embed',
      async () => ['/embed', { channel_id: CHANNEL, embed: { title: 'x', color: 16_734_003 } }],
      /^POST \/channels\/\d+\/messages$/,
      { message_id: ID },
    ],
    [
      'POST reaction',
      async () => [
        '/reaction',
        { channel_id: CHANNEL, message_id: await scenes.say(), emoji: '👍' },
      ],
      /^PUT .*\/reactions\//,
    ],
    [
      'POST role',
      async () => ['/role', { guild_id: GUILD, user_id: await scenes.addMember(), role_id: ROLE }],
      /^PUT .*\/roles\//,
    ],
    [
      'POST role, to take it away',
      async () => [
        '/role',
        {
          guild_id: GUILD,
          user_id: await scenes.addMember([ROLE]),
          role_id: ROLE,
          action: 'remove',
        },
      ],
      /^DELETE .*\/roles\//,
    ],
    [
      'POST webhook',
      async () => ['/webhook', { channel_id: CHANNEL }],
      /^POST .*\/webhooks$/,
      { webhook_url: expect.stringMatching(/^https:\/\/discord\.com\/api\/webhooks\//) },
    ],
    ['POST webhook/send', async () => ['/webhook/send', await makeWebhook()], /^POST \/webhooks\//],
    [
      'DELETE message',
      async () => [`/message/${CHANNEL}/${await scenes.say()}`],
      /^DELETE .*\/messages\//,
    ],
    [
      'PATCH message',
      async () => [`/message/${CHANNEL}/${await sendOwn()}`, { content: 'changed' }],
      /^PATCH .*\/messages\//,
    ],
    [
      'POST moderation/kick',
      async () => ['/moderation/kick', { guild_id: GUILD, user_id: await scenes.addMember() }],
      /^DELETE .*\/members\//,
    ],
    [
      'POST moderation/ban',
      async () => [
        '/moderation/ban',
        { guild_id: GUILD, user_id: await scenes.addMember(), delete_message_days: 0, reason: 'x' },
      ],
      /^PUT .*\/bans\//,
    ],
    [
      'POST moderation/timeout',
      async () => [
        '/moderation/timeout',
        { guild_id: GUILD, user_id: await scenes.addMember(), duration_seconds: 60 },
      ],
      /^PATCH .*\/members\//,
    ],
  ];

  it.each(rows)('%s', async (route, request, call, more = {}) => {
    const [path, body] = await request();
    before = await house.sandbox.lastSeq();
    const reply = await ask(route.split(' ', 1)[0] ?? '', `/api/v1${path}`, body);
    expect(show(reply)).toEqual([200, { success: true, ...more }]);
    expect(reply.headers).toMatchObject({ 'action-status': 'SUCCEEDED' });
    expect(await scenes.listCalls('discord', before)).toEqual([expect.stringMatching(call)]);
  });

  it('knows its webhooks by a name when none is given', async () => {
    await ask('POST', '/api/v1/webhook', { channel_id: CHANNEL });
    const seen = (await house.sandbox.requestsSince(before)).find(({ path }) =>
      path.endsWith('/webhooks'),
    );
    expect(seen?.body).toMatchObject({ name: 'WaddleBot' });
  });

  it.each([
    ['POST', '/message', { channel_id: CHANNEL }, 'Missing channel_id or content'],
    ['POST', '/message', undefined, 'Missing channel_id or content'],
    ['POST', '/embed', { channel_id: CHANNEL, embed: {} }, 'Missing channel_id or embed'],
    ['POST', '/reaction', { channel_id: CHANNEL, emoji: 'x' }, 'Missing required fields'],
    ['POST', '/role', {}, 'Missing required fields'],
    ['POST', '/webhook', { name: 'x' }, 'Missing channel_id'],
    ['POST', '/webhook/send', { content: 'x' }, 'Missing webhook_url or content'],
    ['PATCH', `/message/${CHANNEL}/1`, { content: '' }, 'Missing content'],
    ['POST', '/moderation/kick', { guild_id: GUILD }, 'Missing required fields'],
    ['POST', '/moderation/timeout', { guild_id: GUILD, user_id: '1' }, 'Missing required fields'],
  ])('%s %s %j is refused as it was', async (method, path, body, error) => {
    expect(show(await ask(method, `/api/v1${path}`, body))).toEqual([400, { error }]);
  });

  it.each([
    ['no JSON', '{"channel_id":', 400, /^The body is not valid JSON/],
    ['an empty body of JSON', '', 400, /^Missing channel_id or content$/],
    ['a list', '[1]', 400, /^The body must be a JSON object$/],
    ['a text', '"x"', 400, /^The body must be a JSON object$/],
    ['a number as a text', { channel_id: CHANNEL, content: 5 }, 400, /^content: must be text/],
    [
      'a number as an id that has lost digits',
      '{"channel_id":700000000000000001,"content":"x"}',
      400,
      /^channel_id: must be text: as a number it has lost digits; write it in quotes$/,
    ],
    [
      'a way out of the path',
      { channel_id: '../../users/@me', content: 'x' },
      400,
      /^channel_id: must be/,
    ],
    [
      'a colour that is none',
      { channel_id: CHANNEL, content: 'x', embed: { title: 'x', color: 'red' } },
      400,
      /^embed: color must be a colour/,
    ],
    [
      'an embed that is none',
      { channel_id: CHANNEL, content: 'x', embed: 'x' },
      400,
      /^embed: must be an object/,
    ],
    ['too much', { channel_id: CHANNEL, content: 'x'.repeat(5_000_000) }, 413, /./],
  ])('takes no %s', async (_name, body, status, error) => {
    const { text: raw } = { text: typeof body === 'string' ? body : JSON.stringify(body) };
    const headers = { ...bearer(), 'content-type': 'application/json' };
    const reply = await ask('POST', '/api/v1/message', raw, { headers });
    expect(reply.status).toBe(status);
    const isBare = 'success' in reply.body ? { success: false } : {};
    expect(reply.body).toEqual({ ...isBare, error: expect.stringMatching(error) });
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    'https://discord.com.evil.example/api/webhooks/1/a',
    'https://discord.com/api/users/@me',
  ])('sends nothing to %s', async (webhook_url) => {
    const reply = await ask('POST', '/api/v1/webhook/send', { webhook_url, content: 'hi' });
    expect(reply.status).toBe(400);
    expect(String(reply.body['error'])).toMatch(/webhook_url/);
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });

  it('shows the token of the bot to no webhook', async () => {
    const asked = await makeWebhook();
    before = await house.sandbox.lastSeq();
    await ask('POST', '/api/v1/webhook/send', asked);
    const seen = (await house.sandbox.requestsSince(before)).find(({ path }) =>
      path.includes('/webhooks/'),
    );
    expect(seen?.headers).toBeDefined();
    expect(seen?.headers).not.toHaveProperty('authorization');
  });

  it("says Discord's no with 500, and beside it what can be made of it", async () => {
    const reply = await ask('POST', '/api/v1/message', {
      channel_id: '700000000000000002',
      content: 'x',
    });
    expect(show(reply)).toEqual([
      500,
      { success: false, error: expect.stringMatching(/^API error 403: \S/) },
    ]);
    expect(reply.headers).toMatchObject({
      'failure-code': 'REFUSED',
      retryable: 'false',
      'action-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  const past = Math.floor(Date.now() / 1_000) - 10;
  it.each([
    ['nothing', () => ({}), 'Missing or invalid authorization header'],
    [
      'no bearer',
      () => ({ authorization: 'Basic abc' }),
      'Missing or invalid authorization header',
    ],
    ['an old token', () => bearer({ exp: past }), 'Token expired'],
    ['nonsense', () => ({ authorization: 'Bearer abc' }), 'Invalid token: jwt malformed'],
    [
      'a wrong key',
      () => ({ 'x-service-key': 'wrong-key-wrong-key' }),
      'Invalid token: the service key is not one that is known here',
    ],
  ])('keeps out %s', async (_name, headers, error) => {
    const asked = { channel_id: CHANNEL, content: 'x' };
    const reply = await ask('POST', '/api/v1/message', asked, { headers: headers() });
    expect(show(reply)).toEqual([401, { error }]);
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });

  it('gives out tokens to who has the secret, and to nobody else', async () => {
    const mint = (body: object) => ask('POST', '/api/v1/token', body, { headers: {} });
    expect(show(await mint({ client_id: 'script' }))).toEqual([
      400,
      { error: 'Missing client_id or client_secret' },
    ]);
    expect(show(await mint({ client_id: 'script', client_secret: 'anything' }))).toEqual([
      401,
      { error: 'Invalid client credentials' },
    ]);
    const minted = await mint({ client_id: 'script', client_secret: SIGNING_KEY });
    expect(show(minted)).toEqual([200, { token: expect.any(String), expires_in: 3_600 }]);
    const headers = { authorization: `Bearer ${String(minted.body['token'])}` };
    const sent = await ask(
      'POST',
      '/api/v1/message',
      { channel_id: CHANNEL, content: 'minted' },
      { headers },
    );
    expect(sent.status).toBe(200);
    const chat = {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'x' },
    };
    expect((await ask('POST', '/api/v1/actions/execute', chat, { headers })).status).toBe(403);
  });
});

describe('the earlier Twitch service', () => {
  const asked = {
    action_type: 'chat_message',
    broadcaster_id: '1001',
    parameters: { message: 'hi' },
  };

  it('lets in by network, whose callers are the peers of connections', async () => {
    const send = (from: string, headers: Record<string, string> = {}) =>
      ask('POST', '/api/v1/actions/execute', asked, { from, headers });
    expect((await send(WITHIN)).body).toMatchObject({ success: true });
    const outside = await send(BESIDE, {
      'x-forwarded-for': WITHIN,
      forwarded: `for=${WITHIN}`,
      'x-real-ip': WITHIN,
    });
    expect(outside.status).toBe(401);
    expect(outside.body).toMatchObject({ error: 'Missing or invalid Authorization header' });
    // What is shown and wrong is not made up for by where it comes from.
    const wrong = await send(WITHIN, { authorization: 'Bearer abc' });
    expect(show(wrong)).toEqual([
      401,
      expect.objectContaining({ error: 'Invalid or expired token' }),
    ]);
    const batch = { actions: [asked, { ...asked, broadcaster_id: '1002' }] };
    const { body } = await ask('POST', '/api/v1/actions/batch', batch, {
      from: WITHIN,
      headers: {},
    });
    expect(body).toMatchObject({
      success_count: 1,
      responses: [
        { success: true },
        { error: expect.stringMatching(/"workflow" may not act for account 1002/) },
      ],
    });
  });

  it('reads of a request what the earlier service read, and nothing else', async () => {
    const more = { credential_ref: 'CRED-x', actor_id: '1002', run_async: true, callback_url: 'x' };
    const { body } = await ask('POST', '/api/v1/actions/execute', { ...asked, ...more });
    expect(body).toMatchObject({
      success: true,
      message: 'Action chat_message executed successfully',
    });
  });

  it('trusts nobody with what has our own form', async () => {
    const own = {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'x' },
    };
    for (const [path, body] of [
      ['/api/v1/actions/execute', own],
      ['/api/v1/actions/batch', { actions: [own, asked] }],
      ['/api/v1/accounts', undefined],
    ] as const) {
      const method = body ? 'POST' : 'GET';
      expect((await ask(method, path, body, { from: WITHIN, headers: {} })).status).toBe(401);
    }
  });

  it('takes tokens from who may hand them over', async () => {
    const grant = await house.grant('1001');
    const tokens = {
      broadcaster_id: '1001',
      ...grant,
      scope: undefined,
      token_type: undefined,
      user_id: undefined,
    };
    const given = {
      broadcaster_id: '1001',
      access_token: grant.access_token,
      refresh_token: grant.refresh_token,
    };
    expect(Object.keys(tokens)).toContain('access_token');
    const from = '127.0.0.10';
    expect(show(await ask('POST', '/api/v1/tokens/store', given, { from, headers: {} }))).toEqual([
      200,
      { success: true, message: 'Token stored successfully' },
    ]);
    const others = { ...given, broadcaster_id: '1002' };
    expect((await ask('POST', '/api/v1/tokens/store', others, { from, headers: {} })).status).toBe(
      403,
    );
    expect(
      (await ask('POST', '/api/v1/tokens/store', given, { from: WITHIN, headers: {} })).status,
    ).toBe(403);
    expect(
      (await ask('POST', '/api/v1/tokens/store', {}, { from, headers: {} })).body,
    ).toMatchObject({
      error: expect.stringMatching(
        /^broadcaster_id, access_token, and refresh_token are required$/,
      ),
    });
  });
});

const mintForYouTube = (body: object): Promise<EarlierReply> =>
  ask('POST', '/api/v1/token/generate', body, { headers: {} });

describe('the earlier YouTube service', () => {
  let scene: YouTubeScene;

  beforeAll(async () => {
    scene = await scenes.openChannel();
  });

  interface World {
    readonly playlists: Readonly<Record<string, { readonly items: readonly { id: string }[] }>>;
    readonly comments: Readonly<Record<string, Record<string, unknown>>>;
  }

  async function readWorld(): Promise<World> {
    return (await house.sandbox.control<{ youtube: World }>('GET', '/sandbox/state')).youtube;
  }

  it('carries out its seventeen routes with its words', async () => {
    const { channel_id, live_chat_id, video_id, playlist_id, broadcast_id } = scene;
    const person = { live_chat_id, target_channel_id: VIEWER };
    const done = async (
      method: string,
      path: string,
      request: object,
      message: string,
      more: object = {},
    ): Promise<Record<string, unknown>> => {
      const reply = await ask(method, `/api/v1/${path}`, { channel_id, ...request });
      expect([path, ...show(reply)]).toEqual([path, 200, { success: true, message, ...more }]);
      return reply.body;
    };
    const some = { message_id: expect.stringMatching(/./) };
    const sent = await done(
      'POST',
      'chat/send',
      { live_chat_id, message: 'hi' },
      'Message sent successfully',
      some,
    );
    const { message_id } = sent;
    await done('POST', 'chat/delete', { message_id }, 'Message deleted successfully');
    await done('POST', 'chat/ban', { ...person, duration_seconds: 60 }, 'User banned successfully');
    await done('POST', 'chat/unban', person, 'User unbanned successfully');
    await done('POST', 'moderator/add', person, 'Moderator added successfully');
    await done('POST', 'moderator/remove', person, 'Moderator removed successfully');
    await done('PUT', 'video/title', { video_id, title: 'T' }, 'Video title updated successfully');
    await done(
      'PUT',
      'video/description',
      { video_id, description: 'D' },
      'Video description updated',
    );
    await done('POST', 'playlist/add', { playlist_id, video_id }, 'Video added to playlist');
    const [item] = (await readWorld()).playlists[playlist_id]?.items ?? [];
    await done(
      'POST',
      'playlist/remove',
      { playlist_item_id: item?.id },
      'Video removed from playlist',
    );
    await done('POST', 'playlist/create', { title: 'Mine' }, 'Playlist created successfully', {
      playlist_id: expect.stringMatching(/./),
    });
    await done('POST', 'broadcast/cuepoint', { broadcast_id }, 'Ad break inserted successfully');
    await done('POST', 'comment/post', { video_id, text: 'First' }, 'Comment posted successfully');
    const comments = Object.entries((await readWorld()).comments);
    const [comment_id] = comments.find(([, { video_id: on }]) => on === video_id) ?? [];
    await done(
      'POST',
      'comment/reply',
      { parent_id: comment_id, text: 'Second' },
      'Reply posted successfully',
    );
    await done(
      'PUT',
      'comment/moderate',
      { comment_id, status: 'published' },
      'Comment moderation set to published',
    );
    await done('DELETE', 'comment/delete', { comment_id }, 'Comment deleted successfully');
    await done(
      'PUT',
      'broadcast/status',
      { broadcast_id, status: 'complete' },
      'Broadcast status updated to complete',
    );
  });

  it.each([
    ['nothing', '/api/v1/comment/post', {}, 200, /channel_id: is missing/],
    ['an empty body of JSON', '/api/v1/comment/post', '', 200, /channel_id: is missing/],
    ['no JSON', '/api/v1/comment/post', '{', 400, /^The body is not valid JSON/],
    ['a list', '/api/v1/comment/post', '[]', 400, /^The body must be a JSON object$/],
    [
      'a number as a text',
      '/api/v1/comment/post',
      { channel_id: DEMO, video_id: 'v', text: 5 },
      200,
      /^text: must be text/,
    ],
    [
      'a privacy that there is not',
      '/api/v1/playlist/create',
      { channel_id: DEMO, title: 'x', privacy: 'secret' },
      200,
      /^privacy: must be one of private/,
    ],
    [
      'a channel of nobody',
      '/api/v1/comment/post',
      { channel_id: 'UCnobody', video_id: 'v', text: 'x' },
      200,
      /^No OAuth credentials for channel: UCnobody$/,
    ],
  ])('says of %s what is wrong', async (_name, path, body, status, message) => {
    const headers = { ...bearer(), 'content-type': 'application/json' };
    const raw = typeof body === 'string' ? body : JSON.stringify(body);
    expect(show(await ask('POST', path, raw, { headers }))).toEqual([
      status,
      { success: false, message: expect.stringMatching(message) },
    ]);
  });

  it.each([
    ['nothing', {}, 'Missing or invalid token'],
    ['an old token', bearer({ exp: 1 }), 'Token expired'],
    ['nonsense', { authorization: 'Bearer abc' }, 'Invalid token'],
  ])('keeps out %s', async (_name, headers, message) => {
    const reply = await ask(
      'POST',
      '/api/v1/comment/post',
      {},
      { headers: headers as Record<string, string> },
    );
    expect(show(reply)).toEqual([401, { success: false, message }]);
  });

  it('gives out tokens for one channel to who has the secret', async () => {
    const { channel_id, video_id } = scene;
    expect(show(await mintForYouTube({ secret: 'x', channel_id }))).toEqual([
      401,
      { success: false, message: 'Invalid secret' },
    ]);
    const minted = await mintForYouTube({ secret: SIGNING_KEY, channel_id });
    expect(show(minted)).toEqual([200, { success: true, token: expect.any(String) }]);
    const headers = { authorization: `Bearer ${String(minted.body['token'])}` };
    const rename = (whose: string) =>
      ask(
        'PUT',
        '/api/v1/video/title',
        { video_id, title: 'Minted', channel_id: whose },
        { headers },
      );
    expect((await rename(channel_id)).body).toMatchObject({ success: true });
    expect((await rename(DEMO)).body).toMatchObject({
      success: false,
      message: expect.stringMatching(/may not act/),
    });
  });

  it('connects channels, with a state of its own, and forgets them', async () => {
    const stranger = await ask('GET', '/oauth/authorize?state=UCx', undefined, { headers: {} });
    expect(show(stranger)).toEqual([401, { success: false, message: 'Missing or invalid token' }]);
    const { channel_id } = scene;
    const begun = await ask('GET', `/oauth/authorize?state=${channel_id}`);
    expect(show(begun)).toEqual([
      200,
      { success: true, authorization_url: expect.stringMatching(/^http/) },
    ]);
    const asked = new URL(String(begun.body['authorization_url']));
    expect(asked.searchParams.get('state')).not.toBe(channel_id);
    expect(asked.searchParams.get('code_challenge')).toMatch(/./);

    const nothing = await ask('GET', '/oauth/callback', undefined, { headers: {} });
    expect(show(nothing)).toEqual([400, { success: false, message: 'Missing code or channel_id' }]);
    const forged = await ask('GET', `/oauth/callback?code=x&state=${channel_id}`, undefined, {
      headers: {},
    });
    expect(forged.status).toBe(400);
    expect(forged.body).toMatchObject({ success: false });

    asked.searchParams.set('sandbox_channel', channel_id);
    const sentBack = await fetch(asked, { redirect: 'manual' });
    const back = new URL(sentBack.headers.get('location') ?? '');
    expect(back.href.startsWith(`${OLD_REDIRECT}?`)).toBe(true);
    const finish = () => ask('GET', `/oauth/callback${back.search}`, undefined, { headers: {} });
    expect(show(await finish())).toEqual([
      200,
      {
        success: true,
        message: 'Authorization successful',
        channel_id,
        expires_at: expect.any(String),
      },
    ]);
    // An answer is taken once.
    expect(await finish()).toMatchObject({ status: 409, body: { success: false } });

    const { body } = await ask('GET', '/oauth/channels');
    const [first] = body['channels'] as unknown as Record<string, unknown>[];
    expect(Object.keys(first ?? {}).sort()).toEqual([
      'channel_id',
      'created_at',
      'expires_at',
      'scopes',
      'updated_at',
    ]);
    const other = await scenes.openChannel();
    expect(show(await ask('DELETE', `/oauth/revoke/${other.channel_id}`))).toEqual([
      200,
      { success: true, message: 'Authorization revoked' },
    ]);
    expect(show(await ask('DELETE', `/oauth/revoke/${other.channel_id}`))).toEqual([
      404,
      { success: false, message: 'Channel not found' },
    ]);
  });
});

describe('the services that spoke to all of them', () => {
  const hub = { 'x-service-key': HUB_KEY };
  const send = (path: string, body: unknown, headers: Record<string, string> = hub) =>
    ask('POST', `/api/v1/${path}`, body, { headers });

  it("the router's execute: a command, its words or its parameters", async () => {
    const said = {
      user_id: '7',
      entity_id: '1001',
      community_id: 1,
      session_id: 's-1',
      message: '!say',
    };
    for (const command of [
      { command: 'twitch.chat_message', args: ['hello', 'there'] },
      { command: 'chat_message', args: { message: 'hello there' }, entity_id: 'twitch:1001' },
      { command: 'chat_message', args: 'hello there', platform: 'twitch' },
    ]) {
      const reply = await send('execute', { ...said, ...command });
      expect(show(reply)).toEqual([
        200,
        {
          success: true,
          message: 'Action chat_message executed successfully',
          action_id: expect.any(String),
          result_data: { message_id: expect.any(String), message_sent: true },
          error: '',
        },
      ]);
    }
    const { chat } = await house.channel('1001');
    expect(chat.filter((one) => one['text'] === 'hello there')).toHaveLength(3);
  });

  it("the workflow's execute-module", async () => {
    const body = {
      module_name: 'twitch_action_module',
      module_version: '1.0.0',
      input: { action_type: 'announcement', message: 'from a workflow', color: 'blue' },
      entity_id: '1001',
      user_id: '7',
      session_id: 's',
    };
    expect(show(await send('execute-module', body))).toEqual([
      200,
      {
        success: true,
        message: 'Action announcement executed successfully',
        action_id: expect.any(String),
        output: { announcement_sent: true },
        error: '',
      },
    ]);
  });

  it("the workflow's send-message, on each platform", async () => {
    const say = {
      message: 'from a workflow',
      destination: 'channel',
      entity_id: '1001',
      user_id: '7',
    };
    const twitch = await send('send-message', { ...say, platform: 'twitch' });
    expect(twitch.body).toMatchObject({ success: true, message_id: expect.any(String) });
    const discord = await send('send-message', {
      ...say,
      platform: 'discord',
      channel_id: CHANNEL,
    });
    expect(discord.body).toMatchObject({
      success: true,
      message_id: expect.stringMatching(/^\d+$/),
    });
    const youtube = await send('send-message', { ...say, platform: 'youtube', channel_id: DEMO });
    expect(youtube.body).toMatchObject({ success: true, message_id: expect.any(String) });
    const whisper = await send('send-message', {
      ...say,
      platform: 'twitch',
      target_user_id: '2001',
    });
    expect(whisper.body).toMatchObject({ success: true });
  });

  it("the hub's announcements", async () => {
    const embed = {
      title: 'News',
      description: 'x',
      color: 5_793_266,
      timestamp: '2026-11-20T10:00:00.000Z',
    };
    const discord = await send('send-message', {
      server_id: GUILD,
      channel_id: CHANNEL,
      message: { embed },
      platform: 'discord',
    });
    expect(show(discord)).toEqual([
      200,
      expect.objectContaining({ success: true, message_id: expect.stringMatching(/^\d+$/) }),
    ]);
    const twitch = await send('send-announcement', {
      server_id: '1001',
      channel_id: '',
      message: { message: 'News', color: 'orange' },
      platform: 'twitch',
    });
    expect(show(twitch)).toEqual([200, expect.objectContaining({ success: true })]);
    const youtube = await send('send-message', {
      server_id: DEMO,
      message: { message: 'News', color: 'red' },
      platform: 'youtube',
    });
    expect(youtube.body).toMatchObject({ success: true, id: expect.any(String) });
  });

  it.each([
    ['execute', {}, 400, /^command is missing/],
    ['execute', { command: 'chat_message' }, 400, /^platform is missing/],
    ['execute', { command: 'twitch.ban', args: { user_id: 5 } }, 400, /account_id/],
    ['execute', { command: 'twitch.poke', entity_id: '1001' }, 404, /^Unknown action type: poke/],
    [
      'execute',
      { command: 'twitch.chat_message', args: 5, entity_id: '1001' },
      400,
      /^args must be/,
    ],
    [
      'execute',
      { command: 'twitch.chat_message', args: ['x'], entity_id: '1002' },
      403,
      /"hub" may not act for account 1002/,
    ],
    ['execute-module', { module_name: 'slack_action', input: {} }, 400, /^platform is missing/],
    ['execute-module', { module_name: 'twitch', input: 'x' }, 400, /^input must be an object/],
    ['send-message', { platform: 'twitch' }, 400, /^message is missing/],
    ['send-message', { platform: 'slack', message: { blocks: [] } }, 400, /^platform is "slack"/],
    ['send-message', '{', 400, /^The body is not valid JSON/],
    [
      'send-announcement',
      { platform: 'twitch', server_id: '1001', message: { message: 'x', color: 'pink' } },
      400,
      /color/,
    ],
  ])('%s %j is refused, never with a 2xx', async (path, body, status, error) => {
    const reply = await send(path, body);
    expect(reply.status).toBe(status);
    expect(String(reply.body['error'])).toMatch(error);
  });

  it('say what is in doubt with a status that nobody repeats, within the time of the hub', async () => {
    await house.addFault({ kind: 'delay', ms: 9_500 }, { path: '/chat/announcements' });
    const body = { server_id: '1001', message: { message: 'in doubt' }, platform: 'twitch' };
    const reply = await send('send-announcement', body);
    expect(reply.status).toBe(409);
    expect(reply.body).toMatchObject({ success: false, code: 'OUTCOME_UNKNOWN', retryable: false });
    // The repeat joins what is still on its way, and is told what became of it.
    const again = await send('send-announcement', body);
    expect(again.body).toMatchObject({ success: true, action_id: reply.body['action_id'] });
    expect(await scenes.listCalls('twitch', before)).toEqual(['POST /chat/announcements']);
  });

  it('are nobody without a credential', async () => {
    for (const path of ['execute', 'execute-module', 'send-message', 'send-announcement'])
      expect((await send(path, {}, {})).status).toBe(401);
  });
});

describe('the contract', () => {
  it('names the routes of the earlier services, and each of them is there', async () => {
    const { body } = await ask('GET', '/openapi.json', undefined, { headers: {} });
    const paths = body['paths'] as unknown as Record<string, Record<string, { tags?: string[] }>>;
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { tags }]) =>
        tags?.includes('Earlier services') ? [[method.toUpperCase(), path] as const] : [],
      ),
    );
    expect(routes).toHaveLength(11 + 17 + 10);
    for (const [method, path] of routes) {
      const { status } = await ask(method, path, undefined, { headers: {} });
      expect([method, path, [400, 401].includes(status)]).toEqual([method, path, true]);
    }
  });
});

describe('health, by the name that was asked for', () => {
  it.each([
    ['discord-action', 'discord_action_module'],
    ['action-twitch:8072', 'twitch_action_module'],
    ['waddlebot-youtube-action.prod.svc.cluster.local', 'youtube_action_module'],
    ['discord-action-rest', 'discord_action_module'],
    ['gateway.example', 'action_gateway'],
  ])('%s is %s', async (host, module) => {
    for (const path of ['/health', '/healthz']) {
      const { status, body } = await ask('GET', path, undefined, { headers: { host } });
      expect([status, body['status'], body['module'], body['database']]).toEqual([
        200,
        'healthy',
        module,
        'connected',
      ]);
    }
  });

  it('shows figures of the earlier Twitch service under its name', async () => {
    const headers = { ...bearer(), host: 'twitch-action' };
    const { body } = await ask('GET', '/api/v1/stats', undefined, { headers });
    expect(body).toMatchObject({
      module: 'twitch_action_module',
      stats: { registered_broadcasters: expect.any(Number) },
    });
    expect((await ask('GET', '/metrics', undefined, { headers: {} })).status).toBe(200);
  });
});

async function findPorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(holders.map((holder) => once(holder, 'listening')));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => new Promise((done) => holder.close(done))));
  return ports;
}

describe('the ports of the earlier services', () => {
  it('lead to the same doors, under their names, and are closed with them', async () => {
    const [dRest, dGrpc, tRest, tGrpc, yRest, yGrpc] = await findPorts(6);
    const gateway = await house.openAnother({
      PREDECESSOR_PORTS: `discord=${dRest}/${dGrpc},twitch=${tRest}/${tGrpc},youtube=${yRest}/${yGrpc}`,
      // One of ours as well: it is not opened twice.
      REST_PORT: String(tRest),
      PREDECESSOR_TRUST: JSON.stringify(TRUST),
    });
    for (const [port, module] of [
      [dRest, 'discord_action_module'],
      [tRest, 'twitch_action_module'],
      [yRest, 'youtube_action_module'],
    ] as const) {
      const { body } = await askEarlier(`http://127.0.0.1:${port}/health`, 'GET');
      expect(body).toMatchObject({ status: 'healthy', module });
    }
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: '1001',
      parameters: { message: 'port' },
    };
    for (const port of [dGrpc, tGrpc, yGrpc]) {
      const client = new EarlierGrpc(`127.0.0.1:${port}`, 'twitch_action.TwitchActionService');
      const { answer } = await client.call('ExecuteAction', asked, bearer());
      client.close();
      expect(answer).toMatchObject({ success: true });
    }
    // The peer is that of the port's own connection.
    const path = `http://127.0.0.1:${dRest}/api/v1/actions/execute`;
    expect((await askEarlier(path, 'POST', asked, { from: WITHIN })).body).toMatchObject({
      success: true,
    });
    expect((await askEarlier(path, 'POST', asked, { from: BESIDE })).status).toBe(401);

    // What is under way at an old port is answered before the gateway ends.
    await house.addFault({ kind: 'delay', ms: 1_500 }, { path: '/chat/messages' });
    const slow = askEarlier(path, 'POST', asked, { headers: bearer() });
    await eventually(
      () => scenes.listCalls('twitch', before),
      ({ length }) => length === 5,
    );
    const ended = gateway.gateway.stop();
    expect((await slow).body).toMatchObject({ success: true });
    expect(await ended).toBe(0);
    await expect(askEarlier(`http://127.0.0.1:${dRest}/health`, 'GET')).rejects.toThrow(
      /ECONNREFUSED/,
    );
  });

  it('that somebody else has stop the start, with a sentence', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const [grpc] = await findPorts(1);
    const said = await startInVain({
      ...house.sandbox.env,
      DATABASE_URL: house.database.url,
      PREDECESSOR_PORTS: `twitch=${port}/${grpc}`,
    });
    expect(said).toContain(`PREDECESSOR_PORTS: port ${port} is taken: stop`);
    await new Promise((done) => holder.close(done));
  });
});

describe('a database that is away', () => {
  it('is told in the old forms, so that whoever repeats does it later', async () => {
    const proxy = await startPostgresProxy(house.database.url);
    const { gateway } = await house.openAnother({ DATABASE_URL: proxy.url });
    await proxy.close();
    const message = { channel_id: CHANNEL, content: 'away' };
    const headers = bearer();
    const rest = await askEarlier(`${gateway.restUrl}/api/v1/message`, 'POST', message, {
      headers,
    });
    expect(show(rest)).toEqual([503, { error: expect.stringMatching(/nothing was sent/) }]);
    expect(rest.headers).toMatchObject({ 'nothing-sent': '1', 'retry-after': expect.any(String) });
    // The router repeats this status, and takes an OK answer for the end.
    const client = new EarlierGrpc(gateway.grpcAddress, 'discord_action.DiscordAction');
    await expect(client.call('SendMessage', { ...message, token: makeToken() })).rejects.toThrow(
      /^UNAVAILABLE: .*nothing was sent/,
    );
    client.close();
    const health = await askEarlier(`${gateway.restUrl}/health`, 'GET');
    expect(health.status).toBe(503);
    expect(health.body).toMatchObject({ status: 'unhealthy', error: expect.any(String) });
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });
});

describe('a whole rehearsal', () => {
  it('sends nothing, whatever comes through the doors of the earlier services', async () => {
    const rehearsing = await house.openAnother({ PREDECESSOR_DRY_RUN: 'true' });
    before = await house.sandbox.lastSeq();
    const at = rehearsing.gateway.restUrl;
    const headers = bearer();
    const message = { channel_id: CHANNEL, content: 'dry' };
    const discord = await askEarlier(`${at}/api/v1/message`, 'POST', message, { headers });
    expect(show(discord)).toEqual([200, { success: true, message_id: '' }]);
    expect(discord.headers).toMatchObject({ 'action-status': 'PREPARED' });
    const chat = {
      action_type: 'chat_message',
      broadcaster_id: '1001',
      parameters: { message: 'dry' },
    };
    const batch = await askEarlier(
      `${at}/api/v1/actions/batch`,
      'POST',
      { actions: [chat] },
      { headers },
    );
    expect(batch.body).toMatchObject({ success_count: 1 });
    expect(await scenes.listCalls('discord', before)).toEqual([]);
    expect(await scenes.listCalls('twitch', before)).toEqual([]);
  });
});
