// Real: PostgreSQL, the vault, axios, and Twitch's OAuth server as the sandbox plays it, over HTTP.
// Fake: the replicas, which are objects with a pool each in this one process.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.js';
import type { AccountTokens } from '../../src/accounts/account-grant.js';
import { findMissingScopes } from '../../src/accounts/account-view.js';
import { Tokens } from '../../src/accounts/tokens.js';
import type { HeldCredential } from '../../src/accounts/held-credential.js';
import { TokenValidation } from '../../src/accounts/validation.js';
import { Verification } from '../../src/accounts/verification.js';
import type { ActionFailure } from '../../src/actions/failures.js';
import type { PlatformSettings } from '../../src/actions/platform.js';
import { type Delivery, Transport, type WireRequest } from '../../src/actions/wire.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import type { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimTwitch, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeTokens } from '../support/own-credentials.js';
import { makePromise } from '../support/promise.js';

const ACCOUNT = '1001';
const CALLER = 'console';
const SCOPES = ['user:write:chat', 'channel:manage:raids'];
const CONFIG = { TOKEN_REFRESH_BUFFER: 300 } as Config;
const KEY = { id: 'k1', key: randomBytes(32) };

/** What one replica of the gateway would hold. */
interface Replica {
  readonly tokens: Tokens;
  readonly accounts: Accounts;
  readonly validation: TokenValidation;
  readonly verification: Verification;
}

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let twitch: TwitchPlatform;
let transport: AxiosTransport;
let replicas: [Replica, Replica, Replica];

async function joinReplica(vault = new Vault([KEY])): Promise<Replica> {
  const own = await shared.join();
  const tokens = makeTokens(own, vault, transport);
  const rows = own.dataSource.getRepository(AccountRow);
  const verification = new Verification(own, tokens, transport);
  return {
    tokens,
    accounts: new Accounts(rows, own, vault, tokens, transport, CONFIG),
    validation: new TokenValidation(own, verification),
    verification,
  };
}

/** Twitch as somebody would configure it. */
const configure = (more: Partial<PlatformSettings> = {}): TwitchPlatform =>
  aimTwitch(sandbox, more);

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  twitch = configure();
  replicas = [await joinReplica(), await joinReplica(), await joinReplica()];
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change('DELETE FROM accounts');
});

/** A grant that a person gave just now. */
async function grant(
  seconds = 14_400,
  userId = ACCOUNT,
): Promise<Required<Omit<AccountTokens, 'client'>>> {
  const given = await sandbox.control<{ access_token: string; refresh_token: string }>(
    'POST',
    '/sandbox/twitch/grants',
    { user_id: userId, scopes: SCOPES, expires_in: seconds },
  );
  return {
    accessToken: given.access_token,
    refreshToken: given.refresh_token,
    expiresIn: seconds,
    scopes: SCOPES,
    login: 'somebody',
  };
}

/** Connects the account, and gives its credential as a replica would hold it. */
async function connect(seconds?: number): Promise<HeldCredential> {
  const { accounts, tokens } = replicas[0];
  await accounts.store(twitch, ACCOUNT, await grant(seconds), CALLER);
  return tokens.read(twitch, ACCOUNT);
}

interface RawRow extends AccountRow {
  readonly [column: string]: unknown;
}

async function findRow(): Promise<RawRow> {
  const [row] = await database.query<RawRow>('SELECT * FROM accounts WHERE account_id = $1', [
    ACCOUNT,
  ]);
  if (!row) throw new Error('The account is gone');
  return row;
}

const breakServer = (path: string, fault: object, times = 1): Promise<unknown> =>
  sandbox.control('POST', '/sandbox/faults', {
    match: { path: `/twitch/oauth2/${path}` },
    times,
    fault,
  });

/** How often an endpoint was asked since the test began. */
async function countCalls(endpoint: 'token' | 'validate'): Promise<number> {
  const requests = await sandbox.requestsSince(begun);
  return requests.filter(({ path }) => path === `/twitch/oauth2/${endpoint}`).length;
}
let begun = 0;
beforeEach(async () => {
  begun = await sandbox.lastSeq();
});

