import type { LearnedLimit } from '../../actions/limit.js';
import type { BucketKind } from './bucket.js';

/**
 * Windows of a platform, as far as they are known. One is the current one; of those after it, only
 * the places that are booked in them are known.
 */
export interface LearnedState {
  readonly kind: 'learned';
  readonly tokens: number;
  readonly windowMs: number;
  /** Whether the platform told size and length; while they are assumed, places cannot be given away. */
  readonly isTold: boolean;
  /** Number of the current window. */
  readonly window: number;
  /** When it became the current one. */
  readonly since: number;
  /** When the first request went into it; null while none has. */
  readonly begunAt: number | null;
  /** When it is surely over; null while no answer has said so. */
  readonly endsAt: number | null;
  /** Until when the window surely lasts, by the same answers; null before the first one. */
  readonly lastsUntil: number | null;
  /** Tokens that went into it. */
  readonly gone: number;
  /** Those of them that left so late that they may get there in the next. */
  readonly late: number;
  /** When the first of these left. */
  readonly lateFrom: number;
  /** The most that answers said of it. */
  readonly told: number;
  /** Tokens booked in this window by those who have yet to go, in the next, and so on. */
  readonly booked: readonly number[];
  /**
   * Until when no request may be sent although the window lasts: others have used up what the platform
   * shares among them. Left out by releases that did not know pauses.
   */
  readonly pausedUntil?: number;
}

interface LearnedMark {
  readonly window: number;
  readonly at: number;
  readonly cost: number;
  /** Whether the request may leave; one that is booked asks again when its window should be open. */
  readonly isGone: boolean;
  readonly isLate: boolean;
}

/**
 * Who waits for a window wakes this much after it should be open, so that an answer has told by then.
 * The end itself needs no margin: it is counted from when its answer came, which is late already.
 */
const WAKE_LATE_MS = 40;
/** The longest that a request is on its way; who leaves that near to the end counts in both windows. */
const WAY_MS = 250;
/** No more than this part of a bucket may leave so late that it counts in two windows. */
const LATE_PART = 8;
/** A window that is shorter than this is used until its end. */
const SHORT_MS = 1_000;
/** What a platform rounds of a second's fraction. */
const ROUNDING_MS = 2;
/** A window whose requests got no answer is taken for over this long after it should be. */
const UNANSWERED_MS = 10_000;
/** Those who booked a place and do not come for it (a replica that died) lose it after this long. */
const MISSED_MS = 5_000;
const LOOK_AGAIN_MS = 25;
/** A replica takes no more than this part of what is left ahead, so that there is some for the others. */
const AHEAD_PART = 8;
/** The same for what lasts as long as the window. */
const LASTING_PART = 16;
/** It lasts while more than this part of all is left, and is called in when less than that one is. */
const AMPLE_PART = 2;
const SCARCE_PART = 4;
/** By how much an end has to be better known, at least. */
const WORTH_A_WRITE_MS = 100;
/** While the end of a window is far away, its exact time matters less. */
const WORTH_PART = 10;
/** What a platform told of a bucket is worth keeping for so long. */
const KEPT_MS = 86_400_000;

