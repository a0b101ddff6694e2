import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ActionFailure, refuseInput } from '../../actions/failures.js';
import type { FileStream } from '../../actions/upload.js';
import { DoorRefusal, refuse } from '../../actions/door-refusal.js';

const ENVELOPE = 'envelope';
const FILE = 'file';
const TAKES_FORMS = '/api/v1/actions/execute';
/** How long a body that is answered already may go on coming. */
const LINGER_MS = 30_000;

/**
 * Passes forms unread to the route that takes them. A client that still sends after the answer is read for a
 * while: a client that is disconnected while it sends cannot read the answer.
 * @param instance the Fastify instance below Nest
 */
export function readForms(instance: FastifyInstance): void {
  instance.addContentTypeParser('multipart/form-data', (request, payload, done) => {
    if (request.routeOptions.url === TAKES_FORMS)
      return done(null, new Form(payload as IncomingMessage));
    const message = 'A form is taken by no route but that of single actions: send JSON';
    return done(new DoorRefusal('INVALID_ARGUMENT', 415, message));
  });
  instance.addHook('onResponse', ({ raw }, _reply, done) => {
    if (!raw.complete && !raw.destroyed) {
      const timer = setTimeout(() => raw.socket.destroy(), LINGER_MS).unref();
      raw.once('close', () => clearTimeout(timer));
      raw.unpipe();
      raw.resume();
    }
    done();
  });
}

/** Whether a request brings a form to the route that takes them, which bounds its time itself. */
export function isForm({ headers, routeOptions }: FastifyRequest): boolean {
  const isMultipart = headers['content-type']?.toLowerCase().startsWith('multipart/form-data');
  return isMultipart === true && routeOptions.url === TAKES_FORMS;
}

/** The content of a form: an envelope, and a file that is still being received. */
export interface FormContent {
  readonly envelope: unknown;
  readonly file?: FileStream;
}

/** A form on its way in: the part "envelope" first, then at most one part "file". */
export class Form {
  constructor(private readonly raw: IncomingMessage) {}

  /**
   * Reads as far as the beginning of the file.
   * @throws DoorRefusal for a form of another shape
   */
  async open(limits: { maxEnvelope: number; withinMs: number }): Promise<FormContent> {
    const { raw } = this;
    let parser: BusboyInstance;
    try {
      parser = new Busboy({
        headers: raw.headers as BusboyHeaders,
        limits: { fieldSize: limits.maxEnvelope, headerSize: 16_384 },
        isPartAFile: (name) => name !== ENVELOPE,
      });
    } catch (error) {
      throw refuse.malformed(`The form cannot be read: ${(error as Error).message}`);
    }
    const parts = new Parts(parser, limits.maxEnvelope);
    raw.once('close', () => {
      if (!raw.readableEnded) parts.fail(hungUp());
    });
    raw.pipe(parser);
    const timer = setTimeout(() => parts.fail(tooSlow()), limits.withinMs);
    try {
      return await parts.opened;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The parts of a form, as they are received. */
class Parts {
  readonly opened: Promise<FormContent>;
  /** The form is at its end, and nothing was wrong with it. */
  readonly #whole: Promise<void>;
  #open!: (content: FormContent) => void;
  #fail!: (error: Error) => void;
  #failWhole!: (error: Error) => void;
  #envelope: { readonly value: unknown } | undefined;
  #file: Readable | undefined;
  #isOpened = false;

  constructor(
    parser: BusboyInstance,
    private readonly maxEnvelope: number,
  ) {
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    this.#whole = new Promise((resolve, reject) => {
      parser.once('finish', resolve);
      this.#failWhole = reject;
    });
    // Either promise may have no one awaiting it.
    this.opened.catch(() => undefined);
    this.#whole.catch(() => undefined);
    parser.on('field', (_name, value, _isNameCut, isCut) => this.#takeEnvelope(value, isCut));
    parser.on('file', (name, stream, _filename, _encoding, type) =>
      this.#takeFile(name, stream, type),
    );
    parser.once('finish', () => this.#finish());
    parser.on('error', () => this.fail(refusePart(FILE, 'is cut off: the form has no end')));
  }

  /** The form is invalid; a file that is being received then fails. */
  fail(error: Error): void {
    this.#isOpened = true;
    this.#fail(error instanceof ActionFailure ? refuse.malformed(error.message) : error);
    this.#failWhole(error);
    this.#file?.destroy(error);
  }

  #takeEnvelope(text: string, isCut: boolean): void {
    if (this.#envelope) return this.fail(refusePart(ENVELOPE, 'must come once'));
    if (isCut) {
      const message = `The part "${ENVELOPE}" is larger than ${this.maxEnvelope} bytes`;
      return this.fail(new DoorRefusal('INVALID_ARGUMENT', 413, message));
    }
    // The parser reads invalid UTF-8 as this character, which no valid envelope contains.
    if (text.includes('\uFFFD')) {
      const message =
        'is not valid UTF-8; where U+FFFD itself is meant, write it as the JSON escape for it';
      return this.fail(refusePart(ENVELOPE, message));
    }
    try {
      this.#envelope = { value: JSON.parse(text) };
    } catch (error) {
      this.fail(refusePart(ENVELOPE, `is not valid JSON: ${(error as Error).message}`));
    }
  }

  #takeFile(name: string, stream: Readable, type: string): void {
    // A destroyed stream emits an error, and it may have no reader.
    stream.on('error', () => undefined);
    const fault = this.#findFault(name);
    if (fault || !this.#envelope) {
      stream.resume();
      return this.fail(fault ?? refusePart(ENVELOPE, 'is missing: it must come before the file'));
    }
    this.#file = stream;
    if (this.#isOpened) return;
    this.#isOpened = true;
    this.#open({
      envelope: this.#envelope.value,
      file: new AttachedFile(type.slice(0, 128), stream, this.#whole),
    });
  }

  #findFault(name: string): ActionFailure | undefined {
    if (name !== FILE)
      return refusePart(name.slice(0, 64), `is not known here: send "${ENVELOPE}" and "${FILE}"`);
    return this.#file && refusePart(FILE, 'must come once');
  }

  #finish(): void {
    if (this.#isOpened) return;
    if (!this.#envelope) return this.fail(refusePart(ENVELOPE, 'is missing'));
    this.#isOpened = true;
    this.#open({ envelope: this.#envelope.value });
  }
}

/** The file of a form. It is at its end only when the whole form is, so that none is ever cut short. */
class AttachedFile implements FileStream {
  readonly size = undefined;
  readonly #bytes: AsyncIterator<Buffer>;

  constructor(
    readonly type: string,
    private readonly stream: Readable,
    private readonly whole: Promise<void>,
  ) {
    this.#bytes = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      const next = await this.#bytes.next();
      if (next.done !== true) return next.value;
    } catch {
      // Why is said below.
    }
    await this.whole;
    return undefined;
  }

  close(): void {
    this.stream.destroy();
  }
}

function refusePart(part: string, message: string): ActionFailure {
  return refuseInput([{ field: part, message }]);
}

function hungUp(): ActionFailure {
  return new ActionFailure('CANCELLED', 'The caller hung up before the file was whole');
}

function tooSlow(): DoorRefusal {
  const message = `The part "${ENVELOPE}" did not come in time`;
  return new DoorRefusal('DEADLINE_EXCEEDED', 408, message);
}
