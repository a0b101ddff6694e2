import { ActionFailure } from '../actions/failures.js';

const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EAI_AGAIN',
]);
const NEVER_CONNECTED_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', '57P03']);
const RETRY_AFTER_MS = 1_000;

/** The database is away: an expected no, which every door knows how to say. */
export class DatabaseAway extends ActionFailure {
  /** Whether a statement may have been committed although no answer came. */
  readonly mayHaveCommitted: boolean;

  constructor(cause: unknown) {
    super('GATEWAY_UNAVAILABLE', 'The gateway cannot reach its database; nothing was sent', {
      retryAfterMs: RETRY_AFTER_MS,
    });
    const { code = '', message = '' } = readFault(cause);
    this.cause = cause;
    this.mayHaveCommitted = !NEVER_CONNECTED_CODES.has(code) && !/trying to connect/i.test(message);
  }
}

/** Whether a query failed because the database is away or stopping, not because of what was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseAway) return true;
  const { code = '', message = '' } = readFault(error);
  if (code.startsWith('08') || code.startsWith('57P') || AWAY_CODES.has(code)) return true;
  // pg gives these without a code; TypeORM hands them on as they are.
  return /terminated|timeout|Connection ended|not queryable|Cannot use a pool/i.test(message);
}

/** Whether the same statement, as it is, may work when sent again: a deadlock or a lost race. */
export function isWorthRepeating(error: unknown): boolean {
  const { code = '' } = readFault(error);
  return code === '40P01' || code === '40001';
}

function readFault(error: unknown): { code?: string; message?: string } {
  return (error ?? {}) as { code?: string; message?: string };
}
