// Real: three gateway processes on one PostgreSQL, gRPC, kill -9. Fake: Discord, at the wire, with the
// sizes of buckets that it is simulated to have. Takes about ten minutes: npm run test:long
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cluster, type LineReport, reportLines, sendLine } from '../support/cluster.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import type { SeenRequest } from '../support/sandbox.js';

const REPLICAS = 3;
const CHANNELS = Array.from({ length: 40 }, (_item, n) =>
  String(710_000_000_000_000_000n + BigInt(n)),
);
/** Of each replica in each channel: 10,080 in all. */
const EACH = 84;
const AT_A_TIME = 3;
const BUCKET = { tokens: 5, windowMs: 5_000 };
const PATIENCE = { timeout: 900_000 };

let cluster: Cluster;
let collector: Collector;

beforeEach(async () => {
  cluster = await Cluster.open(REPLICAS);
  for (const id of CHANNELS)
    await cluster.sandbox.control('POST', '/sandbox/discord/channels', { id });
  collector = new Collector(cluster);
});

afterEach(async () => {
  await collector?.stop();
  await cluster?.close();
}, 60_000);

/** Keeps what the sandbox saw, of which it remembers the last ten thousand requests alone. */
class Collector {
  readonly #seen: SeenRequest[] = [];
  readonly #over = new AbortController();
  readonly #running: Promise<void>;

  constructor(private readonly of: Cluster) {
    this.#running = this.#collect();
  }

  async stop(): Promise<readonly SeenRequest[]> {
    this.#over.abort();
    await this.#running;
    return this.#seen;
  }

  async #collect(): Promise<void> {
    for (let isLast = false; !isLast;) {
      const { signal } = this.#over;
      await sleep(5_000, undefined, { signal }).catch(() => undefined);
      isLast = signal.aborted;
      this.#seen.push(...(await this.of.sandbox.requestsSince(this.#seen.at(-1)?.seq ?? 0)));
    }
  }
}

/** Sends the lines of one replica into every channel. */
const sendAll = (
  grpc: Parameters<typeof sendLine>[0]['grpc'],
  sender: string,
  to: number,
  from = 0,
): Promise<GrpcOutcome[][]> =>
  Promise.all(
    CHANNELS.map((channel) => sendLine({ grpc, sender, channel, from, to, atATime: AT_A_TIME })),
  );

/** The part of what Discord would have let through in the time that it took. */
function countShare({ sent, tookMs }: LineReport): number {
  const windows = Math.ceil(sent / CHANNELS.length / BUCKET.tokens);
  return ((windows - 1) * BUCKET.windowMs) / tookMs;
}

function print(name: string, report: LineReport): void {
  const { sent, refused, tookMs } = report;
  const share = (countShare(report) * 100).toFixed(1);
  process.stdout.write(
    `${name}: ${sent} sends over ${CHANNELS.length} channels in ${(tookMs / 1_000).toFixed(1)} s, ${share} % of the rate that is allowed, ${refused.length} answers with 429\n`,
  );
}

it(
  'ten thousand messages leave as fast as Discord allows, without a single 429',
  PATIENCE,
  async () => {
    const outcomes = await Promise.all(
      cluster.replicas.map(({ grpc }, index) => sendAll(grpc, `r${index}`, EACH)),
    );
    const failed = outcomes.flat(2).filter(({ success }) => !success);
    expect(failed.map(({ error }) => error)).toEqual([]);
    const report = reportLines(await collector.stop());
    print('three replicas', report);
    expect(report).toMatchObject({
      sent: REPLICAS * CHANNELS.length * EACH,
      refused: [],
      outOfOrder: [],
    });
    expect(countShare(report)).toBeGreaterThan(0.95);
  },
);

it('the same while one is killed and another one joins', PATIENCE, async () => {
  const [doomed, ...others] = cluster.replicas;
  if (!doomed) throw new Error('no replica');
  const rest = Promise.all(others.map(({ grpc }, index) => sendAll(grpc, `r${index}`, EACH)));
  const cut = sendAll(doomed.grpc, 'doomed', EACH / 2).catch(() => []);
  // About a third of the way: many of its messages have a place in a window, and will not come.
  await sleep(40_000);
  doomed.gateway.process.kill('SIGKILL');
  await cut;
  const heir = await cluster.join();
  const [, inherited] = await Promise.all([rest, sendAll(heir.grpc, 'heir', EACH / 2)]);
  expect(inherited.flat().filter(({ success }) => !success)).toEqual([]);
  const report = reportLines(await collector.stop());
  print('one killed, one joined', report);
  expect(report).toMatchObject({ refused: [], outOfOrder: [] });
});
