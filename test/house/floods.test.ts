// Real: the built gateway as a process, PostgreSQL, gRPC and HTTP over sockets. Fake: Twitch, at the wire.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken, type RestAnswer } from '../support/gateway.js';
import { GrpcClient, type GrpcRefusal } from '../support/grpc-client.js';
import { DOORS, House, type TwoDoors } from '../support/two-doors.js';

const MOST_FAILURES = 20;
let house: House;
let before = 0;

beforeAll(async () => {
  house = await House.open({
    REST_HEADERS_TIMEOUT: '1',
    REST_BODY_TIMEOUT: '2',
    FAILED_LOGINS_PER_MINUTE: '0',
  });
});

afterAll(() => house?.close());

beforeEach(async () => {
  before = await house.sandbox.lastSeq();
});

/** Whatever was done here: no platform heard of it, and others are served on both doors. */
afterEach(async () => {
  const sent = await house.helixSince(before);
  if (sent.length > 0) throw new Error(`Twitch heard of it: ${JSON.stringify(sent)}`);
  await requireService(house.doors);
});

const hello = {
  platform: 'twitch',
  action_type: 'chat_message',
  account_id: '1001',
  parameters: { message: 'Hello, chat!' },
};

async function requireService(doors: TwoDoors): Promise<void> {
  for (const door of DOORS) {
    const { status } = await doors.execute(door, { ...hello, dry_run: true });
    if (status !== 'PREPARED') throw new Error(`The ${door} door no longer serves: ${status}`);
  }
}

const portOf = (address: string): number => Number(address.split(':').at(-1));

/** A client that writes what it likes, and hears until it is cut off. */
function knock(address: string, text = ''): { socket: Socket; heard: Promise<string> } {
  const socket = connect(portOf(address), '127.0.0.1');
  const heard = new Promise<string>((resolve) => {
    let all = '';
    socket.on('data', (bytes) => (all += bytes.toString('latin1')));
    socket.on('error', () => undefined).on('close', () => resolve(all));
  });
  socket.write(text);
  return { socket, heard };
}

const head = (more: string, path = '/api/v1/actions/execute'): string =>
  `POST ${path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n${more}`;
const TOKEN = `Authorization: Bearer ${makeToken()}\r\n`;

describe('headers', () => {
  it('that are too large or too many are refused with 431', async () => {
    const { restUrl } = house.doors.gateway;
    const many = Array.from({ length: 5_000 }, (_empty, index) => `x-${index}: 1\r\n`).join('');
    for (const flood of [`x-big: ${'x'.repeat(20_000)}\r\n`, many]) {
      const { heard } = knock(restUrl, head(`${flood}\r\n`));
      expect(await heard).toMatch(/^HTTP\/1\.1 431 /);
    }
  });

  it('that do not come to an end are cut off', async () => {
    const { restUrl } = house.doors.gateway;
    const silent = knock(restUrl);
    const slow = knock(restUrl, head('x-more: '));
    const drip = setInterval(() => slow.socket.write('x'), 100);
    expect(await slow.heard).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
    await silent.heard;
  });

  it('of a gRPC call that are too large end its connection, and no other', async () => {
    // Clients of one process would share one connection.
    const flooder = new GrpcClient(house.doors.gateway.grpcAddress, {
      'grpc.use_local_subchannel_pool': 1,
    });
    const other = house.doors.grpc.execute({ ...hello, dry_run: true });
    const refused = flooder.execute(hello, { metadata: { flood: 'x'.repeat(400_000) } });
    await expect(refused).rejects.toMatchObject({ code: expect.any(String) as string });
    expect((await other).status).toBe('PREPARED');
    flooder.close();
  });
});

describe('bodies', () => {
  it.each([
    ['with a length', 'Content-Length: 1000\r\n'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n'],
  ])(
    'that come too slowly are answered with 408, and the connection ends (%s)',
    async (_name, length) => {
      const { socket, heard } = knock(house.doors.gateway.restUrl, head(`${TOKEN}${length}\r\n`));
      const drip = setInterval(
        () => socket.write(length.startsWith('Content') ? ' ' : '1\r\n \r\n'),
        100,
      );
      const answer = await heard;
      clearInterval(drip);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toMatch(/nothing-sent: 1/);
      expect(answer).toMatch(/was not there within 2 seconds/);
    },
  );

  it('that are large are not read before their caller is known', async () => {
    const { socket, heard } = knock(
      house.doors.gateway.restUrl,
      head('Content-Length: 4000000\r\n\r\n'),
    );
    // Answered while not one byte of it was sent.
    const first = await new Promise<string>((resolve) =>
      socket.once('data', (bytes) => resolve(bytes.toString('latin1'))),
    );
    expect(first).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
    await heard;
  });

  it('of the token door are short', async () => {
    const wish = { api_key: 'x'.repeat(100_000) };
    const answer = await house.doors.rest('POST', '/api/v1/auth/token', wish, { token: null });
    expect(answer.status).toBe(413);
  });

  it('of gRPC are not read before their caller is known', async () => {
    const session = connectHttp2(`http://${house.doors.gateway.grpcAddress}`);
    // The metadata alone: no message is sent, and none is waited for.
    const stream = session.request(headersOf('Bearer wrong'));
    const answer = await new Promise<IncomingHttpHeaders>((resolve, reject) =>
      stream.once('response', resolve).once('error', reject),
    );
    expect([answer['grpc-status'], answer['nothing-sent']]).toEqual(['16', '1']);
    session.destroy();
  });

  it('beyond the cap are refused on both doors', async () => {
    const large = { ...hello, parameters: { message: 'x'.repeat(5_000_000) } };
    await expect(house.doors.grpc.execute(large)).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      nothingSent: true,
    });
    const { status, headers } = await house.doors.rest('POST', '/api/v1/actions/execute', large);
    expect([status, headers.get('nothing-sent')]).toEqual([413, '1']);
  });
});

