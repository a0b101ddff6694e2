import type { Status } from '../../actions/failures.js';

/** What a status tells a caller, and what to do next. */
export interface StatusMeaning {
  readonly meaning: string;
  readonly next: string;
}

/** Every status an answer may carry, in the words of the documentation. */
export const STATUS_MEANINGS: Readonly<Record<Status, StatusMeaning>> = {
  SUCCEEDED: {
    meaning: 'The platform confirmed the action.',
    next: 'Read result_data.',
  },
  REFUSED: {
    meaning: 'The gateway or the platform said no; nothing happened.',
    next: 'Repeat only if failure.retryable is true, after failure.retry_after_ms.',
  },
  FAILED: {
    meaning: 'A technical fault kept the action from happening.',
    next: 'Repeat if failure.retryable is true.',
  },
  UNKNOWN: {
    meaning: 'The request left and no clear answer came: it may or may not have happened.',
    next: 'Look before repeating; the same idempotency key gives this answer again.',
  },
  QUEUED: {
    meaning: 'Taken, and carried out as soon as its turn comes.',
    next: 'Ask again with its action_id.',
  },
  SCHEDULED: {
    meaning: 'Taken, and carried out at run_at.',
    next: 'Ask again with its action_id, or cancel it.',
  },
  RUNNING: {
    meaning:
      'Begun and not ended yet. The message of an action of many parts tells how many were tried.',
    next: 'Ask again with its action_id.',
  },
  CANCELLED: {
    meaning: 'Cancelled before anything was sent.',
    next: 'Nothing; a repeat is a new action.',
  },
  PREPARED: {
    meaning: 'A dry run: prepared shows what would be sent, and nothing was.',
    next: 'Send it without dry_run.',
  },
};
