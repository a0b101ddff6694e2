import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import type { Interference } from './cutting-proxy.js';

const service = loadSync('action_gateway/v1/action_gateway.proto', {
  includeDirs: [join(import.meta.dirname, '../../proto')],
  keepCase: true,
  enums: String,
})['action_gateway.v1.ActionGateway'] as ServiceDefinition;

const GRPC_STATUS: Readonly<Record<number, status>> = { 503: status.UNAVAILABLE };

/** A proxy for gRPC before a gateway that interferes with the next calls, in order. */
export class CuttingGrpcProxy {
  readonly #waiting: Interference[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #onward: ClientHttp2Session;
  /** The idempotency keys of the calls that came, empty where there was none. */
  readonly keys: string[] = [];

  private constructor(
    address: string,
    private readonly server = createServer(),
  ) {
    this.#onward = connect(`http://${address}`);
    server.on('session', (session) => this.#sessions.add(session));
    server.on('stream', (stream, headers) => this.#serve(stream, headers));
  }

  static async open(address: string): Promise<CuttingGrpcProxy> {
    const proxy = new CuttingGrpcProxy(address);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets the keys of before, and interferes with the next calls. */
  interfere(...with_: readonly Interference[]): void {
    this.keys.length = 0;
    this.#waiting.splice(0, Infinity, ...with_);
  }

  async close(): Promise<void> {
    this.#onward.destroy();
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    this.keys.push(String(headers['idempotency-key'] ?? ''));
    const interference = this.#waiting.shift();
    // What is cut here ends in an error of the stream.
    stream.on('error', () => undefined);
    if (interference?.kind === 'answer') return answer(stream, interference);
    const onward = this.#onward.request(headers);
    onward.on('error', () => stream.close());
    let trailers: IncomingHttpHeaders = {};
    onward.on('trailers', (given) => (trailers = given));
    if (interference?.kind === 'cut answer') {
      onward.resume().on('end', () => stream.session?.destroy());
    } else {
      onward.on('response', (given, flags) => {
        // A call without messages has its status among the headers.
        const isWhole = given['grpc-status'] !== undefined || (flags & 1) === 1;
        stream.respond(given, isWhole ? { endStream: true } : { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      });
      onward.on('data', (chunk: Buffer) => {
        if (stream.destroyed) return;
        stream.write(chunk, () => {
          if (interference && chunk.includes(interference.text)) stream.session?.destroy();
        });
      });
      onward.on('end', () => stream.end());
    }
    stream.on('close', () => onward.close());
    stream.pipe(onward);
  }
}

/** Answers with an outcome, or with a refusal by the door. */
function answer(
  stream: ServerHttp2Stream,
  { status: http, headers = {}, body }: Extract<Interference, { kind: 'answer' }>,
): void {
  stream.resume();
  const type = { ':status': 200, 'content-type': 'application/grpc' };
  if (!('action_id' in body)) {
    const { detail = '' } = body as { detail?: string };
    const refusal = { 'grpc-status': GRPC_STATUS[http] ?? status.INTERNAL, 'grpc-message': detail };
    stream.respond({ ...type, ...headers, ...refusal }, { endStream: true });
    return;
  }
  const message = service['ExecuteAction']?.responseSerialize(body) ?? Buffer.alloc(0);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  stream.respond(type, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([frame, message]));
}
