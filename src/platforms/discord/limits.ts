import type { Limit } from '../../actions/action.js';

/**
 * All requests of a bot together. The buckets of single routes have no published figures: answers
 * name them, and a 429 says how long to wait.
 * @see https://discord.com/developers/docs/topics/rate-limits#global-rate-limit
 */
export function limitBot(accountId: string): Limit[] {
  return [{ bucket: `discord:global:${accountId}`, tokens: 50, windowMs: 1_000 }];
}
