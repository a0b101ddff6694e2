import { ActionFailure, refuseInput } from '../actions/failures.js';
import { isObject } from '../actions/json.js';
import type { FileStream, Upload } from '../actions/upload.js';
import type { Delivery, PlatformAnswer, PlatformRequest, Refusal } from '../actions/wire.js';

/** What the upstream session lends to an upload, so that none of its safeguards is walked around. */
export interface UploadSession {
  /** Name of the platform for people. */
  readonly platform: string;
  /** What the caller called the file: a field, or a part of the form. */
  readonly field: string;
  openFile(): Promise<FileStream>;
  /** Whether the file can be read from its beginning once more. */
  readonly canReopen: boolean;
  /** Waits for work, for as long as nobody cancels. */
  race<T>(work: Promise<T>): Promise<T>;
  /** Sends a request once, a dead token renewed. `isLast`: it may have the effect, and nothing stops it. */
  deliver(request: PlatformRequest, isLast: boolean): Promise<Delivery>;
  judge(delivery: Delivery): Refusal;
  /** Waits before a repeat; false where the table of repeats, or the time, allows none. */
  pause(refusal: Refusal, made: number): Promise<boolean>;
  conclude(refusal: Refusal, delivery: Delivery, request: PlatformRequest): ActionFailure;
  /** Notes what is known: the last piece may have arrived, or surely has not, or the video is there. */
  note(known: 'in doubt' | 'undone' | 'done'): void;
  /** Notes that the platform holds more than before. */
  noteProgress(): void;
}

/** Every piece but the last has a multiple of 256 KiB. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** What an upload holds of its file: a piece, and one byte that tells whether it is the last. */
export const WINDOW_BYTES = PIECE_BYTES + 1;
/** A session that the platform has lost is opened once more, where the file can be read once more. */
const MOST_SESSIONS = 2;
const STAND_IN_TYPE = 'application/octet-stream';

/** What the platform holds of a file. */
type Held =
  | { readonly kind: 'done'; readonly answer: PlatformAnswer }
  | { readonly kind: 'part'; readonly bytes: number }
  | { readonly kind: 'gone' };

/**
 * Uploads as Google's APIs take them: a request opens a session, pieces of the file are put to its
 * address, each answered with 308 and what is held so far, the last with what was made of the file.
 * After anything unclear the session is asked what it holds, and the upload goes on from there. The
 * effect is in the last piece alone: while that has not left, nothing has happened, and a cancel counts.
 *
 * Unverified, as Google's page on it was not at hand: that pieces are multiples of 256 KiB, that the
 * answer to the last one is 200 or 201, and what a session answers when it is done.
 * @see https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
 */
export async function uploadFile(upload: Upload, upstream: UploadSession): Promise<PlatformAnswer> {
  for (let sessions = 1; ; sessions += 1) {
    const file = await upstream.openFile();
    try {
      const pieces = new Pieces(file, upload, upstream);
      // A file that is refused is refused before the platform hears of it.
      await pieces.fill();
      const session = await openSession(upload, file, pieces, upstream);
      const answer = await new Session(session, pieces, upstream).sendAll();
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

/** @returns the request that its pieces are variations of */
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
  // Its host is not asked about: our token goes where the configuration says, and nowhere else.
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

/** Sends what changes nothing, as often as it takes. @throws ActionFailure */
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
    private readonly pieces: Pieces,
    private readonly upstream: UploadSession,
  ) {}

  /** @returns the answer to the last piece; undefined when the session was lost before it */
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

  /** Sends the piece at hand once. @returns what is held after it */
  async #sendPiece(): Promise<Held> {
    const { pieces, upstream } = this;
    const { isLast, end, bytes } = pieces;
    const request = this.#put(`bytes ${pieces.start}-${end - 1}/${pieces.total ?? '*'}`, bytes);
    const delivery = await upstream.deliver(request, isLast);
    const answer = delivery.kind === 'answered' ? delivery.answer : undefined;
    const held = answer && readHeld(answer);
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
    // A no that does not pass ends the upload; in doubt, what is held has to be known all the same.
    const mayGoOn = await upstream.pause(refusal, this.#failures);
    if (!mayGoOn && !isInDoubt) throw upstream.conclude(refusal, delivery, request);
    const known = await this.#learn(isInDoubt);
    if (known.kind === 'gone') return isInDoubt ? this.#missLast() : known;
    if (known.kind === 'done') return known;
    this.#settle(known);
    if (!mayGoOn) throw upstream.conclude({ ...refusal, happened: 'no' }, delivery, request);
    return known;
  }

  /** Asks what the session holds. In doubt, whatever keeps us from knowing leaves the outcome unknown. */
  async #learn(isInDoubt: boolean): Promise<Held> {
    const { upstream, pieces } = this;
    const total = pieces.total;
    const request = this.#put(`bytes */${total ?? '*'}`, new Uint8Array());
    try {
      for (let made = 1; ; made += 1) {
        const held = readHeld(await ask(request, upstream, (answer) => !!readHeld(answer)));
        if (held?.kind !== 'part' || held.bytes < (total ?? Infinity)) return held ?? GONE;
        // All is there, and nothing is made of it yet.
        if (!(await upstream.pause(UNFINISHED, made)))
          throw this.#doubt('has not finished the upload');
      }
    } catch (error) {
      if (!isInDoubt || !(error instanceof ActionFailure)) throw error;
      if (error.code === 'OUTCOME_UNKNOWN') throw error;
      throw this.#doubt(`does not say whether the upload is whole: ${error.message}`);
    }
  }

  /** The platform waits for more, so nothing has happened yet. */
  #settle(held: Held & { readonly kind: 'part' }): Held {
    this.upstream.note('undone');
    if (held.bytes > this.pieces.start) {
      this.upstream.noteProgress();
      this.#failures = 0;
    }
    return held;
  }

  /** A session may be gone because it is done. */
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
/** Every byte was taken, and no word came of what was made of them. */
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

/** What an answer of a session says of the file; undefined when it says nothing of it. */
function readHeld(answer: PlatformAnswer): Held | undefined {
  const { status, headers, body } = answer;
  // A yes that nobody can read is no answer: the session is asked again.
  if (isYes(answer)) return isObject(body) ? { kind: 'done', answer } : undefined;
  if (status === 404 || status === 410) return GONE;
  if (status !== 308) return undefined;
  const { range } = headers;
  if (range === undefined) return { kind: 'part', bytes: 0 };
  const last = /^bytes=0-(\d{1,15})$/.exec(range)?.[1];
  return last === undefined ? undefined : { kind: 'part', bytes: Number(last) + 1 };
}

/** A window on a file: the piece to send next, and one byte more, which tells whether it is the last. */
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

  /** Behind its last byte. */
  get end(): number {
    return this.start + this.bytes.length;
  }

  /** Reads until the window is full or the file at its end. @throws ActionFailure */
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

  /** Goes to what the platform waits for. @returns false when that has gone by */
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
