// Real: the gateway as a newcomer or an operator starts it, with its embedded PostgreSQL and its sandbox.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { createDatabase } from '../support/database.js';
import {
  callRest,
  type GatewayProcess,
  SIGNING_KEY,
  startGateway,
  startInVain,
} from '../support/gateway.js';
import { GrpcClient } from '../support/grpc-client.js';

const run = promisify(execFile);
const NO_KEYS = { MODULE_SECRET_KEY: '', TOKEN_ENCRYPTION_KEYS: '', NODE_ENV: 'development' };

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let dataDir: string;
/** Of the server that all tests share: for what is not about the PostgreSQL that a gateway brings. */
let database: Awaited<ReturnType<typeof createDatabase>>;
let onShared: Record<string, string>;

beforeAll(async () => {
  database = await createDatabase();
  onShared = { DATABASE_URL: database.url, SANDBOX: 'true' };
});

afterAll(() => database?.drop());

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-start-'));
  await chmod(dataDir, 0o755);
});

afterEach(() => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

async function expectBothDoors(host: string, { restUrl, grpcAddress }: GatewayProcess) {
  const { port } = new URL(restUrl);
  expect((await fetch(`http://${host}:${port}/health/ready`)).status).toBe(200);
  const grpc = new GrpcClient(`${host}:${grpcAddress.split(':').at(-1)}`);
  const parameters = { message: 'm' };
  const say = { platform: 'twitch', action_type: 'chat_message', account_id: '1001', parameters };
  expect(await grpc.execute(say)).toMatchObject({ status: 'SUCCEEDED' });
  grpc.close();
}

async function probe({ restUrl }: GatewayProcess, env: NodeJS.ProcessEnv): Promise<number> {
  const given = { PATH: process.env['PATH'], REST_PORT: new URL(restUrl).port, ...env };
  return run(process.execPath, ['dist/cli/probe.js'], { env: given }).then(
    () => 0,
    ({ code }: { code: number }) => code,
  );
}

/** The ids of what is in the log, after one more action where there is none. */
async function listMessages(gateway: GatewayProcess): Promise<unknown[]> {
  const read = async () =>
    (await callRest(gateway, 'GET', '/api/v1/audit')).body as unknown as {
      entries: { action_id: string }[];
    };
  if ((await read()).entries.length === 0)
    await callRest(gateway, 'POST', '/api/v1/actions/execute', {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'm' },
    });
  return (await read()).entries.map(({ action_id }) => action_id);
}

