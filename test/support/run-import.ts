import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The import command as a process, and what came of it. */
export interface ImportRun {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; lines: string[]; errors: string }>;
}

/** Starts the built import command. */
export function startImport(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ImportRun {
  const child = spawn(process.execPath, ['dist/cli/import.js', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = Promise.all([output, closed]).then(([[said, errors]]) => ({
    code: child.exitCode,
    lines: said.split('\n').filter((line) => line !== ''),
    errors,
  }));
  return { process: child, ended };
}
