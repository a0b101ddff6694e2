import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { answerError, type SandboxAnswer } from './exchange.js';

/** Where the file is that is as long as one asks for. */
export const GENERATED_FILE = '/sandbox/files/generated.mp4';

const BLOCK_BYTES = 65_536;
const MOST_BYTES = 1_099_511_627_776;

/** What a query of the address may say of the file. */
interface FileRequest {
  readonly bytes: number;
  /** Files of another seed have other content. */
  readonly seed: string;
  readonly type: string;
  /** The connection breaks here, for a request without a range. */
  readonly cutAt: number;
  readonly hasRanges: boolean;
  readonly hasLength: boolean;
}

/**
 * Sends a file of any length whose bytes follow from their place alone: `?bytes=&seed=&type=&cut_at=
 * &ranges=no&length=no`. Knows `Range` and `If-Range`, and waits for a reader who is slow.
 */
export async function sendGeneratedFile(
  { method, headers, url = '' }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const wish = readWish(new URL(url, 'http://sandbox').searchParams);
  if (typeof wish === 'string' || method !== 'GET')
    return refuse(outgoing, answerError(400, typeof wish === 'string' ? wish : 'only GET'));
  const etag = `"${wish.seed}-${wish.bytes}"`;
  const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
  const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
  const start = wish.hasRanges && isSame && asked !== undefined ? Number(asked) : 0;
  const isPart = wish.hasRanges && isSame && asked !== undefined;
  if (start >= wish.bytes && wish.bytes > 0)
    return refuse(outgoing, answerError(416, 'there is nothing'));
  outgoing.writeHead(isPart ? 206 : 200, {
    'content-type': wish.type,
    etag,
    ...(wish.hasRanges && { 'accept-ranges': 'bytes' }),
    ...(wish.hasLength && { 'content-length': wish.bytes - start }),
    ...(isPart && { 'content-range': `bytes ${start}-${wish.bytes - 1}/${wish.bytes}` }),
  });
  const end = isPart ? wish.bytes : Math.min(wish.bytes, wish.cutAt);
  for (const bytes of generate(wish.seed, start, end)) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(bytes)) await drained(outgoing);
  }
  if (end === wish.bytes) outgoing.end();
  else outgoing.destroy();
}

/** The bytes of a generated file from one place to another, block by block. */
export function* generate(seed: string, start: number, end: number): Generator<Buffer> {
  const pattern = makePattern(seed);
  for (let at = start; at < end;) {
    const index = Math.floor(at / BLOCK_BYTES);
    const block = Buffer.from(pattern);
    // No block is like another, so that none can be lost, doubled or swapped unseen.
    block.writeDoubleBE(index, 0);
    const from = at - index * BLOCK_BYTES;
    const bytes = block.subarray(from, Math.min(BLOCK_BYTES, end - index * BLOCK_BYTES));
    at += bytes.length;
    yield bytes;
  }
}

function makePattern(seed: string): Buffer {
  const hashes = Array.from({ length: BLOCK_BYTES / 32 }, (_, index) =>
    createHash('sha256').update(`${seed}:${index}`).digest(),
  );
  return Buffer.concat(hashes);
}

function readWish(query: URLSearchParams): FileRequest | string {
  const bytes = Number(query.get('bytes') ?? 1_048_576);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > MOST_BYTES)
    return 'bytes must be a whole number from 0';
  const type = query.get('type') ?? 'video/mp4';
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(type)) return 'type must be like video/mp4';
  const seed = query.get('seed') ?? 'sandbox';
  if (!/^\w{1,64}$/.test(seed)) return 'seed must be made of letters and digits';
  return {
    bytes,
    seed,
    type,
    cutAt: Number(query.get('cut_at') ?? Infinity),
    hasRanges: query.get('ranges') !== 'no',
    hasLength: query.get('length') !== 'no',
  };
}

function refuse(outgoing: ServerResponse, { status, headers, body }: SandboxAnswer): void {
  outgoing.writeHead(status, headers).end(body);
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}
