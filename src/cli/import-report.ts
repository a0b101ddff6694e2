const PROGRESS_EVERY_MS = 2_000;

/** What an import tells a person, and whether that person has stopped it. */
export class ImportReport {
  #isStopped = false;
  #canWrite = true;
  #nextAt = performance.now() + PROGRESS_EVERY_MS;

  constructor() {
    // Whoever reads may have had enough, as "head" has: the import goes on to its end.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.#canWrite = false;
    });
    process.stderr.on('error', () => undefined);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        this.#isStopped = true;
        process.stderr.write('Stopping after the rows under way; once more ends it at once.\n');
      });
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** A line of the result. */
  say(line: string): void {
    if (this.#canWrite) process.stdout.write(`${line}\n`);
  }

  /** How far something is, every few seconds. */
  noteProgress(line: string): void {
    if (performance.now() < this.#nextAt) return;
    this.#nextAt = performance.now() + PROGRESS_EVERY_MS;
    process.stderr.write(`${line}\n`);
  }
}