/** Whether Twitch takes a token. */
async function isTaken({ accessToken }: HeldCredential): Promise<boolean> {
  const delivery = await transport.deliver(
    {
      method: 'GET',
      url: `${twitch.apiUrl}/users`,
      headers: twitch.authorize({ accountId: ACCOUNT, accessToken, scopes: [] }),
    },
    5_000,
  );
  return delivery.kind === 'answered' && delivery.answer.status === 200;
}

/** An action that needs these scopes, and takes no others for them. */
function needing(scopes: readonly string[]) {
  return { scopes, otherScopes: new Map<string, readonly string[]>() };
}

describe('an account', () => {
  it('is stored so that no row holds the text of a token', async () => {
    const tokens = await grant();
    await replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER);
    const row = await findRow();
    expect(JSON.stringify(row)).not.toContain(tokens.accessToken);
    expect(JSON.stringify(row)).not.toContain(tokens.refreshToken);
    expect(row.access_token).toMatch(/^v1\.k1\./);
    expect(row.refresh_token).toMatch(/^v1\.k1\./);
    expect(await replicas[1].tokens.read(twitch, ACCOUNT)).toMatchObject({
      accountId: ACCOUNT,
      accessToken: tokens.accessToken,
      renewable: true,
      version: 1,
    });
  });

  it('is shown with what Twitch says of its token, and without the token', async () => {
    const tokens = await grant(1_000);
    const wrong = { ...tokens, login: 'wrong', scopes: ['wrong'], expiresIn: 5 };
    const view = await replicas[0].accounts.store(twitch, ACCOUNT, wrong, CALLER);
    expect(view).toMatchObject({
      platform: 'twitch',
      account_id: ACCOUNT,
      login: 'demo_channel',
      scopes: SCOPES,
      state: 'connected',
      reason: '',
      renewable: true,
      validated_at: expect.any(String) as string,
    });
    const left = Date.parse(view.expires_at ?? '') - Date.now();
    expect(left).toBeGreaterThan(900_000);
    expect(left).toBeLessThan(1_100_000);
    expect(JSON.stringify(view)).not.toContain(tokens.accessToken);
    expect(await replicas[1].accounts.find('twitch', ACCOUNT)).toEqual(view);
    expect(await replicas[1].accounts.list()).toEqual([view]);
    expect(await replicas[1].accounts.list('discord')).toEqual([]);
    expect(await replicas[1].accounts.count('twitch')).toBe(1);
  });

  it('refuses a token that belongs to another', async () => {
    const tokens = await grant(1_000, '1003');
    await expect(replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER)).rejects.toMatchObject(
      {
        code: 'INVALID_INPUT',
        message: 'access_token: belongs to Twitch account 1003 (raid_friend), not to 1001',
      },
    );
    expect(await replicas[0].accounts.count()).toBe(0);
  });

  it('whose access token is over is renewed before it is stored, and proven', async () => {
    const tokens = await grant();
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: ACCOUNT });
    const view = await replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER);
    expect(view).toMatchObject({ login: 'demo_channel', scopes: SCOPES });
    expect(view.validated_at).not.toBeNull();
    const held = await replicas[1].tokens.read(twitch, ACCOUNT);
    expect(held.accessToken).not.toBe(tokens.accessToken);
    expect(await isTaken(held)).toBe(true);
    // The refresh token that came with the fresh one is held, not the one that was used.
    expect(await isTaken(await replicas[1].tokens.refresh(twitch, held))).toBe(true);
  });

  it('refuses a refresh token that belongs to another, however dead the access token', async () => {
    const tokens = await grant(1_000, '1003');
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: '1003' });
    await expect(replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER)).rejects.toMatchObject(
      {
        code: 'INVALID_INPUT',
        message:
          'refresh_token: belongs to Twitch account 1003 (raid_friend), not to 1001; finding that out has used it up, so that account has to be connected again',
      },
    );
    expect(await replicas[0].accounts.count()).toBe(0);
  });

  it('refuses tokens that are dead both', async () => {
    const tokens = await grant();
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    await expect(replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER)).rejects.toMatchObject(
      {
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/^refresh_token: is worth nothing/) as string,
      },
    );
  });

  it('stores nothing that it cannot prove while the token server is away', async () => {
    const tokens = await grant();
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: ACCOUNT });
    await breakServer('token', { kind: 'status', status: 503 });
    await expect(replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER)).rejects.toMatchObject(
      { code: 'PLATFORM_DOWN' },
    );
    expect(await replicas[0].accounts.count()).toBe(0);
    const view = await replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER);
    expect(view.validated_at).not.toBeNull();
  });

  it("takes the caller's word while Twitch is away", async () => {
    await breakServer('validate', { kind: 'status', status: 503 });
    const view = await replicas[0].accounts.store(twitch, ACCOUNT, await grant(1_000), CALLER);
    expect(view).toMatchObject({ login: 'somebody', scopes: SCOPES, validated_at: null });
    expect(view.expires_at).not.toBeNull();
  });

  it('may come without a refresh token and without an end', async () => {
    await breakServer('validate', { kind: 'reset', when: 'before' });
    const { accessToken } = await grant();
    const view = await replicas[0].accounts.store(twitch, ACCOUNT, { accessToken }, CALLER);
    expect(view).toMatchObject({ renewable: false, expires_at: null, scopes: [], login: '' });
    const credential = await replicas[0].accounts.use(twitch, ACCOUNT);
    expect(credential).toMatchObject({ renewable: false, expiresAt: undefined });
    // Nothing is refused for scopes that the platform has not named: it is asked itself.
    expect(findMissingScopes(needing(SCOPES), credential)).toEqual([]);
  });

  it('that is connected anew forgets what was wrong with it', async () => {
    await connect();
    await database.change(
      `UPDATE accounts SET reconnect_reason = 'gone', refresh_holder = $1, refresh_until = now() + interval '1 hour'`,
      [randomUUID()],
    );
    await expect(replicas[1].accounts.use(twitch, ACCOUNT)).rejects.toMatchObject({
      code: 'RECONNECT_ACCOUNT',
      message: 'Twitch account 1001 must be connected again. gone',
    });
    const tokens = await grant();
    await replicas[0].accounts.store(twitch, ACCOUNT, tokens, CALLER);
    const credential = await replicas[1].accounts.use(twitch, ACCOUNT);
    expect(credential).toMatchObject({ accessToken: tokens.accessToken, version: 2 });
    expect(await findRow()).toMatchObject({ refresh_holder: null, refresh_until: null });
  });

  it('that is not there is said to be so, before and after', async () => {
    const [{ accounts }] = replicas;
    const missing = { code: 'ACCOUNT_NOT_CONNECTED' };
    await expect(accounts.use(twitch, ACCOUNT)).rejects.toMatchObject(missing);
    await connect();
    expect(await accounts.disconnect(twitch, ACCOUNT, CALLER)).toBe('ended');
    expect(await accounts.disconnect(twitch, ACCOUNT, CALLER)).toBeUndefined();
    await expect(accounts.use(twitch, ACCOUNT)).rejects.toMatchObject(missing);
  });

  it('is read by a replica that has a newer key, and sealed with that from then on', async () => {
    const stale = await connect();
    const K2 = { id: 'k2', key: randomBytes(32) };
    const rotated = await joinReplica(new Vault([K2, KEY]));
    expect(await rotated.tokens.read(twitch, ACCOUNT)).toEqual(stale);
    const fresh = await rotated.tokens.refresh(twitch, stale);
    expect((await findRow()).access_token).toMatch(/^v1\.k2\./);
    const last = await joinReplica(new Vault([K2]));
    expect(await last.tokens.read(twitch, ACCOUNT)).toEqual(fresh);
  });
});

