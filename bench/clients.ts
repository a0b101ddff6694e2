import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { Pool } from 'undici';
import { takeNumber } from './load.js';

const GRPC_HEADERS = {
  ':method': 'POST',
  'content-type': 'application/grpc',
  te: 'trailers',
} as const;

/** A gRPC client as light as can be: HTTP/2 and bytes that were encoded before, so that the server is what is measured. */
export class GrpcLoad {
  readonly #sessions: ClientHttp2Session[];
  #turn = 0;
  #isClosed = false;

  constructor(
    addresses: readonly string[],
    private readonly token: string,
    connections = 4,
  ) {
    this.#sessions = Array.from({ length: connections }, (_none, index) =>
      this.#connect(addresses[index % addresses.length] ?? '', index),
    );
  }

  /** The bytes of the answer to one unary call. */
  unary(path: string, message: Buffer): Promise<Buffer> {
    const stream = this.#open(path);
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.end(frame(message));
    return settle(stream).then(() => {
      const [answer] = unframe(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      if (!answer) throw new Error('The answer is empty');
      return answer.message;
    });
  }

  /** Sends messages on one stream, so many at a time, until the time is over; counts the answers. */
  async stream(
    path: string,
    makeMessage: (index: number) => Buffer,
    { window, forMs, check }: StreamLoad,
  ): Promise<number> {
    const stream = this.#open(path);
    const ended = settle(stream);
    const until = performance.now() + forMs;
    let answered = 0;
    let rest: Buffer = Buffer.alloc(0);
    const send = (): void => {
      if (performance.now() < until) stream.write(frame(makeMessage(takeNumber())));
      else if (!stream.writableEnded) stream.end();
    };
    stream.on('data', (chunk: Buffer) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let read = 0;
      for (const { message, end } of unframe(bytes)) {
        if (check(message)) answered += 1;
        read = end;
        send();
      }
      rest = bytes.subarray(read);
    });
    for (let index = 0; index < window; index += 1) send();
    await ended;
    return answered;
  }

  /** Connections have an age, and a server that ends one expects the client to come anew. */
  #connect(address: string, index: number): ClientHttp2Session {
    const session = connect(`http://${address}`);
    // What fails is told to the calls.
    session.on('error', () => undefined);
    return session.on('goaway', () => {
      if (!this.#isClosed) this.#sessions[index] = this.#connect(address, index);
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const session of this.#sessions) session.destroy();
  }

  #open(path: string): ClientHttp2Stream {
    this.#turn = (this.#turn + 1) % this.#sessions.length;
    const session = this.#sessions[this.#turn] as ClientHttp2Session;
    return session.request({
      ...GRPC_HEADERS,
      ':path': path,
      ...(this.token && { authorization: `Bearer ${this.token}` }),
    });
  }
}

export interface StreamLoad {
  readonly window: number;
  readonly forMs: number;
  /** Whether an answer is a yes. */
  check(message: Buffer): boolean;
}

/** Resolves when a call has ended well. */
function settle(stream: ClientHttp2Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    let status: unknown;
    let said: unknown;
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      status = headers['grpc-status'] ?? status;
      said = headers['grpc-message'] ?? said;
    };
    stream.on('response', read);
    stream.on('trailers', read);
    stream.on('error', reject);
    stream.on('close', () => {
      if (Number(status) === 0) resolve();
      else reject(new Error(`gRPC status ${String(status)}: ${String(said)}`));
    });
  });
}

const PREFIX = 5;

/** A message as gRPC puts it on the wire: not compressed, its length, its bytes. */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  message.copy(framed, PREFIX);
  return framed;
}

function* unframe(bytes: Buffer): Generator<{ message: Buffer; end: number }> {
  for (let at = 0; at + PREFIX <= bytes.length;) {
    const end = at + PREFIX + bytes.readUInt32BE(at + 1);
    if (end > bytes.length) return;
    yield { message: bytes.subarray(at + PREFIX, end), end };
    at = end;
  }
}

/** A REST client as light as can be. */
export class RestLoad {
  readonly #pool: Pool;

  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.#pool = new Pool(url, { connections: 256 });
  }

  async post(path: string, body: string): Promise<{ status: number; text: string }> {
    const answer = await this.#pool.request({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
