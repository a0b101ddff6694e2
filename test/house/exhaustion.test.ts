// Real: the built gateway as a process, PostgreSQL, HTTP/1.1 and HTTP/2 over sockets. Fake: Twitch, at the wire.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
} from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { makeToken } from '../support/gateway.js';
import { GatewayMemory } from '../support/memory.js';
import { House } from '../support/two-doors.js';

const MOST_MEBIBYTES = 300;
const PIPELINED = 1_400;
let house: House;
let memory: GatewayMemory;
let neighbour: Neighbour;

// Floods take the processor from those who wait for them to end, too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Each kind of flood meets a gateway that is calm. */
function useOwnGateway(): void {
  beforeAll(async () => {
    house = await House.open({ CALLER_REQUESTS_PER_MINUTE: '0' });
    // The first answers make what stays: documents, prepared statements, connections.
    for (const path of [...OPEN_PATHS, ...CALLER_PATHS]) await house.doors.rest('GET', path);
  });

  afterAll(() => house?.close());
}

beforeEach(() => {
  memory = new GatewayMemory(house.doors.gateway);
  neighbour = new Neighbour();
});

/** However much was asked of it: the gateway served its neighbour, and memory goes back. */
afterEach(async (context) => {
  await neighbour.stop();
  const [before, peak] = [memory.before, memory.peak()];
  const after = await memory.returnToCalm();
  process.stdout.write(`${context.task.name}: RSS ${before} → ${peak} → ${after} MiB\n`);
  if (peak >= MOST_MEBIBYTES) throw new Error(`The gateway took ${peak} MiB`);
});

/** A caller that goes on asking, as fast as it is answered. */
class Neighbour {
  readonly failures: unknown[] = [];
  #served = 0;
  #isOver = false;
  readonly #work = this.#ask();

  /** Resolves when it was served this many times more. */
  async served(times: number): Promise<void> {
    const goal = this.#served + times;
    await eventually(
      () => this.#served,
      (served) => served >= goal,
      { withinMs: 100_000 },
    );
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #ask(): Promise<void> {
    const envelope = {
      platform: 'twitch',
      action_type: 'chat_message',
      account_id: '1001',
      parameters: { message: 'Hello!' },
      dry_run: true,
    };
    while (!this.#isOver) {
      try {
        const { status } = await house.doors.grpc.execute(envelope);
        const live = await house.doors.rest('GET', '/health/live', undefined, { token: null });
        const docs = await house.doors.rest('GET', '/api/v1/catalog/twitch');
        const all = `${status} ${live.status} ${docs.status}`;
        if (all !== 'PREPARED 200 200') this.failures.push(all);
      } catch (error) {
        this.failures.push(error);
      }
      this.#served += 1;
    }
  }
}

const OPEN_PATHS = ['/openapi.json', '/docs', '/docs/style.css', '/metrics', '/health'];
const CALLER_PATHS = [
  '/api/v1/catalog',
  '/api/v1/catalog/discord',
  '/api/v1/audit?limit=100',
  '/api/v1/audit/events',
  '/api/v1/audit/export',
  '/api/v1/stats',
  '/api/v1/limits',
];

const portOf = (address: string): number => Number(address.split(':').at(-1));

/** Sends requests one behind the other, and reads none of the answers. */
function pipeline(path: string, times: number): Socket {
  const socket = connect(portOf(house.doors.gateway.restUrl), '127.0.0.1');
  socket.on('error', () => undefined).pause();
  const authorization = CALLER_PATHS.includes(path)
    ? `Authorization: Bearer ${makeToken()}\r\n`
    : '';
  const head = `GET ${path} HTTP/1.1\r\nHost: gateway\r\n${authorization}\r\n`;
  socket.write(head.repeat(times));
  return socket;
}

