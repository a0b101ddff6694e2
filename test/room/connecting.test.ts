// Real: PostgreSQL, the vault, axios, and Twitch's OAuth server as the sandbox plays it, over HTTP.
// Fake: the person, who follows the address at once; the platform with PKCE, and what it answers.
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.js';
import { ConnectFailure } from '../../src/accounts/connect-failure.js';
import { type ConnectRequest, Connections } from '../../src/accounts/connections.js';
import { ConsentStates } from '../../src/accounts/consent-states.js';
import { Tokens } from '../../src/accounts/tokens.js';
import type { Platform } from '../../src/actions/platform.js';
import { type Delivery, Transport, type WireRequest } from '../../src/actions/wire.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimTwitch, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeTokens } from '../support/own-credentials.js';
import { makeCaller, NO_KEY_CALLERS } from '../support/callers.js';

const CONFIG = {
  TOKEN_REFRESH_BUFFER: 300,
  PUBLIC_URL: 'https://gateway.example/',
  platforms: [] as Config['platforms'],
} as Config;
const VAULT = new Vault([{ id: 'k1', key: randomBytes(32) }]);
const CALLER = makeCaller({ id: 'console', permissions: new Set(['manage_accounts']) });
const SCOPES = ['user:write:chat', 'channel:manage:raids'];

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let twitch: TwitchPlatform;
let transport: AxiosTransport;
let replicas: [Replica, Replica];

interface Replica {
  readonly connections: Connections;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
}

async function joinReplica(way: Transport): Promise<Replica> {
  const own = await shared.join();
  const tokens = makeTokens(own, VAULT, way);
  const rows = own.dataSource.getRepository(AccountRow);
  const accounts = new Accounts(rows, own, VAULT, tokens, way, CONFIG);
  const states = new ConsentStates(own, VAULT, NO_KEY_CALLERS, CONFIG);
  return { accounts, tokens, connections: new Connections(states, accounts, way) };
}

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  twitch = aimTwitch(sandbox);
  replicas = [await joinReplica(transport), await joinReplica(transport)];
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change('DELETE FROM accounts');
  await database.change('DELETE FROM oauth_states');
});

/** The address that a person is sent to. */
const begin = async (wish: Partial<ConnectRequest> = {}): Promise<URL> => {
  const { authorizationUrl } = await replicas[0].connections.begin({
    platform: twitch,
    caller: CALLER,
    accountId: undefined,
    scopes: SCOPES,
    ...wish,
  });
  return new URL(authorizationUrl);
};

interface Answer {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
}

/** Follows the address as a person who consents, or does what the changes say. */
async function consent(url: URL, changes: Record<string, string> = {}): Promise<Answer> {
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  const reply = await fetch(url, { redirect: 'manual' });
  const back = new URL(reply.headers.get('location') ?? '').searchParams;
  return {
    state: back.get('state') ?? undefined,
    code: back.get('code') ?? undefined,
    error: back.get('error') ?? undefined,
  };
}

const complete = (answer: Answer, callerId?: string, platform: Platform = twitch) =>
  replicas[0].connections.complete(platform, answer, callerId);

/** The fault that an attempt to connect ends in. */
async function faultOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectFailure) return error.fault;
  throw new Error('the account was connected, or failed otherwise', { cause: error });
}

const countAccounts = async (): Promise<number> => replicas[0].accounts.count();