export const learnedBucket: BucketKind<LearnedLimit, LearnedState, LearnedMark> = {
  isWaitedFor: true,

  open: ({ assumed }) => ({
    kind: 'learned',
    tokens: assumed.tokens,
    windowMs: assumed.windowMs,
    isTold: assumed.isTold ?? false,
    window: 0,
    since: 0,
    begunAt: null,
    endsAt: null,
    lastsUntil: null,
    gone: 0,
    late: 0,
    lateFrom: 0,
    told: 0,
    booked: [],
  }),

  findMoment(state, { cost = 1 }, wished, { now }) {
    const current = turn(state, now);
    const from = Math.max(wished, current.pausedUntil ?? 0);
    const end = predictEnd(current, now);
    if (from < end && isFree(current, from, cost)) return from;
    const step = current.windowMs + WAKE_LATE_MS;
    if (!current.isTold) return Math.max(from, end);
    let ahead = from < end ? 1 : 1 + Math.floor((from - end) / step);
    while (countBookable(current, ahead) < Math.min(cost, current.tokens)) ahead += 1;
    return Math.max(from, end + (ahead - 1) * step);
  },

  take(state, { cost = 1 }, at, { now }) {
    const current = turn(state, now);
    const { window, begunAt, gone, late } = current;
    if (at <= now) {
      const tooLate = isLate(current, at);
      return {
        state: {
          ...current,
          begunAt: begunAt ?? now,
          // Until now only late ones could have begun it; if they did not, it begins here.
          endsAt: begunAt === null ? null : current.endsAt,
          gone: gone + cost,
          late: late + (tooLate ? cost : 0),
          lateFrom: tooLate && late === 0 ? now : current.lateFrom,
        },
        mark: { window, at, cost, isGone: true, isLate: tooLate },
      };
    }
    if (!current.isTold) return { state };
    const end = predictEnd(current, now);
    const ahead = at < end ? 0 : 1 + Math.floor((at - end) / (current.windowMs + WAKE_LATE_MS));
    const booked = Array.from(
      { length: Math.max(current.booked.length, ahead + 1) },
      (_place, index) => (current.booked[index] ?? 0) + (index === ahead ? cost : 0),
    );
    return {
      state: { ...current, booked },
      mark: { window: window + ahead, at, cost, isGone: false, isLate: false },
    };
  },

  /** Only in a window that has begun and surely lasts, so that it is known where requests will count. */
  takeAhead(state, { soon, lasting, perSecond }, now) {
    const current = turn(state, now);
    const { window, begunAt, lastsUntil, gone, told, tokens } = current;
    if (!current.isTold || begunAt === null || lastsUntil === null || isPaused(current, now))
      return undefined;
    const lastsMs = lastsUntil - WAY_MS - now;
    if (lastsMs <= 0) return undefined;
    const room = Math.max(0, countRoom(current));
    const isLasting = lasting > 0 && room * AMPLE_PART >= tokens;
    if (!isLasting && soon === undefined) return undefined;
    const cost = isLasting
      ? Math.min(
          Math.max(lasting, Math.ceil((perSecond * lastsMs) / 1_000)),
          Math.floor(room / LASTING_PART),
        )
      : Math.min(soon ?? 0, Math.floor(room / AHEAD_PART));
    return {
      state: cost > 0 ? { ...current, gone: gone + cost } : state,
      mark: { window, at: now, cost, isGone: true, isLate: false },
      // Tokens of a window that its platform has closed are worthless for every replica.
      lastsMs: told < tokens ? lastsMs : 0,
      isLasting,
    };
  },

  callsIn(before, after) {
    if ((after.pausedUntil ?? 0) > (before.pausedUntil ?? 0)) return true;
    // Of so small a bucket nothing was ever lasting.
    if (before.window !== after.window || before.tokens < LASTING_PART) return false;
    const { endsAt, lastsUntil } = before;
    return (
      (isScarce(after) && !isScarce(before)) ||
      // It was known to last longer.
      (endsAt !== null && after.endsAt !== null && after.endsAt + WAY_MS < (lastsUntil ?? endsAt))
    );
  },

  /** What belongs to a window that is over is no matter any more. */
  giveBack(state, { window, cost, isGone, isLate: wasLate }) {
    const ahead = window - state.window;
    if (ahead < 0) return state;
    if (!isGone) {
      const left = Math.max(0, (state.booked[ahead] ?? 0) - cost);
      return {
        ...state,
        booked: state.booked.map((taken, index) => (index === ahead ? left : taken)),
      };
    }
    const gone = Math.max(0, state.gone - cost);
    // A window into which nothing went has not begun.
    const late = Math.max(0, state.late - (wasLate ? cost : 0));
    return { ...state, gone, late, begunAt: gone > 0 ? state.begunAt : null };
  },

  /** The earliest end that answers tell is safe: each was counted from the arrival of its answer. */
  note(state, _limit, news, mark, at) {
    const isCurrent = mark?.window === state.window;
    switch (news.kind) {
      case 'standing': {
        const { tokens, remaining, resetAfterMs } = news;
        const isFirst = remaining === tokens - 1;
        const length = isFirst ? resetAfterMs : Math.max(resetAfterMs, readLength(state));
        const windowMs = Math.max(1, Math.ceil(length));
        const isSame = state.isTold && state.tokens === tokens && state.windowMs === windowMs;
        // Of a window in which nothing is used the end says nothing: it has not begun.
        if (!isCurrent || remaining >= tokens)
          return isSame ? state : { ...state, isTold: true, tokens, windowMs };
        const endsAt = findEarlier(state.endsAt, at + resetAfterMs + ROUNDING_MS);
        // It was answered after it was sent; where a late one was counted is unknown. A platform that tells
        // of another end each time means the first of them.
        const lastsUntil = mark.isLate
          ? state.lastsUntil
          : Math.min(Math.max(state.lastsUntil ?? 0, mark.at + resetAfterMs - ROUNDING_MS), endsAt);
        const told = Math.max(state.told, tokens - remaining);
        const isNews =
          !isSame ||
          told > Math.max(state.told, state.gone) ||
          isFarther(state.endsAt, endsAt) ||
          isFarther(state.lastsUntil, lastsUntil, at);
        // What says nothing new is not worth a write: the state errs on the safe side without it.
        return isNews
          ? { ...state, isTold: true, tokens, windowMs, told, endsAt, lastsUntil }
          : state;
      }
      case 'silent':
        return isCurrent
          ? { ...state, endsAt: findEarlier(state.endsAt, at + state.windowMs) }
          : state;
      case 'paused': {
        const until = Math.ceil(at + news.forMs + ROUNDING_MS);
        // The platform may have counted the refused request, unless nothing at all is used.
        const isUncounted = mark !== undefined && state.told === 0;
        const without = isUncounted ? learnedBucket.giveBack(state, mark) : state;
        return { ...without, pausedUntil: Math.max(until, state.pausedUntil ?? 0) };
      }
      case 'closed': {
        const until = Math.ceil(at + news.forMs + ROUNDING_MS);
        const endsAt = isCurrent ? until : Math.max(state.endsAt ?? 0, until);
        return { ...state, told: Math.max(state.told, state.tokens), endsAt };
      }
      default:
        return state;
    }
  },

  describe(state, now) {
    const current = turn(state, now);
    const room = Math.max(0, countRoom(current));
    const isBegun = current.gone > 0 || current.told > 0;
    const pauseMs = Math.max(0, (current.pausedUntil ?? 0) - now);
    const resetMs = isBegun ? Math.max(0, Math.ceil(predictEnd(current, now) - now)) : 0;
    return {
      limit: current.tokens,
      used: current.tokens - room,
      left: pauseMs > 0 ? 0 : room,
      resetInMs: pauseMs > 0 ? pauseMs : resetMs,
    };
  },

  countsUntil: ({ since, begunAt, endsAt, pausedUntil }) =>
    Math.max(since, begunAt ?? 0, endsAt ?? 0, pausedUntil ?? 0) + KEPT_MS,
};

