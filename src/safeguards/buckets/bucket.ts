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
  /** What each account has spent of a day that several accounts share; `''` stands for the rest. */
  readonly shares?: Readonly<Record<string, number>>;
}

/** Who asks, and when on the clock of the database, in milliseconds. */
export interface BucketRequest<Mark> {
  readonly now: number;
  readonly priority: Priority;
  /** What it held until now, of an earlier answer. */
  readonly mark?: Mark;
  /** Whether it asks again when its moment has come, or leaves then. */
  readonly asksAgain: boolean;
}

/** How many tokens are wanted ahead. */
export interface Wanted {
  /** For the next second, where little is left; undefined if no request is likely within it. */
  readonly soon: number | undefined;
  /** For as long as the window lasts, where much is left; 0 for a replica that could not be told to give them back. */
  readonly lasting: number;
  /** More than these, if so many a second come to more until the window ends. */
  readonly perSecond: number;
}

/**
 * What was taken ahead: how much of which window, and when on the clock of the database. It counts as gone
 * already, and in time.
 */
export interface AheadMark {
  readonly window: number;
  readonly at: number;
  readonly cost: number;
  readonly isGone: true;
  readonly isLate: false;
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
  findMoment(state: State, limit: Asked, from: number, asking: BucketRequest<Mark>): number;
  /** Takes what the request costs, at a moment that was found. No mark when it took nothing. */
  take(
    state: State,
    limit: Asked,
    at: number,
    asking: BucketRequest<Mark>,
  ): { state: State; mark?: Mark };
  /**
   * Takes up to so many tokens for requests that are yet to come, where it is sure how long what is taken
   * of this window can be used: `lastsMs` milliseconds. Undefined if it is not, or no request needs them.
   */
  takeAhead?(
    state: State,
    wanted: Wanted,
    now: number,
  ): { state: State; mark: Mark & AheadMark; lastsMs: number; isLasting: boolean } | undefined;
  /** Whether a state says, and the one before it did not, that what lasts has to be given back. */
  callsIn?(before: State, after: State): boolean;
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
