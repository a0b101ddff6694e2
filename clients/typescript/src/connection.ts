import { GatewayError } from './errors.js';

/** How the gateway is reached. */
export interface ConnectionOptions {
  /** Address of the REST door, such as `http://localhost:8070`. */
  readonly url: string;
  /** A token or the key of a caller; a function is asked before each request. */
  readonly token: string | (() => string | Promise<string>);
  /** Repeats of one call, beside the first attempt; 4 when left out. */
  readonly retries?: number;
  /** Milliseconds for a call with its repeats, where the call sets none; 30,000 when left out. */
  readonly timeoutMs?: number;
  /** In place of the global `fetch`, such as one with a proxy. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Bounds of one call. */
export interface RequestBounds {
  /** Milliseconds for the call with its repeats. The gateway answers within what is left of them. */
  readonly timeoutMs?: number;
  /** Ends the call. What was not sent to a platform by then is never sent. */
  readonly signal?: AbortSignal;
}

/** A request to the REST door. */
export interface RestRequest extends RequestBounds {
  readonly method: string;
  /** With its query, from `/`. */
  readonly path: string;
  readonly body?: unknown;
  /** Sent as the part `file` of a form whose part `envelope` is the body. */
  readonly file?: Blob;
  readonly idempotencyKey?: string;
  /** Whether a repeat is harmless although an answer may have been lost. */
  readonly repeatable: boolean;
}

/** An answer with JSON in it. */
export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An attempt without a usable answer, and whether another attempt may follow. */
interface FailedAttempt {
  readonly error: GatewayError;
  readonly mayRepeat: boolean;
  readonly afterMs: number;
}

const DEFAULT_RETRIES = 4;
const DEFAULT_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Statuses of a refusal by a door or a proxy that may be over after a while. */
const PASSING = new Set([408, 429, 502, 503, 504]);

/** Codes of Node.js for a connection that was never made. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Sends requests to the REST door, and repeats them exactly where the contract allows it. */
export class Connection {
  readonly #base: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor(private readonly options: ConnectionOptions) {
    this.#base = options.url.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  /**
   * Sends a request until it has an answer.
   * @param again tells from an answer after how many milliseconds the request may be repeated; undefined for an
   *   answer that is final
   * @throws GatewayError without an answer, and for a refusal by the door
   */
  async send(
    request: RestRequest,
    again: (answer: RestAnswer) => number | undefined = () => undefined,
  ): Promise<RestAnswer> {
    const { retries = DEFAULT_RETRIES } = this.options;
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const endsAt = Date.now() + timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    let nothingSent = true;
    for (let repeats = 0; ; repeats += 1) {
      const attempt = await this.#attempt(request, signal, endsAt);
      // A refusal of a repeat says nothing of the attempts before it.
      nothingSent &&= !('error' in attempt) || attempt.error.nothingSent;
      const afterMs = 'error' in attempt ? attempt.afterMs : again(attempt);
      const isOver = afterMs === undefined || ('error' in attempt && !attempt.mayRepeat);
      const pauseMs = Math.max(afterMs ?? 0, choosePause(repeats));
      if (isOver || repeats >= retries || Date.now() + pauseMs >= endsAt) {
        if ('error' in attempt) throw attempt.error.after(nothingSent);
        return attempt;
      }
      await pause(pauseMs, request.signal);
    }
  }

  /** Opens a stream of server-sent events. @throws GatewayError for a refusal, and without an answer */
  async open(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const credential = await this.#authorize();
    let response: Response;
    try {
      response = await this.#fetch(this.#base + path, {
        headers: { ...credential, accept: 'text/event-stream', ...headers },
        signal,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new GatewayError(`The gateway at ${this.#base} cannot be reached: ${tell(cause)}`, {
        nothingSent: true,
        cause,
      });
    }
    if (response.ok && response.body) return response.body;
    throw readRefusal(response, await response.text().catch(() => ''), undefined);
  }

  async #attempt(
    request: RestRequest,
    signal: AbortSignal,
    endsAt: number,
  ): Promise<RestAnswer | FailedAttempt> {
    const { method, path, idempotencyKey } = request;
    const credential = await this.#authorize();
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#base + path, {
        method,
        headers: {
          ...credential,
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
          ...describeWait(endsAt - Date.now()),
          ...(request.body !== undefined &&
            !request.file && { 'content-type': 'application/json' }),
        },
        body: writeBody(request),
        signal,
        redirect: 'error',
      });
      text = await response.text();
    } catch (cause) {
      request.signal?.throwIfAborted();
      const message = signal.aborted
        ? 'The gateway did not answer in time'
        : `The connection to the gateway at ${this.#base} failed: ${tell(cause)}`;
      const nothingSent = NEVER_CONNECTED.has(readCode(cause));
      const error = new GatewayError(message, { nothingSent, idempotencyKey, cause });
      return {
        error,
        mayRepeat: (nothingSent || request.repeatable) && !signal.aborted,
        afterMs: 0,
      };
    }
    const body = parse(text);
    if (body !== undefined && (response.ok || isOutcome(body)))
      return { status: response.status, body };
    const error = readRefusal(response, text, idempotencyKey);
    return {
      error,
      mayRepeat: PASSING.has(response.status) && (error.nothingSent || request.repeatable),
      afterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
    };
  }

  async #authorize(): Promise<Record<string, string>> {
    const { token } = this.options;
    return { authorization: `Bearer ${typeof token === 'function' ? await token() : token}` };
  }
}

/** An outcome may come with any HTTP status. */
function isOutcome(body: unknown): boolean {
  const { status, action_id } = (body ?? {}) as Readonly<Record<string, unknown>>;
  return typeof status === 'string' && typeof action_id === 'string';
}

function writeBody({ body, file }: RestRequest): BodyInit | undefined {
  if (body === undefined) return undefined;
  const text = JSON.stringify(body);
  if (!file) return text;
  const form = new FormData();
  // The gateway reads the envelope before the file.
  form.append('envelope', text);
  form.append('file', file);
  return form;
}

/** @see https://www.rfc-editor.org/rfc/rfc7240#section-4.3 */
function describeWait(leftMs: number): Record<string, string> {
  const seconds = Math.floor(leftMs / 1_000);
  return seconds > 0 ? { prefer: `wait=${seconds}` } : {};
}

function readRefusal(response: Response, text: string, idempotencyKey?: string): GatewayError {
  const { status, headers } = response;
  const { detail, error } = (parse(text) ?? {}) as { detail?: unknown; error?: unknown };
  const told = [detail, error].find((one) => typeof one === 'string') as string | undefined;
  return new GatewayError(told ?? `An answer with the HTTP status ${status} that is no outcome`, {
    status,
    nothingSent: headers.get('nothing-sent') === '1',
    idempotencyKey,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function choosePause(repeats: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** repeats, LONGEST_PAUSE_MS);
  return longest * (0.5 + Math.random() / 2);
}

/** @throws the reason of the signal when it ends the pause */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}

function readCode(cause: unknown): string {
  const { cause: inner } = cause as { readonly cause?: { readonly code?: unknown } };
  return String(inner?.code ?? '');
}

function tell(cause: unknown): string {
  const { message, cause: inner } = cause as { message?: unknown; cause?: { message?: unknown } };
  return String(inner?.message ?? message ?? cause);
}
