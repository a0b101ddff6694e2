import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PartReporter, type PartsReport } from '../../src/execution/part-reporter.js';
import { makePromise } from '../support/promise.js';

const report = (tried: number): PartsReport => ({ known: { tried }, count: { tried, total: 9 } });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('reports of parts', () => {
  it('are written once a second, and then the latest alone', async () => {
    const written: number[] = [];
    const parts = new PartReporter(async ({ count }) => void written.push(count.tried));
    for (const tried of [0, 1, 2]) parts.report(report(tried));
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([2]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(written).toEqual([2]);
    parts.report(report(3));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([2, 3]);
  });

  it('follow one another: a database that is slow gets no second one meanwhile', async () => {
    const written: number[] = [];
    const database = makePromise();
    const parts = new PartReporter(({ count }) => {
      written.push(count.tried);
      return database.promise;
    });
    parts.report(report(0));
    await vi.advanceTimersByTimeAsync(1_000);
    parts.report(report(1));
    parts.report(report(2));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([0]);
    database.resolve();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([0, 2]);
  });

  it('end with the action', async () => {
    const written: number[] = [];
    const parts = new PartReporter(async ({ count }) => void written.push(count.tried));
    parts.report(report(0));
    parts.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(written).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
