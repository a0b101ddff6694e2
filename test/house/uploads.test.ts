// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: YouTube, Google's
// OAuth and the server that files are read from, at the wire.
import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeStruct } from '../../src/doors/grpc/struct.js';
import type { GrpcOutcome } from '../support/grpc-client.js';
import { waitUntilStill } from '../support/metrics.js';
import type { SeenRequest } from '../support/sandbox.js';
import { DOORS, House } from '../support/two-doors.js';
import {
  envelopePart,
  filePart,
  type FormPart,
  hashGenerated,
  openForm,
  sendForm,
  writeForm,
} from '../support/upload-door.js';

const MEBIBYTE = 1_048_576;
const PIECE = 8 * MEBIBYTE;
const UPLOADS = '/upload/youtube/v3/videos';
const SCOPE = 'https://www.googleapis.com/auth/youtube.force-ssl';

let house: House;
let before = 0;
let nextChannel = 0;

beforeAll(async () => {
  house = await House.open();
  // The budget of uploads is what one test is about, and no other.
  await house.sandbox.control('POST', '/sandbox/youtube/world', { uploads_limit: 100_000 });
});

afterAll(() => house?.close());

beforeEach(async () => {
  await house.sandbox.control('DELETE', '/sandbox/faults');
  await house.forgetLimits();
  before = await house.sandbox.lastSeq();
});

interface Video {
  readonly id: string;
  readonly channel_id: string;
  readonly snippet: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
  readonly file?: { readonly bytes: number; readonly sha256: string; readonly type: string };
}

interface World {
  readonly upload_quota: { readonly used: number };
  readonly uploads: readonly { readonly channel_id: string; readonly received: number }[];
  readonly videos: Readonly<Record<string, Video>>;
}

async function readWorld(): Promise<World> {
  return (await house.sandbox.control<{ youtube: World }>('GET', '/sandbox/state')).youtube;
}

/** A channel of its own for each test, connected. */
async function openChannel(): Promise<string> {
  nextChannel += 1;
  const id = `UCuploads${nextChannel}`;
  await house.sandbox.control('POST', '/sandbox/youtube/channels', { id, title: `Up ${id}` });
  const grant = await house.sandbox.control<{ access_token: string; refresh_token: string }>(
    'POST',
    '/sandbox/youtube/grants',
    { channel_id: id, scopes: [SCOPE] },
  );
  const { status } = await house.doors.rest('PUT', `/api/v1/accounts/youtube/${id}`, {
    access_token: grant.access_token,
    refresh_token: grant.refresh_token,
    expires_in: 3_599,
    scopes: [SCOPE],
  });
  expect(status).toBe(200);
  return id;
}

/** What was uploaded to a channel. */
async function uploadsOf(channel: string): Promise<Video[]> {
  const { videos } = await readWorld();
  return Object.values(videos).filter(({ channel_id, file }) => channel_id === channel && file);
}

/** The requests of uploads, as lines of method and range. */
async function linesSince(seq: number): Promise<string[]> {
  const seen = await house.sandbox.requestsSince(seq);
  return seen.filter(({ path }) => path === UPLOADS).map(showLine);
}

const showLine = ({ method, headers, status }: SeenRequest): string =>
  [method, headers['content-range'], status].filter((part) => part !== undefined).join(' ');

