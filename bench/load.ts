import { setTimeout as sleep } from 'node:timers/promises';

/** What a load came to. Times are milliseconds. */
export interface Sample {
  /** Actions that were answered with a yes. */
  readonly actions: number;
  /** Calls that were not; the reason of the first. */
  readonly failures: number;
  readonly failure?: string;
  readonly ms: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Makes one call and tells how many actions it carried out. */
export type MakeCall = (index: number) => Promise<number>;

let made = 0;

/** A number for each call, never twice in a run, so that no call repeats another. */
export function takeNumber(): number {
  return (made += 1);
}

/** Every worker makes one call after the other until the time is over. */
export async function saturate(call: MakeCall, workers: number, forMs: number): Promise<Sample> {
  const tally = new Tally();
  const until = performance.now() + forMs;
  const work = async (): Promise<void> => {
    while (performance.now() < until) await tally.time(call, performance.now());
  };
  await Promise.all(Array.from({ length: workers }, work));
  return tally.finish();
}

/**
 * What a load at a steady rate came to. Times are those of the calls that began after the first moment: programs
 * and connections that start all at once are no steady rate.
 */
export interface PacedSample extends Sample {
  readonly times: readonly number[];
}

/** The first moment of a load at a steady rate. */
export const SETTLING_MS = 500;

/** Calls begin at a steady rate, whoever is still under way; their time counts from when they were due. */
export async function pace(call: MakeCall, perSecond: number, forMs: number): Promise<PacedSample> {
  const tally = new Tally(SETTLING_MS);
  const underWay = new Set<Promise<void>>();
  const { since } = tally;
  const calls = Math.round((perSecond * forMs) / 1_000);
  for (let index = 0; index < calls; index += 1) {
    const due = since + (index * 1_000) / perSecond;
    // One pause may be shorter than the time between two calls.
    while (performance.now() < due) await sleep(1);
    const work = tally.time(call, due).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
  return { ...tally.finish(), times: tally.times };
}

class Tally {
  readonly since = performance.now();
  readonly #from: number;
  readonly times: number[] = [];
  #actions = 0;
  #failures = 0;
  #failure: string | undefined;

  /** @param leftOutMs how long no times are kept */
  constructor(leftOutMs = 0) {
    this.#from = this.since + leftOutMs;
  }

  async time(call: MakeCall, since: number): Promise<void> {
    try {
      const actions = await call(takeNumber());
      this.#actions += actions;
      if (since >= this.#from) this.times.push(performance.now() - since);
    } catch (error) {
      this.#failures += 1;
      this.#failure ??= (error as Error).message;
    }
  }

  finish(): Sample {
    return {
      actions: this.#actions,
      failures: this.#failures,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ms: performance.now() - this.since,
      ...findPercentiles(this.times),
    };
  }
}

/** The middle of some times, and their slow ends. */
export function findPercentiles(times: readonly number[]): Pick<Sample, 'p50' | 'p95' | 'p99'> {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
