import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;

const LOOK_MS = 5_000;
/** Busier than this share of the time, the process is left alone: V8 collects by itself then. */
const MOST_UTILIZATION = 0.2;
/** Less than this above the last collection is not worth a pause. */
const LEAST_GROWTH_BYTES = 16 * 1_048_576;

/**
 * Collects garbage after a flood, while little happens. V8 collects when it needs memory; a process that
 * has become idle would keep the garbage of its busiest minute.
 * @returns what stops it
 */
export function collectWhenIdle(collect: Collect = findCollector()): () => void {
  let before = performance.eventLoopUtilization();
  let calm = measure();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const used = measure();
    if (used < calm) calm = used;
    if (utilization > MOST_UTILIZATION || used - calm < LEAST_GROWTH_BYTES) return;
    collect();
    calm = measure();
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}

/** Bytes of objects and buffers, garbage included. */
function measure(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The collector of V8, which Node.js shows only where it is told to. */
function findCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
