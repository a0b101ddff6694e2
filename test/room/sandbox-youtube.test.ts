// Real: the sandbox over HTTP, on a clock that stands still. Fake: YouTube and Google, which it is.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startSimulatedPlatforms,
  type SimulatedPlatforms,
} from '../support/simulated-platforms.js';
import { type Answer, callHttp, type Json } from '../support/sandbox-caller.js';

const DEMO = 'UCsandboxDemoChannel0001';
const MODERATOR = 'UCsandboxModerator000001';
const QUIET = 'UCsandboxQuietChannel001';
const VIEWER = 'UCsandboxViewer000000001';
const FORCE_SSL = 'https://www.googleapis.com/auth/youtube.force-ssl';
const MANAGE = 'https://www.googleapis.com/auth/youtube';
const HOUR = 3_600_000;

let sandbox: SimulatedPlatforms;
const time = { now: 0 };
let tokens: Map<string, string>;
let chat: string;

beforeAll(async () => {
  sandbox = await startSimulatedPlatforms({ now: () => time.now });
});

afterAll(() => sandbox?.close());

beforeEach(async () => {
  time.now = Date.UTC(2026, 10, 20, 12);
  tokens = new Map();
  await control('POST', '/reset', {});
  chat = String((await state())['broadcasts']!['sandboxCast']!['live_chat_id']);
});

function control(method: string, path: string, body?: unknown): Promise<Answer> {
  return callHttp(`${sandbox.url}/sandbox${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
}

async function state(): Promise<Json> {
  return (await control('GET', '/state')).json['youtube']!;
}

async function change(body: object): Promise<void> {
  const answer = await control('POST', '/youtube/world', body);
  if (answer.status !== 200) throw new Error(answer.text);
}

async function grant(channel_id = DEMO, scopes = [FORCE_SSL], more = {}): Promise<Json> {
  return (await control('POST', '/youtube/grants', { channel_id, scopes, ...more })).json;
}

interface Options {
  readonly as?: string;
  readonly token?: string;
  readonly body?: unknown;
}

/** Calls the Data API; a path such as `POST /comments?part=snippet`. */
async function call(line: string, { as = DEMO, token, body }: Options = {}): Promise<Answer> {
  const [method, path] = line.split(' ');
  if (token === undefined && !tokens.has(as))
    tokens.set(as, String((await grant(as))['access_token']));
  return callHttp(`${sandbox.youtube.apiUrl.replace(/\/$/, '')}/youtube/v3${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token ?? tokens.get(as)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Status and reason of a no. */
async function no(line: string, options?: Options): Promise<[number, string]> {
  const { status, json } = await call(line, options);
  return [status, String(json?.['error']?.['errors']?.[0]?.['reason'] ?? '')];
}

const text = (liveChatId: string, messageText = 'hi'): object => ({
  snippet: { liveChatId, type: 'textMessageEvent', textMessageDetails: { messageText } },
});
const ban = (channelId: string, seconds?: number): object => ({
  snippet: {
    liveChatId: chat,
    bannedUserDetails: { channelId },
    type: seconds === undefined ? 'permanent' : 'temporary',
    ...(seconds !== undefined && { banDurationSeconds: String(seconds) }),
  },
});
const moderator = (channelId: string): object => ({
  snippet: { liveChatId: chat, moderatorDetails: { channelId } },
});

const move = (id: string, to: string, as = QUIET) =>
  call(`POST /liveBroadcasts/transition?part=status&id=${id}&broadcastStatus=${to}`, { as });
const reason = async (answer: Promise<Answer>): Promise<unknown> => {
  const { json } = await answer;
  return json['error']?.['errors']?.[0]?.['reason'] ?? json['status']!['lifeCycleStatus'];
};
const changeNext = (changes: object) => change({ broadcasts: { sandboxNext: changes } });
const listIds = async (status: string): Promise<unknown[]> => {
  const line = `GET /liveBroadcasts?part=snippet&broadcastStatus=${status}`;
  return [...(await call(line)).json['items']!].map((item) => String(item['id']));
};
const putVideo = (snippet: object, as = DEMO) =>
  call('PUT /videos?part=snippet', { as, body: { id: 'sandboxVid1', snippet } });
const postForm = (path: string, fields: Record<string, string>): Promise<Answer> =>
  callHttp(new URL(path, sandbox.youtube.tokenUrl).href, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: sandbox.youtube.clientId,
      client_secret: sandbox.youtube.clientSecret,
      ...fields,
    }),
  });
