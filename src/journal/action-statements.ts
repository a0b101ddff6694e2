import type { PreparedStatement } from '../database/database.js';
import { LINE_OF_INSURED } from '../cluster/settle.js';

// The SQL of the action log, which decides what becomes of an action where several write at once.

/** Columns of a row that are known from its beginning. */
export const ENTRY_COLUMNS = `id, platform, action_type, account_id, actor_id, effect, parameters, caller_id, owner, door,
  request_id, trace_id, idempotency_key, priority, sandbox, received_at, run_at, batch_id`;

/**
 * Claims the keys of $2. They go in order, so that two replicas never wait for each other crosswise; of a
 * batch that wants one, the first gets it.
 * @param where which of them are claimed
 * @param isFree when a key that is held by `held` is free all the same
 */
const CLAIMING = (where: string, isFree: string): string => `
  wanted AS (
    SELECT * FROM json_to_recordset($2) AS w
      (caller_id text, key text, fingerprint text, action_id uuid, "lifeSeconds" integer)
  ),
  claimed AS (
    INSERT INTO idempotency_keys AS held (caller_id, key, fingerprint, action_id, expires_at)
    SELECT DISTINCT ON (caller_id, key)
      caller_id, key, fingerprint, action_id, now() + make_interval(secs => "lifeSeconds")
    FROM wanted WHERE ${where} ORDER BY caller_id, key, action_id
    ON CONFLICT (caller_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      action_id = excluded.action_id, answer = NULL, expires_at = excluded.expires_at
    WHERE ${isFree}
    RETURNING action_id
  )`;
const IS_EXPIRED = 'held.expires_at <= now()';
/**
 * A key that was claimed by a later action had been freed by the earlier one, which the database has
 * forgotten.
 */
const IS_FORGOTTEN = '(held.answer IS NULL AND held.action_id < excluded.action_id)';
/**
 * Claims the keys of $2 for the actions of `entry`, unless the server has just changed. A key that has
 * expired is free, whether or not it was swept.
 */
export const CLAIM_KEYS = CLAIMING('(SELECT require_open_claims())', IS_EXPIRED);
/** Claims keys once more for the actions of `entry`, whose claims were committed and lost. */
export const RECLAIM_KEYS = CLAIMING(
  'action_id IN (SELECT id FROM entry)',
  `${IS_EXPIRED} OR ${IS_FORGOTTEN}`,
);
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

/** Those of the actions in $1 whose rows are lost. */
export const LOST_ENTRY = `entry AS (
  SELECT * FROM json_populate_recordset(NULL::actions, $1) AS e
  WHERE NOT EXISTS (SELECT 1 FROM actions WHERE actions.id = e.id))`;
const ENTRY = 'entry AS (SELECT * FROM json_populate_recordset(NULL::actions, $1))';
const BEGINNING = (where: string, replica: string): string => `
  started AS (
    INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
    SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', ${replica}, now() FROM entry ${where}
    RETURNING id, replica_id
  )
  INSERT INTO running_actions (id, replica_id) SELECT id, replica_id FROM started RETURNING id`;
