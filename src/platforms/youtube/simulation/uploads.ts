import type { VideoSnippet } from './resources.js';
import { createHash, type Hash } from 'node:crypto';

import {
  answerJson,
  type BodySink,
  type SandboxAnswer,
  type SandboxHead,
  type SandboxRequest,
} from '../../../sandbox/exchange.js';
import { answerRefusal, authenticate } from './data.js';
import { DataCall, DataRefusal } from './data-call.js';
import { readSnippet, readStatus, showVideo } from './data-videos.js';
import { readParts } from './data-results.js';
import type { GoogleGrants } from './grants.js';
import type { Quota } from './quota.js';
import { FORCE_SSL, MANAGE, UPLOAD } from './scopes.js';
import { inventId, type Video, type VideoStatus, type YouTubeWorld } from './world.js';

const GRANULE = 256 * 1024;
const MOST_BYTES = 274_877_906_944;

/** A file on its way in. Of its bytes nothing is kept but their number and their hash. */
interface UploadSession {
  readonly channel_id: string;
  readonly video: { readonly snippet: VideoSnippet; readonly status: VideoStatus };
  readonly type: string;
  readonly hash: Hash;
  notify_subscribers: boolean;
  total: number | undefined;
  received: number;
  /** Pieces that were taken, and questions that were answered. */
  puts: number;
  made?: Video;
}

interface UploadRoom {
  readonly world: YouTubeWorld;
  readonly grants: GoogleGrants;
  /** Uploads have a budget of their own. */
  readonly uploadQuota: Quota;
}

/** Where a piece belongs, as its Content-Range says. */
interface PieceRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | undefined;
}

/**
 * The resumable uploads of videos below `/upload/youtube/v3/videos`. Unverified, simulated as we read
 * it: what a session answers once it is done, and that an odd piece is a 400.
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
    return refusing(() => {
      const call = new DataCall(request, authenticate(request, room.grants), room.world);
      if (request.method !== 'POST' || request.path !== '/youtube/v3/videos')
        throw new DataRefusal(404, 'notFound', 'Not Found');
      if (!room.uploadQuota.spend(1)) {
        const message = 'The request cannot be completed because you have exceeded your quota.';
        throw new DataRefusal(403, 'quotaExceeded', message);
      }
      requireScope(call);
      if (call.readQuery('uploadType') !== 'resumable')
        throw new DataRefusal(400, 'badRequest', 'Only resumable uploads are simulated.');
      readParts('/videos', request.method, call.readList('part'));
      const id = inventId(48);
      this.#sessions.set(id, openSession(call, request));
      // Google names another host; a client that sends its token there has not read the documentation.
      const place = `https://www.googleapis.com/upload${request.path}?uploadType=resumable&upload_id=${id}`;
      return { status: 200, headers: { location: place }, body: '' };
    });
  }

  /** Takes a piece, or a question for what is there. */
  take(head: SandboxHead, room: UploadRoom): BodySink {
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
      finish: () => refusing(() => answerSession(session, room)),
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

function requireScope({ token }: DataCall): void {
  if ([MANAGE, FORCE_SSL, UPLOAD].some((scope) => token.grant.scopes.includes(scope))) return;
  const message = 'Request had insufficient authentication scopes.';
  throw new DataRefusal(403, 'insufficientPermissions', message);
}

function openSession(call: DataCall, { headers }: SandboxRequest): UploadSession {
  const type = String(headers['x-upload-content-type'] ?? '');
  if (!/^(video\/.+|application\/octet-stream)$/.test(type))
    throw new DataRefusal(400, 'mediaTypeNotSupported', `The type ${type} is no video.`);
  const announced = headers['x-upload-content-length'];
  const total = announced === undefined ? undefined : Number(announced);
  if (total !== undefined && !(total > 0 && total <= MOST_BYTES))
    throw new DataRefusal(400, 'badRequest', 'The file has a length that no video has.');
  return {
    channel_id: call.channelId,
    video: { snippet: readSnippet(call, '22'), status: readStatus(call) },
    type,
    hash: createHash('sha256'),
    notify_subscribers: call.readQuery('notifySubscribers') !== 'false',
    total,
    received: 0,
    puts: 0,
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
  if (range.end > (range.total ?? MOST_BYTES)) return refuse('ends behind the end of the file');
  if (range.end !== range.total && length % GRANULE !== 0)
    return refuse('only the last piece may be no multiple of 256 KiB');
  session.total = range.total;
  return range;
}

function answerSession(session: UploadSession, { world }: UploadRoom): SandboxAnswer {
  if (session.received === session.total) session.made ??= makeVideo(session, world);
  if (session.made) return answerJson(200, showVideo(world, session.made));
  const last = session.received - 1;
  return { status: 308, headers: last < 0 ? {} : { range: `bytes=0-${last}` }, body: '' };
}

function makeVideo(session: UploadSession, world: YouTubeWorld): Video {
  const { channel_id, video, hash, received, type, notify_subscribers } = session;
  const made = world.addVideo({ id: inventId(8), channel_id, snippet: video.snippet });
  made.status = { ...video.status, uploadStatus: 'uploaded' };
  made.file = { bytes: received, sha256: hash.copy().digest('hex'), type };
  made.notify_subscribers = notify_subscribers;
  return made;
}

function refusing(answer: () => SandboxAnswer): SandboxAnswer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof DataRefusal) return answerRefusal(error);
    throw error;
  }
}

function fail(error: unknown): never {
  throw error;
}
