// Real: three gateway processes on one PostgreSQL, gRPC, kill -9. Fake: Discord, at the wire, with the
// sizes of buckets that it is simulated to have. Takes about nine minutes: npm run test:long
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Cluster, type LineReport, reportLines, sendLine } from '../support/cluster.js';
import type { GrpcClient, GrpcOutcome } from '../support/grpc-client.js';
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
  // A call waits for those before it in its channel, and then for its bucket.
  cluster = await Cluster.open(REPLICAS, { REQUEST_BUDGET: '300' });
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

/** One call of a round: what it asks of which route. */
interface RoundCall {
  readonly route: string;
  /** Requests in a bucket of this route, whose period is as many times `ROUND_MS`. */
  readonly tokens: number;
  readonly type: string;
  readonly input: (of: { readonly message: string; readonly text: string }) => object;
}

/** How often each route of a channel may be asked for, however its bucket is cut. */
const ROUND_MS = 9_600;
/** Of each replica in each channel: 10,800 calls in all. */
const ROUNDS = 9;
const TARGET = '200000000000000001';
const ROUND: readonly RoundCall[] = [
  {
    route: 'POST /channels/:channel/messages',
    tokens: 5,
    type: 'send_message',
    input: ({ text }) => ({ content: text }),
  },
  {
    route: 'PATCH /channels/:channel/messages/:message',
    tokens: 4,
    type: 'edit_message',
    input: ({ message, text }) => ({ message_id: message, content: text }),
  },
  {
    route: 'PUT /channels/:channel/messages/:message/reactions/:emoji/@me',
    tokens: 3,
    type: 'add_reaction',
    input: ({ message }) => ({ message_id: message, emoji: '👍' }),
  },
  {
    route: 'PUT /channels/:channel/messages/pins/:message',
    tokens: 6,
    type: 'pin_message',
    input: ({ message }) => ({ message_id: message }),
  },
  {
    route: 'DELETE /channels/:channel/messages/pins/:message',
    tokens: 5,
    type: 'unpin_message',
    input: ({ message }) => ({ message_id: message }),
  },
  {
    route: 'POST /channels/:channel/typing',
    tokens: 3,
    type: 'start_typing',
    input: () => ({}),
  },
  {
    route: 'PUT /channels/:channel/permissions/:overwrite',
    tokens: 4,
    type: 'set_channel_permission',
    input: () => ({ overwrite_id: TARGET, type: 1, allow: 2_048, deny: 0 }),
  },
  {
    route: 'POST /channels/:channel/invites',
    tokens: 6,
    type: 'create_invite',
    input: () => ({ max_age: 3_600 }),
  },
  {
    route: 'PATCH /channels/:channel',
    tokens: 4,
    type: 'update_channel',
    input: ({ text }) => ({ topic: text }),
  },
  {
    route: 'POST /channels/:channel/threads',
    tokens: 3,
    type: 'create_thread',
    input: ({ text }) => ({ name: text, type: 11 }),
  },
];

/** Of all requests of a bot together. @see https://discord.com/developers/docs/topics/rate-limits#global-rate-limit */
const GLOBAL = { tokens: 50, windowMs: 1_000 };

/**
 * The time that a sender needs at least that knows every bucket and the global limit, whose calls take no time,
 * and that keeps the order of each replica in each channel. Milliseconds.
 */
function findLeastMs(): number {
  const lines = CHANNELS.flatMap((channel) =>
    Array.from({ length: REPLICAS }, (_line, rank) => ({ channel, next: 0, at: 0, rank })),
  );
  const windows = new Map<string, { endsAt: number; left: number }>();
  const sent: number[] = [];
  for (;;) {
    const going = lines.filter(({ next }) => next < ROUNDS * ROUND.length);
    const [first] = going.toSorted((a, b) => a.at - b.at || a.rank - b.rank);
    if (!first) return Math.max(...sent);
    const { at, channel, next } = first;
    const { route, tokens } = ROUND[next % ROUND.length] as RoundCall;
    const window = windows.get(`${channel} ${route}`) ?? { endsAt: 0, left: 0 };
    const free = (sent.at(-GLOBAL.tokens) ?? -GLOBAL.windowMs) + GLOBAL.windowMs;
    if (at < window.endsAt && window.left === 0) first.at = window.endsAt;
    else if (at < free) first.at = free;
    else {
      const isOver = at >= window.endsAt;
      windows.set(`${channel} ${route}`, {
        endsAt: isOver ? at + tokens * ROUND_MS : window.endsAt,
        left: (isOver ? tokens : window.left) - 1,
      });
      sent.push(at);
      first.next += 1;
      first.rank = lines.length + sent.length;
    }
  }
}

