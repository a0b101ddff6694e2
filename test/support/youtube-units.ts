import { expect } from 'vitest';
import { type Cluster } from './cluster.js';
import { callRest, makeToken } from './gateway.js';
import type { GrpcOutcome } from './grpc-client.js';

const SCOPE = 'https://www.googleapis.com/auth/youtube.force-ssl';
const AT_A_TIME = 24;

/** A channel that is connected, with what it has at YouTube. */
interface Scene {
  readonly channel_id: string;
  readonly live_chat_id: string;
  readonly video_id: string;
  readonly playlist_id: string;
}

interface Budget {
  readonly used: number;
}

interface Limit {
  readonly bucket: string;
  readonly used: number;
  readonly shares?: readonly { readonly account_id: string; readonly units: number }[];
}

/** What a channel does in turn: reads, writes, uploads, and what is refused by YouTube or by the gateway. */
const CALLS: readonly ((scene: Scene, turn: number, files: string) => [string, object])[] = [
  ({ video_id }, n) => ['post_comment', { video_id, text: `number ${n}` }],
  ({ video_id }) => ['get_video', { video_id }],
  ({ video_id }) => ['rate_video', { video_id, rating: 'like' }],
  ({ video_id }, n) => ['update_video_title', { video_id, title: `number ${n}` }],
  ({ live_chat_id }, n) => ['send_live_chat_message', { live_chat_id, message: `number ${n}` }],
  () => ['send_live_chat_message', { live_chat_id: 'none', message: 'to nobody' }],
  ({ video_id }) => ['list_captions', { video_id }],
  () => ['list_videos', { all: true }],
  ({ video_id }, n) => ['list_comment_threads', { video_id, page_size: 1 + (n % 50) }],
  (_scene, n) => ['create_playlist', { title: `number ${n}`, privacy: 'private' }],
  () => ['post_comment', { video_id: 'none', text: 'below nothing' }],
  () => ['post_comment', { video_id: '<>', text: 'refused by the gateway' }],
  ({ video_id }, _n, files) => ['set_thumbnail', { video_id, image_url: `${files}image/png` }],
  ({ video_id }, _n, files) => ['set_thumbnail', { video_id, image_url: `${files}text/html` }],
  (_scene, n) => ['search', { query: `number ${n}` }],
  (_scene, _n, files) => ['set_banner', { image_url: `${files}image/png` }],
  (_scene, n, files) => ['upload_video', { title: `number ${n}`, video_url: `${files}video/mp4` }],
  ({ playlist_id }, n) => ['schedule_stream', plan(n, { playlist_id })],
  (_scene, n) => ['schedule_stream', plan(n, { playlist_id: 'PLnone' })],
];

const plan = (n: number, more: object): object => ({
  title: `number ${n}`,
  scheduled_start_time: '2099-01-31T18:00:00Z',
  ...more,
});

async function connect(cluster: Cluster, id: string): Promise<Scene> {
  const { sandbox } = cluster;
  const scene = await sandbox.control<Scene>('POST', '/sandbox/youtube/channels', {
    id,
    title: id,
    live: true,
  });
  const { access_token, refresh_token } = await sandbox.control<Record<string, string>>(
    'POST',
    '/sandbox/youtube/grants',
    { channel_id: id, scopes: [SCOPE] },
  );
  const { status } = await cluster.rest('PUT', `/api/v1/accounts/youtube/${id}`, {
    access_token,
    refresh_token,
    scopes: [SCOPE],
  });
  expect(status).toBe(200);
  return scene;
}

async function readLimits(cluster: Cluster, token?: string): Promise<readonly Limit[]> {
  const path = '/api/v1/limits?platform=youtube';
  const { gateway } = cluster.pick(1);
  const { body } = await callRest(gateway, 'GET', path, undefined, token ? { token } : {});
  return body['limits'] as unknown as Limit[];
}

/** What the simulation has counted since it was last asked. */
async function readSpent({ sandbox }: Cluster): Promise<Record<string, number>> {
  const { youtube } = await sandbox.control<{
    youtube: Record<'quota' | 'upload_quota' | 'search_quota', Budget>;
  }>('GET', '/sandbox/state');
  return {
    units: youtube.quota.used,
    uploads: youtube.upload_quota.used,
    searches: youtube.search_quota.used,
  };
}

/**
 * Lets three channels make calls of every kind over all replicas at once, and compares what the gateways and
 * YouTube have counted: it must be the same, to the unit.
 */
export async function compareUnits(cluster: Cluster, calls: number): Promise<void> {
  const scenes: Scene[] = [];
  for (const id of ['UCunits1', 'UCunits2', 'UCunits3']) scenes.push(await connect(cluster, id));
  // What connecting has asked for is not the matter here.
  await cluster.query('TRUNCATE limit_states');
  await cluster.sandbox.control('POST', '/sandbox/youtube/world', {
    quota_used: 0,
    quota_limit: 10_000_000,
    uploads_used: 0,
    searches_used: 0,
  });
  const files = `${cluster.sandbox.url}/sandbox/files/generated.mp4?bytes=12&type=`;
  const outcomes: Promise<GrpcOutcome>[] = [];
  for (let n = 0; n < calls; n += 1) {
    await outcomes[n - AT_A_TIME];
    const scene = scenes[n % scenes.length]!;
    // Neither the channels nor the replicas go in step with the kinds of calls.
    const [action_type, parameters] = CALLS[Math.floor(n / 3) % CALLS.length]!(scene, n, files);
    const { grpc } = cluster.pick(Math.floor(n / 7));
    outcomes.push(
      grpc.execute(
        { platform: 'youtube', action_type, account_id: scene.channel_id, parameters },
        { deadlineMs: 120_000 },
      ),
    );
  }
  const codes = new Set(
    (await Promise.all(outcomes)).map(({ status, failure }) => failure?.code ?? status),
  );
  expect(codes).toEqual(
    new Set([
      'SUCCEEDED',
      'NOT_FOUND',
      'INVALID_INPUT',
      ...(calls >= 2_000 ? ['QUOTA_EXHAUSTED'] : []),
    ]),
  );

  const spent = await readSpent(cluster);
  expect(Math.min(...Object.values(spent))).toBeGreaterThan(0);
  const countByName = async (): Promise<object> =>
    Object.fromEntries(
      (await readLimits(cluster)).flatMap(({ bucket, used }) => {
        const [, name = '', of] = bucket.split(':');
        return of === 'account' ? [] : [[name, used]];
      }),
    );
  // What was not sent is given back a moment later.
  await expect.poll(countByName).toEqual(spent);

  const units = (await readLimits(cluster)).find(({ bucket }) =>
    bucket.startsWith('youtube:units:'),
  );
  const shares = units?.shares ?? [];
  expect(new Set(shares.map(({ account_id }) => account_id))).toEqual(
    new Set(scenes.map(({ channel_id }) => channel_id)),
  );
  expect(shares.reduce((sum, share) => sum + share.units, 0)).toBe(spent['units']);
  expect(shares).toEqual(shares.toSorted((a, b) => b.units - a.units));
  const narrowed = await readLimits(cluster, makeToken({ accounts: ['UCunits2'] }));
  expect(narrowed.find(({ bucket }) => bucket === units?.bucket)?.shares).toEqual(
    shares.filter(({ account_id }) => account_id === 'UCunits2'),
  );
}
