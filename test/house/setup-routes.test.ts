// Real: the built gateway as a process with its sandbox, PostgreSQL, HTTP over sockets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../support/browser-session.js';
import { createDatabase } from '../support/database.js';
import {
  callRest,
  type GatewayProcess,
  makeToken,
  type RestAnswer,
  startGateway,
} from '../support/gateway.js';

let database: Awaited<ReturnType<typeof createDatabase>>;
let gateway: GatewayProcess;

beforeAll(async () => {
  database = await createDatabase();
  gateway = await startGateway({ SANDBOX: 'true', DATABASE_URL: database.url });
});

afterAll(async () => {
  await gateway?.stop();
  await database?.drop();
});

const get = (path: string, token?: string): Promise<RestAnswer> =>
  callRest(gateway, 'GET', `/api/v1${path}`, undefined, token === undefined ? {} : { token });

/** The actions of a catalogue, by their full names. */
const list = async (path: string, claims: object): Promise<string[]> => {
  const { body } = await get(path, makeToken(claims as Record<string, unknown>));
  const actions = body['actions'] as unknown as { platform: string; action_type: string }[];
  return actions.map(({ platform, action_type: type }) => `${platform}.${type}`);
};

interface Platform {
  readonly platform: string;
  readonly groups: readonly { name: string; scopes: string[]; permissions: string[] }[];
}

describe('who asks', () => {
  it('is told with its bounds, by token, key and session', async () => {
    const narrowed = { permissions: ['read_audit'], platforms: ['twitch'], owner: 'acme' };
    const { body } = await get('/whoami', makeToken({ sub: 'bot', ...narrowed }));
    expect(body).toEqual({
      id: 'bot',
      identity: 'tenant:acme:bot',
      kind: 'service',
      owner: 'acme',
      permissions: ['read_audit'],
      platforms: ['twitch'],
      accounts: null,
      actions: null,
      requests_per_minute: null,
      policy: null,
      expires_at: null,
      via: 'token',
      session_expires_at: null,
      sandbox: true,
      version: expect.any(String) as string,
    });
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const made = await callRest(gateway, 'POST', '/api/v1/callers', {
      id: 'chat-bot',
      permissions: ['execute_actions'],
      requests_per_minute: 50,
      actions: ['twitch.ads'],
      expires_at,
    });
    const key = made.body['api_key'] as unknown as string;
    const own = {
      id: 'chat-bot',
      kind: 'key',
      requests_per_minute: 50,
      expires_at,
      actions: expect.arrayContaining(['twitch.snooze_ad']) as string[],
    };
    expect((await get('/whoami', key)).body).toMatchObject({ ...own, via: 'key' });
    const session = await signIn(gateway, { key });
    const asked = await session.ask('GET', '/api/v1/whoami');
    expect(asked.body).toMatchObject({
      ...own,
      via: 'session',
      session_expires_at: session.answer.body['expires_at'],
    });
  });
});

describe('the platforms', () => {
  it('say what to register and what each group of actions asks for', async () => {
    const { body } = await get('/platforms');
    const platforms = body['platforms'] as unknown as Platform[];
    expect(platforms.map(({ platform }) => platform)).toEqual(['twitch', 'youtube', 'discord']);
    expect(platforms[0]).toMatchObject({
      title: 'Twitch',
      state: 'ready',
      missing: [],
      connects: 'account',
      redirect_uri: expect.stringMatching(/\/oauth\/twitch\/callback$/) as string,
    });
    const ads = platforms[0]?.groups.find(({ name }) => name === 'ads');
    expect(ads).toMatchObject({
      scopes: ['channel:edit:commercial', 'channel:manage:ads', 'channel:read:ads'],
      permissions: [],
    });
    expect(platforms[2]).toMatchObject({ connects: 'bot' });
    const [roles] = platforms[2]?.groups.filter(({ name }) => name === 'roles') ?? [];
    expect(roles?.permissions).toContain('MANAGE_ROLES');
  });

  it('are those within the bounds of the caller alone', async () => {
    const { body } = await get('/platforms', makeToken({ platforms: ['youtube'] }));
    expect(body['platforms']).toMatchObject([{ platform: 'youtube' }]);
  });

  it('name the variables that are missing', async () => {
    const real = await createDatabase();
    const bots = await startGateway({
      DATABASE_URL: real.url,
      SANDBOX: 'false',
      DISCORD_BOT_TOKEN: 'no-token-of-worth',
    });
    try {
      const { body } = await callRest(bots, 'GET', '/api/v1/platforms');
      expect(body['platforms']).toMatchObject([
        {
          platform: 'twitch',
          state: 'off',
          missing: ['TWITCH_CLIENT_ID', 'TWITCH_CLIENT_SECRET'],
          what_to_do: expect.stringMatching(/register an application/i) as string,
        },
        { platform: 'youtube', state: 'off' },
        { platform: 'discord', state: 'ready', missing: [] },
      ]);
    } finally {
      await bots.stop();
      await real.drop();
    }
  });
});

describe('the catalogue of a caller', () => {
  it('has what it may carry out', async () => {
    const narrow = { actions: ['twitch.raids', 'discord.send_message'] };
    expect(await list('/catalog?mine=true', narrow)).toEqual([
      'twitch.raid',
      'twitch.raid_cancel',
      'discord.send_message',
    ]);
    expect(await list('/catalog/discord?mine=true', narrow)).toEqual(['discord.send_message']);
    expect(await list('/catalog?mine=true', { permissions: ['read_audit'] })).toEqual([]);
    expect((await list('/catalog', narrow)).length).toBeGreaterThan(200);
  });
});
