// Real: PostgreSQL, the vault, axios, and Discord with its OAuth server as the sandbox plays it, over HTTP.
// Fake: the person, who follows the address at once.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.js';
import { ConnectFailure } from '../../src/accounts/connect-failure.js';
import { type ConsentAnswer, ConsentStates } from '../../src/accounts/consent-states.js';
import { Invitations } from '../../src/accounts/invitations.js';
import type { BotSettings } from '../../src/actions/platform.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import type { DiscordPlatform } from '../../src/platforms/discord/discord.platform.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimDiscord, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeTokens } from '../support/own-credentials.js';
import { makeCaller, NO_KEY_CALLERS } from '../support/callers.js';

const CONFIG = {
  TOKEN_REFRESH_BUFFER: 300,
  PUBLIC_URL: 'https://gateway.example',
  platforms: [],
} as unknown as Config;
const VAULT = new Vault([{ id: 'k1', key: randomBytes(32) }]);
const CALLER = makeCaller({ id: 'console', permissions: new Set(['manage_accounts']) });
const GUILD = '800000000000000002';

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let transport: AxiosTransport;
let accounts: Accounts;
let invitations: Invitations;
let discord: DiscordPlatform;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  const tokens = makeTokens(database, VAULT, transport);
  const rows = database.dataSource.getRepository(AccountRow);
  accounts = new Accounts(rows, database, VAULT, tokens, transport, CONFIG);
  const states = new ConsentStates(database, VAULT, NO_KEY_CALLERS, CONFIG);
  invitations = new Invitations(states, accounts, database, transport);
  discord = aimDiscord(sandbox);
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change('TRUNCATE accounts, oauth_states, audit_events');
});

/** Asks for an address, and follows it as a person who adds the bot, or does what the changes say. */
async function consent(
  changes: Record<string, string> = { sandbox_guild: GUILD },
  platform = discord,
  accountId?: string,
): Promise<ConsentAnswer> {
  const permissions = ['SEND_MESSAGES', 'MODERATE_MEMBERS'];
  const wish = { platform, caller: CALLER, accountId, permissions };
  const { authorizationUrl } = await invitations.begin(wish);
  const url = new URL(authorizationUrl);
  for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
  const reply = await fetch(url, { redirect: 'manual' });
  const back = new URL(reply.headers.get('location') ?? '').searchParams;
  return {
    state: back.get('state') ?? undefined,
    code: back.get('code') ?? undefined,
    error: back.get('error') ?? undefined,
  };
}

/** The fault that an attempt ends in. */
async function faultOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectFailure) return error.fault;
  throw new Error('the bot was let in, or it failed otherwise', { cause: error });
}

const countEvents = async (): Promise<number> =>
  (await database.query('SELECT 1 FROM audit_events')).length;

/** Tokens of persons that nobody gave back. */
async function countTokens(): Promise<number> {
  const state = await sandbox.control<{ discord: { tokens_of_persons: number } }>(
    'GET',
    '/sandbox/state',
  );
  return state.discord.tokens_of_persons;
}

const breakDiscord = (path: string): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { path: `/discord${path}` },
    times: 1,
    fault: { kind: 'status', status: 503 },
  });

describe('letting a bot in', () => {
  it('says who let it in where, and what it may do there, and keeps no token', async () => {
    const invited = await invitations.complete(discord, await consent());
    expect(invited).toEqual({
      accountId: 'default',
      bot: { applicationId: '100000000000000001', botId: '100000000000000001', name: 'demo_bot' },
      place: {
        id: GUILD,
        name: 'Other server',
        permissions: ['VIEW_CHANNEL', 'SEND_MESSAGES', 'MODERATE_MEMBERS'],
      },
      person: { id: '200000000000000009', name: 'owner' },
      refusedPermissions: [],
    });
    expect(await countTokens()).toBe(0);
    expect(await accounts.count()).toBe(0);
  });

  it('takes an answer once, within its time, and from who asked', async () => {
    const answer = await consent();
    expect(await faultOf(invitations.complete(discord, answer, 'somebody else'))).toBe(
      'STATE_OF_ANOTHER_CALLER',
    );
    await invitations.complete(discord, answer, CALLER.id);
    expect(await faultOf(invitations.complete(discord, answer))).toBe('STATE_USED');
    const late = await consent();
    await database.change('UPDATE oauth_states SET expires_at = now()');
    expect(await faultOf(invitations.complete(discord, late))).toBe('STATE_EXPIRED');
    expect(await faultOf(invitations.complete(discord, { ...late, state: 'made up' }))).toBe(
      'STATE_UNKNOWN',
    );
    expect(await countEvents()).toBe(1);
  });

  it('stops at a no, and at a code that is none', async () => {
    const denied = await consent({ sandbox_deny: '1' });
    expect(await faultOf(invitations.complete(discord, denied))).toBe('ACCESS_DENIED');
    const answer = await consent();
    expect(await faultOf(invitations.complete(discord, { ...answer, code: 'x' }))).toBe(
      'CODE_REFUSED',
    );
    expect(await countEvents()).toBe(0);
  });

  it.each([
    '/api/oauth2/token',
    '/api/v10/oauth2/@me',
    '/api/v10/oauth2/applications/@me',
    `/api/v10/guilds/${GUILD}`,
  ])('claims nothing while %s is away, and keeps no token', async (path) => {
    const answer = await consent();
    await breakDiscord(path);
    expect(await faultOf(invitations.complete(discord, answer))).toBe('PLATFORM_DOWN');
    expect([await countEvents(), await countTokens()]).toEqual([0, 0]);
  });

  it('claims nothing for a bot that was thrown out before the answer came', async () => {
    const answer = await consent();
    await sandbox.control('POST', '/sandbox/reset', { keep_grants: true });
    expect(await faultOf(invitations.complete(discord, answer))).toBe('BOT_NOT_ADDED');
    expect([await countEvents(), await countTokens()]).toEqual([0, 0]);
  });

  it('does not take the bot of another application for the one that was let in', async () => {
    const { token } = await sandbox.control<{ token: string }>('POST', '/sandbox/discord/bots', {
      id: '42',
    });
    await accounts.store(discord, '42', { accessToken: token }, CALLER.id);
    const answer = await consent({ sandbox_guild: GUILD }, discord, '42');
    await expect(invitations.complete(discord, answer)).rejects.toMatchObject({
      fault: 'ACCOUNT_DIFFERS',
      message: expect.stringMatching(/belongs to 42$/) as string,
    });
    expect(await countTokens()).toBe(0);
  });

  it('says so when the token of the bot is worth nothing', async () => {
    const answer = await consent();
    await sandbox.control('POST', '/sandbox/discord/reset-token', { id: '100000000000000001' });
    expect(await faultOf(invitations.complete(discord, answer))).toBe('BOT_REFUSED');
  });

  it.each<[Partial<BotSettings>, RegExp]>([
    [{ clientId: '', clientSecret: '' }, /set DISCORD_CLIENT_ID and DISCORD_CLIENT_SECRET and/],
    [{ clientSecret: '' }, /set DISCORD_CLIENT_SECRET and start/],
    [{ botToken: '' }, /set DISCORD_BOT_TOKEN and start/],
  ])('cannot begin with %j', async (settings, says) => {
    await expect(consent({}, aimDiscord(sandbox, settings))).rejects.toMatchObject({
      code: 'ACCOUNT_NOT_CONNECTED',
      message: expect.stringMatching(says) as string,
    });
  });
});
