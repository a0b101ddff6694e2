import { MANIFEST } from './manifest.js';

/** The version of the package that runs. */
export const VERSION = MANIFEST.version;

/** What health and statistics call this service. */
export const MODULE_NAME = 'action_gateway';