describe('connecting an account', () => {
  it('asks for the scopes of the actions, and stores what was granted under whose it is', async () => {
    const url = await begin();
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'sandbox-twitch-client',
      redirect_uri: 'https://gateway.example/oauth/twitch/callback',
      scope: 'channel:manage:raids user:write:chat',
      state: expect.stringMatching(/^[\w-]{43}$/),
      force_verify: 'true',
    });
    const { account, isReconnected, refusedScopes } = await complete(await consent(url));
    expect([isReconnected, refusedScopes]).toEqual([false, []]);
    expect(account).toMatchObject({ account_id: '1001', state: 'connected', renewable: true });
    expect([...account.scopes].sort()).toEqual([...SCOPES].sort());
    const held = await replicas[1].tokens.read(twitch, '1001');
    await expect(replicas[1].tokens.refresh(twitch, held)).resolves.toMatchObject({ version: 2 });
  });

  it('keeps neither the state nor a verifier that could be used', async () => {
    const state = (await begin()).searchParams.get('state') ?? '';
    const rows = await database.query('SELECT s::text AS row FROM oauth_states s');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(state);
    expect(JSON.stringify(rows)).toContain(createHash('sha256').update(state).digest('hex'));
  });

  it('asks for no scope that an account only claims to have', async () => {
    await complete(await consent(await begin({ scopes: ['clips:edit'] })));
    const [listed] = await replicas[0].accounts.list();
    await database.change(`UPDATE accounts SET scopes = '{chat:write}', scopes_claimed = true`);
    const url = await begin({ accountId: listed?.account_id });
    expect(url.searchParams.get('scope')?.split(' ')).toEqual(SCOPES.toSorted());
  });

  it('keeps the history of an account that is connected again, and asks for all it has', async () => {
    const first = await complete(await consent(await begin({ scopes: ['clips:edit'] })));
    await database.change(
      "UPDATE accounts SET reconnect_reason = 'it ran out', created_at = '2020-01-01Z'",
    );
    const url = await begin({ accountId: '1001' });
    expect(url.searchParams.get('scope')).toBe('channel:manage:raids clips:edit user:write:chat');
    const { account, isReconnected } = await complete(await consent(url));
    expect(isReconnected).toBe(true);
    expect(account).toMatchObject({
      state: 'connected',
      reason: '',
      created_at: '2020-01-01T00:00:00.000Z',
    });
    expect(Date.parse(account.updated_at)).toBeGreaterThan(Date.parse(first.account.updated_at));
    expect((await replicas[0].tokens.read(twitch, '1001')).version).toBe(2);
  });

  it('stores a grant with less than was asked for, and says what is missing', async () => {
    const answer = await consent(await begin(), { scope: 'user:write:chat' });
    const { account, refusedScopes } = await complete(answer);
    expect([account.scopes, refusedScopes]).toEqual([
      ['user:write:chat'],
      ['channel:manage:raids'],
    ]);
  });

  it('takes no answer twice', async () => {
    const answer = await consent(await begin());
    await complete(answer);
    expect(await faultOf(complete(answer))).toBe('STATE_USED');
  });

  it('lets one of two win who bring the same answer at once, ten times over', async () => {
    for (let round = 0; round < 10; round += 1) {
      const answer = await consent(await begin());
      const ends = await Promise.allSettled(
        replicas.map(({ connections }) => connections.complete(twitch, answer)),
      );
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const lost = ends.find((end) => end.status === 'rejected');
      expect(lost?.reason).toMatchObject({ fault: 'STATE_USED' });
    }
  });

  it.each([
    ['is missing', undefined, 'STATE_MISSING'],
    ['was made up', 'x'.repeat(43), 'STATE_UNKNOWN'],
    ['is no text that anybody would send', '\0%%%💥', 'STATE_UNKNOWN'],
  ])('takes no state that %s', async (_what, state, fault) => {
    const answer = await consent(await begin());
    expect(await faultOf(complete({ ...answer, state }))).toBe(fault);
    expect(await countAccounts()).toBe(0);
    await complete(answer);
  });

  it('takes no state whose ten minutes are over, by the clock of the database', async () => {
    const answer = await consent(await begin());
    const [left] = await database.query<{ seconds: number }>(
      'SELECT extract(epoch FROM expires_at - now())::float AS seconds FROM oauth_states',
    );
    expect(left?.seconds).toBeGreaterThan(590);
    expect(left?.seconds).toBeLessThanOrEqual(600);
    await database.change('UPDATE oauth_states SET expires_at = now()');
    expect(await faultOf(complete(answer))).toBe('STATE_EXPIRED');
    expect(await countAccounts()).toBe(0);
  });

  it('takes no state of another platform, and does not use it up', async () => {
    const answer = await consent(await begin());
    const other = new PlatformWithPkce();
    expect(await faultOf(complete(answer, undefined, other))).toBe('STATE_OF_ANOTHER_PLATFORM');
    await complete(answer);
  });

  it('takes no answer from another caller, and does not use it up', async () => {
    const answer = await consent(await begin());
    expect(await faultOf(complete(answer, 'somebody else'))).toBe('STATE_OF_ANOTHER_CALLER');
    expect(await countAccounts()).toBe(0);
    await complete(answer, CALLER.id);
  });

  it('forgets states a day after their end', async () => {
    await begin();
    await database.change("UPDATE oauth_states SET expires_at = now() - interval '25 hours'");
    await begin();
    expect(await database.query('SELECT 1 FROM oauth_states')).toHaveLength(1);
  });

  it('uses the question up when the person says no', async () => {
    const answer = await consent(await begin(), { sandbox_deny: '1' });
    expect(answer.error).toBe('access_denied');
    expect(await faultOf(complete(answer))).toBe('ACCESS_DENIED');
    expect(await faultOf(complete(answer))).toBe('STATE_USED');
  });

  it('shows of an error what has the form of one, and nothing that a stranger wrote', async () => {
    const odd = await consent(await begin());
    await expect(complete({ ...odd, error: '<b>call 555</b>' })).rejects.toMatchObject({
      fault: 'CONSENT_FAILED',
      message: 'Twitch did not ask for your consent',
    });
    const known = await consent(await begin());
    await expect(complete({ ...known, error: 'server_error' })).rejects.toMatchObject({
      message: 'Twitch did not ask for your consent: server_error',
    });
  });

  it('stores nothing for a code that Twitch does not know', async () => {
    const answer = await consent(await begin());
    expect(await faultOf(complete({ ...answer, code: 'made-up' }))).toBe('CODE_REFUSED');
    const other = await consent(await begin());
    expect(await faultOf(complete({ ...other, code: undefined }))).toBe('CODE_MISSING');
    expect(await countAccounts()).toBe(0);
  });

  it.each(['token', 'validate'])('stores nothing while /%s is away', async (path) => {
    for (const fault of [
      { kind: 'status', status: 503 },
      { kind: 'reset', when: 'before' },
    ]) {
      const answer = await consent(await begin());
      await sandbox.control('POST', '/sandbox/faults', {
        match: { path: `/twitch/oauth2/${path}` },
        times: 1,
        fault,
      });
      expect(await faultOf(complete(answer))).toBe('PLATFORM_DOWN');
    }
    expect(await countAccounts()).toBe(0);
  });

  it('gives back the grant of an account that was not expected', async () => {
    const answer = await consent(await begin({ accountId: '1002' }));
    const before = await sandbox.lastSeq();
    expect(await faultOf(complete(answer))).toBe('ACCOUNT_DIFFERS');
    expect(await countAccounts()).toBe(0);
    const revoked = (await sandbox.requestsSince(before)).filter(({ path }) =>
      path.endsWith('/revoke'),
    );
    expect(revoked.map(({ status }) => status)).toContain(200);
  });

  it('leaves the grant of an account alone that is connected, and was not expected', async () => {
    await complete(await consent(await begin()));
    const answer = await consent(await begin({ accountId: '1002' }));
    const before = await sandbox.lastSeq();
    expect(await faultOf(complete(answer))).toBe('ACCOUNT_DIFFERS');
    const paths = (await sandbox.requestsSince(before)).map(({ path }) => path);
    expect(paths.filter((path) => path.endsWith('/revoke'))).toEqual([]);
  });

  it('stays within what the caller who began may touch', async () => {
    const caller = makeCaller({
      id: 'narrow',
      accounts: new Set(['1002']),
      permissions: new Set(['manage_accounts']),
    });
    const answer = await consent(await begin({ caller }));
    expect(await faultOf(complete(answer))).toBe('ACCOUNT_OUT_OF_REACH');
    expect(await countAccounts()).toBe(0);
    const right = await consent(await begin({ caller }), { sandbox_user: '1002' });
    await expect(complete(right)).resolves.toMatchObject({ account: { account_id: '1002' } });
  });

  it('cannot begin where the platform has no such way, or no application is registered', async () => {
    const bots = Object.assign(new PlatformWithPkce(), { oauth: undefined });
    await expect(begin({ platform: bots })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    });
    const settings = { apiUrl: 'https://a', authUrl: 'https://b', clientId: '', clientSecret: '' };
    await expect(begin({ platform: new TwitchPlatform(settings) })).rejects.toThrow(
      /set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET/,
    );
  });
});

