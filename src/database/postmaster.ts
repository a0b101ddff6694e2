import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartFault } from '../config/start-fault.js';
import { inspectProcess } from './folder-claim.js';
import { run } from './unprivileged.js';

/** Fast shutdown, then one without a checkpoint, then none at all: below 10 s together. */
export const STOPPING = [
  ['SIGINT', 6_000],
  ['SIGQUIT', 2_000],
  ['SIGKILL', 1_500],
] as const;
/** Above every process id that any kernel hands out. */
const NO_PROCESS = 2 ** 30;

/** Ends what a killed gateway left running, and makes its postmaster.pid harmless. */
export async function stopStaleServer(
  data: string,
  native: string,
  log: (line: string) => void,
): Promise<void> {
  for (const [signal, patience] of STOPPING) {
    const pid = await findServer(data);
    if (pid === undefined) break;
    log(`A gateway that was killed left its PostgreSQL behind (process ${pid}): stopping it.`);
    await sendSignal(pid, signal, native);
    const deadline = Date.now() + patience;
    while (Date.now() < deadline && (await findServer(data)) === pid) await sleep(20);
  }
  const survivor = await findServer(data);
  if (survivor !== undefined)
    throw new StartFault(
      `A gateway that was killed left its PostgreSQL behind, and process ${survivor} does not end. ` +
        `End it (kill -9 ${survivor}), choose another DATA_DIR, or set DATABASE_URL.`,
    );
  const file = join(data, 'postmaster.pid');
  const lines = await readFile(file, 'utf8').catch(() => undefined);
  // The number may be another process's by now, which would keep PostgreSQL from starting. The file
  // itself must stay: its other lines let PostgreSQL see children of the dead server at work.
  if (lines !== undefined)
    await writeFile(file, lines.replace(/^\d+/, String(NO_PROCESS)), { flag: 'r+' }).catch(
      ignoreGone,
    );
}

/** The process id of the server that runs in `data`, if one does. */
export async function findServer(data: string): Promise<number | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0)) return undefined;
  const sight = await inspectProcess(pid);
  if (sight === undefined) return undefined;
  // Windows shows no command line: there, the file's own path must do.
  const isOurs =
    process.platform === 'win32'
      ? resolve(lines[1] ?? '') === data
      : sight.command.includes(` -D ${data} `);
  return isOurs ? pid : undefined;
}

export async function sendSignal(
  pid: number,
  signal: NodeJS.Signals,
  binaries: string,
): Promise<void> {
  try {
    if (process.platform === 'win32')
      await run(
        { prefix: [], identity: {} },
        join(binaries, 'bin', 'pg_ctl.exe'),
        ['kill', signal.slice(3), String(pid)],
        binaries,
      );
    else process.kill(pid, signal);
  } catch (error) {
    ignoreGone(error as NodeJS.ErrnoException);
  }
}

function ignoreGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ESRCH' && error.code !== 'ENOENT') throw error;
}
