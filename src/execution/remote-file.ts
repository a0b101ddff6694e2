import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ActionFailure } from '../actions/failures.js';
import type { FileStream } from '../actions/upload.js';

/** A file on another server, and the requests for it, which go through the egress guard. */
export interface FileOrigin {
  readonly host: string;
  /** Requests the file again, with these headers. @throws ActionFailure */
  ask(headers: Readonly<Record<string, string>>): Promise<IncomingMessage>;
  readonly maxBytes: number;
  /** The longest wait for its next bytes. */
  readonly timeoutMs: number;
}

/** How often in a row a connection may break before a byte was received. */
const MOST_BREAKS = 4;
const PAUSE_MS = 250;

/**
 * A file of another server, read as a stream. After a broken connection the rest is requested, and accepted
 * only if it provably belongs to the same file.
 */
export class RemoteFile implements FileStream {
  readonly type: string;
  readonly size: number | undefined;
  /** The validator of this version of the file, for If-Range; undefined if the server gives none. */
  readonly #version: string | undefined;
  /** Its length in bytes, as soon as it is known. */
  #end: number | undefined;
  #bytes: AsyncIterator<Buffer>;
  #at = 0;
  #breaks = 0;

  constructor(
    private readonly origin: FileOrigin,
    private response: IncomingMessage,
  ) {
    const { 'content-length': length, 'content-encoding': encoding = 'identity' } =
      response.headers;
    const isChunked = /\bchunked\b/i.test(response.headers['transfer-encoding'] ?? '');
    this.type = readType(response);
    this.size = length === undefined ? undefined : Number(length);
    this.#end = this.size;
    this.#version = readVersion(response);
    this.#bytes = listen(response);
    if (encoding !== 'identity') throw this.#refuse(`comes encoded as ${encoding.slice(0, 32)}`);
    // Without a length or chunks, a broken connection looks like the end of the file.
    if (this.size === undefined && !isChunked) throw this.#refuse('says nothing of where it ends');
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const next = await this.#next();
      const isShort = next !== 'broken' && next.done === true && this.#at < (this.#end ?? 0);
      if (next === 'broken' || isShort) {
        await this.#goOn();
        continue;
      }
      if (next.done === true) return undefined;
      this.#at += next.value.length;
      this.#breaks = 0;
      if (this.#at > this.origin.maxBytes) {
        this.close();
        throw refuseTooLong(this.origin.host, this.origin.maxBytes);
      }
      return next.value;
    }
  }

  close(): void {
    this.response.destroy();
  }

  async #next(): Promise<IteratorResult<Buffer> | 'broken'> {
    const { response } = this;
    const timer = setTimeout(() => response.destroy(), this.origin.timeoutMs);
    try {
      return await this.#bytes.next();
    } catch {
      return 'broken';
    } finally {
      clearTimeout(timer);
    }
  }

  /** Requests the rest. @throws ActionFailure PLATFORM_DOWN if the server does not send it */
  async #goOn(): Promise<void> {
    const broke = `${this.origin.host} broke off at byte ${this.#at}`;
    const canTell = this.#version !== undefined || this.#end !== undefined;
    if (!canTell) throw down(`${broke}, and does not say how its file can be told from another`);
    for (;;) {
      this.#breaks += 1;
      if (this.#breaks > MOST_BREAKS) throw down(`${broke}, and does not send the rest`);
      if (this.#breaks > 1) await sleep(PAUSE_MS * this.#breaks);
      const response = await this.#askForRest().catch((error: unknown) => {
        if (error instanceof ActionFailure && error.code === 'PLATFORM_DOWN') return undefined;
        throw error;
      });
      if (!response) continue;
      const { statusCode = 0 } = response;
      if (statusCode >= 500 || statusCode === 429) {
        response.destroy();
        continue;
      }
      if (statusCode !== 206 || !this.#isRest(response)) {
        response.destroy();
        throw down(`${broke}, and the rest of the same file is not to be had from it`);
      }
      this.response = response;
      this.#bytes = listen(response);
      return;
    }
  }

  #askForRest(): Promise<IncomingMessage> {
    return this.origin.ask({
      range: `bytes=${this.#at}-`,
      ...(this.#version !== undefined && { 'if-range': this.#version }),
    });
  }

  #isRest(response: IncomingMessage): boolean {
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '') ?? [];
    if (Number(start) !== this.#at) return false;
    if (total !== '*') {
      this.#end ??= Number(total);
      if (Number(total) !== this.#end) return false;
    }
    return (
      this.#version === undefined || (readVersion(response) ?? this.#version) === this.#version
    );
  }

  #refuse(why: string): ActionFailure {
    this.close();
    return new ActionFailure('INVALID_INPUT', `The file of ${this.origin.host} ${why}`);
  }
}

/** The media type of an answer, without parameters; empty if it has none. */
export function readType({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

export function refuseTooLong(host: string, maxBytes: number): ActionFailure {
  const message = `The file of ${host} has more than ${maxBytes} bytes, which is the most`;
  return new ActionFailure('INVALID_INPUT', message);
}

/** The validator for `If-Range`: a strong ETag, or else the time of the last change. */
function readVersion({ headers }: IncomingMessage): string | undefined {
  const { etag, 'last-modified': changed } = headers;
  return etag?.startsWith('"') ? etag : changed;
}

function listen(response: IncomingMessage): AsyncIterator<Buffer> {
  // A destroyed stream emits an error, which needs a listener.
  response.on('error', () => undefined);
  return (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
}

function down(message: string): ActionFailure {
  return new ActionFailure('PLATFORM_DOWN', message);
}
