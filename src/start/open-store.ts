import type { Config } from '../config/config.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { openDatabase } from '../database/open-database.js';
import type { PooledDataSource } from '../database/pooled-data-source.js';
import type { Closers } from './closers.js';

/** An open and migrated database. */
export interface Store {
  readonly url: string;
  readonly dataSource: PooledDataSource;
  /** From now on the caller closes the data source. */
  handOver(): void;
}

/** Opens PostgreSQL and migrates it: the embedded one if no other is configured. */
export async function openStore(
  { DATABASE_URL, dataDir, sandbox }: Config,
  poolMax: number,
  closers: Closers,
  log: (line: string) => void,
): Promise<Store> {
  let url = DATABASE_URL;
  if (url === undefined) {
    const postgres = await startEmbeddedPostgres({ dataDir, log });
    closers.add(() => postgres.stop());
    url = postgres.url;
  }
  const dataSource = await openDatabase({ url, poolMax, sandbox, log });
  let isOurs = true;
  closers.add(async () => {
    if (isOurs) await dataSource.destroy();
  });
  return {
    url,
    dataSource,
    handOver: () => {
      isOurs = false;
    },
  };
}
