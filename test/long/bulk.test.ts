// Real: three gateway processes on one PostgreSQL, kill -9. Fake: Twitch, with its limit for bans.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';

const BANS = Number(process.env['BANS'] ?? 100_000);
const PER_BATCH = 1_000;
const FIRST_USER = 900_000;
/** More than can be banned while it is watched. */
const USERS = 3_000;
const WATCHED_MS = 150_000;

let cluster: Cluster;

beforeAll(async () => {
  const env = { MAX_BATCH_SIZE: String(PER_BATCH), CALLER_REQUESTS_PER_MINUTE: '0' };
  cluster = await Cluster.open(3, env);
  const users = Array.from({ length: USERS }, (_user, n) => ({
    id: String(FIRST_USER + n),
    login: `raider_${n}`,
  }));
  await cluster.sandbox.control('POST', '/sandbox/twitch/users', { users });
});

afterAll(() => cluster?.close());

interface Figures {
  readonly waiting: number;
  readonly late_ms: number;
}

async function countBans(): Promise<{ taken: number; refused: number }> {
  const seen = await cluster.sandbox.requestsSince(0);
  const bans = seen.filter(({ path, method }) => method === 'POST' && path.endsWith('/bans'));
  const taken = bans.filter(({ acted, status }) => acted && status === 200).length;
  return { taken, refused: bans.filter(({ status }) => status === 429).length };
}

it(
  'a hundred thousand bans of one channel wait in one line, at the pace of the platform',
  async () => {
    const begun = performance.now();
    for (let from = 0; from < BANS; from += PER_BATCH) {
      const actions = Array.from({ length: Math.min(PER_BATCH, BANS - from) }, (_ban, n) => ({
        platform: 'twitch',
        action_type: 'ban',
        account_id: '1001',
        parameters: { user_id: String(FIRST_USER + from + n), reason: 'raid' },
        run_async: true,
      }));
      // Over REST nobody waits for what is queued.
      const { status, body } = await cluster.rest('POST', '/api/v1/actions/batch', { actions });
      expect([status, body['failure_count']]).toEqual([200, 0]);
    }
    const queuedS = (performance.now() - begun) / 1_000;
    const readFigures = async (): Promise<Figures> => {
      const { body } = await cluster.rest('GET', '/api/v1/stats');
      return (body as unknown as { stats: { queue: Figures } }).stats.queue;
    };
    const before = await readFigures();
    await sleep(WATCHED_MS / 2);
    // Whoever works on the line may be the one that dies; another one takes it up.
    const dying = cluster.pick(2);
    cluster.replicas.splice(2, 1);
    await dying.gateway.stop('SIGKILL');
    await sleep(WATCHED_MS / 2);
    const after = await readFigures();
    const { taken, refused } = await countBans();
    process.stdout.write(
      `${BANS} bans queued in ${queuedS.toFixed(1)} s; in ${WATCHED_MS / 1_000} s ${taken} bans, ${refused} times 429, ${after.waiting} wait\n`,
    );
    expect(after.waiting).toBeLessThan(before.waiting);
    expect(refused).toBeLessThan(WATCHED_MS / 1_000);
  },
  WATCHED_MS + 600_000,
);
