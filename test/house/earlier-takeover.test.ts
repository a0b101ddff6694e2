// Real: the built gateway and the built import as processes, PostgreSQL with the earlier services' tables. Fake:
// the platforms and their OAuth, at the wire.
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { askEarlier } from '../support/earlier-rest.js';
import { EarlierScenes } from '../support/earlier-scenes.js';
import { addEarlierRow, makeEarlierTables } from '../support/earlier-tables.js';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { type ImportRun, startImport } from '../support/run-import.js';
import { ALL_SCOPES, House } from '../support/two-doors.js';

const KEYS = `k1:${randomBytes(32).toString('base64')}`;
const SECRET = 'secret-of-the-credential-service';
const PAST = '2020-01-01 00:00:00';
/** What the earlier services' example wrote, which Twitch does not know. */
const EXAMPLE_SCOPES = '|chat:write|';

let house: House;
let scenes: EarlierScenes;
let old: { url: string; drop(): Promise<void> };
let source: Client;
let ours: Client;
let folder: string;

beforeAll(async () => {
  house = await House.open({ TOKEN_ENCRYPTION_KEYS: KEYS });
  scenes = new EarlierScenes(house);
  old = await createDatabase();
  source = new Client({ connectionString: old.url });
  ours = new Client({ connectionString: house.database.url });
  await Promise.all([source.connect(), ours.connect()]);
  await makeEarlierTables(source);
  folder = await mkdtemp(join(tmpdir(), 'takeover-'));
});

