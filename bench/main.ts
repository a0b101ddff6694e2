import { parseArgs } from 'node:util';
import { measureGrowth } from './growth.js';
import { measureLatency } from './latency.js';
import { Meter, WARM_UP_MS } from './meter.js';
import { NativeLoad } from './native-load.js';
import { writePicture } from './picture.js';
import { compareRates, Ways } from './rates.js';
import type { Findings } from './ratio.js';
import { measureReplicas } from './replicas.js';
import { layOutRun, type Run, summarizeRun } from './report.js';
import { measureRows } from './rows.js';
import { CHANNELS, CHATS } from './scenarios.js';
import { Stand } from './stand.js';

const USAGE = `Measures the gateway beside what a team would write instead, in one run, on real PostgreSQL.

  npm run bench -- [--quick] [--json] [--draw] [--rounds 5] [--seconds 4] [--only execute,axios] [--rows 10000000]
                   [--actions 1000000] [--generator node]

  --quick      the rates alone, in less than 90 seconds
  --json       one JSON object on the last line
  --draw       measures nothing; draws bench/ratios.svg anew from bench/history.json
  --only       some of: echo, undici, axios, execute, batch, stream, rest, replay, dry_run, read, read_kept, alone, execute_node
  --rows       up to so many rows of audit log
  --actions    so many actions for the memory over time
  --generator  h2load or node; h2load where it is on the PATH (Debian: nghttp2-client)
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    rows: { type: 'string', default: '10000000' },
    actions: { type: 'string', default: '1000000' },
    generator: { type: 'string' },
    'node-flags': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
if (options.draw) {
  writePicture();
  process.exit(0);
}

const ROUNDS = Number(options.rounds ?? (options.quick ? 3 : 5));
const ROUND_MS = Number(options.seconds ?? (options.quick ? 1.3 : 4)) * 1_000;
/** Long enough for pauses that come every few seconds. */
const HALF_RATE = options.quick
  ? { rounds: 1, roundMs: 3_000 }
  : { rounds: ROUNDS, roundMs: 8_000 };

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const native = await findGenerator(options.generator);
const stand = await Stand.open(log, options['node-flags']?.split(' ') ?? []);
try {
  const run = await bench();
  process.stdout.write(`${layOutRun(run)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(summarizeRun(run))}\n`);
} finally {
  await stand.close();
  await native?.close();
}

/** @returns nothing for the clients of this repository */
async function findGenerator(wanted: string | undefined): Promise<NativeLoad | undefined> {
  if (wanted !== undefined && wanted !== 'node' && wanted !== 'h2load')
    throw new Error(`--generator is "${wanted}": say h2load or node`);
  if (wanted === 'node') return undefined;
  const found = await NativeLoad.find();
  if (!found && wanted === 'h2load')
    throw new Error('h2load is not on the PATH: install nghttp2, or say --generator node');
  return found;
}

async function bench(): Promise<Run> {
  const meter = new Meter(ROUNDS, ROUND_MS, () => stand.pids, log);
  const gateway = await stand.startGateway();
  await gateway.connectAccounts(1, (options.quick ? CHANNELS : CHATS) + 1);
  const ways = await Ways.open(stand, gateway, native);

  const chosen = options.only?.split(',');
  const scenarios = ways.scenarios.filter(({ name }) => !chosen || chosen.includes(name));
  const warmUpMs = Math.min(ROUND_MS, WARM_UP_MS);
  const measured = await meter.takeTurns(scenarios, { warmUpMs });
  const findings: Findings[] = [{ ratios: compareRates(measured), figures: {} }];
  if (!chosen) {
    findings.push(await measureLatency(stand, meter, scenarios, measured, HALF_RATE));
    findings.push({ ratios: [], figures: { rss_mib: measured.get('execute')?.at(-1)?.rss } });
  }
  if (!chosen && !options.quick) {
    findings.push(await measureGrowth(meter, gateway, ways.load, Number(options.actions)));
    findings.push(await measureRows(stand, meter, Number(options.rows)));
    findings.push(await measureReplicas(stand, meter, gateway));
  }
  await ways.close();
  findings.push({ ratios: [], figures: { cold_start_ms: stand.coldStartMs } });
  return {
    scenarios,
    measured,
    ratios: findings.flatMap(({ ratios }) => ratios),
    figures: Object.assign({}, ...findings.map(({ figures }) => figures)) as Findings['figures'],
    generator: native?.name,
    rounds: ROUNDS,
    roundMs: ROUND_MS,
  };
}
