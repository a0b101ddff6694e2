import type { WatchEvent, WatchFilter } from './changes.js';
import type { GatewayError } from './errors.js';
import type { ConnectionOptions } from './connection.js';

/** What is asked of the gateway, at whichever door. */
export type GatewayCall =
  | { readonly kind: 'execute'; readonly envelope: WireEnvelope; readonly file?: Blob }
  | { readonly kind: 'batch'; readonly envelopes: readonly WireEnvelope[] }
  | { readonly kind: 'status' | 'cancel'; readonly actionId: string }
  | {
      readonly kind: 'route';
      readonly method: string;
      /** With its query, from `/`. */
      readonly path: string;
      readonly body?: unknown;
    };

/** A request for one action, with the names of the contract. */
export interface WireEnvelope {
  readonly platform: string;
  readonly action_type: string;
  readonly account_id?: string;
  readonly actor_id?: string;
  readonly credential_ref?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly idempotency_key?: string;
  readonly request_id?: string;
  readonly dry_run?: boolean;
  readonly run_async?: boolean;
  readonly run_at?: string;
  readonly callback_url?: string;
  readonly priority?: string;
}

/** One attempt of a call. */
export interface Attempt {
  readonly call: GatewayCall;
  readonly idempotencyKey?: string;
  /** Whether a repeat is harmless although an answer may have been lost. */
  readonly repeatable: boolean;
  /** Ends the attempt: by the caller, or when the time of the call is over. */
  readonly signal: AbortSignal;
  /** When the time of the call is over, in milliseconds since 1970. */
  readonly endsAt: number;
}

/** An answer, as the REST door writes it. */
export interface Answer {
  readonly body: unknown;
}

/** An attempt without a usable answer, and whether another attempt may follow. */
export interface FailedAttempt {
  readonly error: GatewayError;
  readonly mayRepeat: boolean;
  readonly afterMs: number;
}

/** What a stream of changes tells; `position` is an id without a change. */
export type StreamEvent = WatchEvent | { readonly kind: 'position'; readonly id: string };

/** How calls reach the gateway. It makes one attempt; the repeats are the same for each transport. */
export interface Transport {
  attempt(attempt: Attempt): Promise<Answer | FailedAttempt>;
  /**
   * Changes after an event, until the stream ends or breaks.
   * @throws GatewayError for a refusal, and where the gateway cannot be reached
   */
  changes(
    filter: WatchFilter,
    lastEventId: string,
    signal?: AbortSignal,
  ): AsyncIterable<StreamEvent>;
  close(): void;
}

/** Makes a transport from the options of a gateway. */
export type OpenTransport = (options: ConnectionOptions) => Transport;
