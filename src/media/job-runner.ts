import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SignedPost } from '../execution/signed-post.js';
import { wrapJob } from './job-envelope.js';
import { MediaBackend, type MediaInfo } from './media-backend.js';
import { type DueWebhook, type ClaimedJob, MediaJobs, type NewJob } from './media-jobs.js';
import { MediaRefusal } from './contract/media-refusal.js';

const POLL_EVERY_MS = 500;
const REAP_EVERY_MS = 2_000;
const JOBS_SIDE_BY_SIDE = 4;
const WEBHOOKS_SIDE_BY_SIDE = 10;

/** Works on queued jobs, and delivers their results to webhooks. */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(JobRunner.name);
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #posting = new Set<Promise<void>>();
  readonly #timers: NodeJS.Timeout[] = [];
  #looking: Promise<void> | undefined;

  constructor(
    private readonly jobs: MediaJobs,
    private readonly backend: MediaBackend,
    private readonly post: SignedPost,
  ) {}

  onApplicationBootstrap(): void {
    const reap = (): unknown =>
      this.jobs
        .reap()
        .catch((error: Error) =>
          this.#logger.warn(`jobs of dead replicas were not requeued: ${error.message}`),
        );
    this.#timers.push(
      setInterval(() => this.poll(), POLL_EVERY_MS),
      setInterval(reap, REAP_EVERY_MS),
    );
  }

  /** Requeues jobs that have begun, and waits for webhooks that are being delivered. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopping.abort();
    await this.#looking;
    await Promise.allSettled([...this.#running, ...this.#posting]);
  }

  /** Polls for jobs now, before the next interval. */
  poll(): void {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  /**
   * Answers an information request whose caller waits.
   * @throws Error when the caller has disconnected; the job has ended all the same
   */
  async answer(job: NewJob, signal: AbortSignal): Promise<MediaInfo> {
    const held = await this.jobs.begin(job);
    const info = await this.#ask(held, signal);
    const { status, body } = info ?? { status: 499, body: { error: 'The caller went away' } };
    // The caller gets its answer also if the answer cannot be stored.
    await this.jobs
      .finish(held, status, body)
      .catch((error: Error) => this.#logger.warn(`job ${job.id} stays open: ${error.message}`))
      .finally(() => this.jobs.release(held));
    signal.throwIfAborted();
    return { status, body };
  }

  async #look(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      for (const job of await this.jobs.claim(JOBS_SIDE_BY_SIDE - this.#running.size))
        track(this.#running, this.#work(job));
      for (const due of await this.jobs.claimWebhooks(WEBHOOKS_SIDE_BY_SIDE - this.#posting.size))
        track(this.#posting, this.#tell(due));
    } catch (error) {
      this.#logger.warn(`jobs wait: ${(error as Error).message}`);
    }
  }

  async #work(job: ClaimedJob): Promise<void> {
    try {
      const info = await this.#ask(job, this.#stopping.signal);
      if (!info) return await this.jobs.requeue(job);
      await this.jobs.finish(job, info.status, info.body);
    } catch (error) {
      // This replica stops working on the job, so that it is claimed again.
      this.#logger.warn(`job ${job.id} stays open: ${(error as Error).message}`);
    } finally {
      this.jobs.release(job);
      this.poll();
    }
  }

  /** The result of a job, also if it is a refusal; undefined if the job was stopped. */
  async #ask(job: ClaimedJob, signal: AbortSignal): Promise<MediaInfo | undefined> {
    try {
      return await this.backend.readInfo(job.url, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (error instanceof MediaRefusal) return { status: error.http, body: error.body };
      this.#logger.error({ err: error as Error }, `job ${job.id} met a fault of the gateway`);
      return {
        status: 500,
        body: { error: 'The gateway met a fault of its own; it is in the log' },
      };
    }
  }

  async #tell(due: DueWebhook): Promise<void> {
    try {
      const job = await this.jobs.find(due.id);
      if (!job) return;
      const body = JSON.stringify(wrapJob(job, await this.jobs.countQueued()));
      const { id, tries, url } = due;
      const result = await this.post.send(url, { id, sentAt: new Date(), body, tries });
      if (result.state === 'dead')
        this.#logger.warn(`the webhook of job ${id} is dead: ${result.error}`);
      await this.jobs.settleWebhook(due, result);
    } catch (error) {
      // It stays due, and is tried again.
      this.#logger.warn(`the webhook of job ${due.id} waits: ${(error as Error).message}`);
    }
  }
}

function track(all: Set<Promise<void>>, work: Promise<void>): void {
  const tracked: Promise<void> = work.finally(() => all.delete(tracked));
  all.add(tracked);
}
