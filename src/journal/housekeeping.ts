import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { databaseClock } from '../config/database-clock.js';
import { forgetActions, makePartitions } from '../database/partitions.js';

const EVERY_MS = 60_000;
/** Callbacks that were delivered, or are dead, can be replayed for this long. */
const CALLBACK_DAYS = 30;
const ROWS_AT_A_TIME = 10_000;
/** One month is dropped in this time: a wrong clock takes no log at once. */
const DROP_EVERY_MS = 86_400_000;
/** Tables of rows that have a time; a row in use is left for another day. */
const SWEPT = [
  'idempotency_keys',
  'account_memory',
  'limit_states',
  'sessions',
  'sign_in_codes',
  'kept_envelopes',
] as const;

/**
 * A replica of an older release ends its actions without taking them out of this list. Only final ones go:
 * any other may begin again at this moment.
 */
const FORGET_ENDED = `
  DELETE FROM running_actions USING actions
  WHERE actions.id = running_actions.id
    AND actions.status NOT IN ('QUEUED', 'SCHEDULED', 'RUNNING', 'UNKNOWN')`;

/** What has to be done now and then for the log to stay what it is. Safe on any number of replicas. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(Housekeeping.name);
  #timer: NodeJS.Timeout | undefined;
  /** When the last month was dropped, on the clock of `performance.now()`. */
  #droppedAt = -Infinity;
  /** How many months were too old when that was last told. */
  #toldDue = 0;

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
      await this.database.change(FORGET_ENDED);
      await makePartitions(this.database.dataSource, new Date(databaseClock.now()));
      await this.#forget();
    } catch (error) {
      this.#logger.warn(`housekeeping waits: ${(error as Error).message}`);
    }
  }

  async #forget(): Promise<void> {
    const { AUDIT_RETENTION_DAYS: days } = this.config;
    if (days === 0) return;
    const [{ before } = { before: new Date(0) }] = await this.database.query<{ before: Date }>(
      'SELECT now() - make_interval(days => $1) AS before',
      [days],
    );
    const isEarly = performance.now() - this.#droppedAt < DROP_EVERY_MS;
    const { dropped, due } = await forgetActions(this.database.dataSource, before, isEarly);
    for (const name of dropped) {
      this.#droppedAt = performance.now();
      this.#logger.log(`${name} is older than ${days} days and was dropped`);
    }
    if (due > 1 && due !== this.#toldDue)
      this.#logger.warn(
        `${due} months are older than ${days} days: one is dropped each day. If that is wrong, check the clock of the database and AUDIT_RETENTION_DAYS`,
      );
    this.#toldDue = due;
  }

  #sweep(table: (typeof SWEPT)[number]): Promise<number> {
    return this.database.change(
      `DELETE FROM ${table} WHERE ctid IN
         (SELECT ctid FROM ${table} WHERE expires_at < now() LIMIT ${ROWS_AT_A_TIME}
          FOR UPDATE SKIP LOCKED)`,
    );
  }
}
