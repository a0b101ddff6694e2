// Real: gateway processes, PostgreSQL, the egress guard. Fake: the downloader service, with state, and
// the receiver of webhooks.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { FakeDownloader } from '../support/fake-downloader.js';
import { callRest, type GatewayProcess, makeToken, type RestAnswer } from '../support/gateway.js';

const KEY = 'a-key-for-media-callers';
const MAX_BYTES = 510 * 1024 * 1024;

let fake: FakeDownloader;
let cluster: Cluster;

beforeAll(async () => {
  fake = await FakeDownloader.start();
  cluster = await Cluster.open(2, {
    ENABLE_MEDIA: 'true',
    MEDIA_API_KEY: KEY,
    YOUTUBE_SERVICE_URL: fake.url,
    YOUTUBE_SERVICE_TIMEOUT: '2',
    YOUTUBE_RETRY_DELAY: '0.05',
    MEDIA_MAX_BYTES: String(MAX_BYTES),
    MEDIA_INFO_PER_MINUTE: '1000',
    MEDIA_DOWNLOADS_PER_FIVE_MINUTES: '1000',
    MAX_QUEUE_LENGTH: '3',
  });
});

beforeEach(() => {
  fake.isSick = false;
  fake.release();
});

afterAll(async () => {
  await cluster?.close();
  await fake?.close();
});

const gatewayOf = (turn: number): GatewayProcess => cluster.pick(turn).gateway;
const video = (id: string): string => `https://www.youtube.com/watch?v=${id}`;

/** Asks a route of media; `key: null` sends none. */
function ask(
  method: string,
  path: string,
  body?: unknown,
  { key = KEY, turn = 0, token }: { key?: string | null; turn?: number; token?: string } = {},
): Promise<RestAnswer> {
  return callRest(gatewayOf(turn), method, path, body, {
    token: token ?? null,
    headers: key === null ? {} : { 'x-api-key': key },
  });
}

const unavailable = (attempts: number): string =>
  `YouTube service unavailable: YouTube microservice unavailable after ${attempts} attempts`;
const info = (body: object, turn = 0): Promise<RestAnswer> =>
  ask('POST', '/v1/media/youtube/info', body, { turn });

/** Puts a job in the queue that runs until the fake is released. */
const enqueueSlow = (n: number): Promise<RestAnswer> =>
  info({ url: video(`slow-full-${n}`), webhook_url: '', id: `n${n}` }, n);

/** A download whose bytes are read as the test wants them. */
async function openDownload(kind: string, id: string, turn = 0): Promise<IncomingMessage> {
  const request = requestHttp(`${gatewayOf(turn).restUrl}/v1/media/youtube/${kind}`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'x-api-key': KEY },
  });
  request.end(JSON.stringify({ url: video(id) }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

const sentOf = (id: string): number => fake.about(id)[0]?.sent ?? 0;

/** Bytes of memory that a process has now (VmRSS), or had at most (VmHWM). */
function readMemory(pid: number | undefined, what: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1_024;
}

/** Reads to the end, or to the cut; keeps no bytes. */
async function drain(response: IncomingMessage): Promise<{ bytes: number; isWhole: boolean }> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.once('close', resolve));
  return { bytes, isWhole: response.complete };
}

/** The status for a token of these claims. */
async function lookWith(claims: Record<string, unknown>): Promise<number> {
  const token = makeToken(claims);
  return (await ask('GET', '/v1/media/youtube', undefined, { key: null, token })).status;
}

async function askStatus(jobId: string, turn: number): Promise<Record<string, unknown>> {
  const { body } = await ask('POST', '/v1/toolkit/job/status', { job_id: jobId }, { turn });
  return (body as unknown as { response: Record<string, unknown> }).response;
}

const whenDone = (jobId: string, turn: number): Promise<Record<string, unknown>> =>
  eventually(
    () => askStatus(jobId, turn),
    (found) => found?.['job_status'] === 'done',
  );

