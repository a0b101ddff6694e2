import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Failure, Status } from '../actions/failures.js';
import type { Caller } from '../callers/caller.js';
import { type CallerNames, Callers } from '../callers/callers.js';
import type { Reachable } from '../callers/reach.js';
import { Database } from '../database/database.js';
import { beforeTransaction, type ChangePosition, comparePositions } from './change-position.js';

/** An action as it is after a change, without its parameters and its result. */
export interface ChangedAction {
  readonly action_id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly effect: string;
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly failure: Failure | null;
  /** The name that people know the caller by. */
  readonly caller_id: string;
  /** No other caller ever has it. */
  readonly caller_identity: string;
  readonly owner: string;
  readonly door: string;
  readonly request_id: string;
  readonly batch_id: string | null;
  readonly priority: string;
  readonly attempts: number;
  readonly sandbox: boolean;
  readonly received_at: string;
  readonly run_at: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

/** A change, and its place among the others. */
export interface ActionChange {
  readonly position: ChangePosition;
  readonly action: ChangedAction;
  readonly reachable: Reachable;
}

/** Which changes are wanted; what is left out is of no matter. */
export interface ChangeFilter {
  readonly platform?: string | undefined;
  readonly account_id?: string | undefined;
  readonly action_type?: string | undefined;
  readonly statuses?: ReadonlySet<string> | undefined;
}

/** Changes in their order, and the place after which the next ones come. */
export interface ChangePage {
  readonly changes: readonly ActionChange[];
  readonly next: ChangePosition;
  /** Nothing is left that can be told now. */
  readonly isLast: boolean;
}

type Times = 'received_at' | 'run_at' | 'started_at' | 'finished_at';

interface ChangeRow extends Omit<ChangedAction, 'caller_identity' | Times> {
  readonly changed_in: string;
  readonly received_at: Date;
  readonly run_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

/** Tells who follows that there is more to read, or that positions of before mean nothing any more. */
type Listener = (news: 'more' | 'reset') => void;

const POLL_MS = 250;
const PAGE = 500;
/** Changes that are kept in memory for those who follow. */
const MOST_KEPT = 2_000;
/** Says in the log that the database is away, at most so often. */
const WARN_EVERY_MS = 60_000;

const COLUMNS = `a.changed_in::text, a.id AS action_id, a.platform, a.action_type, a.account_id, a.actor_id,
  a.effect, a.status, a.message, a.error, a.failure, a.caller_id, a.owner, a.door, a.request_id, a.batch_id,
  a.priority, a.attempts, a.sandbox, a.received_at, a.run_at, a.started_at, a.finished_at`;
/** The oldest transaction that is still open: everything below has committed, or never will. */
const UPTO = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';

/**
 * Changes of actions, from the log itself: in one order for all replicas, also after a restart. A change
 * that commits late is not skipped, since it is told only when no earlier transaction is open. An action
 * that changed several times between two readings is told once, as it is then.
 *
 * One replica reads the log four times a second while there are followers, however many they are.
 */
@Injectable()
export class ActionChanges implements OnModuleDestroy {
  readonly #logger = new Logger(ActionChanges.name);
  readonly #listeners = new Set<Listener>();
  /** The latest changes, all that come after `#keptFrom` and before `#head`. */
  #kept: ActionChange[] = [];
  #keptFrom: ChangePosition | undefined;
  #head: ChangePosition | undefined;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #warnedAt = -Infinity;

  constructor(
    private readonly database: Database,
    @Inject(Callers) private readonly callers: CallerNames,
  ) {}

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.#polling;
  }

  /** The place from which on changes are new. @throws DatabaseAway */
  async findPresent(): Promise<ChangePosition> {
    const [row] = await this.database.query<{ upto: string }>(`SELECT ${UPTO}::text AS upto`);
    return beforeTransaction(Number(row?.upto));
  }