const renew = (refresh_token: string, more = {}): Promise<Answer> =>
  postForm('token', { grant_type: 'refresh_token', refresh_token, ...more });

describe('errors', () => {
  it('come as Google writes them', async () => {
    const { status, json } = await call('GET /videos?part=snippet&id=x', { token: 'nobody' });
    expect([status, json]).toEqual([
      401,
      {
        error: {
          code: 401,
          message: 'Invalid Credentials',
          errors: [{ message: 'Invalid Credentials', domain: 'global', reason: 'authError' }],
          status: 'UNAUTHENTICATED',
        },
      },
    ]);
  });

  it.each([
    ['GET /nothing', [501, 'notSimulated']],
    ['GET /videos?id=x', [400, 'missingRequiredParameter']],
    ['GET /videos?part=secrets&id=x', [400, 'unknownPart']],
    ['GET /liveBroadcasts?part=id', [400, 'missingRequiredParameter']],
    [
      'GET /liveBroadcasts?part=id&mine=true&broadcastStatus=all',
      [400, 'missingRequiredParameter'],
    ],
    ['GET /playlistItems?part=id&playlistId=PLnone', [404, 'playlistNotFound']],
    [
      'GET /playlistItems?part=id&playlistId=PLsandboxPlaylist1&maxResults=51',
      [400, 'invalidParameter'],
    ],
    [
      'GET /playlistItems?part=id&playlistId=PLsandboxPlaylist1&pageToken=x',
      [400, 'invalidPageToken'],
    ],
  ] as const)('%s: %j', async (line, expected) => {
    expect(await no(line)).toEqual(expected);
  });

  it('ask for the scope, which for comments is one alone', async () => {
    const token = String((await grant(DEMO, [MANAGE]))['access_token']);
    expect(await no('DELETE /comments?id=UgsandboxComment1', { token })).toEqual([
      403,
      'insufficientPermissions',
    ]);
    expect((await call('GET /videos?part=snippet&id=sandboxVid1', { token })).status).toBe(200);
  });
});

describe('the quota', () => {
  it('counts what calls cost, also refused ones, and is new at midnight in California', async () => {
    await call('POST /liveChat/messages?part=snippet', { body: text(chat) });
    await call('GET /videos?part=snippet&id=none');
    await no('DELETE /comments?id=none');
    expect((await state())['quota']).toEqual({ used: 71, limit: 10_000 });
    await change({ quota_used: 9_990 });
    expect(await no('DELETE /comments?id=none')).toEqual([403, 'quotaExceeded']);
    expect((await call('GET /videos?part=snippet&id=none')).status).toBe(200);
    // It is four in the morning there.
    time.now += 20 * HOUR - 1;
    expect(Number((await state())['quota']!['used'])).toBe(9_991);
    time.now += 1;
    expect(Number((await state())['quota']!['used'])).toBe(0);
  });
});

