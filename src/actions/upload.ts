import type { PlatformRequest } from './wire.js';

/** A file that is handed on while it comes; no more of it than a piece is ever in memory. */
export interface FileStream {
  /** As its sender names it, without parameters; empty when it says nothing. */
  readonly type: string;
  /** In bytes; undefined where nobody announces it. */
  readonly size: number | undefined;
  /**
   * The next bytes; undefined at the end, and only where it is known to be the end.
   * @throws ActionFailure when the rest cannot be had
   */
  read(): Promise<Uint8Array | undefined>;
  /** Gives up what is not read yet. */
  close(): void;
}

/** A file that goes to the platform in pieces, to a session that is opened for it. */
export interface Upload {
  /** Opens the session. Changes nothing by itself: only the last piece makes something of the file. */
  readonly session: PlatformRequest;
  /** Where the file is read; left out, it is the one attached to the request. */
  readonly url: string | undefined;
  readonly maxBytes: number;
  /** What its type may be. */
  readonly types: RegExp;
  /** The same in words, as the end of "must be …". */
  readonly typesMean: string;
}
