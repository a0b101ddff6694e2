// Real: the sandbox over HTTP. Fake: YouTube's uploads and a server of files, which it is.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generate } from '../../src/sandbox/generated-file.js';
import {
  startSimulatedPlatforms,
  type SimulatedPlatforms,
} from '../support/simulated-platforms.js';
import { type Answer, callHttp, type Json } from '../support/sandbox-caller.js';

const DEMO = 'UCsandboxDemoChannel0001';
const QUIET = 'UCsandboxQuietChannel001';
const SCOPE = 'https://www.googleapis.com/auth/youtube';
const PATH = '/upload/youtube/v3/videos';
const GRANULE = 256 * 1024;

let sandbox: SimulatedPlatforms;
let token: string;

beforeAll(async () => {
  sandbox = await startSimulatedPlatforms();
});

afterAll(() => sandbox?.close());

beforeEach(async () => {
  await control('POST', '/reset', {});
  token = await grant(DEMO, `${SCOPE}.upload`);
});

function control(method: string, path: string, body?: unknown): Promise<Answer> {
  return callHttp(`${sandbox.url}/sandbox${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
}

async function grant(channel_id: string, scope: string): Promise<string> {
  const { json } = await control('POST', '/youtube/grants', { channel_id, scopes: [scope] });
  return String(json['access_token']);
}

const state = async (): Promise<Json> => (await control('GET', '/state')).json['youtube']!;

function begin({
  query = 'uploadType=resumable&part=snippet,status',
  headers = {},
  status = {},
}: { query?: string; headers?: Record<string, string>; status?: object } = {}): Promise<Answer> {
  return callHttp(`${sandbox.url}${PATH}?${query}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-upload-content-type': 'video/mp4',
      ...headers,
    },
    body: JSON.stringify({ snippet: { title: 'New' }, status }),
  });
}

/** Why a session is not opened. */
async function reason(options?: Parameters<typeof begin>[0]): Promise<unknown> {
  return (await begin(options)).json?.['error']?.['errors']?.[0]?.['reason'];
}

/** The path of a new session. */
async function openSession(options?: Parameters<typeof begin>[0]): Promise<string> {
  const { headers } = await begin(options);
  const { pathname, search, host } = new URL(headers.get('location') ?? '');
  expect(host).toBe(new URL(sandbox.url).host);
  return `${pathname}${search}`;
}

function put(
  path: string,
  range: string,
  bytes: Buffer = Buffer.alloc(0),
  as = token,
): Promise<Answer> {
  return callHttp(`${sandbox.url}${path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${as}`, 'content-range': range },
    body: new Uint8Array(bytes),
  });
}

/** Status, and the range or the reason. */
async function ask(...given: Parameters<typeof put>): Promise<unknown[]> {
  const { status, headers, json } = await put(...given);
  const why = json?.['error']?.['errors']?.[0]?.['reason'];
  return [status, headers.get('range') ?? why].filter((part) => part !== undefined);
}

