import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Backlog } from '../queue/backlog.js';
import { databaseClock } from '../config/database-clock.js';
import { Catalogue } from '../execution/catalogue.js';
import { Executor } from '../execution/executor.js';
import { METRICS, quotaGauges } from '../observability/metrics.js';
import { type ListedBucket, Limits } from '../safeguards/limits.js';
import { ProcessBounds } from '../safeguards/process-bounds.js';

/** However often it is scraped, the database is asked once in this time. */
const FRESH_MS = 5_000;
/** A scrape must not wait for a database that hangs. */
const TIMEOUT_MS = 2_000;
/** Brings the metrics up to date that are read from somewhere when they are asked for. */
@Injectable()
export class Gauges {
  #reading: Promise<void> | undefined;
  #readAt = -Infinity;

  constructor(
    private readonly executor: Executor,
    private readonly catalogue: Catalogue,
    private readonly backlog: Backlog,
    private readonly limits: Limits,
    private readonly bounds: ProcessBounds,
  ) {}

  async update(): Promise<void> {
    const { running, waiting } = this.executor.load;
    METRICS.running.set(running);
    METRICS.waitingForWorker.set(waiting);
    this.bounds.report();
    METRICS.clockSkew.set(databaseClock.skewMs / 1_000);
    const { busy, idle, waiting: queueing } = this.backlog.connections;
    METRICS.connections.set({ state: 'busy' }, busy);
    METRICS.connections.set({ state: 'idle' }, idle);
    METRICS.connections.set({ state: 'waiting' }, queueing);
    if (performance.now() - this.#readAt < FRESH_MS) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    const tooLate = sleep(TIMEOUT_MS, 'too late', { ref: false });
    if ((await Promise.race([this.#reading, tooLate])) === 'too late') METRICS.databaseUp.set(0);
  }

  async #read(): Promise<void> {
    try {
      const [{ waiting, lateMs, callbacks }, { buckets }] = await Promise.all([
        this.backlog.count(),
        this.limits.list({}),
      ]);
      METRICS.queueDepth.set(waiting);
      METRICS.queueAge.set(lateMs / 1_000);
      for (const [state, count] of Object.entries(callbacks))
        METRICS.callbacks.set({ state }, count);
      this.#setLimits(buckets);
      METRICS.databaseUp.set(1);
      this.#readAt = performance.now();
    } catch {
      METRICS.databaseUp.set(0);
    }
  }

  #setLimits(buckets: readonly ListedBucket[]): void {
    METRICS.limitLeft.reset();
    const least = new Map<string, { platform: string; limit: string; ratio: number }>();
    const platforms = new Map(
      this.catalogue.platforms.map(({ name, limitNames = [] }) => [name, limitNames]),
    );
    for (const { bucket, left, limit: of } of buckets) {
      const [platform = '', name = ''] = bucket.split(':');
      const names = platforms.get(platform);
      if (!names || of <= 0) continue;
      // Other buckets are named by ids, which must not become labels.
      const limit = names.includes(name) ? name : 'other';
      const ratio = Math.max(0, left / of);
      const key = `${platform}:${limit}`;
      if (ratio <= (least.get(key)?.ratio ?? 1)) least.set(key, { platform, limit, ratio });
    }
    for (const { platform, limit, ratio } of least.values())
      METRICS.limitLeft.set({ platform, limit }, ratio);
    for (const { name, title, dailyQuota } of this.catalogue.platforms) {
      if (!dailyQuota) continue;
      const gauges = quotaGauges(name, title);
      // Without a row nothing of the day is spent.
      const units = buckets.find(({ bucket }) => bucket.startsWith(dailyQuota.bucketPrefix));
      gauges.left.set(units?.left ?? dailyQuota.units);
      gauges.limit.set(dailyQuota.units);
    }
  }
}
