import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { answerControl, type ControlRoom } from './control.js';
import {
  answerError,
  type Clock,
  describeUnsimulated,
  type PlatformSimulation,
  type SandboxAnswer,
} from './exchange.js';
import { Faults, type Fault } from './faults.js';
import { GENERATED_FILE, sendGeneratedFile } from './generated-file.js';
import { clipText, RequestLog } from './request-log.js';
import { type RevocationStore, Revocations } from './revocations.js';
import { describeForm } from './multipart.js';

const BODY_MAX = 1_048_576;
const CONTROL = '/sandbox';
const GARBAGE = '<!doctype html><title>502</title><h1>Bad gateway</h1><p>Please come back later.';

/** A running sandbox. */
export interface Sandbox {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Makes a simulated platform. @param now the clock of the sandbox */
export type MakeSimulation = (now: Clock, revocations: Revocations) => PlatformSimulation;

export interface SandboxOptions {
  readonly simulations: readonly MakeSimulation[];
  /** A free one by default. */
  readonly port?: number;
  /** Loopback by default; every client that reaches the sandbox controls it. */
  readonly host?: string;
  readonly now?: () => number;
  /** Hashes of tokens that were revoked before a restart; see `Revocations`. */
  readonly revoked?: Iterable<string>;
  /** Keeps revocations for the next start; left out, they end with this sandbox. */
  readonly revocations?: RevocationStore;
}

/** Starts the simulated platforms on one HTTP server: each below its own prefix, control below `/sandbox`. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port = 0, host = '127.0.0.1', now: readTime = Date.now } = options;
  let ahead = 0;
  const now = () => readTime() + ahead;
  const revocations = new Revocations(options.revoked, options.revocations);
  const room: ControlRoom = {
    platforms: options.simulations.map((make) => make(now, revocations)),
    log: new RequestLog(),
    faults: new Faults(),
    now,
    advance: (ms) => (ahead += ms),
    callbacks: [],
    resetClock: () => (ahead = 0),
  };
  const server = createServer({ keepAliveTimeout: 65_000 }, (incoming, outgoing) =>
    receive(incoming, outgoing, room),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${nameHost(address)}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** An address as URLs have it; for one that stands for all, the loopback of its family. */
function nameHost(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return address.includes(':') ? `[${address}]` : address;
}

/** A whole request, body included. */
interface Received {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly raw: Buffer;
  readonly body: string;
}

function receive(incoming: IncomingMessage, outgoing: ServerResponse, room: ControlRoom): void {
  const { method = 'GET', url = '/' } = incoming;
  if (takeBody(incoming, outgoing, room)) return;
  if (url.startsWith(GENERATED_FILE)) {
    incoming.resume();
    void sendGeneratedFile(incoming, outgoing);
    return;
  }
  const longest = findPlatform(room, url)?.bodyMax ?? BODY_MAX;
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    // A body that is too long is read to its end and dropped, so that the client receives the 413.
    if (size <= longest) chunks.push(chunk);
  });
  incoming.on('end', () => {
    const raw = Buffer.concat(chunks);
    const mark = url.indexOf('?');
    const received: Received = {
      incoming,
      outgoing,
      method,
      path: mark < 0 ? url : url.slice(0, mark),
      search: mark < 0 ? '' : url.slice(mark + 1),
      raw,
      body: size === 0 ? '' : raw.toString('utf8'),
    };
    dispatch(received, size > longest, room);
  });
  incoming.on('error', () => outgoing.destroy());
}

/** Lets a simulation take a body as it comes. @returns false for an ordinary request */
function takeBody(incoming: IncomingMessage, outgoing: ServerResponse, room: ControlRoom): boolean {
  const { method = 'GET', url = '/' } = incoming;
  const platform = findPlatform(room, url);
  if (!platform?.takeBody) return false;
  const [path = '', search = ''] = url.split('?', 2);
  const raw = Buffer.alloc(0);
  const received: Received = { incoming, outgoing, method, path, search, raw, body: '' };
  const taker = platform.takeBody(describe(received));
  if (!taker) return false;
  const fault = room.faults.take(method, path);
  const isDropped =
    fault?.kind === 'status' || (fault?.kind === 'reset' && fault.when === 'before');
  const sink = isDropped ? undefined : taker;
  let size = 0;
  let isCut = false;
  const most = fault?.kind === 'cut-request' ? fault.after_bytes : Infinity;
  const shown = (): Received => ({ ...received, body: JSON.stringify({ bytes: size }) });
  incoming.on('data', (chunk: Buffer) => {
    if (isCut) return;
    const bytes = chunk.subarray(0, most - size);
    size += bytes.length;
    sink?.take(bytes);
    if (size < most) return;
    isCut = true;
    const exchange = { received: shown(), platform, isTooLong: false, room };
    record(exchange, answerError(500, ''), { fault: 'cut-request', answered: false });
    incoming.socket.resetAndDestroy();
  });
  incoming.on('end', () => {
    if (isCut) return;
    const finish = sink && (() => sink.finish());
    const exchange: Exchange = { received: shown(), platform, isTooLong: false, room, finish };
    answerExchange(exchange, fault);
  });
  incoming.on('error', () => outgoing.destroy());
  return true;
}

