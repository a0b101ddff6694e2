import type { EarlierAnswer, EarlierFact } from './fact.js';

const ROOT = '/v1/media/youtube';
const video = (id: string): object => ({ url: `https://www.youtube.com/watch?v=${id}` });

function ask(
  at: string,
  what: string,
  body: unknown,
  was: EarlierAnswer,
  more: Partial<Pick<EarlierFact, 'now'>> & { token?: string | null } = {},
): EarlierFact {
  const { token = 'media key', ...rest } = more;
  return { service: 'toolkit', door: 'REST', at, what, asked: { body, token }, was, ...rest };
}

const UNAUTHORIZED = { status: 401, body: { message: 'Unauthorized' } };
const NO_JSON = { status: 400, body: { message: 'Missing JSON in request' } };
const WRONG = { status: 400, body: { message: '~^Invalid payload: ' } };

export const TOOLKIT_FACTS: readonly EarlierFact[] = [
  ask(`GET ${ROOT}`, 'what it offers', undefined, {
    status: 200,
    body: {
      service: 'YouTube Integration',
      version: '1.0.0',
      microservice_url: '<text>',
      microservice_healthy: true,
      microservice_info: { service: 'youtube-downloader', endpoints: '<any>' },
      endpoints: {
        [ROOT]: 'GET - Service information',
        [`${ROOT}/health`]: 'GET - Health check',
        [`${ROOT}/info`]: 'POST - Get video information',
        [`${ROOT}/mp3`]: 'POST - Download audio as MP3 (streaming)',
        [`${ROOT}/mp4`]: 'POST - Download video as MP4 (streaming)',
      },
      configuration: { timeout: '<number>', retry_attempts: 3, retry_delay: '<number>' },
    },
  }),
  ask(`GET ${ROOT}`, 'without a key', undefined, UNAUTHORIZED, { token: null }),
  ask(`GET ${ROOT}/health`, 'a downloader that is well', undefined, {
    status: 200,
    body: { status: 'healthy', microservice: '<any>', url: '<text>', timeout: '<number>' },
  }),
  ask(`GET ${ROOT}/health`, 'without a key', undefined, UNAUTHORIZED, { token: null }),
  ask(`POST ${ROOT}/info`, 'a video', video('ok-fact'), {
    status: 200,
    body: {
      code: 200,
      job_id: '<id>',
      message: 'success',
      response: { success: true, data: { videoId: 'ok-fact' } },
      run_time: '<number>',
      queue_time: 0,
      total_time: '<number>',
      pid: '<number>',
      queue_id: '<number>',
      queue_length: '<number>',
      build_number: '<number>',
    },
  }),
  ask(
    `POST ${ROOT}/info`,
    'an id of the caller',
    { ...video('ok-id'), id: 'mine' },
    { status: 200, body: { code: 200, id: 'mine' } },
  ),
  ask(
    `POST ${ROOT}/info`,
    'an empty receiver, which lets it wait',
    { ...video('ok-wait'), webhook_url: '' },
    {
      status: 202,
      body: {
        code: 202,
        job_id: '<id>',
        message: 'processing',
        max_queue_length: 'unlimited',
        queue_length: '<number>',
        pid: '<number>',
        queue_id: '<number>',
        build_number: '<number>',
      },
    },
  ),
  ask(
    `POST ${ROOT}/info`,
    'a receiver inside of the network',
    { ...video('ok-in'), webhook_url: 'http://10.0.0.7/hook' },
    { status: 202, body: { code: 202 } },
    {
      now: {
        verdict: 'deliberate',
        why: 'Any address was posted to; name receivers inside of the network, or on http:, in CALLBACK_RECEIVERS.',
        answer: WRONG,
      },
    },
  ),
  ask(`POST ${ROOT}/info`, 'a video that is gone', video('gone-fact'), {
    status: 404,
    body: { code: 404, response: null, message: { success: false, error: 'Video not found' } },
  }),
  ask(`POST ${ROOT}/info`, 'a downloader that answers 500 always', video('down-fact'), {
    status: 503,
    body: {
      code: 503,
      response: null,
      message: 'YouTube service unavailable: YouTube microservice unavailable after 3 attempts',
    },
  }),
  ask(`POST ${ROOT}/info`, 'an empty object', {}, NO_JSON),
  ask(`POST ${ROOT}/info`, 'without an address', { id: 'x' }, WRONG),
  ask(`POST ${ROOT}/info`, 'a member that is not known', { ...video('ok'), x: 1 }, WRONG),
  ask(`POST ${ROOT}/info`, 'without a key', video('ok'), UNAUTHORIZED, { token: null }),
  ask(`POST ${ROOT}/mp3`, 'an empty object', {}, NO_JSON),
  ask(`POST ${ROOT}/mp3`, 'a video that is gone', video('gone-mp3'), {
    status: 404,
    body: { success: false, error: 'Video not found' },
  }),
  ask(`POST ${ROOT}/mp3`, 'a downloader that answers 500 always', video('down-mp3'), {
    status: 503,
    body: {
      error: 'YouTube service unavailable: YouTube microservice unavailable after 3 attempts',
    },
  }),
  ask(`POST ${ROOT}/mp3`, 'without a key', video('ok'), UNAUTHORIZED, { token: null }),
  ask(`POST ${ROOT}/mp4`, 'an empty object', {}, NO_JSON),
  ask(`POST ${ROOT}/mp4`, 'a member that is not known', { ...video('ok'), x: 1 }, WRONG),
  ask(`POST ${ROOT}/mp4`, 'without a key', video('ok'), UNAUTHORIZED, { token: null }),
  ask(
    'POST /v1/toolkit/job/status',
    'a job that there is not',
    { job_id: 'nothing' },
    { status: 404, body: { code: 404 } },
  ),
  ask(
    'POST /v1/toolkit/jobs/status',
    'the jobs of late',
    { since_seconds: 600 },
    { status: 200, body: { code: 200, message: 'success', response: '<any>' } },
  ),
];
