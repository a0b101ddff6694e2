import { isSnowflake } from './discord-action.js';

const DISCORD_EPOCH = 1_420_070_400_000;
/** @see https://discord.com/developers/docs/resources/message#bulk-delete-messages */
const TWO_WEEKS_MS = 14 * 86_400_000;

/** When a message was sent, by its id, in Unix milliseconds; undefined for what is no id. */
export function readSentAt(id: string): number | undefined {
  return isSnowflake(id) ? Number(BigInt(id) >> 22n) + DISCORD_EPOCH : undefined;
}

/** The first id of a moment. What was sent before it has a smaller one. */
export function idOfMoment(at: number): string {
  return String(BigInt(Math.max(1, at - DISCORD_EPOCH)) << 22n);
}

/**
 * Whether a message is too old for deletion in bulk.
 * @param marginMs how much younger it may be to count as too old, for the time until the request arrives
 */
export function isTooOld(id: string, now: number, marginMs = 0): boolean {
  const sentAt = readSentAt(id);
  return sentAt !== undefined && sentAt < now - TWO_WEEKS_MS + marginMs;
}
