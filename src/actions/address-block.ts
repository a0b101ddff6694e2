import { isObject } from './json.js';
import type { PlatformAnswer } from './wire.js';

/** Where an answer names no time: Cloudflare locks an address out for about this long. */
export const BLOCKED_MS = 600_000;

/** How those who block an address say so, Cloudflare's codes among it. */
const WORDS =
  /\bbeing blocked\b|\b(has|have) been blocked\b|\byou are (blocked|banned)\b|error code: ?10\d\d|access denied|unusual traffic|automated (queries|requests)/i;

/**
 * Whether a no was given by what stands in front of a platform, such as Cloudflare: then it is about the
 * address that the request came from, and holds for all that it sends.
 * @param isOwnError whether the body is an error in the platform's own form
 */
export function isAddressBlock({ status, body }: PlatformAnswer, isOwnError: boolean): boolean {
  if ((status !== 403 && status !== 429) || isOwnError) return false;
  if (typeof body === 'string') return body.trimStart().startsWith('<') || tellsBlock(body);
  if (!isObject(body)) return false;
  const words = Object.values(body).filter((value) => typeof value === 'string');
  return 'error_code' in body || 'cloudflare_error' in body || words.some(tellsBlock);
}

/** Whether words are about a blocked address. */
export function tellsBlock(text: string): boolean {
  return WORDS.test(text);
}
