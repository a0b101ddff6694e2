import { type Config, ConfigError } from '../config/config.js';
import { DownloaderService } from './downloader-service.js';
import { LocalDownloader } from './local-downloader.js';
import type { MediaBackend } from './media-backend.js';
import { findProgram } from './program-run.js';

const DEFAULT_SERVICE_URL = 'http://localhost:3001';

/** How long the start waits for a downloader service that was not named. */
const LOOK_FOR_MS = 2_000;

/**
 * The back end that the settings name, or that is there: a downloader service at its usual address before the
 * programs of this machine.
 * @throws ConfigError when no back end is available
 */
export async function chooseBackend(config: Config): Promise<MediaBackend> {
  const { MEDIA_BACKEND: wanted, YOUTUBE_SERVICE_URL: url } = config;
  const service = new DownloaderService(url ?? DEFAULT_SERVICE_URL, config);
  const isService = wanted === 'service' || (wanted === 'auto' && url !== undefined);
  if (isService) return service;
  if (wanted === 'auto' && !config.sandbox) {
    const { isHealthy } = await service.checkHealth(AbortSignal.timeout(LOOK_FOR_MS));
    if (isHealthy) return service;
  }
  if (config.sandbox && !config.MEDIA_ALLOW_LOOPBACK) {
    throw new ConfigError([
      'ENABLE_MEDIA: in the sandbox nothing leaves the machine: set YOUTUBE_SERVICE_URL to a downloader of your own, or SANDBOX=false',
    ]);
  }
  const ytDlp = findProgram('yt-dlp', config.programFolders);
  const ffmpeg = findProgram('ffmpeg', config.programFolders);
  if (ytDlp !== undefined && ffmpeg !== undefined)
    return new LocalDownloader({ ytDlp, ffmpeg }, config);
  const missing = [...(ytDlp ? [] : ['yt-dlp']), ...(ffmpeg ? [] : ['ffmpeg'])];
  throw new ConfigError([
    `ENABLE_MEDIA: ${missing.join(' and ')} cannot be found in PATH: install them, or set YOUTUBE_SERVICE_URL`,
  ]);
}
