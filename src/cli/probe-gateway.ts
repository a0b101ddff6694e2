import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { loadSettings } from '../config/config.js';
import { listLocalAddresses, readListenAddress } from '../config/listen-address.js';
import { describeStartFault } from '../start/describe-fault.js';

/**
 * Asks the gateway of this machine whether it lives or is ready: `node dist/cli/probe.js [live|ready]`, exit
 * code 0 or 1. For probes that cannot speak the TLS of the REST door: the door's own certificate is
 * shown as a client's, which has to be signed by REST_TLS_CLIENT_CA where that is set.
 */
const PATIENCE_MS = 2_500;

const [what = 'live'] = process.argv.slice(2);
const { HOST, REST_PORT, REST_TLS_CERT, REST_TLS_KEY } = loadSettings();

function ask(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const address = { host, port: REST_PORT, path: `/health/${what}`, timeout: PATIENCE_MS };
    const request =
      REST_TLS_CERT === undefined || REST_TLS_KEY === undefined
        ? requestPlain(address)
        : requestSecure({
            ...address,
            cert: readFileSync(REST_TLS_CERT),
            key: readFileSync(REST_TLS_KEY),
            // Its name is not that of this machine, and nothing secret is said.
            rejectUnauthorized: false,
          });
    request
      .on('response', ({ statusCode }) => resolve(statusCode === 200))
      .on('timeout', () => request.destroy())
      .on('error', () => resolve(false))
      .end();
  });
}

try {
  const hosts = listLocalAddresses(HOST === undefined ? undefined : readListenAddress(HOST));
  // All at once: the first may be of a family that the door does not listen on.
  const answers = await Promise.all(hosts.map(ask));
  process.exit(answers.includes(true) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${describeStartFault(error)}\n`);
  process.exit(1);
}
