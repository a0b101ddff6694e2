import { VERSION } from '../config/version.js';
import type { JobReport } from './media-jobs.js';

/** All replicas share the one queue that is in the database, so every envelope names it alike. */
const QUEUE_ID = 1;

/** The version as the whole number that the earlier services had: 1.2.3 is 10203. */
const BUILD_NUMBER = VERSION.split('.')
  .map((part) => Number.parseInt(part, 10))
  .reduce((sum, part) => sum * 100 + part, 0);

const INFO_ENDPOINT = '/v1/media/youtube/info';

/** A job as those who ask for it by its id are told. */
export interface JobStatus {
  readonly job_status: 'queued' | 'running' | 'done';
  readonly job_id: string;
  readonly queue_id: number;
  readonly process_id: number;
  /** The envelope of what came of it; null before. */
  readonly response: object | null;
}

/** What came of a question, for its envelope. Times in seconds. */
export interface JobAnswer {
  readonly code: number;
  readonly answer: unknown;
  readonly jobId: string;
  readonly clientId: string | null;
  readonly pid: number;
  readonly runTime: number;
  readonly queueTime: number;
  readonly totalTime: number;
}

/** The envelope of an answer. */
export function wrapAnswer(answered: JobAnswer, queueLength: number): Record<string, unknown> {
  const { code, answer, jobId, clientId } = answered;
  const isGood = code === 200;
  return {
    code,
    id: clientId,
    job_id: jobId,
    response: isGood ? answer : null,
    message: isGood ? 'success' : answer,
    run_time: answered.runTime,
    queue_time: answered.queueTime,
    total_time: answered.totalTime,
    pid: answered.pid,
    queue_id: QUEUE_ID,
    queue_length: queueLength,
    build_number: BUILD_NUMBER,
  };
}

/** The envelope of a job that is done, as its webhook gets it. */
export function wrapJob(job: JobReport, queueLength: number): Record<string, unknown> {
  const { id: jobId, code, ...rest } = job;
  const envelope = wrapAnswer({ ...rest, jobId, code: code ?? 500 }, queueLength);
  return { endpoint: INFO_ENDPOINT, ...envelope };
}

/** The envelope of a job that was put in the queue, or that found no place there. */
export function wrapQueued(
  { jobId, clientId }: { jobId: string; clientId: string | null },
  { isTaken, maxLength, length }: { isTaken: boolean; maxLength: number; length: number },
): Record<string, unknown> {
  return {
    code: isTaken ? 202 : 429,
    id: clientId,
    job_id: jobId,
    message: isTaken ? 'processing' : `MAX_QUEUE_LENGTH (${maxLength}) reached`,
    pid: process.pid,
    queue_id: QUEUE_ID,
    ...(isTaken && { max_queue_length: maxLength > 0 ? maxLength : 'unlimited' }),
    queue_length: length,
    build_number: BUILD_NUMBER,
  };
}

/** How a job stands. */
export function describeJob(job: JobReport, queueLength: number): JobStatus {
  return {
    job_status: job.state,
    job_id: job.id,
    queue_id: QUEUE_ID,
    process_id: job.pid,
    response: job.state === 'done' ? wrapJob(job, queueLength) : null,
  };
}
