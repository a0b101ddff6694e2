import { ActionFailure } from '../actions/failures.js';
import type { Platform } from '../actions/platform.js';
import type { Delivery, Transport, WireRequest } from '../actions/wire.js';

/**
 * Longer than any platform takes: an exchange that rotates the refresh token cannot be repeated, so a late
 * answer is worth waiting for. 25 seconds were seen.
 */
const EXCHANGE_TIMEOUT_MS = 60_000;
/** A replica that dies during an exchange holds others back for this long. */
export const LEASE_SECONDS = 20;
const EXTEND_EVERY_MS = 5_000;
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 60_000;
/** A token server cannot ask for a longer pause. */
const LONGEST_TOLD_MS = 3_600_000;
/** What is left of a backoff is waited for by a caller, up to this much. */
const WAITED_FOR_MS = FIRST_BACKOFF_MS;

/**
 * Asks a token server, and keeps the lease until it has answered. The exchange goes on when its callers
 * have given up.
 * @param extendLease gives the lease its full length again; a failure costs no more than the lease
 */
export async function exchangeToken(
  transport: Transport,
  request: WireRequest,
  extendLease: () => Promise<unknown>,
): Promise<Delivery> {
  const timer = setInterval(() => {
    extendLease().catch(() => undefined);
  }, EXTEND_EVERY_MS);
  try {
    return await transport.deliver(request, EXCHANGE_TIMEOUT_MS);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Milliseconds until a token server that gave no clear answer is asked again for the same credential.
 * @param failures how often it gave none before
 * @param now Unix milliseconds, for a Retry-After that is a date
 */
export function findBackoff(delivery: Delivery, failures: number, now = Date.now()): number {
  const grown = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
  const told = delivery.kind === 'answered' ? readRetryAfter(delivery.answer.headers, now) : 0;
  return Math.max(grown, Math.min(told, LONGEST_TOLD_MS));
}

/** @throws ActionFailure PLATFORM_DOWN with the time that is left, where it is too long to wait for */
export function requireNoBackoff({ title }: Platform, account: string, leftMs: number): void {
  if (leftMs <= WAITED_FOR_MS) return;
  const seconds = Math.ceil(leftMs / 1_000);
  throw new ActionFailure(
    'PLATFORM_DOWN',
    `${title} did not renew the token of ${account} when it was asked last, and is asked again in ${seconds} s; nothing was sent`,
    { retryAfterMs: Math.ceil(leftMs) },
  );
}

/** Seconds, or a date. Milliseconds; 0 for none and for nonsense. */
function readRetryAfter(headers: Readonly<Record<string, string>>, now: number): number {
  const text = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