/** Rows of the action log. */
async function query(sql: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: house.database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** What became of an action whose caller has gone. */
async function findEnded(requestId: string): Promise<Record<string, unknown>> {
  return vi.waitFor(
    async () => {
      const [row] = await query('SELECT status, error FROM actions WHERE request_id = $1', [
        requestId,
      ]);
      if (!row || row['status'] === 'RUNNING') throw new Error('It has not ended');
      return row;
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** Waits until the platform holds that much of a channel's upload. */
async function waitForBytes(channel: string, bytes: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { uploads } = await readWorld();
      const held = uploads.find(({ channel_id }) => channel_id === channel)?.received ?? 0;
      if (held < bytes) throw new Error(`${held} bytes are there`);
    },
    { timeout: 60_000, interval: 20 },
  );
}

const fileUrl = (bytes: number, more: Record<string, string> = {}): string =>
  `${house.sandbox.url}/sandbox/files/generated.mp4?${new URLSearchParams({ bytes: String(bytes), ...more })}`;

const envelopeOf = (account_id: string, parameters: object, more: object = {}) => ({
  platform: 'youtube',
  action_type: 'upload_video',
  account_id,
  parameters: { title: 'A video', ...parameters },
  ...more,
});

const addFault = (fault: object, method = 'PUT', times = 1): Promise<unknown> =>
  house.sandbox.control('POST', '/sandbox/faults', {
    match: { method, path: UPLOADS },
    times,
    fault,
  });

/** Uploads a generated file from an address, over REST. */
async function uploadFrom(channel: string, url: string, more: object = {}): Promise<GrpcOutcome> {
  return house.doors.execute('rest', envelopeOf(channel, { video_url: url }, more));
}

const attach = (channel: string, bytes: number, more: object = {}): Promise<FormPart[]> =>
  Promise.resolve([envelopePart(envelopeOf(channel, {}, more)), filePart(bytes)]);

const whole = (seed: string, bytes: number): object => ({
  file: { bytes, sha256: hashGenerated(seed, bytes) },
});

describe('a file at an address', () => {
  it.each(DOORS)('is uploaded over %s, piece by piece, byte by byte', async (door) => {
    const channel = await openChannel();
    const bytes = 2 * PIECE + 12_345;
    const outcome = await house.doors.execute(
      door,
      envelopeOf(channel, { video_url: fileUrl(bytes, { seed: door }) }),
    );
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    const [video, ...others] = await uploadsOf(channel);
    expect(others).toEqual([]);
    expect(video).toMatchObject({
      snippet: { title: 'A video', description: '', categoryId: '22' },
      status: { privacyStatus: 'private', selfDeclaredMadeForKids: false },
      ...whole(door, bytes),
    });
    expect(outcome.result_data).toEqual({
      video_id: video!.id,
      url: `https://www.youtube.com/watch?v=${video!.id}`,
      privacy_status: 'private',
      upload_status: 'uploaded',
    });
    expect(await linesSince(before)).toEqual([
      'POST 200',
      `PUT bytes 0-${PIECE - 1}/${bytes} 308`,
      `PUT bytes ${PIECE}-${2 * PIECE - 1}/${bytes} 308`,
      `PUT bytes ${2 * PIECE}-${bytes - 1}/${bytes} 200`,
    ]);
  });

  it('is a video like any other afterwards', async () => {
    const channel = await openChannel();
    const { result_data } = await uploadFrom(channel, fileUrl(10));
    const { video_id } = result_data;
    const renamed = await house.doors.execute('grpc', {
      ...envelopeOf(channel, {}),
      action_type: 'update_video_title',
      parameters: { video_id, title: 'Another name' },
    });
    expect(renamed.status).toBe('SUCCEEDED');
    expect(await uploadsOf(channel)).toMatchObject([{ snippet: { title: 'Another name' } }]);
  });

  it('of unknown length has one in the end', async () => {
    const channel = await openChannel();
    const bytes = PIECE + 1;
    const outcome = await uploadFrom(channel, fileUrl(bytes, { length: 'no' }));
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await uploadsOf(channel)).toMatchObject([whole('sandbox', bytes)]);
    expect(await linesSince(before)).toEqual([
      'POST 200',
      `PUT bytes 0-${PIECE - 1}/* 308`,
      `PUT bytes ${PIECE}-${PIECE}/${bytes} 200`,
    ]);
  });

  it.each<Record<string, string>>([{}, { length: 'no' }])(
    'is read on where its server broke off %j',
    async (more) => {
      const channel = await openChannel();
      const bytes = 2 * PIECE;
      const url = fileUrl(bytes, { cut_at: String(PIECE + 70_001), ...more });
      expect(await uploadFrom(channel, url)).toMatchObject({ status: 'SUCCEEDED', error: '' });
      expect(await uploadsOf(channel)).toMatchObject([whole('sandbox', bytes)]);
    },
  );

  it('that cannot be read on is not uploaded', async () => {
    const channel = await openChannel();
    const url = fileUrl(2 * PIECE, { cut_at: String(PIECE + 70_001), ranges: 'no' });
    const outcome = await uploadFrom(channel, url);
    expect(outcome).toMatchObject({ status: 'FAILED', failure: { code: 'PLATFORM_DOWN' } });
    expect(outcome.error).toMatch(/broke off at byte \d+, and the rest of the same file/);
    expect(await uploadsOf(channel)).toEqual([]);
  });

  it.each([
    ['of another kind', { type: 'text/html' }, /video_url: must be a video\/\*/],
    ['of no length', { bytes: '0' }, /video_url: is empty/],
    ['of too great a length', { bytes: '274877906945' }, /more than 274877906944 bytes/],
    ['that is not there', { seed: '!' }, /answered 400/],
  ])('%s is refused before YouTube hears of it', async (_name, more, says) => {
    const channel = await openChannel();
    const outcome = await uploadFrom(channel, fileUrl(10, more));
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'INVALID_INPUT' } });
    expect(outcome.error).toMatch(says);
    expect(await linesSince(before)).toEqual([]);
  });

  it('inside is not read', async () => {
    const channel = await openChannel();
    const outcome = await uploadFrom(channel, 'https://169.254.169.254/video.mp4');
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'INVALID_INPUT' } });
    expect(await linesSince(before)).toEqual([]);
  });
});

