import { RestTransport } from './rest-transport.js';
import type { Answer, GatewayCall, OpenTransport, Transport } from './transport.js';

/** How the gateway is reached. */
export interface ConnectionOptions {
  /** Address of the REST door, such as `http://localhost:8070`; of the gRPC door with the transport for it. */
  readonly url: string;
  /** A token or the key of a caller; a function is asked before each request. */
  readonly token: string | (() => string | Promise<string>);
  /** Repeats of one call, beside the first attempt; 4 when left out. */
  readonly retries?: number;
  /** Milliseconds for a call with its repeats, where the call sets none; 30,000 when left out. */
  readonly timeoutMs?: number;
  /** In place of the global `fetch`, such as one with a proxy. */
  readonly fetch?: typeof globalThis.fetch;
  /** REST when left out; `grpc()` of `@action-gateway/client/grpc` for gRPC. */
  readonly transport?: OpenTransport;
}

/** Bounds of one call. */
export interface RequestBounds {
  /** Milliseconds for the call with its repeats. The gateway answers within what is left of them. */
  readonly timeoutMs?: number;
  /** Ends the call. What was not sent to a platform by then is never sent. */
  readonly signal?: AbortSignal;
}

interface GatewayRequest extends RequestBounds {
  readonly call: GatewayCall;
  readonly idempotencyKey?: string;
  /** Whether a repeat is harmless although an answer may have been lost. */
  readonly repeatable: boolean;
}

const DEFAULT_RETRIES = 4;
const DEFAULT_TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Sends calls to the gateway, and repeats them exactly where the contract allows it. */
export class Connection {
  readonly transport: Transport;

  constructor(private readonly options: ConnectionOptions) {
    this.transport = options.transport?.(options) ?? new RestTransport(options);
  }

  /**
   * Sends a call until it has an answer.
   * @param again tells from an answer after how many milliseconds the call may be repeated; undefined for an
   *   answer that is final
   * @returns the body of the answer
   * @throws GatewayError without an answer, and for a refusal by the door
   */
  async send(
    { call, idempotencyKey, repeatable, ...bounds }: GatewayRequest,
    again: (answer: Answer) => number | undefined = () => undefined,
  ): Promise<unknown> {
    const { retries = DEFAULT_RETRIES } = this.options;
    const timeoutMs = bounds.timeoutMs ?? this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const endsAt = Date.now() + timeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = bounds.signal ? AbortSignal.any([bounds.signal, timeout]) : timeout;
    let nothingSent = true;
    for (let repeats = 0; ; repeats += 1) {
      const answer = await this.transport.attempt({
        call,
        idempotencyKey,
        repeatable,
        signal,
        endsAt,
      });
      if ('error' in answer) bounds.signal?.throwIfAborted();
      // A refusal of a repeat says nothing of the attempts before it.
      nothingSent &&= !('error' in answer) || answer.error.nothingSent;
      const afterMs = 'error' in answer ? answer.afterMs : again(answer);
      const isOver = afterMs === undefined || ('error' in answer && !answer.mayRepeat);
      const pauseMs = Math.max(afterMs ?? 0, choosePause(repeats));
      if (isOver || repeats >= retries || Date.now() + pauseMs >= endsAt) {
        if ('error' in answer) throw answer.error.after(nothingSent);
        return answer.body;
      }
      await pause(pauseMs, bounds.signal);
    }
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
