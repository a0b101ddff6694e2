import { requireNode } from '../start/node-version.js';

// Before anything else is loaded, which an older Node.js may not even parse.
requireNode();
const { runCommandLine } = await import('./command-line.js');
// It stands for the gateway of this checkout, whatever its user has noted.
await runCommandLine(['call', '--local', ...process.argv.slice(2)]);
