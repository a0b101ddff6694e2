// Real: three gateway processes on one PostgreSQL, gRPC. Fake: the platforms, at the wire, which count
// as they publish that they do.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cluster, reportLines, sendLine } from '../support/cluster.js';
import type { GrpcOutcome } from '../support/grpc-client.js';

const REPLICAS = 3;
const CHANNELS = Array.from({ length: 10 }, (_item, n) =>
  String(710_000_000_000_000_000n + BigInt(n)),
);
const READ_ONLY = '700000000000000002';
const NOES = 12;
const UNITS = 1_000;
const RESERVE = 100;

let cluster: Cluster;
let before = 0;

beforeAll(async () => {
  cluster = await Cluster.open(REPLICAS, {
    DISCORD_INVALID_REQUESTS: String(NOES),
    YOUTUBE_API_QUOTA_DAILY_LIMIT: String(UNITS),
    YOUTUBE_QUOTA_RESERVE: String(RESERVE),
  });
  for (const id of CHANNELS)
    await cluster.sandbox.control('POST', '/sandbox/discord/channels', { id });
});

beforeEach(async () => {
  await cluster.query('TRUNCATE limit_states');
  before = await cluster.sandbox.lastSeq();
});

afterAll(() => cluster?.close());

const codesOf = (outcomes: readonly GrpcOutcome[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, failure } of outcomes) {
    const code = failure?.code ?? status;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
};

describe('three replicas that send to Discord as fast as they may', () => {
  it(
    'meet no 429, keep the order of each channel, and waste little',
    { timeout: 180_000 },
    async () => {
      const [limit, periodMs, perLine] = [5, 1_000, 10];
      await cluster.sandbox.control('POST', '/sandbox/discord/world', {
        buckets: { 'POST /channels/:channel/messages': { limit, period_ms: periodMs } },
      });
      const lines = await Promise.all(
        cluster.replicas.flatMap(({ grpc }, replica) =>
          CHANNELS.map((channel) =>
            sendLine({ grpc, sender: `r${replica}`, channel, from: 0, to: perLine, atATime: 4 }),
          ),
        ),
      );
      const all = REPLICAS * CHANNELS.length * perLine;
      expect(codesOf(lines.flat())).toEqual({ SUCCEEDED: all });
      const report = reportLines(await cluster.sandbox.requestsSince(before));
      expect(report).toMatchObject({ sent: all, refused: [], outOfOrder: [] });
      // 50 a second is what the bot as a whole may send, and the channels together the same.
      const share = (all - 50) / (report.tookMs / 1_000) / 50;
      process.stdout.write(
        `discord: ${all} sends in ${report.tookMs} ms, ${Math.round(share * 100)} % of the rate\n`,
      );
    },
  );
});

describe('three replicas at the last units of a quota', () => {
  it('spend them once, leave the reserve to HIGH, and tell when the day ends', async () => {
    const channel_id = 'UCsandboxDemoChannel0001';
    const { youtube } = await cluster.sandbox.control<{
      youtube: { videos: Record<string, { snippet: { channelId: string } }> };
    }>('GET', '/sandbox/state');
    const grant = await cluster.sandbox.control<object>('POST', '/sandbox/youtube/grants', {
      channel_id,
      scopes: ['https://www.googleapis.com/auth/youtube.force-ssl'],
    });
    const stored = await cluster.rest('PUT', `/api/v1/accounts/youtube/${channel_id}`, {
      ...grant,
      channel_id: undefined,
      scope: undefined,
      scopes: ['https://www.googleapis.com/auth/youtube.force-ssl'],
    });
    expect(stored.status).toBe(200);
    before = await cluster.sandbox.lastSeq();
    const [video_id] = Object.keys(youtube.videos);
    const comment = (turn: number, priority: string): Promise<GrpcOutcome> =>
      cluster.pick(turn).grpc.execute({
        platform: 'youtube',
        action_type: 'post_comment',
        account_id: channel_id,
        parameters: { video_id, text: `number ${turn}` },
        priority,
      });
    const ordinary = await Promise.all(
      Array.from({ length: 45 }, (_item, turn) => comment(turn, 'NORMAL')),
    );
    expect(codesOf(ordinary)).toEqual({ SUCCEEDED: 18, QUOTA_EXHAUSTED: 27 });
    const high = await Promise.all(
      Array.from({ length: 9 }, (_item, turn) => comment(turn, 'HIGH')),
    );
    expect(codesOf(high)).toEqual({ SUCCEEDED: 2, QUOTA_EXHAUSTED: 7 });
    const refused = high.find(({ success }) => !success);
    expect(refused?.failure?.retry_after_ms).toBeGreaterThan(0);
    expect(refused?.failure?.retry_after_ms).toBeLessThanOrEqual(25 * 3_600_000);
    const sent = await cluster.sandbox.requestsSince(before);
    expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(20);
    const { body } = await cluster.rest('GET', '/api/v1/limits?platform=youtube');
    expect(body['limits']).toEqual([
      expect.objectContaining({
        kind: 'daily',
        limit: UNITS,
        used: UNITS,
        left: 0,
        reserve: RESERVE,
        shares: [{ account_id: channel_id, units: UNITS }],
      }),
    ]);
  });
});

