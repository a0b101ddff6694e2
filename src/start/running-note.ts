import { rmSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/config.js';

/** A note of a running gateway for commands of the same user: where its signing key is. It contains no secret. */
interface RunningNote {
  readonly pid: number;
  readonly sandbox: boolean;
  /** File of the key that it made for itself; left out where its key was given. */
  readonly keyFile?: string;
}

/**
 * Notes where the made-up signing key of this gateway is, under the port of its gRPC door, so that
 * `npm run call` signs with the key of the gateway it calls, also if that has another data folder.
 * @returns what takes the note away again
 */
export async function noteRunningGateway(config: Config): Promise<() => Promise<void>> {
  const note: RunningNote = {
    pid: process.pid,
    sandbox: config.sandbox,
    ...(config.MODULE_SECRET_KEY === undefined && {
      keyFile: join(config.dataDir, 'module-secret-key'),
    }),
  };
  const file = locateNote(config.GRPC_PORT);
  try {
    await mkdir(locateFolder(), { recursive: true, mode: 0o700 });
    await writeFile(file, JSON.stringify(note), { mode: 0o600 });
  } catch {
    // Without a temporary folder the command looks into its own data folder.
    return async () => undefined;
  }
  // Synchronous: a gateway that stops refuses new calls in the same turn of the event loop.
  return async () => rmSync(file, { force: true });
}

/** What the gateway of this user on a port has noted; undefined when none runs there, or it noted nothing. */
export async function readRunningNote(
  port: number,
): Promise<{ readonly key?: string; readonly sandbox: boolean } | undefined> {
  const file = locateNote(port);
  try {
    // A file that another user has put there could make us show a token to a stranger.
    // Asked of the process, since a user of a container may have no entry in /etc/passwd.
    const uid = process.getuid?.();
    if (uid !== undefined && (await stat(file)).uid !== uid) return undefined;
    const note = JSON.parse(await readFile(file, 'utf8')) as RunningNote;
    process.kill(note.pid, 0);
    const { sandbox, keyFile } = note;
    return keyFile === undefined
      ? { sandbox }
      : { sandbox, key: (await readFile(keyFile, 'utf8')).trim() };
  } catch {
    return undefined;
  }
}

function locateFolder(): string {
  return join(tmpdir(), `action-gateway-${process.getuid?.() ?? 'user'}`);
}

function locateNote(port: number): string {
  return join(locateFolder(), `${port}.json`);
}
