import type { WindowLimit } from '../../actions/limit.js';
import type { BucketKind } from './bucket.js';

/** Moments at which tokens were taken or are reserved, in order. */
export interface WindowState {
  readonly kind: 'window';
  readonly tokens: number;
  readonly windowMs: number;
  /** Of those whose answer came, by when it came, and of those who will leave without asking again. */
  readonly moments: readonly number[];
  /** Those who left and may get there at any moment: until their answer comes, they count as new. */
  readonly flying: readonly Waiting[];
  /** Of those who will ask again when their moment has come, in order of arrival. */
  readonly waiting: readonly Waiting[];
  /** The rank of the next who waits. */
  readonly nextRank: number;
  /** For buckets of distinct members: when each was counted. */
  readonly members: Readonly<Record<string, number>>;
  readonly closedUntil: number;
}

interface Waiting {
  readonly at: number;
  readonly cost: number;
  /** Names it. Who came earlier has a lower one, and keeps it however often it asks. */
  readonly rank: number;
}

interface WindowMark {
  readonly at: number;
  readonly cost: number;
  readonly member?: string;
  /** Of those who wait or fly. */
  readonly rank?: number;
}

const WIDEST_MARGIN_MS = 500;
const MARGIN = 0.05;
/** What a platform may round of the moment at which a request got there. */
const ROUNDING_MS = 10;
/** A request whose answer never comes (its replica died) has reached the platform by then. */
const LONGEST_FLIGHT_MS = 5_000;

/**
 * A window with a margin for the way: requests that leave a window apart may arrive less than one
 * apart, since one way may take longer than the next.
 */
export function widen(windowMs: number): number {
  return windowMs + Math.ceil(Math.min(WIDEST_MARGIN_MS, windowMs * MARGIN));
}

/**
 * Windows that slide, counted exactly: in no window, wherever it begins, is more than the limit. A
 * wait is reserved at the first moment that is free, so that equals leave in order of arrival, and
 * a request that waits for one limit blocks no other request at another limit.
 */
