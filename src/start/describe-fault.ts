import { inspect } from 'node:util';
import { StartFault } from '../config/start-fault.js';

/** System errors that an operator can mend, and how. */
const SYSTEM_FAULTS: ReadonlyMap<string, string> = new Map([
  [
    'ENOSPC',
    'the disk is full: free some space, or choose another folder with DATA_DIR or LOG_DIR',
  ],
  [
    'EDQUOT',
    'the quota of the disk is used up: free some space, or choose another folder with DATA_DIR or LOG_DIR',
  ],
  [
    'EROFS',
    'the file system is read-only: choose a folder with DATA_DIR or LOG_DIR that can be written to',
  ],
  ['EACCES', 'this user may not use it: give this user access, or name another path'],
  ['EPERM', 'this user may not use it: give this user access, or name another path'],
  ['ENOTDIR', 'a part of the path is a file: name a path whose folders are folders'],
  ['EISDIR', 'it is a folder: name a file'],
  ['ENOENT', 'it does not exist: name a path that does'],
  ['EMFILE', 'this process has too many files open: raise the limit (ulimit -n)'],
  ['ENFILE', 'this machine has too many files open: raise the limit (fs.file-max)'],
]);

/**
 * What a person is shown of an error that ended the start: one sentence for a fault that an operator can
 * mend, the stack trace for any other.
 */
export function describeStartFault(error: unknown): string {
  if (error instanceof StartFault) return error.message;
  if (!(error instanceof Error)) return inspect(error);
  const { code = '', path, syscall = '' } = error as NodeJS.ErrnoException;
  const mend = SYSTEM_FAULTS.get(code);
  if (mend === undefined || syscall === '') return error.stack ?? String(error);
  return path === undefined
    ? `The gateway cannot start (${code} in ${syscall}): ${mend}`
    : `The gateway cannot use ${path} (${code}): ${mend}`;
}
