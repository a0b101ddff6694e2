// Real: the built gateway as a process, PostgreSQL, HTTP/1.1, TLS and HTTP/2 over sockets. Fake: the platforms, at the wire.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
} from 'node:http2';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { House, type TwoDoors } from '../support/two-doors.js';

const MEBIBYTE = 1_048_576;
const MOST_REQUESTS = 100;
const PIPELINED = 1_400;
let house: House;
let small: TwoDoors;
let authority: TestAuthority;
let oldPort: number;
const sockets = new Set<{ destroy(): unknown }>();

beforeAll(async () => {
  authority = await TestAuthority.make();
  const [certificate, ports] = await Promise.all([authority.sign('server'), findPorts(2)]);
  [oldPort] = ports as [number];
  house = await House.open({
    REST_TLS_CERT: certificate.certFile,
    REST_TLS_KEY: certificate.keyFile,
  });
  small = await house.openAnother({
    MAX_UNREAD_ANSWER_BYTES: String(MEBIBYTE),
    MAX_UNFINISHED_MESSAGE_BYTES: String(4 * MEBIBYTE),
    MAX_FILE_BYTES: String(32 * MEBIBYTE),
    MAX_OPEN_REQUESTS: String(MOST_REQUESTS),
    CALLER_REQUESTS_PER_MINUTE: '0',
    PREDECESSOR_PORTS: `twitch=${ports.join('/')}`,
  });
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await house?.close();
  await authority?.remove();
});

async function findPorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map((server) => new Promise((resolve) => server.close(() => resolve(undefined)))),
  );
  return ports;
}

const portOf = (address: string): number => Number(address.split(':').at(-1));

/** The value of a metric of the small gateway; probes and metrics are served however full it is. */
async function read(metric: string): Promise<number> {
  const { body, status } = await small.rest('GET', '/metrics', undefined, { token: null });
  if (status !== 200) throw new Error(`/metrics answered ${status}`);
  const line = String(body['text'])
    .split('\n')
    .find((one) => one.startsWith(`${metric} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}

function openSession(): ClientHttp2Session {
  const session = connectHttp2(`http://${small.gateway.grpcAddress}`);
  session.on('error', () => undefined);
  sockets.add(session);
  return session;
}

function openStream(session: ClientHttp2Session, path: string, token?: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  });
  return stream.on('error', () => undefined);
}

function unfinished(announced: number, sent: number): Buffer {
  const bytes = Buffer.alloc(5 + sent);
  bytes.writeUInt32BE(announced, 1);
  return bytes;
}

const EXECUTE = '/action_gateway.v1.ActionGateway/ExecuteAction';

/** From many connections: what each bound is for. */
const FLOODS: Readonly<Record<string, () => void>> = {
  unread_answers: () => {
    for (let made = 0; made < 15; made += 1) {
      const socket = connect(portOf(small.gateway.restUrl), '127.0.0.1');
      sockets.add(socket.on('error', () => undefined).pause());
      socket.write('GET /openapi.json HTTP/1.1\r\nHost: gateway\r\n\r\n'.repeat(100));
    }
  },
  unfinished_messages: () => {
    for (let made = 0; made < 20; made += 1) {
      const token = makeToken({ sub: `flooder ${made % 3}` });
      openStream(openSession(), EXECUTE, token).write(unfinished(4_000_000, 400_000));
    }
  },
  unknown_callers: () => {
    for (let made = 0; made < 40; made += 1) {
      const path = '/discord_action.DiscordAction/SendMessage';
      openStream(openSession(), path).write(unfinished(65_000, 60_000));
    }
  },
  requests: () => {
    for (let made = 0; made < MOST_REQUESTS + 30; made += 1) {
      const token = makeToken({ sub: `flooder ${made % 3}` });
      openStream(openSession(), '/action_gateway.v1.ActionGateway/StreamExecute', token);
    }
  },
};

describe('a bound of the whole process', () => {
  it.each(Object.keys(FLOODS))(
    'is reached from many connections, counted, and free again: %s',
    async (kind) => {
      const dropped = `gateway_dropped_total{kind="${kind}"}`;
      const before = await read(dropped);
      const held =
        kind === 'requests' ? 'gateway_requests_open' : `gateway_held_bytes{kind="${kind}"}`;
      const limit = await read(held.replace('{', '_limit{').replace(/open$/, 'open_limit'));
      expect(limit).toBeGreaterThan(0);
      FLOODS[kind]?.();
      await eventually(
        () => read(dropped),
        (count) => count > before,
      );
      expect(await read(held)).toBeLessThanOrEqual(limit);
      for (const socket of sockets) socket.destroy();
      sockets.clear();
      await eventually(
        () => read(held),
        (left) => left === 0,
      );
      const outcome = await small.grpc.execute({
        platform: 'twitch',
        action_type: 'chat_message',
        account_id: '1001',
        parameters: { message: 'Hello!' },
        dry_run: true,
      });
      expect(outcome.status).toBe('PREPARED');
    },
  );

  it('says so to those that it refuses, and goes on answering probes', async () => {
    // Of two callers, which have half of the requests each.
    for (let made = 0; made < MOST_REQUESTS; made += 1) {
      const token = makeToken({ sub: `flooder ${made % 2}` });
      openStream(openSession(), '/action_gateway.v1.ActionGateway/StreamExecute', token);
    }
    await eventually(
      () => read('gateway_requests_open'),
      (open) => open === MOST_REQUESTS,
    );
    const { status, headers } = await small.rest('GET', '/api/v1/catalog');
    expect([status, headers.get('nothing-sent'), headers.get('retry-after')]).toEqual([
      503,
      '1',
      '1',
    ]);
    await expect(small.grpc.execute({})).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      nothingSent: true,
    });
    for (const path of ['/health/live', '/health/ready', '/health'])
      expect((await small.rest('GET', path, undefined, { token: null })).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await eventually(
      () => read('gateway_requests_open'),
      (open) => open === 0,
    );
  });
});