/** Carries out rounds of mixed calls in one channel, in order, some of them at a time. */
async function playRounds(
  grpc: GrpcClient,
  sender: string,
  channel: string,
  message: string,
): Promise<GrpcOutcome[]> {
  const outcomes: Promise<GrpcOutcome>[] = [];
  for (let n = 0; n < ROUNDS * ROUND.length; n += 1) {
    await outcomes[n - AT_A_TIME];
    const { type, input } = ROUND[n % ROUND.length] as RoundCall;
    const parameters = { channel_id: channel, ...input({ message, text: `${sender} ${n}` }) };
    outcomes.push(
      grpc.execute({ platform: 'discord', action_type: type, parameters }, { deadlineMs: 120_000 }),
    );
  }
  return Promise.all(outcomes);
}

/** Senders and channels of which a text came after a later one. */
function findOutOfOrder(seen: readonly SeenRequest[]): string[] {
  const last = new Map<string, number>();
  const found = new Set<string>();
  for (const { path, body, status } of seen) {
    const { content, topic, name } = (body ?? {}) as Record<string, unknown>;
    const [, sender, n] = /^(r\d) (\d+)$/.exec(String(content ?? topic ?? name)) ?? [];
    if ((status ?? 500) >= 300 || !sender) continue;
    const line = `${sender} ${/channels\/(\d+)/.exec(path)?.[1]}`;
    if (Number(n) < (last.get(line) ?? -1)) found.add(line);
    last.set(line, Number(n));
  }
  return [...found];
}

it('ten thousand calls on ten routes leave in order, without a single 429', PATIENCE, async () => {
  const sizes = ROUND.map(({ route, tokens }) => [
    route,
    { limit: tokens, period_ms: tokens * ROUND_MS },
  ]);
  await cluster.sandbox.control('POST', '/sandbox/discord/world', {
    buckets: Object.fromEntries(sizes),
  });
  const messages = await Promise.all(
    CHANNELS.map(async (channel) => {
      const { grpc } = cluster.pick(0);
      const [first] = await sendLine({
        grpc,
        sender: 'first',
        channel,
        from: 0,
        to: 1,
        atATime: 1,
      });
      return String(first?.result_data['message_id']);
    }),
  );
  const since = await cluster.sandbox.lastSeq();
  const outcomes = await Promise.all(
    cluster.replicas.flatMap(({ grpc }, index) =>
      CHANNELS.map((channel, at) => playRounds(grpc, `r${index}`, channel, messages[at] ?? '')),
    ),
  );
  const failed = outcomes.flat().filter(({ success }) => !success);
  expect(failed.map(({ error }) => error)).toEqual([]);
  const seen = (await collector.stop()).filter(({ seq }) => seq > since);
  const done = seen.filter(({ status }) => status !== null && status < 300);
  const times = done.map(({ at }) => Date.parse(at));
  const tookMs = Math.max(...times) - Math.min(...times);
  const share = findLeastMs() / tookMs;
  process.stdout.write(
    `three replicas: ${done.length} calls on ${ROUND.length} routes of ${CHANNELS.length} channels in ${(tookMs / 1_000).toFixed(1)} s, ${(share * 100).toFixed(1)} % of the rate that is allowed\n`,
  );
  expect(seen.filter(({ status }) => status === 429).map(({ path }) => path)).toEqual([]);
  expect(done).toHaveLength(REPLICAS * CHANNELS.length * ROUNDS * ROUND.length);
  expect(findOutOfOrder(seen)).toEqual([]);
  expect(share).toBeGreaterThan(0.95);
});

it(
  'messages leave without a 429 while one replica is killed and another one joins',
  PATIENCE,
  async () => {
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
  },
);
