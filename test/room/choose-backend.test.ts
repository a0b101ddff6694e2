// Real: sockets. Fake: the downloader service, at the port where it is by default.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.js';
import { chooseBackend } from '../../src/media/choose-backend.js';
import { FakeDownloader } from '../support/fake-downloader.js';

const USUAL_PORT = 3001;
const SETTINGS = {
  MEDIA_BACKEND: 'auto',
  YOUTUBE_SERVICE_TIMEOUT: 2,
  YOUTUBE_RETRY_ATTEMPTS: 1,
  YOUTUBE_RETRY_DELAY: 0.05,
  sandbox: false,
  programFolders: [],
} as unknown as Config;

const isFree = await isPortFree();
const TITLE = isFree ? '' : ` (skipped: port ${USUAL_PORT} is taken on this machine)`;

describe.skipIf(!isFree)(`without YOUTUBE_SERVICE_URL${TITLE}`, () => {
  it('the service at its usual address is taken before the programs', async () => {
    const fake = await FakeDownloader.start(USUAL_PORT);
    try {
      expect((await chooseBackend(SETTINGS)).place).toBe('http://localhost:3001');
    } finally {
      await fake.close();
    }
  });

  it('a service that is ill is not taken', async () => {
    const fake = await FakeDownloader.start(USUAL_PORT);
    fake.isSick = true;
    try {
      await expect(chooseBackend(SETTINGS)).rejects.toThrow(/yt-dlp and ffmpeg cannot be found/);
    } finally {
      await fake.close();
    }
  });

  it('the programs are looked for where there is none, and in the sandbox none is asked', async () => {
    await expect(chooseBackend(SETTINGS)).rejects.toThrow(/yt-dlp and ffmpeg cannot be found/);
    const fake = await FakeDownloader.start(USUAL_PORT);
    try {
      const inSandbox = chooseBackend({ ...SETTINGS, sandbox: true });
      await expect(inSandbox).rejects.toThrow(/in the sandbox nothing leaves the machine/);
      expect(fake.asked).toEqual([]);
    } finally {
      await fake.close();
    }
  });
});

async function isPortFree(): Promise<boolean> {
  const server = createServer().listen(USUAL_PORT, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
