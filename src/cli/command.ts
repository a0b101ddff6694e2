import { type Config, readEnvFile } from '../config/config.js';
import { StartFault } from '../config/start-fault.js';
import type { PooledDataSource } from '../database/pooled-data-source.js';
import { Closers } from '../start/closers.js';
import { describeStartFault } from '../start/describe-fault.js';
import { openStore } from '../start/open-store.js';
import { loadDecidedConfig } from '../start/prepare-config.js';

/**
 * Runs a command of an operator on the gateway's database, the embedded one where no other is given.
 * What goes wrong ends the process with one sentence and 1.
 */
export async function runOnDatabase(
  work: (dataSource: PooledDataSource, config: Config) => Promise<void>,
): Promise<void> {
  const closers = new Closers(() => undefined);
  try {
    readEnvFile();
    const config = await loadDecidedConfig(log);
    const { dataSource } = await openStore(config, 2, closers, log);
    await work(dataSource, config);
  } catch (error) {
    log(describeStartFault(error));
    process.exitCode = 1;
  }
  await closers.close();
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What an operator can mend; the message alone is shown. */
export class CommandError extends StartFault {}
