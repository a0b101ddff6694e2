import { ActionFailure, refuseInput } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { FileStream, Upload } from '../actions/upload.js';
import type { Delivery, PlatformAnswer, PlatformRequest, Refusal, Yes } from '../actions/wire.js';

/** The parts of the upstream session that an upload uses, so that every safeguard applies to it. */
export interface UploadSession {
  /** Display name of the platform. */
  readonly platform: string;
  /** The caller's name of the file: a field, or a part of the form. */
  readonly field: string;
  openFile(): Promise<FileStream>;
  /** Whether the file can be read again from its beginning. */
  readonly canReopen: boolean;
  /** Waits for work, until a cancel or the end of the time. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Sends a request once, with a rejected token renewed. `isLast`: it may have the effect, and nothing stops it. */
  deliver(request: PlatformRequest, isLast: boolean): Promise<Delivery>;
  judge(delivery: Delivery): Refusal;
  /** Waits before a repeat. @returns false if the retry rules or the time allow none */
  pause(refusal: Refusal, made: number): Promise<boolean>;
  conclude(refusal: Refusal, delivery: Delivery, request: PlatformRequest): ActionFailure;
  /** Records what is known: the last piece may have arrived, surely has not, or the file is complete. */
  note(known: 'in doubt' | 'undone' | 'done'): void;
  /** Records that the platform holds more than before. */
  noteProgress(): void;
}

/** The size of every piece but the last is a multiple of 256 KiB. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** The part of the file in memory: one piece, and one byte that shows whether it is the last piece. */
export const WINDOW_BYTES = PIECE_BYTES + 1;
/** A lost session is opened once more if the file can be read again. */
const MOST_SESSIONS = 2;
/** Whether a request of an upload is a piece of it, or a question for what is there. */
export function isPiece({ headers }: PlatformRequest): boolean {
  return headers?.['content-range'] !== undefined;
}

const STAND_IN_TYPE = 'application/octet-stream';

/** The part of a file that the platform holds. */
type Held =
  | { readonly kind: 'done'; readonly answer: PlatformAnswer }
  | { readonly kind: 'part'; readonly bytes: number }
  | { readonly kind: 'gone' };

/**
 * Uploads a file by the resumable protocol of Google's APIs. A request opens a session. Pieces of the file
 * are put to its address: each is answered with 308 and the range held so far, the last with the created
 * resource. After an unclear answer the session is queried for the range it holds, and the upload goes on
 * from there. Only the last piece has an effect: until it is sent, a cancel stops the upload.
 *
 * Unverified, as Google's page on it was not at hand: that pieces are multiples of 256 KiB, that the
 * answer to the last one is 200 or 201, and what a session answers when it is done.
 * @see https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
 */
export async function uploadFile(upload: Upload, upstream: UploadSession): Promise<PlatformAnswer> {
  for (let sessions = 1; ; sessions += 1) {
    const file = await openFile(upstream);
    try {
      const pieces = new Pieces(file, upload, upstream);
      // An unfit file is refused before the platform gets a request.
      await pieces.fill();
      const session = await openSession(upload, file, pieces, upstream);
      const answer = await new Session(session, upload.session.yes, pieces, upstream).sendAll();
      if (answer) return answer;
    } finally {
      file.close();
    }
    if (sessions >= MOST_SESSIONS || !upstream.canReopen) {
      const message = `${upstream.platform} lost the upload before it was whole: nothing of it is left there`;
      throw new ActionFailure('PLATFORM_DOWN', message);
    }
  }
}

/** @throws ActionFailure INVALID_INPUT that names the field, where the file cannot be read or is too long */
async function openFile(upstream: UploadSession): Promise<FileStream> {
  const named = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw nameField(error, upstream.field);
    });
  const file = await named(upstream.openFile());
  return {
    type: file.type,
    size: file.size,
    read: () => named(file.read()),
    close: () => file.close(),
  };
}

/** What is wrong with a file is told of its field. */
function nameField(error: unknown, field: string): unknown {
  if (!(error instanceof ActionFailure) || error.code !== 'INVALID_INPUT') return error;
  const { message, details } = error;
  const violations = details.violations ?? [{ field, message }];
  return new ActionFailure('INVALID_INPUT', message, { ...details, violations });
}

