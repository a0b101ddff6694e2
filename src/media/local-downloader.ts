import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { isObject } from '../actions/json.js';
import type { Config } from '../config/config.js';
import { boundStream } from './bounded-stream.js';
import { describeAttachment, toHeaderText } from './header-text.js';
import {
  type BackendHealth,
  LONGEST_DOWNLOAD_MS,
  MediaBackend,
  type MediaFile,
  type MediaInfo,
} from './media-backend.js';
import { failMedia } from './contract/media-refusal.js';
import type { Download, MediaKind } from './contract/media-request.js';
import { type ProgramEnd, runProgram } from './program-run.js';
import { describeVideo } from './video-description.js';

/** Where the programs are. */
export interface Programs {
  readonly ytDlp: string;
  readonly ffmpeg: string;
}

type LocalSettings = Pick<
  Config,
  'MEDIA_MAX_BYTES' | 'MEDIA_ALLOW_LOOPBACK' | 'YOUTUBE_SERVICE_TIMEOUT' | 'programFolders'
>;

const FOLDER = 'action-gateway-media-';
const LONGEST_OUTPUT = 16_777_216;
/** Folders that a killed gateway left behind are older than any download may become. */
const LEFT_BEHIND_MS = 2 * LONGEST_DOWNLOAD_MS.mp4;
const TYPES: Readonly<Record<MediaKind, string>> = { mp3: 'audio/mpeg', mp4: 'video/mp4' };
const TELLS = 'media-info ';
const TOO_LARGE = 'The video is longer than MEDIA_MAX_BYTES';
const IS_LIVE = 'The video is live, and has no end yet';

/** What yt-dlp reports for videos that are not available. */
const NOT_THERE =
  /video unavailable|private video|has been removed|not available|does not exist|HTTP Error 404|no suitable extractor|unsupported url/i;

/** yt-dlp and ffmpeg of this machine, each run in a folder of its own that is gone afterwards. */
export class LocalDownloader extends MediaBackend implements OnApplicationBootstrap {
  readonly place = 'local';
  readonly #logger = new Logger(LocalDownloader.name);

  constructor(
    private readonly programs: Programs,
    private readonly settings: LocalSettings,
  ) {
    super();
  }

