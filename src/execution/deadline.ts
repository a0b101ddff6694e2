import type { Call } from '../callers/call.js';
import { ActionFailure } from '../actions/failures.js';
import { SmallSet } from '../actions/small-set.js';
import {
  type CallerState,
  goesOnUnanswered,
  isDetached,
  markAnswered,
  markDetached,
  Progress,
  stopsFor,
} from './progress.js';

/**
 * The time of one action. Until the first write is sent, a cancel or the end of the caller's time stops
 * the action. After that, the action goes on and its outcome is recorded.
 */
export class Deadline {
  /** Why the work has to stop; undefined while it may go on. */
  #reason: ActionFailure | undefined;
  /** Callbacks of pending waits, called when the work has to stop. */
  readonly #pending = new SmallSet<(reason: ActionFailure) => void>();
  readonly #timer: NodeJS.Timeout;
  /** Runs only where the work may go on after the answer. */
  #workTimer: NodeJS.Timeout | undefined;
  #notifyDue: ((goesOn: boolean) => void) | undefined;
  #caller: CallerState = 'waits';
  readonly #onCancel = (): void => {
    if (stopsFor('cancel', this.progress.stage, this.#caller))
      this.#stop(new ActionFailure('CANCELLED', 'The caller cancelled before anything happened'));
  };

  /** @param worksUntil when the work itself has to end, where it may go on after the answer */
  constructor(
    private readonly call: Call,
    private readonly worksUntil: number = call.answerBy,
    readonly progress: Progress = new Progress(),
  ) {
    if (call.cancelled.aborted) this.#onCancel();
    call.cancelled.addEventListener('abort', this.#onCancel);
    this.#timer = setTimeout(Deadline.#comesDue, this.leftMs(), this);
  }

  static #comesDue(this: void, deadline: Deadline): void {
    if (deadline.#notifyDue) deadline.#notifyDue(deadline.close());
    else if (stopsFor('caller time', deadline.progress.stage, deadline.#caller))
      deadline.#stop(tooShort());
  }

  /** Sets the callback for the end of the caller's time. It is called once, with whether the action goes on. */
  onDue(notify: (goesOn: boolean) => void): void {
    this.#notifyDue = notify;
  }

  /** A signal that is aborted when the work has to stop, for APIs that take one. */
  get signal(): AbortSignal {
    const controller = new AbortController();
    if (this.#reason) controller.abort(this.#reason);
    else this.#pending.add((reason) => controller.abort(reason));
    return controller.signal;
  }

  leftMs(): number {
    const end = isDetached(this.#caller) ? this.worksUntil : this.call.answerBy;
    return Math.max(0, end - performance.now());
  }

  /** @throws ActionFailure CANCELLED or DEADLINE_TOO_SHORT, until the action is committed */
  throwIfOver(): void {
    if (this.#reason) throw this.#reason;
    if (!this.progress.isCommitted && this.leftMs() === 0) throw tooShort();
  }

  /** From now on nothing stops the action. */
  commit(): void {
    this.progress.note('commit');
  }

  /**
   * Lets the work go on after the answer. Until the action is committed, a cancel still stops it while
   * the caller waits.
   */
  detach(): void {
    this.throwIfOver();
    if (this.worksUntil > this.call.answerBy) this.#caller = markDetached(this.#caller);
    clearTimeout(this.#workTimer);
    this.#workTimer = setTimeout(() => {
      if (stopsFor('work time', this.progress.stage, this.#caller)) this.#stop(tooShort());
    }, this.leftMs());
  }

  /** What was sent surely had no effect: a cancel or the end of the time stops the action again. */
  resume(): void {
    this.progress.note('resume');
    if (this.progress.isCommitted) return;
    if (this.call.cancelled.aborted) this.#onCancel();
    else if (this.leftMs() === 0) this.#stop(tooShort());
  }

  /** Waits for work, or throws as soon as the time is over and the action is not committed. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // Both handlers are set before the check below: late work may fail without ending the process.
      work.then(
        (result) => {
          this.#pending.delete(reject);
          return resolve(result);
        },
        (error: unknown) => {
          this.#pending.delete(reject);
          reject(error as Error);
        },
      );
      this.throwIfOver();
      this.#pending.add(reject);
    });
  }

  /** Ends the caller's time now. @returns whether the action goes on */
  close(): boolean {
    const goesOn = goesOnUnanswered(this.progress.stage, this.#caller);
    if (!goesOn) this.#stop(tooShort());
    // An answered caller cannot cancel: gRPC reports a cancel at the end of every call.
    this.#caller = markAnswered(this.#caller);
    return goesOn;
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#workTimer);
    this.call.cancelled.removeEventListener('abort', this.#onCancel);
  }

  #stop(reason: ActionFailure): void {
    this.#reason ??= reason;
    for (const stop of this.#pending.takeAll()) stop(this.#reason);
  }
}

function tooShort(): ActionFailure {
  return new ActionFailure(
    'DEADLINE_TOO_SHORT',
    'The time of the call was over before anything happened',
  );
}
