import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same, in the same time for every wrong one. */
export function isSameSecret(given: string, known: string): boolean {
  return timingSafeEqual(digest(given), digest(known));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
