import type { ActionChange, WatchFilter } from './changes.js';
import type { ConnectionOptions } from './connection.js';
import { GatewayError } from './errors.js';
import { readEvents } from './event-stream.js';
import { fromWire } from './names.js';
import type {
  Answer,
  Attempt,
  FailedAttempt,
  GatewayCall,
  StreamEvent,
  Transport,
} from './transport.js';

/** A request to the REST door. */
interface RestRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Sent as the part `file` of a form whose part `envelope` is the body. */
  readonly file?: Blob;
}

/** Statuses of a refusal by a door or a proxy that may be over after a while. */
const PASSING = new Set([408, 429, 502, 503, 504]);

/** Codes of Node.js for a connection that was never made. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The REST door by `fetch`. */
export class RestTransport implements Transport {
  readonly #base: string;
  readonly #fetch: typeof globalThis.fetch;

  constructor(private readonly options: ConnectionOptions) {
    this.#base = options.url.replace(/\/+$/, '');
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  async attempt({
    call,
    idempotencyKey,
    repeatable,
    signal,
    endsAt,
  }: Attempt): Promise<Answer | FailedAttempt> {
    const request = writeRequest(call);
    const credential = await this.#authorize();
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(this.#base + request.path, {
        method: request.method,
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
      const message = signal.aborted
        ? 'The gateway did not answer in time'
        : `The connection to the gateway at ${this.#base} failed: ${tell(cause)}`;
      const nothingSent = NEVER_CONNECTED.has(readCode(cause));
      const error = new GatewayError(message, { nothingSent, idempotencyKey, cause });
      return { error, mayRepeat: (nothingSent || repeatable) && !signal.aborted, afterMs: 0 };
    }
    const body = parse(text);
    if (body !== undefined && (response.ok || isOutcome(body))) return { body };
    const error = readRefusal(response, text, idempotencyKey);
    return {
      error,
      mayRepeat: PASSING.has(response.status) && (error.nothingSent || repeatable),
      afterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 || 0,
    };
  }

  async *changes(
    filter: WatchFilter,
    lastEventId: string,
    signal?: AbortSignal,
  ): AsyncIterableIterator<StreamEvent> {
    let id = lastEventId;
    for await (const event of readEvents(await this.#open(filter, lastEventId, signal))) {
      if (event.event === 'end') return;
      if (event.id !== '') id = event.id;
      if (event.event === 'ready' || event.event === 'reset') yield { kind: event.event, id };
      else if (event.event === 'action')
        yield { kind: 'action', id, action: fromWire(JSON.parse(event.data)) as ActionChange };
      else yield { kind: 'position', id };
    }
  }

  close(): void {
    // The connections are those of `fetch`.
  }

  async #open(
    filter: WatchFilter,
    lastEventId: string,
    signal?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const credential = await this.#authorize();
    let response: Response;
    try {
      response = await this.#fetch(`${this.#base}/api/v1/actions/stream${writeFilter(filter)}`, {
        headers: {
          ...credential,
          accept: 'text/event-stream',
          ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
        },
        signal,
      });
    } catch (cause) {
      throw new GatewayError(`The gateway at ${this.#base} cannot be reached: ${tell(cause)}`, {
        nothingSent: true,
        cause,
      });
    }
    if (response.ok && response.body) return response.body;
    throw readRefusal(response, await response.text().catch(() => ''), undefined);
  }

  async #authorize(): Promise<Record<string, string>> {
    const { token } = this.options;
    return { authorization: `Bearer ${typeof token === 'function' ? await token() : token}` };
  }
}

function writeRequest(call: GatewayCall): RestRequest {
  switch (call.kind) {
    case 'execute':
      return {
        method: 'POST',
        path: '/api/v1/actions/execute',
        body: call.envelope,
        file: call.file,
      };
    case 'batch':
      return {
        method: 'POST',
        path: '/api/v1/actions/batch',
        body: { actions: call.envelopes },
      };
    case 'status':
      return { method: 'GET', path: writePath(call.actionId) };
    case 'cancel':
      return { method: 'DELETE', path: writePath(call.actionId) };
    case 'route':
      return call;
  }
}

function writePath(actionId: string): string {
  return `/api/v1/actions/${encodeURIComponent(actionId)}`;
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

function readCode(cause: unknown): string {
  const { cause: inner } = cause as { readonly cause?: { readonly code?: unknown } };
  return String(inner?.code ?? '');
}

function tell(cause: unknown): string {
  const { message, cause: inner } = cause as { message?: unknown; cause?: { message?: unknown } };
  return String(inner?.message ?? message ?? cause);
}
function writeFilter({ platform, account, actionType, status }: WatchFilter): string {
  const query = new URLSearchParams();
  if (platform !== undefined) query.set('platform', platform);
  if (account !== undefined) query.set('account_id', account);
  if (actionType !== undefined) query.set('action_type', actionType);
  for (const one of status ?? []) query.append('status', one);
  return query.size === 0 ? '' : `?${query}`;
}
