import { EventSourceParserStream } from 'eventsource-parser/stream';

/** A gateway gave no answer that a command can use; the message is for people. */
export class RestError extends Error {
  override readonly name = 'RestError';

  constructor(
    message: string,
    /** The HTTP status; undefined without an answer. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** One event of a stream. */
export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

/** The REST door of a gateway, as the command line speaks to it. */
export class RestConnection {
  readonly url: string;

  constructor(
    url: string,
    private readonly token: string,
  ) {
    this.url = url.replace(/\/+$/, '');
  }

  /**
   * The body of an answer. An outcome of an action is one, also where the action failed.
   * @throws RestError
   */
  async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const parsed = parse(text) as { readonly action_id?: unknown } | undefined;
    if (answer.ok || typeof parsed?.action_id === 'string') return parsed ?? {};
    throw this.#refuse(answer.status, parsed);
  }

  /** Server-sent events, until the gateway ends the stream. @throws RestError */
  async *events(path: string, lastEventId = ''): AsyncIterableIterator<StreamEvent> {
    const answer = await this.#fetch(path, {
      headers: lastEventId === '' ? {} : { 'last-event-id': lastEventId },
    });
    if (!answer.ok || !answer.body)
      throw this.#refuse(answer.status, parse(await answer.text().catch(() => '')));
    yield* answer.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
  }

  async #fetch(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Response> {
    const headers = { ...init.headers, authorization: `Bearer ${this.token}` };
    try {
      return await fetch(this.url + path, { ...init, headers, redirect: 'error' });
    } catch (error) {
      const { cause, message } = error as { cause?: { message?: string }; message: string };
      throw new RestError(
        `No gateway answers at ${this.url}: start it with "npm start", or name another with --url or a profile (${cause?.message ?? message})`,
      );
    }
  }

  #refuse(status: number, body: unknown): RestError {
    const { detail, error } = (body ?? {}) as { detail?: unknown; error?: unknown };
    const told = detail ?? error ?? `HTTP status ${status}`;
    const advice =
      status === 401
        ? `The gateway at ${this.url} does not take the token: give its own with --token, GATEWAY_TOKEN or a profile`
        : `The gateway at ${this.url} refuses`;
    return new RestError(`${advice} (${String(told)})`, status);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