describe('a file that comes with the request', () => {
  it.each([1, 256 * 1024, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])(
    'of %i bytes arrives as it was',
    async (bytes) => {
      const channel = await openChannel();
      const { status, body } = await sendForm(house.doors.gateway, await attach(channel, bytes));
      expect([status, body.status, body.error]).toEqual([200, 'SUCCEEDED', '']);
      expect(await uploadsOf(channel)).toMatchObject([whole('attached', bytes)]);
    },
  );

  it('can be a Short', async () => {
    const channel = await openChannel();
    const { body } = await sendForm(house.doors.gateway, [
      envelopePart({ ...envelopeOf(channel, {}), action_type: 'post_short' }),
      filePart(10, { type: 'application/octet-stream' }),
    ]);
    expect(body.result_data['url']).toMatch(/^https:\/\/www\.youtube\.com\/shorts\//);
    expect(await uploadsOf(channel)).toMatchObject([{ snippet: { tags: ['#Shorts'] } }]);
  });

  it('is rehearsed unread', async () => {
    const channel = await openChannel();
    const parts = await attach(channel, 4 * PIECE, { dry_run: true });
    const { body } = await sendForm(house.doors.gateway, parts);
    expect(body).toMatchObject({ status: 'PREPARED', prepared: { method: 'POST', cost: 1 } });
    expect(await linesSince(before)).toEqual([]);
  });

  it('is uploaded once for one key, and the repeat need not be sent whole', async () => {
    const channel = await openChannel();
    const more = { idempotency_key: `key-${channel}` };
    const first = await sendForm(house.doors.gateway, await attach(channel, PIECE + 9, more));
    const second = await sendForm(house.doors.gateway, await attach(channel, 8 * PIECE, more));
    expect(first.body).toMatchObject({ status: 'SUCCEEDED', replayed: false });
    expect(second.body).toMatchObject({
      status: 'SUCCEEDED',
      replayed: true,
      result_data: first.body.result_data,
    });
    expect(second.cameEarly).toBe(true);
    expect(await uploadsOf(channel)).toHaveLength(1);
  });

  it('waits for a platform that is slow, and so does its sender', async () => {
    const channel = await openChannel();
    const bytes = 96 * MEBIBYTE;
    await addFault({ kind: 'delay', ms: 3_000 });
    const { request, answer } = openForm(house.doors.gateway);
    let sent = 0;
    const sending = (async () => {
      for (const block of writeForm(await attach(channel, bytes))) {
        sent += block.length;
        if (!request.write(block)) await new Promise((resolve) => request.once('drain', resolve));
      }
      request.end();
    })();
    await waitForBytes(channel, PIECE);
    // Nobody takes anything now: what is sent ends where the buffers on the way are full.
    await waitUntilStill(() => sent);
    expect(sent).toBeLessThan(bytes / 2);
    await sending;
    expect((await answer).body).toMatchObject({ status: 'SUCCEEDED' });
    expect(await uploadsOf(channel)).toMatchObject([whole('attached', bytes)]);
  });

  it('whose sender hangs up becomes no video, and the key stays free', async () => {
    const channel = await openChannel();
    const more = { request_id: channel, idempotency_key: `key-${channel}` };
    const { request } = openForm(house.doors.gateway);
    request.on('error', () => undefined);
    const blocks = writeForm(await attach(channel, 3 * PIECE, more));
    for (let sent = 0; sent < 2 * PIECE + 1_000;) {
      const block = blocks.next().value as Buffer;
      sent += block.length;
      if (!request.write(block)) await new Promise((resolve) => request.once('drain', resolve));
    }
    await waitForBytes(channel, PIECE);
    request.destroy();
    expect(await findEnded(channel)).toMatchObject({ status: 'CANCELLED' });
    expect(await uploadsOf(channel)).toEqual([]);
    const again = await sendForm(house.doors.gateway, await attach(channel, 100, more));
    expect(again.body).toMatchObject({ status: 'SUCCEEDED', replayed: false });
    expect(await uploadsOf(channel)).toMatchObject([{ file: { bytes: 100 } }]);
  });
});

describe('a form that is not what it should be', () => {
  const envelope = envelopePart(envelopeOf('UCuploads1', {}));
  const doorNos: readonly [name: string, parts: () => FormPart[], says: RegExp, isCut?: boolean][] =
    [
      ['nothing', () => [], /is missing|no end/],
      ['no envelope', () => [filePart(10)], /^envelope: is missing/],
      ['the file first', () => [filePart(10), envelope], /^envelope: is missing: it must come/],
      ['two envelopes', () => [envelope, envelope, filePart(10)], /^envelope: must come once/],
      [
        'an envelope that is no JSON',
        () => [{ name: 'envelope', content: '{' }],
        /^envelope: is not/,
      ],
      ['another part', () => [envelope, filePart(10, { name: 'video' })], /^video: is not known/],
      ['no end', () => [envelope], /the form has no end/, true],
      [
        'an envelope without end',
        () => [{ name: 'envelope', content: Buffer.alloc(5 * MEBIBYTE, 'x') }],
        /"envelope" is larger than 4194304 bytes/,
      ],
    ];

  it.each(doorNos)('%s', async (_name, parts, says, isCut = false) => {
    const { status, body } = await sendForm(house.doors.gateway, parts(), { isWhole: !isCut });
    expect(String(status)).toMatch(/^4(00|13)$/);
    expect(body.detail).toMatch(says);
    expect(await linesSince(before)).toEqual([]);
  });

  it.each([
    ['is empty', [filePart(0)], /^file: is empty/],
    ['is of another kind', [filePart(10, { type: 'image/png' })], /^file: must be a video/],
    ['comes twice', [filePart(10), filePart(10)], /^file: must come once/],
    [
      'is followed by something else',
      [filePart(10), { name: 'more', content: 'x' }],
      /^more: is not/,
    ],
    ['is followed by an envelope', [filePart(10), envelopePart({})], /^envelope: must come once/],
  ])('a file that %s', async (_name, files, says) => {
    const channel = await openChannel();
    const { body } = await sendForm(house.doors.gateway, [
      envelopePart(envelopeOf(channel, {})),
      ...files,
    ]);
    expect(body).toMatchObject({ status: 'REFUSED', failure: { code: 'INVALID_INPUT' } });
    expect(body.error).toMatch(says);
    expect(await linesSince(before)).toEqual([]);
  });

  it('a file without an end', async () => {
    const channel = await openChannel();
    const { body } = await sendForm(house.doors.gateway, await attach(channel, 2 * PIECE), {
      isWhole: false,
    });
    // Its last byte may be there, but nothing says so.
    expect(body).toMatchObject({ status: 'REFUSED', failure: { code: 'INVALID_INPUT' } });
    expect(body.error).toMatch(/^file: is cut off/);
    expect(await uploadsOf(channel)).toEqual([]);
  });

  it('a file too many, or none at all', async () => {
    const channel = await openChannel();
    const both = envelopeOf(channel, { video_url: fileUrl(10) });
    const cases: [object, FormPart[], string][] = [
      [both, [filePart(10)], 'parameters.video_url'],
      [envelopeOf(channel, {}), [], 'parameters.video_url'],
      [
        {
          ...both,
          action_type: 'update_video_title',
          parameters: { video_id: 'sandboxVid1', title: 't' },
        },
        [filePart(10)],
        'file',
      ],
    ];
    for (const [given, files, field] of cases) {
      const { status, body } = await sendForm(house.doors.gateway, [envelopePart(given), ...files]);
      expect(status).toBe(400);
      expect(body.failure).toMatchObject({ code: 'INVALID_INPUT', violations: [{ field }] });
    }
    const overGrpc = await house.doors.execute('grpc', envelopeOf(channel, {}));
    expect(overGrpc.failure?.violations).toMatchObject([{ field: 'parameters.video_url' }]);
    expect(await linesSince(before)).toEqual([]);
  });

  it('is refused before it is sent, where it is refused at all', async () => {
    const channel = await openChannel();
    const parts = await attach(channel, 64 * MEBIBYTE);
    const noToken = await sendForm(house.doors.gateway, parts, { token: null });
    expect(noToken).toMatchObject({ status: 401, cameEarly: true });
    const nobody = await sendForm(house.doors.gateway, [
      envelopePart(envelopeOf('UCnobody', {})),
      filePart(64 * MEBIBYTE),
    ]);
    expect(nobody).toMatchObject({ status: 409, cameEarly: true });
    const elsewhere = await sendForm(house.doors.gateway, await attach(channel, 64 * MEBIBYTE), {
      path: '/api/v1/actions/batch',
    });
    expect(elsewhere).toMatchObject({ status: 415, cameEarly: true });
    expect(await linesSince(before)).toEqual([]);
  });
});

describe('an upload that breaks', () => {
  it('goes on from what arrived', async () => {
    const channel = await openChannel();
    const bytes = 2 * PIECE + 77;
    await addFault({ kind: 'cut-request', after_bytes: 3_000_001 });
    const outcome = await uploadFrom(channel, fileUrl(bytes));
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await uploadsOf(channel)).toMatchObject([whole('sandbox', bytes)]);
    expect(await linesSince(before)).toEqual([
      'POST 200',
      `PUT bytes 0-${PIECE - 1}/${bytes} `,
      `PUT bytes */${bytes} 308`,
      // A whole piece from there: what was held needs to be no multiple of anything.
      `PUT bytes 3000001-${3_000_000 + PIECE}/${bytes} 308`,
      `PUT bytes ${3_000_001 + PIECE}-${bytes - 1}/${bytes} 200`,
    ]);
  });

  it.each([
    ['the connection is cut', { kind: 'reset', when: 'before' }],
    ['the last piece arrives in part', { kind: 'cut-request', after_bytes: 4 }],
    ['YouTube is away', { kind: 'status', status: 503 }],
    ['YouTube asks to wait', { kind: 'status', status: 429 }],
    ['the token ended', { kind: 'status', status: 401 }],
  ])('before it is whole is mended: %s', async (_name, fault) => {
    const channel = await openChannel();
    await addFault(fault);
    const { body } = await sendForm(house.doors.gateway, await attach(channel, 9));
    expect(body).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await uploadsOf(channel)).toMatchObject([whole('attached', 9)]);
  });

  it.each([
    ['lost', { kind: 'reset', when: 'after' }],
    ['cut short', { kind: 'cut-body' }],
    ['garbage', { kind: 'garbage' }],
  ])('after its last byte is found again: the answer is %s', async (_name, fault) => {
    const channel = await openChannel();
    await addFault(fault);
    const outcome = await uploadFrom(channel, fileUrl(9));
    const [video, ...others] = await uploadsOf(channel);
    expect(others).toEqual([]);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result_data: { video_id: video!.id } });
    const lines = (await linesSince(before)).map((line) => line.replace(/ \d*$/, ''));
    expect(lines).toEqual(['POST', 'PUT bytes 0-8/9', 'PUT bytes */9']);
  });

  it.each([
    ['nobody answers', { kind: 'status', status: 503 }],
    ['it is no longer known', { kind: 'status', status: 410 }],
    ['the answer is a no', { kind: 'status', status: 403 }],
  ])('after its last byte is in doubt when %s, and is not repeated', async (_name, fault) => {
    const channel = await openChannel();
    const more = { idempotency_key: `key-${channel}` };
    await addFault({ kind: 'reset', when: 'after' });
    await addFault(fault, 'PUT', 20);
    const outcome = await uploadFrom(channel, fileUrl(9), more);
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    await house.sandbox.control('DELETE', '/sandbox/faults');
    const again = await uploadFrom(channel, fileUrl(9), more);
    expect(again).toMatchObject({ ...outcome, replayed: true });
    expect(await uploadsOf(channel)).toHaveLength(1);
  });

  it('for good has made nothing, and may be repeated', async () => {
    const channel = await openChannel();
    const more = { idempotency_key: `key-${channel}` };
    // The last piece never arrives, and YouTube says so each time.
    await house.sandbox.control('POST', '/sandbox/faults', {
      match: { method: 'PUT', path: UPLOADS },
      times: 1,
      fault: { kind: 'status', status: 400, body: { error: { code: 400, message: 'No' } } },
    });
    const outcome = await uploadFrom(channel, fileUrl(9));
    expect(outcome).toMatchObject({ status: 'REFUSED', error: 'YouTube answered 400: No' });
    await addFault({ kind: 'reset', when: 'before' }, 'POST', 9);
    const down = await uploadFrom(channel, fileUrl(9), more);
    expect(down).toMatchObject({ status: 'FAILED', failure: { code: 'PLATFORM_DOWN' } });
    await house.sandbox.control('DELETE', '/sandbox/faults');
    expect(await uploadFrom(channel, fileUrl(9), more)).toMatchObject({
      status: 'SUCCEEDED',
      replayed: false,
    });
    expect(await uploadsOf(channel)).toHaveLength(1);
  });

  it('by a session that is lost begins anew where the file can be read anew', async () => {
    const channel = await openChannel();
    await addFault({ kind: 'cut-request', after_bytes: 99 });
    await addFault({ kind: 'status', status: 404 });
    const outcome = await uploadFrom(channel, fileUrl(PIECE + 9));
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', error: '' });
    expect(await uploadsOf(channel)).toMatchObject([whole('sandbox', PIECE + 9)]);
    const lines = await linesSince(before);
    expect(lines.filter((line) => line.startsWith('POST'))).toHaveLength(2);
  });

  it('by a session that is lost has made nothing where it cannot', async () => {
    const channel = await openChannel();
    await addFault({ kind: 'delay', ms: 1_000 });
    const sending = sendForm(house.doors.gateway, await attach(channel, 3 * PIECE));
    await waitForBytes(channel, PIECE);
    await house.sandbox.control('POST', '/sandbox/youtube/lose-uploads', { channel_id: channel });
    const { body } = await sending;
    expect(body).toMatchObject({ status: 'FAILED', failure: { code: 'PLATFORM_DOWN' } });
    expect(body.error).toContain('lost the upload before it was whole');
    expect(await uploadsOf(channel)).toEqual([]);
  });

  it('at its beginning is begun again', async () => {
    const channel = await openChannel();
    await addFault({ kind: 'reset', when: 'after' }, 'POST');
    await house.sandbox.control('POST', '/sandbox/youtube/expire', { channel_id: channel });
    expect(await uploadFrom(channel, fileUrl(9))).toMatchObject({ status: 'SUCCEEDED' });
    expect(await uploadsOf(channel)).toHaveLength(1);
  });

  it('for a spent quota says when there is more of it', async () => {
    const channel = await openChannel();
    await house.sandbox.control('POST', '/sandbox/youtube/world', { uploads_limit: 0 });
    const outcome = await uploadFrom(channel, fileUrl(9));
    await house.sandbox.control('POST', '/sandbox/youtube/world', { uploads_limit: 100_000 });
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'QUOTA_EXHAUSTED' } });
    expect(outcome.failure?.retry_after_ms).toBeGreaterThan(0);
  });

  it('never shows the address of its session', async () => {
    expect(house.doors.gateway.output()).not.toContain('upload_id');
    const rows = await query('SELECT * FROM actions', []);
    expect(JSON.stringify(rows)).not.toContain('upload_id');
  });
});