/** @returns the request that every piece is sent with */
async function openSession(
  { session }: Upload,
  { type }: FileStream,
  { total }: Pieces,
  upstream: UploadSession,
): Promise<PlatformRequest> {
  const request: PlatformRequest = {
    ...session,
    headers: {
      ...session.headers,
      'x-upload-content-type': type || STAND_IN_TYPE,
      ...(total !== undefined && { 'x-upload-content-length': String(total) }),
    },
  };
  const { headers } = await ask(request, upstream, isYes);
  const place = headers['location'] ?? '';
  const message = `${upstream.platform} opened no session for the upload`;
  // The host of the answer is ignored: the token is sent only to the configured host.
  const url = URL.canParse(place, 'https://host.invalid')
    ? new URL(place, 'https://host.invalid')
    : undefined;
  if (place === '' || !url) throw new ActionFailure('PLATFORM_DOWN', message);
  const id = url.searchParams.get('upload_id') ?? '';
  return {
    method: 'PUT',
    path: `${url.pathname}${url.search}`,
    headers: { 'content-type': type || STAND_IN_TYPE },
    secrets: [url.search, id, encodeURIComponent(id)].filter((secret) => secret !== ''),
  };
}

/** Sends a request without an effect until it is answered. @throws ActionFailure */
async function ask(
  request: PlatformRequest,
  upstream: UploadSession,
  isAnswer: (answer: PlatformAnswer) => boolean,
): Promise<PlatformAnswer> {
  for (let made = 1; ; made += 1) {
    const delivery = await upstream.deliver(request, false);
    if (delivery.kind === 'answered' && isAnswer(delivery.answer)) return delivery.answer;
    const refusal = upstream.judge(delivery);
    if (await upstream.pause(refusal, made)) continue;
    throw upstream.conclude(refusal, delivery, request);
  }
}

/** One session, from its first piece to its last. */
class Session {
  #failures = 0;

  constructor(
    private readonly request: PlatformRequest,
    /** The form of the answer to the last piece. */
    private readonly yes: Yes | undefined,
    private readonly pieces: Pieces,
    private readonly upstream: UploadSession,
  ) {}

  /** @returns the answer to the last piece; undefined if the session was lost before */
  async sendAll(): Promise<PlatformAnswer | undefined> {
    const { pieces } = this;
    for (;;) {
      await pieces.fill();
      const { isLast } = pieces;
      const held = await this.#sendPiece();
      if (held.kind === 'done') return this.#finish(held.answer, isLast);
      if (held.kind === 'gone' || !pieces.moveTo(held.bytes)) return undefined;
    }
  }

  #finish(answer: PlatformAnswer, isLast: boolean): PlatformAnswer {
    this.upstream.note('done');
    if (isLast) return answer;
    const message = `${this.upstream.platform} took a part of the file for the whole`;
    throw new ActionFailure('UNREADABLE_ANSWER', message);
  }

  /** Sends the current piece once. @returns the part that the platform holds afterwards */
  async #sendPiece(): Promise<Held> {
    const { pieces, upstream } = this;
    const { isLast, end, bytes } = pieces;
    const request = this.#put(`bytes ${pieces.start}-${end - 1}/${pieces.total ?? '*'}`, bytes);
    const delivery = await upstream.deliver(request, isLast);
    const answer = delivery.kind === 'answered' ? delivery.answer : undefined;
    const held = answer && readHeld(answer, this.yes);
    if (held?.kind === 'done') return held;
    if (held?.kind === 'gone') return isLast ? this.#missLast() : held;
    const isWhole = held !== undefined && held.bytes >= (pieces.total ?? Infinity);
    if (held && !isWhole && held.bytes > pieces.start) return this.#settle(held);
    const isUnclear = isWhole || (answer !== undefined && isYes(answer));
    const said = held ? STUCK : upstream.judge(delivery);
    const refusal = isUnclear ? UNFINISHED : said;
    const isInDoubt = isLast && refusal.happened === 'maybe';
    if (isInDoubt) upstream.note('in doubt');
    this.#failures += 1;
    // A permanent refusal ends the upload. In doubt, the held range is queried even then.
    const mayGoOn = await upstream.pause(refusal, this.#failures);
    if (!mayGoOn && !isInDoubt) throw upstream.conclude(refusal, delivery, request);
    const known = await this.#learn(isInDoubt);
    if (known.kind === 'gone') return isInDoubt ? this.#missLast() : known;
    if (known.kind === 'done') return known;
    this.#settle(known);
    if (!mayGoOn) throw upstream.conclude({ ...refusal, happened: 'no' }, delivery, request);
    return known;
  }

  /** Queries the range that the session holds. In doubt, a failure of the query leaves the outcome unknown. */
  async #learn(isInDoubt: boolean): Promise<Held> {
    const { upstream, pieces } = this;
    const total = pieces.total;
    const request = this.#put(`bytes */${total ?? '*'}`, new Uint8Array());
    try {
      for (let made = 1; ; made += 1) {
        const read = (answer: PlatformAnswer): Held | undefined => readHeld(answer, this.yes);
        const held = read(await ask(request, upstream, (answer) => !!read(answer)));
        if (held?.kind !== 'part' || held.bytes < (total ?? Infinity)) return held ?? GONE;
        // The platform has every byte, and has not finished the upload.
        if (!(await upstream.pause(UNFINISHED, made)))
          throw this.#doubt('has not finished the upload');
      }
    } catch (error) {
      if (!isInDoubt || !(error instanceof ActionFailure)) throw error;
      if (error.code === 'OUTCOME_UNKNOWN') throw error;
      throw this.#doubt(`does not say whether the upload is whole: ${error.message}`);
    }
  }

  /** The platform waits for more bytes, so nothing has happened yet. */
  #settle(held: Held & { readonly kind: 'part' }): Held {
    this.upstream.note('undone');
    if (held.bytes > this.pieces.start) {
      this.upstream.noteProgress();
      this.#failures = 0;
    }
    return held;
  }

  /** A session may be gone because the upload is complete. */
  #missLast(): never {
    this.upstream.note('in doubt');
    throw this.#doubt('no longer knows the upload whose last piece was on its way');
  }

  #put(range: string, bytes: Uint8Array): PlatformRequest {
    return {
      ...this.request,
      headers: { ...this.request.headers, 'content-range': range },
      bytes,
    };
  }

  #doubt(what: string): ActionFailure {
    return new ActionFailure('OUTCOME_UNKNOWN', `${this.upstream.platform} ${what}`);
  }
}

