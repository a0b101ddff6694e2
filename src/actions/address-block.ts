import { isObject } from './json.js';
import type { PlatformAnswer } from './wire.js';

/** The block if an answer names no time: Cloudflare blocks an address for about this long. */
export const BLOCKED_MS = 600_000;

/** Texts of answers that block an address, including Cloudflare's codes. */
const WORDS =
  /\bbeing blocked\b|\b(has|have) been blocked\b|\byou are (blocked|banned)\b|error code: ?10\d\d|access denied|unusual traffic|automated (queries|requests)/i;

/**
 * Whether a refusal comes from a proxy in front of a platform, such as Cloudflare. Then it concerns the
 * address of the gateway, and every request from it.
 * @param isOwnError whether the body is an error in the platform's own form
 */
export function isAddressBlock({ status, body }: PlatformAnswer, isOwnError: boolean): boolean {
  if ((status !== 403 && status !== 429) || isOwnError) return false;
  if (typeof body === 'string') return body.trimStart().startsWith('<') || tellsBlock(body);
  if (!isObject(body)) return false;
  const words = Object.values(body).filter((value) => typeof value === 'string');
  return 'error_code' in body || 'cloudflare_error' in body || words.some(tellsBlock);
}

/** Whether a text is about a blocked address. */
export function tellsBlock(text: string): boolean {
  return WORDS.test(text);
}