describe('the time of an upload', () => {
  it('is its own: a caller whose time is over is told that it goes on', async () => {
    const channel = await openChannel();
    await addFault({ kind: 'delay', ms: 2_500 });
    const envelope = envelopeOf(channel, { video_url: fileUrl(PIECE + 9) });
    const outcome = await house.doors.execute('grpc', envelope, { deadlineMs: 1_500 });
    expect(outcome).toMatchObject({ status: 'UNKNOWN', failure: { code: 'OUTCOME_UNKNOWN' } });
    expect(outcome.error).toContain('the action goes on, ask for its status');
    const ended = await vi.waitFor(
      async () => {
        const now = await house.doors.readStatus('grpc', outcome.action_id);
        if (now.status === 'RUNNING') throw new Error('It still runs');
        return now;
      },
      { timeout: 60_000, interval: 100 },
    );
    expect(ended.status).toBe('SUCCEEDED');
    expect(await uploadsOf(channel)).toMatchObject([whole('sandbox', PIECE + 9)]);
  });

  it('ends when the caller cancels, while nothing has happened', async () => {
    const channel = await openChannel();
    await addFault({ kind: 'delay', ms: 1_500 });
    const cancel = new AbortController();
    const { platform, action_type, account_id, parameters } = envelopeOf(channel, {
      video_url: fileUrl(PIECE + 9),
    });
    const asking = house.doors.grpc.call(
      'ExecuteAction',
      {
        platform,
        action_type,
        account_id,
        request_id: channel,
        parameters: encodeStruct(parameters as Record<string, unknown>),
      },
      { signal: cancel.signal },
    );
    asking.catch(() => undefined);
    await waitForBytes(channel, PIECE);
    cancel.abort();
    expect(await findEnded(channel)).toMatchObject({ status: 'CANCELLED' });
    expect(await uploadsOf(channel)).toEqual([]);
  });

  it('is bounded by UPLOAD_BUDGET', async () => {
    const hasty = await house.openAnother({ UPLOAD_BUDGET: '2' });
    const channel = await openChannel();
    await addFault({ kind: 'hang' });
    const outcome = await hasty.execute(
      'rest',
      envelopeOf(channel, { video_url: fileUrl(PIECE + 9) }),
    );
    expect(outcome).toMatchObject({ status: 'REFUSED', failure: { code: 'DEADLINE_TOO_SHORT' } });
    expect(await uploadsOf(channel)).toEqual([]);
  });
});