describe('who may have media', () => {
  it('refuses requests without a key, or with a wrong one', async () => {
    for (const key of [null, 'wrong', '', `${KEY}x`, 'agk_nobody_' + 'a'.repeat(43)]) {
      const { status, body } = await ask('GET', '/v1/media/youtube', undefined, { key });
      expect({ status, body }).toEqual({ status: 401, body: { message: 'Unauthorized' } });
    }
  });

  it('lets named callers and tokens in, within their bounds', async () => {
    const id = `media-${randomUUID().slice(0, 8)}`;
    const { body } = await callRest(gatewayOf(0), 'POST', '/api/v1/callers', {
      id,
      permissions: ['execute_actions'],
    });
    const key = (body as unknown as { key: string }).key;
    await eventually(
      () => ask('GET', '/v1/media/youtube', undefined, { key, turn: 1 }),
      ({ status }) => status === 200,
    );
    expect(await lookWith({})).toBe(200);
    expect(await lookWith({ platforms: ['youtube'] })).toBe(200);
    expect(await lookWith({ permissions: ['read_audit'] })).toBe(403);
    expect(await lookWith({ platforms: ['twitch'] })).toBe(403);
    expect(await lookWith({ actions: ['twitch.chat_message'] })).toBe(403);
    expect(await lookWith({ exp: 1 })).toBe(401);
  });
});

describe('what the back end says of itself', () => {
  it('is told with the five endpoints and the configuration', async () => {
    const { status, body } = await ask('GET', '/v1/media/youtube');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      microservice_url: fake.url,
      microservice_healthy: true,
      microservice_info: { service: 'youtube-downloader', endpoints: {} },
      configuration: { timeout: 2, retry_attempts: 3, retry_delay: 0.05 },
    });
    expect(Object.keys(body['endpoints'] ?? {})).toHaveLength(5);
  });

  it('is 200 when it is well and 503 when it is not', async () => {
    const well = await ask('GET', '/v1/media/youtube/health');
    expect(well.status).toBe(200);
    expect(well.body).toMatchObject({ status: 'healthy', url: fake.url, timeout: 2 });
    fake.isSick = true;
    const sick = await ask('GET', '/v1/media/youtube/health');
    expect(sick.status).toBe(503);
    expect(sick.body).toEqual({
      status: 'unhealthy',
      error: 'Service returned 500',
      url: fake.url,
    });
  });
});

describe('what is wrong with a request', () => {
  const ROUTES = ['/info', '/mp3', '/mp4'] as const;

  it.each(ROUTES)('is told in the old form (%s)', async (route) => {
    const before = fake.asked.length;
    const path = `/v1/media/youtube${route}`;
    for (const body of ['', '{', 'null', '[]', '{}', '"text"']) {
      const answer = await ask('POST', path, body);
      expect([body, answer.status, answer.body]).toEqual([
        body,
        400,
        { message: 'Missing JSON in request' },
      ]);
    }
    const wrong: readonly [object, RegExp][] = [
      [{ id: 'x' }, /^Invalid payload: url is missing/],
      [{ url: 5 }, /^Invalid payload: url must be text/],
      [{ url: video('ok'), more: 1 }, /^Invalid payload: more is not known here/],
      [{ url: 'nonsense' }, /^Invalid payload: url must be a URL/],
      [{ url: 'file:///etc/passwd' }, /^Invalid payload: url must be a URL/],
      [{ url: 'https://example.com/watch' }, /url must be of one of the hosts www\.youtube\.com/],
      [{ url: 'https://youtube.com.evil.example/' }, /one of the hosts/],
      [{ url: 'http://127.0.0.1/' }, /one of the hosts/],
      [{ url: 'https://www.youtube.com:8443/' }, /must not name a port/],
      [{ url: 'https://a:b@youtu.be/x' }, /must not hold a user name/],
      [{ url: video('ok'), webhook_url: null }, /webhook_url must be text/],
      [{ url: video('ok'), id: 7 }, /id must be text/],
    ];
    for (const [body, says] of wrong) {
      const answer = await ask('POST', path, body);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(String(answer.body['message'])).toMatch(says);
    }
    expect(fake.asked).toHaveLength(before);
  });

  it('is a quality that there is not', async () => {
    const path = '/v1/media/youtube/mp3';
    const { status, body } = await ask('POST', path, { url: video('ok'), quality: '720p' });
    expect(status).toBe(400);
    expect(String(body['message'])).toMatch(
      /^Invalid payload: quality must be one of highestaudio/,
    );
  });

  it.each(['https://127.0.0.1/x', 'http://example.com/x', 'https://10.0.0.1/', 'nonsense'])(
    'is a webhook inside the house (%s)',
    async (webhook_url) => {
      const { status, body } = await info({ url: video('ok'), webhook_url });
      expect(status).toBe(400);
      expect(String(body['message'])).toMatch(/^Invalid payload: webhook_url: /);
    },
  );
});

