// Real: what the bench makes of what it has measured. Fake: the scenarios, and what they took.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureLatency } from '../../bench/latency.js';
import type { PacedSample, Sample } from '../../bench/load.js';
import { costOf, type Measured, meanCost, Meter, servesDatabase } from '../../bench/meter.js';
import { drawRatios, readHistory } from '../../bench/picture.js';
import { compareRates } from '../../bench/rates.js';
import { compare } from '../../bench/ratio.js';

const sample = (actions: number, ms: number): Sample => ({
  actions,
  failures: 0,
  ms,
  p50: 1,
  p95: 2,
  p99: 3,
});

const rounds = (...rates: number[]): Measured[] =>
  rates.map((perSecond) =>
    Object.assign(sample(perSecond, 1_000), { perSecond, cpu: 1, databaseCpu: 1, rss: 1 }),
  );

describe('Meter', () => {
  it('warms up all of them and measures them in turn, and notes what each came to', async () => {
    const runs: string[] = [];
    const lines: string[] = [];
    const make = (name: string, actions: number) => ({
      name,
      title: `The ${name}`,
      pids: [],
      run: async (forMs: number) => {
        runs.push(`${name} ${forMs}`);
        return sample(actions, forMs);
      },
    });
    const meter = new Meter(
      2,
      100,
      () => [],
      (text) => lines.push(text),
    );
    const measured = await meter.takeTurns([make('one', 10), make('other', 30)], { warmUpMs: 7 });
    expect(runs).toEqual(['one 7', 'other 7', 'one 100', 'other 100', 'one 100', 'other 100']);
    expect(measured.get('one')).toMatchObject([{ perSecond: 100 }, { perSecond: 100 }]);
    expect(measured.get('other')).toMatchObject([{ perSecond: 300 }, { perSecond: 300 }]);
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/^round 2 of 2: The one +100\/s/);
  });
});

describe('servesDatabase', () => {
  const ours = 'postgres: gateway bench_full 127.0.0.1(33748) idle in transaction';
  const neighbours = 'postgres: gateway bench_empty 127.0.0.1(33772) idle';

  it('tells connections of a database from those of its neighbours', () => {
    expect(servesDatabase(ours, 'bench_full')).toBe(true);
    expect(servesDatabase(neighbours, 'bench_full')).toBe(false);
    expect(servesDatabase(neighbours, undefined)).toBe(true);
  });

  it('takes in what works for all databases', () => {
    for (const title of [
      'postgres: checkpointer',
      'postgres: io worker 0',
      '/bin/postgres -D data',
    ])
      expect(servesDatabase(title, 'bench_full')).toBe(true);
  });
});

describe('costs', () => {
  it('are those of the gateway and of PostgreSQL', () => {
    expect(costOf({ cpu: 200, databaseCpu: 50 })).toBe(250);
    expect(costOf({ cpu: 200, databaseCpu: undefined })).toBeNaN();
  });

  it('weigh by actions where several times are one', () => {
    const slow = { actions: 100, cpu: 300, databaseCpu: 100 };
    const fast = { actions: 300, cpu: 150, databaseCpu: 50 };
    expect(meanCost([slow, fast])).toBe(250);
  });
});

describe('compare', () => {
  it('compares each round with its neighbour', () => {
    expect(compare('a_vs_b', [1, 6, 9], [1, 2, 1])).toEqual({
      name: 'a_vs_b',
      median: 3,
      least: 1,
      most: 9,
    });
  });
});

describe('compareRates', () => {
  it('leaves out those that took no part', () => {
    const measured = new Map([
      ['axios', rounds(100)],
      ['execute', rounds(200)],
    ]);
    expect(compareRates(measured)).toMatchObject([{ name: 'execute_vs_axios', median: 2 }]);
  });

  it('compares streams with what the same client makes of single calls', () => {
    const measured = new Map([
      ['execute', rounds(200)],
      ['stream', rounds(300)],
    ]);
    expect(compareRates(measured)).toMatchObject([{ name: 'stream_vs_execute', median: 1.5 }]);
    measured.set('execute_node', rounds(100));
    expect(compareRates(measured)).toMatchObject([{ name: 'stream_vs_execute', median: 3 }]);
  });
});

describe('measureLatency', () => {
  it('takes the percentiles at half of the rate of the calls of all rounds together', async () => {
    const asked: number[] = [];
    // One of three rounds has all the pauses, which no median of the rounds would show.
    const paced = [quiet(100), [...quiet(90), ...Array<number>(10).fill(80)], quiet(100)];
    const execute = {
      name: 'execute',
      title: 'ExecuteAction',
      pids: [],
      run: async () => sample(1, 1),
      pace: async (perSecond: number, forMs: number): Promise<PacedSample> => {
        asked.push(perSecond, forMs);
        return { ...sample(100, forMs), times: paced[asked.length / 2 - 1] ?? [] };
      },
    };
    const measured = new Map([
      ['execute', rounds(900, 1_000, 1_100)],
      ['alone', rounds(10)],
    ]);
    const stand = { timeUpstream: async () => 0.25 };
    const meter = new Meter(
      1,
      1,
      () => [],
      () => undefined,
    );
    const half = { rounds: 3, roundMs: 8_000 };
    const { figures } = await measureLatency(stand, meter, [execute], measured, half);
    expect(asked).toEqual([500, 8_000, 500, 8_000, 500, 8_000]);
    expect(figures).toEqual({
      upstream_p50_ms: 0.25,
      alone_p50_ms: 0.75,
      half_rate_p50_ms: 5,
      half_rate_p99_ms: 80,
    });
  });
});

function quiet(calls: number): number[] {
  return Array<number>(calls).fill(5);
}

describe('bench/ratios.svg', () => {
  it('shows the figures of bench/history.json (mend it with: npm run bench -- --draw)', () => {
    expect(readFileSync('bench/ratios.svg', 'utf8')).toBe(drawRatios(readHistory()));
  });
});
