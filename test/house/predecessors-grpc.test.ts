// Real: the built gateway as a process, PostgreSQL, gRPC over sockets, clients made from the earlier
// services' proto files. Fake: the platforms, at the wire.
import { connect as connectHttp2 } from 'node:http2';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EarlierGrpc } from '../support/earlier-grpc.js';
import {
  CHANNEL,
  EarlierScenes,
  GUILD,
  ROLE,
  type YouTubeScene,
} from '../support/earlier-scenes.js';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { waitUntilRunning } from '../support/metrics.js';
import { startPingRelay } from '../support/ping-relay.js';
import { House } from '../support/two-doors.js';

const BOUNDED_KEY = 'service-key-of-a-bounded-caller-0123';
const OLD_KEY = 'the-secret-key-that-the-router-signs-with-0123456789';
const VIEWER = 'UCsandboxViewer000000001';
const TRUST = [
  { name: 'bounded', service_keys: [BOUNDED_KEY], accounts: ['1001'], actions: ['twitch.chat'] },
  { name: 'old-router', verify_keys: [OLD_KEY], accounts: ['default'] },
];

let house: House;
let scenes: EarlierScenes;
let discord: EarlierGrpc;
let twitch: EarlierGrpc;
let youtube: EarlierGrpc;
let before = 0;

const bearer = (claims: Record<string, unknown> = {}): Record<string, string> => ({
  authorization: `Bearer ${makeToken(claims)}`,
});
/** As the earlier services made them: without permissions. */
const oldToken = (claims: Record<string, unknown> = {}): string =>
  makeToken({ sub: undefined, permissions: undefined, service: 'router_module', ...claims });

beforeAll(async () => {
  house = await House.open({
    PREDECESSOR_TRUST: JSON.stringify(TRUST),
    YOUTUBE_API_QUOTA_DAILY_LIMIT: '10000000',
    MAX_BATCH_SIZE: '5',
  });
  await house.sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  scenes = new EarlierScenes(house);
  const address = house.doors.gateway.grpcAddress;
  discord = new EarlierGrpc(address, 'discord_action.DiscordAction');
  twitch = new EarlierGrpc(address, 'twitch_action.TwitchActionService');
  youtube = new EarlierGrpc(address, 'youtube_action.YouTubeAction');
});

afterAll(async () => {
  for (const client of [discord, twitch, youtube]) client?.close();
  await house?.close();
});

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

async function sendOwn(): Promise<string> {
  const { answer } = await discord.call('SendMessage', {
    channel_id: CHANNEL,
    content: 'mine',
    token: makeToken(),
  });
  return String(answer['message_id']);
}

async function makeWebhook(): Promise<object> {
  const { answer } = await discord.call('CreateWebhook', {
    channel_id: CHANNEL,
    name: 'Another',
    token: makeToken(),
  });
  const embeds = [{ title: 'First', color: '#00ff00', fields: [{ name: 'a', value: 'b' }] }];
  return { webhook_url: answer['webhook_url'], content: 'hello', embeds };
}

