/**
 * SQL for the line in which the envelope of a begun action `i` stands. No replica works on it unless its
 * replica dies; then another one finds out what became of the action.
 */
export const LINE_OF_INSURED = `'insured/' || i.id`;

/** Said of an action that was begun and whose outcome is not known. */
export const CUT_OFF =
  'The gateway was cut off after this action was begun: it may or may not have happened on the platform';

/**
 * Settles actions that no replica carries out any more as UNKNOWN. $1 what is said of them.
 * @param ownerless a statement that takes them out of `running_actions` and returns their ids
 */
export const SETTLE = (ownerless: string): string => `
  WITH dead AS (${ownerless}),
  cut_off AS (
    UPDATE actions SET status = 'UNKNOWN', message = 'Outcome unknown', error = $1,
      finished_at = now(), failure = '{"code":"OUTCOME_UNKNOWN","retryable":false}'
    WHERE actions.id = ANY (ARRAY(SELECT id FROM dead)) AND status = 'RUNNING'
    RETURNING actions.id
  ),
  called AS (
    UPDATE callbacks SET state = 'due', next_at = now() FROM cut_off i
    WHERE callbacks.action_id = i.id::text
  ),
  insured AS (
    UPDATE queue_lines SET due_at = now() FROM cut_off i WHERE line = ${LINE_OF_INSURED}
  )
  SELECT count(*)::int AS settled FROM cut_off`;
