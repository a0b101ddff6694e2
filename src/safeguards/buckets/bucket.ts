import type { Priority } from '../../actions/envelope.js';
import type { Limit, LimitNews } from '../../actions/limit.js';

/** A bucket as people may see it. */
export interface BucketView {
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  /** Milliseconds until all of it, or for a window that slides the first of it, is free again. */
  readonly resetInMs: number;
  /** What only priority HIGH may take. */
  readonly reserve?: number;
}

/** Who asks, and when on the clock of the database, in milliseconds. */
export interface Asking<Mark> {
  readonly now: number;
  readonly priority: Priority;
  /** What it held until now, of an earlier answer. */
  readonly mark?: Mark;
  /** Whether it asks again when its moment has come, or leaves then. */
  readonly asksAgain: boolean;
}

/** What was taken ahead: how much of which window, and when on the clock of the database. */
export interface AheadMark {
  readonly window: number;
  readonly at: number;
  readonly cost: number;
}

/**
 * One kind of limit: pure functions of a state, a request and the time. States are what is stored, so
 * they are plain JSON, and none is ever changed.
 * @template Mark what giving back takes
 */
export interface BucketKind<Asked extends Limit, State extends object, Mark> {
  /** Whether a request waits for its moment; one that does not is refused. */
  readonly isWaitedFor: boolean;
  open(limit: Asked): State;
  /** The first moment, from one on, at which the request may leave. */
  findMoment(state: State, limit: Asked, from: number, asking: Asking<Mark>): number;
  /** Takes what the request costs, at a moment that was found. No mark when it took nothing. */
  take(state: State, limit: Asked, at: number, asking: Asking<Mark>): { state: State; mark?: Mark };
  /**
   * Takes up to so many tokens for requests that are yet to come, where it is sure how long what is taken
   * of this window can be used: `lastsMs` milliseconds. Undefined where it is not.
   */
  takeAhead?(
    state: State,
    tokens: number,
    now: number,
  ): { state: State; mark: Mark & AheadMark; lastsMs: number } | undefined;
  giveBack(state: State, mark: Mark): State;
  /** Where the moment of arrival counts: the request got there, at this moment at the latest. */
  land?(state: State, mark: Mark, at: number): State;
  /**
   * @param mark what the request took
   * @param at when the answer came; news are never taken for older than they are
   */
  note(state: State, limit: Asked, news: LimitNews, mark: Mark | undefined, at: number): State;
  describe(state: State, now: number): BucketView;
  /** When the state says nothing any more. */
  countsUntil(state: State): number;
}
