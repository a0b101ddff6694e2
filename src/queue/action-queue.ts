import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { StoredCaller } from '../callers/caller.js';
import type { Door } from '../actions/caller.js';
import type { Status } from '../actions/failures.js';
import { Database } from '../database/database.js';
import { databaseClock } from '../config/database-clock.js';
import { DatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import { toJson } from '../database/json-text.js';
import type { SealedColumn } from '../database/key-rotation.js';
import { untilWritten } from '../database/patience.js';
import { Vault } from '../database/vault.js';
import { describeClaims } from '../journal/action-log.js';
import type { ActionEntry, ClaimedKey } from '../journal/action-entry.js';
import {
  CLAIM_KEYS,
  ENTRY_COLUMNS,
  HAS_ITS_KEY,
  KEEP_CALLBACKS,
} from '../journal/action-statements.js';
import { OwnWork } from '../journal/own-work.js';
import { ReplicaLease } from '../cluster/replica-lease.js';

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

interface EnqueueItem {
  readonly entry: ActionEntry;
  /** One line for people, as the caller is answered. */
  readonly message: string;
  readonly claim: ClaimedKey | undefined;
  readonly line: string;
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
/** Actions of one line that are taken at a time. */
const ACTIONS_PER_LINE = 100;

/**
 * Actions that wait for their time, in lines: what must leave in order stands in one line, and one
 * replica at a time works on it. The log says what they are; here is only what is still to be done.
 */
@Injectable()
export class ActionQueue {
  readonly #logger = new Logger(ActionQueue.name);
  /** One lane, so that a line keeps the order of arrival. */
  readonly #arrivals = new GroupCommit<EnqueueItem & { sealed: string }, boolean>(
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
    item: EnqueueItem,
    envelope: WaitingEnvelope,
  ): Promise<'queued' | 'key taken' | 'perhaps'> {
    const sealed = this.seal(item.entry.id, envelope);
    try {
      const queued = await this.#arrivals.add({ ...item, sealed });
      if (queued) this.#onArrival();
      return queued ? 'queued' : 'key taken';
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
      for (const row of await this.#takeLines(hold, most)) {
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

  #takeLines(hold: string, most: number): Promise<TakenRow[]> {
    return this.database.query<TakenRow>(
      `WITH due AS (
         SELECT line FROM queue_lines WHERE replica_id IS NULL AND due_at <= now()
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ),
       held AS (
         UPDATE queue_lines SET replica_id = $1, hold = $3, due_at = 'infinity'
         FROM due WHERE queue_lines.line = due.line RETURNING queue_lines.line
       )
       SELECT held.line, head.* FROM held LEFT JOIN LATERAL (
         SELECT queued.id, queued.envelope, actions.status,
           (extract(epoch FROM now() - actions.started_at) * 1000)::float8 AS started_ago_ms
         FROM queued_actions queued LEFT JOIN actions ON actions.id = queued.id::uuid
         WHERE queued.line = held.line AND queued.due_at <= now()
         ORDER BY queued.due_at, queued.id LIMIT ${ACTIONS_PER_LINE}
       ) head ON true`,
      [this.lease.id, most, hold],
    );
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
    if (!begun) this.work.drop(id);
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
    await this.database.change(
      `WITH back AS (
         DELETE FROM running_actions
         WHERE id = $1 AND replica_id = ANY($2) AND clock_timestamp() < to_timestamp($3 / 1000.0)
         RETURNING id
       )
       UPDATE actions SET replica_id = CASE WHEN $4 THEN replica_id END,
         started_at = CASE WHEN $4 THEN started_at END,
         message = CASE WHEN $4 THEN 'Outcome unknown' ELSE message END,
         status = CASE WHEN $4 THEN 'UNKNOWN' WHEN run_at IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END
       FROM back WHERE actions.id = back.id AND status = 'RUNNING'`,
      [id, this.lease.ids, databaseClock.now() + STATEMENT_LIFE_MS, isInDoubt],
    );
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

  /** Takes an action out of its line. @returns false when it does not wait any more */
  async cancel(id: string): Promise<boolean> {
    const cancelled = await this.database.change(
      `WITH cancelled AS (
         UPDATE actions SET status = 'CANCELLED', message = 'Action cancelled', finished_at = now(),
           error = 'The caller cancelled before anything happened',
           failure = '{"code":"CANCELLED","retryable":true}'
         WHERE id = $1::uuid AND status IN ('QUEUED', 'SCHEDULED') RETURNING id
       ),
       freed AS (DELETE FROM idempotency_keys USING cancelled WHERE action_id = cancelled.id),
       gone AS (
         DELETE FROM queued_actions USING cancelled WHERE queued_actions.id = cancelled.id::text
         RETURNING line
       ),
       called AS (
         UPDATE callbacks SET state = 'due', next_at = now()
         FROM cancelled WHERE callbacks.action_id = cancelled.id::text
       ),
       left_behind AS (
         UPDATE queue_lines SET pending = pending - 1 FROM gone WHERE queue_lines.line = gone.line
       )
       SELECT 1 FROM cancelled`,
      [id],
    );
    if (cancelled > 0) await this.#forgetEmptyLines();
    return cancelled > 0;
  }

  async count(): Promise<QueueFigures> {
    const [figures] = await this.database.query<QueueFigures>(
      `SELECT COALESCE(sum(pending), 0)::int AS waiting, count(*)::int AS lines,
         count(replica_id)::int AS working,
         COALESCE(max(extract(epoch FROM now() - due_at) * 1000)
           FILTER (WHERE replica_id IS NULL AND due_at <= now()), 0)::int AS late_ms
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

  async #writeArrivals(
    items: readonly (EnqueueItem & { readonly sealed: string })[],
  ): Promise<boolean[]> {
    const entries = items.map(({ entry, message }) => ({ ...entry, message }));
    const waiting = items.map(({ entry, line, sealed }) => ({
      id: entry.id,
      line,
      due_at: entry.run_at,
      envelope: sealed,
    }));
    const queued = await this.database.query<{ id: string }>(
      `WITH entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1)), ${CLAIM_KEYS}, ${KEEP_CALLBACKS},
       accepted AS (
         INSERT INTO actions (${ENTRY_COLUMNS}, status, message)
         SELECT ${ENTRY_COLUMNS}, CASE WHEN run_at IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END, message
         FROM entry WHERE ${HAS_ITS_KEY} RETURNING id
       ),
       waiting AS (
         SELECT w.id, w.line, COALESCE(w.due_at, now()) AS due_at, w.envelope
         FROM json_to_recordset($3) AS w (id text, line text, due_at timestamptz, envelope text)
         JOIN accepted ON accepted.id = w.id::uuid
       ),
       lined_up AS (
         INSERT INTO queue_lines AS held (line, due_at, pending)
         SELECT line, min(due_at), count(*) FROM waiting GROUP BY line ORDER BY line
         ON CONFLICT (line) DO UPDATE SET pending = held.pending + excluded.pending,
           due_at = GREATEST(LEAST(held.due_at, excluded.due_at), held.not_before)
       ),
       queued AS (
         INSERT INTO queued_actions (id, line, due_at, envelope)
         SELECT id, line, due_at, envelope FROM waiting
       )
       SELECT id FROM accepted`,
      [toJson(entries), toJson(describeClaims(items)), JSON.stringify(waiting)],
    );
    const ids = new Set(queued.map(({ id }) => id));
    return entries.map(({ id }) => ids.has(id));
  }

  async #writeBegins(items: readonly BeginItem[]): Promise<boolean[]> {
    const ids = items.map(({ id }) => id);
    const begun = await this.database.query<{ id: string }>(
      `WITH begun AS (
         UPDATE actions SET status = 'RUNNING', message = 'Running', replica_id = $2,
           started_at = COALESCE(started_at, now())
         WHERE id = ANY($1)
           AND (status IN ('QUEUED', 'SCHEDULED') OR (status = 'UNKNOWN' AND id = ANY($3)))
         RETURNING id
       )
       INSERT INTO running_actions SELECT id, $2 FROM begun
       ON CONFLICT (id) DO UPDATE SET replica_id = excluded.replica_id RETURNING id`,
      [ids, this.lease.id, items.flatMap(({ id, isInDoubt }) => (isInDoubt ? [id] : []))],
    );
    const known = new Set(begun.map(({ id }) => id));
    return ids.map((id) => known.has(id));
  }

  async #writeReleases(releases: readonly Release[]): Promise<void[]> {
    // Who arrives meanwhile has moved the line's due time himself, so the earlier one holds.
    await this.database.change(
      `WITH item AS (
         SELECT * FROM json_to_recordset($1) AS i (line text, hold uuid, done text[], "waitMs" float8)
       ),
       held AS (
         SELECT queue_lines.line, item.done, item."waitMs" FROM queue_lines JOIN item USING (line, hold)
         ORDER BY queue_lines.line FOR UPDATE OF queue_lines
       ),
       gone AS (
         DELETE FROM queued_actions queued USING held
         WHERE queued.line = held.line AND queued.id = ANY(held.done) RETURNING queued.line
       ),
       next AS (
         SELECT held.line, now() + held."waitMs" * interval '1 millisecond' AS not_before,
           (SELECT count(*) FROM gone WHERE gone.line = held.line) AS done,
           (SELECT min(due_at) FROM queued_actions queued
            WHERE queued.line = held.line AND queued.id <> ALL(held.done)) AS due_at
         FROM held
       )
       UPDATE queue_lines SET replica_id = NULL, hold = NULL, pending = pending - next.done,
         not_before = next.not_before,
         due_at = GREATEST(LEAST(queue_lines.due_at, next.due_at), next.not_before)
       FROM next WHERE queue_lines.line = next.line`,
      [JSON.stringify(releases)],
    );
    await this.#forgetEmptyLines();
    return releases.map(() => undefined);
  }

  async #forgetEmptyLines(): Promise<void> {
    await this.database.change('DELETE FROM queue_lines WHERE pending <= 0 AND replica_id IS NULL');
  }
}

function placeOfEnvelope(id: string): string {
  return `queued_actions/${id}/envelope`;
}

/** What this room keeps encrypted, for the rotation of keys. */
export const SEALED_ENVELOPES: SealedColumn = {
  table: 'queued_actions',
  column: 'envelope',
  key: ['id'],
  locate: ({ id = '' }) => placeOfEnvelope(id),
};
