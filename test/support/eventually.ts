import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again until it fits; a test fails loudly when it never does. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  fits: (found: T) => boolean,
  { withinMs = 30_000, everyMs = 50 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (fits(found)) return found;
    if (performance.now() > until)
      throw new Error(`never came; the last was ${JSON.stringify(found)}`);
    await sleep(everyMs);
  }
}