describe('a refresh', () => {
  it('is sent once for fifty callers at three replicas', async () => {
    const stale = await connect();
    const fresh = await Promise.all(
      Array.from({ length: 50 }, (_, n) => replicas[n % 3]?.tokens.refresh(twitch, stale)),
    );
    expect(await countCalls('token')).toBe(1);
    const [first] = fresh;
    for (const credential of fresh) expect(credential).toEqual(first);
    expect(first?.accessToken).not.toBe(stale.accessToken);
    expect(first?.version).toBe(2);
    expect(first && (await isTaken(first))).toBe(true);
    expect(await findRow()).toMatchObject({
      refresh_holder: null,
      refresh_until: null,
      refreshed_at: expect.any(Date) as Date,
    });
  });

  it('is not sent by who comes later with the old token', async () => {
    const stale = await connect();
    const fresh = await replicas[0].tokens.refresh(twitch, stale);
    expect(await replicas[1].tokens.refresh(twitch, stale)).toEqual(fresh);
    expect(await replicas[0].tokens.refresh(twitch, stale)).toEqual(fresh);
    expect(await countCalls('token')).toBe(1);
  });

  it('can follow a refresh, with the refresh token that came with it', async () => {
    let credential = await connect();
    for (const { tokens } of replicas) credential = await tokens.refresh(twitch, credential);
    expect(credential.version).toBe(4);
    expect(await isTaken(credential)).toBe(true);
    expect(await countCalls('token')).toBe(3);
  });

  it('that Twitch refuses marks the account once, and everybody is told', async () => {
    const stale = await connect();
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) => replicas[n % 3]?.tokens.refresh(twitch, stale)),
    );
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'RECONNECT_ACCOUNT',
          message:
            'Twitch account 1001 must be connected again. Twitch no longer accepts the grant: the person revoked it or it ran out',
        },
      });
    }
    expect(await countCalls('token')).toBe(1);
    expect(await replicas[1].accounts.find('twitch', ACCOUNT)).toMatchObject({
      state: 'reconnect',
      reason: 'Twitch no longer accepts the grant: the person revoked it or it ran out',
    });
    await expect(replicas[2].accounts.use(twitch, ACCOUNT)).rejects.toMatchObject({
      code: 'RECONNECT_ACCOUNT',
    });
    expect(await countCalls('token')).toBe(1);
  });

  const faults: readonly [name: string, fault: object][] = [
    ['a reset', { kind: 'reset', when: 'before' }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a 503', { kind: 'status', status: 503 }],
    ['a 429', { kind: 'status', status: 429 }],
    ['a page', { kind: 'status', status: 200, body: '<h1>hello</h1>' }],
    [
      'a 403 about our secret',
      { kind: 'status', status: 403, body: { message: 'invalid client secret' } },
    ],
  ];

  it.each(faults)(
    'that meets %s leaves the account connected and the way free',
    async (_name, fault) => {
      const stale = await connect();
      await breakServer('token', fault);
      await expect(replicas[0].tokens.refresh(twitch, stale)).rejects.toMatchObject({
        code: 'PLATFORM_DOWN',
      });
      expect(await findRow()).toMatchObject({
        reconnect_reason: null,
        refresh_holder: null,
        refresh_until: null,
        version: 1,
      });
      expect(await isTaken(await replicas[1].tokens.refresh(twitch, stale))).toBe(true);
    },
  );

  it.each<Partial<PlatformSettings>>([{ clientId: 'mistyped' }, { clientSecret: 'mistyped' }])(
    'with a wrong configuration (%j) costs no account its grant',
    async (mistake) => {
      const stale = await connect();
      const misconfigured = configure(mistake);
      await expect(replicas[0].tokens.refresh(misconfigured, stale)).rejects.toMatchObject({
        code: 'PLATFORM_DOWN',
      });
      expect(await replicas[0].tokens.refresh(twitch, stale)).toMatchObject({ version: 2 });
    },
  );

  it('is taken over by another replica when the first meets a fault', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'status', status: 500 });
    const results = await Promise.allSettled(
      replicas.map(({ tokens }) => tokens.refresh(twitch, stale)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
    ]);
    expect(await countCalls('token')).toBe(2);
  });

  it('whose answer got lost has lost the grant, and says so', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'cut-body' });
    await expect(replicas[0].tokens.refresh(twitch, stale)).rejects.toMatchObject({
      code: 'PLATFORM_DOWN',
    });
    await expect(replicas[1].tokens.refresh(twitch, stale)).rejects.toMatchObject({
      code: 'RECONNECT_ACCOUNT',
      message: expect.stringContaining('a renewal before this one was cut off') as string,
    });
  });

  it.each([
    ['500', { kind: 'status', status: 500 }, 500],
    ['a page', { kind: 'status', status: 200, body: '<h1>hello</h1>' }, 500],
    ['a 429', { kind: 'status', status: 429, headers: { 'retry-after': '120' } }, 110_000],
  ])(
    'is asked for a few times by many callers while the server answers with %s, who are told when to come',
    async (_name, fault, leastMs) => {
      const stale = await connect();
      await breakServer('token', fault, 100);
      const causes: unknown[] = [];
      for (let round = 0; round < 10; round += 1) {
        const calls = replicas.map(({ tokens }) => tokens.refresh(twitch, stale));
        for (const result of await Promise.allSettled(calls))
          causes.push('reason' in result ? result.reason : result.value);
      }
      expect(causes).toHaveLength(30);
      const told = causes.map((cause) => (cause as ActionFailure).details.retryAfterMs ?? 0);
      expect(causes.map((cause) => (cause as ActionFailure).code)).toEqual(
        causes.map(() => 'PLATFORM_DOWN'),
      );
      expect(Math.min(...told)).toBeGreaterThanOrEqual(leastMs);
      expect(await countCalls('token')).toBeLessThanOrEqual(3);
      expect((await findRow()).reconnect_reason).toBeNull();
    },
  );

  it('is asked for again when the backoff is over, and with another credential before that', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'status', status: 429, headers: { 'retry-after': '600' } });
    const [first, second] = replicas;
    await expect(first.tokens.refresh(twitch, stale)).rejects.toThrow('429');
    await expect(second.tokens.refresh(twitch, stale)).rejects.toThrow('asked again in 600 s');
    expect(await countCalls('token')).toBe(1);
    await first.accounts.store(twitch, ACCOUNT, await grant(), CALLER);
    const newer = await second.tokens.read(twitch, ACCOUNT);
    expect(await second.tokens.refresh(twitch, newer)).toMatchObject({ version: 3 });
    const later = await connect();
    await breakServer('token', { kind: 'status', status: 503 });
    await expect(first.tokens.refresh(twitch, later)).rejects.toMatchObject({
      code: 'PLATFORM_DOWN',
    });
    await database.change('UPDATE accounts SET refresh_backoff_until = now()');
    expect(await isTaken(await second.tokens.refresh(twitch, later))).toBe(true);
  });

  it('waits for an answer that takes long, keeps its lease meanwhile, and stores it', async () => {
    const stale = await connect();
    const { promise: answer, resolve } = makePromise<Delivery>();
    const patience: number[] = [];
    const slow = new (class extends Transport {
      deliver(_request: WireRequest, timeoutMs: number): Promise<Delivery> {
        patience.push(timeoutMs);
        return answer;
      }
    })();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const tokens = makeTokens(await shared.join(), new Vault([KEY]), slow);
      const refreshing = tokens.refresh(twitch, stale);
      await expect.poll(() => patience).toEqual([60_000]);
      // As if fifteen of its twenty seconds had gone by.
      await database.change(`UPDATE accounts SET refresh_until = now() + interval '5 seconds'`);
      const leftSeconds = async (): Promise<number> => {
        const [row] = await database.query<{ left: number }>(
          'SELECT extract(epoch FROM refresh_until - now())::float8 AS left FROM accounts',
        );
        return row?.left ?? 0;
      };
      vi.advanceTimersByTime(5_000);
      await expect.poll(leftSeconds).toBeGreaterThan(15);
      let isIdle = false;
      const idle = tokens.whenIdle().then(() => (isIdle = true));
      expect(await replicas[1].tokens.read(twitch, ACCOUNT)).toMatchObject({ version: 1 });
      expect(isIdle).toBe(false);
      const body = { access_token: 'late', refresh_token: 'rotated', expires_in: 3_600 };
      resolve({ kind: 'answered', answer: { status: 200, headers: {}, body } });
      await idle;
      expect(await replicas[1].tokens.read(twitch, ACCOUNT)).toMatchObject({
        accessToken: 'late',
        version: 2,
      });
      expect(await refreshing).toMatchObject({ accessToken: 'late' });
      expect((await findRow()).refresh_until).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is stored again where the database has lost it, and nowhere else', async () => {
    const stale = await connect();
    const before = await findRow();
    const [{ tokens }, other] = replicas;
    const fresh = await tokens.refresh(twitch, stale);
    await tokens.restoreRenewals();
    expect(await findRow()).toMatchObject({
      version: 2,
      access_token: expect.any(String) as string,
    });
    // What a failover to a server that lagged behind leaves of it, and what the next renewal makes of that.
    await database.change(
      `UPDATE accounts SET version = 1, access_token = $1, refresh_token = $2,
         reconnect_reason = 'its refresh token was used up'`,
      [before.access_token, before.refresh_token],
    );
    await tokens.restoreRenewals();
    const { accessToken, version } = fresh;
    const restored = await other.tokens.read(twitch, ACCOUNT);
    expect(restored).toMatchObject({ accessToken, version });
    expect(Math.abs((restored.expiresAt ?? 0) - (fresh.expiresAt ?? 0))).toBeLessThan(2_000);
    expect(await isTaken(await other.tokens.refresh(twitch, fresh))).toBe(true);
    await tokens.restoreRenewals();
    expect(await findRow()).toMatchObject({ version: 3, reconnect_reason: null });
  });

  it('waits for a replica that holds the lease, and takes over when it was killed', async () => {
    const stale = await connect();
    await database.change(
      `UPDATE accounts SET refresh_holder = $1, refresh_until = now() + interval '1 hour'`,
      [randomUUID()],
    );
    const waiting = Promise.all(replicas.map(({ tokens }) => tokens.refresh(twitch, stale)));
    // Each of them has asked for the lease in vain, and has asked again.
    const asked = vi.spyOn(Database.prototype, 'query');
    const countAsked = (): number =>
      asked.mock.calls.filter(([sql]) => sql.includes('SET refresh_holder')).length;
    await expect.poll(countAsked).toBeGreaterThanOrEqual(3 * replicas.length);
    asked.mockRestore();
    expect(await countCalls('token')).toBe(0);
    await database.change(`UPDATE accounts SET refresh_until = now() - interval '1 second'`);
    const fresh = await waiting;
    expect(await countCalls('token')).toBe(1);
    expect(new Set(fresh.map(({ accessToken }) => accessToken)).size).toBe(1);
  });

  it('holds a lease of twenty seconds while it is on its way, and no connection', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'delay', ms: 1_000 });
    const refreshing = replicas[0].tokens.refresh(twitch, stale);
    await expect.poll(async () => (await findRow()).refresh_holder).not.toBeNull();
    const [row] = await database.query<{ seconds: number; busy: string }>(
      `SELECT extract(epoch FROM refresh_until - now())::float AS seconds,
         (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND state = 'idle in transaction') AS busy FROM accounts`,
    );
    expect(row?.seconds).toBeGreaterThan(10);
    expect(row?.seconds).toBeLessThanOrEqual(20);
    expect(Number(row?.busy)).toBe(0);
    await refreshing;
  });

  it('gives way to a person who connects the account meanwhile', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'delay', ms: 500 });
    const refreshing = replicas[0].tokens.refresh(twitch, stale);
    await expect.poll(async () => (await findRow()).refresh_holder).not.toBeNull();
    const theirs = await grant();
    await replicas[1].accounts.store(twitch, ACCOUNT, theirs, CALLER);
    expect(await refreshing).toMatchObject({ accessToken: theirs.accessToken, version: 2 });
    expect(await replicas[2].tokens.read(twitch, ACCOUNT)).toMatchObject({
      accessToken: theirs.accessToken,
      version: 2,
    });
  });

  it('that Twitch refuses is no fault of the token a person brought meanwhile', async () => {
    const stale = await connect();
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    await breakServer('token', { kind: 'delay', ms: 500 });
    const refreshing = replicas[0].tokens.refresh(twitch, stale);
    await expect.poll(async () => (await findRow()).refresh_holder).not.toBeNull();
    const theirs = await grant();
    await replicas[1].accounts.store(twitch, ACCOUNT, theirs, CALLER);
    expect(await refreshing).toMatchObject({ accessToken: theirs.accessToken });
    expect((await findRow()).reconnect_reason).toBeNull();
  });

  it('leaves an account alone that was removed and connected anew meanwhile', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'delay', ms: 500 });
    const refreshing = replicas[0].tokens.refresh(twitch, stale);
    await expect.poll(async () => (await findRow()).refresh_holder).not.toBeNull();
    await database.change('DELETE FROM accounts');
    const theirs = await grant();
    await replicas[1].accounts.store(twitch, ACCOUNT, theirs, CALLER);
    await refreshing;
    expect(await replicas[2].tokens.read(twitch, ACCOUNT)).toMatchObject({
      accessToken: theirs.accessToken,
      version: 1,
    });
  });

  it('that comes late takes back what was said of the account meanwhile', async () => {
    const stale = await connect();
    await breakServer('token', { kind: 'delay', ms: 500 });
    const refreshing = replicas[0].tokens.refresh(twitch, stale);
    await expect.poll(async () => (await findRow()).refresh_holder).not.toBeNull();
    await database.change(
      "UPDATE accounts SET reconnect_reason = 'somebody was refused', refresh_holder = NULL",
    );
    expect(await refreshing).toMatchObject({ version: 2 });
    expect((await findRow()).reconnect_reason).toBeNull();
    const events = await database.query<{ kind: string }>(
      'SELECT kind FROM audit_events ORDER BY happened_at DESC, id DESC LIMIT 1',
    );
    expect(events).toEqual([{ kind: 'account.recovered' }]);
  });

  it('ends no lease but its own', async () => {
    const stale = await connect();
    const answers: (() => void)[] = [];
    const slow = new (class extends Transport {
      async deliver(): Promise<Delivery> {
        await new Promise<void>((resolve) => answers.push(resolve));
        return { kind: 'unanswered', reason: 'cut' };
      }
    })();
    const tokens = makeTokens(await shared.join(), new Vault([KEY]), slow);
    const first = tokens.refresh(twitch, stale).catch((error: unknown) => error);
    await expect.poll(() => answers.length).toBe(1);
    await replicas[1].accounts.store(twitch, ACCOUNT, await grant(), CALLER);
    const second = tokens.refresh(twitch, await tokens.read(twitch, ACCOUNT));
    const lost = second.catch((error: unknown) => error);
    await expect.poll(() => answers.length).toBe(2);
    answers[0]?.();
    expect(await first).toMatchObject({ code: 'PLATFORM_DOWN' });
    expect((await findRow()).refresh_holder).not.toBeNull();
    answers[1]?.();
    expect(await lost).toMatchObject({ code: 'PLATFORM_DOWN' });
    expect((await findRow()).refresh_holder).toBeNull();
  });

  it('finds the account gone when it was removed meanwhile', async () => {
    const stale = await connect();
    await replicas[1].accounts.disconnect(twitch, ACCOUNT, CALLER);
    await expect(replicas[0].tokens.refresh(twitch, stale)).rejects.toMatchObject({
      code: 'ACCOUNT_NOT_CONNECTED',
    });
    expect(await countCalls('token')).toBe(0);
  });

  it('is impossible without a refresh token', async () => {
    const { accessToken } = await grant();
    await replicas[0].accounts.store(twitch, ACCOUNT, { accessToken }, CALLER);
    const stale = await replicas[0].tokens.read(twitch, ACCOUNT);
    await expect(replicas[0].tokens.refresh(twitch, stale)).rejects.toMatchObject({
      code: 'RECONNECT_ACCOUNT',
      message: expect.stringContaining('came without a refresh token') as string,
    });
    expect(await countCalls('token')).toBe(0);
  });
});

