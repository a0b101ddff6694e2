import type { Platform } from '../actions/platform.js';

/** Why an account was not connected, and the HTTP status that says so. */
export const CONNECT_FAULTS = {
  STATE_MISSING: 400,
  STATE_UNKNOWN: 400,
  STATE_OF_ANOTHER_PLATFORM: 400,
  STATE_OF_ANOTHER_CALLER: 403,
  CALLER_GONE: 403,
  STATE_USED: 409,
  STATE_EXPIRED: 410,
  ACCESS_DENIED: 403,
  CONSENT_FAILED: 502,
  CODE_MISSING: 400,
  CODE_REFUSED: 400,
  PLATFORM_DOWN: 503,
  ACCOUNT_DIFFERS: 409,
  ACCOUNT_MISSING: 409,
  ACCOUNT_OUT_OF_REACH: 403,
  BOT_REFUSED: 502,
  BOT_NOT_ADDED: 409,
} as const;
export type ConnectFault = keyof typeof CONNECT_FAULTS;

/** What most people can do about it. */
export const BEGIN_AGAIN = 'Ask for a new address to connect the account with, and open that one.';

/** An account was not connected: nothing is stored. The message says why, the advice what to do. */
export class ConnectFailure extends Error {
  constructor(
    readonly fault: ConnectFault,
    message: string,
    readonly advice: string,
  ) {
    super(message);
    this.name = 'ConnectFailure';
  }

  get http(): number {
    return CONNECT_FAULTS[this.fault];
  }
}

/** The platform could not be asked, or did not say what was to be known. */
export function describeAway({ title }: Platform, reason: string): ConnectFailure {
  return new ConnectFailure(
    'PLATFORM_DOWN',
    `${title} could not be asked, and nothing was stored: ${reason}`,
    `Try again in a while. ${BEGIN_AGAIN}`,
  );
}