describe('the live chat', () => {
  it('takes messages of everybody, and deletes for author and moderators', async () => {
    const { json } = await call('POST /liveChat/messages?part=snippet', {
      as: VIEWER,
      body: text(chat, 'hello'),
    });
    const id = String(json['id']);
    const as = 'UCsandboxViewer000000002';
    expect(await no(`DELETE /liveChat/messages?id=${id}`, { as })).toEqual([403, 'forbidden']);
    expect((await call(`DELETE /liveChat/messages?id=${id}`, { as: MODERATOR })).status).toBe(204);
    expect(await no(`DELETE /liveChat/messages?id=${id}`)).toEqual([
      404,
      'liveChatMessageNotFound',
    ]);
    const shown = await call(`GET /liveChat/messages?part=snippet&liveChatId=${chat}`);
    expect(shown.json['items']).toHaveLength(2);
  });

  it.each([
    [{ snippet: {} }, [400, 'liveChatIdRequired']],
    [text('none'), [404, 'liveChatNotFound']],
  ] as const)('refuses %j', async (body, expected) => {
    expect(await no('POST /liveChat/messages?part=snippet', { body })).toEqual(expected);
  });

  it('refuses what is too long, what is switched off and what is over', async () => {
    const say = (messageText = 'hi') =>
      no('POST /liveChat/messages?part=snippet', { body: text(chat, messageText) });
    expect(await say('x'.repeat(201))).toEqual([400, 'messageTextInvalid']);
    await change({ chats: { [chat]: { enabled: false } } });
    expect(await say()).toEqual([403, 'liveChatDisabled']);
    await change({ broadcasts: { sandboxCast: { life_cycle_status: 'complete' } } });
    expect(await say()).toEqual([403, 'liveChatEnded']);
  });

  it('bans by id, and for as long as was said', async () => {
    const post = 'POST /liveChat/bans?part=snippet';
    expect(await no(post, { as: VIEWER, body: ban(VIEWER) })).toEqual([403, 'forbidden']);
    expect(await no(post, { body: ban(MODERATOR) })).toEqual([
      403,
      'liveChatBanInsertionNotAllowed',
    ]);
    expect(await no(post, { body: ban('UCnobody') })).toEqual([404, 'channelNotFound']);
    const { json } = await call(post, { as: MODERATOR, body: ban(VIEWER, 60) });
    const say = () => no('POST /liveChat/messages?part=snippet', { as: VIEWER, body: text(chat) });
    expect(await say()).toEqual([403, 'forbidden']);
    time.now += 60_000;
    expect((await say())[0]).toBe(200);
    expect(await no(`DELETE /liveChat/bans?id=${String(json['id'])}`)).toEqual([
      404,
      'liveChatBanNotFound',
    ]);
    expect((await call('DELETE /liveChat/bans?id=ban-sandbox-1')).status).toBe(204);
    expect((await state())['chats']![chat]!['bans']).toEqual([]);
  });

  it('lists moderators by the page, for its owner alone', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `UCmod${index}`);
    await change({ chats: { [chat]: { add_moderators: ids } } });
    const list = `GET /liveChat/moderators?part=snippet&liveChatId=${chat}`;
    expect(await no(list, { as: MODERATOR })).toEqual([403, 'forbidden']);
    const first = await call(list);
    expect(first.json['items']).toHaveLength(5);
    const second = await call(`${list}&pageToken=${String(first.json['nextPageToken'])}`);
    expect(second.json['items']).toHaveLength(3);
    expect(second.json['nextPageToken']).toBeUndefined();
    const added = await call('POST /liveChat/moderators?part=snippet', { body: moderator(VIEWER) });
    const id = String(added.json['id']);
    expect((await call(`DELETE /liveChat/moderators?id=${id}`)).status).toBe(204);
    expect(await no(`DELETE /liveChat/moderators?id=${id}`)).toEqual([404, 'moderatorNotFound']);
  });
});

