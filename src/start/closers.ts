/** What has been opened and how it is closed, in the reverse order of opening. */
export class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];
  #closing: Promise<void> | undefined;

  /** @param log is told what could not be closed; the rest is closed all the same */
  constructor(private readonly log: (line: string) => void) {}

  /** What is added while everything closes is closed at once. */
  add(close: () => Promise<unknown>): void {
    if (this.#closing) void this.#close(close);
    else this.#closers.push(close);
  }

  /** Closes everything once, however often it is called. Never throws. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    for (const close of this.#closers.toReversed()) await this.#close(close);
  }

  #close(close: () => Promise<unknown>): Promise<unknown> {
    return close().catch((error: unknown) =>
      this.log(`while stopping: ${(error as Error).message}`),
    );
  }
}
