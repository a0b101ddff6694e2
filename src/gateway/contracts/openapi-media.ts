import { describeFields, type FieldClass } from '../../actions/fields.js';
import type { JsonObject } from '../../actions/json.js';
import {
  InfoRequest,
  JobsStatusRequest,
  JobStatusRequest,
  Mp3Request,
  Mp4Request,
} from '../../media/media-request.js';
import { allowNull, toJson } from './openapi-schemas.js';

/** The tag of these routes, and what it says. */
export const MEDIA_TAG: JsonObject = {
  name: 'Media',
  description:
    "Media of YouTube in the form of the earlier toolkit; switched off unless ENABLE_MEDIA is set, since downloading conflicts with YouTube's terms of service",
};

/** How callers of media say who they are: either will do. */
export const MEDIA_SECURITY_SCHEME: JsonObject = {
  type: 'apiKey',
  in: 'header',
  name: 'X-API-Key',
  description: 'MEDIA_API_KEY, or the key of a caller with the permission execute_actions',
};

const SECURITY = [{ mediaKey: [] }, { callerToken: ['execute_actions'] }];

/** The routes of media. */
export function describeMediaPaths(): JsonObject {
  return {
    '/v1/media/youtube': {
      get: describe('describeMedia', 'Tell who fetches media, and how it is', {
        200: answer('How it is', SERVICE),
      }),
    },
    '/v1/media/youtube/health': {
      get: describe('checkMedia', 'Tell whether media can be fetched', {
        200: answer('They can', HEALTH),
        503: answer('They cannot now', UNHEALTHY),
      }),
    },
    '/v1/media/youtube/info': {
      post: take(
        'tellMediaInfo',
        'Tell of a video; with webhook_url, later and there',
        InfoRequest,
        {
          200: answer('What is known of it', ENVELOPE),
          202: answer('It waits in the queue', ENVELOPE),
          ...DOWN,
        },
      ),
    },
    '/v1/media/youtube/mp3': {
      post: take('downloadSound', 'Download the sound of a video', Mp3Request, {
        200: file('audio/mpeg'),
        ...DOWN,
      }),
    },
    '/v1/media/youtube/mp4': {
      post: take('downloadFilm', 'Download a video', Mp4Request, {
        200: file('video/mp4'),
        ...DOWN,
      }),
    },
    '/v1/toolkit/job/status': {
      post: take('tellJob', "Tell how a job of one's own stands", JobStatusRequest, {
        200: answer('How it stands', ENVELOPE),
        404: answer('This caller has no such job', ENVELOPE),
      }),
    },
    '/v1/toolkit/jobs/status': {
      post: take('listJobs', "Tell how one's own jobs of late stand", JobsStatusRequest, {
        200: answer('States by the ids of jobs', ENVELOPE),
      }),
    },
  };
}

function describe(operationId: string, summary: string, responses: JsonObject): JsonObject {
  return {
    operationId,
    tags: ['Media'],
    summary,
    security: SECURITY,
    responses: { ...responses, ...NOES },
  };
}

function take(
  operationId: string,
  summary: string,
  type: FieldClass,
  responses: JsonObject,
): JsonObject {
  const schema = toJson(allowNull(describeFields(type)));
  const limits = {
    400: answer('A field is wrong, or missing', SAID),
    429: answer('Not now', BUSY),
  };
  return {
    ...describe(operationId, summary, { ...limits, ...responses }),
    requestBody: { required: true, content: { 'application/json': { schema } } },
  };
}

function answer(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } };
}

function file(type: string): JsonObject {
  const text = { schema: { type: 'string' } };
  return {
    description: 'The file, as it comes; a connection that is cut is a file cut short',
    headers: { 'content-disposition': text, 'x-video-title': text, 'x-video-duration': text },
    content: { [type]: { schema: { type: 'string', format: 'binary' } } },
  };
}

const TEXT = { type: 'string' };
const WHOLE = { type: 'integer' };
const NUMBER = { type: 'number' };

const SAID: JsonObject = { type: 'object', properties: { message: TEXT }, required: ['message'] };
const NOES: JsonObject = {
  401: answer('Nobody is let in with this', SAID),
  403: answer('Media are switched off, or not for this caller', SAID),
};
const FAILED: JsonObject = { type: 'object', properties: { error: TEXT } };
const DOWN: JsonObject = {
  404: answer('There is no such video, or nobody may have it', FAILED),
  408: answer('It took too long', FAILED),
  413: answer('It is longer than MEDIA_MAX_BYTES', FAILED),
  500: answer('Who fetches media met a fault, several times', FAILED),
  502: answer('It could not be fetched', FAILED),
  503: answer('Who fetches media is away', FAILED),
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
