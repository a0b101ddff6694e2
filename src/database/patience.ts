import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseAway } from './database-fault.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Repeats work until the database has taken it: for what must not be lost as long as this process
 * lives, and may be written twice without harm.
 */
export async function untilWritten<T>(
  work: () => Promise<T>,
  warn: (reason: string) => void,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error;
      warn(error.message);
      await sleep(pause);
    }
  }
}
