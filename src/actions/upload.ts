import type { PlatformRequest } from './wire.js';

/** A file that is streamed; at most one piece of it is in memory. */
export interface FileStream {
  /** The media type from its sender, without parameters; empty if it gave none. */
  readonly type: string;
  /** In bytes; undefined if it is not known in advance. */
  readonly size: number | undefined;
  /**
   * The next bytes; undefined only at the proven end of the file.
   * @throws ActionFailure if the rest cannot be read
   */
  read(): Promise<Uint8Array | undefined>;
  /** Discards the unread rest. */
  close(): void;
}

/** A file that is sent to the platform in pieces, to an upload session. */
export interface Upload {
  /**
   * Opens the session. It has no effect by itself: only the last piece creates something. Its `yes` is the form
   * of the answer to the last piece.
   */
  readonly session: PlatformRequest;
  /** The address of the file; defaults to the file that came with the request. */
  readonly url: string | undefined;
  /** A small file that came in a parameter, in place of an address. */
  readonly content?: Uint8Array | undefined;
  readonly maxBytes: number;
  /** The allowed media types. */
  readonly types: RegExp;
  /** The same in words, as the end of "must be …". */
  readonly typesMean: string;
}
