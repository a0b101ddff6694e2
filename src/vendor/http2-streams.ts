import { isMap, isSet } from 'node:util/types';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/**
 * The streams of an HTTP/2 session by their numbers, in place of the `Map` of Node.js. A `Map` that outgrows
 * its table keeps a link from the old table to the new one. Once a dead table is in the old generation of V8,
 * each following table is promoted with all its streams and their data. A plain object has no such chain.
 */
export class StreamTable extends Map<number, ServerHttp2Stream> {
  #streams: Record<number, ServerHttp2Stream> = makeTable();
  #size = 0;

  override get size(): number {
    return this.#size;
  }

  override get(id: number): ServerHttp2Stream | undefined {
    return this.#streams[id];
  }

  override has(id: number): boolean {
    return this.#streams[id] !== undefined;
  }

  override set(id: number, stream: ServerHttp2Stream): this {
    if (!this.has(id)) this.#size += 1;
    this.#streams[id] = stream;
    return this;
  }

  override delete(id: number): boolean {
    if (!this.has(id)) return false;
    delete this.#streams[id];
    this.#size -= 1;
    return true;
  }

  override clear(): void {
    this.#streams = makeTable();
    this.#size = 0;
  }

  override forEach(
    visit: (stream: ServerHttp2Stream, id: number, all: Map<number, ServerHttp2Stream>) => void,
    self?: unknown,
  ): void {
    for (const [id, stream] of this.entries()) visit.call(self, stream, id, this);
  }

  override *entries(): MapIterator<[number, ServerHttp2Stream]> {
    for (const [id, stream] of Object.entries(this.#streams)) yield [Number(id), stream];
  }

  override *keys(): MapIterator<number> {
    for (const [id] of this.entries()) yield id;
  }

  override *values(): MapIterator<ServerHttp2Stream> {
    for (const [, stream] of this.entries()) yield stream;
  }

  override [Symbol.iterator](): MapIterator<[number, ServerHttp2Stream]> {
    return this.entries();
  }
}

/**
 * The streams of a session that have no number yet, in place of the `Set` of Node.js. Each is added and removed
 * at once, so that there is rarely a second one. A `Set` also grows by removed members, and chains its tables
 * as a `Map` does.
 */
export class PendingStreams extends Set<ServerHttp2Stream> {
  #only: ServerHttp2Stream | undefined;

  override get size(): number {
    return super.size + (this.#only ? 1 : 0);
  }

  override has(stream: ServerHttp2Stream): boolean {
    return this.#only === stream || super.has(stream);
  }

  override add(stream: ServerHttp2Stream): this {
    if (!this.#only && !super.has(stream)) this.#only = stream;
    else if (this.#only !== stream) super.add(stream);
    return this;
  }

  override delete(stream: ServerHttp2Stream): boolean {
    if (this.#only !== stream) return super.delete(stream);
    this.#only = undefined;
    return true;
  }

  override clear(): void {
    this.#only = undefined;
    super.clear();
  }

  override forEach(
    visit: (
      stream: ServerHttp2Stream,
      same: ServerHttp2Stream,
      all: Set<ServerHttp2Stream>,
    ) => void,
    self?: unknown,
  ): void {
    for (const stream of this.values()) visit.call(self, stream, stream, this);
  }

  override *values(): SetIterator<ServerHttp2Stream> {
    if (this.#only) yield this.#only;
    yield* super.values();
  }

  override keys(): SetIterator<ServerHttp2Stream> {
    return this.values();
  }

  override *entries(): SetIterator<[ServerHttp2Stream, ServerHttp2Stream]> {
    for (const stream of this.values()) yield [stream, stream];
  }

  override [Symbol.iterator](): SetIterator<ServerHttp2Stream> {
    return this.values();
  }
}

/**
 * Replaces the tables of every new session of a server, before its first stream. A session whose tables are
 * not found keeps them, and uses more memory.
 */
export function giveStreamTables(server: Pick<Http2Server, 'on'>): void {
  server.on('session', (session) => {
    const state = findState(session);
    if (isMap(state?.streams) && state.streams.size === 0) state.streams = new StreamTable();
    if (isSet(state?.pendingStreams) && state.pendingStreams.size === 0)
      state.pendingStreams = new PendingStreams();
  });
}

interface SessionState {
  streams?: unknown;
  pendingStreams?: unknown;
}

/** The private state of a session. `test/pure/http2-streams.test.ts` notices if a new version moves it. */
export function findState(session: ServerHttp2Session): SessionState | undefined {
  const key = Object.getOwnPropertySymbols(session).find(
    ({ description }) => description === 'state',
  );
  return key && (session as unknown as Record<symbol, SessionState>)[key];
}

function makeTable(): Record<number, ServerHttp2Stream> {
  return Object.create(null) as Record<number, ServerHttp2Stream>;
}
