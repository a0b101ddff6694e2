import type { Upload } from './upload.js';
import type { PlatformRequest } from './wire.js';

/** The account of the channel, and the actor in it. */
export interface ActionContext {
  /** Different for every action, the same for every attempt of one. */
  readonly actionId: string;
  readonly account: { readonly id: string };
  readonly actor: { readonly id: string };
  /** A file came with the request. */
  readonly hasFile?: boolean;
}

/** A whole file from outside the platform. */
export interface FetchedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The media type from its server, without parameters; empty if it gave none. */
  readonly type: string;
  /** False in a dry run, which fetches nothing. */
  readonly isKnown: boolean;
}

/** How many of its parts an action of many writes has tried. */
export interface PartCount {
  readonly tried: number;
  readonly total: number;
}

/** What an action with a `run` function may do. The same safeguards apply to every call. */
export interface Upstream {
  /** Sends one request. @returns the body of its answer @throws ActionFailure if it does not succeed */
  send<Answer>(request: PlatformRequest): Promise<Answer>;
  /**
   * The answer to a read, which may be some seconds old. With 0 seconds it is asked for now, and kept.
   * @throws ActionFailure if it does not succeed
   */
  look<Answer>(request: PlatformRequest, maxAgeSeconds: number): Promise<Answer>;
  /**
   * Reads a file from a caller's address, through the egress guard.
   * @throws ActionFailure INVALID_INPUT if it must not or cannot be read, PLATFORM_DOWN if a later try may succeed
   */
  fetch(url: string, limits: { readonly maxBytes: number }): Promise<FetchedFile>;
  /**
   * Reserves memory for the files of this action, before the first is fetched, and waits until it is free.
   * Called again with less, it gives back what is not needed. All of it is given back when the action ends.
   * @param bytes of all files together, at most
   * @throws ActionFailure RATE_LIMITED when too many actions wait for memory
   */
  reserveFiles(bytes: number): Promise<void>;
  /**
   * Sends a file in pieces, and resumes after a broken connection. The last piece is sent again only if the
   * platform says that it did not receive it.
   * @returns the answer to the last piece
   * @throws ActionFailure if it does not succeed
   */
  upload<Answer>(upload: Upload): Promise<Answer>;
  /**
   * Called after the write was answered: the rest of the action only looks for its effect, and goes on for
   * a while after the caller's time. A caller that is answered before gets `known` with the UNKNOWN outcome.
   */
  goOnAfter(known: Readonly<Record<string, unknown>>): void;
  /**
   * Called before each part of an action of many writes, which tells itself what became of each: a part in
   * doubt says nothing about the next. The action goes on for a while after the caller's time. A caller that is
   * answered before gets `known` with the UNKNOWN outcome. Readers of the running action get `known` and
   * `count` about a second later.
   */
  beginPart(known: Readonly<Record<string, unknown>>, count: PartCount): void;
  /**
   * Renews the credential of the action now, although it may still live.
   * @returns when the new one ends, in Unix milliseconds; undefined where the platform does not say
   * @throws ActionFailure RECONNECT_ACCOUNT if it cannot be renewed
   */
  renew(): Promise<number | undefined>;
  /** Waits. @returns false, at once, if the remaining time is shorter */
  wait(ms: number): Promise<boolean>;
  /**
   * The value that an earlier action of the same account kept under this name.
   * @param placeholder the value in a dry run; undefined if omitted
   */
  recall(name: string, placeholder?: string): Promise<string | undefined>;
  /**
   * Changes an encrypted record of the account that must not be lost: it has no end, and is committed when this
   * resolves. With a change that gives back what it gets, the record is read.
   * @param change computes the record from the present one, again where another action changed it in the meantime;
   *   undefined stands for none
   * @param placeholder the present record in a dry run
   * @returns the record as it is now
   * @throws ActionFailure GATEWAY_UNAVAILABLE if it cannot be read or stored
   */
  changeRecord(
    name: string,
    change: (now: string | undefined) => string | undefined,
    placeholder?: string,
  ): Promise<string | undefined>;
  /** Keeps a value for later actions of the same account. A failure to keep it does not fail the action. */
  remember(name: string, value: string, forMs: number): Promise<void>;
  /** Forgets a kept value. A failure to forget it does not fail the action. */
  forget(name: string): Promise<void>;
}