describe('broadcasts', () => {
  it('go from ready through their test on air, and end there', async () => {
    const id = 'sandboxNext';
    expect(await reason(move(id, 'live'))).toBe('invalidTransition');
    expect(await reason(move(id, 'complete'))).toBe('invalidTransition');
    expect(await reason(move(id, 'testing'))).toBe('testStarting');
    expect(await reason(move(id, 'testing'))).toBe('redundantTransition');
    expect(await reason(move(id, 'live'))).toBe('liveStarting');
    expect(await reason(move(id, 'testing'))).toBe('invalidTransition');
    expect(await reason(move(id, 'complete'))).toBe('complete');
    expect(await reason(move(id, 'live'))).toBe('invalidTransition');
  });

  it('need no test without a monitor, and always a stream', async () => {
    await changeNext({ monitor_enabled: false, stream_active: false });
    expect(await reason(move('sandboxNext', 'testing'))).toBe('invalidTransition');
    expect(await reason(move('sandboxNext', 'live'))).toBe('errorStreamInactive');
    await changeNext({ stream_active: true });
    expect(await reason(move('sandboxNext', 'live'))).toBe('liveStarting');
  });

  it('are their owner’s, whom YouTube must let stream', async () => {
    expect(await reason(move('sandboxNext', 'testing', DEMO))).toBe('forbidden');
    expect(await reason(move('none', 'testing'))).toBe('liveBroadcastNotFound');
    await change({ channels: { [QUIET]: { streaming_enabled: false } } });
    expect(await reason(move('sandboxNext', 'testing'))).toBe('liveStreamingNotEnabled');
  });

  it('are found by what they are', async () => {
    expect(await listIds('active')).toEqual(['sandboxCast']);
    expect(await listIds('upcoming')).toEqual(['sandboxLater1', 'sandboxLater2', 'sandboxLater3']);
    await change({ broadcasts: { sandboxCast: { life_cycle_status: 'complete' } } });
    expect(await listIds('active')).toEqual([]);
    expect(await listIds('completed')).toEqual(['sandboxCast']);
  });

  it('take ad breaks on air alone', async () => {
    const body = { cueType: 'cueTypeAd', durationSecs: 45 };
    const { json } = await call('POST /liveBroadcasts/cuepoint?id=sandboxCast', { body });
    expect(json).toMatchObject({ cueType: 'cueTypeAd', durationSecs: 45 });
    expect(await no('POST /liveBroadcasts/cuepoint?id=sandboxNext', { as: QUIET, body })).toEqual([
      403,
      'invalidState',
    ]);
    expect(await no('POST /liveBroadcasts/cuepoint', { body })).toEqual([
      400,
      'missingRequiredParameter',
    ]);
  });
});