afterAll(async () => {
  await Promise.all([source?.end(), ours?.end()]);
  await house?.close();
  await old?.drop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function startOwnImport(...args: string[]): ImportRun {
  return startImport(args, {
    ...house.sandbox.env,
    DATABASE_URL: house.database.url,
    MODULE_SECRET_KEY: 'x'.repeat(64),
    TOKEN_ENCRYPTION_KEYS: KEYS,
    CP_PLATFORM_CREDENTIALS_SECRET: SECRET,
  });
}

const headers = { authorization: `Bearer ${makeToken()}` };

async function chat(broadcaster_id: string): Promise<Record<string, unknown>> {
  const body = { action_type: 'chat_message', broadcaster_id, parameters: { message: 'here' } };
  const url = `${house.doors.gateway.restUrl}/api/v1/actions/execute`;
  return (await askEarlier(url, 'POST', body, { headers })).body;
}

async function comment(channel_id: string, video_id: string): Promise<Record<string, unknown>> {
  const url = `${house.doors.gateway.restUrl}/api/v1/comment/post`;
  const body = { channel_id, video_id, text: 'here' };
  return (await askEarlier(url, 'POST', body, { headers })).body;
}

const countRows = async (query: string): Promise<number> =>
  Number((await ours.query<{ count: string }>(`SELECT count(*) FROM ${query}`)).rows[0]?.count);
/** Of the actions that are inserted while the import runs. */
const countLateRows = (): Promise<number> =>
  countRows(`actions WHERE caller_id = 'import' AND received_at >= '2026-02-01'`);

describe('a database of the earlier services', () => {
  /** Every way in which a list of scopes was written. */
  const SPELLINGS: readonly (string | null)[] = [
    null,
    '',
    '||',
    '{}',
    '[]',
    EXAMPLE_SCOPES,
    '|user:write:chat|clips:edit|',
    '{user:write:chat,"clips:edit"}',
    '["user:write:chat", "clips:edit"]',
    'user:write:chat clips:edit',
    'user:write:chat,clips:edit',
  ];
  let channels: string[] = [];
  let ended = '';
  let dead = '';
  let poor = '';
  const films: { channel: string; video: string }[] = [];

  beforeAll(async () => {
    for (const scopes of SPELLINGS) {
      const id = await house.addUser();
      channels.push(id);
      await addEarlierRow(source, 'twitch', { id, ...(await house.grant(id)), scopes });
    }
    [ended, dead, poor] = [await house.addUser(), await house.addUser(), await house.addUser()];
    const grant = await house.grant(ended);
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: ended });
    await addEarlierRow(source, 'twitch', { id: ended, ...grant, scopes: '', expires_at: PAST });
    const { access_token } = await house.grant(dead);
    await house.sandbox.control('POST', '/sandbox/twitch/expire', { user_id: dead });
    await addEarlierRow(source, 'twitch', { id: dead, access_token, scopes: '' });
    const few = await house.grant(poor, ['user:write:chat']);
    await addEarlierRow(source, 'twitch', { id: poor, ...few, scopes: EXAMPLE_SCOPES });
    for (const [index, scopes] of [null, '', '||', EXAMPLE_SCOPES].entries()) {
      const scene = await scenes.openChannel();
      await house.doors.rest('DELETE', `/api/v1/accounts/youtube/${scene.channel_id}`);
      const tokens = await scenes.grant(scene.channel_id);
      if (index === 1)
        await house.sandbox.control('POST', '/sandbox/youtube/expire', {
          channel_id: scene.channel_id,
        });
      await addEarlierRow(source, 'youtube', {
        id: scene.channel_id,
        ...tokens,
        scopes,
        expires_at: index === 1 ? PAST : null,
      });
      films.push({ channel: scene.channel_id, video: scene.video_id });
    }
    channels = [...channels, ended];
    for (const success of ['T', 't', 'true', '1', 'F', 'f', 'false', '0', null])
      await source.query(
        `INSERT INTO discord_actions (action_type, channel_id, success, created_at)
         VALUES ('send_message', '55', $1, '2026-01-01')`,
        [success],
      );
  });

  it('is rehearsed: what will work with each account is said, and nothing is stored or renewed', async () => {
    const before = await house.sandbox.lastSeq();
    const { code, lines } = await startOwnImport('--from', old.url, '--dry-run').ended;
    expect(code).toBe(0);
    const told = (id: string): string | undefined => lines.find((line) => line.includes(`${id}: `));
    expect(told(channels[0] ?? '')).toMatch(/works: all \d+ actions of the earlier \w+ service$/);
    expect(told(ended)).toMatch(/has ended; it is renewed with its refresh token when it is first/);
    expect(told(dead)).toMatch(/has ended, and no refresh token came with it: connect it again$/);
    expect(told(poor)).toMatch(
      /works: 1 of 20 actions of the earlier Twitch service; without .*clips:edit \(clip\)/,
    );
    expect(told(films[0]?.channel ?? '')).toMatch(
      /works: all \d+ actions of the earlier \w+ service$/,
    );
    expect(lines.at(-1)).toBe('This was a dry run: nothing was taken over.');
    expect(await countRows(`accounts WHERE account_id = '${poor}'`)).toBe(0);
    const renewals = (await house.sandbox.requestsSince(before)).filter(({ path }) =>
      path.endsWith('/token'),
    );
    expect(renewals).toEqual([]);
  });

  it('is taken over, and every account acts at once, whatever its table said of scopes', async () => {
    const { code, lines } = await startOwnImport('--from', old.url).ended;
    expect(code).toBe(0);
    expect(lines).toContain(`twitch_action_tokens: found 14, imported 14`);
    expect(lines).toContain(`youtube_oauth_tokens: found 4, imported 4`);
    expect(lines.filter((line) => / (works: |its access token has ended)/.test(line))).toHaveLength(
      17,
    );
    const answers = await Promise.all([
      ...channels.map(chat),
      ...films.map(({ channel, video }) => comment(channel, video)),
      chat(poor),
      chat(dead),
    ]);
    const gone = answers.pop();
    expect(answers.filter(({ success }) => success !== true)).toEqual([]);
    expect(gone).toMatchObject({
      success: false,
      error: expect.stringMatching(
        `^Action execution failed: No valid token for broadcaster ${dead}`,
      ),
    });
    // Its scopes are Twitch's word now, and the table's are not.
    const { rows } = await ours.query<{ scopes: string[]; scopes_claimed: boolean }>(
      `SELECT scopes, scopes_claimed FROM accounts WHERE account_id = $1`,
      [poor],
    );
    expect(rows).toEqual([{ scopes: ['user:write:chat'], scopes_claimed: false }]);
  });

  it('gives its history, whichever way a yes was written in', async () => {
    const { rows } = await ours.query<{ status: string; count: string }>(
      `SELECT status, count(*) FROM actions WHERE caller_id = 'import' GROUP BY status ORDER BY status`,
    );
    expect(rows).toEqual([
      { status: 'FAILED', count: '5' },
      { status: 'SUCCEEDED', count: '4' },
    ]);
  });

  it('asks nothing and acts nevertheless with --skip-check', async () => {
    const id = await house.addUser();
    await addEarlierRow(source, 'twitch', {
      id,
      ...(await house.grant(id, ALL_SCOPES)),
      scopes: EXAMPLE_SCOPES,
    });
    const { code, lines } = await startOwnImport('--from', old.url, '--skip-check').ended;
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith('twitch '))).toEqual([]);
    expect(await chat(id)).toMatchObject({ success: true });
  });

  it('may be repeated: what is here already stays as it is', async () => {
    const { lines } = await startOwnImport('--from', old.url).ended;
    expect(lines).toContain(
      'twitch_action_tokens: found 15, imported 0; skipped 15: ours is as new or newer',
    );
  });
});