/** A platform that nobody runs, with PKCE and a refresh token that comes but once. */
class PlatformWithPkce implements Platform {
  readonly name = 'made_up';
  readonly title = 'Made up';
  readonly groups = {};
  readonly actions = [];
  readonly apiUrl = 'https://api.example';
  readonly costUnit = 'points';
  readonly oauth: Platform['oauth'] = {
    buildRefresh: () => this.#post('/token', {}),
    readRefresh: ({ body }) => ({
      accessToken: 'fresh',
      refreshToken: body as string | undefined,
      expiresIn: 60,
      scopes: undefined,
    }),
    connecting: {
      usesPkce: true,
      identityScopes: ['who_am_i'],
      buildConsentUrl: ({ state, codeChallenge = '', scopes }) =>
        `https://auth.example/?${new URLSearchParams({ state, codeChallenge, scope: scopes.join(' ') })}`,
      buildExchange: ({ code, codeVerifier = '' }) => this.#post('/token', { code, codeVerifier }),
      buildRevocation: (token) => this.#post('/revoke', { token }),
      buildIdentification: () => this.#post('/me', {}),
      readIdentification: () => ({ accountId: 'u1', login: 'u', scopes: [], expiresIn: undefined }),
    },
  };

  authorize(): Record<string, string> {
    return {};
  }

