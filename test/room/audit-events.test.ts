// Real: PostgreSQL, the vault, axios, and Twitch's OAuth server as the sandbox plays it, over HTTP.
// Fake: the replicas, which are objects with a pool each in this one process.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../../src/accounts/accounts.js';
import { Tokens } from '../../src/accounts/tokens.js';
import { AuditEvents } from '../../src/journal/audit-events.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import { describeEvent, INSERT_EVENT } from '../../src/database/audit-event.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import type { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimTwitch, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeTokens } from '../support/own-credentials.js';
import { NO_KEY_CALLERS } from '../support/callers.js';

const ACCOUNT = '1001';
const CALLER = 'console';
const CONFIG = { TOKEN_REFRESH_BUFFER: 300 } as Config;
const VAULT = new Vault([{ id: 'k1', key: randomBytes(32) }]);

interface Replica {
  readonly tokens: Tokens;
  readonly accounts: Accounts;
}

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let twitch: TwitchPlatform;
let transport: AxiosTransport;
let replicas: [Replica, Replica, Replica];
let events: AuditEvents;

async function joinReplica(): Promise<Replica> {
  const own = await shared.join();
  const tokens = makeTokens(own, VAULT, transport);
  const rows = own.dataSource.getRepository(AccountRow);
  return { tokens, accounts: new Accounts(rows, own, VAULT, tokens, transport, CONFIG) };
}

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  twitch = aimTwitch(sandbox);
  events = new AuditEvents(database, NO_KEY_CALLERS);
  replicas = [await joinReplica(), await joinReplica(), await joinReplica()];
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change('TRUNCATE accounts, audit_events');
});

/** Hands a fresh grant over. */
async function store(callerId = CALLER): Promise<void> {
  const { access_token, refresh_token } = await sandbox.control<{
    access_token: string;
    refresh_token: string;
  }>('POST', '/sandbox/twitch/grants', { user_id: ACCOUNT, scopes: ['clips:edit'] });
  const given = { accessToken: access_token, refreshToken: refresh_token };
  await replicas[0].accounts.store(twitch, ACCOUNT, given, callerId);
}

/** The kinds of what happened, the newest first. */
async function listKinds(): Promise<string[]> {
  const about = { platform: 'twitch', accountId: ACCOUNT, limit: 100, before: undefined };
  const page = await events.list(about);
  return page?.entries.map(({ kind }) => kind) ?? [];
}

describe('an event', () => {
  it('is written once for a grant that died, however many callers and replicas meet it', async () => {
    await store();
    const stale = await replicas[0].tokens.read(twitch, ACCOUNT);
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    await Promise.allSettled(
      Array.from({ length: 60 }, (_, n) => replicas[n % 3]?.tokens.refresh(twitch, stale)),
    );
    // Whoever is late adds nothing.
    for (const { tokens } of replicas) await tokens.refresh(twitch, stale).catch(() => undefined);
    expect(await listKinds()).toEqual(['account.reconnect_needed', 'account.stored']);
    await store();
    await sandbox.control('POST', '/sandbox/twitch/revoke-grant', { user_id: ACCOUNT });
    const again = await replicas[1].tokens.read(twitch, ACCOUNT);
    await replicas[1].tokens.refresh(twitch, again).catch(() => undefined);
    expect((await listKinds()).filter((kind) => kind === 'account.reconnect_needed')).toHaveLength(
      2,
    );
  });

  it('is not written for a change that did not come about', async () => {
    const { accounts } = replicas[0];
    expect(await accounts.disconnect(twitch, ACCOUNT, CALLER)).toBeUndefined();
    const given = { accessToken: 'sandboxdead' };
    await expect(accounts.store(twitch, ACCOUNT, given, CALLER)).rejects.toThrow(/worth nothing/);
    expect(await listKinds()).toEqual([]);
  });

  it('and what it tells of are there together, or neither is', async () => {
    await database.change(
      `ALTER TABLE audit_events ADD CONSTRAINT full_disk CHECK (kind <> 'account.stored') NOT VALID`,
    );
    try {
      await expect(store()).rejects.toThrow(/full_disk/);
      expect(await replicas[0].accounts.count()).toBe(0);
    } finally {
      await database.change('ALTER TABLE audit_events DROP CONSTRAINT full_disk');
    }
    await store();
    await database.change(
      `ALTER TABLE audit_events ADD CONSTRAINT full_disk CHECK (kind <> 'account.removed') NOT VALID`,
    );
    try {
      await expect(replicas[0].accounts.disconnect(twitch, ACCOUNT, CALLER)).rejects.toThrow(
        /full_disk/,
      );
      expect(await replicas[0].accounts.count()).toBe(1);
    } finally {
      await database.change('ALTER TABLE audit_events DROP CONSTRAINT full_disk');
    }
  });

  it('tells of a removal whose grant could not be ended that it was removed, and no more', async () => {
    await store();
    await sandbox.control('POST', '/sandbox/faults', {
      match: { path: '/twitch/oauth2/revoke' },
      times: 2,
      fault: { kind: 'status', status: 503 },
    });
    await replicas[0].accounts.disconnect(twitch, ACCOUNT, CALLER);
    expect(await listKinds()).toEqual(['account.removed', 'account.stored']);
  });

  it('takes a caller whose name no table could hold', async () => {
    await store('odd \0 \ud800 name');
    const [row] = await database.query<{ caller_id: string }>('SELECT caller_id FROM audit_events');
    expect(row?.caller_id).toBe('odd \uFFFD \uFFFD name');
  });
});

/** Events of one moment and of several, written in a mixed order. */
async function fillHistory(): Promise<void> {
  for (let index = 0; index < 30; index += 1) {
    await database.change(INSERT_EVENT, [
      describeEvent({
        kind: 'account.stored',
        callerId: CALLER,
        platform: 'twitch',
        accountId: index % 3 === 0 ? 'other' : ACCOUNT,
        details: { index },
      }),
    ]);
  }
  await database.change(
    `UPDATE audit_events SET happened_at = '2026-01-01Z'::timestamptz
       + make_interval(secs => ((details->>'index')::int * 7) % 5)`,
  );
}

describe('a history', () => {
  it.each([1, 2, 7, 20, 100])('is whole in parts of %i', async (limit) => {
    await fillHistory();
    const rows = await database.query<{ id: string }>(
      'SELECT id FROM audit_events WHERE account_id = $1 ORDER BY happened_at DESC, id DESC',
      [ACCOUNT],
    );
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await events.list({ platform: 'twitch', accountId: ACCOUNT, limit, before });
      if (!page) throw new Error('a cursor was not known again');
      expect(page.entries.length).toBeLessThanOrEqual(limit);
      seen.push(...page.entries.map(({ id }) => id));
      before = page.next_cursor ?? undefined;
    } while (before !== undefined);
    expect(seen).toEqual(rows.map(({ id }) => id));
    expect(seen).toHaveLength(20);
  });

  it('is not entered by a cursor of another', async () => {
    await fillHistory();
    const other = { platform: 'twitch', accountId: 'other', limit: 3, before: undefined };
    const page = await events.list(other);
    const before = page?.next_cursor ?? undefined;
    expect(before).toBeDefined();
    const wish = { platform: 'twitch', accountId: ACCOUNT, limit: 3, before };
    expect(await events.list(wish)).toBeUndefined();
  });
});
