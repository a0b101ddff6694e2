import { noteEvent } from '../database/audit-event.js';
import {
  CLAIM_KEYS,
  ENTRY_COLUMNS,
  HAS_ITS_KEY,
  KEEP_CALLBACKS,
  LOST_ENTRY,
  RECLAIM_KEYS,
} from '../journal/action-statements.js';

// The SQL of the queue, which decides who gets an action where several want it at once.

/** Actions of one line that are taken at a time. */
const ACTIONS_PER_LINE = 100;

const WAITING_STATUS = `CASE WHEN run_at IS NULL THEN 'QUEUED' ELSE 'SCHEDULED' END`;

/** @param insert puts the rows of `entry` into the log, and returns their ids */
const ARRIVING = (entry: string, claim: string, insert: string): string => `
  WITH ${entry}, ${claim}, ${KEEP_CALLBACKS},
  accepted AS (${insert} FROM entry WHERE ${HAS_ITS_KEY} RETURNING id),
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
  SELECT id FROM accepted`;

/** $1 entries, $2 keys, $3 envelopes and their lines. */
export const ARRIVE = ARRIVING(
  'entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1))',
  CLAIM_KEYS,
  `INSERT INTO actions (${ENTRY_COLUMNS}, status, message)
   SELECT ${ENTRY_COLUMNS}, ${WAITING_STATUS}, message`,
);

/** The same for what was accepted and is lost. A replica may be carrying it out already. */
export const RESTORE_ARRIVALS = ARRIVING(
  `${LOST_ENTRY},
  runs AS (SELECT r.id AS run_id, r.replica_id AS runner FROM running_actions r JOIN entry USING (id))`,
  RECLAIM_KEYS,
  `INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
   SELECT ${ENTRY_COLUMNS},
     CASE WHEN id IN (SELECT run_id FROM runs) THEN 'RUNNING' ELSE ${WAITING_STATUS} END, message,
     (SELECT runner FROM runs WHERE run_id = entry.id),
     CASE WHEN id IN (SELECT run_id FROM runs) THEN now() END`,
);

/** No person has paused the line of the table of this name. */
export const NOT_PAUSED = (table: string): string =>
  `NOT EXISTS (SELECT 1 FROM paused_lines WHERE paused_lines.line = ${table}.line)`;

/** $1 replica, $2 how many lines at most, $3 hold. None while the server has just changed. */
export const TAKE_LINES = `
  WITH due AS (
    SELECT line FROM queue_lines
    WHERE replica_id IS NULL AND due_at <= now() AND ${NOT_PAUSED('queue_lines')}
      AND (SELECT claims_are_open())
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
  ) head ON true`;

/** Lines that a replica works on, where the database has lost that. $1 holds and their lines, $2 replica. */
export const RESTORE_HOLDS = `
  INSERT INTO queue_lines AS found (line, due_at, pending, replica_id, hold)
  SELECT line, 'infinity', 0, $2, hold FROM json_to_recordset($1) AS h (line text, hold uuid)
  ORDER BY line
  ON CONFLICT (line) DO UPDATE SET replica_id = excluded.replica_id, hold = excluded.hold
  WHERE found.replica_id IS NULL`;

/**
 * $1 ids, $2 replica, $3 those that are begun again to find out what became of them. None while the server
 * has just changed. What was moved to a later time, or whose line was paused, since it was taken waits on.
 */
export const BEGIN_WAITING = `
  WITH begun AS (
    UPDATE actions SET status = 'RUNNING', message = 'Running', replica_id = $2,
      started_at = COALESCE(started_at, now())
    WHERE id = ANY($1) AND (SELECT require_open_claims())
      AND (status IN ('QUEUED', 'SCHEDULED') OR (status = 'UNKNOWN' AND id = ANY($3)))
      AND NOT EXISTS (SELECT 1 FROM queued_actions queued WHERE queued.id = actions.id::text
        AND (queued.due_at > now() OR NOT ${NOT_PAUSED('queued')}))
    RETURNING id
  )
  INSERT INTO running_actions SELECT id, $2 FROM begun
  ON CONFLICT (id) DO UPDATE SET replica_id = excluded.replica_id RETURNING id`;

/** Actions that a replica is carrying out, where the database has lost that. $1 ids, $2 replica. */
export const RESTORE_TAKEN = `
  WITH begun AS (
    INSERT INTO running_actions (id, replica_id) SELECT unnest($1::uuid[]), $2
    ON CONFLICT (id) DO UPDATE SET replica_id = excluded.replica_id RETURNING id
  )
  UPDATE actions SET status = 'RUNNING', message = 'Running', replica_id = $2,
    started_at = COALESCE(started_at, now())
  FROM begun WHERE actions.id = begun.id AND status IN ('QUEUED', 'SCHEDULED')`;

/** $1 id, $2 leases of this replica, $3 until when (Unix milliseconds), $4 whether it was in doubt. */
export const PUT_BACK = `
  WITH back AS (
    DELETE FROM running_actions
    WHERE id = $1 AND replica_id = ANY($2) AND clock_timestamp() < to_timestamp($3 / 1000.0)
    RETURNING id
  )
  UPDATE actions SET replica_id = CASE WHEN $4 THEN replica_id END,
    started_at = CASE WHEN $4 THEN started_at END,
    message = CASE WHEN $4 THEN 'Outcome unknown' ELSE message END,
    status = CASE WHEN $4 THEN 'UNKNOWN' ELSE ${WAITING_STATUS} END
  FROM back WHERE actions.id = back.id AND status = 'RUNNING'`;

