import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');

/** The flags of Node.js that `npm start` runs the gateway with, for those who start it by themselves. */
export const NODE_FLAGS: readonly string[] = (
  JSON.parse(manifest) as { scripts: { start: string } }
).scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));
