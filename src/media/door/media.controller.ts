import { randomUUID } from 'node:crypto';
import { Controller, Inject, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ActionFailure } from '../../actions/failures.js';
import type { Caller } from '../../callers/caller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { EgressGuard } from '../../execution/egress.js';
import { wrapAnswer, wrapQueued } from '../job-envelope.js';
import { JobRunner } from '../job-runner.js';
import { MediaBackend } from '../media-backend.js';
import { MediaJobs } from '../media-jobs.js';
import { MediaLimits } from '../media-limits.js';
import {
  type Download,
  InfoRequest,
  Mp3Request,
  Mp4Request,
  parseMediaRequest,
  refusePayload,
  requireMediaUrl,
} from '../contract/media-request.js';
import { type PublicRequest, Route } from '../../doors/door/route.js';
import { MediaCallers } from './media-callers.js';
import { MEDIA_ROOT, MEDIA_ROUTES } from '../contract/media-routes.js';

/** Of the routes, as the earlier toolkit told it. */
const INTERFACE_VERSION = '1.0.0';

const ENDPOINTS: Readonly<Record<string, string>> = {
  [MEDIA_ROOT]: 'GET - Service information',
  [`${MEDIA_ROOT}/health`]: 'GET - Health check',
  [`${MEDIA_ROOT}/info`]: 'POST - Get video information',
  [`${MEDIA_ROOT}/mp3`]: 'POST - Download audio as MP3 (streaming)',
  [`${MEDIA_ROOT}/mp4`]: 'POST - Download video as MP4 (streaming)',
};

/** Media of YouTube, in the form of the earlier toolkit. */
@Controller()
export class MediaController {
  readonly #logger = new Logger(MediaController.name);

  constructor(
    private readonly callers: MediaCallers,
    private readonly limits: MediaLimits,
    private readonly backend: MediaBackend,
    private readonly jobs: MediaJobs,
    private readonly runner: JobRunner,
    private readonly egress: EgressGuard,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Route(MEDIA_ROUTES.describe)
  async describeMedia({ request, reply }: PublicRequest): Promise<void> {
    this.callers.authorize(request.headers);
    const signal = signalOf(reply);
    const { isHealthy } = await this.backend.checkHealth(signal);
    const about = isHealthy ? await this.backend.describe(signal) : {};
    void reply.send({
      service: 'YouTube Integration',
      version: INTERFACE_VERSION,
      microservice_url: this.backend.place,
      microservice_healthy: isHealthy,
      microservice_info: about,
      endpoints: ENDPOINTS,
      configuration: {
        timeout: this.config.YOUTUBE_SERVICE_TIMEOUT,
        retry_attempts: this.config.YOUTUBE_RETRY_ATTEMPTS,
        retry_delay: this.config.YOUTUBE_RETRY_DELAY,
      },
    });
  }

  @Route(MEDIA_ROUTES.health)
  async checkMedia({ request, reply }: PublicRequest): Promise<void> {
    this.callers.authorize(request.headers);
    const { place: url } = this.backend;
    const { isHealthy, details, state } = await this.backend.checkHealth(signalOf(reply));
    if (isHealthy) {
      const timeout = this.config.YOUTUBE_SERVICE_TIMEOUT;
      return void reply.send({ status: state, microservice: details, url, timeout });
    }
    void reply.status(503).send({ status: state, error: details['error'], url });
  }

  @Route(MEDIA_ROUTES.info)
  async tellMediaInfo({ request: { headers }, body, reply }: PublicRequest): Promise<void> {
    const signal = signalOf(reply);
    const caller = this.callers.authorize(headers);
    const request = parseMediaRequest(InfoRequest, body);
    const url = requireMediaUrl(request.url, this.config.MEDIA_ALLOW_LOOPBACK);
    const clientId = request.id ?? null;
    const job = {
      id: randomUUID(),
      callerId: caller.identity,
      url,
      ...(clientId !== null && { clientId }),
    };
    if (request.webhook_url === undefined) {
      await this.limits.countInfo(caller);
      const leave = this.limits.acquireSlot();
      try {
        const startedAt = performance.now();
        const { status: code, body: answer } = await this.runner.answer(job, signal);
        const runTime = Math.round(performance.now() - startedAt) / 1_000;
        const times = { runTime, queueTime: 0, totalTime: runTime };
        const answered = { code, answer, jobId: job.id, clientId, pid: process.pid, ...times };
        void reply.status(code).send(wrapAnswer(answered, await this.jobs.countQueued()));
      } catch (error) {
        // The caller has disconnected: there is nothing to answer.
        if (!signal.aborted) throw error;
      } finally {
        leave();
      }
      return;
    }
    await this.#requireWebhook(request.webhook_url);
    await this.limits.countInfo(caller);
    const isTaken = await this.jobs.enqueue({ ...job, webhookUrl: request.webhook_url });
    if (isTaken) this.runner.poll();
    const length = await this.jobs.countQueued();
    const maxLength = this.config.MAX_QUEUE_LENGTH;
    void reply
      .status(isTaken ? 202 : 429)
      .send(wrapQueued({ jobId: job.id, clientId }, { isTaken, maxLength, length }));
  }

  @Route(MEDIA_ROUTES.mp3)
  downloadSound({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.authorize(request.headers);
    return this.#download(caller, { kind: 'mp3', ...parseMediaRequest(Mp3Request, body) }, reply);
  }

  @Route(MEDIA_ROUTES.mp4)
  downloadFilm({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.authorize(request.headers);
    return this.#download(caller, { kind: 'mp4', ...parseMediaRequest(Mp4Request, body) }, reply);
  }

  /** Streams a download. If it breaks off, the connection is closed, so that the client notices. */
  async #download(caller: Caller, download: Download, reply: FastifyReply): Promise<void> {
    const { kind, quality } = download;
    const signal = signalOf(reply);
    const url = requireMediaUrl(download.url, this.config.MEDIA_ALLOW_LOOPBACK);
    const leave = this.limits.acquireDownloadSlot(caller);
    try {
      await this.limits.countDownload(caller);
      const { stream, headers } = await this.backend.open({ kind, url, quality }, signal);
      stream.once('close', leave);
      stream.once('error', (error) =>
        this.#logger.warn(`a download of "${caller.name}" broke off: ${error.message}`),
      );
      // The caller may have disconnected before the first byte.
      if (signal.aborted) return void stream.destroy();
      void reply.status(200).headers(headers).send(stream);
    } catch (error) {
      leave();
      // The caller has disconnected: there is nothing to answer.
      if (!signal.aborted) throw error;
    }
  }

  async #requireWebhook(address: string): Promise<void> {
    if (address === '') return;
    try {
      await this.egress.check(address);
    } catch (error) {
      if (!(error instanceof ActionFailure)) throw error;
      throw refusePayload(`webhook_url: ${error.message}`);
    }
  }
}

/** Aborted when the caller goes away before it has its whole answer. */
function signalOf(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
