import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What a program is given, and within which bounds it may work. */
export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  /** Its folder, its home, and all that it may fill. */
  readonly folder: string;
  /** The value of PATH. */
  readonly path: string;
  readonly timeoutMs: number;
  /** Bytes of its folder, and of what it says. */
  readonly maxBytes: number;
  readonly maxOutput: number;
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** Why it was ended by us, if it was. */
  readonly stopped?: 'aborted' | 'too long' | 'too large';
}

const LOOK_EVERY_MS = 250;
const LONGEST_ERRORS = 16_384;

/**
 * Runs a program without a shell, in a group of its own that is killed whole: what it has started dies
 * with it. Of our environment it gets nothing.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  run.signal.throwIfAborted();
  const { program, args, folder, path } = run;
  const child = spawn(program, [...args], {
    cwd: folder,
    env: { PATH: path, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', PYTHONUTF8: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    shell: false,
  });
  let stopped: ProgramEnd['stopped'];
  const stop = (why: ProgramEnd['stopped']): void => {
    stopped ??= why;
    killGroup(child);
  };
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  let [outputSize, errorsSize] = [0, 0];
  child.stdout.on('data', (chunk: Buffer) => {
    outputSize += chunk.length;
    if (outputSize > run.maxOutput) stop('too large');
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errorsSize += chunk.length;
    if (errorsSize <= LONGEST_ERRORS) errors.push(chunk);
  });
  const onAbort = (): void => stop('aborted');
  run.signal.addEventListener('abort', onAbort, { once: true });
  const deadline = setTimeout(() => stop('too long'), run.timeoutMs);
  const watch = setInterval(() => {
    void measureFolder(folder).then((size) => size > run.maxBytes && stop('too large'));
  }, LOOK_EVERY_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    return {
      code,
      output: Buffer.concat(output).toString('utf8'),
      errors: Buffer.concat(errors).toString('utf8'),
      ...(stopped && { stopped }),
    };
  } finally {
    run.signal.removeEventListener('abort', onAbort);
    clearTimeout(deadline);
    clearInterval(watch);
    // Child processes must not outlive the program.
    killGroup(child);
  }
}

/** The path of a program in the folders of PATH; undefined where none has it. */
export function findProgram(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A group lives for as long as one of its members; that none is left is no fault. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Files come and go while they are counted; a folder that is gone holds nothing. */
async function measureFolder(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        (found) => (found.isFile() ? found.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