function dispatch(received: Received, isTooLong: boolean, room: ControlRoom): void {
  const { method, path, outgoing } = received;
  if (path === CONTROL || path.startsWith(`${CONTROL}/`)) {
    const answer = isTooLong
      ? answerError(413, 'the body is too long')
      : attempt(() => answerControl(describe(received), room));
    send(outgoing, answer);
    return;
  }
  const platform = findPlatform(room, path);
  if (!platform && method === 'GET' && (path === '/' || path === '/favicon.ico')) {
    const isIcon = path === '/favicon.ico';
    const location: Record<string, string> = isIcon ? {} : { location: CONTROL };
    send(outgoing, { status: isIcon ? 204 : 302, headers: location, body: '' });
    return;
  }
  if (!platform) {
    const what = `${describeUnsimulated(method, path)}: the platforms are below ${room.platforms.map(({ name }) => `/${name}`).join(', ')}; see ${CONTROL}`;
    send(outgoing, answerError(501, what));
    return;
  }
  answerExchange({ received, platform, isTooLong, room }, room.faults.take(method, path));
}

function answerExchange(exchange: Exchange, fault: Fault | undefined): void {
  const { outgoing } = exchange.received;
  if (fault) suffer(exchange, fault);
  else {
    const answer = act(exchange);
    send(outgoing, answer);
    record(exchange, answer);
  }
}

function findPlatform({ platforms }: ControlRoom, path: string): PlatformSimulation | undefined {
  const end = path.indexOf('/', 1);
  const name = end < 0 ? '' : path.slice(1, end);
  return platforms.find(
    (candidate) => candidate.name === name || candidate.mounts?.includes(name) === true,
  );
}

/** One upstream request on its way through the sandbox. */
interface Exchange {
  readonly received: Received;
  readonly platform: PlatformSimulation;
  readonly isTooLong: boolean;
  readonly room: ControlRoom;
  /** For a body that was taken as it came. */
  readonly finish?: () => SandboxAnswer;
}

function act({ received, platform, isTooLong, finish }: Exchange): SandboxAnswer {
  if (finish) return attempt(finish);
  if (isTooLong) return answerError(413, 'The request body is too large.');
  return attempt(() => platform.answer(describe(received)));
}

function attempt(answer: () => SandboxAnswer): SandboxAnswer {
  try {
    return answer();
  } catch (error) {
    return answerError(500, `a bug of the sandbox: ${String(error)}`);
  }
}

function describe({ method, path, search, incoming, body, raw }: Received) {
  const prefix = path.indexOf('/', 1);
  return {
    method,
    path: prefix < 0 ? '' : path.slice(prefix),
    query: new URLSearchParams(search),
    headers: incoming.headers,
    body,
    raw,
  };
}

/** Lets a request go wrong as it was ordered to. */
function suffer(exchange: Exchange, fault: Fault): void {
  const { outgoing, incoming } = exchange.received;
  switch (fault.kind) {
    case 'status': {
      const { status, body, headers } = fault;
      const answer = answerFault(status, body, headers);
      send(outgoing, answer);
      record(exchange, answer, { fault: fault.kind, acted: false });
      return;
    }
    // Of a body that is taken whole nothing can be cut: it is lost with its connection.
    case 'cut-request':
      record(exchange, answerError(500, ''), { fault: fault.kind, acted: false, answered: false });
      incoming.socket.resetAndDestroy();
      return;
    case 'delay':
      setTimeout(() => {
        const answer = act(exchange);
        // A server that is closed meanwhile has ended the answer itself.
        const isOpen = !outgoing.headersSent;
        if (isOpen) send(outgoing, answer);
        record(exchange, answer, { fault: fault.kind, answered: isOpen });
      }, fault.ms).unref();
      return;
    case 'hang': {
      const acted = fault.when === 'after';
      const answer = acted ? act(exchange) : answerError(500, '');
      record(exchange, answer, { fault: fault.kind, acted, answered: false });
      return;
    }
    case 'reset': {
      const acted = fault.when === 'after';
      const answer = acted ? act(exchange) : answerError(500, '');
      record(exchange, answer, { fault: `reset ${fault.when}`, acted, answered: false });
      incoming.socket.resetAndDestroy();
      return;
    }
    case 'cut-body': {
      const answer = act(exchange);
      record(exchange, answer, { fault: fault.kind });
      cutBody(outgoing, answer);
      return;
    }
    case 'garbage': {
      const { who } = act(exchange);
      const headers = { 'content-type': 'text/html; charset=utf-8' };
      const answer = { status: 200, headers, body: GARBAGE, ...(who !== undefined && { who }) };
      send(outgoing, answer);
      record(exchange, answer, { fault: fault.kind });
    }
  }
}

function answerFault(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): SandboxAnswer {
  if (typeof body === 'string') return { status, headers, body };
  if (body === undefined) return answerError(status, 'a fault of the sandbox', headers);
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** Announces a whole body and cuts the connection after half of it. */
function cutBody(outgoing: ServerResponse, { status, headers, body }: SandboxAnswer): void {
  const whole = Buffer.from(body === '' ? '{"data":[]}' : body);
  outgoing.writeHead(status === 204 ? 200 : status, {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
    'content-length': whole.length,
  });
  outgoing.write(whole.subarray(0, Math.floor(whole.length / 2)), () => outgoing.destroy());
}

function send(outgoing: ServerResponse, { status, headers, body }: SandboxAnswer): void {
  if (status === 204) {
    outgoing.writeHead(status, headers).end();
    return;
  }
  outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function record(
  { received, room }: Exchange,
  { status, body, who }: SandboxAnswer,
  {
    fault,
    acted = true,
    answered = true,
  }: { fault?: string; acted?: boolean; answered?: boolean } = {},
): void {
  room.log.add({
    method: received.method,
    path: received.path,
    search: received.search,
    headers: received.incoming.headers,
    body: clipText(describeForm(received.incoming.headers, received.raw) ?? received.body),
    at: room.now(),
    status: answered ? status : null,
    answer: answered ? clipText(body) : '',
    who,
    fault,
    acted,
  });
}
