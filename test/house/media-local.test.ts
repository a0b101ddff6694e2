// Real: gateway processes, PostgreSQL, yt-dlp and ffmpeg of this machine. Fake: the site of the videos,
// which is on this machine and not YouTube.
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { startInVain } from '../support/gateway.js';

const KEY = 'a-key-for-media-callers';
const isThere = (program: string, flag: string): boolean => spawnSync(program, [flag]).status === 0;
const MISSING = [
  ...(isThere('yt-dlp', '--version') ? [] : ['yt-dlp']),
  ...(isThere('ffmpeg', '-version') ? [] : ['ffmpeg']),
];
const TITLE = MISSING.length > 0 ? ` (skipped: ${MISSING.join(' and ')} missing)` : '';
const run = promisify(execFile);

let folder: string;
let site: Server;
let cluster: Cluster;
/** Answers to the video that never ends. */
const dripping: ServerResponse[] = [];

/** A film with sound, and the same as a manifest with sound and picture apart. */
async function makeVideos(): Promise<void> {
  const sources = [
    '-f',
    'lavfi',
    '-i',
    'testsrc=size=320x240:rate=15:duration=3',
    '-f',
    'lavfi',
    '-i',
    'sine=duration=3',
    '-c:v',
    'libx264',
    '-c:a',
    'aac',
  ];
  const film = join(folder, 'film.mp4');
  await run('ffmpeg', ['-v', 'error', ...sources, '-movflags', '+faststart', film]);
  await run('ffmpeg', [
    '-v',
    'error',
    '-i',
    film,
    '-map',
    '0:v',
    '-map',
    '0:a',
    '-c',
    'copy',
    '-f',
    'dash',
    join(folder, 'parts.mpd'),
  ]);
  await writeFile(join(folder, 'nothing.txt'), 'nothing to see');
}

async function serve(path: string, response: ServerResponse, method?: string): Promise<void> {
  if (path.startsWith('/endless')) {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    // A beginning that is known for a film, and then bytes without an end.
    response.write((await readFile(join(folder, 'film.mp4'))).subarray(0, 4_096));
    dripping.push(response);
    const timer = setInterval(() => response.write(Buffer.alloc(16_384)), 20);
    response.once('close', () => clearInterval(timer));
    return;
  }
  const file = join(folder, basename(path));
  const found = await stat(file).catch(() => undefined);
  if (!found) return void response.writeHead(404).end();
  const type = path.endsWith('.mpd') ? 'application/dash+xml' : 'video/mp4';
  response.writeHead(200, {
    'content-type': path.endsWith('.txt') ? 'text/plain' : type,
    'content-length': found.size,
  });
  if (method === 'HEAD') return void response.end();
  createReadStream(file).pipe(response);
}

const address = (name: string): string =>
  `http://127.0.0.1:${(site.address() as AddressInfo).port}/${name}`;

const ask = (
  path: string,
  body: object,
  options: { turn?: number; signal?: AbortSignal } = {},
): Promise<Response> =>
  fetch(`${cluster.pick(options.turn ?? 0).gateway.restUrl}/v1/media/youtube${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': KEY },
    body: JSON.stringify(body),
    ...(options.signal && { signal: options.signal }),
  });

/** What ffprobe says a file is made of: its container, then its streams. */
async function probe(bytes: Buffer, extension: string): Promise<string[]> {
  const file = join(folder, `answer.${extension}`);
  await writeFile(file, bytes);
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-of',
    'json',
    '-show_entries',
    'format=format_name:stream=codec_name',
    file,
  ]);
  const { format, streams } = JSON.parse(stdout) as {
    format: { format_name: string };
    streams: { codec_name: string }[];
  };
  return [format.format_name, ...streams.map(({ codec_name: name }) => name).toSorted()];
}

const listFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('action-gateway-media-'));

/** Processes of this machine whose command names the text. */
async function listProcesses(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return commands.filter((command) => command.includes(text));
}

describe.skipIf(MISSING.length > 0)(`yt-dlp and ffmpeg of this machine${TITLE}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'media-site-'));
    await makeVideos();
    site = createServer((request, response) => {
      void serve(request.url ?? '', response, request.method);
    });
    await once(site.listen(0, '127.0.0.1'), 'listening');
    cluster = await Cluster.open(1, {
      ENABLE_MEDIA: 'true',
      MEDIA_API_KEY: KEY,
      MEDIA_BACKEND: 'local',
      MEDIA_ALLOW_LOOPBACK: 'true',
      MEDIA_DOWNLOADS_PER_FIVE_MINUTES: '1000',
      MEDIA_MAX_BYTES: '1000000',
    });
  });

  afterAll(async () => {
    await cluster?.close();
    site?.closeAllConnections();
    site?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it('say that they are there', async () => {
    const { restUrl } = cluster.pick(0).gateway;
    const answer = await fetch(`${restUrl}/v1/media/youtube/health`, {
      headers: { 'x-api-key': KEY },
    });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      status: 'healthy',
      url: 'local',
      microservice: { service: 'yt-dlp', version: expect.stringMatching(/^\d{4}\./) as string },
    });
  });

  it('tell of a video in the old form', async () => {
    const answer = await ask('/info', { url: address('film.mp4'), id: 'mine' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      code: 200,
      id: 'mine',
      message: 'success',
      response: {
        success: true,
        data: { videoId: 'film', title: 'film', formats: { videoFormats: [{ container: 'mp4' }] } },
      },
    });
  });

  it('make a real mp3', async () => {
    const answer = await ask('/mp3', { url: address('film.mp4') });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="film\.mp3"/);
    expect(answer.headers.get('x-video-title')).toBe('film');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(await probe(bytes, 'mp3')).toEqual(['mp3', 'mp3']);
  });

  it('merge sound and picture into an mp4', async () => {
    const answer = await ask('/mp4', { url: address('parts.mpd') });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('video/mp4');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(await probe(bytes, 'mp4')).toEqual(['mov,mp4,m4a,3gp,3g2,mj2', 'aac', 'h264']);
  });

  it('say what they cannot have, and read no option out of an address', async () => {
    const missing = await ask('/mp4', { url: address('missing.mp4') });
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ success: false, error: 'Video not available' });
    const text = await ask('/mp3', { url: address('nothing.txt') });
    expect([404, 502]).toContain(text.status);
    const option = await ask('/mp3', { url: '--exec=touch /tmp/never' });
    expect(option.status).toBe(400);
  });

  it('are killed with all they started when the caller goes away, and leave nothing', async () => {
    const url = address('endless-1.mp4');
    const gone = new AbortController();
    const answer = ask('/mp4', { url }, { signal: gone.signal });
    await eventually(
      () => listProcesses(url),
      (found) => found.length > 0,
    );
    expect(await listFolders()).not.toEqual([]);
    gone.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    await eventually(
      async () => [...(await listProcesses(url)), ...(await listFolders())],
      (left) => left.length === 0,
    );
  });

  it('are stopped where a video has no end', async () => {
    const url = address('endless-2.mp4');
    const answer = await ask('/mp4', { url });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ success: false, error: 'Too large' });
    expect(await listProcesses(url)).toEqual([]);
    expect(await listFolders()).toEqual([]);
  });

  it('reach this machine in no production', async () => {
    const said = await startInVain({ NODE_ENV: 'production', MEDIA_ALLOW_LOOPBACK: 'true' });
    expect(said).toMatch(/MEDIA_ALLOW_LOOPBACK is for tests alone/);
  });
});
