import { findPool } from '../vendor/typeorm.js';
import { Injectable } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import type pg from 'pg';
import { DatabaseAway, isDatabaseAway } from './database-fault.js';
import type { PooledDataSource } from './pooled-data-source.js';

/**
 * A statement that is planned once by each connection, without looking at its values or at how much is in
 * the tables: it must find every row that it does not make by its primary key.
 */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** Of the connections of the pool, the share that searches may use at one time. */
const SEARCHES_SHARE = 1 / 2;

/**
 * Statements as they are, on TypeORM's own pool. For leases, claims and the action log, whose SQL is
 * the point; rows that are only kept and listed go through repositories.
 */
@Injectable()
export class Database {
  readonly #pool: pg.Pool;
  readonly #searches: ReturnType<typeof bulkhead>;

  constructor(readonly dataSource: PooledDataSource) {
    this.#pool = findPool(dataSource);
    const atOnce = Math.max(1, Math.floor(this.#pool.options.max * SEARCHES_SHARE));
    this.#searches = bulkhead(atOnce, Infinity);
  }

  /** Connections of the pools, and how many callers wait for one. */
  get connections(): { busy: number; idle: number; waiting: number } {
    const pools = [this.#pool, this.dataSource.prepared];
    const sum = (figure: 'totalCount' | 'idleCount' | 'waitingCount'): number =>
      pools.reduce((total, pool) => total + pool[figure], 0);
    const idle = sum('idleCount');
    return { busy: sum('totalCount') - idle, idle, waiting: sum('waitingCount') };
  }

  /** Rows of a statement, also of one that writes and RETURNS. @throws DatabaseAway */
  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.reach(() => this.#pool.query<Row>(text, [...values]));
    return rows;
  }

  /**
   * Rows of a statement that may read much. Searches wait for each other and leave half of the connections
   * to actions, which would otherwise be refused because no connection is free in time.
   * @throws DatabaseAway
   */
  search<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#searches.execute(() => this.query<Row>(text, values));
  }

  /** How many rows a statement changed. @throws DatabaseAway */
  async change(text: string, values: readonly unknown[] = []): Promise<number> {
    const { rowCount } = await this.reach(() => this.#pool.query(text, [...values]));
    return rowCount ?? 0;
  }

  /** Runs what everybody runs all the time. @returns its rows @throws DatabaseAway */
  async run<Row extends object>(
    { name, text }: PreparedStatement,
    values: unknown[],
  ): Promise<Row[]> {
    const { rows } = await this.reach(() =>
      this.dataSource.prepared.query<Row>({ name, text, values }),
    );
    return rows;
  }

  /** Runs work on a connection of its own; one that failed is not used again. @throws DatabaseAway */
  connect<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return this.reach(async () => {
      const client = await this.#pool.connect();
      // The query receives the error of its connection; without a listener the error would end the process.
      client.on('error', ignore);
      let isSound = false;
      try {
        const result = await work(client);
        isSound = true;
        return result;
      } finally {
        if (isSound) client.off('error', ignore);
        client.release(!isSound);
      }
    });
  }

  /** Runs work that needs the database. @throws DatabaseAway where the driver says so in its many ways */
  async reach<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isDatabaseAway(error) ? new DatabaseAway(error) : error;
    }
  }
}

function ignore(): void {}