  /** Hears of news from now on. @returns what ends it */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => {
      this.#polling ??= this.#poll().finally(() => {
        this.#polling = undefined;
      });
    }, POLL_MS).unref();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  /**
   * The changes after a place that a caller reaches and that fit.
   * @returns at once where they are in memory
   * @throws DatabaseAway
   */
  read(
    after: ChangePosition,
    caller: Caller,
    filter: ChangeFilter,
  ): ChangePage | Promise<ChangePage> {
    const isKept =
      this.#head && this.#keptFrom && comparePositions(after, this.#keptFrom) >= 0
        ? this.#head
        : undefined;
    if (!isKept) return this.#readTable(after, caller, filter);
    // The latest are few behind: searched from the end.
    let from = this.#kept.length;
    while (from > 0 && comparePositions(this.#position(from - 1), after) > 0) from -= 1;
    const changes = this.#kept.slice(from).filter((change) => isWanted(change, caller, filter));
    const next = comparePositions(after, isKept) > 0 ? after : isKept;
    return { changes, next, isLast: true };
  }

  #position(index: number): ChangePosition {
    return (this.#kept[index] as ActionChange).position;
  }

  /** Nobody follows: nothing is read, and what was kept gets old. */
  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#kept = [];
    this.#keptFrom = this.#head = undefined;
  }

  /** Never throws: who follows waits until the database is back. */
  async #poll(): Promise<void> {
    try {
      this.#head ??= this.#keptFrom = await this.findPresent();
      for (;;) {
        const { transaction, actionId } = this.#head;
        const { rows, upto } = await this.#select(
          `(a.changed_in, a.id) > ($1::bigint, $2::uuid)`,
          [transaction, actionId],
          transaction,
        );
        if (this.#listeners.size === 0) return this.#rest();
        if (upto < transaction) return this.#reset(upto);
        this.#keep(rows.map((row) => this.#describe(row)));
        const last = this.#kept.at(-1)?.position;
        this.#head = rows.length < PAGE || !last ? beforeTransaction(upto) : last;
        this.#tell('more');
        if (rows.length < PAGE) return;
      }
    } catch (error) {
      if (performance.now() - this.#warnedAt < WARN_EVERY_MS) return;
      this.#warnedAt = performance.now();
      this.#logger.warn(`changes of actions wait for the database: ${(error as Error).message}`);
    }
  }

  #keep(changes: readonly ActionChange[]): void {
    this.#kept.push(...changes);
    const surplus = this.#kept.length - MOST_KEPT;
    if (surplus <= 0) return;
    this.#keptFrom = this.#position(surplus - 1);
    this.#kept = this.#kept.slice(surplus);
  }

  /** Another server serves, whose transactions are counted from an earlier one: positions mean nothing. */
  #reset(upto: number): void {
    this.#kept = [];
    this.#head = this.#keptFrom = beforeTransaction(upto);
    this.#tell('reset');
  }

  #tell(news: 'more' | 'reset'): void {
    for (const listener of this.#listeners) listener(news);
  }

  async #readTable(
    after: ChangePosition,
    caller: Caller,
    filter: ChangeFilter,
  ): Promise<ChangePage> {
    const reach = caller.toSql('a', 'read');
    const values = [...reach.values];
    const add = (value: unknown): string => `$${values.push(value)}`;
    const { platform, account_id, action_type, statuses } = filter;
    const conditions = [
      reach.condition,
      `(a.changed_in, a.id) > (${add(after.transaction)}::bigint, ${add(after.actionId)}::uuid)`,
    ];
    for (const [name, value] of Object.entries({ platform, account_id, action_type }))
      if (value !== undefined) conditions.push(`a.${name} = ${add(value)}`);
    if (statuses) conditions.push(`a.status = ANY(${add([...statuses])}::text[])`);
    const { rows, upto } = await this.#select(conditions.join(' AND '), values, after.transaction);
    const changes = rows.map((row) => this.#describe(row));
    const last = changes.at(-1);
    const isLast = rows.length < PAGE || !last;
    return { changes, next: isLast ? beforeTransaction(upto) : last.position, isLast };
  }

  /** @param from a transaction below which nothing is looked for */
  async #select(
    condition: string,
    values: readonly unknown[],
    from: number,
  ): Promise<{ rows: ChangeRow[]; upto: number }> {
    // The bound and the rows are of one snapshot.
    const found = await this.database.query<ChangeRow & { upto: string }>(
      `SELECT bound.upto::text, changed.* FROM (SELECT ${UPTO} AS upto) bound LEFT JOIN LATERAL (
         SELECT ${COLUMNS} FROM actions a
         WHERE a.changed_in >= ${from} AND a.changed_in < bound.upto AND ${condition}
         ORDER BY a.changed_in, a.id LIMIT ${PAGE}
       ) changed ON true`,
      values,
    );
    const rows = found.filter(({ action_id }) => action_id !== null);
    return { rows, upto: Number(found[0]?.upto) };
  }

  #describe({ changed_in, ...row }: ChangeRow): ActionChange {
    const { caller_id: callerId, owner, platform, received_at, run_at } = row;
    return {
      position: { transaction: Number(changed_in), actionId: row.action_id },
      action: {
        action_id: row.action_id,
        platform,
        action_type: row.action_type,
        account_id: row.account_id,
        actor_id: row.actor_id,
        effect: row.effect,
        status: row.status,
        message: row.message,
        error: row.error,
        failure: row.failure,
        caller_id: this.callers.nameOf(callerId),
        caller_identity: this.callers.identityOf(callerId, owner),
        owner,
        door: row.door,
        request_id: row.request_id,
        batch_id: row.batch_id,
        priority: row.priority,
        attempts: row.attempts,
        sandbox: row.sandbox,
        received_at: received_at.toISOString(),
        run_at: run_at?.toISOString() ?? null,
        started_at: row.started_at?.toISOString() ?? null,
        finished_at: row.finished_at?.toISOString() ?? null,
      },
      reachable: {
        callerId,
        owner,
        platform,
        actionType: row.action_type,
        accountId: row.account_id,
        actorId: row.actor_id,
        receivedAt: received_at.getTime(),
      },
    };
  }
}

function isWanted(
  { action, reachable }: ActionChange,
  caller: Caller,
  { platform, account_id, action_type, statuses }: ChangeFilter,
): boolean {
  return (
    (platform === undefined || action.platform === platform) &&
    (account_id === undefined || action.account_id === account_id) &&
    (action_type === undefined || action.action_type === action_type) &&
    (statuses === undefined || statuses.has(action.status)) &&
    caller.reaches(reachable, 'read')
  );
}