/** $1 id, $2 its new time, $3 its sealed envelope, $4 the same with the new time, $5 the event. */
export const MOVE = `
  WITH moved AS (
    UPDATE actions SET run_at = $2 WHERE id = $1::uuid AND status = 'SCHEDULED'
      AND EXISTS (SELECT 1 FROM queued_actions WHERE id = $1::text AND envelope = $3)
    RETURNING id
  ),
  waiting AS (
    UPDATE queued_actions SET due_at = $2, envelope = $4 FROM moved
    WHERE queued_actions.id = $1::text RETURNING line
  ),
  kept_key AS (
    UPDATE idempotency_keys SET expires_at = GREATEST(expires_at, $2 + interval '366 days')
    FROM moved WHERE action_id = moved.id
  ),
  due AS (
    UPDATE queue_lines SET due_at = GREATEST(LEAST(queue_lines.due_at, $2), not_before)
    FROM waiting WHERE queue_lines.line = waiting.line
  )
  ${noteEvent('moved', '$5')}`;

/** $1 line, $2 the event, $3 the tenant, $4 who pauses it, $5 why. */
export const PAUSE = `
  WITH changed AS (
    INSERT INTO paused_lines (line, owner, paused_by, reason) VALUES ($1, $3, $4, $5)
    ON CONFLICT (line) DO UPDATE SET reason = excluded.reason, paused_by = excluded.paused_by
    RETURNING line
  )
  ${noteEvent('changed', '$2')}`;

/** $1 line, $2 the event. */
export const RESUME = `
  WITH changed AS (DELETE FROM paused_lines WHERE line = $1 RETURNING line)
  ${noteEvent('changed', '$2')}`;

/**
 * Lines in which something waits, and paused ones in which nothing does any more. From `$next` on: one line or
 * null, the line after which to begin, how many, the tenant or null, and whose pauses alone or null.
 * @param reach a condition on a row `a` of the log
 */
export const LINES = (reach: string, next: number): string => `
  WITH waiting AS (
    SELECT queued.line, count(*)::int AS waiting, min(queued.due_at) AS next_at
    FROM queued_actions queued
    JOIN actions a ON a.id = queued.id::uuid AND a.status IN ('QUEUED', 'SCHEDULED')
    WHERE ${reach} AND queued.line = COALESCE($${next}, queued.line) AND queued.line > $${next + 1}
    GROUP BY queued.line
  ),
  empty AS (
    SELECT line, 0 AS waiting, NULL::timestamptz AS next_at FROM paused_lines p
    WHERE line = COALESCE($${next}, line) AND line > $${next + 1}
      AND owner = COALESCE($${next + 3}, owner) AND paused_by = COALESCE($${next + 4}, paused_by)
      AND NOT EXISTS (SELECT 1 FROM queued_actions queued WHERE queued.line = p.line)
  )
  SELECT found.*, p.reason, p.paused_by, p.paused_at, p.owner
  FROM (SELECT * FROM waiting UNION ALL SELECT * FROM empty) found
  LEFT JOIN paused_lines p USING (line)
  ORDER BY line LIMIT $${next + 2}`;

/** $1 id, $2 the hours for which the envelope is kept. @param last the last part of the statement */
const CANCELLING = (last: string): string => `
  WITH cancelled AS (
    UPDATE actions SET status = 'CANCELLED', message = 'Action cancelled', finished_at = now(),
      error = 'The caller cancelled before anything happened',
      failure = '{"code":"CANCELLED","retryable":true}'
    WHERE id = $1::uuid AND status IN ('QUEUED', 'SCHEDULED') RETURNING id
  ),
  freed AS (DELETE FROM idempotency_keys USING cancelled WHERE action_id = cancelled.id),
  gone AS (
    DELETE FROM queued_actions USING cancelled WHERE queued_actions.id = cancelled.id::text
    RETURNING queued_actions.id, line, envelope
  ),
  kept AS (
    INSERT INTO kept_envelopes (id, envelope, expires_at)
    SELECT id, envelope, now() + make_interval(hours => $2) FROM gone WHERE $2 > 0
    ON CONFLICT (id) DO NOTHING
  ),
  called AS (
    UPDATE callbacks SET state = 'due', next_at = now()
    FROM cancelled WHERE callbacks.action_id = cancelled.id::text
  ),
  left_behind AS (
    UPDATE queue_lines SET pending = pending - 1 FROM gone WHERE queue_lines.line = gone.line
  )
  ${last}`;

/** The same, and $3 the event that says who did it. */
export const CANCEL = CANCELLING(noteEvent('cancelled', '$3'));
/** For a cancel that the database has forgotten. */
export const CANCEL_AGAIN = CANCELLING('SELECT 1 FROM cancelled');

/**
 * $1 lines as they are left. An action that arrived meanwhile has moved the due time of its line, so the
 * earlier of the two holds.
 */
export const RELEASE_LINES = `
  WITH item AS (
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
  FROM next WHERE queue_lines.line = next.line`;