describe('an import that somebody stops listening to, or stops', () => {
  it('goes on to its end when its reader has had enough', async () => {
    const id = await house.addUser();
    await addEarlierRow(source, 'twitch', { id, ...(await house.grant(id)), scopes: '' });
    const run = startOwnImport('--from', old.url);
    run.process.stdout?.destroy();
    const { code, errors } = await run.ended.catch(async () => {
      // The reader of the output has ended before its end, as it was meant to.
      await eventually(
        async () => run.process.exitCode,
        (exit) => exit !== null,
      );
      return { code: run.process.exitCode, errors: '' };
    });
    expect([code, errors]).toEqual([0, '']);
    expect(await countRows(`accounts WHERE account_id = '${id}'`)).toBe(1);
  });

  it('ends after the rows under way, and goes on from there when it is started again', async () => {
    await source.query(
      `INSERT INTO discord_actions (action_type, channel_id, success, created_at)
       SELECT 'send_message', '55', 'T', '2026-02-01'::timestamp + n * interval '1 second'
       FROM generate_series(1, 1200) n`,
    );
    const blocker = new Client({ connectionString: house.database.url });
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE actions IN EXCLUSIVE MODE');
    const run = startOwnImport('--from', old.url, '--skip-check');
    await eventually(
      () => countRows(`pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%import%'`),
      (waiting) => waiting > 0,
    );
    run.process.kill('SIGINT');
    let errors = '';
    run.process.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await eventually(
      () => errors,
      (said) => said.includes('Stopping after the rows under way'),
    );
    await blocker.query('COMMIT');
    await blocker.end();
    const { code, lines } = await run.ended;
    expect(code).toBe(130);
    expect(lines.at(-1)).toBe(
      'It was stopped: what was taken over stays. Start it again to go on.',
    );
    const first = await countLateRows();
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1_200);
    expect((await startOwnImport('--from', old.url, '--skip-check').ended).code).toBe(0);
    expect(await countLateRows()).toBe(1_200);
  });
});

/** A Fernet token as the earlier credential service made it. */
function seal(payload: object, secret = SECRET): string {
  const key = createHash('sha256').update(secret).digest();
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key.subarray(16), iv);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(1_700_000_000n);
  const body = Buffer.concat([
    Buffer.from([0x80]),
    time,
    iv,
    cipher.update(JSON.stringify(payload)),
    cipher.final(),
  ]);
  const mac = createHmac('sha256', key.subarray(0, 16)).update(body).digest();
  // As Python pads it.
  return Buffer.concat([body, mac]).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

describe('the file of the earlier credential service', () => {
  it('gives accounts of its customers by their old names, and skips what is not served here', async () => {
    const scene = await scenes.openChannel();
    await house.doors.rest('DELETE', `/api/v1/accounts/youtube/${scene.channel_id}`);
    const tokens = await scenes.grant(scene.channel_id);
    const row = {
      credential_ref: 'CRED-abcdefghijklmnop',
      customer_id: 'CUST-7',
      platform: 'youtube',
      posting_identity: null,
      secrets_enc: seal(tokens),
      metadata: { plan: 'gold' },
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    };
    const file = join(folder, 'credentials.jsonl');
    const lines = [
      row,
      { ...row, credential_ref: 'CRED-1', platform: 'instagram' },
      { ...row, credential_ref: 'CRED-2', platform: 'Facebook' },
      { ...row, credential_ref: 'CRED-3', secrets_enc: seal(tokens, 'another') },
      { ...row, credential_ref: 'CRED-4', secrets_enc: seal({ refresh_token: 'r' }) },
    ];
    await writeFile(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n\n{"broken\n`);
    const rehearsed = await startOwnImport('--credentials', file, '--dry-run').ended;
    expect(rehearsed.lines[0]).toMatch(/^credentials: found 6, would be imported 1; skipped 1: /);
    const done = await startOwnImport('--credentials', file).ended;
    expect(done.code).toBe(0);
    expect(done.lines).toEqual([
      expect.stringMatching(
        `^youtube ${scene.channel_id}, CRED-abcdefghijklmnop of CUST-7: works: all \\d+ actions of the earlier YouTube service$`,
      ),
      'credentials: found 6, imported 1' +
        '; skipped 1: this gateway cannot ask a platform instagram' +
        '; skipped 1: this gateway cannot ask a platform facebook' +
        '; skipped 1: its tokens were encrypted with another secret' +
        '; skipped 1: it has no access token' +
        '; skipped 1: its line is no JSON',
    ]);
    const owned = makeToken({ owner: 'CUST-7' });
    const { body } = await house.doors.rest('GET', '/api/cp/platform-credentials', undefined, {
      token: owned,
    });
    expect(body).toEqual([
      expect.objectContaining({
        credential_ref: 'CRED-abcdefghijklmnop',
        customer_id: 'CUST-7',
        posting_identity: null,
        metadata: { plan: 'gold' },
      }),
    ]);
    const again = await startOwnImport('--credentials', file).ended;
    expect(again.lines[0]).toContain('imported 0; skipped 1: ours is as new or newer');
    const text = JSON.stringify((await ours.query('SELECT a::text FROM accounts a')).rows);
    expect(text).not.toContain(tokens.access_token);
  });

  it('needs the secret, and a file', async () => {
    const without = startImport(['--credentials', 'nowhere.jsonl'], {
      ...house.sandbox.env,
      DATABASE_URL: house.database.url,
      MODULE_SECRET_KEY: 'x'.repeat(64),
      TOKEN_ENCRYPTION_KEYS: KEYS,
    });
    expect((await without.ended).errors).toMatch(/^CP_PLATFORM_CREDENTIALS_SECRET is missing: set/);
    const nowhere = await startOwnImport('--credentials', 'nowhere.jsonl').ended;
    expect(nowhere.errors).toMatch(/^The file given with --credentials cannot be read: ENOENT/);
    expect(nowhere.code).toBe(1);
  });
});
