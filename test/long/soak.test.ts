// Real: one gateway process, PostgreSQL, both doors. Fake: Twitch, at the wire. npm run soak
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GrpcClient } from '../support/grpc-client.js';
import { House } from '../support/two-doors.js';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10);
const ACTIONS_PER_SECOND = Number(process.env['SOAK_RATE'] ?? 180);
/** However long it takes: what memory is after them is a promise. */
const LEAST_ACTIONS = Number(process.env['SOAK_ACTIONS'] ?? 100_000);
const CHANNELS = 60;
const WORKERS = 24;
const LOOK_MS = 15_000;
/** Of the time: caches fill, and code is compiled. */
const WARM_UP = 0.3;
/** Growth over the time that was measured, as a share of the mean, that is still called flat. */
const FLAT = 0.05;
const MIB = 1_048_576;
const MOST_RSS = 256 * MIB;

interface Look {
  readonly seconds: number;
  readonly actions: number;
  readonly rss: number;
  readonly heap: number;
}

let house: House;
let channels: string[];

beforeAll(async () => {
  house = await House.open({ CALLER_REQUESTS_PER_MINUTE: '0', LOG_ACTIONS: 'failed' });
  channels = [];
  for (let count = 0; count < CHANNELS; count += 1) channels.push((await house.addChannel()).id);
}, 120_000);

afterAll(() => house?.close());

/** Now and then something is wrong, waits, repeats, or comes by a connection of its own. */
function makeEnvelope(turn: number): object {
  const account_id = channels[turn % CHANNELS] ?? '';
  const isChat = Math.floor(turn / CHANNELS) % 8 === 0;
  return {
    platform: 'twitch',
    action_type: isChat ? 'chat_message' : 'update_title',
    account_id: turn % 31 === 0 ? 'nobodys' : account_id,
    parameters: isChat ? { message: `Message ${turn}` } : { title: `Title ${turn}` },
    request_id: `turn-${turn}`,
    ...(turn % 11 === 0 && { idempotency_key: `key-${Math.floor(turn / 22)}` }),
    ...(turn % 41 === 0 && { run_async: true }),
  };
}

async function act(turn: number): Promise<void> {
  const { doors } = house;
  if (turn % 97 === 0) {
    const fresh = new GrpcClient(doors.gateway.grpcAddress, {
      'grpc.use_local_subchannel_pool': 1,
    });
    await fresh.execute(makeEnvelope(turn));
    return fresh.close();
  }
  if (turn % 53 === 0) await doors.grpc.execute({}, { token: 'wrong' }).catch(() => undefined);
  const outcome = await doors.execute(turn % 2 === 0 ? 'grpc' : 'rest', makeEnvelope(turn));
  if (turn % 20 === 0) await doors.readStatus('rest', outcome.action_id);
}

async function look(begun: number, actions: number): Promise<Look> {
  const { body } = await house.doors.rest('GET', '/metrics', undefined, { token: null });
  const text = body['text'] as unknown as string;
  const read = (name: string): number =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  const seconds = (performance.now() - begun) / 1_000;
  const rss = read('process_resident_memory_bytes');
  return { seconds, actions, rss, heap: read('nodejs_heap_size_used_bytes') };
}

/** By how much a value grows over the time that was measured, by the straight line nearest to it. */
function growthOf(looks: readonly Look[], value: (look: Look) => number): number {
  const mean = (of: (look: Look) => number): number =>
    looks.reduce((sum, one) => sum + of(one), 0) / looks.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean(value)];
  const above = looks.reduce((sum, one) => sum + (one.seconds - x) * (value(one) - y), 0);
  const below = looks.reduce((sum, one) => sum + (one.seconds - x) ** 2, 0);
  const span = (looks.at(-1)?.seconds ?? 0) - (looks[0]?.seconds ?? 0);
  return (above / below) * span;
}

it(
  'memory stays flat under steady load on both doors',
  async () => {
    const begun = performance.now();
    const until = begun + MINUTES * 60_000;
    const looks: Look[] = [];
    const failures: string[] = [];
    let turns = 0;
    const isOver = (turn: number): boolean => performance.now() > until && turn > LEAST_ACTIONS;
    const work = async (): Promise<void> => {
      for (;;) {
        const turn = (turns += 1);
        const due = begun + (turn / ACTIONS_PER_SECOND) * 1_000;
        await sleep(Math.max(0, due - performance.now()));
        if (isOver(turn)) return;
        await act(turn).catch((error: unknown) =>
          failures.push(error instanceof Error ? error.message : JSON.stringify(error)),
        );
      }
    };
    const workers = Promise.all(Array.from({ length: WORKERS }, work));
    process.stdout.write(`\n${'seconds'.padStart(8)}  actions  RSS MiB  heap MiB\n`);
    while (!isOver(turns)) {
      await sleep(LOOK_MS);
      const seen = await look(begun, turns);
      looks.push(seen);
      const figures = [seen.seconds, seen.actions, seen.rss / MIB, seen.heap / MIB];
      process.stdout.write(`${figures.map((figure) => figure.toFixed(0).padStart(8)).join(' ')}\n`);
    }
    await workers;
    const warm = looks.slice(Math.floor(looks.length * WARM_UP));
    const growth = growthOf(warm, ({ rss }) => rss);
    const heapGrowth = growthOf(warm, ({ heap }) => heap);
    const rss = warm.map((one) => one.rss);
    const mean = rss.reduce((sum, one) => sum + one, 0) / rss.length;
    const isFlat = growth < mean * FLAT;
    process.stdout.write(
      `${turns} actions in ${((performance.now() - begun) / 60_000).toFixed(1)} minutes, ${failures.length} calls failed; after the warm-up RSS ` +
        `changed by ${(growth / MIB).toFixed(1)} MiB, the heap by ${(heapGrowth / MIB).toFixed(1)} MiB, ` +
        `at most ${(Math.max(...rss) / MIB).toFixed(0)} MiB: ${isFlat ? 'flat' : 'GROWING'}\n`,
    );
    expect(failures.slice(0, 5)).toEqual([]);
    expect(isFlat).toBe(true);
    expect(Math.max(...rss)).toBeLessThan(MOST_RSS);
  },
  (MINUTES + 60) * 60_000,
);
