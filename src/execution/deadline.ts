import type { Call } from '../callers/call.js';
import { ActionFailure } from '../actions/failures.js';
import { SmallSet } from '../actions/small-set.js';

/**
 * A caller's time, and the line that must not be crossed twice: before the first write leaves, a
 * cancel or the end of time stops the action; after it, the action goes on and is recorded.
 */
export class Deadline {
  /** Why the work has to stop; undefined while it may go on. */
  #reason: ActionFailure | undefined;
  /** Those who wait for work, to be told when it has to stop. */
  readonly #waiting = new SmallSet<(reason: ActionFailure) => void>();
  readonly #timer: NodeJS.Timeout;
  /** Runs only where the work may go on after the answer. */
  #workTimer: NodeJS.Timeout | undefined;
  #tellDue: ((goesOn: boolean) => void) | undefined;
  readonly #onCancel = (): void => {
    if (!this.#left && !this.#isAnswered)
      this.#stop(new ActionFailure('CANCELLED', 'The caller cancelled before anything happened'));
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
    call.cancelled.addEventListener('abort', this.#onCancel);
    this.#timer = setTimeout(Deadline.#comesDue, this.leftMs(), this);
  }

  static #comesDue(this: void, deadline: Deadline): void {
    if (deadline.#tellDue) deadline.#tellDue(deadline.close());
    else if (!deadline.#left && !deadline.#outlives) deadline.#stop(tooShort());
  }

  /** Tells, once, that the caller has to be answered now; and whether something is on its way, and goes on. */
  onDue(tell: (goesOn: boolean) => void): void {
    this.#tellDue = tell;
  }

  /** Aborted as soon as the work is to stop, for those who understand nothing else. */
  get signal(): AbortSignal {
    const over = new AbortController();
    if (this.#reason) over.abort(this.#reason);
    else this.#waiting.add((reason) => over.abort(reason));
    return over.signal;
  }

  leftMs(): number {
    const end = this.#outlives ? this.worksUntil : this.call.answerBy;
    return Math.max(0, end - performance.now());
  }

  /** @throws ActionFailure CANCELLED or DEADLINE_TOO_SHORT, while nothing has left */
  throwIfOver(): void {
    if (this.#reason) throw this.#reason;
    if (!this.#left && this.leftMs() === 0) throw tooShort();
  }

  /** Crosses the line: from now on nothing stops the action. */
  commit(): void {
    this.#left = true;
  }

  /**
   * The work may go on after the answer. A cancel stops it all the same while somebody waits and
   * nothing has left.
   */
  detach(): void {
    this.throwIfOver();
    this.#outlives = this.worksUntil > this.call.answerBy;
    clearTimeout(this.#workTimer);
    this.#workTimer = setTimeout(() => {
      if (!this.#left) this.#stop(tooShort());
    }, this.leftMs());
  }

  /** What left surely had no effect: a cancel or the end of time counts again. */
  resume(): void {
    this.#left = false;
    if (this.call.cancelled.aborted) this.#onCancel();
    else if (this.leftMs() === 0) this.#stop(tooShort());
  }

  /** Waits for work, or throws as soon as the time is over and nothing has left. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // Nobody waits for work that comes too late, and its failure must not end the process.
      work.then(
        (result) => {
          this.#waiting.delete(reject);
          return resolve(result);
        },
        (error: unknown) => {
          this.#waiting.delete(reject);
          reject(error as Error);
        },
      );
      this.throwIfOver();
      this.#waiting.add(reject);
    });
  }

  /** Ends the caller's time now. @returns whether something is on its way, and goes on */
  close(): boolean {
    const goesOn = this.#left || this.#outlives;
    if (!goesOn) this.#stop(tooShort());
    // Whoever has an answer cancels nothing: gRPC says so at the end of every call.
    this.#isAnswered = true;
    return goesOn;
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#workTimer);
    this.call.cancelled.removeEventListener('abort', this.#onCancel);
  }

  #stop(reason: ActionFailure): void {
    this.#reason ??= reason;
    for (const stop of this.#waiting.takeAll()) stop(this.#reason);
  }
}

function tooShort(): ActionFailure {
  return new ActionFailure(
    'DEADLINE_TOO_SHORT',
    'The time of the call was over before anything happened',
  );
}