/** The most that a process ever held, in bytes; Linux alone tells. */
function readPeak(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

describe('the memory of the gateway', () => {
  it.skipIf(!existsSync('/proc/self/status')).each(['address', 'attachment'])(
    'stays as it is, however long the file: of an %s',
    async (source) => {
      const doors = await house.openAnother({});
      const channel = await openChannel();
      const upload = async (bytes: number): Promise<GrpcOutcome> =>
        source === 'address'
          ? doors.execute('rest', envelopeOf(channel, { video_url: fileUrl(bytes) }))
          : (await sendForm(doors.gateway, await attach(channel, bytes))).body;
      await upload(2 * PIECE);
      const { pid } = doors.gateway.process;
      const peak = readPeak(pid);
      const bytes = Number(process.env['UPLOAD_TEST_BYTES'] ?? 256 * MEBIBYTE);
      expect(await upload(bytes)).toMatchObject({ status: 'SUCCEEDED', error: '' });
      const grown = readPeak(pid) - peak;
      expect((await uploadsOf(channel)).map(({ file }) => file?.bytes)).toEqual([2 * PIECE, bytes]);
      expect(grown).toBeLessThan(96 * MEBIBYTE);
      if (process.env['UPLOAD_TEST_BYTES'])
        process.stdout.write(
          `${source}: ${peak / MEBIBYTE} MiB, then ${readPeak(pid) / MEBIBYTE} MiB\n`,
        );
    },
    300_000,
  );
});
