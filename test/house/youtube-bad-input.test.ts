// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: YouTube, at the wire.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { DOORS } from '../support/two-doors.js';
import { envelopeOf, type Scene, YouTubeHouse } from '../support/youtube-scene.js';

const UNITS = 3_000;
const HOUR = 3_600_000;

let youtube: YouTubeHouse;
let scene: Scene;
let other: Scene;
let before = 0;

beforeAll(async () => {
  youtube = await YouTubeHouse.open({
    YOUTUBE_API_QUOTA_DAILY_LIMIT: String(UNITS),
    YOUTUBE_QUOTA_RESERVE: '0',
  });
});

afterAll(() => youtube?.close());

beforeEach(async () => {
  await youtube.house.forgetLimits();
  scene = await youtube.setScene({ live: true });
  other = await youtube.setScene();
  before = await youtube.house.sandbox.lastSeq();
});

const carryOut = (action: string, parameters: object): Promise<GrpcOutcome> =>
  youtube.house.doors.execute('rest', envelopeOf(action, scene, parameters));
const setStatus = (life_cycle_status: string, more: object = {}): Promise<unknown> =>
  youtube.setWorld({ broadcasts: { [scene.broadcast_id]: { life_cycle_status, ...more } } });

/** A refusal that names the field and says what to do, in the error as well. */
const about = (field: string, says: RegExp): object => ({
  status: 'REFUSED',
  error: expect.stringMatching(
    new RegExp(`${field.replace('.', '\\.')}.*${says.source}`, 's'),
  ) as string,
  failure: { violations: [{ field, message: expect.stringMatching(says) as string }] },
});

describe('a broadcast in the wrong state', () => {
  it.each([
    ['live', { status: 'live' }, 'parameters.status', /has already/],
    ['live', { status: 'testing' }, 'parameters.status', /bind a stream first, then go to testing/],
    ['complete', { status: 'live' }, 'parameters.status', /cannot follow the present status/],
    ['created', { status: 'complete' }, 'parameters.status', /list_broadcasts tells/],
  ] as const)('%s goes not to %j', async (now, parameters, field, says) => {
    await setStatus(now);
    const outcome = await carryOut('update_broadcast_status', {
      broadcast_id: scene.broadcast_id,
      ...parameters,
    });
    expect(outcome).toMatchObject(about(field, says));
    expect((await youtube.readWorld()).broadcasts[scene.broadcast_id]).toMatchObject({
      life_cycle_status: now,
    });
  });

  it('does not begin without a signal', async () => {
    await setStatus('ready', { stream_active: false });
    const { broadcast_id } = scene;
    const outcome = await carryOut('update_broadcast_status', { broadcast_id, status: 'testing' });
    expect(outcome).toMatchObject(about('parameters.broadcast_id', /start the encoder/));
  });

  it.each([
    ['insert_cuepoint', 'created', /must be on air: bring it to live/],
    ['delete_broadcast', 'live', /bring it to complete with update_broadcast_status first/],
    ['bind_broadcast', 'complete', /bind its stream before that/],
  ] as const)('is refused to %s while it is %s', async (action, now, says) => {
    await setStatus(now);
    const { broadcast_id } = scene;
    expect(await carryOut(action, { broadcast_id })).toMatchObject(
      about('parameters.broadcast_id', says),
    );
  });
});

describe('what belongs to another channel', () => {
  it.each([
    ['update_video_title', () => ({ video_id: other.video_id, title: 'Mine' }), 'video_id'],
    ['delete_video', () => ({ video_id: other.video_id }), 'video_id'],
    ['delete_playlist', () => ({ playlist_id: other.playlist_id }), 'playlist_id'],
    [
      'update_broadcast_status',
      () => ({ broadcast_id: other.broadcast_id, status: 'live' }),
      'broadcast_id',
    ],
  ] as const)('is not changed by %s', async (action, parameters, field) => {
    const old = await youtube.readWorld();
    expect(await carryOut(action, parameters())).toMatchObject(
      about(
        `parameters.${field}`,
        /another channel: name one of the account, or act as the channel that owns it/,
      ),
    );
    const now = await youtube.readWorld();
    expect(now.videos[other.video_id]).toEqual(old.videos[other.video_id]);
    expect(now.playlists[other.playlist_id]).toEqual(old.playlists[other.playlist_id]);
    expect(now.broadcasts[other.broadcast_id]).toEqual(old.broadcasts[other.broadcast_id]);
  });

  it('is told from what is not there at all', async () => {
    expect(await carryOut('delete_video', { video_id: 'none' })).toMatchObject(
      about('parameters.video_id', /is not known: list_videos tells the ids/),
    );
  });
});

