import { GrpcLoad } from './clients.js';
import { type Meter, ratesOf } from './meter.js';
import { compare, type Findings } from './ratio.js';
import { askBy, banIn, CHANNELS, execute } from './scenarios.js';
import type { BenchedGateway, Stand } from './stand.js';

/** As many for one gateway as for three. */
const CONNECTIONS = 6;

/** What three gateways on one database come to beside one of them, with callers spread over all. */
export async function measureReplicas(
  stand: Stand,
  meter: Meter,
  first: BenchedGateway,
): Promise<Findings> {
  const all = [first, await stand.startGateway(), await stand.startGateway()];
  const sides = [all.slice(0, 1), all].map((gateways) => {
    const addresses = gateways.map(({ grpcAddress }) => grpcAddress);
    const load = new GrpcLoad(addresses, first.token, CONNECTIONS);
    const name = String(gateways.length);
    const { run } = askBy(execute(load, banIn(CHANNELS)));
    return { name, title: `replicas: ${name}`, pids: [first.pid], run, load };
  });
  const measured = await meter.takeTurns(sides);
  for (const { load } of sides) load.close();
  const rates = (name: string): number[] => ratesOf(measured, name) ?? [];
  return { ratios: [compare('replicas_3_vs_1', rates('3'), rates('1'))], figures: {} };
}
