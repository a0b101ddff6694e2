import { requireNode } from './start/node-version.js';

/** `open-gateway.js` and all that it loads in a few files, by scripts/bundle.mjs: it starts in half of the time. */
const GATEWAY: string = './bundle/open-gateway.js';

// Before anything else is loaded, which an older Node.js may not even parse.
requireNode();
await import(GATEWAY);