describe('a question about a video', () => {
  it('is answered in an envelope, and its job is known to every replica', async () => {
    const { status, body } = await info({ url: video('ok-sync'), id: 'mine' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      code: 200,
      id: 'mine',
      response: { success: true, data: { videoId: 'ok-sync' } },
      message: 'success',
      queue_time: 0,
      pid: gatewayOf(0).process.pid,
      queue_length: 0,
    });
    for (const name of ['run_time', 'total_time', 'queue_id', 'build_number'])
      expect(body[name]).toBeTypeOf('number');
    const jobId = String(body['job_id']);
    for (const turn of [0, 1])
      expect(await askStatus(jobId, turn)).toMatchObject({
        job_status: 'done',
        job_id: jobId,
        process_id: gatewayOf(0).process.pid,
        response: { code: 200, id: 'mine', response: { data: { videoId: 'ok-sync' } } },
      });
  });

  it('is not asked again where the answer is a no', async () => {
    const { status, body } = await info({ url: video('gone-1') });
    expect(status).toBe(404);
    expect(body).toMatchObject({
      code: 404,
      response: null,
      message: { success: false, error: 'Video not found' },
    });
    expect(fake.about('gone-1')).toHaveLength(1);
  });

  it('is asked again while the service is out of order', async () => {
    expect((await info({ url: video('flaky-1') })).status).toBe(200);
    expect(fake.about('flaky-1')).toHaveLength(3);
    const down = await info({ url: video('down-1') });
    expect(down.status).toBe(503);
    expect(down.body['message']).toBe(unavailable(3));
    expect(fake.about('down-1')).toHaveLength(3);
    const reset = await info({ url: video('reset-1') });
    expect(reset.status).toBe(503);
    expect(reset.body).toMatchObject({ code: 503, message: unavailable(3) });
    expect(fake.about('reset-1')).toHaveLength(3);
  });

  it('has an end where the service has none, or speaks nonsense', async () => {
    const silent = await info({ url: video('silent-1') });
    expect(silent.status).toBe(503);
    expect(silent.body['message']).toBe(unavailable(3));
    expect((await info({ url: video('babble-1') })).status).toBe(502);
  });

  it('stops at the service when its caller goes away', async () => {
    const gone = new AbortController();
    const asked = callRest(
      gatewayOf(0),
      'POST',
      '/v1/media/youtube/info',
      { url: video('silent-2') },
      { token: null, headers: { 'x-api-key': KEY }, signal: gone.signal },
    );
    await eventually(
      () => fake.about('silent-2'),
      (seen) => seen.length === 1,
    );
    gone.abort();
    await expect(asked).rejects.toThrow(/abort/i);
    await eventually(
      () => fake.about('silent-2')[0]?.ended,
      (ended) => ended === 'cut',
    );
    // Stopped, and not only given up after its time.
    await eventually(
      () => cluster.query(`SELECT code FROM media_jobs WHERE url LIKE '%silent-2'`),
      ([job]) => job?.['code'] === 499,
    );
    expect(fake.about('silent-2')).toHaveLength(1);
  });
});