const GONE: Held = { kind: 'gone' };
/** The platform took every byte, and did not report a result. */
const UNFINISHED: Refusal = {
  code: 'PLATFORM_DOWN',
  message: 'The platform has the whole file, and has not finished',
  happened: 'maybe',
};

const STUCK: Refusal = {
  code: 'PLATFORM_DOWN',
  message: 'The platform takes no more of the file',
  happened: 'no',
};

const isYes = ({ status }: PlatformAnswer): boolean => status >= 200 && status < 300;

/** The part of the file that an answer confirms; undefined if it confirms nothing. */
function readHeld(answer: PlatformAnswer, yes: Yes = 'body'): Held | undefined {
  const { status, headers, body } = answer;
  // An unreadable 2xx is not an answer: the session is queried again.
  if (isYes(answer)) {
    const isEmpty = status === 204 && body === undefined;
    const isWhole = yes === 'no body' ? isEmpty : isObject(body);
    return isWhole ? { kind: 'done', answer } : undefined;
  }
  if (status === 404 || status === 410) return GONE;
  if (status !== 308) return undefined;
  const { range } = headers;
  if (range === undefined) return { kind: 'part', bytes: 0 };
  const last = /^bytes=0-(\d{1,15})$/.exec(range)?.[1];
  return last === undefined ? undefined : { kind: 'part', bytes: Number(last) + 1 };
}

/** A window on a file: the next piece, and one byte more, which shows whether it is the last. */
class Pieces {
  /** Where the piece begins in the file. */
  start = 0;
  readonly #window = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  #filled = 0;
  #rest: Uint8Array | undefined;
  #isRead = false;

  constructor(
    private readonly file: FileStream,
    private readonly upload: Upload,
    private readonly upstream: UploadSession,
  ) {
    if (upload.types.test(file.type || STAND_IN_TYPE)) return;
    throw this.#refuse(`must be ${upload.typesMean}, and is ${file.type.slice(0, 64)}`);
  }

  /** Length of the file, as soon as it is known. */
  get total(): number | undefined {
    return this.#isRead ? this.start + this.#filled : this.file.size;
  }

  get isLast(): boolean {
    return this.#isRead && this.#filled <= PIECE_BYTES;
  }

  get bytes(): Uint8Array {
    return this.#window.subarray(0, Math.min(this.#filled, PIECE_BYTES));
  }

  /** The position after its last byte. */
  get end(): number {
    return this.start + this.bytes.length;
  }

  /** Reads until the window is full or the file ends. @throws ActionFailure */
  async fill(): Promise<void> {
    while (!this.#isRead && this.#filled < this.#window.length) {
      const bytes = this.#rest ?? (await this.upstream.race(this.file.read()));
      if (bytes === undefined) {
        this.#isRead = true;
        break;
      }
      const taken = bytes.subarray(0, this.#window.length - this.#filled);
      this.#window.set(taken, this.#filled);
      this.#filled += taken.length;
      this.#rest = taken.length < bytes.length ? bytes.subarray(taken.length) : undefined;
    }
    const seen = this.start + this.#filled;
    if (seen === 0) throw this.#refuse('is empty');
    if (seen > this.upload.maxBytes)
      throw this.#refuse(`must have at most ${this.upload.maxBytes} bytes, and has more`);
  }

  /** Moves to the byte that the platform needs next. @returns false if the window has passed it */
  moveTo(at: number): boolean {
    if (at < this.start || at > this.end) return false;
    this.#window.copyWithin(0, at - this.start, this.#filled);
    this.#filled -= at - this.start;
    this.start = at;
    return true;
  }

  #refuse(message: string): ActionFailure {
    return refuseInput([{ field: this.upstream.field, message }]);
  }
}
