import type { JsonObject } from '../../actions/json.js';
import { type Answer, json } from '../door/route.js';
import { TEXT, WHOLE } from '../door/schema.js';

const NUMBER = { type: 'number' };

const SAID: JsonObject = { type: 'object', properties: { message: TEXT }, required: ['message'] };
const REFUSALS = {
  401: json<object>('The credential is missing or wrong', SAID),
  403: json<object>('Media are switched off, or not for this caller', SAID),
};
const FAILED: JsonObject = { type: 'object', properties: { error: TEXT } };
export const DOWN = {
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

export const ENVELOPE: JsonObject = {
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

export const SERVICE: JsonObject = {
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

export const HEALTH: JsonObject = {
  type: 'object',
  properties: {
    status: { const: 'healthy' },
    microservice: { type: 'object' },
    url: TEXT,
    timeout: NUMBER,
  },
};

export const UNHEALTHY: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['unhealthy', 'unavailable'] },
    error: TEXT,
    url: TEXT,
  },
};

/** What all routes of media have in common. They have keys of their own, which the handler reads. */
export const MEDIA = {
  tag: 'Media',
  needs: 'public',
  refusesAs: 'media',
  security: [{ mediaKey: [] }, { callerToken: ['execute_actions'] }],
} as const;

/** Refusals of all of them. */
export const MEDIA_REFUSALS = REFUSALS;

/** Refusals of those that take a body. */
export const BODY_REFUSALS = {
  ...REFUSALS,
  400: json<object>('A field is wrong, or missing', SAID),
  429: json<object>('Not now', BUSY),
};

/** A download. */
export function file(type: string): Answer<object> {
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