describe('the earlier Discord service', () => {
  const rows: readonly [
    rpc: string,
    request: () => Promise<object>,
    call: RegExp,
    more?: object,
  ][] = [
    [
      'SendMessage',
      async () => ({ channel_id: CHANNEL, content: 'hello' }),
      /^POST \/channels\/7\d+\/messages$/,
      { message_id: expect.stringMatching(/^\d+$/) },
    ],
    [
      'SendEmbed',
      async () => ({ channel_id: CHANNEL, embed: { title: 'News', color: 'FF5733' } }),
      /^POST \/channels\/7\d+\/messages$/,
      { message_id: expect.stringMatching(/^\d+$/) },
    ],
    [
      'AddReaction',
      async () => ({ channel_id: CHANNEL, message_id: await scenes.say(), emoji: '👍' }),
      /^PUT \/channels\/7\d+\/messages\/\d+\/reactions\/.+\/@me$/,
    ],
    [
      'ManageRole',
      async () => ({
        guild_id: GUILD,
        user_id: await scenes.addMember(),
        role_id: ROLE,
        action: 'add',
      }),
      /^PUT \/guilds\/8\d+\/members\/\d+\/roles\/\d+$/,
    ],
    [
      'CreateWebhook',
      async () => ({ channel_id: CHANNEL, name: 'News' }),
      /^POST \/channels\/7\d+\/webhooks$/,
      { webhook_url: expect.stringMatching(/^https:\/\/discord\.com\/api\/webhooks\/\d+\/.+/) },
    ],
    ['SendWebhook', makeWebhook, /^POST \/webhooks\/\d+\/.+$/],
    [
      'DeleteMessage',
      async () => ({ channel_id: CHANNEL, message_id: await scenes.say() }),
      /^DELETE \/channels\/7\d+\/messages\/\d+$/,
    ],
    [
      'EditMessage',
      async () => ({ channel_id: CHANNEL, message_id: await sendOwn(), content: 'changed' }),
      /^PATCH \/channels\/7\d+\/messages\/\d+$/,
    ],
    [
      'KickUser',
      async () => ({ guild_id: GUILD, user_id: await scenes.addMember(), reason: 'spam' }),
      /^DELETE \/guilds\/8\d+\/members\/\d+$/,
    ],
    [
      'BanUser',
      async () => ({
        guild_id: GUILD,
        user_id: await scenes.addMember(),
        delete_message_days: 1,
      }),
      /^PUT \/guilds\/8\d+\/bans\/\d+$/,
    ],
    [
      'TimeoutUser',
      async () => ({ guild_id: GUILD, user_id: await scenes.addMember(), duration_seconds: 60 }),
      /^PATCH \/guilds\/8\d+\/members\/\d+$/,
    ],
  ];

  it('has eleven RPCs', () => expect(rows).toHaveLength(11));

  it.each(rows)('%s, with the token in its field', async (rpc, request, call, more = {}) => {
    const asked = await request();
    before = await house.sandbox.lastSeq();
    const { answer, metadata } = await discord.call(rpc, { ...asked, token: oldToken() });
    expect(answer).toEqual({ success: true, error: '', ...more });
    expect(metadata).toMatchObject({ 'action-status': 'SUCCEEDED' });
    expect(await scenes.listCalls('discord', before)).toEqual([expect.stringMatching(call)]);
  });

  it('takes colours in any spelling, and the flat form of an embed', async () => {
    const embed = {
      title: 'News',
      description: 'What there is',
      thumbnail_url: 'https://example.com/t.png',
      footer_text: 'below',
      fields: [{ name: 'a', value: 'b', inline: true }],
    };
    for (const color of ['#FF5733', 'FF5733', '0xff5733']) {
      const asked = { channel_id: CHANNEL, embed: { ...embed, color }, token: makeToken() };
      const { answer } = await discord.call('SendEmbed', asked);
      expect(answer).toMatchObject({ success: true });
    }
    const sent = (await house.sandbox.requestsSince(before)).filter(
      ({ method }) => method === 'POST',
    );
    expect(sent).toHaveLength(3);
    for (const { body } of sent)
      expect(body).toMatchObject({
        embeds: [
          {
            title: 'News',
            color: 0xff5733,
            thumbnail: { url: 'https://example.com/t.png' },
            footer: { text: 'below' },
            fields: [{ name: 'a', value: 'b', inline: true }],
          },
        ],
      });
  });

  const noes: readonly [name: string, rpc: string, request: object, error: RegExp][] = [
    [
      'a colour that is none',
      'SendEmbed',
      { channel_id: CHANNEL, embed: { title: 'x', color: 'reddish' } },
      /^embed: color must be a colour such as "#5865F2"/,
    ],
    ['missing fields', 'SendMessage', {}, /channel_id: is missing/],
    [
      'a misspelt role change',
      'ManageRole',
      {
        guild_id: GUILD,
        user_id: '200000000000000001',
        role_id: ROLE,
        action: 'ad',
      },
      /^action: must be one of add, remove, not "ad"/,
    ],
    [
      'an id that leads elsewhere',
      'DeleteMessage',
      { channel_id: '../../users/@me', message_id: '1' },
      /^channel_id: must be/,
    ],
    [
      'a webhook that is not of Discord',
      'SendWebhook',
      { webhook_url: 'http://169.254.169.254/latest/meta-data', content: 'hi' },
      /webhook_url/,
    ],
    [
      'a webhook that only looks like one',
      'SendWebhook',
      { webhook_url: 'https://discord.com.evil.example/api/webhooks/1/a', content: 'hi' },
      /webhook_url/,
    ],
  ];

  it.each(noes)('says no to %s, and sends nothing', async (_name, rpc, request, error) => {
    const { answer, metadata } = await discord.call(rpc, { ...request, token: makeToken() });
    expect(answer).toMatchObject({ success: false, error: expect.stringMatching(error) });
    expect(metadata).toMatchObject({ 'failure-code': 'INVALID_INPUT', retryable: 'false' });
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });

  it("passes on Discord's no in the words of the earlier service", async () => {
    const asked = { channel_id: '700000000000000002', content: 'hi', token: makeToken() };
    const { answer } = await discord.call('SendMessage', asked);
    expect(answer).toEqual({
      success: false,
      message_id: '',
      error: expect.stringMatching(/^API error 403: \S/),
    });
  });

  it('says of a limit what it said, and beside it when to come again', async () => {
    await house.sandbox.control('POST', '/sandbox/faults', {
      fault: {
        kind: 'status',
        status: 429,
        headers: { 'retry-after': '500' },
        body: { message: 'slow down', retry_after: 500, global: false },
      },
      match: { path: '/discord/api/v10/guilds/800000000000000001/members/424242' },
      times: 20,
    });
    const asked = { guild_id: GUILD, user_id: '424242', token: makeToken() };
    const { answer, metadata } = await discord.call('KickUser', asked);
    expect(answer).toEqual({ success: false, error: 'Rate limit exceeded, max retries reached' });
    expect(metadata).toMatchObject({ 'failure-code': 'RATE_LIMITED', retryable: 'true' });
    expect(Number(metadata['retry-after-ms'])).toBeGreaterThan(1_000);
  });

  const past = Math.floor(Date.now() / 1_000) - 10;
  it.each([
    ['an expired token', () => oldToken({ exp: past }), /^Authentication failed: Token expired$/],
    ['no token', () => '', /^Authentication failed: Invalid token: \S/],
    ['a token of nobody', () => 'abc', /^Authentication failed: Invalid token: jwt malformed$/],
    [
      'a foreign signature',
      () => makeToken({}, { key: 'x'.repeat(64) }),
      /^Authentication failed: Invalid token: invalid signature$/,
    ],
    ['no algorithm', () => makeToken({}, { algorithm: 'none' }), /^Authentication failed: Invalid/],
  ])('keeps out %s with an OK answer', async (_name, token, error) => {
    const { answer } = await discord.call('SendMessage', {
      channel_id: CHANNEL,
      content: 'hi',
      token: token(),
    });
    expect(answer).toEqual({
      success: false,
      message_id: '',
      error: expect.stringMatching(error),
    });
    expect(await scenes.listCalls('discord', before)).toEqual([]);
  });

  it.each([
    ['without an end', { exp: undefined }],
    ['with an end of fractions', { exp: Date.now() / 1_000 + 60.5 }],
    ["of Discord's own token door", { service: undefined, client_id: 'script' }],
  ])('takes an old token %s', async (_name, claims) => {
    const { answer } = await discord.call('SendMessage', {
      channel_id: CHANNEL,
      content: `hello ${JSON.stringify(claims)}`,
      token: oldToken(claims),
    });
    expect(answer).toMatchObject({ success: true });
  });

  it('takes a token that was signed with a key of PREDECESSOR_TRUST, within its bounds', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      sub: undefined,
      permissions: ['manage_accounts', 'execute_actions'],
      service: 'router_module',
      exp: now + 60,
    };
    const token = makeToken(claims, { key: OLD_KEY });
    const { answer } = await discord.call('SendMessage', {
      channel_id: CHANNEL,
      content: 'signed elsewhere',
      token,
    });
    expect(answer).toMatchObject({ success: true });
    const foreign = await youtube.call(
      'PostComment',
      { video_id: 'v', text: 'x', channel_id: 'UCsandboxDemoChannel0001' },
      { authorization: `Bearer ${token}` },
    );
    expect(foreign.answer).toMatchObject({
      success: false,
      message: expect.stringMatching(/"old-router" may not act for account UCsandbox/),
    });
    // Our own doors know nothing of that key.
    await expect(
      house.doors.grpc.execute({ platform: 'discord' }, { token }),
    ).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});

