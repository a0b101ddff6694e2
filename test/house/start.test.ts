// Real: the gateway as a newcomer or an operator starts it, with its embedded PostgreSQL and its sandbox.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { callRest, startGateway, startInVain } from '../support/gateway.js';
import { GrpcClient } from '../support/grpc-client.js';

const run = promisify(execFile);
const NO_KEYS = { MODULE_SECRET_KEY: '', TOKEN_ENCRYPTION_KEYS: '', NODE_ENV: 'development' };

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-start-'));
  await chmod(dataDir, 0o755);
});

afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

describe('a first start', () => {
  it('needs nothing, prints lines that work when pasted, and keeps its data for the next start', async () => {
    const first = await startGateway({ ...NO_KEYS, DATA_DIR: dataDir });
    await first.waitForLine(/npm run call/);
    const text = first.output();
    const token = /export TOKEN=(\S+)/.exec(text)?.[1] ?? '';
    const curl = /^\s+(curl .*)$/m.exec(text)?.[1] ?? '';
    const calls = [...text.matchAll(/^\s+(npm run call .*)$/gm)].map(([, line = '']) => line);
    expect(text).toMatch(/grpcurl -plaintext .* action_gateway\.v1\.ActionGateway\/ExecuteAction/);

    const pasted = await run('sh', ['-c', `TOKEN=${token}; ${curl}`]);
    const outcome = JSON.parse(pasted.stdout) as {
      status: string;
      action_id: string;
      sandbox: boolean;
    };
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', sandbox: true });
    // The same entry point as the npm script, without building under the feet of other tests.
    expect(calls.map((line) => line.split(' ')[4])).toEqual(['twitch', 'discord', 'youtube']);
    for (const call of calls) {
      const line = call.replace('npm run call --', 'node dist/call.js');
      const called = await run('sh', ['-c', line], {
        env: { ...process.env, ...NO_KEYS, DATA_DIR: dataDir },
      });
      expect(JSON.parse(called.stdout)).toMatchObject({ status: 'SUCCEEDED' });
    }

    for (const secret of ['module-secret-key', 'token-encryption-keys', 'postgres.password']) {
      expect((await stat(join(dataDir, secret))).mode & 0o777).toBe(0o600);
    }
    expect(await first.stop()).toBe(0);

    const second = await startGateway({ ...NO_KEYS, DATA_DIR: dataDir });
    const kept = await callRest(second, 'GET', `/api/v1/actions/${outcome.action_id}`, undefined, {
      token,
    });
    expect(kept.body).toMatchObject({ status: 'SUCCEEDED', action_id: outcome.action_id });
    expect(await second.stop()).toBe(0);
  });

  it('with one platform alone says of the others which variable is missing', async () => {
    const bots = await startGateway({
      DATA_DIR: dataDir,
      SANDBOX: 'false',
      DISCORD_BOT_TOKEN: 'no-token-of-worth',
    });
    const execute = async (envelope: object) => {
      const { body } = await callRest(bots, 'POST', '/api/v1/actions/execute', envelope);
      return body as unknown as { failure: { code: string }; error: string };
    };
    const say = { action_type: 'chat_message', account_id: '1001', parameters: { message: 'm' } };
    const chat = await execute({ platform: 'twitch', ...say });
    expect(chat.failure.code).toBe('ACCOUNT_NOT_CONNECTED');
    expect(chat.error).toMatch(/set TWITCH_CLIENT_ID and TWITCH_CLIENT_SECRET/);
    const parameters = { channel_id: '7', content: 'm' };
    const message = { platform: 'discord', action_type: 'send_message', parameters, dry_run: true };
    expect(await execute(message)).toMatchObject({ status: 'PREPARED', sandbox: false });
    expect(bots.output()).not.toContain('no-token-of-worth');
    await bots.stop();
  });

  it('after a kill -9 starts again on the same data', async () => {
    const first = await startGateway({ DATA_DIR: dataDir });
    const grpc = new GrpcClient(first.grpcAddress);
    const { action_id } = await grpc.execute({
      platform: 'twitch',
      action_type: 'update_title',
      account_id: '1001',
      parameters: { title: 'Before the crash' },
    });
    grpc.close();
    await first.stop('SIGKILL');
    const second = await startGateway({ DATA_DIR: dataDir });
    const kept = await callRest(second, 'GET', `/api/v1/actions/${action_id}`);
    expect(kept.body).toMatchObject({ status: 'SUCCEEDED' });
    await second.stop();
  });

  it('refuses a second gateway on one data folder, naming the folder', async () => {
    const first = await startGateway({ DATA_DIR: dataDir });
    expect(await startInVain({ DATA_DIR: dataDir })).toContain(dataDir);
    expect(await callRest(first, 'GET', '/health')).toMatchObject({ status: 200 });
    await first.stop();
  });
});

