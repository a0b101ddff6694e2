import 'reflect-metadata';
import { VERSION } from '../config/version.js';
import { buildOpenApi } from '../doors/contracts/openapi.js';
import { listControllers } from '../doors/controllers.js';
import { listRoutes } from '../doors/door/route.js';

/**
 * Prints the contract of our own routes without the actions of a catalogue, as JSON: what typed clients are
 * made from. The parameters of an envelope are any object there.
 */
const contract = buildOpenApi([], listRoutes([...listControllers([])]), {
  version: VERSION,
  dialects: [],
});
process.stdout.write(`${JSON.stringify(contract)}\n`);
