// Real: PostgreSQL, and the sandbox's OAuth servers over HTTP. No clock: accounts are due by a column.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.js';
import { type AccountView, findMissingScopes } from '../../src/accounts/account-view.js';
import { importTokens, TOKEN_TABLES } from '../../src/accounts/token-import.js';
import { Tokens } from '../../src/accounts/tokens.js';
import { Verification } from '../../src/accounts/verification.js';
import type { Platform } from '../../src/actions/platform.js';
import { type Delivery, Transport } from '../../src/actions/wire.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';
import { makeTokens } from '../support/own-credentials.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimDiscord, aimTwitch, startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const CALLER = 'console';
const CONFIG = { TOKEN_REFRESH_BUFFER: 300 } as Config;
const vault = new Vault([{ id: 'k1', key: randomBytes(32) }]);
const AWAY = { kind: 'status', status: 503 };
const YOUTUBE_CHANNEL = 'UCsandboxDemoChannel0001';

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let transport: AxiosTransport;
let accounts: Accounts;
let tokens: Tokens;
let verification: Verification;
let twitch: Platform;
let youtube: Platform;
let discord: Platform;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  tokens = makeTokens(database, vault, transport);
  const rows = database.dataSource.getRepository(AccountRow);
  accounts = new Accounts(rows, database, vault, tokens, transport, CONFIG);
  verification = new Verification(database, tokens, transport);
  twitch = aimTwitch(sandbox);
  youtube = new YouTubePlatform({
    apiUrl: sandbox.env['YOUTUBE_API_URL'] ?? '',
    authUrl: sandbox.env['GOOGLE_AUTH_URL'] ?? '',
    tokenUrl: sandbox.env['GOOGLE_TOKEN_URL'] ?? '',
    clientId: sandbox.env['YOUTUBE_CLIENT_ID'] ?? '',
    clientSecret: sandbox.env['YOUTUBE_CLIENT_SECRET'] ?? '',
    quota: { daily: 10_000, reserve: 0, perAccount: 0 },
  });
  discord = aimDiscord(sandbox);
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change('DELETE FROM accounts');
  for (const platform of [twitch, youtube, discord])
    for (const id of ['1001', '1003', YOUTUBE_CHANNEL, 'bot']) tokens.forget(platform, id);
});