describe('a job in the queue', () => {
  it('is taken with 202 and tells its webhook, signed, what came of it', async () => {
    const webhook_url = `${cluster.sandbox.url}/sandbox/callbacks`;
    const { status, body } = await info({ url: video('ok-hook'), webhook_url, id: 'h1' });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      code: 202,
      id: 'h1',
      message: 'processing',
      max_queue_length: 3,
    });
    const jobId = String(body['job_id']);
    const told = await eventually(
      async () => {
        const { callbacks } = await cluster.sandbox.control<{
          callbacks: { body: string; headers: Record<string, string> }[];
        }>('GET', '/sandbox/callbacks');
        return callbacks.find((one) => one.body.includes(jobId));
      },
      (found) => found !== undefined,
    );
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      endpoint: '/v1/media/youtube/info',
      code: 200,
      id: 'h1',
      job_id: jobId,
      message: 'success',
      response: { data: { videoId: 'ok-hook' } },
    });
    expect(told?.headers['webhook-id']).toBe(jobId);
    expect(told?.headers['webhook-signature']).toMatch(/^v1,/);
  });

  it('is delivered again until it is taken', async () => {
    await cluster.sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'POST', path: '/sandbox/callbacks' },
      times: 1,
      fault: { kind: 'status', status: 500 },
    });
    const webhook_url = `${cluster.sandbox.url}/sandbox/callbacks`;
    const { body } = await info({ url: video('ok-again'), webhook_url });
    const read = async (): Promise<Record<string, unknown> | undefined> =>
      (
        await cluster.query(
          `SELECT webhook_state AS state, webhook_tries AS tries, webhook_error AS error
           FROM media_jobs WHERE id = '${String(body['job_id'])}'`,
        )
      )[0];
    await eventually(read, (row) => row?.['error'] === 'It answered 500');
    await cluster.query(
      `UPDATE media_jobs SET webhook_next_at = now() WHERE webhook_state = 'due'`,
    );
    const row = await eventually(read, (found) => found?.['state'] === 'delivered');
    expect(row?.['tries']).toBe(2);
  });

  it('needs no webhook that is a place', async () => {
    const { status, body } = await info({ url: video('ok-mute'), webhook_url: '' });
    expect(status).toBe(202);
    const done = await whenDone(String(body['job_id']), 1);
    expect(done['response']).toMatchObject({ code: 200, endpoint: '/v1/media/youtube/info' });
  });

  it('finds no place in a queue that is full', async () => {
    fake.hold();
    // Four run on each of the two replicas, three wait.
    for (let n = 0; n < 8; n += 1) {
      expect((await enqueueSlow(n)).status).toBe(202);
      await eventually(
        () => cluster.query(`SELECT 1 FROM media_jobs WHERE state = 'queued'`),
        (rows) => rows.length === 0,
      );
    }
    for (let n = 8; n < 11; n += 1) expect((await enqueueSlow(n)).status).toBe(202);
    const full = await enqueueSlow(11);
    expect(full.status).toBe(429);
    expect(full.body).toMatchObject({
      code: 429,
      id: 'n11',
      message: 'MAX_QUEUE_LENGTH (3) reached',
      queue_length: 3,
    });
    fake.release();
    const open = `SELECT 1 FROM media_jobs WHERE state <> 'done'`;
    await eventually(
      () => cluster.query(open),
      (rows) => rows.length === 0,
    );
  });

  it('is told of to its own caller alone', async () => {
    const { body } = await info({ url: video('ok-mine'), webhook_url: '' });
    const job_id = String(body['job_id']);
    await whenDone(job_id, 1);
    const token = makeToken({ sub: 'somebody-else' });
    const status = '/v1/toolkit/job/status';
    const other = await ask('POST', status, { job_id }, { key: null, token });
    expect(other.status).toBe(404);
    expect(other.body).toMatchObject({
      code: 404,
      response: null,
      message: { error: 'Job not found', job_id },
    });
    expect((await ask('POST', status, { job_id: '../../etc/passwd' })).status).toBe(404);
    const list = '/v1/toolkit/jobs/status';
    const mine = await ask('POST', list, { since_seconds: 60 });
    expect(mine.body).toMatchObject({ code: 200, response: { [job_id]: 'done' } });
    const theirs = await ask('POST', list, {}, { key: null, token });
    expect(theirs.body).toMatchObject({ code: 200, response: {} });
    expect((await ask('POST', list, { since_seconds: -1 })).status).toBe(400);
  });

  it('is taken up by another replica when its own is killed, and one with a waiting caller ends', async () => {
    const doomed = await cluster.join();
    const pid = doomed.gateway.process.pid;
    fake.hold();
    // Whoever waited is cut off with the replica.
    const waiting = callRest(
      doomed.gateway,
      'POST',
      '/v1/media/youtube/info',
      { url: video('slow-cut') },
      { token: null, headers: { 'x-api-key': KEY } },
    ).catch((error: Error) => error);
    const mine = `SELECT id, url FROM media_jobs WHERE state = 'running' AND replica_id IN
      (SELECT id FROM replicas WHERE pid = ${pid})`;
    // Jobs are put in until the doomed replica has taken one.
    for (let n = 0; n < 40; n += 1) {
      await callRest(
        doomed.gateway,
        'POST',
        '/v1/media/youtube/info',
        { url: video(`slow-dies-${n}`), webhook_url: '' },
        { token: null, headers: { 'x-api-key': KEY } },
      );
      const held = await cluster.query<{ url: string }>(mine);
      if (held.length > 1) break;
    }
    const held = await cluster.query<{ id: string; url: string }>(mine);
    expect(held.length).toBeGreaterThan(1);
    cluster.replicas.splice(cluster.replicas.indexOf(doomed), 1);
    await doomed.gateway.stop('SIGKILL');
    doomed.grpc.close();
    expect(await waiting).toBeInstanceOf(Error);
    fake.release();
    const idsOf = (isSync: boolean): string[] =>
      held.flatMap(({ id, url }) => (url.includes('slow-cut') === isSync ? [id] : []));
    expect(await Promise.all(idsOf(true).map((id) => whenDone(id, 1)))).toEqual([
      expect.objectContaining({
        response: expect.objectContaining({
          code: 500,
          response: null,
          message: { error: 'The gateway was cut off while it worked on this job: ask again' },
        }),
      }),
    ]);
    for (const id of idsOf(false)) {
      const { process_id, response } = await whenDone(id, 1);
      expect(process_id).not.toBe(pid);
      expect(response).toMatchObject({ code: 200 });
    }
  });
});

