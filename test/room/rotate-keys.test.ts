// Real: PostgreSQL, the vault, tokens renewed over HTTP at the sandbox, the built command as a process.
// Fake: the replicas, which are objects with a pool each in this one process.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { placeOfRecord } from '../../src/accounts/account-records.js';
import { Accounts } from '../../src/accounts/accounts.js';
import { placeOfVerifier } from '../../src/accounts/consent-states.js';
import { SEALED_ACCOUNTS } from '../../src/accounts/sealed-columns.js';
import type { Config } from '../../src/config/config.js';
import { AccountRow } from '../../src/database/account-row.js';
import type { Database } from '../../src/database/database.js';
import { rotateColumn } from '../../src/database/key-rotation.js';
import { Vault } from '../../src/database/vault.js';
import { AxiosTransport } from '../../src/execution/axios-transport.js';
import type { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { SEALED_ANSWERS } from '../../src/safeguards/idempotency.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';
import { aimTwitch, startTestSandbox, type TestSandbox } from '../support/sandbox.js';
import { makeTokens } from '../support/own-credentials.js';

const OLD = { id: 'old_1', key: randomBytes(32) };
const NEW = { id: 'new-1', key: randomBytes(32) };
const before = new Vault([OLD, NEW]);
const after = new Vault([NEW, OLD]);
const onlyNew = new Vault([NEW]);
const SEALED = [...SEALED_ACCOUNTS, SEALED_ANSWERS];
const CONFIG = { TOKEN_REFRESH_BUFFER: 300 } as Config;
const run = promisify(execFile);

let shared: SharedDatabase;
let database: Database;
let sandbox: TestSandbox;
let transport: AxiosTransport;
let twitch: TwitchPlatform;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  sandbox = await startTestSandbox();
  transport = new AxiosTransport();
  twitch = aimTwitch(sandbox);
});

afterAll(async () => {
  transport.onApplicationShutdown();
  await sandbox.close();
  await shared.close();
});

beforeEach(async () => {
  await sandbox.control('POST', '/sandbox/reset', {});
  await database.change(
    'TRUNCATE accounts, account_records, oauth_states, idempotency_keys, resolved_credentials',
  );
});

/** Rows that nobody reads but the rotation. */
async function addRows(count: number, vault = before): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const id = `u${String(number).padStart(5, '0')}`;
    const seal = (text: string, column: string): string =>
      vault.encrypt(text, `accounts/twitch/${id}/${column}`);
    await database.change(
      `INSERT INTO accounts (platform, account_id, access_token, refresh_token, client_id, client_secret)
       VALUES ('twitch', $1, $2, $3, 'c', $4)`,
      [
        id,
        seal(`a-${id}`, 'access_token'),
        seal(`r-${id}`, 'refresh_token'),
        seal('s', 'client_secret'),
      ],
    );
  }
  const answer = vault.encrypt('{"x":1}', "idempotency_keys/router's/a/b/answer");
  await database.change(
    `INSERT INTO idempotency_keys (caller_id, key, fingerprint, action_id, answer, expires_at)
     VALUES ('router''s', 'a/b', 'f', gen_random_uuid(), $1, now() + interval '1 hour'),
            ('router', 'open', 'f', gen_random_uuid(), NULL, now() + interval '1 hour')`,
    [answer],
  );
  await database.change(
    `INSERT INTO oauth_states (state_hash, platform, caller_id, scopes, redirect_uri, code_verifier, expires_at)
     VALUES ('h1', 'youtube', 'c', '{}', 'https://x', $1, now())`,
    [vault.encrypt('verifier', placeOfVerifier('h1'))],
  );
  await database.change(
    `INSERT INTO account_records (platform, account_id, name, value)
     VALUES ('discord', 'default', 'lockdown:1', $1)`,
    [vault.encrypt('{}', placeOfRecord('discord', 'default', 'lockdown:1'))],
  );
  await database.change(
    `INSERT INTO resolved_credentials (customer, credential_ref, access_token, refresh_token)
     VALUES ('acme', 'CRED-1', $1, $2), ('acme', 'CRED-2', NULL, NULL)`,
    ['access_token', 'refresh_token'].map((column) =>
      vault.encrypt('renewed', `resolved_credentials/acme/CRED-1/${column}`),
    ),
  );
}

async function rotate(vault = after) {
  const counts = [];
  for (const sealed of SEALED)
    counts.push(await rotateColumn(database, vault, sealed, () => undefined));
  return counts;
}

const sumOf = (counts: Awaited<ReturnType<typeof rotate>>) =>
  counts.map(({ rotated, overtaken, unreadable, left }) => [rotated, overtaken, unreadable, left]);