const callTwitch = (rpc: string, request: object, sent = bearer()) =>
  twitch.call(rpc, request, sent);

const execute = (
  action_type: string,
  broadcaster_id: string,
  parameters: Record<string, string> = {},
) =>
  callTwitch('ExecuteAction', {
    action_type,
    broadcaster_id,
    parameters,
    timestamp: 1_700_000_000,
  });

describe('the earlier Twitch service', () => {
  it.each([
    ['chat_message', { message: 'hi' }, 'message_sent'],
    ['announcement', { message: 'hi', color: 'blue' }, 'announcement_sent'],
    ['whisper', { to_user_id: '2001', message: 'hi' }, 'whisper_sent'],
    ['clip', {}, 'clip_id'],
    ['poll_create', { title: 'Next?', choices: 'One, Two,Three', duration: '60' }, 'poll_id'],
    [
      'prediction_create',
      { title: 'Win?', outcomes: '["Yes, sure","No"]', duration: '60' },
      'prediction_id',
    ],
    ['ban', { user_id: '2001' }, 'user_banned'],
    ['timeout', { user_id: '2002', duration: '60' }, 'user_timed_out'],
    ['update_title', { title: 'New' }, 'title_updated'],
    ['update_game', { game_id: '509658' }, 'game_updated'],
    ['marker', { description: '' }, 'marker_id'],
    ['raid', { to_broadcaster_id: '1003' }, 'raid_started'],
    ['vip_add', { user_id: '2004' }, 'vip_added'],
    ['mod_add', { user_id: '2005' }, 'moderator_added'],
  ])('%s, its parameters and its result as text', async (type, parameters, member) => {
    const { id } = await house.addChannel();
    const { answer } = await execute(type, id, parameters as unknown as Record<string, string>);
    expect(answer).toEqual({
      success: true,
      message: `Action ${type} executed successfully`,
      action_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      result_data: expect.objectContaining({ [member]: expect.stringMatching(/./) }),
      error: '',
    });
  });

  it('writes lists and objects as JSON, also those that Twitch answered with', async () => {
    const { id } = await house.addChannel();
    const { answer } = await execute('poll_create', id, {
      title: 'Next?',
      choices: '["a, b","c"]',
    });
    const result = answer['result_data'] as Record<string, string>;
    expect(JSON.parse(result['choice_ids'] ?? '')).toHaveLength(2);
    expect(JSON.parse(result['data'] ?? '')).toEqual([
      expect.objectContaining({ id: result['poll_id'], status: 'ACTIVE' }),
    ]);
    const [poll] = (await house.channel(id)).polls;
    expect(JSON.stringify(poll)).toContain('a, b');
  });

  it.each([
    ['an unknown type', 'poke', {}, /^Unknown action type: poke/],
    ['a missing text', 'chat_message', {}, /^Action execution failed: Message is required/],
    [
      'a number that is none',
      'timeout',
      { user_id: '2001', duration: 'abc' },
      /duration: must be a whole number, not the text "abc"/,
    ],
    [
      'a timeout of no time',
      'timeout',
      { user_id: '2001', duration: '0' },
      /duration: must be at least 1/,
    ],
    ['one choice', 'poll_create', { title: 'x', choices: 'a' }, /: Poll must have 2-5 choices$/],
  ])('says no to %s', async (_name, type, parameters, error) => {
    const { answer } = await execute(type, '1001', parameters as unknown as Record<string, string>);
    expect(answer).toMatchObject({
      success: false,
      message: 'Action execution failed',
      error: expect.stringMatching(error),
    });
    expect(await scenes.listCalls('twitch', before)).toEqual([]);
  });

  it('knows no token of a stranger, and needs both names', async () => {
    expect((await execute('chat_message', '4242', { message: 'hi' })).answer).toMatchObject({
      success: false,
      error: 'Action execution failed: No valid token for broadcaster 4242',
    });
    expect((await execute('', '1001')).answer).toMatchObject({
      success: false,
      error: 'action_type and broadcaster_id are required',
    });
  });

  it('ignores parameters that the earlier service did not read', async () => {
    const { answer } = await execute('chat_message', '1001', { message: 'hi', sender: 'me' });
    expect(answer).toMatchObject({ success: true });
  });

  it('answers a batch in its order, and carries out what is the same in it as often', async () => {
    const { id } = await house.addChannel();
    const say = (message: string) => ({
      action_type: 'chat_message',
      broadcaster_id: id,
      parameters: { message },
    });
    const actions = [say('one'), say('again'), say('again'), { ...say(''), action_type: 'poke' }];
    const { answer } = await callTwitch('BatchExecuteActions', { actions });
    expect(answer).toMatchObject({ total_count: 4, success_count: 3, failure_count: 1 });
    const responses = answer['responses'] as Record<string, unknown>[];
    expect(responses.map(({ success }) => success)).toEqual([true, true, true, false]);
    expect(responses[3]).toMatchObject({ error: expect.stringMatching(/^Unknown action type/) });
    const { chat } = await house.channel(id);
    expect(chat.map((said) => said['text'])).toEqual(['one', 'again', 'again']);
    expect((await callTwitch('BatchExecuteActions', { actions: [] })).answer).toMatchObject({
      responses: [],
      total_count: 0,
    });
    await expect(
      callTwitch('BatchExecuteActions', { actions: Array.from({ length: 6 }, () => say('x')) }),
    ).rejects.toThrow(/^INVALID_ARGUMENT: Batch size exceeds maximum of 5$/);
  });

  it('tells the true status of an action, and only to who asked for it', async () => {
    const done = await execute('chat_message', '1001', { message: 'status' });
    const failed = await execute('unban', '1001', { user_id: '2009' });
    const ask = async (id: unknown, sent = bearer()) =>
      (await callTwitch('GetActionStatus', { action_id: id }, sent)).answer;
    expect(await ask(done.answer['action_id'])).toMatchObject({
      action_id: done.answer['action_id'],
      status: 'completed',
      metadata: { action_status: 'SUCCEEDED', message_sent: 'true' },
    });
    expect(await ask(failed.answer['action_id'])).toMatchObject({
      status: 'failed',
      metadata: { action_status: 'REFUSED', failure_code: 'REFUSED', retryable: 'false' },
    });
    const stranger = bearer({ sub: 'stranger', permissions: ['execute_actions'] });
    // A name that a token says of itself gives nobody the actions of who has it otherwise.
    const namesake = { authorization: `Bearer ${oldToken({ service: 'tester' })}` };
    for (const answer of [
      await ask(done.answer['action_id'], namesake),
      await ask('01920000-0000-7000-8000-000000000001'),
      await ask('nonsense'),
      await ask(done.answer['action_id'], stranger),
    ])
      expect(answer).toMatchObject({ status: 'not_found', action_id: '' });
  });

  it('refuses callers without a credential, and lets a service key in within its bounds', async () => {
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: '1001',
      parameters: { message: 'x' },
    };
    for (const sent of [{}, { 'x-service-key': 'x'.repeat(40) }, { 'x-forwarded-for': '10.0.0.1' }])
      expect(
        (await callTwitch('ExecuteAction', asked, sent as Record<string, string>)).answer,
      ).toMatchObject({
        success: false,
        error: expect.stringMatching(/^Authentication failed: Invalid token: /),
      });
    const key = { 'x-service-key': BOUNDED_KEY };
    expect((await callTwitch('ExecuteAction', asked, key)).answer).toMatchObject({ success: true });
    const elsewhere = { ...asked, broadcaster_id: '1002' };
    expect((await callTwitch('ExecuteAction', elsewhere, key)).answer).toMatchObject({
      success: false,
      error: expect.stringMatching(/"bounded" may not act for account 1002/),
    });
    const other = { ...asked, action_type: 'clip', parameters: {} };
    expect(
      (await callTwitch('ExecuteAction', other, { 'x-api-key': BOUNDED_KEY })).answer,
    ).toMatchObject({
      success: false,
      error: expect.stringMatching(/may not carry out twitch\.clip/),
    });
    // A key of an earlier caller is worth nothing at our own doors.
    await expect(
      house.doors.grpc.call('ListActions', {}, { token: null, metadata: key }),
    ).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('the earlier YouTube service', () => {
  let scene: YouTubeScene;
  const call = async (rpc: string, request: object, sent = bearer()) =>
    (await youtube.call(rpc, { channel_id: scene.channel_id, ...request }, sent)).answer;

  beforeAll(async () => {
    scene = await scenes.openChannel();
  });

  it('carries out its seventeen RPCs with its words', async () => {
    const { live_chat_id, video_id, playlist_id, broadcast_id } = scene;
    const person = { live_chat_id, target_channel_id: VIEWER };
    const done = async (rpc: string, request: object, message: string): Promise<void> => {
      expect([rpc, await call(rpc, request)]).toEqual([rpc, { success: true, message }]);
    };
    await done('SendLiveChatMessage', { live_chat_id, message: 'hi' }, 'Message sent successfully');
    const messages = await readChat();
    await done(
      'DeleteLiveChatMessage',
      { message_id: messages.at(-1)?.['id'] },
      'Message deleted successfully',
    );
    await done('BanLiveChatUser', { ...person, duration_seconds: 60 }, 'User banned successfully');
    await done('UnbanLiveChatUser', person, 'User unbanned successfully');
    await done('BanLiveChatUser', { ...person, duration_seconds: -1 }, 'User banned successfully');
    await done('AddModerator', person, 'Moderator added successfully');
    await done('RemoveModerator', person, 'Moderator removed successfully');
    await done('UpdateVideoTitle', { video_id, title: 'T' }, 'Video title updated successfully');
    await done(
      'UpdateVideoDescription',
      { video_id, description: '' },
      'Video description updated',
    );
    await done('AddToPlaylist', { playlist_id, video_id }, 'Video added to playlist');
    const [item] = (await readWorld()).playlists[playlist_id]?.items ?? [];
    await done('RemoveFromPlaylist', { playlist_item_id: item?.id }, 'Video removed from playlist');
    expect(await call('CreatePlaylist', { title: 'Mine' })).toEqual({
      success: true,
      message: 'Playlist created successfully',
      playlist_id: expect.stringMatching(/./),
    });
    await done('InsertCuepoint', { broadcast_id }, 'Ad break inserted successfully');
    await done('PostComment', { video_id, text: 'First' }, 'Comment posted successfully');
    const comments = Object.entries((await readWorld()).comments);
    const [comment_id] = comments.find(([, { video_id: on }]) => on === video_id) ?? [];
    await done(
      'ReplyToComment',
      { parent_id: comment_id, text: 'Second' },
      'Reply posted successfully',
    );
    await done(
      'SetCommentModeration',
      { comment_id, status: 'heldForReview' },
      'Comment moderation set to heldForReview',
    );
    await done('DeleteComment', { comment_id }, 'Comment deleted successfully');
    await done(
      'UpdateBroadcastStatus',
      { broadcast_id, status: 'complete' },
      'Broadcast status updated to complete',
    );
  });

  interface World {
    readonly chats: Readonly<
      Record<string, { readonly messages: readonly Record<string, unknown>[] }>
    >;
    readonly playlists: Readonly<Record<string, { readonly items: readonly { id: string }[] }>>;
    readonly comments: Readonly<Record<string, Record<string, unknown>>>;
  }

  async function readWorld(): Promise<World> {
    return (await house.sandbox.control<{ youtube: World }>('GET', '/sandbox/state')).youtube;
  }

  async function readChat(): Promise<readonly Record<string, unknown>[]> {
    return (await readWorld()).chats[scene.live_chat_id]?.messages ?? [];
  }

  it.each([
    [
      'no ban',
      'UnbanLiveChatUser',
      { target_channel_id: 'UCsandboxViewer000000003' },
      /^User ban not found$/,
    ],
    [
      'no moderator',
      'RemoveModerator',
      { target_channel_id: 'UCsandboxViewer000000003' },
      /^Moderator not found$/,
    ],
    ['no video', 'UpdateVideoTitle', { video_id: 'none', title: 'x' }, /^Video not found$/],
    [
      'no such state',
      'UpdateBroadcastStatus',
      { broadcast_id: 'b', status: 'paused' },
      /^Invalid status: paused$/,
    ],
    [
      'no credentials',
      'PostComment',
      { channel_id: 'UCnobody', video_id: 'v', text: 'x' },
      /^No OAuth credentials for channel: UCnobody$/,
    ],
    [
      'no channel',
      'PostComment',
      { channel_id: '', video_id: 'v', text: 'x' },
      /^channel_id: is missing/,
    ],
    ['nothing at all', 'PostComment', {}, /^video_id: is missing.*text: is missing/],
    [
      "YouTube's own no",
      'DeleteComment',
      { comment_id: 'UgsandboxComment1' },
      /^YouTube API error: .*40[34]/,
    ],
  ])('says of %s what it said', async (_name, rpc, request, message) => {
    const { live_chat_id } = scene;
    const takesChat = 'target_channel_id' in request;
    expect(await call(rpc, { ...request, ...(takesChat && { live_chat_id }) })).toEqual({
      success: false,
      message: expect.stringMatching(message),
    });
  });

  it('says what is switched off by its topic', async () => {
    const path = '/api/v1/flags/youtube.chat';
    await house.doors.rest('PUT', path, { enabled: false, reason: 'test' });
    const say = { live_chat_id: scene.live_chat_id, message: 'switched off' };
    const answer = await eventually(
      () => call('SendLiveChatMessage', say),
      ({ success }) => success === false,
    );
    expect(answer).toEqual({ success: false, message: 'Chat actions disabled' });
    await house.doors.rest('DELETE', path);
  });

  it('binds an old token to the channel it was made for', async () => {
    const token = oldToken({
      service: undefined,
      iss: 'youtube_action_module',
      channel_id: 'UCother',
    });
    expect(
      await call('PostComment', { video_id: 'v', text: 'x' }, { authorization: `Bearer ${token}` }),
    ).toEqual({
      success: false,
      message: expect.stringMatching(/may not act for account/),
    });
    expect(await call('PostComment', { video_id: 'v', text: 'x' }, {})).toEqual({
      success: false,
      message: expect.stringMatching(/^Authentication failed: Invalid token: /),
    });
  });
});

describe('callers that repeat', () => {
  it('without a key join what they were cut off from', async () => {
    const { id } = await house.addChannel();
    const delayMs = 2_500;
    await house.addFault({ kind: 'delay', ms: delayMs }, { path: '/chat/messages' });
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: id,
      parameters: { message: 'once' },
    };
    // The platform has the request, and holds its answer back.
    const sent = eventually(
      () =>
        house.sandbox.control<{ faults: { fault: { ms?: number } }[] }>('GET', '/sandbox/faults'),
      ({ faults }) => faults.every(({ fault }) => fault.ms !== delayMs),
    );
    await twitch.callAndLeave('ExecuteAction', asked, sent, bearer());
    const { answer } = await twitch.call('ExecuteAction', asked, bearer());
    expect(answer).toMatchObject({ success: true });
    expect((await house.channel(id)).chat).toHaveLength(1);
  });

  it('who were answered are taken to want it again', async () => {
    const { id } = await house.addChannel();
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: id,
      parameters: { message: 'twice' },
    };
    for (let time = 0; time < 2; time += 1)
      expect((await twitch.call('ExecuteAction', asked, bearer())).answer).toMatchObject({
        success: true,
      });
    expect((await house.channel(id)).chat).toHaveLength(2);
  });

  it('with a key in the metadata get the answer of before', async () => {
    const { id } = await house.addChannel();
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: id,
      parameters: { message: 'keyed' },
    };
    const sent = { ...bearer(), 'idempotency-key': 'earlier-1' };
    const first = await twitch.call('ExecuteAction', asked, sent);
    const second = await twitch.call('ExecuteAction', asked, sent);
    expect(second.answer).toEqual(first.answer);
    expect((await house.channel(id)).chat).toHaveLength(1);
  });

  it('may rehearse: nothing is sent', async () => {
    const { id } = await house.addChannel();
    const asked = {
      action_type: 'chat_message',
      broadcaster_id: id,
      parameters: { message: 'dry' },
    };
    const { answer, metadata } = await twitch.call('ExecuteAction', asked, {
      ...bearer(),
      'dry-run': 'true',
    });
    expect(answer).toMatchObject({
      success: true,
      message: 'Action chat_message prepared; nothing was sent',
    });
    expect(metadata).toMatchObject({ 'action-status': 'PREPARED' });
    expect((await house.channel(id)).chat).toHaveLength(0);
  });
});

