import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const RANDOM_BYTES = 16;
/** Random bytes are drawn for many ids at a time: one draw costs as much as the rest of an id. */
const pool = new Uint8Array(RANDOM_BYTES * 256);
let next = pool.length;
let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7. Those of one process are in the order in which they were made, also within a millisecond and
 * when the clock is set back: the order of arrival is read from them.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function makeActionId(): string {
  const random = drawRandom();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // A quarter of the room at most, so that there is enough left to count on within the millisecond.
    sequence = ((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0);
  } else {
    sequence += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

function drawRandom(): Uint8Array {
  if (next >= pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  next += RANDOM_BYTES;
  return pool.subarray(next - RANDOM_BYTES, next);
}
