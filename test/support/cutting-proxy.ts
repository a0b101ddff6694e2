import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a proxy does with one request in place of handing it on. */
export type Interference =
  /** Hands the request on, waits for the whole answer, and cuts the connection without it. */
  | { readonly kind: 'cut answer' }
  /** Answers by itself; the gateway never sees the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body: object;
    }
  /** Hands the answer on until it contains a text, then cuts the connection. */
  | { readonly kind: 'cut after'; readonly text: string };

/** An HTTP proxy before a gateway that interferes with the next requests, in order. */
export class CuttingProxy {
  readonly #waiting: Interference[] = [];
  /** The idempotency keys of the requests that came, empty where there was none. */
  readonly keys: string[] = [];

  private constructor(
    private readonly target: string,
    private readonly server = createServer((incoming, answer) => this.#serve(incoming, answer)),
  ) {}

  static async open(target: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Forgets the keys of before, and interferes with the next requests. */
  interfere(...with_: readonly Interference[]): void {
    this.keys.length = 0;
    this.#waiting.splice(0, Infinity, ...with_);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    this.keys.push(String(incoming.headers['idempotency-key'] ?? ''));
    const interference = this.#waiting.shift();
    if (interference?.kind === 'answer') {
      const { status, headers, body } = interference;
      incoming.resume();
      answer.writeHead(status, { 'content-type': 'application/json', ...headers });
      answer.end(JSON.stringify(body));
      return;
    }
    const { method, headers, url = '' } = incoming;
    const onward = request(this.target + url, { method, headers }, (given) => {
      if (interference?.kind === 'cut answer') {
        given.resume().on('end', () => answer.socket?.destroy());
        return;
      }
      answer.writeHead(given.statusCode ?? 502, given.headers);
      if (!interference) return void given.pipe(answer);
      given.on('data', (chunk: Buffer) => {
        answer.write(chunk);
        if (!chunk.includes(interference.text)) return;
        given.destroy();
        answer.socket?.destroySoon();
      });
    });
    onward.on('error', () => answer.socket?.destroy());
    answer.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}