describe('old and new doors at once', () => {
  it('keep one order for a channel', async () => {
    const { id } = await house.addChannel();
    await house.addFault({ kind: 'delay', ms: 2_000 }, { path: '/chat/messages' });
    const answers: Promise<unknown>[] = [];
    const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const [index, message] of texts.entries()) {
      const parameters = { message };
      answers.push(
        index % 2 === 0
          ? twitch.call(
              'ExecuteAction',
              { action_type: 'chat_message', broadcaster_id: id, parameters },
              bearer(),
            )
          : house.doors.execute('grpc', {
              platform: 'twitch',
              action_type: 'chat_message',
              account_id: id,
              parameters,
            }),
      );
      // In the order in which they arrive: each is at the door before the next one leaves.
      await waitUntilRunning(house.doors.gateway, index + 1);
    }
    await Promise.all(answers);
    expect((await house.channel(id)).chat.map((said) => said['text'])).toEqual(texts);
  });

  it('share one limit', async () => {
    const { id } = await house.addChannel();
    // Twitch lets a channel raid ten times in ten minutes.
    const raid = { action_type: 'raid', parameters: { to_broadcaster_id: '1003' } };
    for (let time = 0; time < 10; time += 1) {
      const outcome =
        time % 2 === 0
          ? (await twitch.call('ExecuteAction', { ...raid, broadcaster_id: id }, bearer())).answer
          : await house.doors.execute('grpc', { ...raid, platform: 'twitch', account_id: id });
      // Whether Twitch takes a raid on top of another is its own affair; each is counted.
      expect(outcome).toHaveProperty('success');
    }
    const refused = await twitch.call('ExecuteAction', { ...raid, broadcaster_id: id }, bearer());
    expect(refused.metadata).toMatchObject({ 'failure-code': 'RATE_LIMITED' });
    const same = await house.doors.execute('grpc', { ...raid, platform: 'twitch', account_id: id });
    expect(same.failure?.code).toBe('RATE_LIMITED');
  });
});

