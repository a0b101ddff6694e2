import { Readable } from 'node:stream';

export interface StreamBounds {
  readonly maxBytes: number;
  /** Milliseconds that the next bytes may take, from when they are asked for. */
  readonly idleMs?: number;
}

/**
 * Passes bytes on as they are read, and fails if they are too many or stall. While the stream is not read,
 * the source is paused: no more than one chunk is in memory.
 * @param atEnd done in any case, also when the stream is not read to its end
 */
export function boundStream(
  source: Readable,
  bounds: StreamBounds,
  atEnd: () => void | Promise<void>,
): Readable {
  const stream = Readable.from(readBounded(source, bounds), { objectMode: false });
  // Also where reading never began, and no generator has a "finally" to run.
  stream.once('close', () => {
    source.destroy();
    void atEnd();
  });
  return stream;
}

async function* readBounded(
  source: Readable,
  { maxBytes, idleMs = 0 }: StreamBounds,
): AsyncGenerator<Buffer> {
  let size = 0;
  const chunks = source.iterator() as AsyncIterableIterator<Buffer>;
  for (;;) {
    const { value: chunk, done } = await waitFor(chunks.next(), idleMs, source);
    if (done) return;
    size += chunk.length;
    if (size > maxBytes) throw new Error(`It is longer than ${maxBytes} bytes`);
    yield chunk;
  }
}

async function waitFor<T>(work: Promise<T>, idleMs: number, source: Readable): Promise<T> {
  if (idleMs === 0) return work;
  const timer = setTimeout(
    () => source.destroy(new Error(`No bytes came for ${idleMs / 1_000} s`)),
    idleMs,
  );
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
