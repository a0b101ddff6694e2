import type { Call } from '../actions/caller.js';
import { ActionFailure } from '../actions/failures.js';

/**
 * A caller's time, and the line that must not be crossed twice: before the first write leaves, a
 * cancel or the end of time stops the action; after it, the action goes on and is recorded.
 */
export class Deadline {
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly #onCancel = (): void => {
    if (!this.#left && !this.#isAnswered)
      this.#over.abort(
        new ActionFailure('CANCELLED', 'The caller cancelled before anything happened'),
      );
  };
  #left = false;
  #outlives = false;
  #isAnswered = false;

  /** @param worksUntil when the work itself has to end, where it may go on after the answer */
  constructor(
    private readonly call: Call,
    private readonly worksUntil: number = call.answerBy,
  ) {
    if (call.cancelled.aborted) this.#onCancel();
    call.cancelled.addEventListener('abort', this.#onCancel, { once: true });
    this.#setTimer();
  }

  /** Aborted as soon as the work is to stop. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  leftMs(): number {
    const end = this.#outlives ? this.worksUntil : this.call.answerBy;
    return Math.max(0, end - performance.now());
  }

  /** @throws ActionFailure CANCELLED or DEADLINE_TOO_SHORT, while nothing has left */
  throwIfOver(): void {
    this.#over.signal.throwIfAborted();
    if (!this.#left && this.leftMs() === 0) throw tooShort();
  }

  /** Crosses the line: from now on nothing stops the action. */
  leave(): void {
    this.#left = true;
  }

  /**
   * The work may go on after the answer. A cancel stops it all the same while somebody waits and
   * nothing has left.
   */
  outlive(): void {
    this.throwIfOver();
    this.#outlives = this.worksUntil > this.call.answerBy;
    this.#setTimer();
  }

  /** What left surely had no effect: a cancel or the end of time counts again. */
  comeBack(): void {
    this.#left = false;
    if (this.call.cancelled.aborted) this.#onCancel();
    else if (this.leftMs() === 0) this.#over.abort(tooShort());
  }

  /** Waits for work, or throws as soon as the time is over and nothing has left. */
  async race<T>(work: Promise<T>): Promise<T> {
    // Nobody waits for work that comes too late, and its failure must not end the process.
    work.catch(() => undefined);
    this.throwIfOver();
    const { signal } = this.#over;
    let stop!: () => void;
    const over = new Promise<never>((_resolve, reject) => {
      stop = () => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends the caller's time now. @returns whether something is on its way, and goes on */
  close(): boolean {
    const goesOn = this.#left || this.#outlives;
    if (!goesOn) this.#over.abort(tooShort());
    // Whoever has an answer cancels nothing: gRPC says so at the end of every call.
    this.#isAnswered = true;
    return goesOn;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.call.cancelled.removeEventListener('abort', this.#onCancel);
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#left) this.#over.abort(tooShort());
    }, this.leftMs());
  }
}

function tooShort(): ActionFailure {
  return new ActionFailure(
    'DEADLINE_TOO_SHORT',
    'The time of the call was over before anything happened',
  );
}
