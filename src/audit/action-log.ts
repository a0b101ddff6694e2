import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Failure, Status } from '../actions/failures.js';
import { isSuccess, type Outcome } from '../actions/outcome.js';
import { Database } from '../database/database.js';
import { DatabaseAway } from '../database/database-fault.js';
import { GroupCommit } from '../database/group-commit.js';
import { toJson } from '../database/json-text.js';
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
  readonly door: string;
  readonly request_id: string;
  readonly trace_id: string;
  readonly idempotency_key: string | null;
  readonly priority: string;
  readonly sandbox: boolean;
  readonly received_at: string;
}

/** A key to be claimed together with the started row. */
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
}

interface StartItem {
  readonly entry: ActionEntry;
  readonly claim: ClaimedKey | undefined;
}

interface FinishItem {
  readonly entry: ActionEntry;
  readonly ending: Ending;
}

interface LogRow {
  readonly id: string;
  readonly platform: string;
  readonly action_type: string;
  readonly account_id: string;
  readonly caller_id: string;
  readonly status: Status;
  readonly message: string;
  readonly error: string;
  readonly failure: Failure | null;
  readonly result: Record<string, unknown> | null;
  readonly request_id: string;
  readonly sandbox: boolean;
}

const ENTRY_COLUMNS = `id, platform, action_type, account_id, actor_id, effect, parameters, caller_id, door,
  request_id, trace_id, idempotency_key, priority, sandbox, received_at`;
const ENDING_COLUMNS = 'status, message, error, failure, result, attempts';

const SLOWEST_REPEAT_MS = 2_000;

/** Every action that was asked for, and what became of it: the one truth about the past. */
@Injectable()
export class ActionLog {
  readonly #logger = new Logger(ActionLog.name);
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
   * @throws ActionFailure GATEWAY_UNAVAILABLE when surely no row was written
   */
  async start(
    entry: ActionEntry,
    claim: ClaimedKey | undefined,
  ): Promise<'started' | 'key taken' | 'perhaps'> {
    try {
      return (await this.#starts.add({ entry, claim })) ? 'started' : 'key taken';
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
   * Commits the outcome of a started action. While the database is away it goes on trying, for as long
   * as this process lives: what happened must not be lost.
   */
  async finish(entry: ActionEntry, ending: Ending): Promise<void> {
    for (let pause = 50; ; pause = Math.min(SLOWEST_REPEAT_MS, pause * 2)) {
      try {
        return await this.#finishes.add({ entry, ending });
      } catch (error) {
        if (!(error instanceof DatabaseAway)) throw error;
        this.#logger.warn(
          `the outcome of ${entry.id} waits for the database: ${(error as Error).message}`,
        );
        await sleep(pause);
      }
    }
  }

  /** An action as its log has it now, and whose it is. */
  async read(
    id: string,
  ): Promise<
    { callerId: string; platform: string; accountId: string; outcome: Outcome } | undefined
  > {
    const [row] = await this.database.query<LogRow>(
      `SELECT id, platform, action_type, account_id, caller_id, status, message, error, failure, result, request_id, sandbox
       FROM actions WHERE id = $1`,
      [id],
    );
    if (!row) return undefined;
    return {
      callerId: row.caller_id,
      platform: row.platform,
      accountId: row.account_id,
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
    };
  }

  /** Actions by status since a moment, for the statistics. */
  async countSince(since: Date): Promise<Record<string, number>> {
    const rows = await this.database.query<{ status: string; count: string }>(
      'SELECT status, count(*) FROM actions WHERE received_at >= $1 GROUP BY status',
      [since],
    );
    return Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]));
  }

  async #writeStarts(items: readonly StartItem[]): Promise<boolean[]> {
    const entries = items.map(({ entry }) => entry);
    const claims = items.flatMap(({ entry, claim }) =>
      claim ? [{ caller_id: entry.caller_id, action_id: entry.id, ...claim }] : [],
    );
    // Claims go in order of their key, so that two replicas never wait for each other crosswise. A key
    // that has expired is free, whether or not it was swept; of a batch that wants one, the first gets it.
    const started = await this.database.query<{ id: string }>(
      `WITH entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1)),
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
       )
       INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
       SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', $3, now() FROM entry
       WHERE NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.action_id = entry.id)
          OR EXISTS (SELECT 1 FROM claimed WHERE claimed.action_id = entry.id)
       RETURNING id`,
      [toJson(entries), toJson(claims), this.lease.id],
    );
    const ids = new Set(started.map(({ id }) => id));
    return entries.map(({ id }) => ids.has(id));
  }

  async #writeRefusals(items: readonly FinishItem[]): Promise<void[]> {
    const rows = items.map(({ entry, ending }) => ({ ...entry, ...describeEnding(ending) }));
    await this.database.change(
      `INSERT INTO actions (${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, finished_at)
       SELECT ${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, now() FROM json_populate_recordset(NULL::actions, $1)`,
      [toJson(rows)],
    );
    return items.map(() => undefined);
  }

  async #writeFinishes(items: readonly FinishItem[]): Promise<void[]> {
    const rows = items.map(({ entry, ending }) => ({ id: entry.id, ...describeEnding(ending) }));
    const keys = items.flatMap(({ entry, ending }) =>
      ending.answer === undefined
        ? []
        : [
            {
              caller_id: entry.caller_id,
              key: entry.idempotency_key,
              action_id: entry.id,
              answer: ending.answer,
            },
          ],
    );
    // UNKNOWN may still become what is true; what is final never changes.
    await this.database.change(
      `WITH ended AS (SELECT * FROM json_populate_recordset(NULL::actions, $1)),
       key AS (
         SELECT * FROM json_to_recordset($2) AS k (caller_id text, key text, action_id uuid, answer text)
       ),
       kept AS (
         UPDATE idempotency_keys held SET answer = key.answer FROM key
         WHERE held.caller_id = key.caller_id AND held.key = key.key
           AND held.action_id = key.action_id AND key.answer IS NOT NULL
       ),
       freed AS (
         DELETE FROM idempotency_keys held USING key
         WHERE held.caller_id = key.caller_id AND held.key = key.key
           AND held.action_id = key.action_id AND key.answer IS NULL
       )
       UPDATE actions SET status = ended.status, message = ended.message, error = ended.error,
         failure = ended.failure, result = ended.result, attempts = ended.attempts, finished_at = now()
       FROM ended WHERE actions.id = ended.id AND actions.status IN ('RUNNING', 'UNKNOWN')`,
      [toJson(rows), toJson(keys)],
    );
    return items.map(() => undefined);
  }
}

function describeEnding({ outcome, redactedResult, attempts }: Ending): Record<string, unknown> {
  return {
    status: outcome.status,
    message: outcome.message,
    error: outcome.error,
    failure: outcome.failure ?? null,
    result: outcome.status === 'PREPARED' ? null : redactedResult,
    attempts,
  };
}
