import { setTimeout as sleep } from 'node:timers/promises';

const THINK_MS = 100;

/**
 * The pause of a simulated caller between two calls, so that load does not take the processors from what is
 * tested. Nothing may be concluded from it.
 */
export async function thinkTime(): Promise<void> {
  await sleep(THINK_MS);
}