export const windowBucket: BucketKind<WindowLimit, WindowState, WindowMark> = {
  isWaitedFor: true,

  open: ({ tokens, windowMs }) => ({
    kind: 'window',
    tokens,
    windowMs,
    moments: [],
    flying: [],
    waiting: [],
    nextRank: 0,
    members: {},
    closedUntil: 0,
  }),

  /**
   * The first moment that fits in between what is taken and reserved. Where as many as may share a
   * window with us lie in less than a window, no moment near enough to all of them is free. A request that
   * asks again passes later ones, which ask again as well and are delayed a little.
   */
  findMoment(state, { tokens, windowMs, cost = 1, member }, from, { now, mark }) {
    const { members, closedUntil } = state;
    const width = widen(windowMs);
    const others = Math.max(0, tokens - cost);
    let at = Math.max(from, closedUntil);
    if (isCounted(members, member, width, at)) return at;
    const moments = listMoments(state, now, mark?.rank);
    for (let index = 0; index + others < moments.length; index += 1) {
      const first = moments[index] ?? 0;
      const last = moments[index + others] ?? 0;
      if (at <= last - width) break;
      if (last - first < width) at = Math.max(at, first + width);
    }
    return at;
  },

  take(state, { tokens, windowMs, cost = 1, member }, at, { now, mark, asksAgain }) {
    const width = widen(windowMs);
    if (isCounted(state.members, member, width, at)) return { state };
    const moments = state.moments.filter((moment) => moment > now - width);
    const isCurrent = ({ at: since }: Waiting): boolean => since + LONGEST_FLIGHT_MS > now - width;
    const flying = state.flying.filter(isCurrent);
    const waiting = state.waiting.filter(isCurrent);
    const rest = { ...state, tokens, windowMs, moments, flying, waiting };
    if (asksAgain && member === undefined) {
      const rank = mark?.rank ?? state.nextRank;
      const nextRank = Math.max(state.nextRank, rank + 1);
      const one = { at, cost, rank };
      const next = at > now ? { waiting: [...waiting, one] } : { flying: [...flying, one] };
      return { state: { ...rest, ...next, nextRank }, mark: one };
    }
    const later = moments.findIndex((moment) => moment > at);
    const place = later < 0 ? moments.length : later;
    const taken = Array.from({ length: cost }, () => at);
    const members = Object.entries(state.members).filter(([, counted]) => counted > now - width);
    return {
      state: {
        ...rest,
        moments: moments.toSpliced(place, 0, ...taken),
        members: Object.fromEntries([...members, ...(member === undefined ? [] : [[member, at]])]),
      },
      mark: { at, cost, ...(member !== undefined && { member }) },
    };
  },

  giveBack(state, { at, cost, member, rank }) {
    if (rank !== undefined) return drop(state, rank);
    if (member !== undefined && state.members[member] !== at) return state;
    const others = Object.entries(state.members).filter(([name]) => name !== member);
    const index = state.moments.indexOf(at);
    const moments = index < 0 ? state.moments : state.moments.toSpliced(index, cost);
    return { ...state, moments, members: Object.fromEntries(others) };
  },

  /**
   * An answer came, so that it got there, at the latest now. Its way is over, and the next request leaves
   * after this moment: no margin for ways is needed between the two.
   */
  land(state, { cost, rank }, at) {
    if (rank === undefined || !state.flying.some((one) => one.rank === rank)) return state;
    const { windowMs } = state;
    const margin = Math.max(0, widen(windowMs) - windowMs - ROUNDING_MS);
    const landed = Array.from({ length: cost }, () => Math.ceil(at) - margin);
    const moments = [...state.moments, ...landed].toSorted((a, b) => a - b);
    return { ...drop(state, rank), moments };
  },

  note(state, _limit, news, _mark, at) {
    if (news.kind !== 'closed') return state;
    return { ...state, closedUntil: Math.max(state.closedUntil, Math.ceil(at + news.forMs)) };
  },

  describe(state, now) {
    const { tokens, windowMs, closedUntil } = state;
    const width = widen(windowMs);
    const counted = listMoments(state, now).filter((moment) => moment > now - width);
    const isClosed = closedUntil > now;
    const used = isClosed ? tokens : Math.min(tokens, counted.length);
    const free = counted[0] === undefined ? now : counted[0] + width;
    return {
      limit: tokens,
      used,
      left: tokens - used,
      resetInMs: Math.max(0, isClosed ? closedUntil - now : free - now),
    };
  },

  countsUntil: (state) =>
    Math.max(
      state.closedUntil,
      widen(state.windowMs) +
        Math.max(
          state.moments.at(-1) ?? 0,
          ...[...state.flying, ...state.waiting].map(({ at }) => at + LONGEST_FLIGHT_MS),
        ),
    ),
};

/**
 * When what was taken counts, in order: those in flight as if they got there now, and of those who
 * wait, all who came before a rank.
 */
function listMoments(
  { moments, flying, waiting }: WindowState,
  now: number,
  rank = Number.POSITIVE_INFINITY,
): number[] {
  const arriving = flying.map((one) => ({
    ...one,
    at: Math.min(Math.max(one.at, now), one.at + LONGEST_FLIGHT_MS),
  }));
  const before = waiting.filter((one) => one.rank < rank);
  const counted = [...arriving, ...before].flatMap(({ at, cost }) =>
    Array.from({ length: cost }, () => at),
  );
  return [...moments, ...counted].toSorted((a, b) => a - b);
}

function drop(state: WindowState, rank: number): WindowState {
  const isOther = (one: Waiting): boolean => one.rank !== rank;
  return {
    ...state,
    flying: state.flying.filter(isOther),
    waiting: state.waiting.filter(isOther),
  };
}

/** Whether a member has its place in the window already. */
function isCounted(
  members: WindowState['members'],
  member: string | undefined,
  width: number,
  at: number,
): boolean {
  const counted = member === undefined ? undefined : members[member];
  return counted !== undefined && counted <= at && at < counted + width;
}
