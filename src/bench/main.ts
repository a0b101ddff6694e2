import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { readDatabase } from './bench-database.js';
import { GrpcLoad, RestLoad } from './clients.js';
import { findPercentiles, type Sample, saturate } from './load.js';
import { NativeLoad } from './native-load.js';
import { countCpu, listDescendants, readFigures, sumRss } from './process-figures.js';
import { compare, layOut, median, type Ratio, showNumber } from './report.js';
import {
  askBy,
  banIn,
  callBaseline,
  callNatively,
  chatIn,
  execute,
  listWays,
  loadNatively,
  type MakeEnvelope,
  markIn,
  type Scenario,
  WORKERS,
} from './scenarios.js';
import { type BenchedGateway, type BenchedProgram, Stand } from './stand.js';

const USAGE = `Measures the gateway beside what a team would write instead, in one run, on real PostgreSQL.

  npm run bench -- [--quick] [--json] [--rounds 5] [--seconds 4] [--only execute,axios] [--rows 10000000]
                   [--actions 1000000] [--generator node]

  --quick      the rates alone, in less than 90 seconds
  --json       one JSON object on the last line
  --only       some of: echo, undici, axios, execute, batch, stream, rest, replay, dry_run, alone, execute_node
  --rows       up to so many rows of audit log
  --actions    so many actions for the memory over time
  --generator  h2load or node; h2load where it is on the PATH (Debian: nghttp2-client)
`;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
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

const ROUNDS = Number(options.rounds ?? (options.quick ? 3 : 5));
const ROUND_MS = Number(options.seconds ?? (options.quick ? 1.3 : 4)) * 1_000;
const WARM_UP_MS = 1_500;
/** Channels that are banned in; moderators' bots act in many. */
const CHANNELS = 100;
/** Enough of them that no chat meets its limit of a hundred messages in half a minute. */
const CHATS = 2_000;
const MANY = 10_000;
/** Of the points that bans cost. */
const LIMIT_WINDOW_MS = 60_000;
/** Between two readings of the memory over time. */
const SOAK_MS = 15_000;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** What a scenario came to in one round. */
interface Measured extends Sample {
  readonly perSecond: number;
  /** Microseconds of processor time per action, of the measured processes. */
  readonly cpu: number | undefined;
  /** The same of PostgreSQL. */
  readonly databaseCpu: number | undefined;
  readonly rss: number | undefined;
}

type Figures = Record<string, number | undefined>;

