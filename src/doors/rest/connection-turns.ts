import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Holding } from '../../safeguards/held-bytes.js';
import type { ProcessBounds } from '../../safeguards/process-bounds.js';
import { isPausedByNode, takeParser } from '../../vendor/node-http.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Bytes that are parsed at a time: few enough that they hold few requests. */
const SLICE_BYTES = 1_024;
/** What a parsed request takes while it waits for its turn. */
const WAITING_REQUEST_BYTES = 4_096;
/** Answers up to here are not counted: those of all connections together are small. */
const SMALL_ANSWER_BYTES = 16_384;
/** How often answers are looked at that nobody reads. */
const SWEEP_MS = 1_000;

const TURNS = Symbol('turns');

/**
 * Serves the requests of each connection one after the other. While an answer waits to be read, no further
 * request of its connection is parsed: Node.js alone would parse a whole read of pipelined requests, a few
 * thousand, and prepare the answers to all of them. Answers that are not read are counted, and cut off when
 * they exceed the bound of the process or make no progress for `answerTimeoutMs`.
 */
export function serveInTurn(
  server: Server,
  bounds: ProcessBounds,
  { answerTimeoutMs }: { readonly answerTimeoutMs: number },
): void {
  const [handle] = server.listeners('request') as Handle[];
  if (!handle) throw new Error('The server has no handler yet');
  const open = new Set<ConnectionTurns>();
  const ofSocket = (socket: Socket): ConnectionTurns => {
    const carrier = socket as { [TURNS]?: ConnectionTurns };
    if (carrier[TURNS]) return carrier[TURNS];
    const turns = (carrier[TURNS] = new ConnectionTurns(socket, handle, bounds));
    open.add(turns);
    socket.once('close', () => {
      open.delete(turns);
      turns.end();
    });
    return turns;
  };
  server.off('request', handle);
  server.on('request', (request: IncomingMessage, response: ServerResponse) =>
    ofSocket(request.socket).take(request, response),
  );
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    ofSocket(socket).parseInSlices();
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const turns of open) turns.cutIfStalled(now, answerTimeoutMs);
  }, SWEEP_MS).unref();
  server.once('close', () => clearInterval(sweep));
}

/** The requests of one connection. */
class ConnectionTurns {
  readonly #waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  #isBusy = false;
  /** Bytes that were read and not parsed yet. */
  #unparsed: Buffer | undefined;
  /** Bytes of the present body that are surely still to come, which need no slices. */
  #bodyLeft = 0;
  #parse: ((bytes: Buffer) => void) | undefined;
  #held: Holding | undefined;
  /** Bytes that wait in the socket, and since when this number has not changed. */
  #stuck = 0;
  #stuckSince = 0;

  constructor(
    private readonly socket: Socket,
    private readonly handle: Handle,
    private readonly bounds: ProcessBounds,
  ) {}

  /** Hands bytes to the parser of Node.js in slices, until a request has to wait. */
  parseInSlices(): void {
    const { socket } = this;
    this.#parse = takeParser(socket, (bytes) => this.#feed(bytes));
    if (this.#parse) socket.on('resume', () => this.#goOn());
  }

  /** Handles a request, or lets it wait for its turn. */
  take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isBusy) {
      this.#waiting.push([request, response]);
      this.#wait();
      return;
    }
    this.#isBusy = true;
    const length = Number(request.headers['content-length']);
    // Some of it may lie in the present slice.
    if (length > SLICE_BYTES) this.#bodyLeft = length - SLICE_BYTES;
    let unread: Holding | undefined;
    response.once('prefinish', () => {
      const { writableLength } = this.socket;
      if (writableLength <= SMALL_ANSWER_BYTES) return;
      unread = this.bounds.unreadAnswers.hold(this.#owner, writableLength, () =>
        this.socket.destroy(),
      );
    });
    response.once('close', () => {
      if (unread) this.bounds.unreadAnswers.release(unread);
      this.#finish();
    });
    this.handle(request, response);
  }

  /** Cuts a connection off whose answer makes no progress. */
  cutIfStalled(now: number, timeoutMs: number): void {
    const { writableLength } = this.socket;
    if (writableLength !== this.#stuck) {
      this.#stuck = writableLength;
      this.#stuckSince = now;
    } else if (writableLength > 0 && now - this.#stuckSince >= timeoutMs) this.socket.destroy();
  }

  /** Forgets what waits: the connection is gone. */
  end(): void {
    this.#waiting.length = 0;
    this.#unparsed = undefined;
    this.#count();
  }

  get #owner(): string {
    return this.socket.remoteAddress ?? '';
  }

  #wait(): void {
    this.socket.pause();
    this.#count();
  }

  #finish(): void {
    this.#isBusy = false;
    const next = this.#waiting.shift();
    if (next) this.take(...next);
    this.#goOn();
  }

  /** Parses on where nothing waits any more. */
  #goOn(): void {
    const { socket } = this;
    if (socket.destroyed) return;
    if (this.#waiting.length > 0) return void socket.pause();
    // Node.js has paused its parser, and resumes both when the socket has drained.
    if (isPausedByNode(socket)) return;
    const bytes = this.#unparsed;
    this.#unparsed = undefined;
    if (bytes) this.#feed(bytes);
    this.#count();
    if (!this.#unparsed && this.#waiting.length === 0 && !isPausedByNode(socket)) socket.resume();
  }

  #feed(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.socket.destroyed) {
      if (this.#waiting.length > 0 || isPausedByNode(this.socket)) {
        this.#unparsed = at === 0 ? bytes : bytes.subarray(at);
        return this.#wait();
      }
      const end = at + Math.max(SLICE_BYTES, this.#bodyLeft);
      const slice = at === 0 && end >= bytes.length ? bytes : bytes.subarray(at, end);
      this.#bodyLeft = Math.max(0, this.#bodyLeft - slice.length);
      at += slice.length;
      this.#parse?.(slice);
    }
  }

  /** Counts what waits as an unfinished message of a caller that is not known yet. */
  #count(): void {
    const bytes = (this.#unparsed?.length ?? 0) + this.#waiting.length * WAITING_REQUEST_BYTES;
    const { unknownCallers } = this.bounds;
    if (bytes === 0) {
      if (this.#held) unknownCallers.release(this.#held);
      this.#held = undefined;
    } else if (this.#held) unknownCallers.resize(this.#held, bytes);
    else this.#held = unknownCallers.hold(this.#owner, bytes, () => this.socket.destroy());
  }
}
