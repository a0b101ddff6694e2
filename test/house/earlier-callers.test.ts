// Real: the built gateway as a process, PostgreSQL, HTTP and gRPC over sockets. Fake: the platforms, at the wire.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EarlierGrpc } from '../support/earlier-grpc.js';
import { askEarlier, type EarlierReply } from '../support/earlier-rest.js';
import { CHANNEL, EarlierScenes } from '../support/earlier-scenes.js';
import { makeToken, SIGNING_KEY } from '../support/gateway.js';
import { House } from '../support/two-doors.js';

const FOREIGN_KEY = 'key-of-the-router-that-signs-elsewhere-0123';
const TRUST = [
  { name: 'legacy', root_secret: true, unnamed_tokens: true, accounts: ['1001', 'default'] },
  { name: 'first', networks: ['127.0.0.9/32'], accounts: ['1001'], priority: 'HIGH' },
  { name: 'signer', verify_keys: [FOREIGN_KEY], accounts: ['1001'] },
];
const EXECUTE = '/api/v1/actions/execute';
const AT_TWITCH = { host: 'twitch-action:8072' };

let house: House;
let bounded: House['doors'];
let url: string;

beforeAll(async () => {
  house = await House.open({ PREDECESSOR_MENTIONS: 'users,everyone' });
  await house.sandbox.control('POST', '/sandbox/discord/world', { limits: false });
  bounded = await house.openAnother({ PREDECESSOR_TRUST: JSON.stringify(TRUST) });
  url = house.doors.gateway.restUrl;
});

afterAll(() => house?.close());

const ask = (
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  at = url,
): Promise<EarlierReply> => askEarlier(`${at}${path}`, 'POST', body, { headers });

const bearer = (token: unknown): Record<string, string> => ({
  authorization: `Bearer ${String(token)}`,
});

async function mintAtTwitch(more: object = {}, at = url): Promise<string> {
  const asked = { api_key: SIGNING_KEY, service: 'hub', ...more };
  return String((await ask('/api/v1/auth/token', asked, AT_TWITCH, at)).body['token']);
}

async function grantTokens(): Promise<Record<string, string>> {
  const broadcaster_id = await house.addUser();
  const { access_token, refresh_token } = await house.grant(broadcaster_id);
  return { broadcaster_id, access_token, refresh_token };
}

/** How often two requests at once, while the platform is slow, were sent. */
const twice = async (make: (n: number) => Promise<unknown>): Promise<number> => {
  await house.addFault({ kind: 'delay', ms: 300 }, { path: '/chat/messages' }, 2);
  const before = await house.sandbox.lastSeq();
  await Promise.all([make(1), make(2)]);
  await house.sandbox.control('DELETE', '/sandbox/faults');
  const sent = (await house.helixSince(before)).filter(({ path }) => path === '/chat/messages');
  return sent.length;
};
const chat = (message: string, more: object = {}): object => ({
  action_type: 'chat_message',
  broadcaster_id: '1001',
  parameters: { message },
  ...more,
});
const anyone = (): Record<string, string> => bearer(makeToken());
const say = (message: string, more: object): object => ({
  command: '!say',
  args: message,
  entity_id: 'twitch:1001',
  message: `!say ${message}`,
  ...more,
});

describe('a token that the root secret gets at the door of an earlier service', () => {
  it('may hand over and revoke tokens there, and manages nothing at our own doors', async () => {
    const headers = bearer(await mintAtTwitch());
    const tokens = await grantTokens();
    expect((await ask('/api/v1/tokens/store', tokens, headers)).status).toBe(200);
    expect((await ask('/api/v1/tokens/revoke', tokens, headers)).status).toBe(200);
    const own = await house.doors.rest('GET', '/api/v1/accounts', undefined, {
      token: headers['authorization']?.slice(7),
    });
    expect(own.status).toBe(403);
    const path = `${url}/oauth/channels`;
    expect((await askEarlier(path, 'GET', undefined, { headers })).status).toBe(403);
  });

  it('may not where it asked for bounds of its own, or came to our own address', async () => {
    const tokens = await grantTokens();
    const narrowed = await mintAtTwitch({ permissions: ['execute_actions'] });
    const reply = await ask('/api/v1/auth/token', { api_key: SIGNING_KEY, service: 'hub' });
    for (const token of [narrowed, reply.body['token']])
      expect((await ask('/api/v1/tokens/store', tokens, bearer(token))).status).toBe(403);
  });

  it('is bounded by the entry of the root secret', async () => {
    const at = bounded.gateway.restUrl;
    const headers = bearer(await mintAtTwitch({}, at));
    const store = await ask('/api/v1/tokens/store', await grantTokens(), headers, at);
    expect(store.status).toBe(403);
    expect((await ask(EXECUTE, chat('hello'), headers, at)).body).toMatchObject({ success: true });
    expect(
      (await ask(EXECUTE, chat('hello', { broadcaster_id: '1003' }), headers, at)).body,
    ).toMatchObject({ success: false });
  });

  it('is the same again for a right secret that asks too often, and none for a wrong one', async () => {
    const asked = { secret: SIGNING_KEY, channel_id: 'UCoften' };
    const given = new Set<unknown>();
    for (let time = 0; time < 70; time += 1) {
      const { status, body } = await ask('/api/v1/token/generate', asked);
      expect(status).toBe(200);
      given.add(body['token']);
    }
    expect(given.size).toBeGreaterThan(0);
    const other = await ask('/api/v1/token/generate', { ...asked, channel_id: 'UCanother' });
    expect(other.status).toBe(429);
    const wrong = await ask('/api/v1/token/generate', { ...asked, secret: 'wrong' });
    expect(wrong.status).toBe(401);
  });
});

