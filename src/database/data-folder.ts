import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StartFault } from '../config/start-fault.js';
import { exists } from './unprivileged.js';

/** Makes the folder, and gives its real path. @throws StartFault where it cannot be written to */
export async function openFolder(dataDir: string): Promise<string> {
  const wanted = resolve(dataDir);
  try {
    await mkdir(wanted, { recursive: true });
    const folder = await realpath(wanted);
    await access(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    throw new StartFault(
      `The data folder ${wanted} cannot be used (${(error as Error).message}). ` +
        'Let this user write to it, choose another with DATA_DIR, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

/**
 * Root may use the files of every user; PostgreSQL insists that others use their own.
 * @throws StartFault
 */
export async function checkOwner(path: string): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  const owner = await stat(path).then(
    (found) => found.uid,
    () => uid,
  );
  if (uid !== 0 && uid !== owner)
    throw new StartFault(
      `${path} belongs to user ${owner}, but user ${uid} starts the gateway. Start it as the ` +
        'same user as before, hand the whole folder over (chown -R), or choose another DATA_DIR.',
    );
}

/** The password in `<folder>/postgres.password`, made before the first start. */
export async function readPassword(folder: string, data: string): Promise<string> {
  const file = locatePassword(folder);
  if (await exists(data)) {
    const password = await readFile(file, 'utf8').catch(() => undefined);
    if (password !== undefined) return password.trim();
    throw new StartFault(
      `The password file ${file} is missing or cannot be read, though there is data in ${data}. ` +
        'Put the file back, or move that data away to begin with an empty database.',
    );
  }
  const password = randomBytes(24).toString('hex');
  await writeFile(file, `${password}\n`, { mode: 0o600, flush: true });
  return password;
}

export function locatePassword(folder: string): string {
  return join(folder, 'postgres.password');
}
