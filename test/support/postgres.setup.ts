import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A superuser's URL of the PostgreSQL server that all tests share. */
    postgresUrl: string;
  }
}

interface SharedServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Each vitest project loads its own copy of this file: what they share must hang on the process. */
const shared: { users: number; server?: Promise<SharedServer> } = ((
  globalThis as { gatewayTestServer?: { users: number } }
).gatewayTestServer ??= { users: 0 });

async function startSharedServer(): Promise<SharedServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given) return { url: given, stop: async () => undefined };
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-test-postgres-'));
  // Run by root, the server may belong to another account, which has to come in here.
  await chmod(dataDir, 0o755);
  const { url, stop } = await startEmbeddedPostgres({ dataDir });
  await spareTheDisk(url);
  return {
    url,
    async stop() {
      await stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** What a crash of the machine would lose is of no worth here. Crashes of PostgreSQL have servers of their own. */
async function spareTheDisk(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const setting of ['fsync', 'full_page_writes'])
      await client.query(`ALTER SYSTEM SET ${setting} = off`);
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
}

/** Gives the tests one PostgreSQL server: that of TEST_DATABASE_URL, or a fresh embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.users += 1;
  const server = await (shared.server ??= startSharedServer());
  project.provide('postgresUrl', server.url);
  return async () => {
    shared.users -= 1;
    if (shared.users === 0) await server.stop();
  };
}