const native = await findGenerator(options.generator);
const stand = await Stand.open(log, options['node-flags']?.split(' ') ?? []);
try {
  await bench();
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

async function bench(): Promise<void> {
  const upstream = await stand.start('upstream');
  const gateway = await stand.startGateway(upstream.address);
  const token = await stand.askToken(gateway);
  await stand.connectAccounts(gateway, token, 1, (options.quick ? CHANNELS : CHATS) + 1);
  const load = new GrpcLoad([gateway.grpcAddress], token);
  const rest = new RestLoad(gateway.restUrl, token);

  const baselines = [];
  const loads = [load];
  for (const kind of ['echo', 'undici', 'axios']) {
    const baseline = await stand.start('baseline', kind, `http://${upstream.address}`);
    const toBaseline = new GrpcLoad([baseline.address], '');
    loads.push(toBaseline);
    // What is handed on is counted where it arrives.
    const witness = kind === 'echo' ? baseline : upstream;
    baselines.push(await describeBaseline(kind, baseline, toBaseline, witness));
  }
  const ways = listWays([gateway.pid], load, rest, banIn(CHANNELS));
  const all = [
    ...baselines,
    ...(native ? await listNatively(native, ways, gateway, token, load) : ways),
  ];
  const chosen = options.only?.split(',');
  const scenarios = all.filter(({ name }) => !chosen || chosen.includes(name));
  const rounds = await runRounds(scenarios);
  const perSecond = (name: string): number[] => rounds.get(name)?.map((one) => one.perSecond) ?? [];
  const ratios = [
    compare('execute_vs_axios', perSecond('execute'), perSecond('axios')),
    compare('execute_vs_undici', perSecond('execute'), perSecond('undici')),
    compare('batch_vs_execute', perSecond('batch'), perSecond('execute')),
    // Streams are asked by a client in Node.js, and so is what they are compared with.
    compare(
      'stream_vs_execute',
      perSecond('stream'),
      perSecond(native ? 'execute_node' : 'execute'),
    ),
    compare('rest_vs_execute', perSecond('rest'), perSecond('execute')),
    compare('replay_vs_execute', perSecond('replay'), perSecond('execute')),
    compare('dry_run_vs_execute', perSecond('dry_run'), perSecond('execute')),
  ].filter((one) => !Number.isNaN(one.median));

  const figures: Figures = {};
  if (!chosen) {
    const top = median(perSecond('execute'));
    await measureLatency(scenarios, upstream.address, rounds, top, figures);
    figures['rss_mib'] = rounds.get('execute')?.at(-1)?.rss;
    if (!options.quick) ratios.push(...(await measureGrowth(gateway, token, load, figures)));
    if (!options.quick) ratios.push(await measureReplicas(upstream.address, gateway, token));
  }
  for (const one of loads) one.close();
  await rest.close();
  report(scenarios, rounds, ratios, figures);
}

async function describeBaseline(
  kind: string,
  { address, pid }: BenchedProgram,
  load: GrpcLoad,
  witness: BenchedProgram,
): Promise<Scenario> {
  const scenario = {
    name: kind,
    title: kind === 'echo' ? 'grpc-js, echo' : `grpc-js + ${kind}`,
    pids: [pid],
    ...askBy(execute(load, chatIn(CHATS))),
  };
  if (!native) return scenario;
  const calls = callBaseline(address, chatIn(CHATS), () => witness.countDone());
  return loadNatively(scenario, native, calls);
}

/** What a native generator can ask, it asks; the rest is beside what the same client makes of ExecuteAction. */
async function listNatively(
  generator: NativeLoad,
  ways: readonly Scenario[],
  gateway: BenchedGateway,
  token: string,
  load: GrpcLoad,
): Promise<Scenario[]> {
  const calls = await callNatively(gateway, token, load, markIn(CHANNELS));
  const all: Scenario[] = [];
  for (const way of ways) {
    const ofWay = calls.get(way.name);
    all.push(ofWay ? await loadNatively(way, generator, ofWay) : way);
    if (way.name === 'execute')
      all.push({ ...way, name: 'execute_node', title: 'ExecuteAction, Node.js client' });
  }
  return all;
}

/** All scenarios in turn, again and again, so that a busy moment of the machine hits neighbours alike. */
async function runRounds(scenarios: readonly Scenario[]): Promise<Map<string, Measured[]>> {
  const rounds = new Map<string, Measured[]>();
  for (const { run } of scenarios) await run(Math.min(ROUND_MS, WARM_UP_MS));
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const scenario of scenarios) {
      const measured = await measure(scenario);
      rounds.set(scenario.name, [...(rounds.get(scenario.name) ?? []), measured]);
      log(`round ${round} of ${ROUNDS}: ${describe(scenario.title, measured)}`);
    }
  }
  return rounds;
}

async function measure({ pids, run }: Pick<Scenario, 'pids' | 'run'>, forMs = ROUND_MS) {
  const ofDatabase = listDatabase();
  const before = { own: readFigures(pids), database: readFigures(ofDatabase) };
  const sample = await run(forMs);
  const own = readFigures(pids);
  const perAction = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : (ms * 1_000) / sample.actions;
  return {
    ...sample,
    perSecond: (sample.actions / sample.ms) * 1_000,
    cpu: perAction(countCpu(before.own, own)),
    databaseCpu: perAction(countCpu(before.database, readFigures(ofDatabase))),
    rss: sumRss(own),
  };
}

/** PostgreSQL descends from this process as everything does, and is none of what was started here. */
function listDatabase(): number[] {
  const known = new Set(stand.pids);
  return listDescendants(process.pid).filter((pid) => !known.has(pid));
}

