import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Database } from '../database/database.js';
import { makePartitions } from '../database/partitions.js';

const EVERY_MS = 60_000;
/** Callbacks that were delivered, or are dead, can be replayed for this long. */
const CALLBACK_DAYS = 30;
const ROWS_AT_A_TIME = 10_000;
/** Tables of rows that have a time; a row in use is left for another day. */
const SWEPT = ['idempotency_keys', 'account_memory', 'limit_states'] as const;

/** What has to be done now and then for the log to stay what it is. Safe on any number of replicas. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(Housekeeping.name);
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.keep(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Sweeps rows past their time and makes the partitions of the coming months. Never throws. */
  async keep(): Promise<void> {
    try {
      // In portions, so that no long transaction holds back the claims of new keys.
      for (const table of SWEPT) while ((await this.#sweep(table)) === ROWS_AT_A_TIME);
      await this.database.change(
        `DELETE FROM callbacks WHERE settled_at < now() - make_interval(days => ${CALLBACK_DAYS})`,
      );
      await makePartitions(this.database.dataSource);
    } catch (error) {
      this.#logger.warn(`housekeeping waits: ${(error as Error).message}`);
    }
  }

  #sweep(table: (typeof SWEPT)[number]): Promise<number> {
    return this.database.change(
      `DELETE FROM ${table} WHERE ctid IN
         (SELECT ctid FROM ${table} WHERE expires_at < now() LIMIT ${ROWS_AT_A_TIME}
          FOR UPDATE SKIP LOCKED)`,
    );
  }
}
