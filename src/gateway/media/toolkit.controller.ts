import { randomUUID } from 'node:crypto';
import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { describeJob, wrapAnswer } from '../../media/job-envelope.js';
import { MediaJobs } from '../../media/media-jobs.js';
import {
  JobsStatusRequest,
  JobStatusRequest,
  parseMediaRequest,
} from '../../media/media-request.js';
import { Public } from '../caller.guard.js';
import { MediaCallers } from './media-callers.js';

type HeadersOfRequest = Readonly<Record<string, string | undefined>>;

/** How jobs of media stand, on whichever replica they are. A caller is told of its own alone. */
@Public()
@Controller('v1/toolkit')
export class ToolkitController {
  constructor(
    private readonly callers: MediaCallers,
    private readonly jobs: MediaJobs,
  ) {}

  @Post('job/status')
  async tellJob(
    @Headers() headers: HeadersOfRequest,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = this.callers.admit(headers);
    const { job_id, id } = parseMediaRequest(JobStatusRequest, body);
    const job = await this.jobs.find(job_id, caller.identity);
    const length = await this.jobs.countQueued();
    if (job) return answer(reply, id, length, 200, describeJob(job, length));
    answer(reply, id, length, 404, { error: 'Job not found', job_id });
  }

  @Post('jobs/status')
  async listJobs(
    @Headers() headers: HeadersOfRequest,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = this.callers.admit(headers);
    // It took no body for one that says nothing.
    const { since_seconds, id } = parseMediaRequest(JobsStatusRequest, body ?? {});
    const jobs = await this.jobs.list(caller.identity, since_seconds);
    answer(reply, id, await this.jobs.countQueued(), 200, jobs);
  }
}

/** Questions about jobs have envelopes as well, and are no jobs of the queue. */
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
