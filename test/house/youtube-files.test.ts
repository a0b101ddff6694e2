// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: YouTube and the server that
// files are read from, at the wire.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayMemory } from '../support/memory.js';
import { envelopePart, filePart, hashGenerated, sendForm } from '../support/upload-door.js';
import { envelopeOf, type Scene, YouTubeHouse } from '../support/youtube-scene.js';

/** The longest thumbnail that YouTube takes, and the longest banner. */
const LONGEST = 52_428_800;
const LONGEST_BANNER = 6_291_456;
const PIECE = 8 * 1_048_576;

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

type Source = 'address' | 'attachment';
const SOURCES: readonly Source[] = ['address', 'attachment'];

/** Sets a picture of so many bytes. */
async function setPicture(
  source: Source,
  bytes: number,
  { type = 'image/png', action = 'set_thumbnail' } = {},
) {
  const about = action === 'set_thumbnail' ? { video_id: scene.video_id } : {};
  const { doors } = youtube.house;
  if (source === 'address') {
    const image_url = youtube.fileUrl(bytes, type);
    return doors.execute('rest', envelopeOf(action, scene, { ...about, image_url }));
  }
  const parts = [envelopePart(envelopeOf(action, scene, about)), filePart(bytes, { type })];
  return (await sendForm(doors.gateway, parts)).body;
}

const readThumbnail = async (): Promise<unknown> =>
  (await youtube.readWorld()).videos[scene.video_id]?.['thumbnail'];
const nameOf = (source: Source, bytes: number): string =>
  hashGenerated(source === 'address' ? 'sandbox' : 'attached', bytes).slice(0, 12);

/** The pieces that were sent, by where they begin. */
async function listPieces(): Promise<string[]> {
  const seen = await youtube.house.sandbox.requestsSince(before);
  return seen.flatMap(({ headers }) => headers['content-range'] ?? []);
}

describe('a thumbnail as long as YouTube takes it', () => {
  it.skipIf(!existsSync('/proc/self/status')).each(SOURCES)(
    'passes through the memory of a few pieces: from an %s',
    { timeout: 120_000 },
    async (source) => {
      // Code is compiled and buffers are made by the first one.
      await setPicture(source, 2 * PIECE);
      const memory = new GatewayMemory(youtube.house.doors.gateway);
      for (let count = 0; count < 4; count += 1)
        expect(await setPicture(source, LONGEST)).toMatchObject({ status: 'SUCCEEDED', error: '' });
      expect(await readThumbnail()).toBe(nameOf(source, LONGEST));
      process.stdout.write(`${source}: RSS ${memory.before} → ${memory.peak()} MiB\n`);
      // Of 200 MiB that went through.
      expect(memory.peak() - memory.before).toBeLessThan(96);
    },
  );

  it.each(SOURCES)('goes on where its connection was cut: from an %s', async (source) => {
    await youtube.suffer('PUT', '/thumbnails/set', { kind: 'cut-request', after_bytes: 3_000_001 });
    expect(await setPicture(source, LONGEST)).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await readThumbnail()).toBe(nameOf(source, LONGEST));
    const pieces = await listPieces();
    expect(pieces.slice(0, 3)).toEqual([
      `bytes 0-${PIECE - 1}/${source === 'address' ? LONGEST : '*'}`,
      expect.stringMatching(/^bytes \*\//),
      expect.stringMatching(/^bytes 3000001-/),
    ]);
    expect(pieces.at(-1)).toMatch(new RegExp(`-${LONGEST - 1}/${LONGEST}$`));
  });
});

describe('a picture that YouTube does not take', () => {
  const field = { address: 'parameters.image_url', attachment: 'file' } as const;

  it.each(
    SOURCES.flatMap((source) => [
      [source, 'longer than a banner', LONGEST_BANNER + 1, 'image/png', /6291456 bytes/] as const,
      [source, 'empty', 0, 'image/png', /empty/] as const,
      [source, 'a text', 12, 'text/plain', /must be an image\/jpeg, image\/png/] as const,
      [source, 'an animation', 12, 'image/gif', /must be an image\/jpeg, image\/png/] as const,
    ]),
  )(
    'from an %s, since it is %s, is refused by its field',
    async (source, _what, bytes, type, says) => {
      const outcome = await setPicture(source, bytes, { type, action: 'set_banner' });
      expect(outcome).toMatchObject({
        status: 'REFUSED',
        failure: {
          code: 'INVALID_INPUT',
          violations: [{ field: field[source], message: expect.stringMatching(says) }],
        },
      });
      const lines = await youtube.linesSince(before);
      expect(lines.filter((line) => line.startsWith('PUT /channels'))).toEqual([]);
    },
  );

  it('in a parameter is refused before anything is asked', async () => {
    const image_base64 = Buffer.from('GIF89a').toString('base64');
    const outcome = await youtube.house.doors.execute(
      'grpc',
      envelopeOf('set_thumbnail', scene, { video_id: scene.video_id, image_base64 }),
    );
    expect(outcome.failure).toMatchObject({
      code: 'INVALID_INPUT',
      violations: [{ field: 'parameters.image_base64', message: 'must be a JPEG or a PNG' }],
    });
    expect(await youtube.linesSince(before)).toEqual([]);
  });
});