describe('a download', () => {
  it('is streamed with the headers that callers know, and no others', async () => {
    const response = await openDownload('mp3', 'ok-mp3');
    expect(response.statusCode).toBe(200);
    expect(response.headers).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-disposition': 'attachment; filename="a.mp3"',
      'x-video-title': 'Caf\u00e9',
      'x-video-duration': '12',
    });
    expect(response.headers['x-secret']).toBeUndefined();
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('the highestaudio bytes');
    const [asked] = fake.about('ok-mp3');
    expect(asked?.headers['user-agent']).toBe('Sync-Scribe-Studio-API/1.0');
    expect(asked?.body).toEqual({ url: video('ok-mp3'), quality: 'highestaudio' });
  });

  it('passes a no on, and is tried again only while nothing was passed on', async () => {
    const gone = await ask('POST', '/v1/media/youtube/mp4', { url: video('gone-2') });
    expect(gone.status).toBe(404);
    expect(gone.body).toMatchObject({ error: 'Video not found' });
    const flaky = await openDownload('mp4', 'flaky-2');
    expect([flaky.statusCode, (await drain(flaky)).isWhole]).toEqual([200, true]);
    expect(fake.about('flaky-2')).toHaveLength(3);
    const down = await ask('POST', '/v1/media/youtube/mp4', { url: video('down-2') });
    expect(down.status).toBe(503);
    const reset = await ask('POST', '/v1/media/youtube/mp4', { url: video('reset-2') });
    expect(reset.status).toBe(503);
    // What takes too long is under way there; a second one would be a second download.
    const silent = await ask('POST', '/v1/media/youtube/mp4', { url: video('silent-3') });
    expect(silent.status).toBe(503);
    expect(fake.about('silent-3')).toHaveLength(1);
  });

  it.each(['short-1', 'stuck-1'])('that breaks off ends its connection (%s)', async (id) => {
    const response = await openDownload('mp3', id);
    expect(response.statusCode).toBe(200);
    expect((await drain(response)).isWhole).toBe(false);
    expect(fake.about(id)).toHaveLength(1);
  });

  it('that has no end is cut off', async () => {
    const response = await openDownload('mp4', 'endless-1');
    const { bytes, isWhole } = await drain(response);
    expect(isWhole).toBe(false);
    expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
    await eventually(
      () => fake.about('endless-1')[0]?.ended,
      (ended) => ended === 'cut',
    );
  });

  it('waits for its reader, and stops at the service when the reader goes away', async () => {
    const response = await openDownload('mp4', 'endless-2');
    expect(response.statusCode).toBe(200);
    response.on('error', () => undefined);
    await once(response, 'readable');
    // Nobody reads on: it comes to a halt, with no more on its way than sockets hold.
    let before = -1;
    await eventually(
      () => {
        const isStill = sentOf('endless-2') === before;
        before = sentOf('endless-2');
        return isStill;
      },
      (isStill) => isStill,
      { everyMs: 500 },
    );
    expect(sentOf('endless-2')).toBeLessThan(64 * 1024 * 1024);
    response.destroy();
    await eventually(
      () => fake.about('endless-2')[0]?.ended,
      (ended) => ended === 'cut',
    );
  });

  it('of 500 MB leaves the memory as it was', async () => {
    const bytes = 500 * 1024 * 1024;
    // A gateway of its own: nothing that came before has set its peak.
    const fresh = await cluster.join();
    const at = cluster.replicas.indexOf(fresh);
    try {
      const { pid } = fresh.gateway.process;
      await drain(await openDownload('mp4', 'big-1000', at));
      const before = readMemory(pid, 'VmRSS');
      expect(await drain(await openDownload('mp4', `big-${bytes}`, at))).toEqual({
        bytes,
        isWhole: true,
      });
      expect(readMemory(pid, 'VmHWM') - before).toBeLessThan(150 * 1024 * 1024);
    } finally {
      await cluster.leave(fresh);
    }
  });
});