describe('a token that names no caller', () => {
  const unnamed = makeToken({ sub: undefined, exp: undefined, permissions: undefined });
  const message = { channel_id: CHANNEL, content: 'hello' };

  it('is refused, unless an entry stands for it, which bounds it', async () => {
    const refused = await ask('/api/v1/message', message, bearer(unnamed));
    expect(refused.status).toBe(401);
    expect(String(refused.body['error'])).toMatch(/names no caller .* unnamed_tokens lets it in$/);
    const at = bounded.gateway.restUrl;
    expect((await ask('/api/v1/message', message, bearer(unnamed), at)).status).toBe(200);
    const foreign = {
      action_type: 'chat_message',
      broadcaster_id: '1003',
      parameters: { message: 'x' },
    };
    const { body } = await ask(EXECUTE, foreign, bearer(unnamed), at);
    expect(body).toMatchObject({
      success: false,
      error: expect.stringMatching(/"legacy" may not act for account 1003/),
    });
  });
});

describe('a token that is signed elsewhere', () => {
  it('does not manage accounts, which its entry does not allow', async () => {
    const token = makeToken({ permissions: undefined, exp: undefined }, { key: FOREIGN_KEY });
    const at = bounded.gateway.restUrl;
    const reply = await ask('/api/v1/tokens/revoke', { broadcaster_id: '1001' }, bearer(token), at);
    expect(reply.status).toBe(403);
  });
});

describe('PREDECESSOR_MENTIONS', () => {
  it('lets mentions notify whom it names, and no one when it names nobody', async () => {
    const body = { channel_id: CHANNEL, content: '@everyone hello' };
    const send = async (at: string): Promise<unknown> => {
      const before = await house.sandbox.lastSeq();
      await ask('/api/v1/message', body, bearer(makeToken()), at);
      const [seen] = await house.sandbox.requestsSince(before);
      return (seen?.body as { allowed_mentions?: unknown } | undefined)?.allowed_mentions;
    };
    expect(await send(url)).toEqual({ parse: ['users', 'everyone'] });
    expect(await send(bounded.gateway.restUrl)).toEqual({ parse: [] });
  });
});

describe('the priority of an entry', () => {
  it('may spend the reserve of the quota, which others may not', async () => {
    const spare = await house.openAnother({
      YOUTUBE_API_QUOTA_DAILY_LIMIT: '500',
      YOUTUBE_QUOTA_RESERVE: '500',
      PREDECESSOR_TRUST: JSON.stringify([
        { name: 'usual', networks: ['127.0.0.8/32'], accounts: ['UCsandboxDemoChannel0001'] },
        {
          name: 'first',
          networks: ['127.0.0.9/32'],
          accounts: ['UCsandboxDemoChannel0001'],
          priority: 'HIGH',
        },
      ]),
    });
    const scene = await new EarlierScenes(house).openChannel();
    expect(scene.channel_id).toMatch(/^UC/);
    const create = async (from: string): Promise<EarlierReply> =>
      askEarlier(
        `${spare.gateway.restUrl}/api/v1/playlist/create`,
        'POST',
        { channel_id: 'UCsandboxDemoChannel0001', title: from },
        { from },
      );
    expect((await create('127.0.0.8')).body).toEqual({
      success: false,
      message: 'YouTube API error: 403',
    });
    expect((await create('127.0.0.9')).body).toMatchObject({ success: true });
  });
});

describe('two equal requests at the same time', () => {
  it.each<[string, number, (n: number) => Promise<unknown>]>([
    ['a repeat', 1, () => ask(EXECUTE, chat('repeat'), anyone())],
    [
      'a repeat with its request id',
      1,
      () => ask(EXECUTE, chat('id', { request_id: 'r' }), anyone()),
    ],
    ['two request ids', 2, (n) => ask(EXECUTE, chat('ids', { request_id: `r-${n}` }), anyone())],
    ['two users', 2, (n) => ask('/api/v1/execute', say('users', { user_id: `${n}` }), anyone())],
    [
      'two sessions',
      2,
      (n) => ask('/api/v1/execute', say('sessions', { session_id: `s-${n}` }), anyone()),
    ],
    [
      'two request ids in batches',
      2,
      (n) =>
        ask(
          '/api/v1/actions/batch',
          { actions: [chat('batches', { request_id: `b-${n}` })] },
          anyone(),
        ),
    ],
  ])('%s: sent %d times', async (_name, times, make) => {
    expect(await twice(make)).toBe(times);
  });

  it('over gRPC: two timestamps are two, and one is one', async () => {
    const address = house.doors.gateway.grpcAddress;
    const client = new EarlierGrpc(address, 'twitch_action.TwitchActionService');
    const send = (message: string, timestamp: number) =>
      client.call('ExecuteAction', chat(message, { timestamp }), anyone());
    expect(await twice((n) => send('stamps', 1_700_000_000 + n))).toBe(2);
    expect(await twice(() => send('stamp', 1_700_000_000))).toBe(1);
    client.close();
  });
});
