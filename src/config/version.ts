import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');

/** The version of the package that runs. */
export const VERSION = (JSON.parse(manifest) as { version: string }).version;

/** What health and statistics call this service. */
export const MODULE_NAME = 'action_gateway';
