import { GrpcLoad, RestLoad } from './clients.js';
import { type Measured, ratesOf } from './meter.js';
import type { NativeCalls, NativeLoad } from './native-load.js';
import { compare, type Ratio } from './ratio.js';
import {
  askBy,
  banIn,
  callBaseline,
  callNatively,
  CHANNELS,
  chatIn,
  CHATS,
  execute,
  listWays,
  markIn,
  type Scenario,
} from './scenarios.js';
import type { BenchedGateway, Stand } from './stand.js';

/** What a team would write instead. */
const BASELINES = ['echo', 'undici', 'axios'];

/** The rates that are told beside each other. */
const COMPARED: readonly (readonly [of: string, to: string])[] = [
  ['execute', 'axios'],
  ['execute', 'undici'],
  ['batch', 'execute'],
  ['stream', 'execute'],
  ['rest', 'execute'],
  ['replay', 'execute'],
  ['dry_run', 'execute'],
  ['read', 'execute'],
  ['read_kept', 'execute'],
];
/** Asked by a client in Node.js always, and so is what they are compared with. */
const BY_NODE: ReadonlySet<string> = new Set(['stream', 'read', 'read_kept']);

/** The baselines, all ways into a gateway, and who asks them. */
export class Ways {
  private constructor(
    readonly scenarios: readonly Scenario[],
    /** Asks the gateway. */
    readonly load: GrpcLoad,
    private readonly others: readonly { close(): unknown }[],
  ) {}

  /** @param native who makes the calls that it can make; the clients of this repository when left out */
  static async open(
    stand: Stand,
    gateway: BenchedGateway,
    native: NativeLoad | undefined,
  ): Promise<Ways> {
    const load = new GrpcLoad([gateway.grpcAddress], gateway.token);
    const rest = new RestLoad(gateway.restUrl, gateway.token);
    const scenarios: Scenario[] = [];
    const loads: GrpcLoad[] = [];
    for (const kind of BASELINES) {
      const baseline = await stand.start('baseline', kind, `http://${stand.upstream.address}`);
      const toBaseline = new GrpcLoad([baseline.address], '');
      loads.push(toBaseline);
      const scenario = {
        name: kind,
        title: kind === 'echo' ? 'grpc-js, echo' : `grpc-js + ${kind}`,
        pids: [baseline.pid],
        ...askBy(execute(toBaseline, chatIn(CHATS))),
      };
      // What is handed on is counted where it arrives.
      const witness = kind === 'echo' ? baseline : stand.upstream;
      const calls = callBaseline(baseline.address, chatIn(CHATS), () => witness.countDone());
      scenarios.push(native ? await askNatively(scenario, native, calls) : scenario);
    }
    const ways = listWays([gateway.pid], load, rest, banIn(CHANNELS));
    scenarios.push(...(native ? await listNatively(native, ways, gateway, load) : ways));
    return new Ways(scenarios, load, [rest, ...loads]);
  }

  async close(): Promise<void> {
    this.load.close();
    for (const one of this.others) await one.close();
  }
}

/** What a native generator can ask, it asks; the rest is beside what the same client makes of ExecuteAction. */
async function listNatively(
  native: NativeLoad,
  ways: readonly Scenario[],
  gateway: BenchedGateway,
  load: GrpcLoad,
): Promise<Scenario[]> {
  const calls = await callNatively(gateway, load, markIn(CHANNELS));
  const all: Scenario[] = [];
  for (const way of ways) {
    const ofWay = calls.get(way.name);
    all.push(ofWay ? await askNatively(way, native, ofWay) : way);
    if (way.name === 'execute')
      all.push({ ...way, name: 'execute_node', title: 'ExecuteAction, Node.js client' });
  }
  return all;
}

/** The same scenario, its calls made by a native generator. */
async function askNatively(
  scenario: Scenario,
  native: NativeLoad,
  calls: NativeCalls,
): Promise<Scenario> {
  const line = await native.prepare(calls);
  return { ...scenario, run: line.saturate, pace: line.pace, generator: native.name };
}

/** The rates of those that took part, beside each other. */
export function compareRates(measured: ReadonlyMap<string, readonly Measured[]>): Ratio[] {
  return COMPARED.flatMap(([of, to]) => {
    const rates = ratesOf(measured, of);
    const others =
      (BY_NODE.has(of) ? ratesOf(measured, 'execute_node') : undefined) ?? ratesOf(measured, to);
    return rates && others ? [compare(`${of}_vs_${to}`, rates, others)] : [];
  });
}
