// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: YouTube and the server that
// files are read from, at the wire.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { DOORS } from '../support/two-doors.js';
import {
  envelopeOf,
  type Scene,
  shorten,
  type Thing,
  YouTubeHouse,
} from '../support/youtube-scene.js';

let youtube: YouTubeHouse;
let scene: Scene;
let before = 0;

beforeAll(async () => {
  youtube = await YouTubeHouse.open({ YOUTUBE_API_QUOTA_DAILY_LIMIT: '10000000' });
});

afterAll(() => youtube?.close());

beforeEach(async () => {
  await youtube.house.sandbox.control('DELETE', '/sandbox/faults');
  scene = await youtube.setScene();
  before = await youtube.house.sandbox.lastSeq();
});

const refuse = (status = 403, reason = 'forbidden') => ({
  kind: 'status',
  status,
  body: { error: { code: status, message: 'It is not allowed', errors: [{ reason }] } },
});
const LOSE_ANSWER = { kind: 'reset', when: 'after' };

/** The writes of a plan, and the calls that clean up after it. */
const STEPS = [
  ['POST', '/liveBroadcasts'],
  ['POST', '/liveStreams'],
  ['POST', '/liveBroadcasts/bind'],
  ['POST', '/thumbnails/set'],
  ['POST', '/playlistItems'],
] as const;

const schedule = (more: object = {}) =>
  envelopeOf('schedule_stream', scene, {
    title: 'Sunday',
    scheduled_start_time: '2099-01-31T18:00:00Z',
    thumbnail_url: youtube.fileUrl(12, 'image/png'),
    playlist_id: scene.playlist_id,
    ...more,
  });
const carryOut = (envelope: object): Promise<GrpcOutcome> =>
  youtube.house.doors.execute('rest', envelope);

/** What the channel has: its broadcasts but the first, its streams, and the entries of its playlist. */
async function listMade() {
  const { broadcasts, streams, playlists } = await youtube.readWorld();
  const own = (things: Readonly<Record<string, Thing>>): string[] =>
    Object.entries(things)
      .filter(([, { channel_id }]) => channel_id === scene.channel_id)
      .map(([id]) => id);
  return {
    broadcasts: own(broadcasts).filter((id) => id !== scene.broadcast_id),
    streams: own(streams),
    entries: playlists[scene.playlist_id]?.items.length ?? 0,
  };
}

