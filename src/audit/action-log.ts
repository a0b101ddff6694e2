import { Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import type { Reachable } from '../callers/reach.js';
import type { Failure, Status } from '../actions/failures.js';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import { Database, type PreparedStatement } from '../database/database.js';
import { DatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import { toJson } from '../database/json-text.js';
import { untilWritten } from '../database/patience.js';
import { LINE_OF_INSURED } from './insured-line.js';
import { ReplicaLease } from './replica-lease.js';

/** What the log knows of an action from the moment it is received; parameters are redacted already. */
export interface ActionEntry {
  readonly id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly actor_id: string;
  readonly effect: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly caller_id: string;
  /** The tenant of the caller; empty for none. */
  readonly owner: string;
  readonly door: string;
  readonly request_id: string;
  readonly trace_id: string;
  readonly idempotency_key: string | null;
  readonly priority: string;
  readonly sandbox: boolean;
  readonly received_at: string;
  /** When it shall be carried out, for a scheduled one. */
  readonly run_at: string | null;
  /** The batch it came in. */
  readonly batch_id: string | null;
  /** The identity of the caller, which holds its key; undefined for an action without one. */
  readonly key_holder?: string | undefined;
  /** Sealed: whom to tell what became of it. */
  readonly callback_url?: string;
}

/** A key to be claimed together with the first row of its action. */
export interface ClaimedKey {
  readonly key: string;
  readonly fingerprint: string;
  readonly lifeSeconds: number;
}

/** How an action ended, for its row. */
export interface Ending {
  readonly outcome: Outcome;
  /** The result as the log may keep it. */
  readonly redactedResult: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  /** Ciphertext of the answer, for replays; null frees the key, undefined when there is none. */
  readonly answer?: string | null;
  /** How long the key lives on from now, where it lived as long as its action waited. Seconds. */
  readonly keyLifeSeconds?: number;
  /** The envelope was kept with the started row; its outcome is known now, and it goes. */
  readonly isInsured?: boolean;
  /** It came from the queue, which alone knows whether somebody is to be called. */
  readonly hasWaited?: boolean;
}

interface StartItem {
  readonly entry: ActionEntry;
  readonly claim: ClaimedKey | undefined;
  readonly insurance: string | undefined;
}

interface FinishItem {
  readonly entry: ActionEntry;
  readonly ending: Ending;
}

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

/** Columns of a row that are known from its beginning. */
export const ENTRY_COLUMNS = `id, platform, action_type, account_id, actor_id, effect, parameters, caller_id, owner, door,
  request_id, trace_id, idempotency_key, priority, sandbox, received_at, run_at, batch_id`;

/**
 * Claims the keys of $2 for the actions of `entry`. They go in order, so that two replicas never wait
 * for each other crosswise. A key that has expired is free, whether or not it was swept; of a batch
 * that wants one, the first gets it.
 */
export const CLAIM_KEYS = `
  wanted AS (
    SELECT * FROM json_to_recordset($2) AS w
      (caller_id text, key text, fingerprint text, action_id uuid, "lifeSeconds" integer)
  ),
  claimed AS (
    INSERT INTO idempotency_keys AS held (caller_id, key, fingerprint, action_id, expires_at)
    SELECT DISTINCT ON (caller_id, key)
      caller_id, key, fingerprint, action_id, now() + make_interval(secs => "lifeSeconds")
    FROM wanted ORDER BY caller_id, key, action_id
    ON CONFLICT (caller_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      action_id = excluded.action_id, answer = NULL, expires_at = excluded.expires_at
    WHERE held.expires_at <= now()
    RETURNING action_id
  )`;
/** True for the rows of `entry` that want no key, and for those that got theirs. */
export const HAS_ITS_KEY = `(
  NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.action_id = entry.id)
  OR EXISTS (SELECT 1 FROM claimed WHERE claimed.action_id = entry.id))`;
/** Keeps the callbacks of `entry`, whose JSON is $1, until their actions have ended. */
export const KEEP_CALLBACKS = `
  to_be_called AS (
    INSERT INTO callbacks (action_id, caller_id, url)
    SELECT c.id::text, c.caller_id, c.callback_url
    FROM json_to_recordset($1) AS c (id uuid, caller_id text, callback_url text)
    JOIN entry ON entry.id = c.id AND ${HAS_ITS_KEY}
    WHERE c.callback_url IS NOT NULL
  )`;
const ENDING_COLUMNS = 'status, message, error, failure, result, attempts';

/** Single calls wait for company; those of a batch are so many that they need not wait for each other. */
const CROWD = 50;

const ENTRY = 'entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1))';
const BEGINNING = (where: string, replica: string): string => `
  started AS (
    INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
    SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', ${replica}, now() FROM entry ${where}
    RETURNING id, replica_id
  )
  INSERT INTO running_actions (id, replica_id) SELECT id, replica_id FROM started RETURNING id`;
/** $1 entries, $2 keys, $3 replica, $4 envelopes that are kept. */
const START = `
  WITH ${ENTRY}, ${CLAIM_KEYS}, ${KEEP_CALLBACKS},
  insured AS (
    SELECT i.id, i.envelope, ${LINE_OF_INSURED} AS line
    FROM json_to_recordset($4) AS i (id uuid, envelope text)
    JOIN entry ON entry.id = i.id AND ${HAS_ITS_KEY}
  ),
  lined_up AS (
    INSERT INTO queue_lines (line, due_at, pending) SELECT line, 'infinity', 1 FROM insured
  ),
  kept AS (
    INSERT INTO queued_actions (id, line, due_at, envelope)
    SELECT id, line, now(), envelope FROM insured
  ),
  ${BEGINNING(`WHERE ${HAS_ITS_KEY}`, '$3')}`;

/** $1 rows that begin and end at once. */
const REFUSE: PreparedStatement = {
  name: 'refuse',
  text: `
    INSERT INTO actions (${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, finished_at)
    SELECT ${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, now() FROM json_populate_recordset(NULL::actions, $1)`,
};

/** Rows as they end, and their ids. */
const ENDED = (rows: string, ids: string): string => `
  ended AS (
    SELECT * FROM json_to_recordset(${rows}) AS e
      (id uuid, status text, message text, error text, failure json, result json, attempts smallint)
  ),
  ran AS (DELETE FROM running_actions WHERE id = ANY(${ids}::uuid[]))`;
/**
 * UNKNOWN may still become what is true; what is final never changes. The ids are said once more, so that
 * rows are found by them, whatever the statistics say.
 */
const ENDING = (ids: string): string => `
  UPDATE actions SET status = ended.status, message = ended.message, error = ended.error,
    failure = ended.failure, result = ended.result, attempts = ended.attempts, finished_at = now()
  FROM ended WHERE actions.id = ended.id AND actions.id = ANY(${ids}::uuid[])
    AND actions.status IN ('QUEUED', 'SCHEDULED', 'RUNNING', 'UNKNOWN')`;
/**
 * What begins and what ends at the same time: $1 entries, $2 replica, $3 endings, $4 their ids, $5 the first
 * and $6 the last of these, which spare the partitions of other months.
 */
const WRITE_PLAIN: PreparedStatement = {
  name: 'write plain',
  text: `
    WITH ${ENTRY},
    started AS (
      INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
      SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', $2, now() FROM entry RETURNING id, replica_id
    ),
    runs AS (INSERT INTO running_actions (id, replica_id) SELECT id, replica_id FROM started),
    ${ENDED('$3', '$4')}
    ${ENDING('$4')} AND actions.id BETWEEN $5 AND $6`,
};
/**
 * $1 endings, $2 their ids, $3 keys with their answers, $4 ids of envelopes that were kept. Keys and
 * callbacks follow the row: an ending that came too late for it changes neither.
 */
const FINISH = `
  WITH ${ENDED('$1', '$2')},
  written AS (${ENDING('$2')} RETURNING actions.id),
  key AS (
    SELECT k.* FROM json_to_recordset($3) AS k
      (caller_id text, key text, action_id uuid, answer text, "lifeSeconds" integer)
    JOIN written ON written.id = k.action_id
  ),
  kept AS (
    UPDATE idempotency_keys held SET answer = key.answer,
      expires_at = CASE WHEN key."lifeSeconds" IS NULL THEN held.expires_at
        ELSE now() + make_interval(secs => key."lifeSeconds") END
    FROM key
    WHERE held.caller_id = key.caller_id AND held.key = key.key
      AND held.action_id = key.action_id AND key.answer IS NOT NULL
  ),
  freed AS (
    DELETE FROM idempotency_keys held USING key
    WHERE held.caller_id = key.caller_id AND held.key = key.key
      AND held.action_id = key.action_id AND key.answer IS NULL
  ),
  called AS (
    UPDATE callbacks SET state = 'due', tries = 0, next_at = now(), settled_at = NULL
    FROM written WHERE callbacks.action_id = written.id::text
  ),
  settled AS (DELETE FROM queued_actions WHERE id = ANY($4::text[])),
  left_behind AS (
    DELETE FROM queue_lines USING unnest($4::text[]) AS i (id) WHERE line = ${LINE_OF_INSURED}
  )
  SELECT id FROM written`;

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
  readonly #finishes = new GroupCommit<FinishItem, void>((items) => this.#writeFinishes(items));

  constructor(
    private readonly database: Database,
    private readonly lease: ReplicaLease,
  ) {}

  /**
   * Commits the started row and claims the key, in one statement; from then on bytes may leave.
   * @returns 'key taken' when somebody else holds the key, and then no row was written; 'perhaps' when
   *   the database went away in the middle, and nobody knows whether the row is there
   * @param insurance the sealed envelope of an action that can be sent again without harm: should this
   *   replica die, another finds out what became of it
   * @throws ActionFailure GATEWAY_UNAVAILABLE when surely no row was written
   */
  async start(
    entry: ActionEntry,
    claim: ClaimedKey | undefined,
    insurance?: string,
  ): Promise<'started' | 'key taken' | 'perhaps'> {
    try {
      if (!claim && insurance === undefined && entry.callback_url === undefined) {
        await this.#plain.add(entry);
        return 'started';
      }
      return (await this.#starts.add({ entry, claim, insurance })) ? 'started' : 'key taken';
    } catch (error) {
      if (error instanceof DatabaseAway && error.mayHaveCommitted) return 'perhaps';
      throw error;
    }
  }

  /** Commits the row of an action that ended before anything could leave. */
  refuse(entry: ActionEntry, ending: Ending): Promise<void> {
    return this.#refusals.add({ entry, ending });
  }

  /**
   * Commits the outcome of an action, and tries until the database takes it. An outcome whose own content
   * the database refuses is recorded as UNKNOWN instead, so that the action does not run for ever.
   * @throws the fault of the content, after that
   */
  async finish(entry: ActionEntry, ending: Ending): Promise<void> {
    const { answer, isInsured, hasWaited } = ending;
    const isPlain =
      answer === undefined && !isInsured && !hasWaited && entry.callback_url === undefined;
    const row = isPlain ? describeEnding(entry, ending) : undefined;
    const warn = (reason: string): void =>
      this.#logger.warn(`the outcome of ${entry.id} waits for the database: ${reason}`);
    try {
      await untilWritten(
        () => (row ? this.#plain.add(row) : this.#finishes.add({ entry, ending })),
        warn,
      );
    } catch (error) {
      const item = { entry, ending: withoutContent(ending) };
      await untilWritten(() => this.#finishes.add(item), warn);
      throw error;
    }
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

  async #writeStarts(items: readonly StartItem[]): Promise<boolean[]> {
    const entries = items.map(({ entry }) => entry);
    const started = await this.database.query<{ id: string }>(START, [
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

  async #writeRefusals(items: readonly FinishItem[]): Promise<void[]> {
    const rows = items.map(({ entry, ending }) => ({ ...entry, ...describeEnding(entry, ending) }));
    await this.database.run(REFUSE, [toJson(rows)]);
    return [];
  }

  async #writeFinishes(items: readonly FinishItem[]): Promise<void[]> {
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
    await this.database.change(FINISH, [toJson(rows), ids, toJson(keys), insured]);
    return [];
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
function withoutContent({ outcome, isInsured, hasWaited }: Ending): Ending {
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
  { outcome, redactedResult, attempts }: Ending,
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
