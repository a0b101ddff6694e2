import { ActionFailure } from '../actions/failures.js';

/** SQLSTATE classes that say: what was asked for is at fault, and would fail again as it is. */
const CONTENT_CLASSES: ReadonlySet<string> = new Set([
  '0L', // invalid grantor
  '20', // case not found
  '21', // cardinality violation
  '22', // data exception
  '23', // integrity constraint violation
  '2F', // SQL routine exception
  '42', // syntax error or access rule violation
  '44', // WITH CHECK OPTION violation
  '54', // program limit exceeded, such as a row that is too large
  'P0', // raised by a function
]);
/** Of these classes, what is about the server and not about what was asked for. */
const NOT_CONTENT: ReadonlySet<string> = new Set([
  '42501', // insufficient privilege: a role is changed while gateways serve
  '42P01', // undefined table: a restore or a migration is under way
  '42703', // undefined column: the same
]);
/** SQLSTATEs after which the statement may have been committed all the same. */
const MAY_HAVE_COMMITTED = /^(08|57P0[12]|58|XX)/;
/** Raised by `require_open_claims()`; see `ClaimGate`. */
const CLAIMS_ARE_CLOSED = 'GW001';
const SQLSTATE = /^[0-9A-Z]{5}$/;
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
]);
/** Codes of a connection that was never made. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EMFILE',
  'ENFILE',
]);
/** pg gives these without a code; TypeORM hands them on as they are. */
const DRIVER_FAULT = /terminated|timeout|Connection ended|not queryable|Cannot use a pool/i;
const RETRY_AFTER_MS = 1_000;

/** The database cannot take the statement now: an expected no, which every door knows how to say. */
export class DatabaseAway extends ActionFailure {
  /** Whether a statement may have been committed although no answer came. */
  readonly mayHaveCommitted: boolean;

  constructor(cause: unknown) {
    const { code = '', message = '' } = readFault(cause);
    const state = SQLSTATE.test(code) ? code : undefined;
    super('GATEWAY_UNAVAILABLE', `${describeState(state)}; nothing was sent`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
    this.cause = cause;
    this.mayHaveCommitted =
      state === undefined
        ? !NEVER_CONNECTED.has(code) && !/trying to connect/i.test(message)
        : MAY_HAVE_COMMITTED.test(state);
  }
}

/**
 * Whether a query failed because of the database and not because of what was asked for: it is away, full,
 * read-only, out of memory or connections, locked, or slow. Every SQLSTATE counts that does not blame the
 * content of the statement, so that an unknown trouble is waited out instead of losing what was to be
 * written.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof DatabaseAway) return true;
  const { code = '', message = '' } = readFault(error);
  if (SQLSTATE.test(code)) return NOT_CONTENT.has(code) || !CONTENT_CLASSES.has(code.slice(0, 2));
  return NETWORK_CODES.has(code) || DRIVER_FAULT.test(message);
}

/** Whether the same statement may work at once when it is sent again: a deadlock or a lost race. */
export function isWorthRepeating(error: unknown): boolean {
  const { cause } = (error ?? {}) as { cause?: unknown };
  const { code = '' } = readFault(error instanceof DatabaseAway ? cause : error);
  return code === '40P01' || code === '40001';
}

function describeState(state: string | undefined): string {
  if (state === undefined) return 'The gateway cannot reach its database';
  if (state === CLAIMS_ARE_CLOSED)
    return 'The database server has changed, and the gateways are restoring their latest records';
  return `The database takes no statements now (SQLSTATE ${state})`;
}

function readFault(error: unknown): { code?: string; message?: string } {
  return (error ?? {}) as { code?: string; message?: string };
}
