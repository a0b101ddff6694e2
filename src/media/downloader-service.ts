import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type AxiosInstance, type AxiosResponse, create, isAxiosError } from 'axios';
import type { Config } from '../config/config.js';
import { boundStream } from './bounded-stream.js';
import { toForwardedText } from './header-text.js';
import {
  type BackendHealth,
  LONGEST_DOWNLOAD_MS,
  MediaBackend,
  type MediaFile,
  type MediaInfo,
} from './media-backend.js';
import { failMedia, MediaRefusal } from './contract/media-refusal.js';
import type { Download } from './contract/media-request.js';

/** What of its answer callers get to see. */
const FORWARDED = ['content-type', 'content-disposition', 'x-video-title', 'x-video-duration'];
const LONGEST_TEXT = 1_048_576;
const LONGEST_WAIT_MS = 30_000;
const PATH = '/v1/media/youtube';

type ServiceSettings = Pick<
  Config,
  'YOUTUBE_SERVICE_TIMEOUT' | 'YOUTUBE_RETRY_ATTEMPTS' | 'YOUTUBE_RETRY_DELAY' | 'MEDIA_MAX_BYTES'
>;

/** A request to the service. */
interface ServiceRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  /** Doing it again costs a download; what took too long is not begun again. */
  readonly isCostly?: boolean;
}

/** The downloader service beside us. What it may have passed on already is never asked for again. */
export class DownloaderService extends MediaBackend {
  readonly #logger = new Logger(DownloaderService.name);
  readonly #client: AxiosInstance;