describe('schedule_stream', () => {
  it.each(DOORS)('over %s does what its dry run shows, step by step', async (door) => {
    const rehearsed = await youtube.house.doors.execute(door, { ...schedule(), dry_run: true });
    expect(await youtube.house.sandbox.lastSeq()).toBe(before);
    const prepared = rehearsed.prepared!;
    const planned = [prepared, ...prepared.following].map(({ method, url }) => {
      const { pathname } = new URL(url);
      return `${method} ${shorten(pathname.replace('/youtube/youtube', '/youtube'))}`;
    });
    expect(planned.map((line) => line.replace('/upload', ''))).toEqual(
      STEPS.map(([method, path]) => `${method} ${path}`),
    );
    expect(prepared.cost).toBe(250);
    expect(prepared.reads).toEqual([
      expect.objectContaining({ method: 'GET', url: youtube.fileUrl(12, 'image/png') }),
    ]);
    expect(prepared.following[1]?.url).toContain('streamId=STREAM_ID');

    const made = await listMade();
    const outcome = await youtube.house.doors.execute(door, schedule());
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { stream_scheduled: true } });
    const { broadcast_id, stream_id } = outcome.result_data as Record<string, string>;
    const sent = await youtube.linesSince(before);
    // The file follows the call that opens its upload.
    expect(sent.filter((line) => line.startsWith('POST'))).toEqual(planned);
    const { broadcasts, videos } = await youtube.readWorld();
    expect(broadcasts[broadcast_id!]).toMatchObject({ title: 'Sunday', stream_id });
    expect(videos[broadcast_id!]).toMatchObject({ thumbnail: expect.any(String) });
    expect(await listMade()).toEqual({
      broadcasts: [broadcast_id],
      streams: [stream_id],
      entries: made.entries + 1,
    });
  });

  it('shows no step that was not asked for, and binds a stream that is given', async () => {
    const bare = schedule({ thumbnail_url: undefined, playlist_id: undefined, stream_id: 'given' });
    const { prepared } = await carryOut({ ...bare, dry_run: true });
    expect(prepared).toMatchObject({ cost: 100, reads: [] });
    expect(prepared?.following.map(({ url }) => new URL(url).searchParams.get('streamId'))).toEqual(
      ['given'],
    );
  });

  it.each(STEPS)('leaves nothing behind when %s %s is refused', async (method, path) => {
    const made = await listMade();
    await youtube.suffer(method, path, refuse());
    const outcome = await carryOut(schedule());
    expect(outcome).toMatchObject({
      status: 'REFUSED',
      failure: { code: 'REFUSED', platform_status: 403, platform_code: 'forbidden' },
    });
    expect(outcome.error).toContain('It is not allowed');
    expect(outcome.error.includes('is deleted again')).toBe(path !== '/liveBroadcasts');
    expect(await listMade()).toEqual(made);
  });

  it('leaves nothing behind for a thumbnail that is no picture', async () => {
    const made = await listMade();
    const outcome = await carryOut(schedule({ thumbnail_url: youtube.fileUrl(12, 'text/html') }));
    expect(outcome).toMatchObject({
      status: 'REFUSED',
      failure: {
        code: 'INVALID_INPUT',
        violations: [{ field: 'parameters.thumbnail_url', message: expect.any(String) }],
      },
    });
    expect(outcome.error).toContain('is deleted again');
    expect(await listMade()).toEqual(made);
  });

  it('leaves nothing behind for a playlist that is not there', async () => {
    const made = await listMade();
    const outcome = await carryOut(schedule({ playlist_id: 'PLnone' }));
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'NOT_FOUND' } });
    expect(outcome.error).toContain('is deleted again');
    expect(await listMade()).toEqual(made);
  });

  it.each([
    ['POST', '/liveBroadcasts', []],
    ['POST', '/liveStreams', ['broadcast_id']],
    ['POST', '/liveBroadcasts/bind', ['broadcast_id', 'stream_id']],
    ['POST', '/playlistItems', ['broadcast_id', 'stream_id']],
  ] as const)(
    'deletes nothing when %s %s is in doubt, and tells %j',
    async (method, path, known) => {
      await youtube.suffer(method, path, LOSE_ANSWER);
      const outcome = await carryOut(schedule());
      expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
      expect(Object.keys(outcome.result_data ?? {}).toSorted()).toEqual(known);
      for (const name of known)
        expect(outcome.error).toContain(`${name} ${String(outcome.result_data[name])}`);
      const sent = await youtube.linesSince(before);
      expect(sent.filter((line) => line.startsWith('DELETE'))).toEqual([]);
      expect((await listMade()).broadcasts).toHaveLength(1);
    },
  );

  it('sends a thumbnail on whose answer was lost, since the upload knows what is there', async () => {
    await youtube.suffer('PUT', '/thumbnails/set', LOSE_ANSWER);
    await youtube.suffer('POST', '/thumbnails/set', LOSE_ANSWER);
    expect(await carryOut(schedule())).toMatchObject({ status: 'SUCCEEDED' });
    expect((await listMade()).broadcasts).toHaveLength(1);
  });

  it.each([
    // The stream is bound to the broadcast that stays, and so it stays as well.
    ['/liveBroadcasts', ['broadcast_id', 'stream_id']],
    ['/liveStreams', ['stream_id']],
  ] as const)('tells what stays when DELETE %s is refused as well: %j', async (path, stays) => {
    const made = await listMade();
    await youtube.suffer('POST', '/playlistItems', refuse());
    await youtube.suffer('DELETE', path, refuse(403, 'deletionNotAllowed'));
    const outcome = await carryOut(schedule());
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { platform_status: 403 } });
    expect(Object.keys(outcome.result_data).toSorted()).toEqual(stays);
    const left = await listMade();
    expect({
      ...(left.broadcasts.length > 0 && { broadcast_id: left.broadcasts[0] }),
      ...(left.streams.length > 0 && { stream_id: left.streams[0] }),
    }).toEqual(outcome.result_data);
    expect(left.entries).toBe(made.entries);
  });

  it('takes as deleted what somebody else has deleted meanwhile', async () => {
    await youtube.suffer('POST', '/playlistItems', refuse());
    await youtube.suffer('DELETE', '/liveStreams', refuse(404, 'liveStreamNotFound'));
    const outcome = await carryOut(schedule());
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { platform_code: 'forbidden' } });
  });
});

const setBanner = () =>
  envelopeOf('set_banner', scene, { image_url: youtube.fileUrl(12, 'image/png') });
const readBanner = async (): Promise<unknown> =>
  (await youtube.readWorld()).channels[scene.channel_id];

describe('set_banner', () => {
  it.each(DOORS)('over %s does what its dry run shows, step by step', async (door) => {
    const { prepared } = await youtube.house.doors.execute(door, { ...setBanner(), dry_run: true });
    expect(prepared?.cost).toBe(101);
    const planned = [prepared!.reads[0]!, prepared!, ...prepared!.following].map(
      ({ method, url }) =>
        `${method} ${shorten(new URL(url).pathname.replace('/youtube/youtube', '/youtube'))}`,
    );
    expect(planned).toEqual([
      'GET /channels',
      'POST /upload/channelBanners/insert',
      'PUT /channels',
    ]);
    const outcome = await youtube.house.doors.execute(door, setBanner());
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { banner_set: true } });
    const sent = await youtube.linesSince(before);
    expect(sent.filter((line) => line !== 'PUT /upload/channelBanners/insert')).toEqual(planned);
    expect(JSON.stringify(await readBanner())).toContain(outcome.result_data['banner_url']);
  });

  it.each([
    ['GET', '/channels', /It is not allowed$/],
    ['POST', '/channelBanners/insert', /It is not allowed$/],
    ['PUT', '/channels', /the picture was uploaded, and the banner is as it was$/],
  ] as const)('changes nothing when %s %s is refused', async (method, path, says) => {
    const old = await readBanner();
    await youtube.suffer(method, path, refuse());
    const outcome = await carryOut(setBanner());
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { platform_code: 'forbidden' } });
    expect(outcome.error).toMatch(says);
    expect(await readBanner()).toEqual(old);
  });

  it('tells the picture when its place in the settings is in doubt', async () => {
    await youtube.suffer('PUT', '/channels', { kind: 'garbage' }, 9);
    const outcome = await carryOut(setBanner());
    expect(outcome).toMatchObject({
      status: 'UNKNOWN',
      result_data: { banner_url: expect.stringMatching(/^https:/) },
    });
    expect(outcome.error).toMatch(/may be the banner now$/);
  });
});