  readInfo(url: string, signal: AbortSignal): Promise<MediaInfo> {
    return this.#inFolder(async (folder) => {
      const args = ['--skip-download', '--dump-single-json'];
      const timeoutMs = this.settings.YOUTUBE_SERVICE_TIMEOUT * 1_000;
      const ended = await this.#run(folder, args, url, timeoutMs, signal);
      const found: unknown = JSON.parse(ended.output || 'null');
      if (!isObject(found)) throw failMedia(404, 'Video not available', IS_LIVE);
      const data = describeVideo(found);
      return {
        status: 200,
        body: { success: true, data, timestamp: new Date().toISOString() },
      };
    });
  }

  async open({ kind, url, quality }: Download, signal: AbortSignal): Promise<MediaFile> {
    const startedAt = performance.now();
    const folder = await this.#makeFolder();
    try {
      const args = [
        ...(kind === 'mp3' ? chooseSound(quality) : choosePicture(quality)),
        '--no-simulate',
        '--print',
        `before_dl:${TELLS}%(.{title,duration})j`,
        '--max-filesize',
        String(this.settings.MEDIA_MAX_BYTES),
        // It speaks all the time, so that one whose gateway was killed ends at its next word.
        '--newline',
        '--progress',
        '--progress-template',
        'download:.',
        '--no-mtime',
        '--no-part',
        '--paths',
        folder,
        '--output',
        'media.%(ext)s',
      ];
      const ended = await this.#run(folder, args, url, LONGEST_DOWNLOAD_MS[kind], signal);
      const { title, duration } = readOutput(ended.output);
      const file = join(folder, `media.${kind}`);
      const { size } = await stat(file).catch(() => {
        throw failMedia(413, 'Too large', TOO_LARGE);
      });
      const bounds = { maxBytes: this.settings.MEDIA_MAX_BYTES };
      return {
        stream: boundStream(createReadStream(file, { signal }), bounds, () => this.#remove(folder)),
        headers: {
          'content-type': TYPES[kind],
          'content-length': String(size),
          'content-disposition': describeAttachment(title, kind),
          'x-video-title': toHeaderText(title),
          ...(duration !== undefined && { 'x-video-duration': String(duration) }),
          'x-download-time': String(Math.round(performance.now() - startedAt)),
        },
      };
    } catch (error) {
      await this.#remove(folder);
      throw error;
    }
  }

  async describe(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const { isHealthy, details } = await this.checkHealth(signal);
    return isHealthy ? details : {};
  }

  async checkHealth(signal: AbortSignal): Promise<BackendHealth> {
    try {
      const version = await this.#inFolder(async (folder) => {
        const run = this.#describeRun(folder, ['--version'], 10_000, signal);
        return (await runProgram(run)).output.trim();
      });
      const details = { service: 'yt-dlp', version };
      return { isHealthy: true, details, state: 'healthy' };
    } catch (error) {
      const details = { error: `yt-dlp does not run: ${(error as Error).message}` };
      return { isHealthy: false, details, state: 'unavailable' };
    }
  }

  /** Removes what gateways left behind that were killed. Never throws. */
  async onApplicationBootstrap(): Promise<void> {
    const names = await readdir(tmpdir()).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(FOLDER))) {
      const folder = join(tmpdir(), name);
      const found = await stat(folder).catch(() => undefined);
      if (found && Date.now() - found.mtimeMs > LEFT_BEHIND_MS) await this.#remove(folder);
    }
  }

  async #run(
    folder: string,
    args: readonly string[],
    url: string,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const { MEDIA_ALLOW_LOOPBACK: loopback, YOUTUBE_SERVICE_TIMEOUT: patience } = this.settings;
    const all = [
      '--ignore-config',
      '--no-cache-dir',
      '--no-warnings',
      '--no-playlist',
      // Only the extractor of YouTube may be used, also after a redirect.
      '--use-extractors',
      loopback ? 'youtube,generic' : 'youtube',
      '--match-filter',
      '!is_live',
      '--socket-timeout',
      String(patience),
      '--retries',
      '3',
      '--ffmpeg-location',
      dirname(this.programs.ffmpeg),
      ...args,
      '--',
      url,
    ];
    const ended = await runProgram(this.#describeRun(folder, all, timeoutMs, signal));
    signal.throwIfAborted();
    if (ended.stopped === 'too long')
      throw failMedia(408, 'Timeout', `It took longer than ${timeoutMs / 1_000} s`);
    if (ended.stopped === 'too large') throw failMedia(413, 'Too large', TOO_LARGE);
    if (ended.code === 0) return ended;
    const why = /^ERROR: (.*)/m.exec(ended.errors)?.[1] ?? `yt-dlp ended with ${ended.code}`;
    this.#logger.warn(`yt-dlp: ${why}`);
    throw NOT_THERE.test(why)
      ? failMedia(404, 'Video not available', why)
      : failMedia(502, 'Download failed', why);
  }

  #describeRun(
    folder: string,
    args: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Parameters<typeof runProgram>[0] {
    return {
      program: this.programs.ytDlp,
      args,
      folder,
      path: this.settings.programFolders.join(delimiter),
      timeoutMs,
      // Sound and picture, and the file that they become, are there at one time.
      maxBytes: this.settings.MEDIA_MAX_BYTES * 2,
      maxOutput: LONGEST_OUTPUT,
      signal,
    };
  }

  async #inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await this.#makeFolder();
    try {
      return await work(folder);
    } finally {
      await this.#remove(folder);
    }
  }

  #makeFolder(): Promise<string> {
    // The folder is new, and readable only by this user.
    return mkdtemp(join(tmpdir(), FOLDER));
  }

  async #remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error: Error) =>
      this.#logger.warn(`${folder} was not removed: ${error.message}`),
    );
  }
}

function chooseSound(quality: Download['quality']): string[] {
  const isLow = quality.startsWith('lowest');
  return [
    '--format',
    isLow ? 'worstaudio/worst' : 'bestaudio/best',
    '--extract-audio',
    '--audio-format',
    'mp3',
    '--audio-quality',
    isLow ? '9' : '0',
  ];
}

function choosePicture(quality: Download['quality']): string[] {
  const [, height] = /^(\d+)p$/.exec(quality) ?? [];
  const bound = height === undefined ? '' : `[height<=${height}]`;
  const format = quality.startsWith('lowest') ? 'wv*+wa/w' : `bv*${bound}+ba/b${bound}`;
  return [
    '--format',
    format,
    '--format-sort',
    'res,ext:mp4:m4a',
    '--merge-output-format',
    'mp4',
    '--remux-video',
    'mp4',
  ];
}

/** What the line that we asked for says; a video need not have either. @throws MediaRefusal 404 */
function readOutput(output: string): { title: string; duration?: number } {
  const line = output.split('\n').find((text) => text.startsWith(TELLS));
  // Nothing is said of what the filter has left out.
  if (line === undefined) throw failMedia(404, 'Video not available', IS_LIVE);
  const told: unknown = JSON.parse(line.slice(TELLS.length));
  const { title, duration } = isObject(told) ? told : {};
  return {
    title: typeof title === 'string' ? title : 'media',
    ...(typeof duration === 'number' && { duration: Math.round(duration) }),
  };
}
