import { createHash, type Hash } from 'node:crypto';

import {
  answerJson,
  answerNothing,
  type BodySink,
  type SandboxAnswer,
  type SandboxHead,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { answerRefusal, authenticate } from './data.js';
import { DataCall, DataRefusal, type DataResult } from './data-call.js';
import { finishResult, readParts } from './data-results.js';
import type { GoogleGrants } from './grants.js';
import type { Quota } from './quota.js';
import { readRelated } from './related.js';
import { UPLOAD_TARGETS, type UploadedFile, type UploadTarget } from './upload-targets.js';
import { inventId, type YouTubeWorld } from './world.js';

const GRANULE = 256 * 1024;
const API = '/youtube/v3';
/** The longest body of an upload in one request with its metadata. Unpublished, simulated. */
const MOST_RELATED = 64 * 1024 * 1024;

/** A file on its way in. Of its bytes nothing is kept but their number and their hash. */
interface UploadSession {
  readonly channel_id: string;
  readonly path: string;
  readonly type: string;
  readonly maxBytes: number;
  readonly hash: Hash;
  readonly parts: ReadonlySet<string> | undefined;
  readonly finish: (file: UploadedFile) => DataResult;
  total: number | undefined;
  received: number;
  /** Pieces that were taken, and questions that were answered. */
  puts: number;
  made?: { readonly id: string | undefined; readonly answer: DataResult };
}

interface UploadRoom {
  readonly world: YouTubeWorld;
  readonly grants: GoogleGrants;
  readonly quota: Quota;
  /** Uploads of videos have a budget of their own. */
  readonly uploadQuota: Quota;
}

/** Where a piece belongs, as its Content-Range says. */
interface PieceRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | undefined;
}

/**
 * The uploads below `/upload/youtube/v3`: in one request (`media`), in one with the metadata (`multipart`), and
 * resumable. Unverified, simulated as we read it: what a session answers once it is done, and that an odd piece
 * is a 400.
 * @see https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
 */
export class Uploads {
  readonly #sessions = new Map<string, UploadSession>();

  /** Forgets what is on its way. @returns how many */
  lose(channelId: string): number {
    let lost = 0;
    for (const [id, { channel_id, made }] of this.#sessions) {
      if (channel_id !== channelId || made) continue;
      this.#sessions.delete(id);
      lost += 1;
    }
    return lost;
  }

  clear(): void {
    this.#sessions.clear();
  }

  /** The sessions, for the page and the tests. */
  list(): object[] {
    return [...this.#sessions.values()].map(({ channel_id, received, total, puts, made }) => ({
      channel_id,
      received,
      total: total ?? null,
      puts,
      video_id: made?.id ?? null,
    }));
  }

  /** Opens a session. */
  begin(request: SandboxRequest, room: UploadRoom): SandboxAnswer {
    return refusing(() => this.#open(request, room));
  }

  #open(head: SandboxRequest, room: UploadRoom): SandboxAnswer {
    if (head.query.get('uploadType') !== 'resumable')
      throw new DataRefusal(400, 'badRequest', 'uploadType must be media, multipart or resumable.');
    const { headers, path } = head;
    const type = String(headers['x-upload-content-type'] ?? 'application/octet-stream');
    const announced = headers['x-upload-content-length'];
    const total = announced === undefined ? undefined : Number(announced);
    const { call, target, parts } = enter(head, head.body, room);
    requireFile(target, type, total);
    const id = inventId(48);
    this.#sessions.set(id, {
      channel_id: call.channelId,
      path: path.slice(API.length),
      type,
      maxBytes: target.maxBytes,
      hash: createHash('sha256'),
      parts,
      finish: target.begin(call),
      total,
      received: 0,
      puts: 0,
    });
    // Google may name another host; this is our own.
    const place = `http://${headers.host ?? 'localhost'}/upload${path}?uploadType=resumable&upload_id=${id}`;
    return { status: 200, headers: { location: place }, body: '' };
  }

  /** Takes a file as it comes; undefined for the request that opens a session. */
  take(head: SandboxHead, room: UploadRoom): BodySink | undefined {
    if (head.query.has('upload_id')) return this.#takePiece(head, room);
    const way = head.query.get('uploadType');
    if (way === 'media') return takeMedia(head, room);
    if (way !== 'multipart') return undefined;
    return collect(MOST_RELATED, (body) => answerRelated(head, body, room));
  }

  /** Takes a piece, or a question for what is there. */
  #takePiece(head: SandboxHead, room: UploadRoom): BodySink {
    let session: UploadSession;
    let range: PieceRange | undefined;
    try {
      session = this.#find(head, room);
      session.puts += 1;
      range = readRange(head, session);
    } catch (error) {
      return { take: () => undefined, finish: () => refusing(() => fail(error)) };
    }
    return {
      take: (bytes) => {
        if (!range) return;
        session.hash.update(bytes);
        session.received += bytes.length;
      },
      finish: () => refusing(() => answerSession(session)),
    };
  }

  #find(head: SandboxHead, { grants }: UploadRoom): UploadSession {
    const token = authenticate(head, grants);
    const session = this.#sessions.get(head.query.get('upload_id') ?? '');
    if (!session || session.channel_id !== token.grant.channel_id)
      throw new DataRefusal(404, 'notFound', 'The upload session cannot be found.');
    return session;
  }
}

