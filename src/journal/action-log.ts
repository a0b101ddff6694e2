import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import type { Reachable } from '../callers/reach.js';
import type { Failure, Status } from '../actions/failures.js';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import { Database } from '../database/database.js';
import { DatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import { toJson } from '../database/json-text.js';
import { untilWritten } from '../database/patience.js';
import type {
  ActionEnding,
  ActionEntry,
  ClaimedKey,
  FinishItem,
  StartItem,
} from './action-entry.js';
import {
  FINISH,
  NOTE_PARTS,
  REFUSE,
  RESTORE_STARTS,
  START,
  WRITE_MISSING,
  WRITE_PLAIN,
} from './action-statements.js';
import { OwnWork } from './own-work.js';
import { ReplicaLease } from '../cluster/replica-lease.js';

/** The columns of an ending. */
interface EndedRow {
  readonly id: string;
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly failure: Failure | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
}

/** An action as the log knows it. */
export interface LoggedAction extends Reachable {
  readonly outcome: Outcome;
}

interface LogRow {
  readonly id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly caller_id: string;
  readonly owner: string;
  readonly received_at: Date;
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly failure: Failure | null;
  readonly result: Record<string, unknown> | null;
  readonly request_id: string;
  readonly sandbox: boolean;
}

/** Single calls share a statement with others; those of a batch are so many that they need not wait. */
const CROWD = 50;

/** Rows that are recorded once more in one statement. */
const MOST_REWRITTEN = 500;

/** Every action that was asked for, and what became of it: the one truth about the past. */
@Injectable()
export class ActionLog {
  readonly #logger = new Logger(ActionLog.name);
  /** Beginnings and endings that have nothing to them but their rows: nearly all of them. */
  readonly #plain = new GroupCommit<ActionEntry | EndedRow, void>(
    (rows) => this.#writePlain(rows),
    CROWD,
  );
  readonly #starts = new GroupCommit<StartItem, boolean>((items) => this.#writeStarts(items));
  readonly #refusals = new GroupCommit<FinishItem, void>((items) => this.#writeRefusals(items));
  readonly #finishes = new GroupCommit<FinishItem, boolean>((items) => this.#writeFinishes(items));

  constructor(
    private readonly database: Database,
    private readonly lease: ReplicaLease,
    private readonly work: OwnWork = new OwnWork(),
  ) {}

  /**
   * Commits the started row and claims the key, in one statement; from then on bytes may leave.
   * @returns 'key taken' if another action holds the key, and then no row was written; 'perhaps' when
   *   the connection was lost in the middle, and it is unknown whether the row is there
   * @param insurance the sealed envelope of an action that can be sent again without harm: should this
   *   replica die, another finds out what became of it
   * @throws ActionFailure GATEWAY_UNAVAILABLE when surely no row was written
   */
  async start(
    entry: ActionEntry,
    claim: ClaimedKey | undefined,
    insurance?: string,
  ): Promise<'started' | 'key taken' | 'perhaps'> {
    const item = { entry, claim, insurance };
    this.work.begin(entry.id);
    try {
      const isPlain = !claim && insurance === undefined && entry.callback_url === undefined;
      const isStarted = isPlain
        ? await this.#plain.add(entry).then(() => true)
        : await this.#starts.add(item);
      if (isStarted) this.work.confirm(entry.id, item);
      else this.work.drop(entry.id);
      return isStarted ? 'started' : 'key taken';
    } catch (error) {
      if (error instanceof DatabaseAway && error.mayHaveCommitted) return 'perhaps';
      this.work.drop(entry.id);
      throw error;
    }
  }

  /** Commits the row of an action that ended before anything could leave. */
  refuse(entry: ActionEntry, ending: ActionEnding): Promise<void> {
    return this.#refusals.add({ entry, ending });
  }

  /**
   * Commits the outcome of an action, and tries until the database takes it. An outcome whose own content
   * the database refuses is recorded as UNKNOWN instead, so that the action does not run for ever.
   * @returns false if the row has ended otherwise, or is for another replica to end
   * @throws the fault of the content, after that
   */
  async finish(entry: ActionEntry, ending: ActionEnding): Promise<boolean> {
    const { answer, isInsured, hasWaited } = ending;
    const item = { entry, ending };
    const isPlain =
      answer === undefined && !isInsured && !hasWaited && entry.callback_url === undefined;
    const row = isPlain ? describeEnding(entry, ending) : undefined;
    const warn = (reason: string): void =>
      this.#logger.warn(`the outcome of ${entry.id} waits for the database: ${reason}`);
    try {
      const made = ending.isUnsure ? await untilWritten(() => this.#writeMissing([item]), warn) : 0;
      const written = await untilWritten(
        () => (row ? this.#plain.add(row).then(() => true) : this.#finishes.add(item)),
        warn,
      );
      // A failover may have lost the whole action while its request was under way.
      const isLost = !written && made === 0 && this.work.isUnderWay(entry.id);
      const remade = isLost ? await untilWritten(() => this.#writeMissing([item]), warn) : 0;
      const isOurs = made > 0 || written || remade > 0;
      if (isOurs) this.work.end(item);
      else this.work.drop(entry.id);
      return isOurs;
    } catch (error) {
      const readable = { entry, ending: withoutContent(ending) };
      await untilWritten(() => this.#finishes.add(readable), warn);
      this.work.end(readable);
      throw error;
    }
  }

  /**
   * Writes how far a running action is. If its replica dies, this stays with its UNKNOWN outcome.
   * @param result what is known of it, redacted
   * @throws DatabaseAway
   */
  async noteParts(
    id: string,
    message: string,
    result: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await this.database.change(NOTE_PARTS, [id, message, toJson(result)]);
  }

  /**
   * Writes the started rows of actions under way once more, with their keys, where they are missing.
   * @throws DatabaseAway
   */
  async restoreStarts(items: readonly StartItem[]): Promise<void> {
    for (let from = 0; from < items.length; from += MOST_REWRITTEN)
      await this.#writeStarts(items.slice(from, from + MOST_REWRITTEN), RESTORE_STARTS);
  }

  /**
   * Records outcomes once more, in the order in which they came: rows that still run are ended, rows that
   * are missing are made, and what is final stays as it is. An ending that frees a key comes before the row
   * that claimed it next.
   * @returns how many rows were missing
   * @throws DatabaseAway
   */
  async rewrite(items: readonly FinishItem[]): Promise<number> {
    let missing = 0;
    for (let from = 0; from < items.length; from += MOST_REWRITTEN) {
      const part = items.slice(from, from + MOST_REWRITTEN);
      await this.#writeFinishes(part);
      missing += await this.#writeMissing(part);
    }
    return missing;
  }

  /** An action as its log has it now, and whose it is. */
  async read(id: string): Promise<LoggedAction | undefined> {
    const [found] = await this.readAll([id]);
    return found;
  }

  /** Those of the actions that are known, in no particular order. */
  async readAll(ids: readonly string[]): Promise<LoggedAction[]> {
    const rows = await this.database.query<LogRow>(
      `SELECT id, platform, action_type, account_id, actor_id, caller_id, owner, received_at, status, message, error, failure,
         result, request_id, sandbox
       FROM actions WHERE id = ANY($1::uuid[])`,
      [ids],
    );
    return rows.map((row) => ({
      callerId: row.caller_id,
      owner: row.owner,
      platform: row.platform,
      actionType: row.action_type,
      accountId: row.account_id,
      actorId: row.actor_id,
      receivedAt: row.received_at.getTime(),
      outcome: {
        success: isSuccess(row.status),
        message: row.message,
        action_id: row.id,
        result_data: row.result ?? {},
        error: row.error,
        status: row.status,
        ...(row.failure && { failure: row.failure }),
        replayed: false,
        request_id: row.request_id,
        sandbox: row.sandbox,
      },
    }));
  }

  /** Actions by status since a moment, for the statistics. */
  async countSince(since: Date): Promise<Record<string, number>> {
    const rows = await this.database.query<{ status: string; count: string }>(
      'SELECT status, count(*) FROM actions WHERE received_at >= $1 GROUP BY status',
      [since],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  /** The actions of a batch by status, as far as a caller may see them. */
  async countBatch(batchId: string, caller: Caller): Promise<Record<string, number>> {
    const { condition, values, next } = caller.toSql('a', 'read');
    const rows = await this.database.query<{ status: string; count: number }>(
      `SELECT status, count(*)::int AS count FROM actions a
       WHERE ${condition} AND batch_id = $${next} GROUP BY status`,
      [...values, batchId],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
  }

  /** The latest batches with actions that a caller may see, and these by status. @param before a batch */
  async listBatches(
    caller: Caller,
    before: string | undefined,
    limit: number,
  ): Promise<
    {
      readonly batch_id: string;
      readonly created_at: Date;
      readonly counts: Record<string, number>;
    }[]
  > {
    const { condition, values, next } = caller.toSql('a', 'read');
    return this.database.query(
      `WITH page AS (
         SELECT batch_id FROM actions a
         WHERE ${condition} AND batch_id IS NOT NULL AND ($${next}::uuid IS NULL OR batch_id < $${next})
         GROUP BY batch_id ORDER BY batch_id DESC LIMIT $${next + 1}
       ),
       counted AS (
         SELECT batch_id, status, count(*) AS count, min(received_at) AS received_at
         FROM actions a JOIN page USING (batch_id) WHERE ${condition} GROUP BY batch_id, status
       )
       SELECT batch_id, min(received_at) AS created_at, json_object_agg(status, count) AS counts
       FROM counted GROUP BY batch_id ORDER BY batch_id DESC`,
      [...values, before ?? null, limit],
    );
  }

  async #writePlain(rows: readonly (ActionEntry | EndedRow)[]): Promise<void[]> {
    const entries: ActionEntry[] = [];
    const ended: EndedRow[] = [];
    for (const row of rows)
      if ('status' in row) ended.push(row);
      else entries.push(row);
    const ids = ended.map(({ id }) => id).sort();
    await this.database.run(WRITE_PLAIN, [
      toJson(entries),
      this.lease.id,
      toJson(ended),
      ids,
      ids[0],
      ids.at(-1),
    ]);
    return [];
  }

  async #writeStarts(items: readonly StartItem[], statement = START): Promise<boolean[]> {
    const entries = items.map(({ entry }) => entry);
    const started = await this.database.query<{ id: string }>(statement, [
      toJson(entries),
      toJson(describeClaims(items)),
      this.lease.id,
      JSON.stringify(
        items.flatMap(({ entry, insurance }) =>
          insurance === undefined ? [] : [{ id: entry.id, envelope: insurance }],
        ),
      ),
    ]);
    const ids = new Set(started.map(({ id }) => id));
    return entries.map(({ id }) => ids.has(id));
  }

  async #writeMissing(items: readonly FinishItem[]): Promise<number> {
    const rows = items.map(({ entry, ending }) => ({ ...entry, ...describeEnding(entry, ending) }));
    const keys = items.flatMap(({ entry, ending: { answer, claim, isUnsure } }) =>
      typeof answer === 'string' && claim
        ? [
            {
              caller_id: entry.key_holder ?? entry.caller_id,
              action_id: entry.id,
              answer,
              isSure: isUnsure !== true,
              ...claim,
            },
          ]
        : [],
    );
    const written = await this.database.query(WRITE_MISSING, [toJson(rows), toJson(keys)]);
    return written.length;
  }

  async #writeRefusals(items: readonly FinishItem[]): Promise<void[]> {
    const rows = items.map(({ entry, ending }) => ({ ...entry, ...describeEnding(entry, ending) }));
    await this.database.run(REFUSE, [toJson(rows)]);
    return [];
  }

  async #writeFinishes(items: readonly FinishItem[]): Promise<boolean[]> {
    const rows = items.map(({ entry, ending }) => describeEnding(entry, ending));
    const keys = items.flatMap(({ entry, ending }) =>
      ending.answer === undefined
        ? []
        : [
            {
              caller_id: entry.key_holder ?? entry.caller_id,
              key: entry.idempotency_key,
              action_id: entry.id,
              answer: ending.answer,
              lifeSeconds: ending.keyLifeSeconds ?? null,
            },
          ],
    );
    const insured = items.flatMap(({ entry, ending }) => (ending.isInsured ? [entry.id] : []));
    const ids = rows.map(({ id }) => id);
    const unsent = items.flatMap(({ entry, ending }) => (ending.isUnsent ? [entry.id] : []));
    const values = [toJson(rows), ids, toJson(keys), insured, unsent, this.lease.ids];
    const written = await this.database.query<{ id: string }>(FINISH, values);
    const known = new Set(written.map(({ id }) => id));
    return ids.map((id) => known.has(id));
  }
}

/** The second parameter of CLAIM_KEYS. */
export function describeClaims(
  items: readonly { readonly entry: ActionEntry; readonly claim: ClaimedKey | undefined }[],
): object[] {
  return items.flatMap(({ entry, claim }) =>
    claim
      ? [{ caller_id: entry.key_holder ?? entry.caller_id, action_id: entry.id, ...claim }]
      : [],
  );
}

/** The ending for an outcome that the database does not take: what it said is not known. */
function withoutContent({ outcome, isInsured, hasWaited }: ActionEnding): ActionEnding {
  return {
    outcome: {
      ...outcome,
      success: false,
      status: 'UNKNOWN',
      message: 'Outcome unknown',
      error: 'The outcome could not be recorded',
      failure: { code: 'OUTCOME_UNKNOWN', retryable: false },
    },
    redactedResult: {},
    attempts: 0,
    ...(isInsured !== undefined && { isInsured }),
    ...(hasWaited !== undefined && { hasWaited }),
  };
}

function describeEnding(
  { id }: ActionEntry,
  { outcome, redactedResult, attempts }: ActionEnding,
): EndedRow {
  return {
    id,
    status: outcome.status,
    message: outcome.message,
    error: outcome.error,
    failure: outcome.failure ?? null,
    result: outcome.status === 'PREPARED' ? null : redactedResult,
    attempts,
  };
}