function get(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${sandbox.url}/sandbox/files/generated.mp4?${query}`, { headers });
}

describe('a resumable upload', () => {
  it('takes pieces in their order, says what it has, and makes a video of them', async () => {
    const path = await openSession({ status: { privacyStatus: 'unlisted' } });
    const bytes = Buffer.concat([...generate('a', 0, GRANULE + 5)]);
    expect(await ask(path, 'bytes */*')).toEqual([308]);
    expect(await ask(path, `bytes 0-${GRANULE - 1}/*`, bytes.subarray(0, GRANULE))).toEqual([
      308,
      `bytes=0-${GRANULE - 1}`,
    ]);
    const last = await put(
      path,
      `bytes ${GRANULE}-${GRANULE + 4}/${GRANULE + 5}`,
      bytes.subarray(GRANULE),
    );
    const id = String(last.json['id']);
    expect(last.json).toMatchObject({
      snippet: { title: 'New', categoryId: '22' },
      status: { privacyStatus: 'unlisted', uploadStatus: 'uploaded' },
    });
    expect((await state())['videos']![id]).toMatchObject({
      channel_id: DEMO,
      file: {
        bytes: GRANULE + 5,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        type: 'video/mp4',
      },
    });
    // Whoever asks, or sends again, hears of the same video.
    expect((await put(path, `bytes */${GRANULE + 5}`)).json['id']).toBe(id);
    expect((await put(path, `bytes 0-4/5`, bytes.subarray(0, 5))).status).toBe(400);
  });

  it('is public where the request says nothing', async () => {
    const { json } = await put(await openSession(), 'bytes 0-0/1', Buffer.from('x'));
    expect(json['status']).toMatchObject({ privacyStatus: 'public' });
  });

  it('refuses pieces that do not belong there', async () => {
    const path = await openSession({ headers: { 'x-upload-content-length': '600000' } });
    const piece = Buffer.alloc(GRANULE);
    const bad: readonly [string, Buffer][] = [
      ['bytes 0-4/600000', Buffer.alloc(5)],
      [`bytes 1-${GRANULE}/600000`, piece],
      [`bytes 0-${GRANULE - 2}/600000`, piece],
      [`bytes 0-${GRANULE - 1}/700000`, piece],
      ['bytes */600000', Buffer.alloc(5)],
      ['', piece],
      ['bytes 0-5', piece],
    ];
    for (const [range, bytes] of bad)
      expect([range, await ask(path, range, bytes)]).toEqual([range, [400, 'badRequest']]);
    expect(await ask(path, `bytes 0-${GRANULE - 1}/600000`, piece)).toEqual([
      308,
      `bytes=0-${GRANULE - 1}`,
    ]);
  });

  it('is known to its channel alone, until it is lost', async () => {
    const path = await openSession();
    const foreign = await grant(QUIET, SCOPE);
    expect(await ask(path, 'bytes */*', undefined, foreign)).toEqual([404, 'notFound']);
    expect(await ask(path, 'bytes */*', undefined, 'wrong')).toEqual([401, 'authError']);
    expect(
      (await control('POST', '/youtube/lose-uploads', { channel_id: DEMO })).json,
    ).toMatchObject({ lost: 1 });
    expect(await ask(path, 'bytes */*')).toEqual([404, 'notFound']);
  });

  it('begins only as it should, and a hundred times a day', async () => {
    expect(await reason({ query: 'uploadType=odd&part=snippet' })).toBe('badRequest');
    expect(await reason({ headers: { 'x-upload-content-type': 'text/html' } })).toBe(
      'mediaTypeNotSupported',
    );
    expect(await reason({ status: { privacyStatus: 'secret' } })).toBe('invalidVideoMetadata');
    token = await grant(DEMO, `${SCOPE}.readonly`);
    expect(await reason()).toBe('insufficientPermissions');
    token = await grant(DEMO, SCOPE);
    await control('POST', '/youtube/world', { uploads_used: 99 });
    expect(await reason()).toBeUndefined();
    expect(await reason()).toBe('quotaExceeded');
    expect(await state()).toMatchObject({ upload_quota: { used: 100 }, quota: { used: 0 } });
  });

  it('keeps what had arrived when its connection breaks', async () => {
    const path = await openSession();
    const fault = { kind: 'cut-request', after_bytes: 1_000 };
    await control('POST', '/faults', { match: { method: 'PUT' }, fault });
    await expect(put(path, `bytes 0-${GRANULE - 1}/*`, Buffer.alloc(GRANULE))).rejects.toThrow(
      'fetch failed',
    );
    expect(await ask(path, 'bytes */*')).toEqual([308, 'bytes=0-999']);
  });
});

describe('a generated file', () => {
  it('is the same in whole and in parts, and other for another seed', async () => {
    const whole = Buffer.from(await (await get('bytes=200000&seed=a')).arrayBuffer());
    expect(whole).toEqual(Buffer.concat([...generate('a', 0, 200_000)]));
    const part = await get('bytes=200000&seed=a', { range: 'bytes=70001-' });
    expect([part.status, part.headers.get('content-range')]).toEqual([
      206,
      'bytes 70001-199999/200000',
    ]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(70_001));
    const other = Buffer.from(await (await get('bytes=200000&seed=b')).arrayBuffer());
    expect(other.equals(whole)).toBe(false);
  });

  it('comes whole for a client that has another version, and where there are no parts', async () => {
    const range = 'bytes=5-';
    expect((await get('bytes=9', { range, 'if-range': '"other"' })).status).toBe(200);
    expect((await get('bytes=9&ranges=no', { range })).status).toBe(200);
    expect((await get('bytes=9', { range: 'bytes=9-' })).status).toBe(416);
  });

  it('breaks off where it is told to, but not for who asks for the rest', async () => {
    const query = 'bytes=200000&cut_at=100000';
    await expect(get(query).then((answer) => answer.arrayBuffer())).rejects.toThrow('terminated');
    const rest = await get(query, { range: 'bytes=100000-' });
    expect((await rest.arrayBuffer()).byteLength).toBe(100_000);
  });

  it.each(['bytes=-1', 'bytes=x', 'type=video', 'seed=%2F'])('is refused for %s', async (query) => {
    expect((await get(query)).status).toBe(400);
  });
});
