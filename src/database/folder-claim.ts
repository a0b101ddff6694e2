import { execFile } from 'node:child_process';
import { readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartFault } from '../config/start-fault.js';

const HEARTBEAT_MS = 1_000;
/** A holder that can't be seen counts as gone once it missed this many milliseconds of heartbeats. */
const SILENCE_MS = 5_000;

/** The right to use a data folder; ends with `release()`, or by itself when the process dies. */
export interface FolderClaim {
  release(): Promise<void>;
}

/** A running process: when it started (opaque, to be compared only) and its command line. */
export interface ProcessStatus {
  readonly started: string;
  readonly command: string;
}

interface Holder {
  readonly pid: number;
  readonly started: string;
  /** The boot and process namespace in which `pid` means something. */
  readonly world: string;
  /** The folder's inode: a copied folder must not inherit its claim. */
  readonly inode: number;
}

/**
 * Claims `folder` for this process, taking over from a holder that is dead.
 * Throws when a live gateway holds it, naming the folder and that gateway's process id.
 */
export async function claimFolder(folder: string): Promise<FolderClaim> {
  const file = join(folder, 'postgres.owner');
  const self: Holder = {
    pid: process.pid,
    started: (await inspectProcess(process.pid))?.started ?? '',
    world: await readWorld(),
    inode: (await stat(folder)).ino,
  };
  const text = JSON.stringify(self);
  while (!(await createFile(file, text))) {
    const holder = await readHolder(file);
    if (holder === 'none') continue;
    if (holder !== 'unreadable' && (await isAlive(holder, self, file))) {
      const elsewhere =
        holder.world === self.world ? '' : ' in another container or on another machine';
      throw new StartFault(
        `The data folder ${folder} is in use by another gateway, process ${holder.pid}${elsewhere}. ` +
          'Give this one its own folder with DATA_DIR, or let both use one server with DATABASE_URL.',
      );
    }
    if (await takeOver(file, text)) break;
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if ((await readText(file)) === text) await rm(file, { force: true });
    },
  };
}

/** What runs under `pid` now; undefined when nothing does, or only a zombie. */
export async function inspectProcess(pid: number): Promise<ProcessStatus | undefined> {
  try {
    if (process.platform === 'linux') {
      const line = await readFile(`/proc/${pid}/stat`, 'utf8');
      // The name in parentheses may hold spaces; the state follows it, the start time is 19 fields on.
      const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      return { started: fields[19] ?? '', command: command.replaceAll('\0', ' ') };
    }
    process.kill(pid, 0);
    if (process.platform === 'win32') return { started: '', command: '' };
    const columns = ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)];
    const { stdout } = await promisify(execFile)('ps', columns, { env: { LC_ALL: 'C' } });
    const [, state = '', started = '', command = ''] = /^(\S+)\s+(.{24}) (.*)/.exec(stdout) ?? [];
    return state.startsWith('Z') ? undefined : { started, command };
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder, self: Holder, file: string): Promise<boolean> {
  if (holder.inode !== self.inode) return false;
  if (holder.world === self.world) {
    const sight = await inspectProcess(holder.pid);
    return sight !== undefined && sight.started === holder.started;
  }
  // Another container may share the folder: its processes can't be seen from here, its heartbeat can.
  const last = await readBeat(file);
  if (Date.now() - last > 6 * SILENCE_MS) return false;
  for (let waited = 0; waited < SILENCE_MS; waited += HEARTBEAT_MS) {
    await sleep(HEARTBEAT_MS);
    if ((await readBeat(file)) !== last) return true;
  }
  return false;
}

async function createFile(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** True when this process is the new holder; another one may have been quicker. */
async function takeOver(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
  // Of two that found the same dead holder, the one whose rename came last keeps the folder.
  await sleep(100);
  return (await readText(file)) === text;
}

async function readHolder(file: string): Promise<Holder | 'none' | 'unreadable'> {
  // A text that can't be read may be one that is just being written: look again before giving up.
  for (let look = 0; look < 3; look++) {
    const text = await readText(file);
    if (text === undefined) return 'none';
    try {
      return JSON.parse(text) as Holder;
    } catch {
      await sleep(50);
    }
  }
  return 'unreadable';
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readBeat(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

async function readWorld(): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
