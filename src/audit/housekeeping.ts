import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { forgetActions, makePartitions } from '../database/partitions.js';

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

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'AUDIT_RETENTION_DAYS'>,
  ) {}

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => void this.keep(), EVERY_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Sweeps what is past its time and makes the partitions of the coming months. Never throws. */
  async keep(): Promise<void> {
    try {
      // In portions, so that no long transaction holds back the claims of new keys.
      for (const table of SWEPT) while ((await this.#sweep(table)) === ROWS_AT_A_TIME);
      await this.database.change(
        `DELETE FROM callbacks WHERE settled_at < now() - make_interval(days => ${CALLBACK_DAYS})`,
      );
      await makePartitions(this.database.dataSource);
      await this.#forget();
    } catch (error) {
      this.#logger.warn(`housekeeping waits: ${(error as Error).message}`);
    }
  }

  async #forget(): Promise<void> {
    const { AUDIT_RETENTION_DAYS: days } = this.config;
    if (days === 0) return;
    const before = new Date(Date.now() - days * 86_400_000);
    const dropped = await forgetActions(this.database.dataSource, before);
    for (const name of dropped) this.#logger.log(`${name} is older than ${days} days, and dropped`);
  }

  #sweep(table: (typeof SWEPT)[number]): Promise<number> {
    return this.database.change(
      `DELETE FROM ${table} WHERE ctid IN
         (SELECT ctid FROM ${table} WHERE expires_at < now() LIMIT ${ROWS_AT_A_TIME}
          FOR UPDATE SKIP LOCKED)`,
    );
  }
}
