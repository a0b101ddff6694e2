// Real: three gateway processes on a PostgreSQL of this file's own, through proxies that lose bytes and cut
// connections; both doors; SIGKILL, SIGSTOP, locks, limits, a full disk, a standby that takes over. Fake:
// the platforms, at the wire; their record says what was done. CHAOS=long (npm run test:chaos) has them all.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_FAULTS, waitForCalls } from '../support/database-faults.js';
import { eventually } from '../support/eventually.js';
import type { FaultLoad } from '../support/fault-load.js';
import { FaultWorld, type Verdict } from '../support/fault-world.js';

const isLong = process.env['CHAOS'] === 'long';
const FAULTS = DATABASE_FAULTS.filter(({ isShort }) => isLong || isShort);
const REPLICAS = 3;
/** Nothing may be under way any more so long after a fault; a machine that runs all tests at once is slow. */
const SETTLED_WITHIN_MS = isLong ? 15_000 : 45_000;

/** Repeated at once after a failover. */
const LATEST = 60;

const FLAWLESS: Verdict = { twice: [], changed: [], notFree: [], deadAccounts: [] };

interface Line {
  readonly fault: string;
  readonly calls: number;
  readonly done: number;
  readonly accepted: number;
  readonly unknown: number;
  readonly nothingSent: number;
  /** Seconds from the end of the fault to the first success of the last replica. */
  readonly service: string;
}

let world: FaultWorld;
let load: FaultLoad | undefined;
const table: Line[] = [];

beforeAll(async () => {
  world = await FaultWorld.open({ smallDisk: isLong });
});

afterEach(() => load?.stop());

afterAll(async () => {
  await world?.close();
  if (table.length > 0) process.stdout.write(`${drawTable(table)}\n`);
});

describe('a database in trouble, under load', () => {
  it.each(FAULTS)(
    '$name: nothing twice, lost, changed or stuck',
    async ({ name, prepare, begin, cannot, losesThePast }) => {
      const reason = cannot?.(world);
      if (reason !== undefined) {
        process.stdout.write(`${name}: skipped, because ${reason}\n`);
        return;
      }
      await prepare?.(world);
      load = await world.makeLoad(name);
      load.start();
      await waitForCalls(load, isLong ? 10 : 3, ({ told }) => told.kind === 'done');
      const mend = await begin(world, load);
      await mend();
      // Before any replica can have noticed that the past is lost, and at one that does not know the key.
      const early = losesThePast ? repeatElsewhere(load) : undefined;
      const mendedAt = new Date().toISOString();
      await waitForCalls(load, 1, ({ told }) => told.kind === 'done');
      const servesAt = new Date().toISOString();
      await early;
      await load.stop();
      await world.waitUntilSettled(SETTLED_WITHIN_MS);
      // What served beside the others for this fault alone goes.
      for (const extra of world.replicas.slice(REPLICAS)) {
        load.leave(extra);
        await world.leave(extra);
      }
      const verdict = await world.judge(load);
      const count = (kind: string): number =>
        load?.jobs.filter(({ told }) => told.kind === kind).length ?? 0;
      table.push({
        fault: name,
        calls: load.jobs.length,
        done: count('done'),
        accepted: count('accepted'),
        unknown: count('unknown'),
        nothingSent: count('nothing sent'),
        service: ((Date.parse(servesAt) - Date.parse(mendedAt)) / 1_000).toFixed(1),
      });
      expect(verdict).toEqual(FLAWLESS);
      expect(count('done')).toBeGreaterThan(0);
      expect(
        await eventually(
          () => world.countUnderWay(),
          () => true,
        ),
      ).toEqual({
        rows: 0,
        keys: 0,
        lines: 0,
        waiting: 0,
      });
    },
    300_000,
  );
});

/** Repeats what was acknowledged last, at another replica than the first time, until each has an answer. */
async function repeatElsewhere(faulty: FaultLoad): Promise<void> {
  const acknowledged = faulty.jobs.filter(({ told }) => /done|accepted/.test(told.kind));
  await Promise.all(
    acknowledged.slice(-LATEST).map((job) =>
      eventually(
        () => faulty.repeat(job, job.replica + 1),
        ({ kind }) => kind !== 'nothing sent',
      ),
    ),
  );
}

function drawTable(lines: readonly Line[]): string {
  const heads = ['fault', 'calls', 'done', 'accepted', 'unknown', 'nothing sent', 'service after'];
  const rows = lines.map((line) => [
    line.fault,
    ...[line.calls, line.done, line.accepted, line.unknown, line.nothingSent].map(String),
    `${line.service} s`,
  ]);
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const draw = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;
  return [draw(heads), draw(widths.map((width) => '-'.repeat(width))), ...rows.map(draw)].join(
    '\n',
  );
}