describe('a rotation of keys', () => {
  it('leaves no value behind in any column, whatever the number of rows, and may be repeated', async () => {
    await addRows(1_100);
    const versions = await database.query('SELECT account_id, version, updated_at FROM accounts');
    expect(sumOf(await rotate())).toEqual([
      [1_100, 0, 0, 0],
      [1_100, 0, 0, 0],
      [1_100, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    const rows = await database.query<AccountRow>('SELECT * FROM accounts ORDER BY account_id');
    for (const { account_id: id, access_token, refresh_token } of rows) {
      expect(onlyNew.decrypt(access_token ?? '', `accounts/twitch/${id}/access_token`)).toBe(
        `a-${id}`,
      );
      expect(onlyNew.decrypt(refresh_token ?? '', `accounts/twitch/${id}/refresh_token`)).toBe(
        `r-${id}`,
      );
    }
    // Nothing changed but the wrapping.
    expect(await database.query('SELECT account_id, version, updated_at FROM accounts')).toEqual(
      expect.arrayContaining(versions),
    );
    expect(sumOf(await rotate()).flat()).toEqual(Array(4 * SEALED.length).fill(0));
  });

  it('leaves alone what no key opens, goes on with the rest, and says how much that is', async () => {
    await addRows(3);
    const stranger = new Vault([{ id: 'lost', key: randomBytes(32) }]);
    const lost = stranger.encrypt('a', 'accounts/twitch/u00002/access_token');
    // Another account's value is not this one's, whatever key it has.
    await database.change(`UPDATE accounts SET access_token = $1 WHERE account_id = 'u00002'`, [
      lost,
    ]);
    await database.change(
      `UPDATE accounts SET refresh_token = (SELECT refresh_token FROM accounts WHERE account_id = 'u00001')
       WHERE account_id = 'u00003'`,
    );
    const [access, refresh] = await rotate();
    expect(access).toMatchObject({ rotated: 2, unreadable: 1, left: 1 });
    expect(refresh).toMatchObject({ rotated: 2, unreadable: 1, left: 1 });
    const [kept] = await database.query<AccountRow>(
      `SELECT * FROM accounts WHERE account_id = 'u00002'`,
    );
    expect(kept?.access_token).toBe(lost);
  });

  it('never overwrites a token that was renewed meanwhile', async () => {
    // Both keys are known everywhere, as they are while keys are changed; one replica is behind.
    const replicas = await Promise.all(
      [before, after].map(async (vault) => {
        const own = await shared.join();
        const tokens = makeTokens(own, vault, transport);
        const rows = own.dataSource.getRepository(AccountRow);
        return { tokens, accounts: new Accounts(rows, own, vault, tokens, transport, CONFIG) };
      }),
    );
    const [first] = replicas;
    if (!first) throw new Error('no replica');
    const ids = Array.from({ length: 12 }, (_none, index) => String(60_001 + index));
    await sandbox.control('POST', '/sandbox/twitch/users', {
      users: ids.map((id) => ({ id, login: `user_${id}` })),
    });
    for (const id of ids) {
      const grant = await sandbox.control<{ access_token: string; refresh_token: string }>(
        'POST',
        '/sandbox/twitch/grants',
        { user_id: id, scopes: ['clips:edit'] },
      );
      const given = { accessToken: grant.access_token, refreshToken: grant.refresh_token };
      await first.accounts.store(twitch, id, given, 'console');
    }
    let renewals = 0;
    const renewing = ids.map(async (id, index) => {
      for (let round = 0; round < 5; round += 1) {
        const { tokens } = replicas[(index + round) % 2] ?? first;
        await tokens.refresh(twitch, await tokens.read(twitch, id));
        renewals += 1;
      }
    });
    const progress = { isOver: false };
    const everything = Promise.all(renewing).finally(() => (progress.isOver = true));
    while (!progress.isOver) await rotate();
    await everything;
    expect(renewals).toBe(60);
    expect((await rotate())[0]).toMatchObject({ unreadable: 0, left: 0 });
    // Each refresh token is the last one Twitch gave: an older one would be worth nothing.
    const later = makeTokens(database, onlyNew, transport);
    for (const id of ids) {
      const held = await later.read(twitch, id);
      expect(held.version).toBe(6);
      await expect(later.refresh(twitch, held)).resolves.toMatchObject({ version: 7 });
    }
  });
});

/** A key as the variable has it. */
const spell = ({ id, key }: typeof OLD): string => `${id}:${key.toString('base64')}`;

/** Runs the built command with these keys. */
const command = (keys: readonly (typeof OLD)[]) =>
  run(process.execPath, ['dist/cli/rotate-keys.js'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: shared.url,
      SANDBOX: 'true',
      MODULE_SECRET_KEY: 'x'.repeat(64),
      TOKEN_ENCRYPTION_KEYS: keys.map(spell).join(','),
    },
  });

describe('npm run keys:rotate', () => {
  it('prints what it does and what is left, and no secret', async () => {
    await addRows(2);
    const { stdout } = await command([NEW, OLD]);
    expect(stdout).toContain('accounts.access_token: 2 encrypted again');
    expect(stdout).toContain('idempotency_keys.answer: rotated 1,');
    expect(stdout).toContain('Nothing is left');
    expect(stdout).not.toContain(NEW.key.toString('base64'));
    expect((await command([NEW])).stdout).toContain('Nothing is left');
  });

  it('ends with an error while something is left, and says what to do', async () => {
    await addRows(1);
    await expect(command([NEW])).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/unreadable 1, left 1[^]*add the key they name/),
    });
  });
});