describe('a start that must not be', () => {
  const real = { SANDBOX: 'false', TWITCH_CLIENT_ID: 'client', TWITCH_CLIENT_SECRET: 'secret' };
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ['a short key', { MODULE_SECRET_KEY: 'short' }, /MODULE_SECRET_KEY.* needs 64/],
    [
      'no key outside the sandbox',
      { ...real, MODULE_SECRET_KEY: '' },
      /MODULE_SECRET_KEY is missing/,
    ],
    [
      'production without a database',
      { ...real, NODE_ENV: 'production' },
      /DATABASE_URL is missing/,
    ],
    [
      'production without encryption keys',
      {
        ...real,
        NODE_ENV: 'production',
        DATABASE_URL: 'postgres://x@localhost/x',
        TOKEN_ENCRYPTION_KEYS: '',
      },
      /TOKEN_ENCRYPTION_KEYS is missing/,
    ],
    ['no credentials', { SANDBOX: 'false' }, /No platform has credentials/],
    ['a wrong port', { REST_PORT: 'eighty' }, /REST_PORT must be a whole number/],
    [
      'a switch that is no switch',
      { ENABLE_CHAT_ACTIONS: 'maybe' },
      /ENABLE_CHAT_ACTIONS must be true or false/,
    ],
  ];

  it.each(cases)('says why: %s', async (_name, env, reason) => {
    expect(await startInVain({ DATA_DIR: dataDir, ...env })).toMatch(reason);
  });

  it('a taken port names the port', async () => {
    const first = await startGateway({ DATA_DIR: dataDir });
    const port = new URL(first.restUrl).port;
    const other = await mkdtemp(join(tmpdir(), 'gateway-start-'));
    await chmod(other, 0o755);
    expect(await startInVain({ DATA_DIR: other, REST_PORT: port })).toMatch(
      new RegExp(`${port}.*REST_PORT`, 's'),
    );
    await rm(other, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    await first.stop();
  });

  it('a sandbox database never meets real platforms, nor a real one the sandbox', async () => {
    const database = await createDatabase();
    const sandboxed = await startGateway({ DATABASE_URL: database.url, SANDBOX: 'true' });
    await sandboxed.stop();
    expect(await startInVain({ DATABASE_URL: database.url, ...real })).toMatch(
      /belongs to the sandbox/,
    );
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`UPDATE stamp SET kind = 'real'`);
    await client.end();
    expect(await startInVain({ DATABASE_URL: database.url, SANDBOX: 'true' })).toMatch(
      /belongs to the real platforms/,
    );
    await database.drop();
  });

  it('warns of a switch that switches nothing, with the nearest name', async () => {
    const gateway = await startGateway({ DATA_DIR: dataDir, ENABLE_TWICH_ACTIONS: 'false' });
    expect(gateway.output()).toMatch(
      /ENABLE_TWICH_ACTIONS switches nothing\. Did you mean .*ENABLE_TWITCH_ACTIONS/,
    );
    await gateway.stop();
  });
});
