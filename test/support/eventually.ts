import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const MOST_LOOKS = 300;

/** Looks again until it fits; a test fails loudly, with what was seen last, when it never does. */
export async function eventually<T>(
  look: () => Promise<T>,
  fits: (found: T) => boolean,
): Promise<T> {
  for (let looks = 1; ; looks += 1) {
    const found = await look();
    if (fits(found)) return found;
    if (looks === MOST_LOOKS) throw new Error(`never came; the last was ${JSON.stringify(found)}`);
    await sleep(LOOK_EVERY_MS);
  }
}