describe('answers that are not read', () => {
  useOwnGateway();

  it.each([...OPEN_PATHS, ...CALLER_PATHS])(
    'hold one connection up, and nothing else: 1,400 times %s',
    async (path) => {
      const socket = pipeline(path, PIPELINED);
      await neighbour.served(15);
      socket.destroy();
      expect(neighbour.failures).toEqual([]);
    },
  );

  it.each([...OPEN_PATHS, '/api/v1/catalog', '/api/v1/audit/export'])(
    'of forty connections exhaust nothing: 1,400 times %s on each',
    async (path) => {
      const sockets = Array.from({ length: 40 }, () => pipeline(path, PIPELINED));
      await neighbour.served(40);
      for (const socket of sockets) socket.destroy();
      expect(neighbour.failures).toEqual([]);
    },
  );
});

const HEALTH = '/grpc.health.v1.Health/';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const SERVICES = [
  `${HEALTH}Check`,
  `${HEALTH}Watch`,
  REFLECTION,
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  '/action_gateway.v1.ActionGateway/ExecuteAction',
  '/action_gateway.v1.ActionGateway/StreamExecute',
  '/discord_action.DiscordAction/SendMessage',
  '/discord_action.DiscordActionService/SendMessage',
  '/twitch_action.TwitchAction/ExecuteAction',
  '/youtube_action.YouTubeAction/SendMessage',
  '/nothing.Of/The',
];

/** A connection that reads nothing but what it is made to. */
function openSession(windowBytes = 65_535): ClientHttp2Session {
  const address = `http://${house.doors.gateway.grpcAddress}`;
  const session = connectHttp2(address, { settings: { initialWindowSize: windowBytes } });
  session.on('error', () => undefined);
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
  stream.on('error', () => undefined);
  return stream;
}

/** The frame of a message that announces more bytes than it has. */
function frame(announced: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(announced, 1);
  return Buffer.concat([head, bytes]);
}

describe.each([
  ['large ones', 8, 4_000_000, 60_000],
  ['small ones', 40, 4_000, 3_000],
  ['ones of which nothing comes', 40, 0, 0],
])('messages that are not finished: %s', (_name, each, announced, sent) => {
  useOwnGateway();

  it('of callers without a token are not held', async () => {
    const sessions = Array.from({ length: 400 }, () => openSession());
    for (const [index, session] of sessions.entries()) {
      for (let made = 0; made < each; made += 1) {
        const stream = openStream(session, SERVICES[(index + made) % SERVICES.length] ?? '');
        if (sent > 0) stream.write(frame(announced, Buffer.alloc(sent)));
      }
    }
    await neighbour.served(40);
    for (const session of sessions) session.destroy();
    expect(neighbour.failures).toEqual([]);
  });
});

describe('messages that are not finished: those of a caller with a token', () => {
  useOwnGateway();

  it('are held up to a bound', async () => {
    const token = makeToken({ sub: 'flooder' });
    const sessions = Array.from({ length: 40 }, () => openSession());
    for (const session of sessions) {
      for (let made = 0; made < 20; made += 1)
        openStream(session, '/action_gateway.v1.ActionGateway/ExecuteAction', token).write(
          frame(4_000_000, Buffer.alloc(400_000)),
        );
    }
    await neighbour.served(40);
    for (const session of sessions) session.destroy();
    expect(neighbour.failures).toEqual([]);
  });
});

describe('answers of gRPC that are not read', () => {
  useOwnGateway();

  it('of reflection are made one at a time, and bounded', async () => {
    const request = Buffer.from('\x22\x1daction_gateway.v1.ActionGateway');
    const message = frame(request.length, request);
    const sessions = Array.from({ length: 40 }, () => openSession(0));
    for (const session of sessions) {
      for (let made = 0; made < 50; made += 1)
        openStream(session, REFLECTION).write(Buffer.concat(Array(500).fill(message)));
    }
    await neighbour.served(40);
    for (const session of sessions) session.destroy();
    expect(neighbour.failures).toEqual([]);
  });

  it('of a caller with a token are bounded', async () => {
    const token = makeToken({ sub: 'flooder' });
    const sessions = Array.from({ length: 20 }, () => openSession(0));
    for (const session of sessions) {
      for (let made = 0; made < 50; made += 1)
        openStream(session, '/action_gateway.v1.ActionGateway/ListActions', token).end(
          frame(0, Buffer.alloc(0)),
        );
    }
    await neighbour.served(40);
    for (const session of sessions) session.destroy();
    expect(neighbour.failures).toEqual([]);
  });
});