describe('a token about to end', () => {
  it('is renewed before it is used', async () => {
    const stale = await connect(200);
    const used = await Promise.all(
      Array.from({ length: 20 }, (_, n) => replicas[n % 3]?.accounts.use(twitch, ACCOUNT)),
    );
    expect(await countCalls('token')).toBe(1);
    expect(new Set(used.map((credential) => credential?.accessToken)).size).toBe(1);
    expect(used[0]?.accessToken).not.toBe(stale.accessToken);
  });

  it('is left alone while there is time', async () => {
    const stale = await connect(1_000);
    expect(await replicas[1].accounts.use(twitch, ACCOUNT)).toEqual(stale);
    expect(await countCalls('token')).toBe(0);
  });

  it('is left alone for a dry run', async () => {
    const stale = await connect(200);
    expect(await replicas[1].accounts.use(twitch, ACCOUNT, false)).toEqual(stale);
    expect(await countCalls('token')).toBe(0);
  });

  it('is used while it lives when the token server is away', async () => {
    const stale = await connect(200);
    await breakServer('token', { kind: 'status', status: 503 });
    expect(await replicas[1].accounts.use(twitch, ACCOUNT)).toEqual(stale);
  });

  it('is used while it lives when the token server says nothing at all', async () => {
    const stale = await connect(200);
    await breakServer('token', { kind: 'hang' });
    const deliveries = vi.spyOn(AxiosTransport.prototype, 'deliver');
    expect(await replicas[1].accounts.use(twitch, ACCOUNT)).toEqual(stale);
    // The answer came while the token server still had time to answer.
    expect(deliveries.mock.settledResults).toMatchObject([{ type: 'incomplete' }]);
    deliveries.mockRestore();
    expect(await replicas[1].accounts.use(twitch, ACCOUNT)).toEqual(stale);
  });

  it('is not used once it is dead, whichever service is away', async () => {
    await connect(200);
    await database.change(`UPDATE accounts SET expires_at = now() - interval '1 second'`);
    await breakServer('token', { kind: 'status', status: 503 });
    await expect(replicas[1].accounts.use(twitch, ACCOUNT)).rejects.toMatchObject({
      code: 'PLATFORM_DOWN',
    });
  });

  it('is not used when its grant is dead', async () => {
    await connect(200);
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    await expect(replicas[1].accounts.use(twitch, ACCOUNT)).rejects.toMatchObject({
      code: 'RECONNECT_ACCOUNT',
    });
  });
});

