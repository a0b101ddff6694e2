import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { constants, brotliCompressSync, gzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROOT } from '../../config/root.js';
import { DoorRefusal } from '../../actions/door-refusal.js';
import { renderNoConsolePage } from '../pages/page.js';

/** Where `npm run build` puts the console, from the root of the repository. */
const BUILT = join(ROOT, 'console/dist');
const INDEX = 'index.html';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The names of these files hold a hash of what is in them. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
const BROTLI_QUALITY = 5;

type Encoding = 'br' | 'gzip' | 'identity';

interface ConsoleFile {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** Made when first asked for; all answers that wait to be read share them. */
  readonly bytes: Map<Encoding, Buffer>;
}

/**
 * Serves the built console below `/console`, from memory: it is less than a megabyte, and a file that is
 * streamed from the disk would be one more thing that slow readers hold open. Every address without a file
 * name is a screen of the console, which its own router opens.
 * @param folder of the built console
 */
export function serveConsole(
  instance: FastifyInstance,
  options: { readonly sandbox: boolean },
  folder = BUILT,
): void {
  const files = readFiles(folder);
  const serve = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = (request.params as { '*'?: string })['*'] ?? '';
    const isScreen = extname(path) === '';
    const file = files.get(isScreen ? INDEX : path);
    if (file) return send(request, reply, file);
    if (isScreen)
      return reply
        .code(503)
        .type(TYPES['.html'] ?? '')
        .send(renderNoConsolePage(options));
    throw new DoorRefusal('NOT_FOUND', 404, `The console has no file ${path}`);
  };
  instance.get('/console', (_request, reply) => reply.redirect('/console/', 308));
  instance.get('/console/*', serve);
}

function send(request: FastifyRequest, reply: FastifyReply, file: ConsoleFile): FastifyReply {
  const encoding = chooseEncoding(String(request.headers['accept-encoding'] ?? ''));
  void reply
    .header('cache-control', file.cacheControl)
    .header('etag', file.etag)
    .header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply.type(file.type).send(encode(file, encoding));
}

function encode({ bytes }: ConsoleFile, encoding: Encoding): Buffer {
  const known = bytes.get(encoding);
  if (known) return known;
  const identity = bytes.get('identity') ?? Buffer.alloc(0);
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  const made = encoding === 'br' ? brotliCompressSync(identity, { params }) : gzipSync(identity);
  bytes.set(encoding, made);
  return made;
}

function chooseEncoding(accepted: string): Encoding {
  if (/\bbr\b(?!\s*;\s*q=0(?![.]))/.test(accepted)) return 'br';
  return /\bgzip\b(?!\s*;\s*q=0(?![.]))/.test(accepted) ? 'gzip' : 'identity';
}

/** Every file of the console by its path; none where it is not built. */
function readFiles(folder: string): ReadonlyMap<string, ConsoleFile> {
  const paths = listFiles(folder);
  return new Map(
    paths.map((path) => [relative(folder, path).split(sep).join('/'), readFile(path)] as const),
  );
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readFile(path: string): ConsoleFile {
  const identity = readFileSync(path);
  return {
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`,
    cacheControl: path.includes(`${sep}assets${sep}`) ? IMMUTABLE : ASK_AGAIN,
    bytes: new Map([['identity', identity]]),
  };
}
