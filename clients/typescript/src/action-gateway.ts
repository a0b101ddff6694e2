import { Batch, readBatch } from './batch.js';
import { Connection, type ConnectionOptions, pause, type RequestBounds } from './connection.js';
import { GatewayError } from './errors.js';
import { readEvents } from './event-stream.js';
import { Platforms } from './generated/platforms.js';
import { makeKey } from './idempotency-key.js';
import { fromWire } from './names.js';
import type { Outcome } from './outcome.js';
import type { ActionRequest } from './platform-actions.js';
import { findRepeat, readOutcome } from './wire-outcome.js';
import { writeEnvelope } from './wire-envelope.js';

/** Which changes `watch` tells. */
export interface WatchOptions {
  readonly platform?: string;
  readonly account?: string;
  readonly actionType?: string;
  /** Actions that have one of these statuses after the change. */
  readonly status?: readonly Outcome['status'][];
  /** The `id` of the last event that was read, to go on after it. */
  readonly lastEventId?: string;
  /** Ends the stream. */
  readonly signal?: AbortSignal;
}

/** An action after a change, without its parameters and result. */
export interface ActionChange {
  readonly actionId: string;
  readonly platform: string;
  readonly actionType: string;
  readonly accountId: string;
  readonly status: Outcome['status'];
  readonly message: string;
  readonly error: string;
  readonly requestId: string;
  readonly [member: string]: unknown;
}

/** What `watch` yields. After `reset`, changes may be missing: read the log again. */
export type WatchEvent =
  | { readonly kind: 'ready' | 'reset'; readonly id: string }
  | { readonly kind: 'action'; readonly id: string; readonly action: ActionChange };

const RECONNECT_MS = 1_000;
const DEFAULT_CONCURRENCY = 16;

/** The action gateway: `gateway.twitch.chatMessage({ account, message })`. */
export class ActionGateway extends Platforms {
  readonly #connection: Connection;

  constructor(options: ConnectionOptions) {
    super((request, bounds, free) => this.#execute(request, bounds, free));
    this.#connection = new Connection(options);
  }

  /**
   * Carries out any action by its name, such as one that is newer than this client. Parameters are named as in
   * the contract; so are the members of objects within the result that this client does not know.
   * @throws GatewayError without an outcome
   */
  execute(request: ActionRequest, bounds: RequestBounds = {}): Promise<Outcome> {
    return this.#execute(request, bounds, []) as Promise<Outcome>;
  }

  /** Collects actions, to be sent in one request. */
  batch(): Batch {
    return new Batch((envelopes, idempotencyKey, bounds) =>
      this.#connection
        .send({
          ...bounds,
          method: 'POST',
          path: '/api/v1/actions/batch',
          body: { actions: envelopes },
          idempotencyKey,
          repeatable: true,
        })
        .then(({ body }) => readBatch(body)),
    );
  }

  /**
   * Carries out actions as they come, several at a time, and yields each with its outcome as it finishes.
   * @param concurrency how many are under way at most; 16 when left out
   * @throws GatewayError where an action has no outcome
   */
  async *stream<Request extends ActionRequest>(
    requests: Iterable<Request> | AsyncIterable<Request>,
    {
      concurrency = DEFAULT_CONCURRENCY,
      ...bounds
    }: RequestBounds & { readonly concurrency?: number } = {},
  ): AsyncIterableIterator<{ readonly request: Request; readonly outcome: Outcome }> {
    const running = new Map<Request, Promise<{ request: Request; outcome: Outcome }>>();
    const takeNext = async (): Promise<{ request: Request; outcome: Outcome }> => {
      const done = await Promise.race(running.values());
      running.delete(done.request);
      return done;
    };
    for await (const request of requests) {
      const own = { ...request };
      const done = this.execute(own, bounds).then((outcome) => ({ request: own, outcome }));
      // It may fail between two outcomes, when nothing awaits it; `takeNext` throws the error.
      done.catch(() => undefined);
      running.set(own, done);
      if (running.size >= concurrency) yield await takeNext();
    }
    while (running.size > 0) yield await takeNext();
  }

  /** What became of an action. @throws GatewayError where it is not known to this caller */
  async status(actionId: string, bounds: RequestBounds = {}): Promise<Outcome> {
    return this.#ask('GET', actionId, bounds);
  }

  /** Cancels a queued or scheduled action; any other is answered as it is. @throws GatewayError */
  async cancel(actionId: string, bounds: RequestBounds = {}): Promise<Outcome> {
    return this.#ask('DELETE', actionId, bounds);
  }

  /**
   * Every change of the actions within reach, as it happens. After a cut it goes on where it was: nothing is left
   * out, unless a `reset` says so. Ends only by its signal or by leaving the loop.
   * @throws GatewayError when the token has ended
   */
  async *watch({
    signal,
    lastEventId = '',
    ...filter
  }: WatchOptions = {}): AsyncIterableIterator<WatchEvent> {
    let id = lastEventId;
    const path = `/api/v1/actions/stream${writeFilter(filter)}`;
    for (;;) {
      try {
        const headers: Record<string, string> = id === '' ? {} : { 'last-event-id': id };
        const body = await this.#connection.open(path, headers, signal);
        for await (const event of readEvents(body)) {
          if (event.event === 'end') break;
          if (event.id !== '') id = event.id;
          if (event.event === 'ready' || event.event === 'reset') yield { kind: event.event, id };
          if (event.event === 'action') {
            const action = fromWire(JSON.parse(event.data)) as ActionChange;
            yield { kind: 'action', id, action };
          }
        }
      } catch (error) {
        signal?.throwIfAborted();
        // A refusal, unless the gateway is stopping or has too many streams.
        if (
          error instanceof GatewayError &&
          error.status !== undefined &&
          error.status < 500 &&
          error.status !== 429
        )
          throw error;
      }
      await pause(RECONNECT_MS, signal);
    }
  }

  /**
   * Any other route of the REST door, with names as in its contract (`/openapi.json`). A GET is repeated where it
   * has no answer.
   * @throws GatewayError
   */
  async request(
    method: string,
    path: string,
    { body, ...bounds }: RequestBounds & { readonly body?: unknown } = {},
  ): Promise<unknown> {
    const answer = await this.#connection.send({
      ...bounds,
      method,
      path,
      body,
      repeatable: method === 'GET',
    });
    return answer.body;
  }

  async #execute(
    { upload, idempotencyKey = makeKey(), ...request }: ActionRequest,
    bounds: RequestBounds,
    free: readonly string[],
  ): Promise<Outcome<unknown>> {
    const { body } = await this.#connection.send(
      {
        ...bounds,
        method: 'POST',
        path: '/api/v1/actions/execute',
        body: writeEnvelope(request),
        file: upload,
        idempotencyKey,
        repeatable: true,
      },
      (answer) => findRepeat(answer.body),
    );
    return readOutcome(body, free);
  }

  async #ask(method: string, actionId: string, bounds: RequestBounds): Promise<Outcome> {
    const path = `/api/v1/actions/${encodeURIComponent(actionId)}`;
    const { body } = await this.#connection.send({ ...bounds, method, path, repeatable: true });
    return readOutcome(body, []) as Outcome;
  }
}

function writeFilter({ platform, account, actionType, status }: WatchOptions): string {
  const query = new URLSearchParams();
  if (platform !== undefined) query.set('platform', platform);
  if (account !== undefined) query.set('account_id', account);
  if (actionType !== undefined) query.set('action_type', actionType);
  for (const one of status ?? []) query.append('status', one);
  return query.size === 0 ? '' : `?${query}`;
}