/** Lets time pass since the last validation. */
const age = (minutes: number): Promise<number> =>
  database.change('UPDATE accounts SET validated_at = now() - make_interval(mins => $1)', [
    minutes,
  ]);

/** All replicas used the account, and all find at once that an hour has passed. */
async function validateEverywhere(): Promise<void> {
  await Promise.all(
    replicas.map(({ validation }) => {
      validation.noteUse(twitch, ACCOUNT);
      validation.noteUse(twitch, ACCOUNT);
      return validation.validateDue();
    }),
  );
}

describe('the hourly validation', () => {
  it('is done once in the whole cluster', async () => {
    await connect();
    const stored = await countCalls('validate');
    await validateEverywhere();
    expect(await countCalls('validate')).toBe(stored);
    await age(61);
    await validateEverywhere();
    expect(await countCalls('validate')).toBe(stored + 1);
    await validateEverywhere();
    expect(await countCalls('validate')).toBe(stored + 1);
    await age(59);
    await validateEverywhere();
    expect(await countCalls('validate')).toBe(stored + 1);
  });

  it('is due at once for a token that Twitch never saw', async () => {
    await breakServer('validate', { kind: 'status', status: 503 });
    await connect();
    await database.change(`UPDATE accounts SET scopes = '{}', login = ''`);
    await validateEverywhere();
    expect(await replicas[0].accounts.find('twitch', ACCOUNT)).toMatchObject({
      login: 'demo_channel',
      scopes: SCOPES,
    });
  });

  it('renews a token that Twitch no longer takes', async () => {
    const stale = await connect();
    await sandbox.control('POST', '/sandbox/twitch/expire', { user_id: ACCOUNT });
    await age(61);
    await validateEverywhere();
    const fresh = await replicas[0].tokens.read(twitch, ACCOUNT);
    expect(fresh.version).toBe(stale.version + 1);
    expect(await isTaken(fresh)).toBe(true);
    expect(await countCalls('token')).toBe(1);
  });

  it('finds that a person has taken back the grant', async () => {
    await connect();
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    await age(61);
    await validateEverywhere();
    expect(await replicas[0].accounts.find('twitch', ACCOUNT)).toMatchObject({
      state: 'reconnect',
    });
  });

  it.each([
    ['reset', { kind: 'reset', when: 'before' }],
    ['status', { kind: 'status', status: 500 }],
    ['status', { kind: 'status', status: 200, body: '<h1>hello</h1>' }],
  ])('takes a server that is away for no answer (%s)', async (_kind, fault) => {
    const stale = await connect();
    await age(61);
    await breakServer('validate', fault);
    await validateEverywhere();
    expect(await replicas[0].accounts.find('twitch', ACCOUNT)).toMatchObject({
      state: 'connected',
      login: 'demo_channel',
      scopes: SCOPES,
    });
    expect(await replicas[0].tokens.read(twitch, ACCOUNT)).toEqual(stale);
  });

  it('is not done for an unused account, or a removed one', async () => {
    await connect();
    await age(61);
    const unused = await joinReplica();
    const stored = await countCalls('validate');
    await unused.validation.validateDue();
    expect(await countCalls('validate')).toBe(stored);
    await replicas[0].accounts.disconnect(twitch, ACCOUNT, CALLER);
    await validateEverywhere();
    expect(await countCalls('validate')).toBe(stored);
  });
});
