import { BenchDatabase } from './bench-database.js';
import { GrpcLoad } from './clients.js';
import { costOf, type Meter } from './meter.js';
import { compare, type Findings, type Ratio, showNumber } from './ratio.js';
import { askBy, banIn, CHANNELS, execute } from './scenarios.js';
import type { Stand } from './stand.js';

/** The rows of the first comparison; each further one has ten times as many. */
const FIRST = 1_000_000;
/** A gateway that has just started gets faster for a while. */
const WARM_UP_MS = 8_000;

/**
 * What an action costs with so many rows in the audit log, beside none: two gateways that have just started,
 * alike but for the rows, in two databases of one server and measured in turn, so that neither the machine nor
 * the age of a gateway is taken for the rows.
 */
export async function measureRows(stand: Stand, meter: Meter, most: number): Promise<Findings> {
  const first = await BenchDatabase.open(stand.postgres.url);
  const empty = await BenchDatabase.create(first.url, 'bench_empty');
  const full = await BenchDatabase.create(first.url, 'bench_full');
  const ratios: Ratio[] = [];
  for (let rows = 0, next = FIRST; next <= most; next *= 10) {
    meter.log(`filling the audit log up to ${next} rows`);
    meter.log(`filled in ${showNumber((await full.fill(next - rows)) / 1_000)} s`);
    rows = next;
    for (const one of [first, empty, full]) await one.rest();
    const sides = [
      await openSide(stand, empty, 'without rows'),
      await openSide(stand, full, `with ${rows} rows`),
    ];
    const turns = { lastsMs: meter.roundMs * 2, warmUpMs: WARM_UP_MS };
    const measured = await meter.takeTurns(sides, turns);
    const costs = ({ name }: BenchDatabase): number[] => measured.get(name)?.map(costOf) ?? [];
    ratios.push(compare(`cost_${rows}_vs_0_rows`, costs(full), costs(empty)));
    for (const side of sides) await side.close();
  }
  for (const one of [first, empty, full]) await one.close();
  return { ratios, figures: {} };
}

/** Bans by a gateway that has just started; what the other does meanwhile in its own database is not counted. */
async function openSide(stand: Stand, { name, url }: BenchDatabase, title: string) {
  const gateway = await stand.startGateway(url);
  await gateway.connectAccounts(1, CHANNELS + 1);
  const load = new GrpcLoad([gateway.grpcAddress], gateway.token);
  const { run } = askBy(execute(load, banIn(CHANNELS)));
  const close = (): Promise<void> => {
    load.close();
    return gateway.stop();
  };
  return { name, title, pids: [gateway.pid], database: name, run, close };
}
