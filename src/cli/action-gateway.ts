#!/usr/bin/env node
import { requireNode } from '../start/node-version.js';

// Before anything else is loaded, which an older Node.js may not even parse.
requireNode();
const { runCommandLine } = await import('./command-line.js');
await runCommandLine(process.argv.slice(2));