const breakPath = (path: string, fault: object = AWAY, times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', { match: { path }, times, fault });

interface Granted {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function grantTwitch(scopes: string[], user_id = '1001') {
  const grant = await sandbox.control<Granted>('POST', '/sandbox/twitch/grants', {
    user_id,
    scopes,
  });
  return { accessToken: grant.access_token, refreshToken: grant.refresh_token };
}

const CHAT = ['user:write:chat'];

/** Stores an account of Twitch while Twitch is away. */
async function storeUnverified(given: {
  accessToken: string;
  refreshToken?: string;
  scopes?: string[];
}): Promise<AccountView> {
  await breakPath('/twitch/oauth2/validate');
  return accounts.store(twitch, '1001', given, CALLER);
}

const show = (platform = 'twitch', id = '1001'): Promise<AccountView | undefined> =>
  accounts.find(platform, id);

const runStatement = <Row extends object>(
  text: string,
  values: readonly unknown[],
): Promise<Row[]> => database.query<Row>(text, values);

const askDue = (): Promise<void> => verification.askDue([twitch, youtube, discord], () => false);

/** An action that needs these scopes, and takes no others for them. */
function needing(scopes: readonly string[]) {
  return { scopes, otherScopes: new Map<string, readonly string[]>() };
}

describe('an account whose platform could not be asked', () => {
  it('is unverified, says what to do, and is connected once the platform has accepted it', async () => {
    const grant = await grantTwitch(CHAT);
    expect(await storeUnverified({ ...grant, scopes: ['moderator:manage:raids'] })).toMatchObject({
      state: 'unverified',
      reason: expect.stringContaining('POST /api/v1/accounts/twitch/1001/verify') as string,
      scopes: ['moderator:manage:raids'],
      scopes_verified: false,
      validated_at: null,
    });
    expect(await verification.ask(twitch, '1001')).toBe('accepted');
    expect(await show()).toMatchObject({
      state: 'connected',
      reason: '',
      login: 'demo_channel',
      scopes: CHAT,
      scopes_verified: true,
      validated_at: expect.any(String) as string,
    });
  });

  it('refuses no action for a scope that was only claimed, and does once the platform named them', async () => {
    await storeUnverified({ ...(await grantTwitch(CHAT)), scopes: [] });
    expect(findMissingScopes(needing(['clips:edit']), await accounts.use(twitch, '1001'))).toEqual(
      [],
    );
    await verification.ask(twitch, '1001');
    tokens.forget(twitch, '1001');
    expect(findMissingScopes(needing(['clips:edit']), await accounts.use(twitch, '1001'))).toEqual([
      'clips:edit',
    ]);
  });

  it('becomes reconnect, with the reason, when the platform refuses a token that nothing renews', async () => {
    const { accessToken } = await grantTwitch(CHAT);
    await storeUnverified({ accessToken });
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: '1001' });
    expect(await verification.ask(twitch, '1001')).toBe('refused');
    expect(await show()).toMatchObject({
      state: 'reconnect',
      reason: expect.stringContaining('Twitch refused the credential') as string,
    });
    const events = await database.query<{ kind: string }>(
      `SELECT kind FROM audit_events WHERE account_id = '1001' AND kind = 'account.reconnect_needed'`,
    );
    expect(events).toHaveLength(1);
  });

  it('becomes reconnect when the token turns out to belong to another account', async () => {
    await storeUnverified(await grantTwitch(CHAT, '1003'));
    expect(await verification.ask(twitch, '1001')).toBe('refused');
    expect(await show()).toMatchObject({
      state: 'reconnect',
      reason: expect.stringContaining('belongs to Twitch account 1003') as string,
    });
  });

  it('stays unverified while the platform gives no answer', async () => {
    await storeUnverified(await grantTwitch(CHAT));
    await breakPath('/twitch/oauth2/validate');
    expect(await verification.ask(twitch, '1001')).toBe('unknown');
    expect(await show()).toMatchObject({ state: 'unverified' });
  });

  it('is connected by a renewal, which the platform grants for an accepted credential', async () => {
    await storeUnverified(await grantTwitch(CHAT));
    await tokens.refresh(twitch, await tokens.read(twitch, '1001'));
    expect(await show()).toMatchObject({ state: 'connected', scopes: CHAT, scopes_verified: true });
  });

  it('is connected by a renewal when its access token is over', async () => {
    await storeUnverified(await grantTwitch(CHAT));
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: '1001' });
    expect(await verification.ask(twitch, '1001')).toBe('accepted');
    expect(await show()).toMatchObject({ state: 'connected' });
  });

  it('is connected by its first success, while its claimed scopes stay a claim', async () => {
    await storeUnverified({ ...(await grantTwitch(CHAT)), scopes: ['claimed'] });
    const credential = await accounts.use(twitch, '1001');
    await verification.noteSuccess(twitch, credential);
    expect(await show()).toMatchObject({ state: 'connected', scopes_verified: false });
  });

  it('is not connected by the success of a credential that was replaced meanwhile', async () => {
    await storeUnverified(await grantTwitch(CHAT));
    const old = await accounts.use(twitch, '1001');
    await storeUnverified(await grantTwitch(CHAT));
    await verification.noteSuccess(twitch, old);
    expect(await show()).toMatchObject({ state: 'unverified' });
  });

  it('is not marked for a refusal of a credential that was replaced meanwhile', async () => {
    const { accessToken } = await grantTwitch(CHAT);
    await storeUnverified({ accessToken });
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: '1001' });
    const replacing = new (class extends Transport {
      async deliver(...given: Parameters<Transport['deliver']>): Promise<Delivery> {
        await database.change('UPDATE accounts SET version = version + 1');
        return transport.deliver(...given);
      }
    })();
    const slow = new Verification(database, tokens, replacing);
    expect(await slow.ask(twitch, '1001')).toBe('refused');
    expect(await show()).not.toMatchObject({ state: 'reconnect' });
  });
});

