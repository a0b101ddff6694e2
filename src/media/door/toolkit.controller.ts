import { randomUUID } from 'node:crypto';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { isObject } from '../../actions/json.js';
import { describeJob, wrapAnswer } from '../job-envelope.js';
import { MediaJobs } from '../media-jobs.js';
import {
  JobsStatusRequest,
  JobStatusRequest,
  parseMediaRequest,
} from '../contract/media-request.js';
import { type PublicRequest, Route } from '../../doors/door/route.js';
import { MediaCallers } from './media-callers.js';
import { MEDIA_ROUTES } from '../contract/media-routes.js';

const LISTED = { since_seconds: 600 };

/** The states of media jobs on all replicas. A caller sees only its own jobs. */
@Controller()
export class ToolkitController {
  constructor(
    private readonly callers: MediaCallers,
    private readonly jobs: MediaJobs,
  ) {}

  @Route(MEDIA_ROUTES.job)
  async tellJob({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.authorize(request.headers);
    const { job_id, id } = parseMediaRequest(JobStatusRequest, body);
    const job = await this.jobs.find(job_id, caller.identity);
    const length = await this.jobs.countQueued();
    if (job) return answer(reply, id, length, 200, describeJob(job, length));
    answer(reply, id, length, 404, { error: 'Job not found', job_id });
  }

  @Route(MEDIA_ROUTES.jobs)
  async listJobs({ request, body, reply }: PublicRequest): Promise<void> {
    const caller = this.callers.authorize(request.headers);
    // The earlier toolkit accepted a missing or empty body here.
    const isEmpty = isObject(body) && Object.keys(body).length === 0;
    const asked = isEmpty ? LISTED : (body ?? LISTED);
    const { since_seconds, id } = parseMediaRequest(JobsStatusRequest, asked);
    const jobs = await this.jobs.list(caller.identity, since_seconds);
    answer(reply, id, await this.jobs.countQueued(), 200, jobs);
  }
}

/** Answers about jobs have envelopes as well, but are not jobs themselves. */
function answer(
  reply: FastifyReply,
  clientId: string | undefined,
  queueLength: number,
  code: number,
  told: unknown,
): void {
  const times = { runTime: 0, queueTime: 0, totalTime: 0 };
  const jobId = randomUUID();
  const answered = { code, answer: told, jobId, clientId: clientId ?? null, pid: process.pid };
  void reply.status(code).send(wrapAnswer({ ...answered, ...times }, queueLength));
}