  limitRequest(): [] {
    return [];
  }

  readRefusal(): never {
    throw new Error('never asked');
  }

  #post(path: string, body: Record<string, string>): WireRequest {
    return { method: 'POST', url: `https://auth.example${path}`, headers: {}, body };
  }
}

/** Notes what is sent, and answers with a refresh token the first time alone. */
class NotingTransport extends Transport {
  readonly sent: WireRequest[] = [];

  async deliver(request: WireRequest): Promise<Delivery> {
    this.sent.push(request);
    const isFirst = this.sent.filter(({ url }) => url.endsWith('/token')).length === 1;
    const body = isFirst ? 'given once' : undefined;
    return { kind: 'answered', answer: { status: 200, headers: {}, body } };
  }
}

describe('a platform with PKCE', () => {
  it('is sent the verifier of the challenge, and its refresh token is kept when it gives no other', async () => {
    const noting = new NotingTransport();
    const { connections, tokens } = await joinReplica(noting);
    const platform = new PlatformWithPkce();
    for (let round = 0; round < 2; round += 1) {
      const wish = { platform, caller: CALLER, accountId: undefined, scopes: ['act'] };
      const { authorizationUrl } = await connections.begin(wish);
      const asked = new URL(authorizationUrl).searchParams;
      expect(asked.get('scope')).toBe('act who_am_i');
      const state = asked.get('state') ?? '';
      const [row] = await database.query<{ code_verifier: string }>(
        'SELECT code_verifier FROM oauth_states WHERE used_at IS NULL',
      );
      expect(row?.code_verifier).toMatch(/^v1\.k1\./);
      noting.sent.length = round === 0 ? 0 : noting.sent.length;
      await connections.complete(platform, { state, code: 'c', error: undefined });
      const exchange = noting.sent.findLast(({ url }) => url.endsWith('/token'));
      const { codeVerifier = '' } = (exchange?.body ?? {}) as { codeVerifier?: string };
      expect(codeVerifier).toMatch(/^[\w-]{43,128}$/);
      expect(createHash('sha256').update(codeVerifier).digest('base64url')).toBe(
        asked.get('codeChallenge'),
      );
    }
    const held = await tokens.read(platform, 'u1');
    expect(held).toMatchObject({ scopes: ['act', 'who_am_i'], renewable: true, version: 2 });
  });
});