/** How long one caller alone waits for us, and how long everybody does at half of the top rate. */
async function measureLatency(
  scenarios: readonly Scenario[],
  upstream: string,
  rounds: Map<string, Measured[]>,
  top: number,
  figures: Figures,
): Promise<void> {
  const upstreamMs = await stand.timeUpstream(upstream);
  figures['upstream_p50_ms'] = upstreamMs;
  figures['alone_p50_ms'] = median(rounds.get('alone')?.map(({ p50 }) => p50) ?? []) - upstreamMs;
  // What the others come to at the same rate is the part of the clients and of the machine.
  const paced = scenarios.filter(({ name }) => ['echo', 'undici', 'execute'].includes(name));
  const times = new Map<string, number[]>();
  const most = options.quick ? 1 : ROUNDS;
  for (let round = 1; round <= most; round += 1) {
    for (const { name, title, pace } of paced) {
      const half = await pace?.(top / 2, options.quick ? 3_000 : 8_000);
      if (!half) continue;
      times.set(name, [...(times.get(name) ?? []), ...half.times]);
      log(
        `round ${round} of ${most}: ${title} at half of our top rate (${showNumber(top / 2)}/s): p50 ${showNumber(half.p50, 1)} ms, p99 ${showNumber(half.p99, 1)} ms`,
      );
    }
  }
  // Pauses that come every few seconds fall into a single round, or out of it, by luck.
  for (const [name, all] of times) {
    const { p50, p99 } = findPercentiles(all);
    const prefix = name === 'execute' ? 'half_rate' : `half_rate_${name}`;
    figures[`${prefix}_p50_ms`] = p50;
    figures[`${prefix}_p99_ms`] = p99;
  }
}

/** What an action costs with more channels, more rows, and after many more actions. */
async function measureGrowth(
  gateway: BenchedGateway,
  token: string,
  load: GrpcLoad,
  figures: Figures,
): Promise<Ratio[]> {
  const cost = async (
    title: string,
    envelopeOf: MakeEnvelope,
    channels = CHANNELS,
    lastsMs = ROUND_MS * 2,
  ): Promise<number> => {
    const run = (forMs: number): Promise<Sample> =>
      saturate(execute(load, envelopeOf), WORKERS, forMs);
    // Every channel was met before.
    for (let met = 0; met < 1.5 * channels;) met += (await run(WARM_UP_MS)).actions;
    const measured = await measure({ pids: [gateway.pid], run }, lastsMs);
    log(describe(title, measured));
    return (measured.cpu ?? Number.NaN) + (measured.databaseCpu ?? Number.NaN);
  };
  const ratios: Ratio[] = [];
  const chat = await cost(`chat messages, ${CHATS} chats`, chatIn(CHATS), CHATS);
  ratios.push(takeOnce('chat_cost_vs_ban', chat / (await cost('bans', banIn(CHANNELS)))));

  await stand.connectAccounts(gateway, token, CHATS + 1, MANY + 1);
  // Every window of every channel's limit ends once meanwhile.
  const few = await cost('10 channels', banIn(10), 10, LIMIT_WINDOW_MS);
  const many = await cost(`${MANY} channels`, banIn(MANY), MANY, LIMIT_WINDOW_MS);
  ratios.push(takeOnce('cost_10000_vs_10_accounts', many / few));

  const actions = Number(options.actions);
  await soak(gateway, load, actions, figures);

  const most = Number(options.rows);
  const empty = await cost('before any rows were added', banIn(CHANNELS));
  const database = await readDatabase(stand.postgres.url);
  for (let rows = 1_000_000; rows <= most; rows *= 10) {
    log(`adding ${rows} rows of audit log`);
    log(`added in ${showNumber((await database.fill(rows)) / 1_000)} s`);
    const full = await cost(`with ${rows} rows more`, banIn(CHANNELS));
    ratios.push(takeOnce(`cost_${rows}_vs_0_rows`, full / empty));
  }
  await database.close();
  return ratios;
}

/** A ratio that was taken once. */
function takeOnce(name: string, value: number): Ratio {
  return { name, median: value, least: value, most: value };
}

/** Whether the memory of a gateway grows with what it has done. */
async function soak(
  gateway: BenchedGateway,
  load: GrpcLoad,
  actions: number,
  figures: Figures,
): Promise<void> {
  const readings: number[] = [];
  const since = performance.now();
  let done = 0;
  while (done < actions) {
    const sample = await saturate(execute(load, banIn(CHANNELS)), WORKERS, SOAK_MS);
    if (sample.actions === 0) throw new Error(`Nothing succeeds any more: ${sample.failure}`);
    done += sample.actions;
    const rss = sumRss(readFigures([gateway.pid])) ?? Number.NaN;
    readings.push(rss);
    const left = ((performance.now() - since) / done) * Math.max(0, actions - done);
    log(
      `after ${done} of ${actions} actions: ${showNumber(rss)} MiB, ${showNumber(left / 60_000, 1)} minutes left`,
    );
  }
  figures['soaked_actions'] = done;
  figures['rss_mib_at_the_start'] = readings[0];
  figures['rss_mib_at_the_end'] = readings.at(-1);
}

