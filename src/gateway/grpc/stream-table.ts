import { isMap } from 'node:util/types';
import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/**
 * The streams of a session by their numbers. A `Map` that outgrows its table leaves the old one behind
 * with a link to the new one; once such a table has got into the old generation, dead, every table after
 * it follows it there with all its streams, and what they hold. An object leaves nothing behind.
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
 * Gives every session that comes to a server such a table in the place of its own, before its first
 * stream. Where a session of Node.js has none to be found, it stays as it is, and costs more.
 */
export function giveStreamTables(server: Pick<Http2Server, 'on'>): void {
  server.on('session', (session) => {
    const state = findState(session);
    if (isMap(state?.streams) && state.streams.size === 0) state.streams = new StreamTable();
  });
}

/** What Node.js knows of a session, and keeps to itself. */
export function findState(session: ServerHttp2Session): { streams?: unknown } | undefined {
  const key = Object.getOwnPropertySymbols(session).find(
    ({ description }) => description === 'state',
  );
  return key && (session as unknown as Record<symbol, { streams?: unknown }>)[key];
}

function makeTable(): Record<number, ServerHttp2Stream> {
  return Object.create(null) as Record<number, ServerHttp2Stream>;
}