describe('an account with an OAuth client of its own', () => {
  const client = { id: 'sandbox-twitch-client', secret: 'sandbox-twitch-secret-not-a-real-one' };

  it('is renewed and revoked as that one, whose secret is stored encrypted', async () => {
    const wrong = new TwitchPlatform({
      apiUrl: twitch.apiUrl,
      authUrl: sandbox.env['TWITCH_AUTH_URL'] ?? '',
      clientId: 'another-client',
      clientSecret: 'another-secret',
    });
    const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
      'POST',
      '/sandbox/twitch/grants',
      { user_id: '1001', scopes: SCOPES },
    );
    const { accounts, tokens } = replicas[0];
    const given = { accessToken: grant.access_token, refreshToken: grant.refresh_token };
    const view = await accounts.store(wrong, '1001', { ...given, client }, CALLER.id);
    expect(view.client_id).toBe(client.id);
    const rows = await database.query('SELECT a::text AS row FROM accounts a');
    expect(JSON.stringify(rows)).not.toContain(client.secret);

    const held = await tokens.read(wrong, '1001');
    expect(wrong.authorize(held)['client-id']).toBe(client.id);
    const renewed = await tokens.refresh(wrong, held);
    expect(renewed.version).toBe(2);
    expect(await accounts.disconnect(wrong, '1001', CALLER.id)).toBe('ended');
    const reply = await fetch(`${sandbox.env['TWITCH_AUTH_URL']}/validate`, {
      headers: { authorization: `OAuth ${renewed.accessToken}` },
    });
    expect(reply.status).toBe(401);
  });
});

describe('disconnecting an account', () => {
  it('ends a grant that lives on in its refresh token alone', async () => {
    await complete(await consent(await begin()));
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: '1001' });
    const before = await sandbox.lastSeq();
    expect(await replicas[0].accounts.disconnect(twitch, '1001', CALLER.id)).toBe('ended');
    const seen = (await sandbox.requestsSince(before)).map(({ path, status }) => [path, status]);
    expect(seen).toEqual([
      ['/twitch/oauth2/revoke', 400],
      ['/twitch/oauth2/revoke', 400],
      ['/twitch/oauth2/token', 200],
      ['/twitch/oauth2/revoke', 200],
    ]);
  });

  it('has nothing left to end where the person ended it before', async () => {
    await complete(await consent(await begin()));
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: '1001' });
    expect(await replicas[0].accounts.disconnect(twitch, '1001', CALLER.id)).toBe('ended');
  });

  it('does not claim an end that it cannot know of', async () => {
    await complete(await consent(await begin()));
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: '1001' });
    await sandbox.control('POST', '/sandbox/faults', {
      match: { path: '/twitch/oauth2/token' },
      times: 1,
      fault: { kind: 'status', status: 503 },
    });
    expect(await replicas[0].accounts.disconnect(twitch, '1001', CALLER.id)).toBe('unclear');
    expect(await countAccounts()).toBe(0);
  });

  it('is done although the platform is away, and says that it does not know', async () => {
    await complete(await consent(await begin()));
    await sandbox.control('POST', '/sandbox/faults', {
      match: { path: '/twitch/oauth2/revoke' },
      times: 2,
      fault: { kind: 'status', status: 503 },
    });
    expect(await replicas[0].accounts.disconnect(twitch, '1001', CALLER.id)).toBe('unclear');
    expect(await countAccounts()).toBe(0);
  });
});
