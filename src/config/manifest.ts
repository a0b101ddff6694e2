import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What package.json says of the package that runs. */
export const MANIFEST = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
) as { readonly version: string; readonly scripts: { readonly start: string } };
