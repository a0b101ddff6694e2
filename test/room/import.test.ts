// Real: PostgreSQL with the earlier services' tables, our own database, the built command as a process.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readList, readTime } from '../../src/accounts/token-import.js';
import { type Delivery, Transport, type WireRequest } from '../../src/actions/wire.js';
import { deriveId } from '../../src/journal/history-import.js';
import { AccountRow } from '../../src/database/account-row.js';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { YouTubePlatform } from '../../src/platforms/youtube/youtube.platform.js';
import { createDatabase } from '../support/database.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { makeTokens } from '../support/own-credentials.js';

const KEY = randomBytes(32);
const vault = new Vault([{ id: 'k1', key: KEY }]);
const run = promisify(execFile);

const YOUTUBE = new YouTubePlatform({
  apiUrl: 'https://api.example',
  authUrl: 'https://auth.example',
  tokenUrl: 'https://auth.example/token',
  clientId: 'configured-client',
  clientSecret: 'configured-secret',
  quota: { daily: 10_000, reserve: 500, perAccount: 0 },
});

/** Google's token endpoint, which notes who asks. */
class NotingTransport extends Transport {
  readonly forms: Record<string, string>[] = [];

  async deliver({ body }: WireRequest): Promise<Delivery> {
    this.forms.push(Object.fromEntries(body as URLSearchParams));
    const answer = { access_token: 'fresh', expires_in: 3_599, token_type: 'Bearer' };
    return { kind: 'answered', answer: { status: 200, headers: {}, body: answer } };
  }
}

let shared: SharedDatabase;
let ours: Database;
let old: { url: string; drop(): Promise<void> };
let source: Client;

beforeAll(async () => {
  shared = await createSharedDatabase();
  ours = await shared.join();
  old = await createDatabase();
  source = new Client({ connectionString: old.url });
  await source.connect();
});

afterAll(async () => {
  await source?.end();
  await old?.drop();
  await shared?.close();
});

/** The tables as the earlier services made them; scopes as one text or as a list. */
async function makeTables(scopesType: 'text' | 'text[]'): Promise<void> {
  await source.query(`
    DROP TABLE IF EXISTS youtube_oauth_tokens, twitch_action_tokens, discord_actions;
    CREATE TABLE youtube_oauth_tokens (id serial PRIMARY KEY, channel_id varchar(255) UNIQUE NOT NULL,
      access_token text NOT NULL, refresh_token text, token_uri varchar(512), client_id varchar(255),
      client_secret varchar(255), scopes ${scopesType}, expires_at timestamp, created_at timestamp, updated_at timestamp);
    CREATE TABLE twitch_action_tokens (id serial PRIMARY KEY, broadcaster_id varchar(255) UNIQUE,
      access_token text, refresh_token text, token_type varchar(32), expires_at timestamp,
      scopes ${scopesType}, last_refreshed timestamp, created_at timestamp, updated_at timestamp);
    CREATE TABLE discord_actions (id serial PRIMARY KEY, action_type varchar(64), guild_id varchar(64),
      channel_id varchar(64), user_id varchar(64), success boolean, error_message text,
      request_data json, response_data json, created_at timestamp);
  `);
}

async function fillTables(scopesType: 'text' | 'text[]'): Promise<void> {
  const scopes =
    scopesType === 'text' ? `'|user:write:chat|clips:edit|'` : `'{user:write:chat,clips:edit}'`;
  await source.query(`
    INSERT INTO youtube_oauth_tokens (channel_id, access_token, refresh_token, client_id, client_secret, scopes, updated_at)
    VALUES ('UCabc', 'yt-access', 'yt-refresh', 'yt-client', 'yt-secret', ${scopes}, '2026-01-02 03:04:05');
    INSERT INTO twitch_action_tokens (broadcaster_id, access_token, refresh_token, token_type, expires_at, scopes, last_refreshed, created_at, updated_at)
    VALUES ('1001', 'tw-access', 'tw-refresh', 'bearer', '2026-01-02 07:00:00.5', ${scopes}, '2026-01-02 03:00:00', '2025-06-01 12:00:00', '2026-01-02 03:00:00'),
           ('1002', 'tw-access-2', NULL, 'bearer', NULL, NULL, NULL, NULL, NULL),
           ('../3', 'tw-access-3', '', 'bearer', NULL, NULL, NULL, NULL, NULL),
           ('1004', '', 'tw-refresh-4', 'bearer', NULL, NULL, NULL, NULL, NULL);
    INSERT INTO discord_actions (action_type, guild_id, channel_id, user_id, success, error_message, request_data, response_data, created_at)
    VALUES ('send_message', NULL, '55', NULL, true, NULL, '{"content":"a secret word"}', '{"id":"77","content":"a secret word"}', '2025-12-31 23:59:59.25'),
           ('create_webhook', NULL, '55', NULL, true, NULL, '{"name":"hook"}', '{"id":"88","token":"hook-token","url":"https://discord.com/api/webhooks/88/hook-token"}', '2026-01-01 00:00:00'),
           ('manage_role_add', '44', NULL, '66', false, 'POST https://discord.com/api/webhooks/88/hook-token failed', '{"role_id":"99"}', NULL, '2026-01-01 00:00:01'),
           ('send_embed', NULL, '55', NULL, true, NULL, NULL, NULL, NULL);
  `);
}

