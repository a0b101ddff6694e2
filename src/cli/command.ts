import { type Config, readEnvFile } from '../config/config.js';
import { StartFault } from '../config/start-fault.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { openDatabase } from '../database/open-database.js';
import type { PooledDataSource } from '../database/pooled-data-source.js';
import { describeStartFault } from '../start/describe-fault.js';
import { loadDecidedConfig } from '../start/prepare-config.js';

/**
 * Runs a command of an operator on the gateway's database, the embedded one where no other is given.
 * What goes wrong ends the process with one sentence and 1.
 */
export async function runOnDatabase(
  work: (dataSource: PooledDataSource, config: Config) => Promise<void>,
): Promise<void> {
  const closers: (() => Promise<unknown>)[] = [];
  try {
    readEnvFile();
    const config = await loadDecidedConfig(log);
    let { DATABASE_URL: url } = config;
    if (url === undefined) {
      const postgres = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
      closers.push(() => postgres.stop());
      url = postgres.url;
    }
    const { sandbox } = config;
    const dataSource = await openDatabase({ url, poolMax: 2, sandbox, log });
    closers.push(() => dataSource.destroy());
    await work(dataSource, config);
  } catch (error) {
    log(describeStartFault(error));
    process.exitCode = 1;
  }
  for (const close of closers.toReversed()) await close().catch(() => undefined);
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What an operator can mend; the message alone is shown. */
export class CommandError extends StartFault {}
