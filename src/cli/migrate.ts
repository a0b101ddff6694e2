import { requireNode } from '../start/node-version.js';

// Before anything else is loaded, which an older Node.js may not even parse.
requireNode();
await import('./migrate-database.js');