describe('connections as the router keeps them', () => {
  it('pings of an idle connection are answered, and it is not ended for them', async () => {
    const session = connectHttp2(`http://${house.doors.gateway.grpcAddress}`);
    let isToldToGo = false;
    session.on('goaway', () => (isToldToGo = true));
    await new Promise<void>((resolve, reject) =>
      session.once('connect', () => resolve()).once('error', reject),
    );
    for (let time = 0; time < 20; time += 1) {
      await new Promise<void>((resolve, reject) => {
        session.ping((error) => (error ? reject(error) : resolve()));
      });
    }
    expect([isToldToGo, session.closed]).toEqual([false, false]);
    session.close();
  });

  it("the router's own settings keep one channel ready", async () => {
    const relay = await startPingRelay(house.doors.gateway.grpcAddress);
    const client = new EarlierGrpc(relay.address, 'twitch_action.TwitchActionService', {
      'grpc.keepalive_time_ms': 100,
      'grpc.keepalive_timeout_ms': 1_000,
      'grpc.keepalive_permit_without_calls': 1,
    });
    const READY = 2;
    await client.call('GetActionStatus', { action_id: 'x' }, bearer());
    const { pings } = relay;
    for (let more = 1; more <= 10; more += 1) {
      await eventually(
        () => relay.pings,
        (count) => count >= pings + more,
        { everyMs: 10 },
      );
      expect(client.channel.getConnectivityState(false)).toBe(READY);
    }
    expect(relay.goAways).toBe(0);
    client.close();
    await relay.close();
  });
});