describe('three replicas that speak in one chat', () => {
  it('say together what one may say, and are told when to come again', async () => {
    const say = (turn: number): Promise<GrpcOutcome> =>
      cluster.pick(turn).grpc.execute(
        {
          platform: 'twitch',
          action_type: 'chat_message',
          account_id: '1001',
          actor_id: '1002',
          parameters: { message: `number ${turn}` },
        },
        { deadlineMs: 10_000 },
      );
    const outcomes = await Promise.all(Array.from({ length: 33 }, (_item, turn) => say(turn)));
    expect(codesOf(outcomes)).toEqual({ SUCCEEDED: 20, RATE_LIMITED: 13 });
    const statuses = (await cluster.sandbox.requestsSince(before)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toEqual([]);
    const waits = outcomes.flatMap(({ failure }) => failure?.retry_after_ms ?? []);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_500);
    expect(Math.min(...waits)).toBeGreaterThan(0);
  });
});

describe('three replicas that Discord keeps saying no to', () => {
  it('stop together long before it locks their address out', async () => {
    const ask = (turn: number): Promise<GrpcOutcome> =>
      cluster.pick(turn).grpc.execute({
        platform: 'discord',
        action_type: 'send_message',
        parameters: { channel_id: READ_ONLY, content: `number ${turn}` },
      });
    const asked: GrpcOutcome[] = [];
    while (!asked.some(({ failure }) => failure?.code === 'RATE_LIMITED'))
      asked.push(await ask(asked.length));
    // What an answer says is told to the others a moment later.
    expect(asked.length).toBeLessThanOrEqual(NOES + REPLICAS + 1);
    const until = await cluster.sandbox.lastSeq();
    for (let turn = 0; turn < REPLICAS; turn += 1) {
      const outcome = await ask(turn);
      expect(outcome.failure?.code).toBe('RATE_LIMITED');
      expect(outcome.error).toMatch(/refused too many requests/);
      expect(outcome.failure?.retry_after_ms).toBeLessThanOrEqual(615_000);
    }
    expect(await cluster.sandbox.requestsSince(until)).toEqual([]);
  });
});

describe('a caller that asks two replicas too often', () => {
  const PER_MINUTE = 30;
  let two: Cluster;

  beforeAll(async () => {
    two = await Cluster.open(2, { CALLER_REQUESTS_PER_MINUTE: String(PER_MINUTE) });
  });

  afterAll(() => two?.close());

  it('is let through as often as it may in a minute, batches and dry runs included', async () => {
    const rehearsal = {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'hello' },
      dry_run: true,
    };
    const readMinute = async (): Promise<number> => {
      const [row] = await two.query<{ minute: string }>(
        'SELECT floor(extract(epoch FROM clock_timestamp()) / 60) AS minute',
      );
      return Number(row?.minute);
    };
    const first = await readMinute();
    const batches = await Promise.all(
      two.replicas.map(({ grpc }) => grpc.batch(Array.from({ length: 50 }, () => rehearsal))),
    );
    const minutes = (await readMinute()) - first + 1;
    const outcomes = batches.flatMap(({ responses }) => responses);
    const { PREPARED = 0, RATE_LIMITED = 0, ...others } = codesOf(outcomes);
    expect(others).toEqual({});
    expect(PREPARED).toBeGreaterThan(0);
    expect(PREPARED).toBeLessThanOrEqual(PER_MINUTE * minutes);
    expect(RATE_LIMITED).toBe(100 - PREPARED);
    const refused = outcomes.find(({ success }) => !success);
    expect(refused?.failure?.retry_after_ms).toBeLessThanOrEqual(60_000);
  });
});
