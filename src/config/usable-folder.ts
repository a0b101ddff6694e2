import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Why a folder cannot be written to, or made; undefined when it can. Nothing is created.
 * @param path absolute
 */
export function findFolderFault(path: string): string | undefined {
  const existing = findExisting(path);
  if (typeof existing === 'string') return existing;
  if (!existing.isFolder) return `${existing.path} is not a folder`;
  try {
    accessSync(existing.path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EROFS') return `${existing.path} is on a read-only file system`;
    return `this user may not write to ${existing.path}`;
  }
}

/** The path itself, or the nearest folder above it that exists. */
function findExisting(path: string): { path: string; isFolder: boolean } | string {
  try {
    return { path, isFolder: statSync(path).isDirectory() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return message;
    const parent = dirname(path);
    return parent === path ? message : findExisting(parent);
  }
}
