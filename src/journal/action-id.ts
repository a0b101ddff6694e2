import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { databaseClock } from '../config/database-clock.js';

const RANDOM_BYTES = 16;
/** Random bytes are drawn for many ids at a time: one draw costs as much as the rest of an id. */
const pool = Buffer.alloc(RANDOM_BYTES * 256);
const draws = Array.from({ length: 256 }, (_none, nth) =>
  pool.subarray(nth * RANDOM_BYTES, (nth + 1) * RANDOM_BYTES),
);
const bytes = Buffer.alloc(RANDOM_BYTES);
let next = draws.length;
let lastMs = 0;
let sequence = 0;

/**
 * A UUIDv7. Those of one process are in the order in which they were made, also within a millisecond and
 * when the clock is set back: the order of arrival is read from them.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7
 */
export function makeActionId(): string {
  const random = drawRandom();
  const now = databaseClock.now();
  if (now > lastMs) {
    lastMs = now;
    // A quarter of the room at most, so that there is enough left to count on within the millisecond.
    sequence = ((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0);
  } else {
    sequence += 1;
  }
  v7({ random, msecs: lastMs, seq: sequence }, bytes);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Sixteen random bytes in hexadecimal, as traces are called. */
export function makeTraceId(): string {
  return drawRandom().toString('hex');
}

/** Sixteen random bytes, until the next are drawn. */
function drawRandom(): Buffer {
  if (next === draws.length) {
    randomFillSync(pool);
    next = 0;
  }
  return draws[next++] as Buffer;
}
