import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ChangeFeed } from '../cluster/change-feed.js';
import { Database } from '../database/database.js';
import { untilWritten } from '../database/patience.js';

/** A block of the address by a service. */
export interface AddressRest {
  readonly service: string;
  /** The name of the service for people. */
  readonly title: string;
  /** A sentence without its full stop. */
  readonly reason: string;
  readonly forMs: number;
}

/** What keeps requests back while a service rests. */
interface RestKeeper {
  /** Is told of every block that this replica meets itself. */
  onRest(tell: (rest: AddressRest) => void): void;
  learnRest(rest: AddressRest): void;
  endRest(service: string): void;
}

interface RestRow {
  readonly service: string;
  readonly title: string;
  readonly reason: string;
  readonly left_ms: number;
}

/**
 * Shares blocks of the address among the replicas: the one that meets a block stores it, and the others
 * send nothing either, those that start later included. Deleting a row ends the rest everywhere.
 */
@Injectable()
export class AddressRests implements OnModuleInit {
  readonly #logger = new Logger(AddressRests.name);
  #keeper: RestKeeper | undefined;
  /** Services that rest by the table. */
  #stored: ReadonlySet<string> = new Set();

  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
  ) {}

  /** Names what keeps requests back. Called before `onModuleInit`. */
  attach(keeper: RestKeeper): void {
    this.#keeper = keeper;
    keeper.onRest((rest) => void this.#store(rest));
  }

  /** Before a door opens, so that a replica that starts sends nothing to a platform that blocks it. */
  onModuleInit(): Promise<void> {
    return this.feed.follow('address_rests', () => this.#read());
  }

  /** Never throws: it is tried until the block is stored or over. */
  async #store({ service, title, reason, forMs }: AddressRest): Promise<void> {
    const until = performance.now() + forMs;
    try {
      await untilWritten(
        () =>
          this.database.change(
            `INSERT INTO address_rests AS known (service, title, reason, until)
             SELECT $1, $2, $3, now() + $4 * interval '1 millisecond' WHERE $4 > 0
             ON CONFLICT (service) DO UPDATE SET title = excluded.title, reason = excluded.reason,
               until = excluded.until WHERE known.until < excluded.until`,
            [service, title, reason, until - performance.now()],
          ),
        (why) => this.#logger.warn(`a block by ${title} is not told to other replicas yet: ${why}`),
      );
    } catch (error) {
      this.#logger.error({ err: error }, `a block by ${title} was not told to other replicas`);
    }
  }

  async #read(): Promise<void> {
    const rows = await this.database.query<RestRow>(
      `SELECT service, title, reason,
         extract(epoch FROM until - clock_timestamp())::float8 * 1000 AS left_ms
       FROM address_rests WHERE until > clock_timestamp()`,
    );
    for (const { service, title, reason, left_ms: forMs } of rows)
      this.#keeper?.learnRest({ service, title, reason, forMs });
    const stored = new Set(rows.map(({ service }) => service));
    for (const service of this.#stored) if (!stored.has(service)) this.#keeper?.endRest(service);
    this.#stored = stored;
  }
}