beforeEach(async () => {
  await ours.change('TRUNCATE accounts, actions, audit_events');
});

const importFrom = async (...more: string[]): Promise<string[]> => {
  // Another time zone than the tables': a naive time must not be taken for one of here.
  const { stdout } = await run(
    process.execPath,
    ['dist/cli/import.js', '--from', old.url, ...more],
    {
      env: {
        PATH: process.env['PATH'],
        TZ: 'America/New_York',
        DATABASE_URL: shared.url,
        SANDBOX: 'true',
        MODULE_SECRET_KEY: 'x'.repeat(64),
        TOKEN_ENCRYPTION_KEYS: `k1:${KEY.toString('base64')}`,
      },
    },
  );
  return stdout.trim().split('\n');
};

const findAccount = async (id: string): Promise<AccountRow | undefined> =>
  (await ours.query<AccountRow>('SELECT * FROM accounts WHERE account_id = $1', [id]))[0];

const readEvents = () =>
  ours.query<Record<string, unknown>>('SELECT * FROM audit_events ORDER BY id');

const readActions = () =>
  ours.query<Record<string, unknown>>('SELECT * FROM actions ORDER BY received_at');

/** The whole source as text. */
async function readSource(): Promise<string> {
  const tables = ['youtube_oauth_tokens', 'twitch_action_tokens', 'discord_actions'];
  const parts = [];
  for (const table of tables)
    parts.push((await source.query(`SELECT t::text, xmin FROM ${table} t ORDER BY id`)).rows);
  return JSON.stringify(parts);
}

describe.each(['text', 'text[]'] as const)('an import of tables with lists as %s', (type) => {
  beforeEach(async () => {
    await makeTables(type);
    await fillTables(type);
  });

  it('takes tokens over, encrypted, with their times in UTC, and leaves the source as it is', async () => {
    const before = await readSource();
    const lines = await importFrom();
    expect(lines).toEqual([
      expect.stringMatching(
        /^youtube_oauth_tokens: found 1, imported (1|0; skipped 1: .* no platform youtube)$/,
      ),
      'twitch_action_tokens: found 4, imported 2; skipped 1: its broadcaster_id is no id; skipped 1: it has no access token',
      'discord_actions: found 4, imported 3; skipped 1: it says not when it happened',
    ]);
    expect(await readSource()).toBe(before);

    const account = await findAccount('1001');
    expect(account).toMatchObject({
      platform: 'twitch',
      scopes: ['user:write:chat', 'clips:edit'],
      client_id: null,
      expires_at: new Date('2026-01-02T07:00:00.500Z'),
      refreshed_at: new Date('2026-01-02T03:00:00Z'),
      created_at: new Date('2025-06-01T12:00:00Z'),
      updated_at: new Date('2026-01-02T03:00:00Z'),
    });
    expect(vault.decrypt(account?.access_token ?? '', 'accounts/twitch/1001/access_token')).toBe(
      'tw-access',
    );
    expect(vault.decrypt(account?.refresh_token ?? '', 'accounts/twitch/1001/refresh_token')).toBe(
      'tw-refresh',
    );
    expect(await findAccount('1002')).toMatchObject({ refresh_token: null, scopes: [] });
    const everything = JSON.stringify(await ours.query('SELECT a::text AS row FROM accounts a'));
    expect(everything).not.toMatch(/tw-access|tw-refresh|yt-secret/);
  });

  it('stands in the history of each account, and with its count', async () => {
    await importFrom('--dry-run');
    expect(await readEvents()).toEqual([]);
    await importFrom();
    const events = await readEvents();
    expect(events).toMatchObject(
      [
        ['youtube', 'UCabc', { from: 'youtube_oauth_tokens', client_id: 'yt-client' }],
        ['youtube', '', { from: 'youtube_oauth_tokens', count: 1 }],
        ['twitch', '1001', { from: 'twitch_action_tokens' }],
        ['twitch', '1002', { from: 'twitch_action_tokens' }],
        ['twitch', '', { from: 'twitch_action_tokens', count: 2 }],
      ].map(([platform, account_id, details]) => ({
        kind: 'account.imported',
        caller_id: '',
        platform,
        account_id,
        details,
      })),
    );
    await importFrom();
    expect(await readEvents()).toEqual(events);
  });

  it('leaves a row of YouTube its own client: encrypted, and renewed as that one', async () => {
    await importFrom();
    const row = await findAccount('UCabc');
    expect(row?.client_id).toBe('yt-client');
    expect(JSON.stringify(row)).not.toContain('yt-secret');
    const noting = new NotingTransport();
    const tokens = makeTokens(ours, vault, noting);
    const held = await tokens.read(YOUTUBE, 'UCabc');
    expect(await tokens.refresh(YOUTUBE, held)).toMatchObject({ accessToken: 'fresh' });
    expect(noting.forms).toEqual([
      {
        client_id: 'yt-client',
        client_secret: 'yt-secret',
        grant_type: 'refresh_token',
        refresh_token: 'yt-refresh',
      },
    ]);
  });

  it('may be repeated, and never replaces what is newer', async () => {
    await importFrom();
    const imported = await findAccount('1001');
    const [, again] = await importFrom();
    expect(again).toContain('found 4, imported 0; skipped 2: ours is as new or newer');
    expect(await findAccount('1001')).toEqual(imported);
    expect(await readActions()).toHaveLength(3);

    await ours.change(
      "UPDATE accounts SET access_token = 'ours', updated_at = now() WHERE account_id = '1001'",
    );
    await source.query("UPDATE twitch_action_tokens SET access_token = 'late'");
    await importFrom();
    expect((await findAccount('1001'))?.access_token).toBe('ours');

    await source.query(
      "UPDATE twitch_action_tokens SET updated_at = '2200-01-01' WHERE broadcaster_id = '1001'",
    );
    await importFrom();
    const replaced = await findAccount('1001');
    expect(replaced).toMatchObject({ version: 2, created_at: imported?.created_at });
    expect(vault.decrypt(replaced?.access_token ?? '', 'accounts/twitch/1001/access_token')).toBe(
      'late',
    );
  });

  it('takes nothing in a dry run, and says what it would', async () => {
    const lines = await importFrom('--dry-run');
    expect(lines[1]).toContain('found 4, would be imported 2');
    expect(lines.at(-1)).toBe('This was a dry run: nothing was taken over.');
    expect(await ours.query('SELECT 1 FROM accounts')).toEqual([]);
    expect(await readActions()).toEqual([]);
  });
});

