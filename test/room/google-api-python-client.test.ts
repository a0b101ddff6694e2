// Real: Google's own library for Python over HTTP. Fake: YouTube, as this project simulates it.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { YOUTUBE_SCOPES } from '../../src/platforms/youtube/simulation/scopes.js';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.js';

const DEMO = 'UCsandboxDemoChannel0001';
const CHAT = 'Cg0KCc2FuZGJveENhc3Q';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});

afterAll(() => sandbox?.close());

/** Not synchronously: the simulation lives in this process. */
async function runPython(input: object): Promise<{ stdout: string; stderr: string }> {
  const script = join(import.meta.dirname, '../support/youtube_client.py');
  const child = spawn('python3', [script], { timeout: 120_000 });
  child.stdin.end(JSON.stringify(input));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

const hasPython =
  spawnSync('python3', ['-c', 'import googleapiclient, google.oauth2.credentials']).status === 0;

describe(`google-api-python-client${hasPython ? '' : ' (skipped: python3 with google-api-python-client is not at hand)'}`, () => {
  it.skipIf(!hasPython)(
    'reads, writes, pages and uploads in both ways',
    { timeout: 150_000 },
    async () => {
      const { access_token: token } = await sandbox.control<{ access_token: string }>(
        'POST',
        '/sandbox/youtube/grants',
        { channel_id: DEMO, scopes: YOUTUBE_SCOPES },
      );
      const { stdout, stderr } = await runPython({ url: sandbox.url, token, chat: CHAT });
      expect(stderr).toBe('');
      const met = JSON.parse(stdout) as {
        ids: { resumed: string };
        hashes: { tricky: string; long: string };
      };
      expect(met).toMatchObject({
        channel: DEMO,
        pages: [4, 2],
        message: 'youtube#liveChatMessage',
        video: 'From Python',
        pieces: 2,
        thumbnail: 'youtube#thumbnailSetResponse',
        caption: 'Python',
        rated: '',
        error: [404, 'videoNotFound'],
        refused: [400, 'mediaTypeNotSupported'],
      });
      const { youtube } = await sandbox.control<{
        youtube: {
          videos: Record<string, { file?: { sha256: string }; thumbnail?: string }>;
          channels: Record<string, { watermark?: { sha256: string } }>;
        };
      }>('GET', '/sandbox/state');
      const { tricky, long } = met.hashes;
      expect(youtube.videos[met.ids.resumed]).toMatchObject({
        file: { sha256: long },
        thumbnail: tricky.slice(0, 12),
      });
      expect(youtube.channels[DEMO]?.watermark?.sha256).toBe(tricky);
    },
  );
});
