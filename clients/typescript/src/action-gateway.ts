import { Batch, readBatch } from './batch.js';
import type { WatchEvent, WatchOptions } from './changes.js';
import { Connection, type ConnectionOptions, pause, type RequestBounds } from './connection.js';
import { GatewayError } from './errors.js';
import { Platforms } from './generated/platforms.js';
import { makeKey } from './idempotency-key.js';
import type { Outcome } from './outcome.js';
import type { ActionRequest } from './platform-actions.js';
import { findRepeat, readOutcome } from './wire-outcome.js';
import { writeEnvelope } from './wire-envelope.js';

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
          call: { kind: 'batch', envelopes },
          idempotencyKey,
          repeatable: true,
        })
        .then(readBatch),
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
    return this.#ask('status', actionId, bounds);
  }

  /** Cancels a queued or scheduled action; any other is answered as it is. @throws GatewayError */
  async cancel(actionId: string, bounds: RequestBounds = {}): Promise<Outcome> {
    return this.#ask('cancel', actionId, bounds);
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
    for (;;) {
      try {
        for await (const event of this.#connection.transport.changes(filter, id, signal)) {
          if (event.id !== '') id = event.id;
          if (event.kind !== 'position') yield event;
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
    return this.#connection.send({
      ...bounds,
      call: { kind: 'route', method, path, body },
      repeatable: method === 'GET',
    });
  }

  /** Closes the connections of a transport that keeps them, such as gRPC. */
  close(): void {
    this.#connection.transport.close();
  }

  async #execute(
    { upload, idempotencyKey = makeKey(), ...request }: ActionRequest,
    bounds: RequestBounds,
    free: readonly string[],
  ): Promise<Outcome<unknown>> {
    const body = await this.#connection.send(
      {
        ...bounds,
        call: { kind: 'execute', envelope: writeEnvelope(request), file: upload },
        idempotencyKey,
        repeatable: true,
      },
      (answer) => findRepeat(answer.body),
    );
    return readOutcome(body, free);
  }

  async #ask(kind: 'status' | 'cancel', actionId: string, bounds: RequestBounds): Promise<Outcome> {
    const call = { kind, actionId };
    return readOutcome(
      await this.#connection.send({ ...bounds, call, repeatable: true }),
      [],
    ) as Outcome;
  }
}
