import { type Config, readEnvFile } from './config/config.js';
import { collectWhenIdle } from './observability/idle-collection.js';
import { type Logs, openLogs } from './observability/logs.js';
import { measureProcess } from './observability/metrics.js';
import { openHouse } from './open-house.js';
import { Closers } from './start/closers.js';
import { describeStartFault } from './start/describe-fault.js';
import { prepareConfig } from './start/prepare-config.js';

/** Beyond the grace, what a forced end may take. */
const LAST_SECONDS = 15;

await run().catch((error: unknown) => {
  process.stderr.write(`${describeStartFault(error)}\n`);
  process.exit(1);
});

/** The process around a gateway: environment, log, metrics, signals. */
async function run(): Promise<void> {
  readEnvFile();
  const config = await prepareConfig((line) => process.stderr.write(`${line}\n`));
  const logs = await openLogs(config, process.stdout.isTTY && !config.production);
  measureProcess();
  collectWhenIdle();
  const closers = new Closers((line) => logs.logger.info(line));
  const stopping = closeOnSignals(config, closers, logs);
  try {
    const { greeting } = await openHouse(config, logs.logger, closers);
    process.stdout.write(greeting);
  } catch (error) {
    // A signal ended the start.
    if (stopping.signal.aborted) return;
    await logs.close();
    throw error;
  }
}

/** The first signal closes in order, also while the gateway still opens; the grace bounds it. */
function closeOnSignals(config: Config, closers: Closers, logs: Logs): AbortController {
  const stopping = new AbortController();
  const close = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    logs.logger.info(`${signal}: stopping`);
    const longest = config.SHUTDOWN_DELAY + config.SHUTDOWN_GRACE + LAST_SECONDS;
    setTimeout(() => process.exit(1), longest * 1_000).unref();
    await closers.close();
    await logs.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void close(signal));
  return stopping;
}