describe('videos, playlists and comments', () => {
  it('an update replaces the whole snippet, as YouTube does', async () => {
    expect((await putVideo({ title: 'New', categoryId: '1' })).status).toBe(200);
    expect((await state())['videos']!['sandboxVid1']!['snippet']).toEqual({
      title: 'New',
      description: '',
      categoryId: '1',
    });
    expect((await putVideo({ title: 'New' })).status).toBe(400);
    expect((await putVideo({ title: 'a<b', categoryId: '1' })).status).toBe(400);
    expect(
      (await putVideo({ title: 'a', categoryId: '1', description: 'é'.repeat(2_501) })).status,
    ).toBe(400);
    expect((await putVideo({ title: 'a', categoryId: '1' }, QUIET)).status).toBe(403);
  });

  it('a private playlist is not there for others', async () => {
    const { json } = await call('POST /playlists?part=snippet,status', {
      body: { snippet: { title: 'Mine' }, status: { privacyStatus: 'private' } },
    });
    const list = `GET /playlistItems?part=id&playlistId=${String(json['id'])}`;
    expect((await call(list)).status).toBe(200);
    expect(await no(list, { as: QUIET })).toEqual([404, 'playlistNotFound']);
    expect(await no('POST /playlists?part=snippet', { body: { snippet: {} } })).toEqual([
      400,
      'playlistTitleRequired',
    ]);
  });

  it('items have a place, which must be there', async () => {
    const add = (position?: number) =>
      call('POST /playlistItems?part=snippet', {
        body: {
          snippet: {
            playlistId: 'PLsandboxPlaylist1',
            resourceId: { kind: 'youtube#video', videoId: 'sandboxVid2' },
            position,
          },
        },
      });
    expect((await add(0)).json['snippet']).toMatchObject({ position: 0 });
    expect((await add(9)).status).toBe(400);
    const list = 'GET /playlistItems?part=snippet&playlistId=PLsandboxPlaylist1';
    expect((await call(list)).json['items']).toHaveLength(2);
    expect((await call(`${list}&videoId=sandboxVid1`)).json['items']).toHaveLength(1);
    expect(await no('DELETE /playlistItems?id=item-sandbox-1', { as: QUIET })).toEqual([
      403,
      'forbidden',
    ]);
  });

  it('comments are deleted by their author and judged by the video’s owner', async () => {
    const reply = { snippet: { parentId: 'UgsandboxComment2', textOriginal: 'Hi' } };
    const { json } = await call('POST /comments?part=snippet', { as: VIEWER, body: reply });
    const under = { snippet: { parentId: String(json['id']), textOriginal: 'Hi' } };
    expect(await no('POST /comments?part=snippet', { body: under })).toEqual([
      400,
      'operationNotSupported',
    ]);
    const judge = (query: string, as = DEMO) =>
      call(`POST /comments/setModerationStatus?id=UgsandboxComment2&${query}`, { as });
    expect((await judge('moderationStatus=rejected', VIEWER)).status).toBe(403);
    expect((await judge('moderationStatus=published&banAuthor=true')).status).toBe(400);
    expect((await judge('moderationStatus=rejected&banAuthor=true')).status).toBe(204);
    const thread = {
      snippet: {
        videoId: 'sandboxVid1',
        topLevelComment: { snippet: { textOriginal: 'Me again' } },
      },
    };
    const again = await call('POST /commentThreads?part=snippet', {
      as: 'UCsandboxViewer000000002',
      body: thread,
    });
    expect((await state())['comments']![String(again.json['id'])]).toMatchObject({
      moderation_status: 'rejected',
    });
    expect(await no('DELETE /comments?id=UgsandboxComment2')).toEqual([403, 'forbidden']);
    expect((await call('DELETE /comments?id=UgsandboxComment1')).status).toBe(204);
  });
});

