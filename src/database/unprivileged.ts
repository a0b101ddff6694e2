import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { StartFault } from '../config/start-fault.js';

/**
 * PostgreSQL refuses to run as root. Root therefore runs it either in a user namespace of its own
 * ("namespace": the data stays root's) or as an existing ordinary account ("account": the data
 * becomes that account's). Everybody else runs it directly.
 */
export type RootWay = 'namespace' | 'account';

/** How to start a program so that PostgreSQL accepts it. */
export interface Runner {
  /** Words put before the command. */
  readonly prefix: readonly string[];
  /** The account to start the process as; absent means our own. */
  readonly identity: { readonly uid?: number; readonly gid?: number };
  /** Who must own the files, seen from outside; absent means that nothing ever changes hands. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface RunResult {
  /** Exit code; undefined when the program did not start or was ended by a signal. */
  readonly code: number | undefined;
  readonly output: string;
}

/** The folder below /var/lib or the temporary folder in which homes are made. */
const PARENT = 'action-gateway';
const EXE = process.platform === 'win32' ? '.exe' : '';
/** A fixed environment: PG* variables of the shell must not reach the server, nor our secrets its /proc entry. */
export const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

const DIRECT: Runner = { prefix: [], identity: {} };
/** Inside, the files of the user that starts it belong to the account `nobody`, which every system has. */
const NAMESPACE: Runner = {
  prefix: ['unshare', '--user', '--map-user=65534', '--map-group=65534'],
  identity: {},
};

/** Containers are often run by a number that no account has, and PostgreSQL asks for its name. */
function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

async function chooseForNameless(): Promise<Runner> {
  if ((await run(NAMESPACE, '/bin/sh', ['-c', ':'], '/')).code === 0) return NAMESPACE;
  throw new StartFault(
    `PostgreSQL cannot run as user ${process.getuid?.()}, who has no entry in /etc/passwd, and this machine ` +
      'allows no user namespace (unshare). Give that user an entry, or set DATABASE_URL.',
  );
}

/** Picks the way to run PostgreSQL; `way` narrows root's choice. Throws when root has none. */
export async function chooseRunner(way?: RootWay): Promise<Runner> {
  if (process.getuid?.() !== 0) return hasName() ? DIRECT : chooseForNameless();
  const runners: Runner[] = [];
  if (way !== 'account') runners.push({ ...NAMESPACE, owner: { uid: 0, gid: 0 } });
  if (way !== 'namespace')
    for (const account of await readAccounts(['postgres', 'nobody']))
      runners.push({ prefix: [], identity: account, owner: account });
  for (const runner of runners)
    if ((await run(runner, '/bin/sh', ['-c', ':'], '/')).code === 0) return runner;
  throw new StartFault(
    'PostgreSQL cannot run as root, and this machine allows neither a user namespace (unshare) nor ' +
      'the accounts postgres and nobody. Start the gateway as an ordinary user or set DATABASE_URL.',
  );
}

/** Runs a program to its end as `runner` would and collects what it says. Never throws. */
export async function run(
  runner: Runner,
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<RunResult> {
  const [file = command, ...rest] = [...runner.prefix, command, ...args];
  return new Promise((resolve) => {
    execFile(file, rest, { ...runner.identity, cwd, env: ENVIRONMENT }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      const said = `${stdout}${stderr}`.trim();
      resolve({
        code: typeof code === 'number' ? code : undefined,
        output: said || (error?.message ?? ''),
      });
    });
  });
}

/**
 * The folder in which the server's files live: `folder` itself, or, where the server's account
 * can't enter that one, a folder elsewhere which the file postgres.location in `folder` names.
 * Data already in `folder` moves along.
 */
export async function chooseHome(
  folder: string,
  runner: Runner,
  log: (line: string) => void,
): Promise<string> {
  const pointer = join(folder, 'postgres.location');
  const known = await readFile(pointer, 'utf8').catch(() => undefined);
  if (known !== undefined) return checkHome(known.trim(), pointer, runner);
  if (runner.owner === undefined || (await canEnter(folder, runner))) return folder;
  const home = await createHome(folder, runner);
  const data = join(folder, 'postgres');
  const moving = await exists(data);
  if (moving) await cp(data, join(home, 'postgres'), { recursive: true, verbatimSymlinks: true });
  await writeFile(pointer, `${home}\n`);
  // Only now: until the pointer is written, the data in `folder` is the data.
  if (moving) await rm(data, { recursive: true });
  log(`PostgreSQL may not enter ${folder} as this account: its data is kept in ${home}.`);
  return home;
}

/**
 * A folder with PostgreSQL's programs that `runner` can run: `native` itself, or a copy in `home`
 * where `native` can't be entered or its library links are missing and can't be made.
 */