describe('a first start', () => {
  it('needs nothing, prints lines that work when pasted, and keeps its data for the next start', async () => {
    const first = await startGateway({ ...NO_KEYS, DATA_DIR: dataDir });
    await first.waitForLine(/npm run call/);
    const text = first.output();
    const token = /export TOKEN=(\S+)/.exec(text)?.[1] ?? '';
    const curl = /^\s+(curl .*)$/m.exec(text)?.[1] ?? '';
    const [, code = ''] = /console\/#code=(\S+)/.exec(text) ?? [];
    const signIn = () => callRest(first, 'POST', '/api/v1/session', { code }, { token: null });
    expect((await signIn()).body).toMatchObject({ caller: { id: 'first-steps' } });
    expect((await signIn()).status).toBe(401);
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
    expect(calls.map((line) => line.split(' ')[4])).toEqual(['twitch', 'youtube', 'discord']);
    for (const call of calls) {
      const line = call.replace('npm run call --', 'node dist/cli/call.js');
      const called = await run('sh', ['-c', line], {
        env: { ...process.env, ...NO_KEYS, DATA_DIR: dataDir },
      });
      expect(JSON.parse(called.stdout)).toMatchObject({ status: 'SUCCEEDED' });
    }

    for (const secret of ['module-secret-key', 'token-encryption-keys', 'postgres.password']) {
      expect((await stat(join(dataDir, 'sandbox', secret))).mode & 0o777).toBe(0o600);
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
    const real = await createDatabase();
    const bots = await startGateway({
      DATABASE_URL: real.url,
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
    await real.drop();
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

describe('addresses', () => {
  it.each(['::1', '[::1]', '::'])('HOST=%s opens both doors to IPv6', async (host) => {
    const gateway = await startGateway({ ...onShared, HOST: host });
    await expectBothDoors('[::1]', gateway);
    expect(await probe(gateway, { HOST: host })).toBe(0);
    await gateway.stop();
  });

  it('by default are all of this machine, in both families', async () => {
    const port = await findFreePort();
    const gateway = await startGateway({
      ...onShared,
      HOST: '',
      PREDECESSOR_PORTS: `twitch=${port}/${await findFreePort()}`,
    });
    await expectBothDoors('127.0.0.1', gateway);
    await expectBothDoors('[::1]', gateway);
    for (const host of ['127.0.0.1', '[::1]'])
      expect((await fetch(`http://${host}:${port}/health/live`)).status).toBe(200);
    expect(await probe(gateway, {})).toBe(0);
    await gateway.stop();
    expect(await probe(gateway, {})).toBe(1);
  });
});

describe('one data folder', () => {
  const real = {
    SANDBOX: 'false',
    DISCORD_BOT_TOKEN: 'no-token-of-worth',
    TWITCH_CLIENT_ID: 'client',
    TWITCH_CLIENT_SECRET: 'no-secret-of-worth',
  };

  it('serves the sandbox and the real platforms in turn', async () => {
    await (await startGateway({ DATA_DIR: dataDir })).stop();
    const gateway = await startGateway({ DATA_DIR: dataDir, ...real });
    expect(gateway.output()).not.toContain('npm run call');
    expect(gateway.output()).toMatch(/REST +http:\/\/localhost:/);
    expect(gateway.output()).toMatch(/discord +ready/);
    expect(gateway.output()).toMatch(/youtube +off: set YOUTUBE_CLIENT_ID/);
    // What it says to do next works when pasted.
    const [token = '', ask = ''] = ['export TOKEN', 'curl'].map(
      (word) => new RegExp(`^ +(${word}.*)$`, 'm').exec(gateway.output())?.[1] ?? '',
    );
    const env = { PATH: process.env['PATH'], MODULE_SECRET_KEY: `${SIGNING_KEY},other` };
    const { stdout } = await run('sh', ['-c', `${token}\n${ask}`], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      authorization_url: expect.stringContaining('https://id.twitch.tv/oauth2/authorize') as string,
    });
    await gateway.stop();
    expect((await readdir(dataDir)).sort()).toEqual(['real', 'sandbox']);
  });

  it('of an earlier release keeps its data, and the other mode has a folder beside it', async () => {
    const first = await startGateway({ DATA_DIR: dataDir });
    const before = await listMessages(first);
    await first.stop();
    // As release 0.1.0 left it: everything in the folder itself.
    for (const name of await readdir(join(dataDir, 'sandbox')))
      await rename(join(dataDir, 'sandbox', name), join(dataDir, name));
    await rm(join(dataDir, 'sandbox'), { recursive: true });

    const other = await startGateway({ DATA_DIR: dataDir, ...real });
    expect(other.output()).toContain('belongs to the mode "sandbox"');
    await other.stop();
    const again = await startGateway({ DATA_DIR: dataDir });
    expect(await listMessages(again)).toEqual([...before]);
    await again.stop();
    expect(await readdir(dataDir)).toContain('real');
    expect(await readdir(dataDir)).not.toContain('sandbox');
  });
});

describe('two gateways with SANDBOX=true on one database', () => {
  it('share one sandbox, which the second takes over when the first is gone', async () => {
    const shared = await createDatabase();
    const env = { DATABASE_URL: shared.url, SANDBOX: 'true' };
    const first = await startGateway(env);
    const second = await startGateway(env);
    const chat = { platform: 'twitch', action_type: 'chat_message', account_id: '1001' };
    const say = async (gateway: GatewayProcess) =>
      (
        await callRest(gateway, 'POST', '/api/v1/actions/execute', {
          ...chat,
          parameters: { message: 'm' },
        })
      ).body as unknown as { status: string };
    for (const gateway of [first, second, first, second])
      expect(await say(gateway)).toMatchObject({ status: 'SUCCEEDED' });
    await first.stop('SIGKILL');
    await second.waitForLine(/serves the sandbox from now on/);
    await eventually(
      () => say(second),
      ({ status }) => status === 'SUCCEEDED',
    );
    const third = await startGateway(env);
    expect(await say(third)).toMatchObject({ status: 'SUCCEEDED' });
    await Promise.all([second.stop(), third.stop()]);
    await shared.drop();
  });
});

describe('a start that must not be', () => {
  it('never prints a stack for what an operator can mend', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    const folder = join(dataDir, 'folder');
    const wrong = new URL(inject('postgresUrl'));
    wrong.password = 'wrong-password';
    const unknown = new URL(inject('postgresUrl'));
    unknown.pathname = '/no_such_database';
    const faults: readonly [Record<string, string>, RegExp][] = [
      [{ DATA_DIR: file }, /DATA_DIR.*is not a folder/],
      [{ DATA_DIR: folder, LOG_DIR: file }, /LOG_DIR.*is not a folder/],
      [{ DATA_DIR: folder, HOST: '203.0.113.9' }, /HOST: 203\.0\.113\.9 is not an address/],
      [{ DATA_DIR: folder, DATABASE_URL: wrong.href }, /PostgreSQL cannot be reached: password/],
      [{ DATA_DIR: folder, DATABASE_URL: unknown.href }, /"no_such_database" does not exist/],
      [
        { DATA_DIR: folder, GRPC_TLS_CERT: file, GRPC_TLS_KEY: file },
        /GRPC_TLS_CERT .* cannot be used/,
      ],
    ];
    await Promise.all(
      faults.map(async ([env, sentence]) => {
        const said = await startInVain({ SANDBOX: 'true', ...env });
        expect(said).toMatch(sentence);
        expect(said).not.toMatch(/^\s+at /m);
        expect(said).not.toContain('wrong-password');
      }),
    );
  });

  it('for a port that is taken has made nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const folder = join(dataDir, 'folder');
    for (const [name, value] of [
      ['REST_PORT', `${port}`],
      ['GRPC_PORT', `${port}`],
      ['PREDECESSOR_PORTS', `twitch=${await findFreePort()}/${port}`],
    ] as const) {
      const said = await startInVain({ DATA_DIR: folder, MODULE_SECRET_KEY: '', [name]: value });
      expect(said).toContain(`${name}: port ${port} is taken`);
      expect(said).not.toMatch(/^\s+at /m);
    }
    expect(await readdir(dataDir)).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('without the encryption key of its database names the key', async () => {
    const keyed = await createDatabase();
    const env = { DATABASE_URL: keyed.url, SANDBOX: 'true' };
    await (await startGateway(env)).stop();
    const other = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
    const said = await startInVain({ ...env, TOKEN_ENCRYPTION_KEYS: other });
    expect(said).toMatch(/TOKEN_ENCRYPTION_KEYS: the key "k1" is not the one/);
    expect(said).not.toMatch(/^\s+at /m);
    await keyed.drop();
  });

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
    const first = await startGateway(onShared);
    const port = new URL(first.restUrl).port;
    expect(await startInVain({ DATA_DIR: dataDir, REST_PORT: port })).toMatch(
      new RegExp(`REST_PORT: port ${port} is taken`),
    );
    await first.stop();
  });

  it('a sandbox database never meets real platforms, nor a real one the sandbox', async () => {
    const stamped = await createDatabase();
    const sandboxed = await startGateway({ DATABASE_URL: stamped.url, SANDBOX: 'true' });
    await sandboxed.stop();
    expect(await startInVain({ DATABASE_URL: stamped.url, ...real })).toMatch(
      /belongs to the sandbox/,
    );
    const client = new Client({ connectionString: stamped.url });
    await client.connect();
    await client.query(`UPDATE stamp SET kind = 'real'`);
    await client.end();
    expect(await startInVain({ DATABASE_URL: stamped.url, SANDBOX: 'true' })).toMatch(
      /belongs to the real platforms/,
    );
    await stamped.drop();
  });

  it('warns of a switch that switches nothing, with the nearest name', async () => {
    const gateway = await startGateway({ ...onShared, ENABLE_TWICH_ACTIONS: 'false' });
    expect(gateway.output()).toMatch(
      /ENABLE_TWICH_ACTIONS switches nothing\. Did you mean .*ENABLE_TWITCH_ACTIONS/,
    );
    await gateway.stop();
  });
});
