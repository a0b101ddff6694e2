// Real: what becomes of h2load's logs and of the gateway's metrics. Fake: both, as texts.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findPercentiles, pace } from '../../bench/load.js';
import { readLogs, requireAll } from '../../bench/native-load.js';
import { sumMetric } from '../../bench/sum-metric.js';

// A pause moves the clock, and takes no time.
const time = vi.hoisted(() => ({ now: 0 }));
vi.mock(import('node:timers/promises'), async (original) => {
  const moveOn = vi.fn<(ms?: number) => Promise<void>>(async (ms = 0) => void (time.now += ms));
  return { ...(await original()), setTimeout: moveOn as never };
});

/** A clock that pauses alone move. */
function standStill(): { now: number } {
  time.now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => time.now);
  return time;
}

afterEach(() => vi.restoreAllMocks());

/** A line of h2load 1.52: when the call began in microseconds, its status, the microseconds it took. */
const line = (began: number, status: number, took: number): string =>
  `${1_795_203_565_000_000 + began}\t${status}\t${took}\n`;

describe('readLogs', () => {
  it('takes the rate from the time in which all processes ask', () => {
    const early = line(0, 200, 10_000) + line(10_000, 200, 10_000) + line(20_000, 200, 10_000);
    const late = line(10_000, 200, 10_000) + line(20_000, 200, 10_000) + line(30_000, 200, 50_000);
    // Two calls were answered between the first answer of the late one and the last of the early one.
    expect(readLogs([early, late])).toEqual({
      answered: 6,
      ms: 30,
      times: [10, 10, 10, 10, 10, 50],
    });
  });

  it('takes it from all of the time where they never ask together', () => {
    const one = line(0, 200, 1_000) + line(1_000, 200, 1_000);
    const other = line(9_000, 200, 1_000) + line(10_000, 200, 1_000);
    expect(readLogs([one, other])).toEqual({ answered: 4, ms: (10 / 3) * 4, times: [1, 1, 1, 1] });
  });

  it('counts no call that failed, and takes its time for none', () => {
    const log = line(0, 200, 1_000) + line(10, -1, 5) + line(20, 503, 10) + line(0, 200, 3_000);
    expect(readLogs([log])).toEqual({ answered: 2, ms: 4, times: [1, 3] });
  });

  it('leaves out the times of the first moment of all processes, and none of its calls', () => {
    const early = line(499_999, 200, 1_000) + line(500_000, 200, 2_000) + line(0, 200, 700_000);
    const late = line(300_000, 200, 3_000) + line(700_000, 200, 4_000);
    const all = readLogs([late, early]);
    expect(all.times).toEqual([3, 4, 1, 2, 700]);
    expect(readLogs([late, early], 500)).toEqual({ ...all, times: [4, 2] });
  });
});

describe('requireAll', () => {
  it('is content with as many as were asked for', () => {
    const calls = { asked: 8, answered: 8 };
    expect(() => requireAll(calls, { asked: 800, done: 800 })).not.toThrow();
  });

  it('says no to calls without an answer, and to answers behind which nothing was done', () => {
    const enough = { asked: 800, done: 800 };
    expect(() => requireAll({ asked: 8, answered: 7 }, enough)).toThrow(
      'Of 8 calls of h2load, 7 were answered with 200',
    );
    const answered = { asked: 8, answered: 8 };
    for (const done of [0, 799, 801])
      expect(() => requireAll(answered, { asked: 800, done })).toThrow(
        `Of 800 actions that h2load asked for, ${done} were carried out`,
      );
  });
});

describe('findPercentiles', () => {
  it('finds the middle and the slow ends, in whatever order the times came', () => {
    const times = Array.from({ length: 100 }, (_none, index) => (index * 37) % 100);
    expect(findPercentiles(times)).toEqual({ p50: 50, p95: 95, p99: 99 });
  });

  it('has none of nothing', () => {
    expect(findPercentiles([])).toEqual({ p50: Number.NaN, p95: Number.NaN, p99: Number.NaN });
  });
});

describe('pace', () => {
  it('begins no call before it is due, however far apart they are', async () => {
    const clock = standStill();
    const began: number[] = [];
    const sample = await pace(
      async () => {
        began.push(clock.now);
        return 1;
      },
      100,
      100,
    );
    expect(sample).toMatchObject({ actions: 10, failures: 0 });
    expect(began).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('keeps no times of the first half second, and counts its calls all the same', async () => {
    standStill();
    const sample = await pace(async () => 1, 100, 600);
    expect(sample).toMatchObject({ actions: 60, failures: 0 });
    expect(sample.times).toHaveLength(10);
    expect(sample).toMatchObject(findPercentiles(sample.times));
  });
});

describe('sumMetric', () => {
  const text = [
    '# TYPE gateway_actions_total counter',
    'gateway_actions_total{platform="twitch",type="ban",outcome="SUCCEEDED",replayed="false"} 7',
    'gateway_actions_total{platform="twitch",type="marker",outcome="SUCCEEDED",replayed="false"} 5',
    'gateway_actions_total{platform="twitch",type="ban",outcome="SUCCEEDED",replayed="true"} 100',
    'gateway_actions_total{platform="twitch",type="ban",outcome="FAILED",replayed="false"} 1000',
    'gateway_actions_total_of_others{outcome="SUCCEEDED",replayed="false"} 10000',
  ].join('\n');

  it('adds up the lines that have all the labels, and those of no other metric', () => {
    const labels = { outcome: 'SUCCEEDED', replayed: 'false' };
    expect(sumMetric(text, 'gateway_actions_total', labels)).toBe(12);
  });

  it('is nothing where nothing was counted', () => {
    expect(sumMetric(text, 'gateway_actions_total', { outcome: 'PREPARED' })).toBe(0);
  });
});
