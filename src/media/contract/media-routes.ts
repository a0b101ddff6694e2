import type { FieldClass } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import { type Answer, json } from '../../doors/door/route.js';
import { schemaOf, TEXT, WHOLE } from '../../doors/door/schema.js';
import {
  InfoRequest,
  JobsStatusRequest,
  JobStatusRequest,
  Mp3Request,
  Mp4Request,
} from './media-request.js';

const NUMBER = { type: 'number' };

const SAID: JsonObject = { type: 'object', properties: { message: TEXT }, required: ['message'] };
const REFUSALS = {
  401: json<object>('The credential is missing or wrong', SAID),
  403: json<object>('Media are switched off, or not for this caller', SAID),
};
const FAILED: JsonObject = { type: 'object', properties: { error: TEXT } };
const DOWN = {
  404: json<object>('There is no such video, or it is not available', FAILED),
  408: json<object>('It took too long', FAILED),
  413: json<object>('It is longer than MEDIA_MAX_BYTES', FAILED),
  500: json<object>('The downloader failed several times', FAILED),
  502: json<object>('It could not be fetched', FAILED),
  503: json<object>('The downloader does not answer', FAILED),
};

/** A limit of the caller, or a queue that is full. */
const BUSY: JsonObject = {
  type: 'object',
  properties: {
    success: { const: false },
    error: TEXT,
    message: TEXT,
    retryAfter: { ...WHOLE, description: 'Seconds' },
    code: { const: 429 },
    job_id: TEXT,
  },
};

const ENVELOPE: JsonObject = {
  type: 'object',
  properties: {
    code: WHOLE,
    id: { type: ['string', 'null'], description: "The caller's own name for it" },
    job_id: { type: 'string', format: 'uuid' },
    response: { description: 'What was asked for, with the code 200' },
    message: { description: '"success", "processing", or why not' },
    run_time: { ...NUMBER, description: 'Seconds' },
    queue_time: { ...NUMBER, description: 'Seconds' },
    total_time: { ...NUMBER, description: 'Seconds' },
    pid: WHOLE,
    queue_id: WHOLE,
    queue_length: WHOLE,
    max_queue_length: { type: ['integer', 'string'] },
    build_number: WHOLE,
  },
  required: ['code', 'id', 'job_id', 'message', 'pid', 'queue_id', 'queue_length', 'build_number'],
};

const SERVICE: JsonObject = {
  type: 'object',
  properties: {
    service: TEXT,
    version: TEXT,
    microservice_url: TEXT,
    microservice_healthy: { type: 'boolean' },
    microservice_info: { type: 'object' },
    endpoints: { type: 'object', additionalProperties: TEXT },
    configuration: {
      type: 'object',
      properties: { timeout: NUMBER, retry_attempts: WHOLE, retry_delay: NUMBER },
    },
  },
};

const HEALTH: JsonObject = {
  type: 'object',
  properties: {
    status: { const: 'healthy' },
    microservice: { type: 'object' },
    url: TEXT,
    timeout: NUMBER,
  },
};

const UNHEALTHY: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['unhealthy', 'unavailable'] },
    error: TEXT,
    url: TEXT,
  },
};

/** Refusals of the routes that take a body. */
const BODY_REFUSALS = {
  ...REFUSALS,
  400: json<object>('A field is wrong, or missing', SAID),
  429: json<object>('Not now', BUSY),
};

/** A download. */
function file(type: string): Answer<object> {
  const header = { schema: TEXT };
  return {
    description: 'The file, as it comes; a connection that is cut is a file cut short',
    headers: {
      'content-disposition': header,
      'x-video-title': header,
      'x-video-duration': header,
    },
    content: { [type]: { schema: { type: 'string', format: 'binary' } } },
  };
}

/** A body that the handler reads itself, in the form of the earlier toolkit. */
function takes(type: FieldClass, required = true): JsonObject {
  return { required, content: { 'application/json': { schema: schemaOf(type) } } };
}

/** What all routes of media have in common. They have keys of their own, which the handler reads. */
const MEDIA = {
  tag: 'Media',
  needs: 'public',
  refusesAs: 'media',
  security: [{ mediaKey: [] }, { callerToken: ['execute_actions'] }],
} as const;

export const MEDIA_ROOT = '/v1/media/youtube';

/** The routes of media. They are in the contract also while media are off. */
export const MEDIA_ROUTES = {
  describe: {
    ...MEDIA,
    id: 'describeMedia',
    method: 'GET',
    path: MEDIA_ROOT,
    summary: 'Describe the downloader and its state',
    answers: { 200: json<object>('How it is', SERVICE), ...REFUSALS },
  },
  health: {
    ...MEDIA,
    id: 'checkMedia',
    method: 'GET',
    path: `${MEDIA_ROOT}/health`,
    summary: 'Tell whether media can be fetched',
    answers: {
      200: json<object>('They can', HEALTH),
      503: json<object>('They cannot now', UNHEALTHY),
      ...REFUSALS,
    },
  },
  info: {
    ...MEDIA,
    id: 'tellMediaInfo',
    method: 'POST',
    path: `${MEDIA_ROOT}/info`,
    summary: 'Tell of a video; with webhook_url, later and there',
    rawBody: takes(InfoRequest),
    answers: {
      200: json<object>('What is known of it', ENVELOPE),
      202: json<object>('It waits in the queue', ENVELOPE),
      ...BODY_REFUSALS,
      ...DOWN,
    },
  },
  mp3: {
    ...MEDIA,
    id: 'downloadSound',
    method: 'POST',
    path: `${MEDIA_ROOT}/mp3`,
    summary: 'Download the sound of a video',
    rawBody: takes(Mp3Request),
    answers: { 200: file('audio/mpeg'), ...BODY_REFUSALS, ...DOWN },
  },
  mp4: {
    ...MEDIA,
    id: 'downloadFilm',
    method: 'POST',
    path: `${MEDIA_ROOT}/mp4`,
    summary: 'Download a video',
    rawBody: takes(Mp4Request),
    answers: { 200: file('video/mp4'), ...BODY_REFUSALS, ...DOWN },
  },
  job: {
    ...MEDIA,
    id: 'tellJob',
    method: 'POST',
    path: '/v1/toolkit/job/status',
    summary: "Tell how a job of one's own stands",
    rawBody: takes(JobStatusRequest),
    answers: {
      200: json<object>('How it stands', ENVELOPE),
      ...BODY_REFUSALS,
      404: json<object>('This caller has no such job', ENVELOPE),
    },
  },
  jobs: {
    ...MEDIA,
    id: 'listJobs',
    method: 'POST',
    path: '/v1/toolkit/jobs/status',
    summary: "Tell how one's own jobs of late stand",
    rawBody: takes(JobsStatusRequest, false),
    answers: { 200: json<object>('States by the ids of jobs', ENVELOPE), ...BODY_REFUSALS },
  },
} as const;
