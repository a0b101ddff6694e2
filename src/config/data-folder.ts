import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which platforms a gateway serves: the simulated ones or the real ones. */
export type Mode = 'sandbox' | 'real';

/** Files that release 0.1.0 kept in DATA_DIR itself, for both modes. */
const UNDIVIDED = ['postgres', 'postgres.location', 'postgres.password'];
const UNDIVIDED_SECRETS = ['module-secret-key', 'token-encryption-keys', 'callback-secret'];
/** Says to which mode the data belongs that lies in DATA_DIR itself. */
const MODE_FILE = 'data.mode';

/** A folder of data. */
export interface DataFolder {
  readonly path: string;
  /** The data was made before modes had folders of their own, and its mode is not known yet. */
  readonly isUndecided: boolean;
}

/**
 * The folder of a mode: `<root>/sandbox` or `<root>/real`. What release 0.1.0 left in the root stays there
 * and is used by the mode it belongs to.
 */
export function chooseDataFolder(root: string, mode: Mode): DataFolder {
  const own = { path: join(root, mode), isUndecided: false };
  const has = (name: string): boolean => existsSync(join(root, name));
  if (!UNDIVIDED.some(has)) {
    // Secrets alone go with a database elsewhere, of either mode.
    const isUsed = !existsSync(own.path) && UNDIVIDED_SECRETS.some(has);
    return isUsed ? { path: root, isUndecided: false } : own;
  }
  const known = has(MODE_FILE) ? readFileSync(join(root, MODE_FILE), 'utf8').trim() : undefined;
  if (known === undefined) return { path: root, isUndecided: true };
  return known === mode ? { path: root, isUndecided: false } : own;
}

/** The file that says to which mode the data in a root folder belongs. */
export function locateModeFile(root: string): string {
  return join(root, MODE_FILE);
}
