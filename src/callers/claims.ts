import type { KeyObject } from 'node:crypto';
import type { JwtService } from '@nestjs/jwt';
import { isObject } from '../actions/json.js';
import { databaseClock } from '../config/database-clock.js';

export type Claims = Readonly<Record<string, unknown>>;

/** Why a token is refused. */
export interface TokenFault {
  readonly fault: 'invalid' | 'expired';
  readonly reason: string;
}

/** Far above any token of ours; a longer one is not hashed. */
export const LONGEST_TOKEN = 8_192;
/** How far the clock of a signer may be ahead of ours, for `nbf` and `iat`. `exp` has no leeway. */
const CLOCK_LEEWAY_SECONDS = 30;
/** The end of the year 9999. */
const LATEST_SECONDS = 253_402_300_799;

/**
 * The claims of a token that one of the keys has signed: HS256, no critical extensions, and times that
 * are seconds since 1970. Whether there must be an `exp` is for the caller to say.
 */
export function verifyToken(
  jwt: JwtService,
  token: string,
  key: KeyObject,
): { readonly claims: Claims } | TokenFault {
  let claims: Claims;
  try {
    claims = jwt.verify<Record<string, unknown>>(token, {
      // Taken by the library as it stands; only its types know nothing of key objects.
      secret: key as unknown as Buffer,
      algorithms: ['HS256'],
      // Times are checked below, where each has its own leeway.
      ignoreNotBefore: true,
      ignoreExpiration: true,
    });
  } catch (error) {
    return { fault: 'invalid', reason: (error as Error).message };
  }
  return checkHeader(token) ?? checkTimes(claims, databaseClock.now() / 1_000) ?? { claims };
}

/** RFC 7515 section 4.1.11: a critical extension that is not understood must be refused. */
function checkHeader(token: string): TokenFault | undefined {
  const [head = ''] = token.split('.');
  const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
  for (const name of ['crit', 'b64'])
    if (isObject(header) && Object.hasOwn(header, name))
      return invalid(`the header "${name}" names an extension that is not supported; leave it out`);
  return undefined;
}

function checkTimes(claims: Claims, now: number): TokenFault | undefined {
  for (const name of ['exp', 'nbf', 'iat']) {
    const at = claims[name];
    if (at === undefined) continue;
    // RFC 7519 lets a time have a fraction, and earlier services wrote such.
    const isTime = typeof at === 'number' && at >= 0 && at <= LATEST_SECONDS;
    if (!isTime)
      return invalid(
        `the claim "${name}" must be a number of seconds since 1970 (not of milliseconds), before the year 10000`,
      );
  }
  const { exp, nbf, iat } = claims as { exp?: number; nbf?: number; iat?: number };
  if (exp !== undefined && exp <= now) return { fault: 'expired', reason: 'jwt expired' };
  if (nbf !== undefined && nbf > now + CLOCK_LEEWAY_SECONDS)
    return invalid(
      `jwt not active: the claim "nbf" lies more than ${CLOCK_LEEWAY_SECONDS} s ahead`,
    );
  if (iat !== undefined && iat > now + CLOCK_LEEWAY_SECONDS)
    return invalid(`the claim "iat" lies more than ${CLOCK_LEEWAY_SECONDS} s ahead`);
  return undefined;
}

function invalid(reason: string): TokenFault {
  return { fault: 'invalid', reason };
}
