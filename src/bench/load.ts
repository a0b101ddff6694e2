import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** What a load came to. Times are milliseconds. */
export interface Sample {
  /** Actions that were answered with a yes. */
  readonly actions: number;
  /** Calls that were not; the reason of the first. */
  readonly failures: number;
  readonly failure?: string;
  readonly ms: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Makes one call and tells how many actions it carried out. */
export type MakeCall = (index: number) => Promise<number>;

/** A number for each call, never twice in a run, so that no call repeats another. */
let made = 0;

/** Every worker makes one call after the other until the time is over. */
export async function saturate(call: MakeCall, workers: number, forMs: number): Promise<Sample> {
  const tally = new Tally();
  const until = performance.now() + forMs;
  const work = async (): Promise<void> => {
    while (performance.now() < until) await tally.time(call, performance.now());
  };
  await Promise.all(Array.from({ length: workers }, work));
  return tally.finish();
}

/** Calls begin at a steady rate, whoever is still under way; their time counts from when they were due. */
export async function pace(call: MakeCall, perSecond: number, forMs: number): Promise<Sample> {
  const tally = new Tally();
  const underWay = new Set<Promise<void>>();
  const since = performance.now();
  const calls = Math.round((perSecond * forMs) / 1_000);
  for (let index = 0; index < calls; index += 1) {
    const due = since + (index * 1_000) / perSecond;
    // One pause may be shorter than the time between two calls.
    while (performance.now() < due) await sleep(1);
    const work = tally.time(call, due).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
  return tally.finish();
}

class Tally {
  readonly #since = performance.now();
  readonly #times: number[] = [];
  #actions = 0;
  #failures = 0;
  #failure: string | undefined;

  async time(call: MakeCall, since: number): Promise<void> {
    try {
      const actions = await call((made += 1));
      this.#actions += actions;
      this.#times.push(performance.now() - since);
    } catch (error) {
      this.#failures += 1;
      this.#failure ??= (error as Error).message;
    }
  }

  finish(): Sample {
    return {
      actions: this.#actions,
      failures: this.#failures,
      ...(this.#failure !== undefined && { failure: this.#failure }),
      ms: performance.now() - this.#since,
      ...findPercentiles(this.#times),
    };
  }
}

/** The middle of some times, and their slow ends. */
export function findPercentiles(times: readonly number[]): Pick<Sample, 'p50' | 'p95' | 'p99'> {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

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
      if (performance.now() < until) stream.write(frame(makeMessage((made += 1))));
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
