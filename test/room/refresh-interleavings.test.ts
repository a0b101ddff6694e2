// Real: PostgreSQL, the vault, Tokens and Accounts as they are, what Twitch's answers are taken for.
// Fake: the OAuth server, whose refresh tokens are good once; the replicas, which are objects; time and
// the order of things: every await point waits for its turn, and fast-check says whose turn it is.
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Database } from '../../src/database/database.js';
import { Vault } from '../../src/database/vault.js';
import { TwitchPlatform } from '../../src/platforms/twitch/twitch.platform.js';
import { pauseInWorld, World } from '../support/refresh-world.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

vi.mock('node:timers/promises', async (load) => {
  const real = await load<typeof import('node:timers/promises')>();
  const setTimeout = (ms: number, value?: unknown, options?: object): Promise<unknown> =>
    pauseInWorld(value) ?? real.setTimeout(ms, value, options);
  return { ...real, setTimeout };
});

/** npm run test:long has four times as many. */
const INTERLEAVINGS = process.env['CHAOS'] === 'long' ? 10_000 : 2_500;
const SIDE_BY_SIDE = 40;
const VAULT = new Vault([{ id: 'k1', key: randomBytes(32) }]);
const TWITCH = new TwitchPlatform({
  apiUrl: 'https://api.example',
  authUrl: 'https://id.example',
  clientId: 'id',
  clientSecret: 'secret',
});

/** How many replicas there are, how they come to an end, and a choice for each move. */
const PLAY = fc.record({
  replicas: fc.integer({ min: 2, max: 3 }),
  isSlow: fc.boolean(),
  choices: fc.array(fc.nat(), { minLength: 6, maxLength: 26, size: 'max' }),
});
type Play = typeof PLAY extends fc.Arbitrary<infer T> ? T : never;

let shared: SharedDatabase;
let database: Database;
let played = 0;

beforeAll(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  // Nobody cuts the power here, and what is left of the time goes into more interleavings.
  const [{ name } = { name: '' }] = await database.query<{ name: string }>(
    'SELECT current_database() AS name',
  );
  await database.change(`ALTER DATABASE ${name} SET synchronous_commit = off`);
  database = await shared.join({ poolMax: 12 });
});

afterAll(() => shared?.close());

async function play({ replicas, isSlow, choices }: Play): Promise<void> {
  played += 1;
  const world = await World.open(database, VAULT, TWITCH, `account-${played}`, replicas);
  const requireNoFault = (): void => {
    if (world.fault !== undefined) throw new Error(world.fault);
  };
  for (const choice of choices) {
    await world.move(choice);
    requireNoFault();
  }
  await world.finish(isSlow);
  requireNoFault();
}

it(`holds in ${INTERLEAVINGS} interleavings of callers, crashes, late answers and lost leases`, async () => {
  const plays = fc.sample(PLAY, INTERLEAVINGS);
  let failed: { play: Play; error: unknown } | undefined;
  const queue = plays.values();
  const work = async (): Promise<void> => {
    for (const next of queue) {
      if (failed) return;
      await play(next).catch((error: unknown) => (failed ??= { play: next, error }));
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  // Alone and made smaller, what failed is easier to understand.
  if (failed)
    await fc.assert(fc.asyncProperty(PLAY, play), { examples: [[failed.play]], numRuns: 1 });
  expect(failed?.error).toBeUndefined();
  expect(played).toBe(INTERLEAVINGS);
}, 300_000);
