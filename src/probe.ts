import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { loadSettings } from './config/config.js';

/**
 * Asks the gateway of this machine whether it lives or is ready: `node dist/probe.js [live|ready]`, exit
 * code 0 or 1. For probes that cannot speak the TLS of the REST door: the door's own certificate is
 * shown as a client's, which has to be signed by REST_TLS_CLIENT_CA where that is set.
 */
const PATIENCE_MS = 2_500;

const [what = 'live'] = process.argv.slice(2);
const { REST_PORT, REST_TLS_CERT, REST_TLS_KEY } = loadSettings();
const address = {
  host: '127.0.0.1',
  port: REST_PORT,
  path: `/health/${what}`,
  timeout: PATIENCE_MS,
};
const asked =
  REST_TLS_CERT === undefined || REST_TLS_KEY === undefined
    ? requestPlain(address)
    : requestSecure({
        ...address,
        cert: readFileSync(REST_TLS_CERT),
        key: readFileSync(REST_TLS_KEY),
        // Its name is not that of this machine, and nothing secret is said.
        rejectUnauthorized: false,
      });
asked
  .on('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
  .end();
