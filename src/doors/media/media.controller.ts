import { randomUUID } from 'node:crypto';
import { Controller, Inject, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ActionFailure } from '../../actions/failures.js';
import type { FieldClass } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import type { Caller } from '../../callers/caller.js';
import { CONFIG, type Config } from '../../config/config.js';
import { VERSION } from '../../config/version.js';
import { EgressGuard } from '../../execution/egress.js';
import { wrapAnswer, wrapQueued } from '../../media/job-envelope.js';
import { JobRunner } from '../../media/job-runner.js';
import { MediaBackend } from '../../media/media-backend.js';
import { MediaJobs } from '../../media/media-jobs.js';
import { MediaLimits } from '../../media/media-limits.js';
import {
  type Download,
  InfoRequest,
  Mp3Request,
  Mp4Request,
  parseMediaRequest,
  refusePayload,
  requireMediaUrl,
} from '../../media/media-request.js';
import { json, type PublicRequest, Route } from '../door/route.js';
import { schemaOf } from '../door/schema.js';
import { MediaCallers } from './media-callers.js';
import {
  BODY_REFUSALS,
  DOWN,
  ENVELOPE,
  file,
  HEALTH,
  MEDIA,
  MEDIA_REFUSALS,
  SERVICE,
  UNHEALTHY,
} from './media-schemas.js';

const HERE = '/v1/media/youtube';

/** The body, which is read in the form of the earlier toolkit. */
function takes(type: FieldClass): JsonObject {
  return { required: true, content: { 'application/json': { schema: schemaOf(type) } } };
}

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

  @Route({
    ...MEDIA,
    method: 'GET',
    path: HERE,
    summary: 'Describe the downloader and its state',
    answers: { 200: json<object>('How it is', SERVICE), ...MEDIA_REFUSALS },
  })
  async describeMedia({ request, reply }: PublicRequest): Promise<void> {
    this.callers.admit(request.headers);
    const { isHealthy, details } = await this.backend.checkHealth(signalOf(reply));
    void reply.send({
      service: 'youtube-media',
      version: VERSION,
      microservice_url: this.backend.place,
      microservice_healthy: isHealthy,
      microservice_info: details,
      endpoints: {
        info: `${HERE}/info`,
        mp3: `${HERE}/mp3`,
        mp4: `${HERE}/mp4`,
        health: `${HERE}/health`,
        service_info: HERE,
      },
      configuration: {
        timeout: this.config.YOUTUBE_SERVICE_TIMEOUT,
        retry_attempts: this.config.YOUTUBE_RETRY_ATTEMPTS,
        retry_delay: this.config.YOUTUBE_RETRY_DELAY,
      },
    });
  }

  @Route({
    ...MEDIA,
    method: 'GET',
    path: `${HERE}/health`,
    summary: 'Tell whether media can be fetched',
    answers: {
      200: json<object>('They can', HEALTH),
      503: json<object>('They cannot now', UNHEALTHY),
      ...MEDIA_REFUSALS,
    },
  })
  async checkMedia({ request, reply }: PublicRequest): Promise<void> {
    this.callers.admit(request.headers);
    const { place: url } = this.backend;
    const { isHealthy, details, state } = await this.backend.checkHealth(signalOf(reply));
    if (isHealthy) {
      const timeout = this.config.YOUTUBE_SERVICE_TIMEOUT;
      return void reply.send({ status: state, microservice: details, url, timeout });
    }
    void reply.status(503).send({ status: state, error: details['error'], url });
  }

  @Route({
    ...MEDIA,
    method: 'POST',
    path: `${HERE}/info`,
    summary: 'Tell of a video; with webhook_url, later and there',
    rawBody: takes(InfoRequest),
    answers: {
      200: json<object>('What is known of it', ENVELOPE),
      202: json<object>('It waits in the queue', ENVELOPE),
      ...BODY_REFUSALS,
      ...DOWN,
    },
  })
  async tellMediaInfo({ request: { headers }, body, reply }: PublicRequest): Promise<void> {
    const signal = signalOf(reply);
    const caller = this.callers.admit(headers);
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
      const leave = this.limits.enter();
      try {
        const startedAt = performance.now();
        const { status: code, body: answer } = await this.runner.answer(job, signal);
        const runTime = Math.round(performance.now() - startedAt) / 1_000;
        const times = { runTime, queueTime: 0, totalTime: runTime };
        const answered = { code, answer, jobId: job.id, clientId, pid: process.pid, ...times };
        void reply.status(code).send(wrapAnswer(answered, await this.jobs.countQueued()));
      } catch (error) {
        // The caller is gone: there is no one to answer.
        if (!signal.aborted) throw error;
      } finally {
        leave();
      }
      return;
    }
    await this.#requireWebhook(request.webhook_url);
    await this.limits.countInfo(caller);
    const isTaken = await this.jobs.enqueue({ ...job, webhookUrl: request.webhook_url });
    if (isTaken) this.runner.look();
    const length = await this.jobs.countQueued();
    const maxLength = this.config.MAX_QUEUE_LENGTH;
    void reply
      .status(isTaken ? 202 : 429)
      .send(wrapQueued({ jobId: job.id, clientId }, { isTaken, maxLength, length }));
  }

  @Route({
    ...MEDIA,
    method: 'POST',
    path: `${HERE}/mp3`,
    summary: 'Download the sound of a video',
    rawBody: takes(Mp3Request),
    answers: { 200: file('audio/mpeg'), ...BODY_REFUSALS, ...DOWN },
  })
  downloadSound({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.admit(request.headers);
    return this.#download(caller, { kind: 'mp3', ...parseMediaRequest(Mp3Request, body) }, reply);
  }

  @Route({
    ...MEDIA,
    method: 'POST',
    path: `${HERE}/mp4`,
    summary: 'Download a video',
    rawBody: takes(Mp4Request),
    answers: { 200: file('video/mp4'), ...BODY_REFUSALS, ...DOWN },
  })
  downloadFilm({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.admit(request.headers);
    return this.#download(caller, { kind: 'mp4', ...parseMediaRequest(Mp4Request, body) }, reply);
  }

  /** Streams a download. What began and broke off ends the connection: no file is cut short unseen. */
  async #download(caller: Caller, download: Download, reply: FastifyReply): Promise<void> {
    const { kind, quality } = download;
    const signal = signalOf(reply);
    const url = requireMediaUrl(download.url, this.config.MEDIA_ALLOW_LOOPBACK);
    const leave = this.limits.enterDownload(caller);
    try {
      await this.limits.countDownload(caller);
      const { stream, headers } = await this.backend.open({ kind, url, quality }, signal);
      stream.once('close', leave);
      stream.once('error', (error) =>
        this.#logger.warn(`a download of "${caller.name}" broke off: ${error.message}`),
      );
      // The caller may have gone away before the first byte.
      if (signal.aborted) return void stream.destroy();
      void reply.status(200).headers(headers).send(stream);
    } catch (error) {
      leave();
      // The caller is gone: there is no one to answer.
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
