import { join } from 'node:path';

/**
 * The folder of package.json, proto, docs and console. It is two above this file in `src`, in `dist` and in
 * the bundle, whose files lie in `dist/bundle`.
 */
export const ROOT = join(import.meta.dirname, '../..');
