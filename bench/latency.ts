import { findPercentiles } from './load.js';
import { type Measured, type Meter, ratesOf } from './meter.js';
import { type Findings, median, showNumber } from './ratio.js';
import type { Scenario } from './scenarios.js';
import type { Stand } from './stand.js';

/** What the others come to at the same rate is the part of the clients and of the machine. */
const PACED = new Set(['echo', 'undici', 'execute']);

/** How many rounds at half of the rate, and how long each lasts. */
export interface HalfRate {
  readonly rounds: number;
  readonly roundMs: number;
}

/** How long one caller alone waits for us, and how long everybody does at half of the top rate. */
export async function measureLatency(
  stand: Pick<Stand, 'timeUpstream'>,
  meter: Meter,
  scenarios: readonly Scenario[],
  measured: ReadonlyMap<string, readonly Measured[]>,
  half: HalfRate,
): Promise<Findings> {
  const upstreamMs = await stand.timeUpstream();
  const alone = median(measured.get('alone')?.map(({ p50 }) => p50) ?? []);
  const top = median(ratesOf(measured, 'execute') ?? []);
  const paced = scenarios.filter(({ name }) => PACED.has(name));
  return {
    ratios: [],
    figures: {
      upstream_p50_ms: upstreamMs,
      alone_p50_ms: alone - upstreamMs,
      ...(await measurePaced(meter, paced, top / 2, half)),
    },
  };
}

/**
 * At a steady rate, round after round. The percentiles are those of all calls of all rounds together: pauses
 * that come every few seconds fall into a single round, or out of it, by luck.
 */
async function measurePaced(
  { log }: Meter,
  scenarios: readonly Scenario[],
  perSecond: number,
  { rounds, roundMs }: HalfRate,
): Promise<Findings['figures']> {
  const times = new Map<string, number[]>(scenarios.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, title, pace } of scenarios) {
      const sample = await pace?.(perSecond, roundMs);
      if (!sample) continue;
      times.set(name, [...(times.get(name) ?? []), ...sample.times]);
      log(
        `round ${round} of ${rounds}: ${title} at half of our top rate (${showNumber(perSecond)}/s): p50 ${showNumber(sample.p50, 1)} ms, p99 ${showNumber(sample.p99, 1)} ms`,
      );
    }
  }
  return Object.fromEntries(
    [...times].flatMap(([name, all]) => {
      const { p50, p99 } = findPercentiles(all);
      const prefix = name === 'execute' ? 'half_rate' : `half_rate_${name}`;
      return [
        [`${prefix}_p50_ms`, p50],
        [`${prefix}_p99_ms`, p99],
      ];
    }),
  );
}