/** The checks that every upload makes before its file: token, path, budget, scope, parts. */
function enter(head: SandboxHead, body: string, { world, grants, quota, uploadQuota }: UploadRoom) {
  const path = head.path.slice(API.length);
  const request = { ...head, path, body, raw: Buffer.alloc(0) };
  const call = new DataCall(request, authenticate(head, grants), world);
  const target = UPLOAD_TARGETS[`${head.method} ${path}`];
  if (!target) throw new DataRefusal(404, 'notFound', 'Not Found');
  const budget = target.budget === 'uploads' ? uploadQuota : quota;
  if (!budget.spend(target.units)) {
    const message = 'The request cannot be completed because you have exceeded your quota.';
    throw new DataRefusal(403, 'quotaExceeded', message);
  }
  if (!target.scopes.some((scope) => call.token.grant.scopes.includes(scope))) {
    const message = 'Request had insufficient authentication scopes.';
    throw new DataRefusal(403, 'insufficientPermissions', message);
  }
  return { call, target, parts: readParts(path, head.method, call.readList('part')) };
}

function requireFile({ types, maxBytes }: UploadTarget, type: string, total: number | undefined) {
  if (!types.test(type))
    throw new DataRefusal(400, 'mediaTypeNotSupported', `Files of the type ${type} are not taken.`);
  if (total !== undefined && !(total > 0 && total <= maxBytes))
    throw new DataRefusal(400, 'badRequest', 'The file has a length that is not taken.');
}

/** An upload in one request, without metadata. */
function takeMedia(head: SandboxHead, room: UploadRoom): BodySink {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    take: (piece) => {
      hash.update(piece);
      bytes += piece.length;
    },
    finish: () =>
      refusing(() => {
        const { call, target, parts } = enter(head, '', room);
        const type = readType(head.headers['content-type']);
        requireFile(target, type, bytes);
        const made = target.begin(call)({ bytes, sha256: hash.digest('hex'), type });
        return answer(call.request.path, made, parts);
      }),
  };
}

/** An upload in one request, behind its metadata. */
function answerRelated(head: SandboxHead, body: Buffer, room: UploadRoom): SandboxAnswer {
  const related = readRelated(head.headers, body);
  if (!related)
    throw new DataRefusal(400, 'badContent', 'The body must be multipart/related with two parts.');
  const { call, target, parts } = enter(head, related.metadata, room);
  const type = readType(related.type);
  requireFile(target, type, related.file.length);
  const sha256 = createHash('sha256').update(related.file).digest('hex');
  const made = target.begin(call)({ bytes: related.file.length, sha256, type });
  return answer(call.request.path, made, parts);
}

function readType(header: string | undefined): string {
  return header?.split(';')[0]?.trim() || 'application/octet-stream';
}

function answer(
  path: string,
  made: DataResult,
  parts: ReadonlySet<string> | undefined,
): SandboxAnswer {
  return made === undefined ? answerNothing() : answerJson(200, finishResult(path, made, parts));
}

/** Keeps a body up to a length, and answers it when it is whole. */
function collect(most: number, respond: (body: Buffer) => SandboxAnswer): BodySink {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    take: (bytes) => {
      size += bytes.length;
      if (size <= most) pieces.push(bytes);
    },
    finish: () =>
      refusing(() => {
        if (size > most) throw new DataRefusal(413, 'uploadTooLarge', 'The body is too long.');
        return respond(Buffer.concat(pieces));
      }),
  };
}

/** Undefined for a question. @throws DataRefusal for a piece that does not belong there */
function readRange({ headers }: SandboxHead, session: UploadSession): PieceRange | undefined {
  const text = String(headers['content-range'] ?? '');
  const refuse = (why: string): never => {
    throw new DataRefusal(400, 'badRequest', `Content-Range "${text}": ${why}`);
  };
  const [, first, last, whole] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(text) ?? [];
  if (whole === undefined) return refuse('is not understood');
  const total = whole === '*' ? undefined : Number(whole);
  if (session.total !== undefined && total !== undefined && total !== session.total)
    return refuse('another length was announced before');
  const length = Number(headers['content-length'] ?? NaN);
  if (first === undefined) return length > 0 ? refuse('a question has no body') : undefined;
  if (session.made) return undefined;
  const range = { start: Number(first), end: Number(last) + 1, total: total ?? session.total };
  if (range.end - range.start !== length) return refuse('the body has another length');
  if (range.start !== session.received) return refuse(`${session.received} bytes are here`);
  if (range.end > (range.total ?? session.maxBytes))
    return refuse('ends behind the end of the file');
  if (range.end !== range.total && length % GRANULE !== 0)
    return refuse('only the last piece may be no multiple of 256 KiB');
  session.total = range.total;
  return range;
}

function answerSession(session: UploadSession): SandboxAnswer {
  if (session.received === session.total && !session.made) {
    const { hash, received, type, finish } = session;
    const made = finish({ bytes: received, sha256: hash.copy().digest('hex'), type });
    const id = made && 'id' in made ? String(made.id) : undefined;
    session.made = { id, answer: made };
  }
  if (session.made) return answer(session.path, session.made.answer, session.parts);
  const last = session.received - 1;
  return { status: 308, headers: last < 0 ? {} : { range: `bytes=0-${last}` }, body: '' };
}

function refusing(answerIt: () => SandboxAnswer): SandboxAnswer {
  try {
    return answerIt();
  } catch (error) {
    if (error instanceof DataRefusal) return answerRefusal(error);
    throw error;
  }
}

function fail(error: unknown): never {
  throw error;
}
