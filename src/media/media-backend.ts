import type { Readable } from 'node:stream';
import type { Download } from './contract/media-request.js';

/** A file in transfer. Its receiver reads the stream to its end, or destroys it. */
export interface MediaFile {
  readonly stream: Readable;
  /** By the names that are forwarded, in lower case; values are Latin-1. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is said about a video. */
export interface MediaInfo {
  readonly status: number;
  readonly body: unknown;
}

/** How a back end is. */
export interface BackendHealth {
  readonly isHealthy: boolean;
  /** Its own report, or why there is none. */
  readonly details: Readonly<Record<string, unknown>>;
  /** `unhealthy` answered, and not well; `unavailable` did not answer. */
  readonly state: 'healthy' | 'unhealthy' | 'unavailable';
}

/** Who fetches media: a service beside us, or programs of this machine. */
export abstract class MediaBackend {
  /** What callers are told of where it is. */
  abstract readonly place: string;

  /** @throws MediaRefusal when there is no answer at all */
  abstract readInfo(url: string, signal: AbortSignal): Promise<MediaInfo>;

  /** @throws MediaRefusal while nothing of the file was handed on */
  abstract open(download: Download, signal: AbortSignal): Promise<MediaFile>;

  /** What it says of itself. Never throws; empty where it says nothing. */
  abstract describe(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;

  /** Never throws. */
  abstract checkHealth(signal: AbortSignal): Promise<BackendHealth>;
}

/** How long a download may take, in milliseconds. */
export const LONGEST_DOWNLOAD_MS = { mp3: 300_000, mp4: 600_000 } as const;
