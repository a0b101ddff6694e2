import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { Caller, StoredCaller } from '../callers/caller.js';
import type { Door } from '../actions/caller.js';
import type { Status } from '../actions/failures.js';
import { describeEvent } from '../database/audit-event.js';
import { Database } from '../database/database.js';
import { databaseClock } from '../config/database-clock.js';
import { DatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import { toJson } from '../database/json-text.js';
import type { SealedColumn } from '../database/key-rotation.js';
import { untilWritten } from '../database/patience.js';
import { Vault } from '../database/vault.js';
import { describeClaims } from '../journal/action-log.js';
import type { AcceptedItem } from '../journal/action-entry.js';
import { OwnWork } from '../journal/own-work.js';
import { ReplicaLease } from '../cluster/replica-lease.js';
import {
  ARRIVE,
  BEGIN_WAITING,
  CANCEL,
  CANCEL_AGAIN,
  NOT_PAUSED,
  PUT_BACK,
  RELEASE_LINES,
  RESTORE_ARRIVALS,
  RESTORE_HOLDS,
  RESTORE_TAKEN,
  TAKE_LINES,
} from './queue-statements.js';

/** An envelope as it came, and who sent it: all that is needed to carry it out later. */
export interface WaitingEnvelope {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly caller: StoredCaller;
  readonly door: Door;
  readonly traceId: string;
  readonly receivedAt: string;
}

/** An action whose turn in its line has come. */
export interface QueuedAction extends WaitingEnvelope {
  readonly id: string;
  /** As the log has it: one that has ended already only has to leave the line. */
  readonly status: Status;
  /** Milliseconds since bytes may have left for the first time; undefined when none did. */
  readonly startedAgoMs: number | undefined;
}

/** A line that this replica works on, and the actions at its head. */
export interface HeldLine {
  readonly line: string;
  /** Which time it was taken. */
  readonly hold: string;
  readonly actions: readonly QueuedAction[];
}

/** Who cancels. */
type CancelledBy = Pick<Caller, 'identity' | 'owner'>;

/** How a line is left. */
export interface Release {
  readonly line: string;
  readonly hold: string;
  /** Actions that have ended. */
  readonly done: readonly string[];
  /** Milliseconds until it is worth going on. */
  readonly waitMs: number;
}

/** For the statistics. */
export interface QueueFigures {
  readonly waiting: number;
  readonly lines: number;
  readonly working: number;
  /** Milliseconds that the longest overdue line has been due. */
  readonly late_ms: number;
}

interface BeginItem {
  readonly id: string;
  readonly isInDoubt: boolean;
}

interface TakenRow {
  readonly line: string;
  readonly id: string | null;
  readonly envelope: string;
  readonly status: Status | null;
  readonly started_ago_ms: number | null;
}

/** No statement is waited for longer than this. */
const STATEMENT_LIFE_MS = 10_000;
/** Rows that are written once more in one statement. */
const MOST_RESTORED = 500;

/**
 * Actions that wait for their time, in lines: what must leave in order stands in one line, and one
 * replica at a time works on it. The log says what they are; here is only what is still to be done.
 */
@Injectable()
export class ActionQueue {
  readonly #logger = new Logger(ActionQueue.name);
  /** One lane, so that a line keeps the order of arrival. */
  readonly #arrivals = new GroupCommit<AcceptedItem, boolean>(
    (items) => this.#writeArrivals(items),
    1,
  );
  readonly #begins = new GroupCommit<BeginItem, boolean>((items) => this.#writeBegins(items));
  readonly #releases = new GroupCommit<Release, void>((releases) => this.#writeReleases(releases));
  #onArrival: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    private readonly vault: Vault,
    private readonly lease: ReplicaLease,
    private readonly work: OwnWork = new OwnWork(),
  ) {}

  /** Calls a listener whenever this replica has put something in a line. */
  listen(onArrival: () => void): void {
    this.#onArrival = onArrival;
  }

  /** An envelope as it is kept until its action has ended. */
  seal(id: string, envelope: WaitingEnvelope): string {
    return this.vault.encrypt(JSON.stringify(envelope), placeOfEnvelope(id));
  }

  /**
   * Commits an action to be carried out later, claiming its key.
   * @returns 'perhaps' when the connection was lost in the middle, and it is unknown whether it waits
   */
  async add(
    arriving: Omit<AcceptedItem, 'sealed'>,
    envelope: WaitingEnvelope,
  ): Promise<'queued' | 'key taken' | 'perhaps'> {
    const item = { ...arriving, sealed: this.seal(arriving.entry.id, envelope) };
    try {
      if (!(await this.#arrivals.add(item))) return 'key taken';
      this.work.accept(item);
      this.#onArrival();
      return 'queued';
    } catch (error) {
      if (error instanceof DatabaseAway && error.mayHaveCommitted) return 'perhaps';
      throw error;
    }
  }

  /** Takes lines that are due and that no replica works on, the longest due first. */
  async take(most: number): Promise<HeldLine[]> {
    // Lines of a replica without a lease would be taken from it at once.
    if (!this.lease.isHeld()) return [];
    const hold = randomUUID();
    this.work.take(hold);
    const lines = new Map<string, QueuedAction[]>();
    try {
      const rows = await this.database.query<TakenRow>(TAKE_LINES, [this.lease.id, most, hold]);
      for (const row of rows) {
        const actions = lines.get(row.line) ?? [];
        lines.set(row.line, actions);
        if (row.id !== null) actions.push(this.#open(row.id, row));
      }
      this.work.hold(hold, [...lines.keys()]);
    } catch (error) {
      // What was taken all the same is given up, which `Reconciliation` finds.
      this.work.hold(hold, []);
      throw error;
    }
    return [...lines].map(([line, actions]) => ({ line, hold, actions }));
  }

  /**
   * Commits that an action of a line begins; from then on bytes may leave.
   * @param isInDoubt whether it is begun again to find out what became of it; one that came into doubt only
   *   since the line was taken is left alone
   * @returns false for one that has ended, or that another replica has begun
   */
  async begin(id: string, isInDoubt: boolean): Promise<boolean> {
    this.work.begin(id);
    const begun = await this.#begins.add({ id, isInDoubt });
    if (begun) this.work.confirm(id, 'taken from its line');
    else this.work.drop(id);
    return begun;
  }

  /**
   * Commits that an action which this replica has begun waits again: nothing was sent this time.
   * @param isInDoubt whether it was in doubt before, and so is again
   */
  async putBack(id: string, isInDoubt: boolean): Promise<void> {
    await untilWritten(
      () => this.writeBack(id, isInDoubt),
      (reason) => this.#logger.warn(`${id} waits for the database: ${reason}`),
    );
    this.work.putBack(id, isInDoubt);
  }

  /**
   * Lets an action wait again that runs in the name of this replica. A statement that arrives after it was
   * given up does nothing: by then the action may have begun again.
   * @throws DatabaseAway
   */
  async writeBack(id: string, isInDoubt: boolean): Promise<void> {
    const values = [id, this.lease.ids, databaseClock.now() + STATEMENT_LIFE_MS, isInDoubt];
    await this.database.change(PUT_BACK, values);
  }

  /** Leaves lines that were taken in the name of this replica, and that it does not work on. */
  leave(lines: readonly { readonly line: string; readonly hold: string }[]): Promise<number> {
    return this.database.change(
      `UPDATE queue_lines SET replica_id = NULL, hold = NULL, due_at = now()
       FROM json_to_recordset($1) AS left_behind (line text, hold uuid)
       WHERE queue_lines.line = left_behind.line AND queue_lines.hold = left_behind.hold`,
      [JSON.stringify(lines)],
    );
  }

  /**
   * Leaves a line to the next replica. Repeated while the database is unreachable: no other replica
   * takes a line whose replica lives.
   */
  async release(release: Release): Promise<void> {
    await untilWritten(
      () => this.#releases.add(release),
      (reason) => this.#logger.warn(`line ${release.line} waits for the database: ${reason}`),
    );
    this.work.release(release.hold, release.line);
  }

  /** A line on which the work broke off: `Reconciliation` settles its action and leaves the line. */
  abandon({ hold, line, actions }: HeldLine): void {
    for (const { id } of actions) this.work.drop(id);
    this.work.release(hold, line);
  }

  /**
   * Takes an action out of its line, and notes who did.
   * @param keepHours how long its envelope is kept, so that it can be sent all the same
   * @returns false when it does not wait any more
   */
  async cancel(id: string, by: CancelledBy, keepHours = 0): Promise<boolean> {
    const event = describeEvent({
      kind: 'action.cancelled',
      callerId: by.identity,
      owner: by.owner,
      subject: `action/${id}`,
    });
    const cancelled = await this.database.change(CANCEL, [id, keepHours, event]);
    if (cancelled === 0) return false;
    this.work.cancel(id);
    await this.#forgetEmptyLines();
    return true;
  }

  /**
   * Writes once more what this replica accepted, holds and carries out, where the database has lost it.
   * @throws DatabaseAway
   */
  async restore(): Promise<void> {
    const { work } = this;
    const accepted = work.listAccepted();
    await this.database.change(RESTORE_HOLDS, [JSON.stringify(work.listHolds()), this.lease.id]);
    await this.database.change(RESTORE_TAKEN, [work.listTaken(), this.lease.id]);
    for (let from = 0; from < accepted.length; from += MOST_RESTORED)
      await this.#writeArrivals(accepted.slice(from, from + MOST_RESTORED), RESTORE_ARRIVALS);
    for (const id of work.listCancelled()) await this.database.change(CANCEL_AGAIN, [id, 0]);
  }

  async count(): Promise<QueueFigures> {
    const [figures] = await this.database.query<QueueFigures>(
      `SELECT COALESCE(sum(pending), 0)::int AS waiting, count(*)::int AS lines,
         count(replica_id)::int AS working,
         COALESCE(max(extract(epoch FROM now() - due_at) * 1000)
           FILTER (WHERE replica_id IS NULL AND due_at <= now() AND ${NOT_PAUSED('queue_lines')}), 0)::int AS late_ms
       FROM queue_lines WHERE pending > 0 AND (due_at < 'infinity' OR replica_id IS NOT NULL)`,
    );
    return figures ?? { waiting: 0, lines: 0, working: 0, late_ms: 0 };
  }

  #open(id: string, { envelope, status, started_ago_ms }: TakenRow): QueuedAction {
    const opened = this.vault.decrypt(envelope, placeOfEnvelope(id));
    return {
      ...(JSON.parse(opened) as WaitingEnvelope),
      id,
      // A row that retention took away has ended long ago.
      status: status ?? 'CANCELLED',
      startedAgoMs: started_ago_ms ?? undefined,
    };
  }

  async #writeArrivals(items: readonly AcceptedItem[], statement = ARRIVE): Promise<boolean[]> {
    const entries = items.map(({ entry, message }) => ({ ...entry, message }));
    const waiting = items.map(({ entry, line, sealed }) => ({
      id: entry.id,
      line,
      due_at: entry.run_at,
      envelope: sealed,
    }));
    const values = [toJson(entries), toJson(describeClaims(items)), JSON.stringify(waiting)];
    const queued = await this.database.query<{ id: string }>(statement, values);
    const ids = new Set(queued.map(({ id }) => id));
    return entries.map(({ id }) => ids.has(id));
  }

  async #writeBegins(items: readonly BeginItem[]): Promise<boolean[]> {
    const ids = items.map(({ id }) => id);
    const inDoubt = items.flatMap(({ id, isInDoubt }) => (isInDoubt ? [id] : []));
    const values = [ids, this.lease.id, inDoubt];
    const begun = await this.database.query<{ id: string }>(BEGIN_WAITING, values);
    const known = new Set(begun.map(({ id }) => id));
    return ids.map((id) => known.has(id));
  }

  async #writeReleases(releases: readonly Release[]): Promise<void[]> {
    await this.database.change(RELEASE_LINES, [JSON.stringify(releases)]);
    await this.#forgetEmptyLines();
    return releases.map(() => undefined);
  }

  async #forgetEmptyLines(): Promise<void> {
    await this.database.change('DELETE FROM queue_lines WHERE pending <= 0 AND replica_id IS NULL');
  }
}

/** Where an envelope stands, for its encryption. */
export function placeOfEnvelope(id: string): string {
  return `queued_actions/${id}/envelope`;
}

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_ENVELOPES: SealedColumn = {
  table: 'queued_actions',
  column: 'envelope',
  key: ['id'],
  locate: ({ id = '' }) => placeOfEnvelope(id),
};