describe('the history', () => {
  it('comes into the action log with ids alone: no contents, no tokens, no addresses', async () => {
    await makeTables('text');
    await fillTables('text');
    await importFrom();
    const rows = await readActions();
    expect(
      rows.map(({ action_type, status, effect, account_id }) => [
        action_type,
        status,
        effect,
        account_id,
      ]),
    ).toEqual([
      ['send_message', 'SUCCEEDED', 'create', 'default'],
      ['create_webhook', 'SUCCEEDED', 'create', 'default'],
      ['manage_role', 'FAILED', 'update', 'default'],
    ]);
    expect(rows[0]).toMatchObject({
      platform: 'discord',
      parameters: { channel_id: '55' },
      result: { message_id: '77' },
      caller_id: 'import',
      sandbox: false,
      received_at: new Date('2025-12-31T23:59:59.250Z'),
    });
    expect(rows[2]).toMatchObject({
      parameters: { guild_id: '44', user_id: '66', role_id: '99', action: 'add' },
      error: 'POST [address] failed',
    });
    expect(JSON.stringify(rows)).not.toMatch(/secret word|hook-token|webhooks\//);
  });

  it('has ids that tell when it happened, the same each time', () => {
    const at = '2026-01-01T00:00:00Z';
    const id = deriveId(7, at);
    expect(id).toBe(deriveId(7, at));
    expect(id).not.toBe(deriveId(8, at));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(Date.parse(at));
  });
});

describe('the command', () => {
  it('says so where there is no such table, and where there is no such database', async () => {
    await source.query(
      'DROP TABLE IF EXISTS youtube_oauth_tokens, twitch_action_tokens, discord_actions',
    );
    expect(await importFrom()).toEqual([
      'youtube_oauth_tokens: there is no such table',
      'twitch_action_tokens: there is no such table',
      'discord_actions: there is no such table',
    ]);
    const attempt = importFrom('--from', 'postgresql://nobody:hush-hush@127.0.0.1:1/none');
    await expect(attempt).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^The database given with --from cannot be read: [^\n]*\n$/),
    });
    await expect(attempt).rejects.not.toMatchObject({
      stderr: expect.stringContaining('hush-hush'),
    });
  });
});

describe('readings', () => {
  it.each([
    ['|a|b|', ['a', 'b']],
    ['', []],
    [null, []],
    [
      ['a', ' b ', ''],
      ['a', 'b'],
    ],
    ['a b,c', ['a', 'b', 'c']],
    ['||', []],
  ])('of the list %j', (value, list) => {
    expect(readList(value)).toEqual(list);
  });

  it.each([
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05Z'],
    ['2026-01-02 03:04:05.123456', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05+02:00', '2026-01-02T03:04:05+02:00'],
    ['2026-01-02T03:04:05+00', '2026-01-02T03:04:05+00:00'],
    ['2026-13-02T03:04:05', null],
    ['infinity', null],
    [null, null],
  ])('of the time %j', (value, time) => {
    expect(readTime(value)).toBe(time);
  });
});
