import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Database } from '../database/database.js';
import { METRICS } from '../observability/metrics.js';
import { ActionLog } from '../journal/action-log.js';
import { ActionQueue } from './action-queue.js';
import { ChangeFeed } from '../cluster/change-feed.js';
import { ClaimGate } from '../cluster/claim-gate.js';
import { CUT_OFF, SETTLE } from '../cluster/settle.js';
import { OwnWork } from '../journal/own-work.js';
import { ReplicaLease } from '../cluster/replica-lease.js';

const EVERY_MS = 2_000;
/** While the server has just changed, and other replicas have not restored what they remember. */
const EVERY_MS_WHILE_CLOSED = 250;

/** $1 what is said of them, $2 actions, $3 replica. */
const SETTLE_OWN = SETTLE(
  `DELETE FROM running_actions WHERE id = ANY($2::uuid[]) AND replica_id = $3 RETURNING id`,
);

interface OwnRow {
  /** An action that runs, or the hold of a line. */
  readonly id: string;
  /** Null for an action. */
  readonly line: string | null;
}

/**
 * Compares what the database says that this replica owns with what it works on. A start or a claim that
 * was given up may be committed all the same, and a failover to a server that lagged behind brings back
 * what was over: both look alive to every other replica, so the owner alone can settle them.
 */
@Injectable()
export class Reconciliation implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Reconciliation.name);
  /** What was found without work on it at the last look. It counts when it is found again. */
  #suspects = new Set<string>();
  #onLostPast: () => Promise<void> = async () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookAgain = false;
  #isStopping = false;
  #looking: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly lease: ReplicaLease,
    private readonly log: ActionLog,
    private readonly queue: ActionQueue,
    private readonly work: OwnWork,
    private readonly gate: ClaimGate,
    private readonly feed: ChangeFeed,
  ) {}

  /** Names what else is to be written again when the database has lost its latest past. */
  onLostPast(restore: () => Promise<void>): void {
    this.#onLostPast = restore;
  }

  onApplicationBootstrap(): void {
    // A connection that is made anew may lead to another server.
    this.feed.onConnected(() => this.#lookNow());
    this.#lookNow();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #lookNow(): void {
    if (this.#isStopping) return;
    clearTimeout(this.#timer);
    this.#lookAgain = true;
    this.#looking ??= this.#lookAndPlan().finally(() => {
      this.#looking = undefined;
    });
  }

  async #lookAndPlan(): Promise<void> {
    let pause = EVERY_MS;
    while (this.#lookAgain && !this.#isStopping) {
      this.#lookAgain = false;
      try {
        pause = (await this.look()) ? EVERY_MS : EVERY_MS_WHILE_CLOSED;
      } catch (error) {
        this.#logger.warn(`own work was not compared with the log: ${(error as Error).message}`);
      }
    }
    if (!this.#isStopping) this.#timer = setTimeout(() => this.#lookNow(), pause);
  }

  /** One comparison. @returns whether keys may be claimed @throws DatabaseAway */
  async look(): Promise<boolean> {
    const { server, isOpen } = await this.gate.look();
    const isOtherServer = server !== this.lease.restoredOn;
    const isLost = await this.#isPastLost();
    if (isLost || isOtherServer) await this.#restorePast(isLost);
    // Also when it was noted before: a lease that was just being taken may not say so.
    if (isOtherServer || !isOpen) await this.lease.noteRestored(server);
    this.work.forgetOld();
    await this.#settleOwnerless();
    return isOpen || (await this.gate.look()).isOpen;
  }

  /** Whether the log has lost any of what was acknowledged lately. */
  async #isPastLost(): Promise<boolean> {
    const { samples } = this.work;
    if (samples.length === 0) return false;
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM actions
       WHERE id = ANY($1::uuid[]) AND status NOT IN ('QUEUED', 'SCHEDULED', 'RUNNING', 'UNKNOWN')`,
      [samples],
    );
    return row?.count !== samples.length;
  }

  /** Writes once more all that this replica remembers, where the database has lost it. */
  async #restorePast(isLost: boolean): Promise<void> {
    await this.#onLostPast();
    const items = this.work.listEnded();
    const missing = await this.log.rewrite(items);
    await this.log.restoreStarts(this.work.listStarted());
    await this.queue.restore();
    if (!isLost && missing === 0) return;
    METRICS.lostPasts.inc();
    METRICS.rewrittenOutcomes.inc(missing);
    this.#logger.error(
      `The database has lost outcomes that it had acknowledged, as after a failover to a server that lagged behind. ${items.length} outcomes in memory were written again; of ${missing} the whole action was missing. See docs/guarantees.md`,
    );
  }

  async #settleOwnerless(): Promise<void> {
    const rows = await this.database.query<OwnRow>(
      `SELECT id, NULL AS line FROM running_actions WHERE replica_id = $1
       UNION ALL SELECT hold, line FROM queue_lines WHERE replica_id = $1`,
      [this.lease.id],
    );
    const ownerless = rows.filter(({ id, line }) =>
      line === null ? !this.work.isUnderWay(id) : !this.work.holdsLine(id, line),
    );
    const found = new Set(ownerless.map(nameRow));
    // What was ended or left while the database was asked is gone at the next look.
    const settled = ownerless.filter((row) => this.#suspects.has(nameRow(row)));
    this.#suspects = found;
    await this.#settleActions(settled.flatMap(({ id, line }) => (line === null ? [id] : [])));
    const lines = settled.flatMap(({ id, line }) => (line === null ? [] : [{ line, hold: id }]));
    if (lines.length === 0) return;
    const left = await this.queue.leave(lines);
    this.#logger.warn(
      `${left} lines were taken by a statement that was given up; they are free again`,
    );
  }

  async #settleActions(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const unknown: string[] = [];
    for (const id of ids) {
      const left = this.work.recall(id);
      if (left?.became === 'ended') await this.log.rewrite([left.item]);
      else if (left?.became === 'waiting') await this.queue.writeBack(id, left.wasInDoubt);
      else unknown.push(id);
    }
    if (unknown.length > 0)
      await this.database.query(SETTLE_OWN, [CUT_OFF, unknown, this.lease.id]);
    this.#logger.warn(
      `${ids.length} actions ran in the log and not here; ${unknown.length} of them became UNKNOWN`,
    );
  }
}

function nameRow({ id, line }: OwnRow): string {
  return `${id} ${line ?? ''}`;
}