describe('text with < or >', () => {
  const plan = { scheduled_start_time: '2099-01-31T18:00:00Z' };

  it.each([
    ['update_video_title', { video_id: 'v', title: 'a < b' }, 'title'],
    ['update_video_description', { video_id: 'v', description: '<b>' }, 'description'],
    ['create_playlist', { title: 'a > b' }, 'title'],
    ['create_broadcast', { ...plan, title: '<live>' }, 'title'],
    ['schedule_stream', { ...plan, title: 'ok', description: '>' }, 'description'],
    ['upload_video', { title: '<', video_url: 'https://example.com/v.mp4' }, 'title'],
  ] as const)('in %s, in %j, is refused in its %s', async (action, parameters, field) => {
    for (const door of DOORS) {
      const envelope = envelopeOf(action, scene, parameters);
      const outcome = await youtube.house.doors.execute(door, envelope);
      expect(outcome).toMatchObject(about(`parameters.${field}`, /without < and >/));
    }
    expect(await youtube.linesSince(before)).toEqual([]);
  });
});

describe('units of the day that are spent', () => {
  const midnight = /at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)/;

  it('end in a refusal that tells when they are back, before anything is sent', async () => {
    const spent = UNITS / 50;
    for (let n = 0; n < spent; n += 1)
      await carryOut('rate_video', { video_id: scene.video_id, rating: 'like' });
    before = await youtube.house.sandbox.lastSeq();
    const outcome = await carryOut('create_playlist', { title: 'One too many' });
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'QUOTA_EXHAUSTED' } });
    expect(outcome.error).toContain(`The ${UNITS} units of the day are spent`);
    // Midnight in California is at seven or eight in UTC, and whole.
    expect(midnight.exec(outcome.error)?.[1]).toMatch(/T0[78]:00:00\.000Z$/);
    expect(outcome.failure?.retry_after_ms).toBeLessThanOrEqual(25 * HOUR);
    expect(await youtube.linesSince(before)).toEqual([]);
  });

  it('of which only YouTube knows are told with the time as well, and not asked for again', async () => {
    await youtube.setWorld({ quota_limit: 0 });
    const first = await carryOut('create_playlist', { title: 'One' });
    expect(first).toMatchObject({
      failure: { code: 'QUOTA_EXHAUSTED', platform_code: 'quotaExceeded' },
    });
    expect(midnight.exec(first.error)?.[1]).toMatch(/T0[78]:00:00\.000Z$/);
    before = await youtube.house.sandbox.lastSeq();
    const second = await carryOut('create_playlist', { title: 'Two' });
    expect(second).toMatchObject({ failure: { code: 'QUOTA_EXHAUSTED' } });
    expect(await youtube.linesSince(before)).toEqual([]);
    await youtube.setWorld({ quota_limit: 10_000_000 });
  });

  it('in the middle of several steps leave what the answer tells', async () => {
    await youtube.setWorld({ quota_used: 0, quota_limit: 100 });
    const outcome = await carryOut('schedule_stream', {
      title: 'Sunday',
      scheduled_start_time: '2099-01-31T18:00:00Z',
    });
    await youtube.setWorld({ quota_limit: 10_000_000 });
    // What would delete them costs units as well.
    expect(outcome).toMatchObject({
      status: 'UNKNOWN',
      result_data: { broadcast_id: expect.any(String), stream_id: expect.any(String) },
    });
    expect(outcome.error).toMatch(/and stays: broadcast_id \S+, stream_id \S+\. /);
    const { broadcast_id } = outcome.result_data as Record<string, string>;
    expect((await youtube.readWorld()).broadcasts[broadcast_id!]).toBeDefined();
  });
});