describe('callers that go on with nothing', () => {
  let impatient: TwoDoors;

  beforeAll(async () => {
    impatient = await house.openAnother({ REST_ANSWER_TIMEOUT: '1', REST_BODY_TIMEOUT: '1' });
  });

  it('are cut off while they do not read their answer', async () => {
    const socket = connect(portOf(impatient.gateway.restUrl), '127.0.0.1');
    sockets.add(socket.on('error', () => undefined).pause());
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: gateway\r\n\r\n'.repeat(100));
    const count = async (): Promise<number> => {
      const { body } = await impatient.rest('GET', '/metrics', undefined, { token: null });
      return Number(/unread_answers"} (\d+)/.exec(String(body['text']))?.[1]);
    };
    expect(await eventually(count, (held) => held > 0)).toBeGreaterThan(0);
    expect(await eventually(count, (held) => held === 0)).toBe(0);
    socket.destroy();
  });

  it('are refused while their message does not come (gRPC)', async () => {
    const session = connectHttp2(`http://${impatient.gateway.grpcAddress}`);
    sockets.add(session.on('error', () => undefined));
    const statuses = await Promise.all(
      [EXECUTE, '/grpc.health.v1.Health/Check', '/discord_action.DiscordAction/SendMessage'].map(
        (path) =>
          new Promise<unknown>((resolve) => {
            const stream = openStream(session, path, makeToken());
            stream.on('response', (headers) =>
              resolve([headers['grpc-status'], headers['nothing-sent']]),
            );
            stream.write(unfinished(4_000, 100));
          }),
      ),
    );
    // DEADLINE_EXCEEDED, and nothing was sent.
    expect(statuses).toEqual(statuses.map(() => ['4', '1']));
    session.destroy();
  });
});

const isFound = (index: number): boolean => index % 2 === 0;

describe('requests that are sent one behind the other', () => {
  /** By what they come. */
  const WAYS: Readonly<Record<string, () => Socket>> = {
    'the REST door': () => connect(portOf(small.gateway.restUrl), '127.0.0.1'),
    'a port of an earlier service': () => connect(oldPort, '127.0.0.1'),
    TLS: () =>
      connectTls({
        port: portOf(house.doors.gateway.restUrl),
        host: '127.0.0.1',
        rejectUnauthorized: false,
      }),
  };

  it.each(Object.keys(WAYS))('are answered in full and in order: by %s', async (way) => {
    const socket = WAYS[way]?.() as Socket;
    sockets.add(socket.on('error', () => undefined));
    socket.pause();
    socket.write(
      Array.from({ length: PIPELINED }, (_none, index) => {
        const path = isFound(index) ? '/docs/style.css' : `/nothing/${index}`;
        return `GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`;
      }).join(''),
    );
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.resume();
    const statuses = (): string[] =>
      [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status ?? '');
    await eventually(
      () => statuses().length,
      (count) => count === PIPELINED,
    );
    expect(statuses()).toEqual(
      Array.from({ length: PIPELINED }, (_none, index) => (isFound(index) ? '200' : '404')),
    );
    socket.destroy();
  });

  it('may have bodies, large ones too', async () => {
    const socket = WAYS['the REST door']?.() as Socket;
    sockets.add(socket.on('error', () => undefined));
    const token = makeToken();
    const bodies = Array.from({ length: 30 }, (_none, index) =>
      JSON.stringify({
        platform: 'x'.repeat(index % 3 === 0 ? 200_000 : 10),
        request_id: `r${index}`,
      }),
    );
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    for (const body of bodies)
      socket.write(
        `POST /api/v1/actions/execute HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
    const answered = (): string[] =>
      [...text.matchAll(/"request_id":"(r\d+)"/g)].map(([, id]) => id ?? '');
    await eventually(
      () => [...text.matchAll(/HTTP\/1\.1 \d{3} /g)].length,
      (count) => count === bodies.length,
    );
    expect(answered()).toEqual(bodies.map((_body, index) => `r${index}`));
    socket.destroy();
  });
});