describe('in the background', () => {
  it('each unverified account is asked about once, and again when its time has come', async () => {
    await storeUnverified(await grantTwitch(CHAT));
    const seq = await sandbox.lastSeq();
    await breakPath('/twitch/oauth2/validate');
    await Promise.all([askDue(), askDue(), askDue()]);
    expect(await sandbox.requestsSince(seq)).toHaveLength(1);
    expect(await show()).toMatchObject({ state: 'unverified' });
    await database.change('UPDATE accounts SET verify_at = now()');
    await askDue();
    expect(await show()).toMatchObject({ state: 'connected' });
    await database.change('UPDATE accounts SET verify_at = now()');
    const connected = await sandbox.lastSeq();
    await askDue();
    expect(await sandbox.requestsSince(connected)).toEqual([]);
  });

  it('imported accounts are unverified, and get the scopes that the platform names', async () => {
    const { accessToken } = await grantTwitch(CHAT);
    const table = TOKEN_TABLES.find(({ platform }) => platform === 'twitch');
    const row = { broadcaster_id: '1001', access_token: accessToken, scopes: 'chat:write' };
    expect(table && (await importTokens(runStatement, vault, table, row))).toBeUndefined();
    expect(await show()).toMatchObject({ state: 'unverified', scopes: ['chat:write'] });
    expect(findMissingScopes(needing(CHAT), await accounts.use(twitch, '1001'))).toEqual([]);
    await askDue();
    expect(await show()).toMatchObject({ state: 'connected', scopes: CHAT, scopes_verified: true });
  });

  it('claimed scopes of a verified account are asked about as well', async () => {
    await storeUnverified({ ...(await grantTwitch(CHAT)), scopes: ['claimed'] });
    await verification.noteSuccess(twitch, await accounts.use(twitch, '1001'));
    await askDue();
    expect(await show()).toMatchObject({ scopes: CHAT, scopes_verified: true });
  });
});

const storeBot = (accessToken: string): Promise<AccountView> =>
  accounts.store(discord, 'bot', { accessToken }, CALLER);

describe('on other platforms', () => {
  it('a channel of YouTube is verified with the scopes that Google names', async () => {
    const scope = 'https://www.googleapis.com/auth/youtube.force-ssl';
    const grant = await sandbox.control<Granted>('POST', '/sandbox/youtube/grants', {
      channel_id: YOUTUBE_CHANNEL,
      scopes: [scope],
    });
    await breakPath('/youtube/v3/channels');
    await breakPath('/youtube/oauth2/tokeninfo');
    const given = { accessToken: grant.access_token };
    expect(await accounts.store(youtube, YOUTUBE_CHANNEL, given, CALLER)).toMatchObject({
      state: 'unverified',
      scopes: [],
      scopes_verified: false,
    });
    await askDue();
    expect(await show('youtube', YOUTUBE_CHANNEL)).toMatchObject({
      state: 'connected',
      scopes: [scope],
      scopes_verified: true,
    });
  });

  it('a bot of Discord is verified by its token, and one that Discord refuses is not stored', async () => {
    const { token } = await sandbox.control<{ token: string }>('POST', '/sandbox/discord/bots', {
      id: '900001',
      username: 'second_bot',
    });
    await breakPath('/discord/api/v10/oauth2/applications/@me');
    expect(await storeBot(token)).toMatchObject({ state: 'unverified' });
    await askDue();
    expect(await show('discord', 'bot')).toMatchObject({ state: 'connected', login: 'second_bot' });
    expect(await storeBot(token)).toMatchObject({ state: 'connected' });
    await expect(storeBot('wrong')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Discord does not accept it') as string,
    });
  });

  it('a bot whose token was reset becomes reconnect', async () => {
    const { token } = await sandbox.control<{ token: string }>('POST', '/sandbox/discord/bots', {
      id: '900002',
    });
    await breakPath('/discord/api/v10/oauth2/applications/@me');
    await accounts.store(discord, 'bot', { accessToken: token }, CALLER);
    await sandbox.control('POST', '/sandbox/discord/reset-token', { id: '900002' });
    await askDue();
    expect(await show('discord', 'bot')).toMatchObject({ state: 'reconnect' });
  });
});

describe('beside replicas of the previous release', () => {
  it('their statements still work: what they store or renew counts as verified', async () => {
    await database.change(
      `INSERT INTO accounts (platform, account_id, access_token, scopes) VALUES ('twitch', '1001', 'sealed', '{a}')`,
    );
    expect(await show()).toMatchObject({ state: 'connected', scopes_verified: true });
    await storeUnverified(await grantTwitch(CHAT));
    await database.change(
      `UPDATE accounts SET version = version + 1, refreshed_at = now() WHERE account_id = '1001'`,
    );
    expect(await show()).toMatchObject({ state: 'connected' });
  });
});
