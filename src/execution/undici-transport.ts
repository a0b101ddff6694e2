import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Dispatcher } from 'undici';
import { type Delivery, Transport, type WireRequest } from '../actions/wire.js';
import { readAnswer } from './answer-redaction.js';
import { CONFIG, type Config } from '../config/config.js';
import { joinHostAndPort } from '../config/listen-address.js';
import { chooseProxy, type ProxySettings } from '../config/proxy.js';
import { Agent, buildConnector } from '../vendor/undici.js';
import { openTunnel, type TunnelEnd } from './tunnel.js';
import {
  describeFault,
  type EncodedBody,
  encodeBody,
  listHeaders,
  LONGEST_ANSWER_BYTES,
} from './wire-form.js';

const CONNECT_WITHIN_MS = 10_000;
const NOTHING = Buffer.alloc(0);
const NO_HEADERS: IncomingHttpHeaders = {};

/**
 * HTTP by undici, for the requests of actions: a call costs a fifth of one through axios. Redirects are never
 * followed, and the client never repeats a request.
 */
@Injectable()
export class UndiciTransport extends Transport implements OnApplicationShutdown {
  readonly #agent: Agent;

  constructor(@Inject(CONFIG) { proxies }: Pick<Config, 'proxies'>) {
    super();
    this.#agent = new Agent({
      connections: 256,
      pipelining: 1,
      connect: proxies ? makeConnector(proxies) : { timeout: CONNECT_WITHIN_MS },
      maxResponseSize: LONGEST_ANSWER_BYTES,
      // The whole call has one time-out below; these restart with every byte.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  deliver(request: WireRequest, timeoutMs: number): Promise<Delivery> {
    return this.#send(request, encodeBody(request.body), timeoutMs);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  #send(
    request: WireRequest,
    { type, content, length }: EncodedBody,
    timeoutMs: number,
  ): Promise<Delivery> {
    const { method, url, headers } = request;
    return new Promise((resolve, reject) => {
      const at = url.indexOf('/', url.indexOf('://') + 3);
      const listed = listHeaders(headers, type);
      if (length !== undefined) listed.push('content-length', String(length));
      this.#agent.dispatch(
        {
          origin: at < 0 ? url : url.slice(0, at),
          path: at < 0 ? '/' : url.slice(at),
          method,
          headers: listed,
          // Its types omit arrays, which it accepts like every other iterable.
          body: content as Dispatcher.DispatchOptions['body'],
        },
        new Exchange(request, timeoutMs, resolve, reject),
      );
    });
  }
}

/** Connects through the configured proxies, or directly if none applies to an address. */
function makeConnector(proxies: ProxySettings): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_WITHIN_MS });
  return (wanted, done) => {
    const { protocol, hostname, port } = wanted;
    const isSecure = protocol === 'https:';
    const end = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (isSecure ? 443 : 80)),
    };
    const url = new URL(`${protocol}//${joinHostAndPort(end.host, end.port)}`);
    const proxy = chooseProxy(proxies, url);
    if (proxy === undefined) return connect(wanted, done);
    void tunnel(proxy, end, isSecure);

    async function tunnel(through: string, to: TunnelEnd, secure: boolean): Promise<void> {
      try {
        const socket = await openTunnel(through, to);
        if (secure) connect({ ...wanted, httpSocket: socket }, done);
        else done(null, socket);
      } catch (error) {
        done(error as Error, null);
      }
    }
  };
}

/**
 * One request and its answer, which is buffered: answers are small and have a limit, and a stream for each
 * costs more than the rest of the call.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #timer: NodeJS.Timeout;
  /** Most answers come in one piece. */
  #first: Buffer | undefined;
  #others: Buffer[] | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #isOverdue = false;
  #status = 0;
  #headers = NO_HEADERS;

  constructor(
    private readonly request: WireRequest,
    timeoutMs: number,
    private readonly resolve: (delivery: Delivery | Promise<Delivery>) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.#timer = setTimeout(() => this.#stop(), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOverdue) controller.abort(new Error('The time is over'));
  }

  /** Also called for interim (1xx) answers. */
  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#first === undefined) this.#first = chunk;
    else (this.#others ??= []).push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const first = this.#first ?? NOTHING;
    const bytes = this.#others ? Buffer.concat([first, ...this.#others]) : first;
    const unpack = UNPACK.get(this.#headers['content-encoding'] as 'gzip');
    if (!unpack) return this.resolve(this.#describe(bytes));
    const unpacking = unpack(bytes, { maxOutputLength: LONGEST_ANSWER_BYTES });
    this.resolve(
      unpacking.then(
        (unpacked) => this.#describe(unpacked),
        (error: Error) => this.#judge(error),
      ),
    );
  }

  onResponseError(_controller: unknown, error: Error): void {
    clearTimeout(this.#timer);
    if (this.#isOverdue) return;
    try {
      this.resolve(this.#judge(error));
    } catch (fault) {
      this.reject(fault as Error);
    }
  }

  /** A request that has not started yet is aborted as soon as it does. */
  #stop(): void {
    this.#isOverdue = true;
    this.resolve(describeFault(this.request.url, 'ETIMEDOUT'));
    this.#controller?.abort(new Error('The time is over'));
  }

  #describe(bytes: Buffer): Delivery {
    return {
      kind: 'answered',
      answer: {
        status: this.#status,
        headers: joinValues(this.#headers),
        body: readAnswer(this.request, this.#status, readText(bytes)),
      },
    };
  }

  /** @throws Error for a fault of the gateway: a request that cannot be written */
  #judge(error: Error & { code?: string }): Delivery {
    const { code = error.name } = error;
    if (code === 'UND_ERR_INVALID_ARG' || error instanceof TypeError) throw error;
    return describeFault(this.request.url, code);
  }
}

/** Decodes compressed answers. The requests do not ask for compression. */
const UNPACK = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
] as const);

const BYTE_ORDER_MARK = 0xfe_ff;

function readText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** Joins the values of repeated headers in place. */
function joinValues(headers: IncomingHttpHeaders): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}