describe('connections', () => {
  it('have a number at each door; who has one keeps it', async () => {
    const doors = await house.openAnother({ MAX_CONNECTIONS: '30' });
    const { restUrl, grpcAddress } = doors.gateway;
    for (const address of [restUrl, grpcAddress]) {
      const { socket: kept } = knock(address);
      const idle = Array.from({ length: 60 }, () => knock(address));
      let ended = 0;
      for (const { heard } of idle) void heard.then(() => (ended += 1));
      await eventually(
        () => ended,
        (count) => count >= 60 - 30,
      );
      expect(kept.destroyed).toBe(false);
      for (const { socket } of [...idle, { socket: kept }]) socket.destroy();
    }
    await eventually(
      () =>
        requireService(doors).then(
          () => true,
          () => false,
        ),
      (isServed) => isServed,
    );
  });
});

describe('streams that are opened and reset', () => {
  it('end the connection they come by, and no other', async () => {
    const session = connectHttp2(`http://${house.doors.gateway.grpcAddress}`);
    const isOver = new Promise<void>((resolve) => session.once('close', resolve));
    session.on('error', () => undefined);
    await new Promise<void>((resolve) => session.once('connect', () => resolve()));
    for (let round = 0; round < 200 && !session.destroyed && !session.closed; round += 1) {
      for (let time = 0; time < 100; time += 1) openAndReset(session);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await isOver;
    const other = new GrpcClient(house.doors.gateway.grpcAddress);
    expect((await other.execute({ ...hello, dry_run: true })).status).toBe('PREPARED');
    other.close();
  });
});

const headersOf = (authorization: string): OutgoingHttpHeaders => ({
  ':method': 'POST',
  ':path': '/action_gateway.v1.ActionGateway/ExecuteAction',
  'content-type': 'application/grpc',
  te: 'trailers',
  authorization,
});

function openAndReset(session: ClientHttp2Session): void {
  if (session.destroyed || session.closed) return;
  const stream = session.request(headersOf(`Bearer ${makeToken()}`));
  stream.on('error', () => undefined);
  stream.close(constants.NGHTTP2_CANCEL);
}

describe('wrong tokens', () => {
  it('beyond a number are only told to wait, by address; right ones are let in', async () => {
    const doors = await house.openAnother({
      FAILED_LOGINS_PER_MINUTE: String(MOST_FAILURES),
      TRUSTED_PROXIES: '127.0.0.1',
    });
    const grpcCode = (from: string): Promise<string> =>
      doors.grpc.execute(hello, { token: 'wrong', metadata: { 'x-forwarded-for': from } }).then(
        ({ status }) => status,
        (error: GrpcRefusal) => error.code,
      );
    const restAnswer = (from: string): Promise<RestAnswer> =>
      doors.rest('GET', '/api/v1/catalog', undefined, {
        token: 'wrong',
        headers: { 'x-forwarded-for': from },
      });
    // A minute may end in the middle of it, and then it begins anew.
    const [, rest] = await eventually(
      async () => {
        for (let time = 0; time < MOST_FAILURES; time += 1) await grpcCode('203.0.113.7');
        return [await grpcCode('203.0.113.7'), await restAnswer('203.0.113.7')] as const;
      },
      ([grpc, { status }]) => grpc === 'RESOURCE_EXHAUSTED' && status === 429,
    );
    expect(Number(rest.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await grpcCode('203.0.113.8')).toBe('UNAUTHENTICATED');
    expect((await restAnswer('203.0.113.9')).status).toBe(401);
    const metadata = { 'x-forwarded-for': '203.0.113.7' };
    const right = await doors.grpc.execute({ ...hello, dry_run: true }, { metadata });
    expect(right.status).toBe('PREPARED');
  });
});