  constructor(
    readonly place: string,
    private readonly settings: ServiceSettings,
  ) {
    super();
    this.#client = create({
      baseURL: place.replace(/\/+$/, ''),
      adapter: 'http',
      proxy: false,
      responseType: 'stream',
      maxRedirects: 0,
      decompress: false,
      validateStatus: () => true,
      headers: { 'user-agent': 'Sync-Scribe-Studio-API/1.0', 'accept-encoding': 'identity' },
    });
  }

  async readInfo(url: string, signal: AbortSignal): Promise<MediaInfo> {
    const asking = { method: 'POST', path: `${PATH}/info`, body: { url } } as const;
    try {
      const answer = await this.#askAgain(asking, signal);
      return { status: answer.status, body: await this.#readJson(answer, signal) };
    } catch (error) {
      // An envelope has the sentence alone.
      if (!(error instanceof MediaRefusal) || error.http !== 503) throw error;
      return { status: error.http, body: error.body['error'] };
    }
  }

  async open({ kind, url, quality }: Download, signal: AbortSignal): Promise<MediaFile> {
    const longest = AbortSignal.timeout(LONGEST_DOWNLOAD_MS[kind]);
    const over = AbortSignal.any([signal, longest]);
    const path = `${PATH}/${kind}`;
    const asking = { method: 'POST', path, body: { url, quality }, isCostly: true } as const;
    const answer = await this.#askAgain(asking, over).catch((error: unknown) => {
      if (!longest.aborted || signal.aborted) throw error;
      throw failMedia(408, 'Timeout', `It took longer than ${LONGEST_DOWNLOAD_MS[kind] / 1_000} s`);
    });
    if (answer.status !== 200) {
      const body = await this.#readJson(answer, over);
      throw new MediaRefusal(answer.status < 300 ? 502 : answer.status, asObject(body));
    }
    const idleMs = this.settings.YOUTUBE_SERVICE_TIMEOUT * 1_000;
    const bounds = { maxBytes: this.settings.MEDIA_MAX_BYTES, idleMs };
    const stop = (): unknown => answer.data.destroy(new Error('The download was stopped'));
    over.addEventListener('abort', stop, { once: true });
    return {
      stream: boundStream(answer.data, bounds, () => over.removeEventListener('abort', stop)),
      headers: Object.fromEntries(
        FORWARDED.flatMap((name) => {
          const value: unknown = answer.headers[name];
          return typeof value === 'string' ? [[name, toForwardedText(value)]] : [];
        }),
      ),
    };
  }

  async describe(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    try {
      const answer = await this.#ask({ method: 'GET', path: '/' }, signal);
      const said = await this.#readJson(answer, signal);
      return answer.status === 200 ? asObject(said) : {};
    } catch (error) {
      this.#logger.warn(`the downloader service at /: ${describeFault(error as Error)}`);
      return {};
    }
  }

  async checkHealth(signal: AbortSignal): Promise<BackendHealth> {
    try {
      const answer = await this.#ask({ method: 'GET', path: '/healthz' }, signal);
      const details = asObject(await this.#readJson(answer, signal));
      if (answer.status === 200) return { isHealthy: true, details, state: 'healthy' };
      const error = `Service returned ${answer.status}`;
      return { isHealthy: false, details: { error }, state: 'unhealthy' };
    } catch (error) {
      return {
        isHealthy: false,
        details: { error: describeFault(error as Error) },
        state: 'unavailable',
      };
    }
  }

  /** Asks until there is an answer below 500, with waits that grow and are spread. */
  async #askAgain(asking: ServiceRequest, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    const { YOUTUBE_RETRY_ATTEMPTS: attempts, YOUTUBE_RETRY_DELAY: delay } = this.settings;
    for (let made = 1; ; made += 1) {
      const isLast = made >= attempts;
      const found = await this.#ask(asking, signal).catch((error: Error) => error);
      if (!(found instanceof Error)) {
        if (found.status < 500) return found;
        found.data.destroy();
      }
      signal.throwIfAborted();
      const why = found instanceof Error ? describeFault(found) : `It answered ${found.status}`;
      const isFinal = isLast || (asking.isCostly && found instanceof ServiceTimeout);
      this.#logger.warn(`the downloader service at ${asking.path}, try ${made}: ${why}`);
      if (isFinal)
        throw new MediaRefusal(503, {
          error: `YouTube service unavailable: YouTube microservice unavailable after ${made} attempts`,
        });
      const ceiling = Math.min(LONGEST_WAIT_MS, delay * 1_000 * 2 ** (made - 1));
      await sleep(ceiling * (0.5 + Math.random() * 0.5), undefined, { signal });
    }
  }

  /** Gives the head of an answer. Its body may take as long as bytes keep coming. */
  async #ask(
    { method, path, body }: ServiceRequest,
    signal: AbortSignal,
  ): Promise<AxiosResponse<Readable>> {
    const overdue = new AbortController();
    const seconds = this.settings.YOUTUBE_SERVICE_TIMEOUT;
    const timer = setTimeout(() => overdue.abort(), seconds * 1_000);
    try {
      return await this.#client.request<Readable>({
        method,
        url: path,
        data: body,
        signal: AbortSignal.any([signal, overdue.signal]),
      });
    } catch (error) {
      throw overdue.signal.aborted && !signal.aborted ? new ServiceTimeout(seconds) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #readJson(
    { data, status }: AxiosResponse<Readable>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const idleMs = this.settings.YOUTUBE_SERVICE_TIMEOUT * 1_000;
    const stop = (): unknown => data.destroy(new Error('It was stopped'));
    signal.addEventListener('abort', stop, { once: true });
    try {
      const chunks: Buffer[] = [];
      const bounded = boundStream(data, { maxBytes: LONGEST_TEXT, idleMs }, () => undefined);
      for await (const chunk of bounded as AsyncIterable<Buffer>) chunks.push(chunk);
      return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
    } catch (error) {
      signal.throwIfAborted();
      const why = `It answered ${status} with what cannot be read: ${(error as Error).message}`;
      if (status >= 400) return { error: why };
      throw new MediaRefusal(502, { error: `YouTube service: ${why}` });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

class ServiceTimeout extends Error {
  constructor(seconds: number) {
    super(`no answer in ${seconds} s`);
  }
}

function describeFault(error: Error): string {
  if (error instanceof ServiceTimeout || !isAxiosError(error)) return error.message;
  return error.code ?? error.message;
}

function asObject(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? (body as Record<string, unknown>)
    : { error: body };
}
