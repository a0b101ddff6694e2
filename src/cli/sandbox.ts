import { parseArgs } from 'node:util';

import { PLATFORMS } from '../platforms/platforms.js';
import { startSandbox } from '../sandbox/sandbox.js';
import { loadSimulations } from '../start/load-simulations.js';

/** The sandbox alone: `node dist/cli/sandbox.js [--port N] [--host H]`, until SIGTERM or SIGINT. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
  },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  process.stderr.write(`--port must be a number from 0 to 65535, not ${values.port}\n`);
  process.exit(2);
}
const host = values.host.replace(/^\[(.*)\]$/, '$1');
const simulations = await loadSimulations(PLATFORMS);
const sandbox = await startSandbox({ simulations, port, host }).catch(
  (error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    process.stderr.write(
      `The sandbox cannot listen on --host ${host} and --port ${port} (${error.code}): name an address of this machine, and a free port or 0\n`,
    );
    process.exit(1);
  },
);
process.stdout.write(
  `${JSON.stringify({ ready: true, url: sandbox.url, ...describePlatforms(sandbox.url) })}\n`,
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void sandbox.close());
}

/** Where each platform is, and the credentials that it knows. */
function describePlatforms(url: string): object {
  return Object.fromEntries(
    PLATFORMS.flatMap(({ name, sandbox: simulated }) =>
      simulated ? [[name, simulated.describe(url)]] : [],
    ),
  );
}