/** The state with the window that is current now. */
function turn(state: LearnedState, now: number): LearnedState {
  const { endsAt, begunAt, since, windowMs, booked, window, late, lateFrom, pausedUntil } = state;
  // During a pause no request takes a place.
  const freeSince = Math.max(since, pausedUntil ?? 0);
  const isLost =
    begunAt === null
      ? (booked[0] ?? 0) > 0 && now >= freeSince + Math.max(windowMs, MISSED_MS)
      : now >= begunAt + windowMs + UNANSWERED_MS;
  if (endsAt === null ? !isLost : now < endsAt) return state;
  return {
    ...state,
    window: window + 1,
    since: now,
    begunAt: null,
    // Those who left late have begun it, if they got there in this one.
    endsAt: late > 0 ? now + windowMs + WAY_MS : null,
    lastsUntil: late > 0 ? lateFrom + windowMs : null,
    gone: late,
    late: 0,
    told: 0,
    booked: booked.slice(1),
  };
}

/** When the current window should be over; who comes then may have to ask again. */
function predictEnd({ endsAt, begunAt, windowMs }: LearnedState, now: number): number {
  if (endsAt !== null) return endsAt;
  const end = (begunAt ?? now) + windowMs + WAKE_LATE_MS;
  // Answers that are late are looked for, less often the later they are.
  return end > now ? end : now + LOOK_AGAIN_MS + Math.floor((now - end) / 4);
}

function countRoom({ tokens, gone, told, booked }: LearnedState): number {
  return tokens - Math.max(gone, told) - (booked[0] ?? 0);
}

/**
 * A request shortly before the end would take a token of this window and one of the next. Of a small bucket it
 * waits for the next; of a large one, and where a window is hardly longer than a way, it leaves.
 */
function isFree(state: LearnedState, from: number, cost: number): boolean {
  if (countRoom(state) < cost) return false;
  if (!isLate(state, from)) return true;
  if (countNext(state) < cost) return false;
  return state.windowMs < SHORT_MS || (state.late + cost) * LATE_PART <= state.tokens;
}

function isPaused({ pausedUntil = 0 }: LearnedState, now: number): boolean {
  return pausedUntil > now;
}

function isScarce(state: LearnedState): boolean {
  return countRoom(state) * SCARCE_PART < state.tokens;
}

/** Places that may be booked so many windows ahead. */
function countBookable(state: LearnedState, ahead: number): number {
  return ahead === 1 ? countNext(state) : state.tokens - (state.booked[ahead] ?? 0);
}

function countNext({ tokens, late, booked }: LearnedState): number {
  return tokens - late - (booked[1] ?? 0);
}

function isLate({ begunAt, windowMs, lastsUntil }: LearnedState, at: number): boolean {
  return begunAt !== null && at + WAY_MS > (lastsUntil ?? begunAt + windowMs);
}

/** The length of a window is known from the first answers on; what was assumed is no knowledge. */
function readLength({ windowMs, window, told }: LearnedState): number {
  return window > 0 || told > 0 ? windowMs : 0;
}

function isFarther(known: number | null, told: number | null, now = Infinity): boolean {
  if (known === null || told === null) return known !== told;
  return Math.abs(known - told) >= Math.max(WORTH_A_WRITE_MS, (known - now) / WORTH_PART);
}

function findEarlier(known: number | null, told: number): number {
  return Math.ceil(Math.min(known ?? Number.POSITIVE_INFINITY, told));
}