const python = spawnSync('python3', ['-c', 'import grpc, grpc_tools'], { encoding: 'utf8' });

/** Not synchronously: the platforms live in this process. */
async function runPython(input: string): Promise<{ stdout: string; stderr: string }> {
  const child = spawn('python3', [join(import.meta.dirname, '../support/earlier_client.py')], {
    cwd: join(import.meta.dirname, '../../proto'),
    timeout: 120_000,
  });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

const hasPython = python.status === 0;

describe(`a client in Python${hasPython ? '' : ' (skipped: python3 with grpcio and grpcio-tools is not at hand)'}`, () => {
  it.skipIf(!hasPython)('runs every RPC of the three services', async () => {
    const scene = await scenes.openChannel();
    const input = {
      address: house.doors.gateway.grpcAddress,
      token: makeToken(),
      channel_id: scene.channel_id,
      live_chat_id: scene.live_chat_id,
      discord_channel: CHANNEL,
    };
    const run = await runPython(JSON.stringify(input));
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({
      discord: { success: true, error: '' },
      discord_wrong: {
        success: false,
        error: 'Authentication failed: Invalid token: jwt malformed',
      },
      twitch: { success: true, sent: 'hello from Python' },
      youtube: { success: true, message: 'Message sent successfully' },
      rpcs: 31,
      not_ok: [],
    });
  });
});