/** What three gateways on one database come to beside one of them, with callers spread over all. */
async function measureReplicas(
  upstream: string,
  first: BenchedGateway,
  token: string,
): Promise<Ratio> {
  const others = [await stand.startGateway(upstream), await stand.startGateway(upstream)];
  const addresses = [first, ...others].map(({ grpcAddress }) => grpcAddress);
  const one = new GrpcLoad(addresses.slice(0, 1), token, 6);
  const three = new GrpcLoad(addresses, token, 6);
  const rates: { one: number[]; three: number[] } = { one: [], three: [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, load] of [
      ['one', one],
      ['three', three],
    ] as const) {
      const run = (forMs: number): Promise<Sample> =>
        saturate(execute(load, banIn(CHANNELS)), WORKERS, forMs);
      if (round === 1) await run(WARM_UP_MS);
      const measured = await measure({ pids: [first.pid], run });
      rates[name].push(measured.perSecond);
      log(`round ${round} of ${ROUNDS}: ${describe(`replicas: ${name}`, measured)}`);
    }
  }
  one.close();
  three.close();
  return compare('replicas_3_vs_1', rates.three, rates.one);
}

function describe(
  title: string,
  { perSecond, p50, p99, cpu, databaseCpu, rss, ...rest }: Measured,
) {
  const fault = rest.failures > 0 ? `  ${rest.failures} failed: ${rest.failure}` : '';
  return `${title.padEnd(28)} ${showNumber(perSecond)}/s  p50 ${showNumber(p50, 1)} ms  p99 ${showNumber(p99, 1)} ms  cpu ${showNumber(cpu)} + ${showNumber(databaseCpu)} µs  ${showNumber(rss)} MiB${fault}`;
}

function report(
  scenarios: readonly Scenario[],
  rounds: ReadonlyMap<string, readonly Measured[]>,
  ratios: readonly Ratio[],
  figures: Figures,
): void {
  figures['cold_start_ms'] = stand.coldStartMs;
  const rows = scenarios.map(({ name, title, generator }) => {
    const all = rounds.get(name) ?? [];
    const of = (figure: 'perSecond' | 'p50' | 'p95' | 'p99'): number =>
      median(all.map((one) => one[figure]));
    const cpu = median(all.map((one) => one.cpu ?? Number.NaN));
    const databaseCpu = median(all.map((one) => one.databaseCpu ?? Number.NaN));
    return [
      title,
      showNumber(of('perSecond')),
      ...(['p50', 'p95', 'p99'] as const).map((figure) => showNumber(of(figure), 1)),
      showNumber(cpu),
      showNumber(databaseCpu),
      showNumber(all.at(-1)?.rss),
      String(all.reduce((sum, { failures }) => sum + failures, 0)),
      generator === undefined ? 'Node.js' : 'h2load',
    ];
  });
  const head = [
    '',
    'actions/s',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'cpu µs',
    'db µs',
    'MiB',
    'failed',
    'by',
  ];
  const texts = [
    layOut([head, ...rows]),
    layOut([
      ['ratio', 'median', 'least', 'most'],
      ...ratios.map(({ name, ...values }) => [
        name,
        ...[values.median, values.least, values.most].map((value) => showNumber(value, 2)),
      ]),
    ]),
    layOut(Object.entries(figures).map(([name, value]) => [name, showNumber(value, 1)])),
    `generator: ${native?.name ?? 'the clients of this repository'}`,
    `Node.js ${process.version}, ${cpus().length} processors, ${WORKERS} callers side by side, ${ROUNDS} rounds of ${ROUND_MS / 1_000} s`,
  ];
  process.stdout.write(`${texts.join('\n\n')}\n`);
  if (!options.json) return;
  const json = {
    ratios: Object.fromEntries(ratios.map((ratio) => [ratio.name, ratio.median])),
    spread: Object.fromEntries(ratios.map(({ name, least, most }) => [name, [least, most]])),
    actions_per_second: Object.fromEntries(
      scenarios.map(({ name }) => [
        name,
        median(rounds.get(name)?.map(({ perSecond }) => perSecond) ?? []),
      ]),
    ),
    figures,
    generator: native?.name ?? 'node',
    generators: Object.fromEntries(
      scenarios.map(({ name, generator = 'node' }) => [name, generator]),
    ),
    machine: { node: process.version, processors: cpus().length },
  };
  process.stdout.write(`${JSON.stringify(json)}\n`);
}
