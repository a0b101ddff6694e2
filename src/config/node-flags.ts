import { MANIFEST } from './manifest.js';

/** The flags of Node.js that `npm start` runs the gateway with, for those who start it by themselves. */
export const NODE_FLAGS: readonly string[] = MANIFEST.scripts.start
  .split(' ')
  .filter((word) => word.startsWith('--'));
