// Real: the built gateway as a process, PostgreSQL, HTTP over sockets. Fake: YouTube and the server that files are
// read from, at the wire. Takes a few minutes: npm run test:long
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GatewayMemory } from '../support/memory.js';
import { envelopePart, filePart, hashGenerated, sendForm } from '../support/upload-door.js';
import { envelopeOf, YouTubeHouse } from '../support/youtube-scene.js';

const BYTES = 2 * 1_073_741_824;
/** Where the connection is cut, as shares of the file. */
const CUTS = [0.1, 0.3, 0.5, 0.7, 0.9];

let youtube: YouTubeHouse;

beforeAll(async () => {
  youtube = await YouTubeHouse.open({ UPLOAD_BUDGET: '1200' });
});

afterAll(() => youtube?.close());

it.each(['address', 'attachment'] as const)(
  'a video of 2 GiB from an %s passes in constant memory, although its connection is cut again and again',
  { timeout: 1_200_000 },
  async (source) => {
    const scene = await youtube.setScene();
    const { doors } = youtube.house;
    const upload = async (bytes: number) => {
      if (source === 'address')
        return doors.execute(
          'rest',
          envelopeOf('upload_video', scene, {
            title: 'Long',
            video_url: youtube.fileUrl(bytes, 'video/mp4'),
          }),
        );
      const envelope = envelopePart(envelopeOf('upload_video', scene, { title: 'Long' }));
      return (await sendForm(doors.gateway, [envelope, filePart(bytes)])).body;
    };
    await upload(16 * 1_048_576);
    const memory = new GatewayMemory(doors.gateway);
    const going = upload(BYTES);
    for (const share of CUTS) {
      await youtube.waitForBytes(scene, share * BYTES);
      await youtube.suffer('PUT', '/videos', { kind: 'cut-request', after_bytes: 5_000_003 });
    }
    const outcome = await going;
    const peak = memory.peak();
    process.stdout.write(`${source}: RSS ${memory.before} → ${peak} MiB\n`);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    const { videos } = await youtube.readWorld();
    const sha256 = hashGenerated(source === 'address' ? 'sandbox' : 'attached', BYTES);
    expect(videos[String(outcome.result_data['video_id'])]).toMatchObject({
      file: { bytes: BYTES, sha256 },
    });
    expect(peak - memory.before).toBeLessThan(96);
  },
);