describe('Google’s OAuth', () => {
  it('ends tokens, renews them, and never rotates the refresh token', async () => {
    const given = await grant();
    const old = String(given['access_token']);
    time.now += HOUR;
    expect(await no('GET /channels?part=id&mine=true', { token: old })).toEqual([401, 'authError']);
    const { json } = await renew(String(given['refresh_token']));
    expect(json).toEqual({
      access_token: expect.any(String),
      expires_in: 3_599,
      scope: FORCE_SSL,
      token_type: 'Bearer',
    });
    const token = String(json['access_token']);
    expect((await call('GET /channels?part=id&mine=true', { token })).json['items']).toEqual([
      { kind: 'youtube#channel', id: DEMO, etag: expect.any(String) as string },
    ]);
    expect((await renew(String(given['refresh_token']))).status).toBe(200);
  });

  it('says invalid_grant for a grant that is dead, and nothing of it for a wrong client', async () => {
    const given = await grant();
    const value = String(given['refresh_token']);
    expect((await renew(value, { client_secret: 'wrong' })).json['error']).toBe('invalid_client');
    expect((await renew(value)).status).toBe(200);
    expect((await postForm('revoke', { token: value })).status).toBe(200);
    const dead = await renew(value);
    expect([dead.status, dead.json['error']]).toEqual([400, 'invalid_grant']);
    expect((await postForm('revoke', { token: value })).status).toBe(400);
    const token = String(given['access_token']);
    expect((await no('GET /channels?part=id&mine=true', { token }))[0]).toBe(401);
  });

  const verifier = 'v'.repeat(64);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const consent = async (more: Record<string, string> = {}): Promise<URL> => {
    const url = new URL(sandbox.youtube.authUrl);
    url.search = new URLSearchParams({
      client_id: sandbox.youtube.clientId,
      redirect_uri: 'http://localhost/callback',
      response_type: 'code',
      scope: FORCE_SSL,
      state: 's',
      access_type: 'offline',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    }).toString();
    const answer = await callHttp(url.href);
    return new URL(answer.headers.get('location') ?? `error:${answer.text}`);
  };
  const exchange = (code: string, more = {}): Promise<Answer> =>
    postForm('token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'http://localhost/callback',
      code_verifier: verifier,
      ...more,
    });

  it('gives a code for a consent, and tokens for the code, once', async () => {
    const { searchParams } = await consent();
    expect(searchParams.get('state')).toBe('s');
    const code = searchParams.get('code') ?? '';
    const { json } = await exchange(code);
    expect(json).toMatchObject({ refresh_token: expect.any(String), scope: FORCE_SSL });
    expect((await exchange(code)).json['error']).toBe('invalid_grant');
  });

  it('gives no refresh token to whom it was not asked for, and nothing without the verifier', async () => {
    const online = await consent({ access_type: 'online' });
    const { json } = await exchange(online.searchParams.get('code') ?? '');
    expect(json['refresh_token']).toBeUndefined();
    const code = (await consent()).searchParams.get('code') ?? '';
    expect((await exchange(code, { code_verifier: 'other' })).json['error']).toBe('invalid_grant');
  });

  it('says no when the person does, and takes fewer scopes than asked', async () => {
    expect((await consent({ sandbox_deny: '1' })).searchParams.get('error')).toBe('access_denied');
    const fewer = await consent({ scope: `${FORCE_SSL} ${MANAGE}`, sandbox_scopes: MANAGE });
    const { json } = await exchange(fewer.searchParams.get('code') ?? '');
    expect(String(json['scope'])).toBe(MANAGE);
    expect((await consent({ scope: 'everything' })).protocol).toBe('error:');
  });

  it('is ordered about by the control calls', async () => {
    const given = await grant();
    const token = String(given['access_token']);
    const about = { channel_id: DEMO };
    expect((await control('POST', '/youtube/expire', about)).json).toEqual({ expired: 1 });
    expect((await no('GET /channels?part=id&mine=true', { token }))[0]).toBe(401);
    expect((await control('POST', '/youtube/revoke-grant', about)).json).toEqual({ revoked: 1 });
    expect((await renew(String(given['refresh_token']))).status).toBe(400);
    for (const [path, body] of [
      ['/youtube/grants', { channel_id: 'none', scopes: [] }],
      ['/youtube/grants', { channel_id: DEMO, scopes: ['none'] }],
      ['/youtube/world', { weather: 'fine' }],
      ['/youtube/world', { quota_limit: -1 }],
      ['/youtube/world', { broadcasts: { none: {} } }],
      ['/youtube/channels', { id: DEMO, title: 'Again' }],
    ] as const)
      expect((await control('POST', path, body)).status).toBeGreaterThanOrEqual(400);
  });

  it('shows no secret in the log of requests', async () => {
    const given = await grant();
    await renew(String(given['refresh_token']));
    const { text: log } = await control('GET', '/requests');
    expect(log).not.toContain(String(given['refresh_token']));
    expect(log).not.toContain(encodeURIComponent(String(given['refresh_token'])));
    expect(log).not.toContain(sandbox.youtube.clientSecret);
  });
});

it('the page shows the world, and nothing of it as markup', async () => {
  await call('POST /liveChat/messages?part=snippet', { body: text(chat, '<b>bold</b>') });
  const { text: page } = await control('GET', '');
  expect(page).toContain('&lt;b&gt;bold&lt;/b&gt;');
  expect(page).toContain('Demo Channel');
  expect(page).toContain('20 of 10000 units');
});