export async function prepareBinaries(
  native: string,
  home: string,
  runner: Runner,
): Promise<string> {
  if ((await tryBinaries(native, home, runner)).code === 0) return native;
  const copy = join(home, 'binaries');
  const { mtimeMs, size } = await stat(join(native, 'bin', `postgres${EXE}`));
  const origin = `${native} ${size} ${mtimeMs}`;
  if ((await readFile(join(copy, 'origin'), 'utf8').catch(() => '')) !== origin) {
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    // Copied from a read-only place, it would take no links.
    await chmod(join(copy, 'lib'), 0o755);
    // Written last: a copy that was cut short has no origin and is made again.
    await writeFile(join(copy, 'origin'), origin);
  }
  await giveTo(runner, copy);
  const trial = await tryBinaries(copy, home, runner);
  if (trial.code === 0) return copy;
  throw new StartFault(
    `PostgreSQL's programs do not run, neither from ${native} nor from a copy in ${home}: ${trial.output}\n` +
      'Set DATABASE_URL to use another PostgreSQL server.',
  );
}

/** Hands a file or a whole folder to the account that runs the server, where that is another one. */
export async function giveTo(runner: Runner, path: string): Promise<void> {
  if (runner.owner === undefined) return;
  const { uid, gid } = runner.owner;
  if ((await stat(path)).uid === uid) return;
  const { code, output } = await run(
    { prefix: [], identity: {} },
    'chown',
    ['-hR', `${uid}:${gid}`, path],
    '/',
  );
  if (code !== 0)
    throw new StartFault(
      `Can not hand ${path} to the account that runs PostgreSQL (${output}). ` +
        'Start the gateway as an ordinary user or set DATABASE_URL.',
    );
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Makes what the package's install script would have made, then asks the server for its version. */
async function tryBinaries(native: string, home: string, runner: Runner): Promise<RunResult> {
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    // Paths in the list begin with `native/`.
    const path = join(native, target.replace(/^native\//, ''));
    if (!(await lstat(path).catch(() => undefined)))
      await symlink(basename(source), path).catch(() => undefined);
  }
  for (const name of ['initdb', 'postgres'])
    await chmod(join(native, 'bin', name + EXE), 0o755).catch(() => undefined);
  return run(runner, join(native, 'bin', `postgres${EXE}`), ['--version'], home);
}

async function canEnter(folder: string, runner: Runner): Promise<boolean> {
  return (await run(runner, '/bin/sh', ['-c', 'cd "$1"', 'sh', folder], '/')).code === 0;
}

async function checkHome(home: string, pointer: string, runner: Runner): Promise<string> {
  if (!(await exists(home)))
    throw new StartFault(
      `The folder ${home}, which ${pointer} names as the place of the data, is gone. ` +
        `Put it back, or delete ${pointer} to begin with an empty database.`,
    );
  if (runner.owner === undefined) return home;
  // The pointer lies in a folder that others may write to, and root gives away what it names.
  if (basename(dirname(home)) !== PARENT || !(await isOurs(dirname(home))))
    throw new StartFault(
      `${pointer} names ${home}, which is not a folder that the gateway made. ` +
        `Mend the path in ${pointer}, or delete that file to begin with an empty database.`,
    );
  if (!(await canEnter(home, runner)))
    throw new StartFault(
      `The account that runs PostgreSQL cannot enter ${home}, which ${pointer} names. ` +
        'Allow it to (chmod 755), start the gateway as an ordinary user or set DATABASE_URL.',
    );
  return home;
}

async function createHome(folder: string, runner: Runner): Promise<string> {
  const name = `data-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  for (const parent of homeParents()) {
    try {
      await mkdir(parent, { recursive: true, mode: 0o755 });
      if (!(await isOurs(parent))) continue;
      await chmod(parent, 0o755);
      const home = await createUnusedFolder(join(parent, name));
      await chmod(home, 0o755);
      if (await canEnter(home, runner)) return home;
      await rm(home, { recursive: true });
    } catch {
      // Read-only or full: try the next place.
    }
  }
  throw new StartFault(
    `The account that runs PostgreSQL cannot enter ${folder}, and no other place could be made ` +
      `(${homeParents().join(', ')}). Choose another DATA_DIR or set DATABASE_URL.`,
  );
}

/** A folder of that name may hold the data of one that was moved away: it is never taken over. */
async function createUnusedFolder(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    try {
      await mkdir(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function homeParents(): string[] {
  return [join('/var/lib', PARENT), join(tmpdir(), PARENT)];
}

/** In a temporary folder another user could have made ours first, and could then swap its content. */
async function isOurs(folder: string): Promise<boolean> {
  const { uid, mode } = await lstat(folder);
  return uid === process.getuid?.() && (mode & 0o022) === 0;
}

async function readAccounts(names: readonly string[]): Promise<{ uid: number; gid: number }[]> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  return names.flatMap((name) => {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    return Number(uid) > 0 ? [{ uid: Number(uid), gid: Number(gid) }] : [];
  });
}
