import { writeFile } from 'node:fs/promises';
import { Client } from 'pg';
import { type Config, loadConfig, loadSettings } from '../config/config.js';
import { locateModeFile, type Mode } from '../config/data-folder.js';
import { readListenAddress } from '../config/listen-address.js';
import { readOldPorts } from '../config/old-ports.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { chooseHost, requirePorts } from './ports.js';

/**
 * The configuration of a gateway that opens doors. Its address and ports are looked at before anything is
 * made, such as secrets and folders.
 * @throws StartFault for the first thing that is in the way
 */
export async function prepareConfig(log: (line: string) => void): Promise<Config> {
  const settings = loadSettings();
  const HOST = await chooseHost(readListenAddress(settings.HOST ?? ''));
  await requirePorts(HOST, [
    { setting: 'REST_PORT', port: settings.REST_PORT },
    { setting: 'GRPC_PORT', port: settings.GRPC_PORT },
    ...readOldPorts(settings.PREDECESSOR_PORTS, [])
      .filter(({ port }) => port !== settings.REST_PORT && port !== settings.GRPC_PORT)
      .map(({ port }) => ({ setting: 'PREDECESSOR_PORTS', port })),
  ]);
  return { ...(await loadDecidedConfig(log)), HOST };
}

/** The configuration, with the data folder of its mode. */
export async function loadDecidedConfig(log: (line: string) => void): Promise<Config> {
  const config = loadConfig();
  if (!config.isDataUndecided || config.DATABASE_URL !== undefined) return config;
  await decideMode(config, log);
  return loadConfig();
}

/** Asks the database of release 0.1.0 for its mode, and notes that beside it. */
async function decideMode(
  { dataRoot, sandbox }: Config,
  log: (line: string) => void,
): Promise<void> {
  const postgres = await startEmbeddedPostgres({ dataDir: dataRoot, log });
  try {
    const own = sandbox ? 'sandbox' : 'real';
    const mode = (await readStamp(postgres.url)) ?? own;
    await writeFile(locateModeFile(dataRoot), `${mode}\n`);
    if (mode !== own)
      log(
        `The data in ${dataRoot} belongs to the mode "${mode}": this gateway uses a folder of its own below it.`,
      );
  } finally {
    await postgres.stop();
  }
}

/** Undefined for a database that was never migrated. */
async function readStamp(url: string): Promise<Mode | undefined> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ has: boolean }>(
      `SELECT to_regclass('stamp') IS NOT NULL AS has`,
    );
    if (rows[0]?.has !== true) return undefined;
    const stamps = await client.query<{ kind: Mode }>('SELECT kind FROM stamp');
    return stamps.rows[0]?.kind;
  } finally {
    await client.end();
  }
}
