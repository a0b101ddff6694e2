import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { HeldShare } from '../../safeguards/held-bytes.js';
import type { ProcessBounds } from '../../safeguards/process-bounds.js';
import { isPausedByNode, takeParser } from '../../vendor/node-http.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Bytes that are parsed at a time: few, so that they contain few requests. */
const SLICE_BYTES = 1_024;
/** Memory that a parsed request takes while it waits. */
const WAITING_REQUEST_BYTES = 4_096;
/** Answers up to this size are not counted: those of all connections together are small. */
const SMALL_ANSWER_BYTES = 16_384;
/** How often stalled answers are looked for. */
const SWEEP_MS = 1_000;

const QUEUE = Symbol('queue');

/**
 * Serves the requests of each connection one after the other. While a client has not read an answer, no
 * further request of its connection is parsed. Node.js alone would parse all pipelined requests of one read,
 * a few thousand, and prepare all their answers. Unread answers are counted. Their connections are destroyed
 * when the answers exceed the bound of the process, or make no progress for `answerTimeoutMs`.
 */
export function serveSequentially(
  server: Server,
  bounds: ProcessBounds,
  { answerTimeoutMs }: { readonly answerTimeoutMs: number },
): void {
  const [handle] = server.listeners('request') as Handle[];
  if (!handle) throw new Error('The server has no handler yet');
  const open = new Set<ConnectionQueue>();
  const ofSocket = (socket: Socket): ConnectionQueue => {
    const carrier = socket as { [QUEUE]?: ConnectionQueue };
    if (carrier[QUEUE]) return carrier[QUEUE];
    const queue = (carrier[QUEUE] = new ConnectionQueue(socket, handle, bounds));
    open.add(queue);
    socket.once('close', () => {
      open.delete(queue);
      queue.close();
    });
    return queue;
  };
  server.off('request', handle);
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    ofSocket(request.socket).handle(request, response),
  );
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    ofSocket(socket).parseInSlices();
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const queue of open) queue.destroyIfStalled(now, answerTimeoutMs);
  }, SWEEP_MS).unref();
  server.once('close', () => clearInterval(sweep));
}

/** The requests of one connection. */
class ConnectionQueue {
  readonly #waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  #isHandling = false;
  /** Bytes that were read and have not been parsed. */
  #unparsed: Buffer | undefined;
  /** Remaining bytes of the current body, which are parsed without slices. */
  #bodyLeft = 0;
  #parse: ((bytes: Buffer) => void) | undefined;
  #held: HeldShare | undefined;
  /** Bytes in the buffer of the socket, and since when this number has not changed. */
  #stalledBytes = 0;
  #stalledSince = 0;

  constructor(
    private readonly socket: Socket,
    private readonly handler: Handle,
    private readonly bounds: ProcessBounds,
  ) {}

  /** Passes bytes to the parser of Node.js in slices, until a request has to wait. */
  parseInSlices(): void {
    const { socket } = this;
    this.#parse = takeParser(socket, (bytes) => this.#feed(bytes));
    if (this.#parse) socket.on('resume', () => this.#resume());
  }

  /** Handles a request, or queues it. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isHandling) {
      this.#waiting.push([request, response]);
      this.#pause();
      return;
    }
    this.#isHandling = true;
    const length = Number(request.headers['content-length']);
    // A part of the body may be in the current slice.
    if (length > SLICE_BYTES) this.#bodyLeft = length - SLICE_BYTES;
    let unread: HeldShare | undefined;
    response.once('prefinish', () => {
      const { writableLength } = this.socket;
      if (writableLength <= SMALL_ANSWER_BYTES) return;
      unread = this.bounds.unreadAnswers.hold(this.#owner, writableLength, () =>
        this.socket.destroy(),
      );
    });
    response.once('close', () => {
      if (unread) this.bounds.unreadAnswers.release(unread);
      this.#next();
    });
    this.handler(request, response);
  }

  /** Destroys the connection if its answer makes no progress. */
  destroyIfStalled(now: number, timeoutMs: number): void {
    const { writableLength } = this.socket;
    if (writableLength !== this.#stalledBytes) {
      this.#stalledBytes = writableLength;
      this.#stalledSince = now;
    } else if (writableLength > 0 && now - this.#stalledSince >= timeoutMs) this.socket.destroy();
  }

  /** Drops queued requests when the connection has closed. */
  close(): void {
    this.#waiting.length = 0;
    this.#unparsed = undefined;
    this.#updateHeld();
  }

  get #owner(): string {
    return this.socket.remoteAddress ?? '';
  }

  #pause(): void {
    this.socket.pause();
    this.#updateHeld();
  }

  #next(): void {
    this.#isHandling = false;
    const next = this.#waiting.shift();
    if (next) this.handle(...next);
    this.#resume();
  }

  /** Continues to parse if no request is queued. */
  #resume(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    if (this.#waiting.length > 0) return void socket.pause();
    // Node.js has paused the socket and its parser, and resumes both when the socket has drained.
    if (isPausedByNode(socket)) return;
    const bytes = this.#unparsed;
    this.#unparsed = undefined;
    if (bytes) this.#feed(bytes);
    this.#updateHeld();
    if (!this.#unparsed && this.#waiting.length === 0 && !isPausedByNode(socket)) socket.resume();
  }

  #feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.socket.destroyed) {
      if (this.#waiting.length > 0 || isPausedByNode(this.socket)) {
        this.#unparsed = at === 0 ? bytes : bytes.subarray(at);
        return this.#pause();
      }
      const end = at + Math.max(SLICE_BYTES, this.#bodyLeft);
      const slice = at === 0 && end >= bytes.length ? bytes : bytes.subarray(at, end);
      this.#bodyLeft = Math.max(0, this.#bodyLeft - slice.length);
      at += slice.length;
      this.#parse?.(slice);
    }
  }

  /** Counts queued requests and bytes as an unfinished message of an unauthenticated caller. */
  #updateHeld(): void {
    const bytes = (this.#unparsed?.length ?? 0) + this.#waiting.length * WAITING_REQUEST_BYTES;
    const { unknownCallers } = this.bounds;
    if (bytes === 0) {
      if (this.#held) unknownCallers.release(this.#held);
      this.#held = undefined;
    } else if (this.#held) unknownCallers.resize(this.#held, bytes);
    else this.#held = unknownCallers.hold(this.#owner, bytes, () => this.socket.destroy());
  }
}
