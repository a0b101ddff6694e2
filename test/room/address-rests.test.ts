// Real: PostgreSQL, its notifications, the feed, the breakers of three replicas. Fake: the block itself.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActionFailure } from '../../src/actions/failures.js';
import { ChangeFeed } from '../../src/cluster/change-feed.js';
import type { Database } from '../../src/database/database.js';
import { DatabaseAway } from '../../src/database/database-fault.js';
import { Breakers } from '../../src/execution/breakers.js';
import { AddressRests } from '../../src/safeguards/address-rests.js';
import { eventually } from '../support/eventually.js';
import { createSharedDatabase, type SharedDatabase } from '../support/replicas.js';

/** Far below the periodic reading, which must not be what makes a test pass. */
const SOON = { withinMs: 3_000 };
const REASON = 'it blocks the address of the gateway';

let shared: SharedDatabase;
let database: Database;
let feeds: ChangeFeed[];

beforeEach(async () => {
  shared = await createSharedDatabase();
  database = await shared.join();
  feeds = [];
});

afterEach(async () => {
  await Promise.all(feeds.map((feed) => feed.onApplicationShutdown()));
  await shared.close();
});

interface Replica {
  readonly breakers: Breakers;
  readonly database: Database;
}

async function join(): Promise<Replica> {
  const own = await shared.join();
  const feed = new ChangeFeed(own);
  feeds.push(feed);
  const breakers = new Breakers();
  const rests = new AddressRests(own, feed);
  rests.attach(breakers);
  await rests.onModuleInit();
  return { breakers, database: own };
}

const describeWay = (service: string) => ({ service, title: service, resource: '1', route: 'GET' });

/** Milliseconds for which a replica sends nothing to a service; 0 where it sends. */
function restOf({ breakers }: Replica, service: string): number {
  try {
    breakers.requireClosed(describeWay(service));
    return 0;
  } catch (error) {
    if (!(error instanceof ActionFailure) || !error.message.startsWith(REASON)) throw error;
    return error.details.retryAfterMs ?? 0;
  }
}

describe.each(['twitch', 'youtube', 'discord'])('a block of the address by %s', (service) => {
  const block = ({ breakers }: Replica, forMs = 600_000): void =>
    breakers.rest(describeWay(service), forMs, REASON);

  it('holds every replica back, those that start later included, and no other service', async () => {
    const [first, second] = [await join(), await join()];
    block(first);
    expect(restOf(first, service)).toBeGreaterThan(0);
    await eventually(
      () => restOf(second, service),
      (ms) => ms > 590_000 && ms <= 600_000,
      SOON,
    );
    const third = await join();
    expect(restOf(third, service)).toBeGreaterThan(590_000);
    expect(restOf(third, 'another')).toBe(0);
  });

  it('is longest of those that were told, and ends where its row is deleted', async () => {
    const [first, second] = [await join(), await join()];
    block(first, 600_000);
    await eventually(
      () => restOf(second, service),
      (ms) => ms > 0,
      SOON,
    );
    block(second, 5_000);
    block(second, 900_000);
    await eventually(
      () => restOf(first, service),
      (ms) => ms > 800_000,
      SOON,
    );
    await database.change('DELETE FROM address_rests');
    const list = (): number[] => [first, second].map((replica) => restOf(replica, service));
    expect(await eventually(list, ([a, b]) => a === 0 && b === 0, SOON)).toEqual([0, 0]);
  });

  it('is told once the database is back, for what is left of it', async () => {
    const [first, second] = [await join(), await join()];
    const write = vi
      .spyOn(first.database, 'change')
      .mockRejectedValueOnce(new DatabaseAway({ code: 'ECONNREFUSED' }));
    block(first);
    await eventually(
      () => restOf(second, service),
      (ms) => ms > 590_000,
      SOON,
    );
    expect(write).toHaveBeenCalledTimes(2);
  });
});
