import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Database } from '#gateway/database/database.js';
import { openDatabase } from '#gateway/database/open-database.js';
import type { PooledDataSource } from '#gateway/database/pooled-data-source.js';
import { fillAuditLog } from './audit-rows.js';

/** How long a statement for the whole database may take. */
const LONGEST_MS = 3_600_000;

/** A database of the stand, seen past the gateway. */
export class BenchDatabase {
  readonly #database: Database;

  private constructor(
    readonly url: string,
    private readonly dataSource: PooledDataSource,
  ) {
    this.#database = new Database(dataSource);
  }

  get name(): string {
    return new URL(this.url).pathname.slice(1);
  }

  /** Opens one that is there, with all tables of the gateway. */
  static async open(url: string): Promise<BenchDatabase> {
    const options = { url, poolMax: 2, sandbox: false, log: () => undefined };
    return new BenchDatabase(url, await openDatabase(options));
  }

  /** Makes an empty one beside another, in the same server. */
  static async create(beside: string, name: string): Promise<BenchDatabase> {
    const client = new Client({ connectionString: beside });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    const url = new URL(beside);
    url.pathname = `/${name}`;
    return BenchDatabase.open(url.href);
  }

  /** Adds rows to the audit log. @returns the milliseconds it took */
  fill(rows: number): Promise<number> {
    return fillAuditLog(this.#database, rows);
  }

  /**
   * Waits until PostgreSQL has no work left from what was written: pages that only memory holds, dead rows,
   * figures for the planner. It would do that sooner or later, beside whoever is measured just then.
   */
  async rest(): Promise<void> {
    await this.#runLong('VACUUM ANALYZE');
    await this.#runLong('CHECKPOINT');
    while (await this.#isVacuuming()) await sleep(100);
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }

  async #isVacuuming(): Promise<boolean> {
    const workers = await this.#database.query(
      "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'",
    );
    return workers.length > 0;
  }

  #runLong(text: string): Promise<unknown> {
    return this.#database.connect((client) =>
      client.query({ text, query_timeout: LONGEST_MS } as { text: string }),
    );
  }
}