const STARTING = (entry: string, claim: string): string => `
  WITH ${entry}, ${claim}, ${KEEP_CALLBACKS},
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
/** $1 entries, $2 keys, $3 replica, $4 envelopes that are kept. */
export const START = STARTING(ENTRY, CLAIM_KEYS);
/** The same for actions under way whose rows are lost. */
export const RESTORE_STARTS = STARTING(LOST_ENTRY, RECLAIM_KEYS);

/** $1 rows that begin and end at once. */
export const REFUSE: PreparedStatement = {
  name: 'refuse',
  text: `
    INSERT INTO actions (${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, finished_at)
    SELECT ${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, now() FROM json_populate_recordset(NULL::actions, $1)`,
};

/** Rows as they end, and their ids; the last parenthesis is left open for a further condition. */
const ENDED = (rows: string, ids: string): string => `
  ended AS (
    SELECT * FROM json_to_recordset(${rows}) AS e
      (id uuid, status text, message text, error text, failure json, result json, attempts smallint)
  ),
  ran AS (DELETE FROM running_actions WHERE id = ANY(${ids}::uuid[])`;
/**
 * UNKNOWN may still become what is true; what is final never changes. The ids are said once more, so that
 * rows are found by them even with outdated statistics.
 */
const ENDING = (ids: string): string => `
  UPDATE actions SET status = ended.status, message = ended.message, error = ended.error,
    failure = ended.failure, result = ended.result, attempts = ended.attempts, finished_at = now()
  FROM ended WHERE actions.id = ended.id AND actions.id = ANY(${ids}::uuid[])
    AND actions.status IN ('QUEUED', 'SCHEDULED', 'RUNNING', 'UNKNOWN')`;
/** $1 an action, $2 how far it is, $3 what is known of its result. An action that has ended stays as it is. */
export const NOTE_PARTS =
  "UPDATE actions SET message = $2, result = $3 WHERE id = $1 AND status = 'RUNNING'";
/**
 * What begins and what ends at the same time: $1 entries, $2 replica, $3 endings, $4 their ids, $5 the first
 * and $6 the last of these, which spare the partitions of other months.
 */
export const WRITE_PLAIN: PreparedStatement = {
  name: 'write plain',
  text: `
    WITH ${ENTRY},
    started AS (
      INSERT INTO actions (${ENTRY_COLUMNS}, status, message, replica_id, started_at)
      SELECT ${ENTRY_COLUMNS}, 'RUNNING', 'Running', $2, now() FROM entry RETURNING id, replica_id
    ),
    runs AS (INSERT INTO running_actions (id, replica_id) SELECT id, replica_id FROM started),
    ${ENDED('$3', '$4')})
    ${ENDING('$4')} AND actions.id BETWEEN $5 AND $6`,
};
/**
 * Rows that are to end as unsent ($5) although the last to begin them was another replica, of other leases
 * than $6.
 */
const TAKEN_OVER = (table: string): string =>
  `${table}.id = ANY($5::uuid[]) AND ${table}.replica_id <> ALL($6::uuid[])`;
/**
 * $1 endings, $2 their ids, $3 keys with their answers, $4 ids of envelopes that were kept. Keys and
 * callbacks follow the row: an ending that came too late for it changes neither.
 */
export const FINISH = `
  WITH ${ENDED('$1', '$2')} AND (${TAKEN_OVER('running_actions')}) IS NOT TRUE),
  written AS (
    ${ENDING('$2')} AND (${TAKEN_OVER('actions')}) IS NOT TRUE
    RETURNING actions.id
  ),
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

/**
 * Rows for outcomes whose first row may be missing: a start that was given up before the database
 * answered, or rows that a failover has lost. $1 rows with their endings, $2 keys with their answers, and
 * whether they were surely claimed. A start that arrives later meets the primary key and commits nothing,
 * its idempotency key included.
 */
export const WRITE_MISSING = `
  WITH missing AS (
    INSERT INTO actions (${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, started_at, finished_at)
    SELECT ${ENTRY_COLUMNS}, ${ENDING_COLUMNS}, CASE WHEN attempts > 0 THEN received_at END, now()
    FROM json_populate_recordset(NULL::actions, $1) ORDER BY id
    ON CONFLICT (id) DO NOTHING RETURNING id
  ),
  claimed AS (
    INSERT INTO idempotency_keys AS held (caller_id, key, fingerprint, action_id, answer, expires_at)
    SELECT DISTINCT ON (caller_id, key) caller_id, key, fingerprint, action_id, answer,
      now() + make_interval(secs => "lifeSeconds")
    FROM json_to_recordset($2) AS k
      (caller_id text, key text, fingerprint text, action_id uuid, answer text, "lifeSeconds" integer,
       "isSure" boolean)
    WHERE action_id IN (SELECT id FROM missing)
    ORDER BY caller_id, key, action_id DESC
    ON CONFLICT (caller_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
      action_id = excluded.action_id, answer = excluded.answer, expires_at = excluded.expires_at
    WHERE ${IS_FORGOTTEN} AND excluded.action_id IN (
      SELECT action_id FROM json_to_recordset($2) AS s (action_id uuid, "isSure" boolean) WHERE "isSure")
  )
  SELECT id FROM missing`;
