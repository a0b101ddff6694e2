// Real: three gateway processes on one PostgreSQL, gRPC and HTTP. Fake: YouTube, at the wire, which counts
// the units of each call as they are published. Takes a minute or two: npm run test:long
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { compareUnits } from '../support/youtube-units.js';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await Cluster.open(3, { YOUTUBE_API_QUOTA_DAILY_LIMIT: '10000000' });
});

afterAll(() => cluster?.close());

it('three replicas count what YouTube counts, to the unit', { timeout: 600_000 }, async () => {
  await expect(compareUnits(cluster, 2_000)).resolves.toBeUndefined();
});