describe('limits of a caller', () => {
  it('are counted for it alone, and say when to come again', async () => {
    const limited = await cluster.join({
      MEDIA_INFO_PER_MINUTE: '2',
      MEDIA_DOWNLOADS_PER_FIVE_MINUTES: '1',
    });
    try {
      const [first, second] = ['one', 'two'].map((sub) => makeToken({ sub: `${sub}-limited` }));
      const post = (route: string, token: string | undefined): Promise<RestAnswer> =>
        callRest(limited.gateway, 'POST', route, { url: video('ok-limit') }, { token });
      const infoRoute = '/v1/media/youtube/info';
      expect((await post(infoRoute, first)).status).toBe(200);
      expect((await post(infoRoute, first)).status).toBe(200);
      const refused = await post(infoRoute, first);
      expect(refused.status).toBe(429);
      expect(refused.body).toMatchObject({ success: false, error: 'Too many requests' });
      expect(refused.body['message']).toBeTypeOf('string');
      expect(Number(refused.body['retryAfter'])).toBeGreaterThan(0);
      expect(refused.headers.get('retry-after')).toBe(String(refused.body['retryAfter']));
      expect((await post(infoRoute, second)).status).toBe(200);
      expect((await post('/v1/media/youtube/mp3', first)).status).toBe(200);
      const spent = await post('/v1/media/youtube/mp3', first);
      expect(spent.status).toBe(429);
      expect(Number(spent.body['retryAfter'])).toBeGreaterThan(60);
      expect((await post('/v1/media/youtube/mp3', second)).status).toBe(200);
    } finally {
      await cluster.leave(limited);
    }
  });

  it('hold for downloads side by side', async () => {
    const open = await Promise.all([
      openDownload('mp4', 'endless-a'),
      openDownload('mp4', 'endless-b'),
    ]);
    try {
      const third = await openDownload('mp4', 'ok-c');
      expect(third.statusCode).toBe(429);
      third.resume();
    } finally {
      for (const response of open) response.on('error', () => undefined).destroy();
    }
    await eventually(
      async () => {
        const next = await openDownload('mp4', 'ok-d');
        next.resume();
        return next.statusCode;
      },
      (status) => status === 200,
    );
  });
});

describe('media that are off', () => {
  it('say why, to every caller', async () => {
    const off = await cluster.join({ ENABLE_MEDIA: 'false' });
    try {
      const asked: readonly [string, string][] = [
        ['GET', '/v1/media/youtube'],
        ['POST', '/v1/media/youtube/mp3'],
        ['POST', '/v1/toolkit/jobs/status'],
      ];
      for (const [method, path] of asked) {
        const { status, body } = await callRest(
          off.gateway,
          method,
          path,
          method === 'POST' ? {} : undefined,
          { token: null, headers: { 'x-api-key': KEY } },
        );
        expect(status).toBe(403);
        expect(String(body['message'])).toMatch(/terms of service.*ENABLE_MEDIA=true/);
      }
    } finally {
      await cluster.leave(off);
    }
  });

  it('are not to be had from nowhere', async () => {
    const nowhere = {
      MEDIA_BACKEND: 'local',
      MEDIA_ALLOW_LOOPBACK: 'true',
      PATH: '/nowhere',
    };
    await expect(cluster.join(nowhere)).rejects.toThrow(
      /ENABLE_MEDIA: yt-dlp and ffmpeg cannot be found in PATH/,
    );
    // The sandbox lets nothing leave the machine.
    await expect(
      cluster.join({ MEDIA_BACKEND: 'local', MEDIA_ALLOW_LOOPBACK: 'false' }),
    ).rejects.toThrow(/in the sandbox nothing leaves the machine/);
  });
});

describe('all of this', () => {
  it('was no fault of the gateways', () => {
    for (const { gateway } of cluster.replicas)
      expect(gateway.output()).not.toMatch(/met a fault of the gateway/);
  });
});
