import { StartFault } from '../config/start-fault.js';

/** Of TLS: nothing that time would mend. */
const TLS_CODES =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|HOSTNAME_MISMATCH|ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO)/;

/** What PostgreSQL says while it is opened, by SQLSTATE, and what to do. */
const MENDS: ReadonlyMap<string, string> = new Map([
  ['25006', 'the database can only be read: name the primary'],
  ['42501', 'the role lacks a privilege: let the role that made the tables own them, or name it'],
  ['53100', 'the disk of the server is full: free some space there'],
  ['53200', 'the server is out of memory: give it more'],
  [
    '53300',
    'the server takes no more connections: raise its max_connections, or lower DATABASE_POOL_MAX',
  ],
  ['57014', 'a statement was cancelled: raise the statement_timeout of the role'],
  ['55P03', 'a lock was not given in time: raise the lock_timeout of the role'],
]);

/** Wrong password, unknown role or database, TLS that does not come about: waiting mends none of them. */
export function isHopeless(error: unknown): boolean {
  const { code = '' } = error as { code?: string };
  return code.startsWith('28') || code === '3D000' || code === '42501' || isTlsFault(error);
}

/** @param reason what the driver says; it never holds the password */
export function describeConnectFault(error: unknown, reason: string): StartFault {
  const mend = isTlsFault(error)
    ? 'Set sslmode in DATABASE_URL as the server has it, and name its authority there with sslrootcert, or in NODE_EXTRA_CA_CERTS'
    : 'Check DATABASE_URL';
  return new StartFault(`PostgreSQL cannot be reached: ${reason}. ${mend}`, { cause: error });
}

/** What went wrong while the database was opened: one sentence where it can be mended, or as it is. */
export function describeDatabaseFault(error: unknown): unknown {
  if (error instanceof StartFault) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (isHopeless(error) && code !== '42501') return describeConnectFault(error, message);
  const mend = MENDS.get(code);
  if (mend !== undefined)
    return new StartFault(`DATABASE_URL: ${mend} (${message})`, { cause: error });
  const isAway = /^(08|57P|ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)/.test(code);
  return isAway || /terminated|timeout/i.test(message)
    ? describeConnectFault(error, message)
    : error;
}

function isTlsFault(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return TLS_CODES.test(code) || /does not support SSL|SSL connection|certificate/i.test(message);
}
